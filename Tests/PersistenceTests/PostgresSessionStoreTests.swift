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

  @Test func `a session is created once and read back`() async throws {
    let store = try await store()
    try await store.create(Self.session("s1"))
    #expect(try await store.session("s1") == Self.session("s1"))
    #expect(try await store.session("s2") == nil)
    await #expect(throws: PersistenceFailure.alreadyExists("session s1")) { try await store.create(Self.session("s1")) }
  }

  @Test func `messages come back in order, whatever characters they hold`() async throws {
    let store = try await store()
    try await store.create(Self.session("s1"))
    let messages = [
      Self.message("m9", text: "odd \u{0} text \"quoted\" 🇫🇷", at: 1),
      Self.message("m1", role: .assistant, at: 2, run: "r1"), Self.message("m5", at: 3),
    ]
    for message in messages { try await store.append(message) }
    #expect(try await store.messages(of: "s1", last: 10) == messages)
    #expect(try await store.messages(of: "s1", last: 2) == Array(messages.suffix(2)))
    #expect(try await store.messages(of: "s1", last: 0) == [])
    #expect(try await store.session("s1")?.messageCount == 3)
    #expect(try await store.session("s1")?.updatedAt == PostgresScratch.time(3))
  }

  @Test func `a message needs its session and a new identifier, and a refused one leaves no trace`() async throws {
    let store = try await store()
    await #expect(throws: PersistenceFailure.noSuchSession("s1")) { try await store.append(Self.message("m1")) }
    try await store.create(Self.session("s1"))
    try await store.append(Self.message("m1"))
    await #expect(throws: PersistenceFailure.alreadyExists("message m1")) {
      try await store.append(Self.message("m1", at: 9))
    }
    #expect(try await store.session("s1")?.messageCount == 1)
    #expect(try await store.session("s1")?.updatedAt == PostgresScratch.time(1))
  }

  @Test func `messages of many tasks at once all get a place`() async throws {
    let store = try await store()
    try await store.create(Self.session("s1"))
    try await withThrowingTaskGroup { group in
      for number in 0..<20 { group.addTask { try await store.append(Self.message(MessageID("m\(number)"))) } }
      try await group.waitForAll()
    }
    #expect(Set(try await store.messages(of: "s1", last: 50).map(\.id)).count == 20)
    #expect(try await store.session("s1")?.messageCount == 20)
  }

  @Test func `sessions are listed by their newest message, page by page`() async throws {
    let store = try await store()
    for (index, id) in ["s1", "s2", "s3", "s4", "s5"].enumerated() {
      try await store.create(Self.session(SessionID(id), at: index < 3 ? 0 : Double(index)))
    }
    try await store.append(Self.message("m1", in: "s2", at: 100))
    var pages: [[SessionID]] = []
    var cursor: String?
    repeat {
      let page = try await store.sessions(after: cursor, limit: 2)
      pages.append(page.sessions.map(\.id))
      cursor = page.next
    } while cursor != nil
    #expect(pages == [["s2", "s5"], ["s4", "s3"], ["s1"]])
  }

  @Test(arguments: ["", "x", "-s1", "zz_z-s1", String(repeating: "1", count: 300) + "-s"])
  func `a cursor from elsewhere is refused`(cursor: String) async throws {
    let store = try await store()
    await #expect(throws: PersistenceFailure.badCursor) { try await store.sessions(after: cursor, limit: 5) }
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

  @Test func `the answer of a run is saved once, however many give it at once`() async throws {
    let store = try await store()
    try await store.create(Self.session("s1"))
    try await store.append(Self.message("m1", run: "r1"))
    let answers = await tally(8) { number in
      let answer = Self.message(MessageID("a\(number)"), role: .assistant, text: "\(number)", at: 2, run: "r1")
      return try? await store.answer(answer).id
    }
    #expect(answers.count == 1)
    #expect(answers.keys.first != .some(nil))
    #expect(try await store.messages(of: "s1", last: 10).count == 2)
    await #expect(throws: PersistenceFailure.self) { try await store.answer(Self.message("m4", role: .assistant)) }
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
