import CoachVocabulary
import FoundationEssentials
import HTTPServerKit

/// A request that has found its route.
struct APIRequest: Sendable {
  var http: HTTPServerRequest
  /// The texts of the path's named segments.
  var parameters: [String: String]
  var requestID: RequestID

  /// The type to answer with; 406 when the client takes none of those offered.
  func negotiate(_ offered: MediaType...) throws(APIProblem) -> MediaType {
    let accept = AcceptHeader(http.headers.values(of: "accept"))
    guard let best = accept.best(of: offered) else { throw .notAcceptable(offered: offered) }
    return best
  }

  /// The body as JSON of a known shape: 415 when it is not JSON at all, 400 with the field's name when it does not fit.
  func decode<Body: Decodable>(_ type: Body.Type) throws(APIProblem) -> Body {
    guard !http.body.isEmpty else { throw .badRequest("empty_body", "The body is empty; send a JSON object.") }
    let types = http.headers.values(of: "content-type")
    guard types.count == 1, MediaType.isJSON(types[0]) else {
      let detail = "Send the body as application/json in UTF-8, and say so in Content-Type."
      throw APIProblem(status: 415, code: "unsupported_media_type", detail: detail)
    }
    guard String(validating: http.body, as: UTF8.self) != nil else {
      throw .badRequest("invalid_utf8", "The body is not valid UTF-8.")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(http.body))
    } catch let error as DecodingError {
      throw Self.problem(error)
    } catch {
      throw .badRequest("invalid_json", "The body is not valid JSON.")
    }
  }

  /// The named segment as an identifier; texts that cannot be one are answered like unknown ones.
  func identifier<Kind>(
    _ name: String,
    else problem: (Identifier<Kind>) -> CoachProblem
  ) throws(APIProblem) -> Identifier<Kind> {
    let id = Identifier<Kind>(parameters[name] ?? "")
    guard id.rawValue.isPlainIdentifier else { throw APIProblem(problem(id)) }
    return id
  }

  private static func problem(_ error: DecodingError) -> APIProblem {
    switch error {
    case .keyNotFound(let key, let context):
      let field = name(of: context.codingPath + [key])
      return .badRequest("missing_field", "The field '\(field)' is missing.", field: field)
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      let field = name(of: context.codingPath)
      guard !field.isEmpty else { return .badRequest("invalid_json", "The body must be a JSON object.") }
      return .badRequest("wrong_type", "The field '\(field)' must be \(name(of: type)).", field: field)
    case .dataCorrupted: return .badRequest("invalid_json", "The body is not valid JSON.")
    @unknown default: return .badRequest("invalid_json", "The body does not have the right shape.")
    }
  }

  private static func name(of path: [any CodingKey]) -> String {
    path.map(\.stringValue).joined(separator: ".")
  }

  private static func name(of type: any Any.Type) -> String {
    type == String.self ? "a string" : "of another type"
  }
}

extension HTTPServerResponse {
  /// A response of JSON.
  static func json(_ value: JSONValue, status: Int = 200) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status,
      headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
      body: .bytes(Array(value.text.utf8))
    )
  }
}

/// Runs a call of the coach and gives its problem the status that it has over HTTP.
func asking<Value>(
  _ call: () async throws(CoachProblem) -> Value
) async throws(APIProblem) -> Value {
  do throws(CoachProblem) {
    return try await call()
  } catch {
    throw APIProblem(error)
  }
}
