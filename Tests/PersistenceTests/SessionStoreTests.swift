import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence
import StateGraph
import Testing

struct SessionStoreTests {
  private static func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_750_000_000 + seconds) }

  private static func session(_ id: SessionID, at seconds: Double = 0) -> ChatSession {
    ChatSession(id: id, title: "About \(id)", domain: "dealer", createdAt: time(seconds))
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
      createdAt: time(seconds),
      answer: role == .assistant ? ["rows": [[1, 2.0]]] : nil,
      frame: role == .assistant ? ["metrics": ["revenue"]] : nil,
      run: run
    )
  }

  private static func start(_ run: RunID, thread: ThreadID = "s1") -> RunStart {
    let record = RunRecord(
      run: run,
      thread: thread,
      graph: "g",
      graphHash: "h",
      owner: "me",
      leaseExpires: time(30),
      createdAt: time(0)
    )
    return RunStart(record: record, changes: [], frontier: Frontier(due: ["a"]), events: [])
  }

  private func store(_ folder: TemporaryFolder) async throws -> SQLiteSessionStore {
    try await folder.open().sessions(of: .local)
  }

  @Test(arguments: SessionStoreConformance.all)
  func `the SQLite store does what a session store must`(check: SessionStoreConformance) async throws {
    let folder = try TemporaryFolder()
    try await check.check(store(folder))
  }

  @Test func `a question, its new session and its run are saved together`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let store = database.sessions(of: .local)
    try await store.ask(Self.message("m1", run: "r1"), in: Self.session("s1"), starting: Self.start("r1"))
    #expect(try await store.session("s1")?.messageCount == 1)
    #expect(try await database.checkpoints(of: .local).record(of: "r1")?.status == .running)
    // The thread is busy: nothing of the second question may stay, not even its session.
    await #expect(throws: CheckpointFailure.threadBusy("s1", run: "r1")) {
      try await store.ask(
        Self.message("m2", in: "s2", run: "r2"),
        in: Self.session("s2"),
        starting: Self.start("r2")
      )
    }
    #expect(try await store.session("s2") == nil)
    #expect(try await store.messages(of: "s1", last: 10).map(\.id) == ["m1"])
    #expect(try await database.checkpoints(of: .local).record(of: "r2") == nil)
  }

  @Test func `tenants do not see each other's sessions`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let first = database.sessions(of: "first")
    let second = database.sessions(of: "second")
    try await first.create(Self.session("s1"))
    try await first.append(Self.message("m1"))
    #expect(try await second.session("s1") == nil)
    #expect(try await second.sessions(after: nil, limit: 10).sessions == [])
    #expect(try await second.messages(of: "s1", last: 10) == [])
    await #expect(throws: PersistenceFailure.noSuchSession("s1")) { try await second.append(Self.message("m2")) }
  }

  @Test func `all is still there after the file is opened again`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    try await database.sessions(of: .local).create(Self.session("s1"))
    try await database.sessions(of: .local).append(Self.message("m1"))
    try folder.copyUnclosed("meta.sqlite", to: "copy.sqlite")
    let copy = try await folder.open("copy.sqlite").sessions(of: .local)
    #expect(try await copy.messages(of: "s1", last: 5) == [Self.message("m1")])
    await database.close()
  }
}
