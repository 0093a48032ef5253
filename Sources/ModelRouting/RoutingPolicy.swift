/// What to do with questions that are neither simple nor complex.
public enum ModeratePolicy: String, Hashable, Sendable, CaseIterable {
  /// They go to the local tier.
  case local
  /// They go to the cloud tier.
  case cloud
  /// A fixed share of the conversations goes to the cloud tier; a conversation always goes the same way.
  case split
}

/// How questions are sent to tiers and what happens when an endpoint fails.
public struct RoutingPolicy: Hashable, Sendable {
  /// Scores below this are simple and go to the local tier.
  public var simpleBelow: Double
  /// Scores from here on are complex and go to the cloud tier.
  public var complexFrom: Double
  /// What happens in between.
  public var moderate: ModeratePolicy
  /// The share of conversations whose moderate questions go to the cloud tier, 0…1; for ``ModeratePolicy/split``.
  public var moderateCloudShare: Double
  /// The longest wait before a retry at the same endpoint; a provider that asks for more is left for the next one.
  public var longestRetryPause: Duration
  /// How many failures in a row close an endpoint for a while.
  public var breakerFailures: Int
  /// How long it stays closed the first time; each failed probe doubles it, up to ``breakerLongestPause``.
  public var breakerPause: Duration
  /// The longest time an endpoint stays closed without a probe.
  public var breakerLongestPause: Duration

  /// Makes a policy.
  public init(
    simpleBelow: Double = 0.13,
    complexFrom: Double = 0.3,
    moderate: ModeratePolicy = .split,
    moderateCloudShare: Double = 0.5,
    longestRetryPause: Duration = .seconds(2),
    breakerFailures: Int = 3,
    breakerPause: Duration = .seconds(5),
    breakerLongestPause: Duration = .seconds(60)
  ) {
    self.simpleBelow = simpleBelow
    self.complexFrom = complexFrom
    self.moderate = moderate
    self.moderateCloudShare = moderateCloudShare
    self.longestRetryPause = longestRetryPause
    self.breakerFailures = breakerFailures
    self.breakerPause = breakerPause
    self.breakerLongestPause = breakerLongestPause
  }

  /// The class of a score.
  public func level(of score: Double) -> ComplexityLevel {
    score < simpleBelow ? .simple : score < complexFrom ? .moderate : .complex
  }
}
