import CoachVocabulary
import HTTPServerKit

/// `GET /api/v1/coach/sessions`: the newest sessions, at most `limit` (1 to 200; 50 when it is left out).
struct ListSessions: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/sessions"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let limit = try Self.limit(request.http.queryValue("limit"))
    return .json(try await asking { () throws(CoachProblem) in try await service.sessions(limit: limit) })
  }

  private static func limit(_ text: String?) throws(APIProblem) -> Int {
    guard let text else { return 50 }
    guard let limit = Int(text), (1...200).contains(limit) else {
      throw .badRequest("bad_limit", "The parameter 'limit' must be a whole number from 1 to 200.", field: "limit")
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
