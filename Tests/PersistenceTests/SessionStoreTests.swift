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

  @Test func `a session is created once and read back`() async throws {
    let folder = try TemporaryFolder()
    let store = try await store(folder)
    try await store.create(Self.session("s1"))
    #expect(try await store.session("s1") == Self.session("s1"))
    #expect(try await store.session("s2") == nil)
    await #expect(throws: PersistenceFailure.alreadyExists("session s1")) {
      try await store.create(Self.session("s1"))
    }
  }

  @Test func `messages come back in order, the last ones when asked`() async throws {
    let folder = try TemporaryFolder()
    let store = try await store(folder)
    try await store.create(Self.session("s1"))
    let odd = "odd \u{0} text \"quoted\" 🇫🇷"
    let messages = [
      Self.message("m9", text: odd, at: 1), Self.message("m1", role: .assistant, at: 2, run: "r1"),
      Self.message("m5", at: 3),
    ]
    for message in messages { try await store.append(message) }
    #expect(try await store.messages(of: "s1", last: 10) == messages)
    #expect(try await store.messages(of: "s1", last: 2) == Array(messages.suffix(2)))
    #expect(try await store.messages(of: "s1", last: 0) == [])
    let session = try #require(try await store.session("s1"))
    #expect(session.messageCount == 3)
    #expect(session.updatedAt == Self.time(3))
  }

  @Test func `a message needs its session and a new identifier, and a refused one leaves no trace`() async throws {
    let folder = try TemporaryFolder()
    let store = try await store(folder)
    await #expect(throws: PersistenceFailure.noSuchSession("s1")) { try await store.append(Self.message("m1")) }
    try await store.create(Self.session("s1"))
    try await store.append(Self.message("m1"))
    await #expect(throws: PersistenceFailure.alreadyExists("message m1")) {
      try await store.append(Self.message("m1", at: 9))
    }
    #expect(try await store.session("s1")?.messageCount == 1)
    #expect(try await store.session("s1")?.updatedAt == Self.time(1))
  }

  @Test func `sessions are listed by their newest message, page by page`() async throws {
    let folder = try TemporaryFolder()
    let store = try await store(folder)
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
    let folder = try TemporaryFolder()
    let store = try await store(folder)
    await #expect(throws: PersistenceFailure.badCursor) { try await store.sessions(after: cursor, limit: 5) }
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

  @Test func `the answer of a run is saved once, however often it is given`() async throws {
    let folder = try TemporaryFolder()
    let store = try await store(folder)
    try await store.create(Self.session("s1"))
    try await store.append(Self.message("m1", run: "r1"))
    let first = Self.message("m2", role: .assistant, text: "42", at: 2, run: "r1")
    #expect(try await store.answer(first) == first)
    let again = Self.message("m3", role: .assistant, text: "43", at: 3, run: "r1")
    #expect(try await store.answer(again) == first)
    #expect(try await store.messages(of: "s1", last: 10).map(\.id) == ["m1", "m2"])
    await #expect(throws: PersistenceFailure.self) { try await store.answer(Self.message("m4", role: .assistant)) }
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
