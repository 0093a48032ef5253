public import CoachVocabulary

/// What one letter of SMART says about a goal.
public struct SMARTCheck: Hashable, Sendable, Codable {
  /// The letters.
  public enum Letter: String, Hashable, Sendable, Codable, CaseIterable {
    /// One metric, one direction, one target, one owner.
    case specific = "S"
    /// The metric is recorded, lately and long enough.
    case measurable = "M"
    /// Some simulated futures reach it, not all.
    case achievable = "A"
    /// It changes what matters, and contradicts nothing.
    case relevant = "R"
    /// A deadline ahead, with milestones.
    case timeBound = "T"
  }

  /// How a check ended.
  public enum Result: String, Hashable, Sendable, Codable {
    /// Nothing to add.
    case passed
    /// It may stand, but somebody should know.
    case warned
    /// It has to be changed first.
    case failed
  }

  /// The letter.
  public var letter: Letter
  /// How it ended.
  public var result: Result
  /// What was found, and how to mend it.
  public var message: String

  /// A check.
  public init(_ letter: Letter, _ result: Result, _ message: String) {
    self.letter = letter
    self.result = result
    self.message = message
  }
}

/// Checks a goal against its data, letter by letter.
public struct SMARTReview: Sendable {
  /// Below this probability a target is out of reach.
  public static let leastProbability = 0.05
  /// Above this probability a target asks for nothing.
  public static let mostProbability = 0.95
  /// The furthest deadline, in days.
  public static let mostDays = 1_100

  /// What counts as today.
  public var today: CivilDate
  /// How many buckets of history there are.
  public var historyCount: Int
  /// The last day of the newest bucket.
  public var newestDay: CivilDate
  /// Whether more of the metric is better: 1, less: -1, not known: 0.
  public var goodDirection: Int
  /// The goals that are open.
  public var others: [Goal]
  /// How values are written.
  public var write: @Sendable (Double) -> String

  /// A review.
  public init(
    today: CivilDate,
    historyCount: Int,
    newestDay: CivilDate,
    goodDirection: Int,
    others: [Goal],
    write: @escaping @Sendable (Double) -> String
  ) {
    self.today = today
    self.historyCount = historyCount
    self.newestDay = newestDay
    self.goodDirection = goodDirection
    self.others = others
    self.write = write
  }

  /// One check for each letter, in their order.
  public func checks(of goal: Goal) -> [SMARTCheck] {
    [specific(goal), measurable(goal), achievable(goal), relevant(goal), timeBound(goal)]
  }

  private func specific(_ goal: Goal) -> SMARTCheck {
    guard goal.target.isFinite, goal.baseline.isFinite else {
      return SMARTCheck(.specific, .failed, "There is no target; name one, or let the coach suggest it.")
    }
    let sentence = "\(goal.label) from \(write(goal.baseline)) to \(write(goal.target))"
    guard let owner = goal.owner, !owner.isEmpty else {
      return SMARTCheck(.specific, .warned, "\(sentence); nobody answers for it yet: name an owner.")
    }
    return SMARTCheck(.specific, .passed, "\(sentence); \(owner) answers for it.")
  }

  private func measurable(_ goal: Goal) -> SMARTCheck {
    guard historyCount >= 4 else {
      return SMARTCheck(
        .measurable,
        .failed,
        "\(goal.label) has been recorded for \(historyCount) \(goal.grain)s only; four are the least to say anything."
      )
    }
    let age = today.dayNumber - newestDay.dayNumber
    if age > 62 {
      return SMARTCheck(.measurable, .warned, "The newest value of \(goal.label) is \(age) days old; check the load.")
    }
    return SMARTCheck(.measurable, .passed, "\(goal.label) is recorded, \(historyCount) \(goal.grain)s of it so far.")
  }

  private func achievable(_ goal: Goal) -> SMARTCheck {
    let chance = Self.percent(goal.likelihood.probability)
    if goal.likelihood.probability < Self.leastProbability {
      return SMARTCheck(
        .achievable,
        .failed,
        "Only \(chance) of simulated futures reach it; \(write(goal.likelihood.stretch)) would be reached by 30 %."
      )
    }
    if goal.likelihood.probability > Self.mostProbability {
      return SMARTCheck(
        .achievable,
        .warned,
        "\(chance) of simulated futures reach it with nothing done; \(write(goal.likelihood.even)) would be even odds."
      )
    }
    return SMARTCheck(.achievable, .passed, "\(chance) of simulated futures reach it by the deadline.")
  }

  private func relevant(_ goal: Goal) -> SMARTCheck {
    if let conflict = others.lazy.compactMap({ goal.conflict(with: $0) }).first {
      return SMARTCheck(.relevant, .failed, conflict)
    }
    let wanted = goal.direction == .atLeast ? 1 : -1
    if goodDirection != 0, wanted != goodDirection {
      let good = goodDirection > 0 ? "more" : "less"
      return SMARTCheck(.relevant, .warned, "Of \(goal.label), \(good) is better; this goal asks for the opposite.")
    }
    let gain = goal.direction == .atLeast ? goal.target > goal.baseline : goal.target < goal.baseline
    guard gain else {
      return SMARTCheck(.relevant, .warned, "The target is no better than the baseline of \(write(goal.baseline)).")
    }
    return SMARTCheck(
      .relevant,
      .passed,
      "It improves \(goal.label) beyond \(write(goal.baseline)), and no other goal contradicts it."
    )
  }

  private func timeBound(_ goal: Goal) -> SMARTCheck {
    guard goal.deadline > today else {
      return SMARTCheck(.timeBound, .failed, "The deadline \(goal.deadline) is not ahead; today is \(today).")
    }
    guard goal.deadline.dayNumber - today.dayNumber <= Self.mostDays else {
      return SMARTCheck(
        .timeBound,
        .failed,
        "The deadline \(goal.deadline) is more than three years ahead; set a nearer one."
      )
    }
    guard !goal.milestones.isEmpty else {
      return SMARTCheck(.timeBound, .warned, "Due on \(goal.deadline), without milestones on the way.")
    }
    let count = goal.milestones.count
    return SMARTCheck(
      .timeBound,
      .passed,
      "Due on \(goal.deadline), with \(count) milestone\(count == 1 ? "" : "s") on the way."
    )
  }

  static func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
}
