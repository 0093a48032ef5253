/// Why a model gave no complete reply.
///
/// It never holds a key, and its description never holds words of the prompt or of the reply.
public struct ModelFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The classes of failure, by what a caller can do about them.
  public enum Kind: Hashable, Sendable {
    /// Too many requests; wait at least so long, when the provider said.
    case rateLimited(retryAfter: Duration?)
    /// The key is missing, wrong or not allowed to do this.
    case unauthorized
    /// The prompt and the wanted output do not fit the model.
    case contextTooLong
    /// The provider or the model declined for reasons of content.
    case refused
    /// The provider did not accept the request.
    case badRequest
    /// The provider has no such model or path.
    case notFound
    /// The provider failed with this HTTP status; wait at least so long, when it said.
    case serverError(status: Int, retryAfter: Duration? = nil)
    /// The provider could not be reached or hung up before its reply began.
    case connection(ConnectionFault)
    /// A time limit passed before the first piece of the reply, or in all.
    case timedOut(TimeLimit)
    /// The reply began and broke off; this much text had come.
    case cut(textSoFar: String)
    /// The reply was not in the provider's own format.
    case malformed
    /// The caller stopped it.
    case cancelled
  }

  /// What kept a connection from working.
  public enum ConnectionFault: String, Hashable, Sendable {
    /// Nobody listens there.
    case refused
    /// The host name is not known.
    case unknownHost = "unknown host"
    /// No secure connection could be agreed on.
    case insecure = "no secure connection"
    /// The connection was lost before a reply began.
    case lost
    /// Anything else.
    case other
  }

  /// Which time limit passed.
  public enum TimeLimit: String, Hashable, Sendable {
    /// Reaching the provider.
    case connect
    /// From sending the request to the first piece of the reply.
    case firstToken = "first token"
    /// Between two pieces of the reply.
    case idle
    /// The whole reply.
    case total
  }

  /// The class of failure.
  public var kind: Kind
  /// What was seen, for an operator; without keys, prompts or replies.
  public var detail: String
  /// What the reply had used so far, when the provider said so before it failed.
  public var usage: ModelUsage

  /// Makes a failure.
  public init(_ kind: Kind, detail: String = "", usage: ModelUsage = .unknown) {
    self.kind = kind
    self.detail = detail
    self.usage = usage
  }

  /// Whether the provider certainly did no work for the request, so that nothing was used.
  public var isUnused: Bool {
    switch kind {
    case .rateLimited, .unauthorized, .contextTooLong, .badRequest, .notFound, .serverError: true
    case .connection(let fault): fault != .lost && fault != .other
    case .timedOut(let limit): limit == .connect
    case .refused, .cut, .malformed, .cancelled: false
    }
  }

  /// What happened, and the detail where there is one.
  public var description: String { detail.isEmpty ? summary : "\(summary) (\(detail))" }

  private var summary: String {
    switch kind {
    case .rateLimited(let pause?): "The model's provider asks to wait \(pause) before the next request."
    case .rateLimited(nil): "The model's provider asks for fewer requests."
    case .unauthorized: "The model's provider did not accept the key; check the configured variable."
    case .contextTooLong: "The prompt is too long for the model; shorten it or choose a model with a larger context."
    case .refused: "The model declined to answer."
    case .badRequest: "The model's provider did not accept the request."
    case .notFound: "The model's provider has no such model or path; check the configured model and base URL."
    case .serverError(let status, retryAfter: _): "The model's provider failed with status \(status)."
    case .connection(let fault): "The model's provider could not be reached: \(fault.rawValue)."
    case .timedOut(let limit): "The model took too long: \(limit.rawValue) limit."
    case .cut: "The model's reply broke off."
    case .malformed: "The model's reply was not in the expected format."
    case .cancelled: "The model call was stopped."
    }
  }
}
