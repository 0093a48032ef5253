public import CoachVocabulary

/// How a goal stands on one day.
public struct CheckIn: Hashable, Sendable, Codable {
  /// How it stands.
  public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
    /// The days have not begun.
    case notStarted = "not_started"
    /// As fast as it must be.
    case onTrack = "on_track"
    /// Slower than it must be, or less likely than not.
    case atRisk = "at_risk"
    /// Hardly any future reaches it.
    case offTrack = "off_track"
    /// The target is met.
    case reached
    /// The deadline has passed and the target is not met.
    case missed
  }

  /// The goal.
  public var goal: GoalID
  /// The day.
  public var day: CivilDate
  /// The measure so far, in the metric's unit; nil before the first value.
  public var value: Double?
  /// The share of the way that is behind, 0 at the baseline (or at nothing, for a sum) and 1 at the target.
  public var progress: Double
  /// The share of the way that should be behind by now.
  public var pace: Double
  /// The share of simulated futures that reach the target, given what is in; nil without enough history.
  public var probability: Double?
  /// How it stands.
  public var status: Status
  /// What the person thinks of it, 0...1; kept apart from what the data says.
  public var confidence: Double?
  /// What the person says about it.
  public var note: String?
  /// A drafted text.
  public var draft: String
  /// Why it is at risk, and guards that do not hold.
  public var warnings: [String]

  /// A check-in.
  public init(
    goal: GoalID,
    day: CivilDate,
    value: Double?,
    progress: Double,
    pace: Double,
    probability: Double?,
    status: Status,
    confidence: Double? = nil,
    note: String? = nil,
    draft: String = "",
    warnings: [String] = []
  ) {
    self.goal = goal
    self.day = day
    self.value = value
    self.progress = progress
    self.pace = pace
    self.probability = probability
    self.status = status
    self.confidence = confidence
    self.note = note
    self.draft = draft
    self.warnings = warnings
  }
}

/// The rules by which a goal's progress becomes a status.
public struct GoalProgress: Sendable {
  /// Below this probability a goal is off its track.
  public static let offTrack = 0.15
  /// Below this probability a goal is at risk.
  public static let atRisk = 0.4
  /// A goal this far behind its pace is at risk.
  public static let leastPace = 0.85

  /// The goal.
  public var goal: Goal
  /// What counts as today.
  public var today: CivilDate
  /// The measure so far; nil before the first value.
  public var value: Double?
  /// The share of a usual course that lies behind by now, 0...1; nil takes the days.
  public var usualShare: Double?
  /// The share of simulated futures that reach the target; nil when it is not known.
  public var probability: Double?

  /// What is known about a goal today.
  public init(goal: Goal, today: CivilDate, value: Double?, usualShare: Double?, probability: Double?) {
    self.goal = goal
    self.today = today
    self.value = value
    self.usualShare = usualShare
    self.probability = probability
  }

  /// The share of the way that is behind.
  public var progress: Double {
    guard let value else { return 0 }
    if goal.measure == .sum { return goal.target == 0 ? 0 : max(0, value / goal.target) }
    let way = goal.target - goal.baseline
    return way == 0 ? (goal.isMet(by: value) ? 1 : 0) : (value - goal.baseline) / way
  }

  /// The share of the way that should be behind.
  public var pace: Double {
    let days = Double(max(1, goal.deadline.dayNumber - goal.start.dayNumber + 1))
    let gone = min(max(Double(today.dayNumber - goal.start.dayNumber + 1) / days, 0), 1)
    return min(max(usualShare ?? gone, 0), 1)
  }

  /// How it stands.
  public var status: CheckIn.Status {
    let isOver = today > goal.deadline
    guard let value else { return isOver ? .missed : .notStarted }
    // A sum that must stay below is only kept when all of it is in.
    let isFinal = goal.measure == .end || goal.direction == .atMost
    if goal.isMet(by: value), isOver || !isFinal { return .reached }
    if isOver { return .missed }
    if today < goal.start { return .notStarted }
    if let probability {
      if probability < Self.offTrack { return .offTrack }
      if probability < Self.atRisk { return .atRisk }
      return probability < 0.6 && isBehind ? .atRisk : .onTrack
    }
    return isBehind ? .atRisk : .onTrack
  }

  /// Whether it is slower than it must be.
  private var isBehind: Bool {
    goal.measure == .sum && goal.direction == .atMost
      ? progress > pace / Self.leastPace : progress < pace * Self.leastPace
  }

  /// What is wrong, in words.
  public var warnings: [String] {
    var warnings: [String] = []
    if today <= goal.deadline, value != nil, isBehind {
      warnings.append(
        "\(SMARTReview.percent(progress)) of the way is behind, \(SMARTReview.percent(pace)) of it should be."
      )
    }
    if let probability, probability < Self.atRisk, today <= goal.deadline {
      warnings.append("Only \(SMARTReview.percent(probability)) of simulated futures still reach it.")
    }
    return warnings
  }
}
