import CoachVocabulary

/// The header in which a provider wants the key.
public enum APIKeyHeader: Hashable, Sendable {
  /// `Authorization: Bearer …`, as OpenAI and most others want it.
  case authorization
  /// The key alone in a header of this name: `api-key` at Azure, `x-api-key` at Anthropic.
  case named(String)

  /// The header's name and value.
  func field(_ key: Secret) -> (String, String) {
    switch self {
    case .authorization: ("Authorization", "Bearer \(key.reveal())")
    case .named(let name): (name, key.reveal())
    }
  }
}
