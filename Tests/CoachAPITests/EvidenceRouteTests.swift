import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import Testing

/// Evidence that is the same for every question, and remembers what it was asked.
final class FakeEvidence: EvidenceService {
  private let calls = Locked<[String]>([])
  private let problem: CoachProblem?

  init(_ problem: CoachProblem? = nil) { self.problem = problem }

  var asked: [String] { calls.current }

  private func note(_ call: String) throws(CoachProblem) -> JSONValue {
    calls.withLock { $0.append(call) }
    if let problem { throw problem }
    return ["call": .string(call)]
  }

  private func run(_ call: String) throws(CoachProblem) -> StartedRun {
    _ = try note(call)
    let (events, sink) = AsyncStream.makeStream(of: CoachEvent.self)
    for event in FakeCoach.answerEvents { sink.yield(event) }
    sink.finish()
    return StartedRun(runID: "run-1", sessionID: "session-1", events: events)
  }

  func investigate(_ question: String, domain: String?) async throws(CoachProblem) -> JSONValue {
    try note("investigate \(question) \(domain ?? "-")")
  }

  func startInvestigation(_ question: String, domain: String?) async throws(CoachProblem) -> StartedRun {
    try run("start \(question)")
  }

  func startPlan(_ wish: String, domain: String?) async throws(CoachProblem) -> StartedRun { try run("wish \(wish)") }

  func forecast(
    _ metric: String,
    steps: Int?,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue {
    try note("forecast \(metric) \(steps ?? 0) \(grain ?? "-")")
  }

  func anomalies(
    _ metrics: [String],
    last count: Int,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue {
    try note("anomalies \(metrics.joined(separator: "+")) \(count) \(grain ?? "-")")
  }

  func planGoals(_ wish: String, owner: String?, domain: String?) async throws(CoachProblem) -> JSONValue {
    try note("plan \(wish) \(owner ?? "-")")
  }

  func listGoals(domain: String?, openOnly: Bool, limit: Int) async throws(CoachProblem) -> JSONValue {
    try note("list \(openOnly) \(limit)")
  }

  func readGoal(_ id: String) async throws(CoachProblem) -> JSONValue { try note("read \(id)") }

  func approveGoal(_ id: String, owner: String?) async throws(CoachProblem) -> JSONValue {
    try note("approve \(id) \(owner ?? "-")")
  }

  func checkInGoal(_ id: String, confidence: Double?, note: String?) async throws(CoachProblem) -> JSONValue {
    try self.note("check in \(id) \(confidence ?? -1) \(note ?? "-")")
  }

  func closeGoal(_ id: String, state: String, note: String?) async throws(CoachProblem) -> JSONValue {
    try self.note("close \(id) \(state)")
  }
}

@Suite struct `Evidence over HTTP` {
  struct Call: Sendable, CustomTestStringConvertible {
    var method: String
    var path: String
    var body: String?
    var asked: String
    var testDescription: String { "\(method) \(path) \(body ?? "")" }
  }

  static let calls = [
    Call(method: "POST", path: "investigations", body: #"{"question": " why? "}"#, asked: "investigate why? -"),
    Call(
      method: "POST",
      path: "investigations",
      body: #"{"question": "why", "domain": "d"}"#,
      asked: "investigate why d"
    ),
    Call(
      method: "POST",
      path: "forecasts",
      body: #"{"metric": "m", "steps": 3, "grain": "week"}"#,
      asked: "forecast m 3 week"
    ),
    Call(method: "GET", path: "anomalies", body: nil, asked: "anomalies  8 -"),
    Call(method: "GET", path: "anomalies?metric=a,b&last=4&grain=month", body: nil, asked: "anomalies a+b 4 month"),
    Call(method: "POST", path: "goals/plan", body: #"{"wish": "grow", "owner": "A"}"#, asked: "plan grow A"),
    Call(method: "GET", path: "goals?open=true&limit=5", body: nil, asked: "list true 5"),
    Call(method: "GET", path: "goals/g1", body: nil, asked: "read g1"),
    Call(method: "POST", path: "goals/g1/approve", body: "{}", asked: "approve g1 -"),
    Call(
      method: "POST",
      path: "goals/g1/checkins",
      body: #"{"confidence": 0.5, "note": "n"}"#,
      asked: "check in g1 0.5 n"
    ),
    Call(method: "POST", path: "goals/g1/close", body: #"{"state": "achieved"}"#, asked: "close g1 achieved"),
  ]

  private static let json = [("Content-Type", "application/json")]

  private static func send(_ call: Call, to served: ServedCoach) async throws -> ServedCoach.Answer {
    try await served.send(
      call.method,
      "/api/v1/coach/\(call.path)",
      headers: call.body == nil ? [] : json,
      body: call.body.map { Array($0.utf8) }
    )
  }

  @Test(arguments: calls)
  func `each address asks for what it says`(_ call: Call) async throws {
    let evidence = FakeEvidence()
    let served = try ServedCoach(evidence: evidence)
    let answer = try await Self.send(call, to: served)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json["call"]?.stringValue == call.asked)
    #expect(evidence.asked == [call.asked])
    await served.stop()
  }

  @Test(arguments: calls)
  func `without evidence its addresses do not exist, and its problems have their status`(_ call: Call) async throws {
    let without = try ServedCoach()
    #expect(try await Self.send(call, to: without).status == 404)
    await without.stop()
    let served = try ServedCoach(evidence: FakeEvidence(.unanswerable("Say which metric.")))
    let answer = try await Self.send(call, to: served)
    #expect(answer.status == 422)
    #expect(answer.code == "unanswerable")
    #expect(answer.json["detail"] == "Say which metric.")
    await served.stop()
  }

  @Test(arguments: [
    ("POST", "investigations", #"{"question": " "}"#, 400), ("POST", "investigations", "{}", 400),
    ("POST", "goals/plan", #"{"wish": ""}"#, 400), ("POST", "goals/g1/checkins", #"{"confidence": 2}"#, 400),
    ("GET", "anomalies?last=0", "", 400), ("GET", "goals?limit=501", "", 400), ("GET", "goals/a%20b", "", 404),
  ])
  func `what cannot be asked is refused before anybody is asked`(
    _ method: String,
    _ path: String,
    _ body: String,
    _ status: Int
  ) async throws {
    let evidence = FakeEvidence()
    let served = try ServedCoach(evidence: evidence)
    let call = Call(method: method, path: path, body: body.isEmpty ? nil : body, asked: "")
    #expect(try await Self.send(call, to: served).status == status)
    #expect(evidence.asked.isEmpty)
    await served.stop()
  }

  @Test func `an investigation and a plan can be followed as event streams`() async throws {
    let evidence = FakeEvidence()
    let served = try ServedCoach(evidence: evidence)
    for (path, body) in [("investigations", #"{"question": "why"}"#), ("goals/plan", #"{"wish": "grow"}"#)] {
      let answer = try await served.send(
        "POST",
        "/api/v1/coach/\(path)",
        headers: Self.json + [("Accept", "text/event-stream")],
        body: Array(body.utf8)
      )
      #expect(answer.status == 200)
      #expect(answer.text.contains("event: answer"))
    }
    #expect(evidence.asked == ["start why", "wish grow"])
    await served.stop()
  }
}
