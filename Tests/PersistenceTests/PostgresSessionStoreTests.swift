import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence
import StateGraph
import Testing

@Suite(.needsPostgreSQL) struct PostgresSessionStoreTests {
  private static func session(_ id: SessionID, at seconds: Double = 0) -> ChatSession {
    ChatSession(id: id, title: "About \(id)\u{0}", domain: "dealer", createdAt: PostgresScratch.time(seconds))
  }

  private static func message(
    _ id: MessageID,
    in session: SessionID = "s1",
    role: ChatMessage.Role = .user,
    text: String = "hello",
    at seconds: Double = 1,
    run: RunID? = nil
  ) -> ChatMessage {
    ChatMessage(
      id: id,
      session: session,
      role: role,
      text: text,
      createdAt: PostgresScratch.time(seconds),
      answer: role == .assistant ? ["rows": [[1, 2.0]]] : nil,
      frame: role == .assistant ? ["metrics": ["revenue"]] : nil,
      run: run
    )
  }

  private func store() async throws -> PostgresSessionStore {
    try await PostgresScratch.database().sessions(of: PostgresScratch.newTenant())
  }

  @Test(arguments: SessionStoreConformance.all)
  func `the PostgreSQL store does what a session store must`(check: SessionStoreConformance) async throws {
    try await check.check(store())
  }

  @Test func `a question, its new session and its run are saved together`() async throws {
    let database = try await PostgresScratch.database()
    let tenant = PostgresScratch.newTenant()
    let store = database.sessions(of: tenant)
    let first = PostgresScratch.begin("r1", thread: "s1")
    try await store.ask(Self.message("m1", run: "r1"), in: Self.session("s1"), starting: first)
    #expect(try await store.session("s1")?.messageCount == 1)
    #expect(try await database.checkpoints(of: tenant).record(of: "r1")?.status == .running)
    // The thread is busy: nothing of the second question may stay, not even its session.
    await #expect(throws: CheckpointFailure.threadBusy("s1", run: "r1")) {
      try await store.ask(
        Self.message("m2", in: "s2", run: "r2"),
        in: Self.session("s2"),
        starting: PostgresScratch.begin("r2", thread: "s1")
      )
    }
    #expect(try await store.session("s2") == nil)
    #expect(try await database.checkpoints(of: tenant).record(of: "r2") == nil)
  }

  @Test func `tenants do not see each other's sessions`() async throws {
    let first = try await store()
    let second = try await store()
    try await first.create(Self.session("s1"))
    try await first.append(Self.message("m1"))
    #expect(try await second.session("s1") == nil)
    #expect(try await second.sessions(after: nil, limit: 10).sessions == [])
    #expect(try await second.messages(of: "s1", last: 10) == [])
    await #expect(throws: PersistenceFailure.noSuchSession("s1")) { try await second.append(Self.message("m2")) }
  }
}
