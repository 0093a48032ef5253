import CoachAPI
import CoachVocabulary
import ConcurrencyKit

/// A coach that answers what its test says and remembers what it was asked.
final class FakeCoach: CoachService {
  struct State: Sendable {
    var problem: CoachProblem?
    var events: [CoachEvent] = FakeCoach.answerEvents
    /// When there is one, it is handed out instead of `events`.
    var stream: AsyncStream<CoachEvent>?
    var asked: [ChatRequest] = []
    var joined: [Joined] = []
    var stopped: [RunID] = []
    var answered: [RunID: [String: JSONValue]] = [:]
    var rated: [RunID: Bool] = [:]
    var limits: [Int] = []
    var starterDomains: [String?] = []
  }

  struct Joined: Hashable, Sendable {
    var run: RunID
    var sequence: Int
  }

  static let answer: JSONValue = ["outcome": "answer", "text": "Net revenue was $12.3M.", "rows": [["West", 1.5]]]
  static let answerEvents = [
    CoachEvent(sequence: 1, type: "run_started", data: ["run_id": "run-1", "session_id": "session-1"]),
    CoachEvent(sequence: 2, type: "step", data: ["node": "parse", "phase": "finished"]),
    CoachEvent(sequence: 3, type: CoachEvent.answer, data: answer),
    CoachEvent(sequence: 4, type: CoachEvent.runFinished, data: ["outcome": "answer"]),
  ]

  private let state: Locked<State>

  /// What it was asked so far.
  var seen: State { state.current }

  init(_ problem: CoachProblem? = nil, events: [CoachEvent] = answerEvents, stream: AsyncStream<CoachEvent>? = nil) {
    state = Locked(State(problem: problem, events: events, stream: stream))
  }

  func ask(_ request: ChatRequest) async throws(CoachProblem) -> StartedRun {
    let events = try use { $0.asked.append(request) }
    return StartedRun(runID: "run-1", sessionID: "session-1", events: events)
  }

  func events(of run: RunID, after sequence: Int) async throws(CoachProblem) -> AsyncStream<CoachEvent> {
    try use { $0.joined.append(Joined(run: run, sequence: sequence)) }
  }

  func stop(_ run: RunID) async throws(CoachProblem) {
    _ = try use { $0.stopped.append(run) }
  }

  func questions(of run: RunID) async throws(CoachProblem) -> JSONValue {
    _ = try use { _ in }
    return ["run_id": .string(run.rawValue), "status": "waiting", "questions": [["name": "approve"]]]
  }

  func answer(_ run: RunID, _ answers: [String: JSONValue]) async throws(CoachProblem) {
    _ = try use { $0.answered[run] = answers }
  }

  func rate(_ run: RunID, isRight: Bool) async throws(CoachProblem) {
    _ = try use { $0.rated[run] = isRight }
  }

  func sessions(limit: Int) async throws(CoachProblem) -> JSONValue {
    _ = try use { $0.limits.append(limit) }
    return ["sessions": [["id": "session-1", "title": "Revenue"]]]
  }

  func session(_ id: SessionID) async throws(CoachProblem) -> JSONValue {
    _ = try use { _ in }
    return ["id": .string(id.rawValue), "messages": []]
  }

  func ledger(of session: SessionID, limit: Int) async throws(CoachProblem) -> JSONValue {
    _ = try use { $0.limits.append(limit) }
    return ["session_id": .string(session.rawValue), "calls": []]
  }

  func starters(domain: String?) async throws(CoachProblem) -> JSONValue {
    _ = try use { $0.starterDomains.append(domain) }
    return ["domain": .string(domain ?? "dealer"), "starters": ["What was revenue last month?"]]
  }

  func health() async -> JSONValue { ["status": "ok"] }

  private func use(_ note: (inout State) -> Void) throws(CoachProblem) -> AsyncStream<CoachEvent> {
    try state.withLock { state throws(CoachProblem) in
      if let problem = state.problem { throw problem }
      note(&state)
      return state.stream ?? Self.stream(of: state.events)
    }
  }

  private static func stream(of events: [CoachEvent]) -> AsyncStream<CoachEvent> {
    AsyncStream { sink in
      for event in events { sink.yield(event) }
      sink.finish()
    }
  }
}
