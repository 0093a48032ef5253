import CoachVocabulary
import HTTPServerKit

/// `GET /api/v1/coach/sessions`: the newest sessions, at most `limit` (1 to 200; 50 when it is left out).
struct ListSessions: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/sessions"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let limit = try request.limit(upTo: 200, otherwise: 50)
    return .json(try await asking { () throws(CoachProblem) in try await service.sessions(limit: limit) })
  }
}

extension APIRequest {
  /// A parameter that is a whole number from 1, `limit` when it is not named.
  func limit(_ name: String = "limit", upTo most: Int, otherwise standard: Int) throws(APIProblem) -> Int {
    guard let text = http.queryValue(name) else { return standard }
    guard let limit = Int(text), (1...most).contains(limit) else {
      let detail = "The parameter '\(name)' must be a whole number from 1 to \(most)."
      throw .badRequest("bad_\(name)", detail, field: name)
    }
    return limit
  }
}

/// `GET /api/v1/coach/sessions/{id}`: one session with its messages.
struct ReadSession: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/sessions/{id}"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let id = try request.identifier("id", else: CoachProblem.unknownSession)
    return .json(try await asking { () throws(CoachProblem) in try await service.session(id) })
  }
}

/// `GET /api/v1/coach/sessions/{id}/ledger`: what the session's calls of models cost, at most `limit` calls (1 to 1,000; 200
/// when it is left out).
struct ReadSessionLedger: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/sessions/{id}/ledger"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let id = try request.identifier("id", else: CoachProblem.unknownSession)
    let limit = try request.limit(upTo: 1_000, otherwise: 200)
    return .json(try await asking { () throws(CoachProblem) in try await service.ledger(of: id, limit: limit) })
  }
}

/// `GET /api/v1/coach/starters`: questions to begin with, for the domain in the query or the default one.
struct ReadStarters: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/starters"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let domain = try DomainName.check(request.http.queryValue("domain"))
    return .json(try await asking { () throws(CoachProblem) in try await service.starters(domain: domain) })
  }
}

/// `GET /api/health`: whether the service works.
struct ReadHealth: Route {
  static let method = Method.get
  static let path = "/api/health"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    return .json(await service.health())
  }
}
