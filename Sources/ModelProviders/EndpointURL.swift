/// The address of a `chat/completions` endpoint, made from the base URL that people write in many ways.
///
/// `http://host:8080`, `http://host:8080/` and `http://host:8080/v1` mean the same; a path that names a version
/// (`/v1`, `/v1beta/openai`) is kept, any other gets `/v1`; a complete `…/chat/completions` is taken as it is.
public struct ChatURL: Hashable, Sendable, CustomStringConvertible {
  /// The absolute URL to post to.
  public let text: String

  /// Resolves a base URL; nil when it is not `http` or `https`, has no host, or holds credentials, a query or a
  /// fragment.
  public init?(base: String) {
    guard let base = BaseURL(base) else { return nil }
    text = base.url(ending: ["chat", "completions"])
  }

  /// The address of a deployment at Azure OpenAI; nil when the base URL cannot be right.
  public init?(base: String, azure deployment: AzureDeployment) {
    guard let base = BaseURL(base), let url = deployment.url(at: base, ending: ["chat", "completions"]) else {
      return nil
    }
    text = url
  }

  /// The URL.
  public var description: String { text }
}

/// The address of an `embeddings` endpoint; the base URL is read as ``ChatURL`` reads it.
public struct EmbeddingsURL: Hashable, Sendable, CustomStringConvertible {
  /// The absolute URL to post to.
  public let text: String

  /// Resolves a base URL; nil when it cannot be right.
  public init?(base: String) {
    guard let base = BaseURL(base) else { return nil }
    text = base.url(ending: ["embeddings"])
  }

  /// The address of a deployment at Azure OpenAI; nil when the base URL cannot be right.
  public init?(base: String, azure deployment: AzureDeployment) {
    guard let base = BaseURL(base), let url = deployment.url(at: base, ending: ["embeddings"]) else { return nil }
    text = url
  }

  /// The URL.
  public var description: String { text }
}

/// The address of a `messages` endpoint of Anthropic's API; the base URL is read as ``ChatURL`` reads it.
public struct MessagesURL: Hashable, Sendable, CustomStringConvertible {
  /// The absolute URL to post to.
  public let text: String

  /// Resolves a base URL; nil when it cannot be right.
  public init?(base: String) {
    guard let base = BaseURL(base) else { return nil }
    text = base.url(ending: ["messages"])
  }

  /// The URL.
  public var description: String { text }
}

/// A model as Azure OpenAI deploys it: the deployment is part of the path, the version of the API a query item.
///
/// Source: learn.microsoft.com/azure/ai-services/openai/reference,
/// `POST {endpoint}/openai/deployments/{deployment-id}/chat/completions?api-version=…`.
public struct AzureDeployment: Hashable, Sendable {
  /// The deployment's name.
  public var name: String
  /// The version of the API, for instance `2024-10-21`.
  public var apiVersion: String

  /// Makes a deployment.
  public init(name: String, apiVersion: String) {
    self.name = name
    self.apiVersion = apiVersion
  }

  /// The address below a resource's endpoint, with or without `/openai`.
  fileprivate func url(at base: BaseURL, ending: [String]) -> String? {
    guard Self.isPlain(name), Self.isPlain(apiVersion) else { return nil }
    var parts = base.parts
    if parts.last == "openai" { parts.removeLast() }
    parts += ["openai", "deployments", name] + ending
    return base.origin + parts.map { "/\($0)" }.joined() + "?api-version=\(apiVersion)"
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }
}

/// A base URL, taken apart.
private struct BaseURL {
  /// Scheme, host and port.
  let origin: String
  /// What stands between slashes after the host.
  let parts: [String]

  init?(_ text: String) {
    let trimmed = text.drop(while: \.isWhitespace)
    guard let scheme = ["https://", "http://"].first(where: { trimmed.lowercased().hasPrefix($0) }) else { return nil }
    let rest = trimmed.dropFirst(scheme.count)
    guard !rest.contains(where: { $0.isWhitespace || $0 == "@" || $0 == "?" || $0 == "#" }) else { return nil }
    let split = rest.split(separator: "/").map(String.init)
    guard let host = split.first, rest.first != "/", host.first != ":" else { return nil }
    origin = scheme + host
    parts = Array(split.dropFirst())
  }

  func url(ending: [String]) -> String {
    var path = parts
    if path.suffix(ending.count) != ending[...] {
      if !path.contains(where: Self.isVersion) { path.append("v1") }
      path += ending
    }
    return origin + path.map { "/\($0)" }.joined()
  }

  /// `v1`, `v1beta`, `v2`.
  private static func isVersion(_ part: String) -> Bool {
    part.first == "v" && part.dropFirst().first.map { $0.isASCII && $0.isNumber } ?? false
  }
}
