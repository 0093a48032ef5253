/// What to do with questions that are neither simple nor complex.
public enum ModeratePolicy: String, Hashable, Sendable, CaseIterable {
  /// They go to the local tier.
  case local
  /// They go to the cloud tier.
  case cloud
  /// A fixed share of the conversations goes to the cloud tier; a conversation always goes the same way.
  case split
}

/// What to do when a model declines to answer.
public enum RefusalPolicy: String, Hashable, Sendable, CaseIterable {
  /// The call ends.
  case stop
  /// The next endpoint is asked.
  case next
}

/// What to do when a reply in words breaks off after its beginning was given out.
public enum BrokenReplyPolicy: String, Hashable, Sendable, CaseIterable {
  /// The call ends with the beginning, marked as partial.
  case keep
  /// The next endpoint begins anew, which is announced; the beginning counts when nobody finishes a reply.
  case restart
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
  /// What happens when a model declines to answer.
  public var refusal: RefusalPolicy
  /// What happens when a reply in words breaks off.
  public var brokenReply: BrokenReplyPolicy
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
    refusal: RefusalPolicy = .stop,
    brokenReply: BrokenReplyPolicy = .restart,
    longestRetryPause: Duration = .seconds(2),
    breakerFailures: Int = 3,
    breakerPause: Duration = .seconds(5),
    breakerLongestPause: Duration = .seconds(60)
  ) {
    self.simpleBelow = simpleBelow
    self.complexFrom = complexFrom
    self.moderate = moderate
    self.moderateCloudShare = moderateCloudShare
    self.refusal = refusal
    self.brokenReply = brokenReply
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
