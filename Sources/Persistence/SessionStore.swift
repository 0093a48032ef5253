public import CoachVocabulary
public import FoundationEssentials
public import StateGraph

/// One conversation.
public struct ChatSession: Hashable, Sendable {
  /// The session.
  public var id: SessionID
  /// What lists show.
  public var title: String
  /// The domain it is about.
  public var domain: String
  /// When it began.
  public var createdAt: Date
  /// When its last message came.
  public var updatedAt: Date
  /// How many messages it has.
  public var messageCount: Int

  /// Makes a session without messages.
  public init(id: SessionID, title: String, domain: String, createdAt: Date) {
    self.id = id
    self.title = title
    self.domain = domain
    self.createdAt = createdAt
    updatedAt = createdAt
    messageCount = 0
  }
}

/// One message of a conversation.
public struct ChatMessage: Hashable, Sendable {
  /// Who speaks.
  public enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    /// The person.
    case user
    /// The coach.
    case assistant
  }

  /// The message.
  public var id: MessageID
  /// The session it belongs to.
  public var session: SessionID
  /// Who speaks.
  public var role: Role
  /// What is said.
  public var text: String
  /// When.
  public var createdAt: Date
  /// The whole answer, for messages of the coach.
  public var answer: JSONValue?
  /// The frame the answer was made from, which a follow-up edits.
  public var frame: JSONValue?
  /// The run that the message starts or that made it.
  public var run: RunID?

  /// Makes a message.
  public init(
    id: MessageID,
    session: SessionID,
    role: Role,
    text: String,
    createdAt: Date,
    answer: JSONValue? = nil,
    frame: JSONValue? = nil,
    run: RunID? = nil
  ) {
    self.id = id
    self.session = session
    self.role = role
    self.text = text
    self.createdAt = createdAt
    self.answer = answer
    self.frame = frame
    self.run = run
  }
}

/// A part of a list of sessions.
public struct SessionPage: Hashable, Sendable {
  /// The sessions, the one with the newest message first.
  public var sessions: [ChatSession]
  /// What to ask the next page with; nil after the last.
  public var next: String?

  /// Makes a page.
  public init(sessions: [ChatSession], next: String?) {
    self.sessions = sessions
    self.next = next
  }
}

/// Where the conversations of one tenant are kept.
public protocol SessionStore: Sendable {
  /// Saves a new session.
  ///
  /// - Throws: ``PersistenceFailure/alreadyExists(_:)``.
  func create(_ session: ChatSession) async throws(PersistenceFailure)

  /// A session; nil for an unknown one.
  func session(_ id: SessionID) async throws(PersistenceFailure) -> ChatSession?

  /// Sessions, the one with the newest message first.
  ///
  /// - Parameters:
  ///   - cursor: where the page before ended; nil for the first page.
  ///   - limit: the most sessions, up to 200.
  /// - Returns: the page, with the cursor of the next one.
  /// - Throws: ``PersistenceFailure/badCursor`` for a cursor from elsewhere.
  func sessions(after cursor: String?, limit: Int) async throws(PersistenceFailure) -> SessionPage

  /// Saves a message at the end of its session.
  ///
  /// - Throws: ``PersistenceFailure/noSuchSession(_:)``, ``PersistenceFailure/alreadyExists(_:)``.
  func append(_ message: ChatMessage) async throws(PersistenceFailure)

  /// Saves a user's message and the run it starts in one transaction, and before them the session when it is new.
  ///
  /// Made to be the `saving` of `GraphRunner.start`.
  /// - Throws: what the checkpoint store throws for the run, unchanged, and ``PersistenceFailure``.
  func ask(_ message: ChatMessage, in session: ChatSession, starting start: RunStart) async throws

  /// Saves the coach's message of a run, once: a run that is resumed after it had answered gets back what is saved.
  ///
  /// - Throws: ``PersistenceFailure/noSuchSession(_:)``, and `damaged` for a message without a run.
  func answer(_ message: ChatMessage) async throws(PersistenceFailure) -> ChatMessage

  /// The last messages of a session, oldest first.
  func messages(of session: SessionID, last limit: Int) async throws(PersistenceFailure) -> [ChatMessage]
}
