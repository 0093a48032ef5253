import CoachVocabulary
import HTTPServerKit

/// What a client is told when a request fails: `application/problem+json`, as RFC 9457 describes it.
struct APIProblem: Error, Hashable, Sendable {
  var status: Int
  /// A word for programs.
  var code: String
  /// A sentence for people: what happened and how to mend it, never how the server is made.
  var detail: String
  /// The field of the request that is at fault.
  var field: String?
  /// The rows of a file that are at fault.
  var faults: JSONValue?
  /// The methods that the path answers to, for status 405.
  var allowed: [String] = []
  /// When to try again.
  var retryAfter: Duration?

  func response(requestID: RequestID) -> HTTPServerResponse {
    var body: [String: JSONValue] = [
      "type": "about:blank", "title": .string(title), "status": .int(status), "code": .string(code),
      "detail": .string(detail), "request_id": .string(requestID.rawValue),
    ]
    if let field { body["field"] = .string(field) }
    if let faults { body["faults"] = faults }
    var headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    if !allowed.isEmpty { headers.append(("Allow", allowed.joined(separator: ", "))) }
    if let retryAfter { headers.append(("Retry-After", String(max(1, retryAfter.components.seconds)))) }
    return HTTPServerResponse(
      status: status,
      headers: headers,
      body: .bytes(Array(JSONValue.object(body).text.utf8))
    )
  }

  /// The status in words, as RFC 9110 names it: with the type `about:blank` the title says no more than that.
  private var title: String { Self.titles[status] ?? (status < 500 ? "Bad Request" : "Internal Server Error") }

  private static let titles = [
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    409: "Conflict", 410: "Gone", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
    421: "Misdirected Request", 422: "Unprocessable Content", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 503: "Service Unavailable", 504: "Gateway Timeout",
  ]
}

// MARK: - Faults of requests

extension APIProblem {
  static func badRequest(_ code: String, _ detail: String, field: String? = nil) -> APIProblem {
    APIProblem(status: 400, code: code, detail: detail, field: field)
  }

  static let notFound = APIProblem(status: 404, code: "not_found", detail: "There is nothing at this address.")

  static func notAllowed(_ method: String, allowed: [String]) -> APIProblem {
    let list = allowed.joined(separator: ", ")
    return APIProblem(
      status: 405,
      code: "method_not_allowed",
      detail: "This address does not answer to \(method); use \(list).",
      allowed: allowed
    )
  }

  static func notAcceptable(offered: [MediaType]) -> APIProblem {
    let list = offered.map(\.text).joined(separator: " or ")
    return APIProblem(status: 406, code: "not_acceptable", detail: "This address answers with \(list).")
  }

  /// What the server found wrong before a route was chosen.
  static func refused(status: Int, reason: String) -> APIProblem {
    let code =
      switch status {
      case 413: "body_too_long"
      case 414, 431: "head_too_long"
      case 503: "shutting_down"
      case 500...: "internal"
      default: "bad_request"
      }
    return APIProblem(status: status, code: code, detail: reason)
  }
}

// MARK: - Faults of the coach

extension APIProblem {
  /// The one place where a problem of the coach gets its status: a new case does not compile until it has one.
  init(_ problem: CoachProblem) {
    switch problem {
    case .unknownSession:
      self.init(status: 404, code: "unknown_session", detail: "There is no chat with this id; begin a new one.")
    case .unknownRun:
      self.init(status: 404, code: "unknown_run", detail: "There is no run with this id.")
    case .unknownDomain(let name, let known):
      let choices = known.isEmpty ? "none is set up" : "known: \(known.joined(separator: ", "))"
      self.init(
        status: 404,
        code: "unknown_domain",
        detail: "There is no domain '\(name)'; \(choices).",
        field: "domain"
      )
    case .domainMismatch(let asked, let session):
      let detail = "This chat is about '\(session)', not '\(asked)'; begin a new chat to ask about '\(asked)'."
      self.init(status: 409, code: "domain_mismatch", detail: detail, field: "domain")
    case .emptyMessage:
      self.init(status: 422, code: "empty_message", detail: "The message is empty; ask something.", field: "message")
    case .messageTooLong(let limit):
      let detail = "The message is longer than \(limit) characters; shorten it."
      self.init(status: 422, code: "message_too_long", detail: detail, field: "message")
    case .sessionBusy:
      let detail = "This chat is still answering an earlier message; wait for it or stop it."
      self.init(status: 409, code: "session_busy", detail: detail)
    case .notWaiting:
      self.init(status: 409, code: "not_waiting", detail: "This run waits for no answer.")
    case .unknownQuestion(let name, let open):
      let choices = open.isEmpty ? "none is open" : "open: \(open.joined(separator: ", "))"
      self.init(
        status: 422,
        code: "unknown_question",
        detail: "This run asks no single question '\(name)'; \(choices).",
        field: name
      )
    case .answerDoesNotFit(let name, let wanted):
      let detail = "The answer to '\(name)' must be \(wanted)."
      self.init(status: 422, code: "answer_does_not_fit", detail: detail, field: name)
    case .unknownGoal:
      self.init(status: 404, code: "unknown_goal", detail: "There is no goal with this id.")
    case .unanswerable(let detail):
      self.init(status: 422, code: "unanswerable", detail: detail)
    case .eventsNotKept:
      let detail = "The events of this run are no longer kept; read the chat instead."
      self.init(status: 410, code: "events_not_kept", detail: detail)
    case .importFailed(let code, let detail, let faults):
      let statuses = ["unknown_dataset": 404, "cancelled": 409, "datasets_unavailable": 503]
      self.init(status: statuses[code] ?? 422, code: code, detail: detail)
      if let rows = faults.arrayValue, !rows.isEmpty { self.faults = faults }
    case .runFailed(let code, let detail):
      self.init(runFailure: ["code": .string(code), "detail": .string(detail)])
    case .unknownCategory(let name, let known):
      let detail = "There is no category '\(name)'; known: \(known.joined(separator: ", "))."
      self.init(status: 404, code: "unknown_category", detail: detail, field: "category")
    case .nothingToExport(_, let what):
      self.init(status: 404, code: "nothing_to_export", detail: "The answer of this run has no \(what).")
    case .exportFailed(let detail):
      self.init(status: 503, code: "export_failed", detail: detail)
    case .databaseMissing(let detail):
      self.init(status: 503, code: "database_missing", detail: detail)
    case .busy(let wait):
      let detail = "Too many questions are being answered; try again in a moment."
      self.init(status: 503, code: "busy", detail: detail, retryAfter: wait)
    case .shuttingDown:
      self.init(status: 503, code: "shutting_down", detail: "The server is stopping.")
    case .internal(let reference):
      let detail = "Something went wrong on the server; its log tells more under '\(reference)'."
      self.init(status: 500, code: "internal", detail: detail)
    }
  }

  /// The failure that a run reported in its `run_failed` event; those texts are written for clients.
  init(runFailure data: JSONValue) {
    let code = data["code"]?.stringValue ?? "internal"
    let detail = data["detail"]?.stringValue ?? "The run ended without an answer; ask again."
    self.init(status: Self.runFailureStatuses[code] ?? 500, code: code, detail: detail)
  }

  /// The run was stopped before it had an answer.
  static let stopped = APIProblem(status: 409, code: "stopped", detail: "The run was stopped before it had an answer.")

  private static let runFailureStatuses = [
    "stopped": 409, "unknown_domain": 404, "database_missing": 503, "busy": 503, "model_unavailable": 503,
    "cost_limit": 503, "interrupted": 503,
    "step_limit": 503, "shutting_down": 503, "time_limit": 504,
  ]
}
