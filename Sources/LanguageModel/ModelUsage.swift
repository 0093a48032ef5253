public import CoachVocabulary

/// The tokens of one reply and how they are known.
public struct ModelUsage: Hashable, Sendable, Codable {
  /// How token counts are known.
  public enum Source: String, Hashable, Sendable, Codable {
    /// The provider said so.
    case reported
    /// Counted from the text by ``TokenEstimator``.
    case estimated
    /// Nobody knows.
    case unknown
  }

  /// The tokens.
  public var tokens: TokenCounts
  /// How they are known.
  public var source: Source

  /// Makes a usage.
  public init(tokens: TokenCounts, source: Source) {
    self.tokens = tokens
    self.source = source
  }

  /// A usage nobody knows.
  public static let unknown = ModelUsage(tokens: .zero, source: .unknown)
}
