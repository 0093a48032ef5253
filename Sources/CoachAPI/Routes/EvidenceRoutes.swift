import CoachVocabulary
import HTTPServerKit

/// `POST /api/v1/coach/investigations`: explains what a metric did; answers with the report, or with the events of a run
/// whose answer holds it.
struct StartInvestigation: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/investigations"

  struct Body: Decodable {
    var question: String
    var domain: String?
  }

  let evidence: any EvidenceService
  let streams: EventStreams

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let media = try request.negotiate(.json, .eventStream)
    let body = try request.decode(Body.self)
    let question = try RequestText.check(body.question, field: "question")
    let domain = try DomainName.check(body.domain)
    switch media {
    case .json, .svg, .csv, .xlsx:
      return .json(
        try await asking { () throws(CoachProblem) in try await evidence.investigate(question, domain: domain) }
      )
    case .eventStream:
      let evidence = evidence
      return streams.response(
        try await StartedRun.detached { () throws(CoachProblem) in
          try await evidence.startInvestigation(question, domain: domain)
        }.events
      )
    }
  }
}

/// `POST /api/v1/coach/forecasts`: what a metric will probably do.
struct MakeForecast: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/forecasts"

  struct Body: Decodable {
    var metric: String
    var steps: Int?
    var grain: String?
    var domain: String?
  }

  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let body = try request.decode(Body.self)
    let metric = try RequestText.check(body.metric, field: "metric")
    let domain = try DomainName.check(body.domain)
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.forecast(metric, steps: body.steps, grain: body.grain, domain: domain)
      }
    )
  }
}

/// `GET /api/v1/coach/anomalies`: what was unusual in the latest `last` periods (1 to 104; 8 when left out) of the metrics
/// that `metric` names, separated by commas, or of all.
struct ListAnomalies: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/anomalies"
  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let last = try request.limit("last", upTo: 104, otherwise: 8)
    let names = (request.http.queryValue("metric") ?? "").split(separator: ",").prefix(20).map(String.init)
    let grain = request.http.queryValue("grain")
    let domain = try DomainName.check(request.http.queryValue("domain"))
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.anomalies(names, last: last, grain: grain, domain: domain)
      }
    )
  }
}

/// `POST /api/v1/coach/goals/plan`: goals for a wish, kept as proposals; as an event stream, a run that asks for approval.
struct PlanGoals: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/goals/plan"

  struct Body: Decodable {
    var wish: String
    var owner: String?
    var domain: String?
  }

  let evidence: any EvidenceService
  let streams: EventStreams

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let media = try request.negotiate(.json, .eventStream)
    let body = try request.decode(Body.self)
    let wish = try RequestText.check(body.wish, field: "wish")
    let owner = try RequestText.optional(body.owner, field: "owner")
    let domain = try DomainName.check(body.domain)
    if media == .eventStream {
      let evidence = evidence
      return streams.response(
        try await StartedRun.detached { () throws(CoachProblem) in
          try await evidence.startPlan(wish, domain: domain)
        }.events
      )
    }
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.planGoals(wish, owner: owner, domain: domain)
      }
    )
  }
}

/// `GET /api/v1/coach/goals`: the newest goals, at most `limit` (1 to 500; 100 when left out); `open=true` leaves out closed
/// ones.
struct ListGoals: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/goals"
  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let limit = try request.limit(upTo: 500, otherwise: 100)
    let domain = try DomainName.check(request.http.queryValue("domain"))
    let openOnly = request.http.queryValue("open") == "true"
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.listGoals(domain: domain, openOnly: openOnly, limit: limit)
      }
    )
  }
}

/// `GET /api/v1/coach/goals/{id}`: one goal with its check-ins.
struct ReadGoal: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/goals/{id}"
  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let id = try request.goal()
    return .json(try await asking { () throws(CoachProblem) in try await evidence.readGoal(id) })
  }
}

/// `POST /api/v1/coach/goals/{id}/approve`: a proposed goal becomes one that is worked on.
struct ApproveGoal: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/goals/{id}/approve"

  struct Body: Decodable {
    var owner: String?
  }

  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let id = try request.goal()
    let owner = try RequestText.optional(try request.decode(Body.self).owner, field: "owner")
    return .json(try await asking { () throws(CoachProblem) in try await evidence.approveGoal(id, owner: owner) })
  }
}

/// `POST /api/v1/coach/goals/{id}/checkins`: computes where a goal stands and keeps it.
struct CheckInGoal: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/goals/{id}/checkins"

  struct Body: Decodable {
    var confidence: Double?
    var note: String?
  }

  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let id = try request.goal()
    let body = try request.decode(Body.self)
    if let confidence = body.confidence, !(0...1).contains(confidence) {
      throw .badRequest("bad_confidence", "The field 'confidence' must be from 0 to 1.", field: "confidence")
    }
    let note = try RequestText.optional(body.note, field: "note")
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.checkInGoal(id, confidence: body.confidence, note: note)
      }
    )
  }
}

/// `POST /api/v1/coach/goals/{id}/close`: a goal is achieved, missed, cancelled or replaced.
struct CloseGoal: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/goals/{id}/close"

  struct Body: Decodable {
    var state: String
    var note: String?
  }

  let evidence: any EvidenceService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    let id = try request.goal()
    let body = try request.decode(Body.self)
    let note = try RequestText.optional(body.note, field: "note")
    return .json(
      try await asking { () throws(CoachProblem) in
        try await evidence.closeGoal(id, state: body.state, note: note)
      }
    )
  }
}

extension APIRequest {
  /// The goal that the path names; texts that cannot be one are answered like unknown ones.
  fileprivate func goal() throws(APIProblem) -> String {
    let id = parameters["id"] ?? ""
    guard id.isPlainIdentifier else { throw APIProblem(.unknownGoal(id)) }
    return id
  }
}

/// Texts that people write into requests.
enum RequestText {
  /// The text without blanks at its ends; 400 and 422 when it cannot be asked.
  static func check(_ text: String, field: String) throws(APIProblem) -> String {
    guard text.unicodeScalars.count <= ChatRequest.messageLimit else {
      throw APIProblem(.messageTooLong(limit: ChatRequest.messageLimit))
    }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
      throw .badRequest("control_character", "The field '\(field)' holds a control character.", field: field)
    }
    let isSpace: (Character) -> Bool = \.isWhitespace
    guard let last = text.lastIndex(where: { !isSpace($0) }) else {
      throw .badRequest("empty_text", "The field '\(field)' is empty.", field: field)
    }
    return String(text[...last].drop(while: isSpace))
  }

  /// The same for a text that may be left out.
  static func optional(_ text: String?, field: String) throws(APIProblem) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return try check(text, field: field)
  }
}

extension StartedRun {
  /// Starts in a task of its own: a client that hangs up cancels the handler, and must not catch the service half way.
  fileprivate static func detached(
    _ start: @escaping @Sendable () async throws(CoachProblem) -> StartedRun
  ) async throws(APIProblem) -> StartedRun {
    let starting = Task { () -> Result<StartedRun, CoachProblem> in
      do throws(CoachProblem) {
        return .success(try await start())
      } catch {
        return .failure(error)
      }
    }
    let result = await starting.value
    return try await asking { () throws(CoachProblem) in try result.get() }
  }
}
