import CoachVocabulary
import HTTPServerKit

/// `POST /api/query`: answers one question, from memory where it was computed before.
struct AskQuery: Route {
  static let method = Method.post
  static let path = "/api/query"

  struct Body: Decodable {
    var query: String?
    var question: String?
    var domain: String?
  }

  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let body = try request.decode(Body.self)
    guard let text = body.query ?? body.question else {
      throw .badRequest("missing_field", "The field 'query' is missing.", field: "query")
    }
    let asked = QueryRequest(question: try QueryText.check(text), domain: try DomainName.check(body.domain))
    return .json(bytes: try await asking { () throws(CoachProblem) in try await answers.query(asked) })
  }
}

/// `POST /api/batch`: answers up to 50 questions in their order; one that cannot be answered gets its problem instead.
struct AskBatch: Route {
  static let method = Method.post
  static let path = "/api/batch"
  static let limit = 50

  struct Body: Decodable {
    var queries: [String]
    var domain: String?
  }

  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let body = try request.decode(Body.self)
    guard (1...Self.limit).contains(body.queries.count) else {
      let detail = "The field 'queries' must hold 1 to \(Self.limit) questions."
      throw .badRequest("bad_queries", detail, field: "queries")
    }
    let domain = try DomainName.check(body.domain)
    var bytes = Array("{\"results\":[".utf8)
    for (number, text) in body.queries.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += await result(of: text, domain: domain)
    }
    return .json(bytes: bytes + "]}".utf8)
  }

  private func result(of text: String, domain: String?) async -> [UInt8] {
    do throws(APIProblem) {
      let asked = QueryRequest(question: try QueryText.check(text), domain: domain)
      return try await asking { () throws(CoachProblem) in try await answers.query(asked) }
    } catch {
      let problem: JSONValue = [
        "query": .string(text), "error": ["code": .string(error.code), "detail": .string(error.detail)],
      ]
      return Array(problem.text.utf8)
    }
  }
}

/// `GET /api/suggestions`: computed questions, those most like `q` first, at most `limit` (1 to 50; 10 when left out).
struct ReadSuggestions: Route {
  static let method = Method.get
  static let path = "/api/suggestions"
  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let limit = try request.limit(upTo: 50, otherwise: 10)
    let domain = try DomainName.check(request.http.queryValue("domain"))
    let text = request.http.queryValue("q").map { String($0.prefix(1_000)) }
    return .json(
      try await asking { () throws(CoachProblem) in
        try await answers.suggestions(like: text, domain: domain, limit: limit)
      }
    )
  }
}

/// `GET /api/status`: how much is answered from memory.
struct ReadDumpStatus: Route {
  static let method = Method.get
  static let path = "/api/status"
  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    return .json(await answers.dumpStatus())
  }
}

/// `GET /api/capabilities`: what can be asked.
struct ReadCapabilities: Route {
  static let method = Method.get
  static let path = "/api/capabilities"
  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    return .json(await answers.capabilities())
  }
}

/// `GET /api/v1/coach/dumps`: the computed questions with their state, of one `category` or all.
struct ListDumps: Route {
  static let method = Method.get
  static let path = "/api/v1/coach/dumps"
  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let category = request.http.queryValue("category")
    return .json(try await asking { () throws(CoachProblem) in try await answers.dumps(category: category) })
  }
}

/// `POST /api/v1/coach/dumps/run`: computes the questions of a category, or all, now.
struct RunDumps: Route {
  static let method = Method.post
  static let path = "/api/v1/coach/dumps/run"

  struct Body: Decodable {
    var category: String?
  }

  let answers: any PrecomputedAnswers

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    let category = request.http.body.isEmpty ? nil : try request.decode(Body.self).category
    return .json(try await asking { () throws(CoachProblem) in try await answers.runDumps(category: category) })
  }
}

/// `GET /health`: the same as `/api/health`.
struct ReadPlainHealth: Route {
  static let method = Method.get
  static let path = "/health"
  let service: any CoachService

  func respond(to request: APIRequest) async throws(APIProblem) -> HTTPServerResponse {
    _ = try request.negotiate(.json)
    return .json(await service.health())
  }
}

/// Questions in requests.
enum QueryText {
  /// The question without blanks around it: 422 when there is none or it is too long, 400 for control characters.
  static func check(_ text: String) throws(APIProblem) -> String { try StartChat.message(text) }
}

extension HTTPServerResponse {
  /// A response of JSON that is written already.
  fileprivate static func json(bytes: [UInt8]) -> HTTPServerResponse {
    HTTPServerResponse(
      status: 200,
      headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
      body: .bytes(bytes)
    )
  }
}
