public import CoachVocabulary

/// All that the HTTP API needs of the coach.
///
/// A run belongs to the service: that a reader leaves an event stream, or that the task of a call is cancelled, must not
/// end it; only ``stop(_:)`` and the service's own limits do.
public protocol CoachService: Sendable {
  /// Starts a run that answers the request's message; a new session is made when the request names none.
  ///
  /// The message is trimmed, not empty and within ``ChatRequest/messageLimit`` when the API calls this.
  func ask(_ request: ChatRequest) async throws(CoachProblem) -> StartedRun

  /// The events of a run with a greater sequence number than `sequence`, those of the past first.
  ///
  /// The last event is `run_finished`, also when the run has ended before or the reader has had it already.
  func events(of run: RunID, after sequence: Int) async throws(CoachProblem) -> AsyncStream<CoachEvent>

  /// Asks a run to stop; does nothing to a run that has ended.
  func stop(_ run: RunID) async throws(CoachProblem)

  /// The questions of a run that wait for an answer: `{"run_id": …, "status": …, "questions": […]}`.
  func questions(of run: RunID) async throws(CoachProblem) -> JSONValue

  /// Answers questions of a waiting run by their names, all of them or none, and goes on with it.
  func answer(_ run: RunID, _ answers: [String: JSONValue]) async throws(CoachProblem)

  /// Keeps whether the answer of a run was right, as a person says; a later word replaces an earlier one.
  func rate(_ run: RunID, isRight: Bool) async throws(CoachProblem)

  /// The newest sessions, at most `limit`: `{"sessions": […]}`.
  func sessions(limit: Int) async throws(CoachProblem) -> JSONValue

  /// One session with its messages and its usage.
  func session(_ id: SessionID) async throws(CoachProblem) -> JSONValue

  /// What a session's calls of models cost: `{"session_id": …, "total": …, "calls": […]}`, at most `limit`, the newest.
  func ledger(of session: SessionID, limit: Int) async throws(CoachProblem) -> JSONValue

  /// Questions to begin with, for one domain or for the default one.
  func starters(domain: String?) async throws(CoachProblem) -> JSONValue

  /// Whether the service works, and with what: `{"status": …, …}`.
  func health() async -> JSONValue
}

/// A message to the coach.
public struct ChatRequest: Hashable, Sendable {
  /// The most characters of a message, counted as Unicode scalars: 4,000.
  public static let messageLimit = 4_000

  /// What the person wrote, without white space around it.
  public var message: String
  /// The conversation that it belongs to; `nil` begins a new one.
  public var sessionID: SessionID?
  /// The domain to ask about; `nil` means that of the session, or the default one.
  public var domain: String?
  /// Whether nothing of it may leave the house: only models of the local tier may see it.
  public var isPrivate: Bool

  /// Makes a request.
  public init(message: String, sessionID: SessionID? = nil, domain: String? = nil, isPrivate: Bool = false) {
    self.message = message
    self.sessionID = sessionID
    self.domain = domain
    self.isPrivate = isPrivate
  }
}

/// A run that has begun.
public struct StartedRun: Sendable {
  /// The run.
  public var runID: RunID
  /// The conversation that it belongs to.
  public var sessionID: SessionID
  /// Its events from the first to `run_finished`; leaving them early does not end the run.
  public var events: AsyncStream<CoachEvent>

  /// Makes the description of a run.
  public init(runID: RunID, sessionID: SessionID, events: AsyncStream<CoachEvent>) {
    self.runID = runID
    self.sessionID = sessionID
    self.events = events
  }
}

/// One thing that happened in a run, as clients see it.
public struct CoachEvent: Hashable, Sendable {
  /// Its number within the run, rising.
  public var sequence: Int
  /// What kind of event it is, for instance `answer`.
  public var type: String
  /// What happened.
  public var data: JSONValue

  /// Makes an event.
  public init(sequence: Int, type: String, data: JSONValue) {
    self.sequence = sequence
    self.type = type
    self.data = data
  }
}

extension CoachEvent {
  /// The type of the event that carries the answer.
  public static let answer = "answer"
  /// The type of the event that says why there is no answer: `{code, detail}`.
  public static let runFailed = "run_failed"
  /// The type of the last event of every run: `{outcome}`.
  public static let runFinished = "run_finished"
}
