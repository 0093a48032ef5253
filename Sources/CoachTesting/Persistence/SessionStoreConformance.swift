import CoachVocabulary
import FoundationEssentials
public import Persistence
import StateGraph

/// What every session store must do; each check gets an empty one and throws when it fails.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct SessionStoreConformance: Sendable, CustomStringConvertible {
  /// What it must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any SessionStore) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any SessionStore) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a session store to this check.
  ///
  /// - Parameter store: an empty one.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the session store.
  public func check(_ store: any SessionStore) async throws { try await body(store) }

  /// Every check.
  public static let all: [SessionStoreConformance] = writing + reading + runs
}

// MARK: - Samples

/// Sessions and messages to feed a store with.
private enum Sample {
  static func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_750_000_000 + seconds) }

  static func session(_ id: SessionID, at seconds: Double = 0) -> ChatSession {
    ChatSession(id: id, title: "About \(id)\u{0} 🇫🇷", domain: "dealer", createdAt: time(seconds))
  }

  static func message(
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

  static func start(_ run: RunID, thread: ThreadID = "s1") -> RunStart {
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
}

private func expectFailure(
  _ wanted: PersistenceFailure,
  _ what: String,
  from body: () async throws -> Void
) async throws {
  do {
    try await body()
  } catch let failure as PersistenceFailure {
    return try expect(failure, wanted, what)
  }
  throw ConformanceFailure(description: "\(what): expected the failure \(wanted), found none")
}

// MARK: - Checks

extension SessionStoreConformance {
  private static let writing = [
    SessionStoreConformance("a session is created once and read back") { store in
      try await store.create(Sample.session("s1"))
      try expect(try await store.session("s1"), Sample.session("s1"), "the session")
      try expect(try await store.session("s2"), nil, "an unknown session")
      try await expectFailure(.alreadyExists("session s1"), "creating it again") {
        try await store.create(Sample.session("s1"))
      }
    },
    SessionStoreConformance("a message needs its session and a new identifier, and a refused one leaves no trace") {
      store in
      try await expectFailure(.noSuchSession("s1"), "a message without its session") {
        try await store.append(Sample.message("m1"))
      }
      try await store.create(Sample.session("s1"))
      try await store.append(Sample.message("m1"))
      try await expectFailure(.alreadyExists("message m1"), "the same message again") {
        try await store.append(Sample.message("m1", at: 9))
      }
      try expect(try await store.session("s1")?.messageCount, 1, "the number of messages")
      try expect(try await store.session("s1")?.updatedAt, Sample.time(1), "the moment of the last message")
    },
    SessionStoreConformance("messages of many tasks at once all get a place") { store in
      try await store.create(Sample.session("s1"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 { group.addTask { try await store.append(Sample.message(MessageID("m\(number)"))) } }
        try await group.waitForAll()
      }
      try expect(Set(try await store.messages(of: "s1", last: 50).map(\.id)).count, 20, "messages")
      try expect(try await store.session("s1")?.messageCount, 20, "the number of messages")
    },
  ]

  private static let reading = [
    SessionStoreConformance("messages come back in order, whatever characters they hold, the last ones when asked") {
      store in
      try await store.create(Sample.session("s1"))
      let messages = [
        Sample.message("m9", text: "odd \u{0} text \"quoted\" 🇫🇷", at: 1),
        Sample.message("m1", role: .assistant, at: 2, run: "r1"), Sample.message("m5", at: 3),
      ]
      for message in messages { try await store.append(message) }
      try expect(try await store.messages(of: "s1", last: 10), messages, "all messages")
      try expect(try await store.messages(of: "s1", last: 2), Array(messages.suffix(2)), "the last two")
      try expect(try await store.messages(of: "s1", last: 0), [], "the last none")
      try expect(try await store.session("s1")?.messageCount, 3, "the number of messages")
      try expect(try await store.session("s1")?.updatedAt, Sample.time(3), "the moment of the last message")
    },
    SessionStoreConformance("sessions are listed by their newest message, page by page") { store in
      for (index, id) in ["s1", "s2", "s3", "s4", "s5"].enumerated() {
        try await store.create(Sample.session(SessionID(id), at: index < 3 ? 0 : Double(index)))
      }
      try await store.append(Sample.message("m1", in: "s2", at: 100))
      var pages: [[SessionID]] = []
      var cursor: String?
      repeat {
        let page = try await store.sessions(after: cursor, limit: 2)
        pages.append(page.sessions.map(\.id))
        cursor = page.next
      } while cursor != nil && pages.count < 10
      try expect(pages, [["s2", "s5"], ["s4", "s3"], ["s1"]], "the pages")
    },
    SessionStoreConformance("a cursor from elsewhere is refused") { store in
      for cursor in ["", "x", "-s1", "zz_z-s1", String(repeating: "1", count: 300) + "-s"] {
        try await expectFailure(.badCursor, "the cursor '\(cursor.prefix(10))'") {
          _ = try await store.sessions(after: cursor, limit: 5)
        }
      }
    },
  ]

  private static let runs = [
    SessionStoreConformance("a question and its new session are saved with its run, or not at all") { store in
      try await store.ask(Sample.message("m1", run: "r1"), in: Sample.session("s1"), starting: Sample.start("r1"))
      try expect(try await store.session("s1")?.messageCount, 1, "messages of the first question")
      do {
        // The thread is busy: nothing of the second question may stay, not even its session.
        try await store.ask(
          Sample.message("m2", in: "s2", run: "r2"),
          in: Sample.session("s2"),
          starting: Sample.start("r2")
        )
        throw ConformanceFailure(description: "a question in a busy thread: expected a refusal, found none")
      } catch let failure as CheckpointFailure {
        try expect(failure, .threadBusy("s1", run: "r1"), "a question in a busy thread")
      }
      try expect(try await store.session("s2"), nil, "the session of the refused question")
      try expect(try await store.messages(of: "s1", last: 10).map(\.id), ["m1"], "messages")
    },
    SessionStoreConformance("the answer of a run is saved once, however many give it at once") { store in
      try await store.create(Sample.session("s1"))
      try await store.append(Sample.message("m1", run: "r1"))
      let answers = try await withThrowingTaskGroup(of: ChatMessage.self) { group in
        for number in 0..<8 {
          let id = MessageID("a\(number)")
          let answer = Sample.message(id, role: .assistant, text: "\(number)", at: 2, run: "r1")
          group.addTask { try await store.answer(answer) }
        }
        return try await group.reduce(into: Set<ChatMessage>()) { $0.insert($1) }
      }
      try expect(answers.count, 1, "different answers")
      try expect(Array(try await store.messages(of: "s1", last: 10).dropFirst()), Array(answers), "saved answers")
      do {
        _ = try await store.answer(Sample.message("m4", role: .assistant))
      } catch { return }
      throw ConformanceFailure(description: "an answer without a run: expected a refusal, found none")
    },
  ]
}
