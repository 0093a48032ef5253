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

/// What is made of the fates of earlier answers.
public struct LearningPolicy: Hashable, Sendable {
  /// Whether they count at all.
  public var isOn: Bool
  /// The success that is expected of a model before it is asked, 0…1.
  public var target: Double
  /// After this time a fate counts half.
  public var halfLife: Duration

  /// Makes a policy.
  public init(isOn: Bool = true, target: Double = 0.8, halfLife: Duration = .seconds(14 * 86_400)) {
    self.isOn = isOn
    self.target = target
    self.halfLife = halfLife
  }
}

/// How questions are sent to tiers and what happens when an endpoint fails.
public struct RoutingPolicy: Hashable, Sendable {
  /// The share of calls that the score sends to the local tier, 0…1.
  public var localShare: Double
  /// The share of calls that count as moderate, 0…1; they lie around the cut between the tiers.
  public var moderateShare: Double
  /// What happens to them.
  public var moderate: ModeratePolicy
  /// The share of conversations whose moderate questions go to the cloud tier, 0…1; for ``ModeratePolicy/split``.
  public var moderateCloudShare: Double
  /// What happens when a model declines to answer.
  public var refusal: RefusalPolicy
  /// What happens when a reply in words breaks off.
  public var brokenReply: BrokenReplyPolicy
  /// What is made of the fates of earlier answers.
  public var learning: LearningPolicy
  /// How long a provider is taken to remember a conversation, which then prefers it; zero never.
  public var warmCacheTime: Duration
  /// The longest wait before a retry at the same endpoint; a provider that asks for more is left for the next one.
  public var longestRetryPause: Duration
  /// How many failures in a row close an endpoint for a while.
  public var breakerFailures: Int
  /// How long it stays closed the first time; each failed probe doubles it, up to ``breakerLongestPause``.
  public var breakerPause: Duration
  /// The longest time an endpoint stays closed without a probe.
  public var breakerLongestPause: Duration

  /// How far, as a share of traffic, a warm conversation may be from a cut and still stay where it was.
  static let warmMargin = 0.02

  /// Makes a policy.
  public init(
    localShare: Double = 0.7,
    moderateShare: Double = 0.2,
    moderate: ModeratePolicy = .local,
    moderateCloudShare: Double = 0.5,
    refusal: RefusalPolicy = .stop,
    brokenReply: BrokenReplyPolicy = .restart,
    learning: LearningPolicy = LearningPolicy(),
    warmCacheTime: Duration = .seconds(300),
    longestRetryPause: Duration = .seconds(2),
    breakerFailures: Int = 3,
    breakerPause: Duration = .seconds(5),
    breakerLongestPause: Duration = .seconds(60)
  ) {
    self.localShare = localShare
    self.moderateShare = moderateShare
    self.moderate = moderate
    self.moderateCloudShare = moderateCloudShare
    self.refusal = refusal
    self.brokenReply = brokenReply
    self.learning = learning
    self.warmCacheTime = warmCacheTime
    self.longestRetryPause = longestRetryPause
    self.breakerFailures = breakerFailures
    self.breakerPause = breakerPause
    self.breakerLongestPause = breakerLongestPause
  }

  /// The class of a place among recent traffic.
  ///
  /// The cuts are such that the simple, and of the moderate those that ``moderate`` keeps, are ``localShare`` of all.
  func level(at standing: TrafficWindow.Standing, warmTier isCloud: Bool? = nil) -> ComplexityLevel {
    let share =
      switch moderate {
      case .local: 0.0
      case .cloud: 1.0
      case .split: moderateCloudShare
      }
    // Where all or nothing should be local, there is nothing between.
    let width = min(moderateShare, share < 1 ? localShare / (1 - share) : 1, share > 0 ? (1 - localShare) / share : 1)
    let warmth = isCloud.map { $0 ? -Self.warmMargin : Self.warmMargin } ?? 0
    let isFixed = localShare <= 0 || localShare >= 1
    let simpleBelow = localShare - width * (1 - share) + (isFixed ? 0 : standing.shift + warmth)
    if standing.position < simpleBelow { return .simple }
    return standing.position < simpleBelow + width ? .moderate : .complex
  }
}
