import CoachVocabulary
import LanguageModel

/// What a server says about an error, reduced to words that can hold neither prompt nor key.
///
/// The free text of an error may quote the prompt or a part of the key, so only the codes are kept; the text is looked
/// at to tell a prompt that is too long, since not all servers have a code for it.
struct ErrorReport {
  private let code: String
  private let type: String
  private let message: String
  private let secret: Secret?
  private let ownStatus: Int?

  init(_ error: JSONValue, hiding secret: Secret?) {
    code = error["code"]?.stringValue ?? ""
    type = error["type"]?.stringValue ?? ""
    message = (error["message"]?.stringValue ?? error.stringValue ?? "").lowercased()
    ownStatus = error["code"]?.intValue ?? error["status"]?.intValue
    self.secret = secret
  }

  /// Reads the body of an unsuccessful reply; any text at all will do.
  init(body: [UInt8], hiding secret: Secret?) {
    let json = try? JSONValue(parsing: body)
    // Some servers wrap the object in a list.
    let object = json?.arrayValue?.first ?? json
    self.init(object?["error"] ?? object ?? .string(String(decoding: body, as: UTF8.self)), hiding: secret)
  }

  /// The status that the error object stands for where it came inside a reply of status 200.
  var status: Int { ownStatus ?? Self.statuses[type] ?? 500 }

  /// The statuses of Anthropic's error types; docs.claude.com/en/api/errors.
  private static let statuses = [
    "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500, "timeout_error": 504,
    "overloaded_error": 529,
  ]

  /// The codes of the error that are harmless to show.
  var detail: String {
    [code, type].filter(isHarmless).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: ", ")
  }

  /// The class of failure for a status.
  func kind(status: Int, retryAfter: Duration? = nil) -> ModelFailure.Kind {
    if saysTooLong { return .contextTooLong }
    if ["content_filter", "content_policy_violation"].contains(code) { return .refused }
    if code == "invalid_api_key" || type == "authentication_error" { return .unauthorized }
    if [code, type].contains(where: { $0.contains("rate_limit") }) || code == "insufficient_quota" {
      return .rateLimited(retryAfter: retryAfter)
    }
    return switch status {
    case 401, 402, 403: .unauthorized
    case 404: .notFound
    case 408: .timedOut(.total)
    case 429: .rateLimited(retryAfter: retryAfter)
    case 500...: .serverError(status: status, retryAfter: retryAfter)
    default: .badRequest
    }
  }

  private var saysTooLong: Bool {
    code == "context_length_exceeded" || ["exceed_context_size_error", "request_too_large"].contains(type)
      || ["context length", "context size", "context window", "maximum context", "prompt is too long"]
        .contains(where: message.contains)
  }

  private func isHarmless(_ word: String) -> Bool {
    guard !word.isEmpty, word.utf8.count <= 64 else { return false }
    if let key = secret?.reveal(), !key.isEmpty, word.contains(key) { return false }
    return word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == ".") }
  }
}
