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
    let trimmed = base.drop(while: \.isWhitespace)
    guard let scheme = ["https://", "http://"].first(where: { trimmed.lowercased().hasPrefix($0) }) else { return nil }
    let rest = trimmed.dropFirst(scheme.count)
    guard !rest.contains(where: { $0.isWhitespace || $0 == "@" || $0 == "?" || $0 == "#" }) else { return nil }
    var parts = rest.split(separator: "/")
    guard let host = parts.first, rest.first != "/", host.first != ":" else { return nil }
    parts.removeFirst()
    if parts.suffix(2) != ["chat", "completions"] {
      if !parts.contains(where: Self.isVersion) { parts.append("v1") }
      parts += ["chat", "completions"]
    }
    text = scheme + ([host] + parts).joined(separator: "/")
  }

  /// The URL.
  public var description: String { text }

  /// `v1`, `v1beta`, `v2`.
  private static func isVersion(_ part: Substring) -> Bool {
    part.first == "v" && part.dropFirst().first.map { $0.isASCII && $0.isNumber } ?? false
  }
}
