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
  /// How the counts of each class are known; a class that is not known counts 0.
  public var sources: TokenClasses<Source>

  /// How the counts are known that make the bill, prompt and output: the worse of the two.
  public var source: Source {
    if sources.input == .reported, sources.output == .reported { return .reported }
    return sources.input == .unknown && sources.output == .unknown ? .unknown : .estimated
  }

  /// Makes a usage.
  public init(tokens: TokenCounts, sources: TokenClasses<Source>) {
    self.tokens = tokens
    self.sources = sources
  }

  /// Makes a usage whose classes are known in one way; an estimate knows nothing of caches and reasoning.
  public init(tokens: TokenCounts, source: Source) {
    let rest = source == .estimated ? .unknown : source
    self.init(
      tokens: tokens,
      sources: TokenClasses(input: source, cachedInput: rest, cacheWrite: rest, output: source, reasoning: rest)
    )
  }

  /// A usage nobody knows.
  public static let unknown = ModelUsage(tokens: .zero, source: .unknown)
}
