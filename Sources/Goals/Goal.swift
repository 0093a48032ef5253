public import CoachVocabulary

/// Marks identifiers of goals.
public enum GoalKind {}
/// One goal.
public typealias GoalID = Identifier<GoalKind>

/// What a company wants of a metric, by when, and how it knows.
public struct Goal: Hashable, Sendable, Codable {
  /// Which number over the goal's time is compared with the target.
  public enum Measure: String, Hashable, Sendable, Codable, CaseIterable {
    /// The value of the last bucket before the deadline.
    case end
    /// The sum from the start to the deadline.
    case sum
  }

  /// From which side the target is met.
  public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
    /// The target or more.
    case atLeast = "at_least"
    /// The target or less.
    case atMost = "at_most"
  }

  /// Where a goal is in its life.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    /// Proposed, and waiting for somebody's approval.
    case proposed
    /// Being worked on.
    case active
    /// Closed, and reached.
    case achieved
    /// Closed, and not reached.
    case missed
    /// Closed before its time.
    case cancelled
    /// Closed, another goal has taken its place.
    case replaced

    /// Whether nothing more happens to it.
    public var isClosed: Bool { self != .proposed && self != .active }
  }

  /// Its identifier.
  public var id: GoalID
  /// The domain of its metric.
  public var domain: String
  /// One line.
  public var title: String
  /// The metric.
  public var metric: String
  /// What people call the metric.
  public var label: String
  /// The metric's unit.
  public var unit: String?
  /// How values are written: `currency`, `number` or `percent`.
  public var format: String
  /// What the metric is filtered by, as the coach keeps it.
  public var frame: JSONValue
  /// The length of a bucket: `day`, `week` or `month`.
  public var grain: String
  /// Which number is compared.
  public var measure: Measure
  /// From which side.
  public var direction: Direction
  /// What the number was over a comparable time, in the metric's unit.
  public var baseline: Double
  /// The days of the baseline.
  public var baselinePeriod: DateRange
  /// What is wanted, in the metric's unit.
  public var target: Double
  /// The first day.
  public var start: CivilDate
  /// The last day.
  public var deadline: CivilDate
  /// Who answers for it.
  public var owner: String?
  /// What should be reached on the way.
  public var milestones: [Milestone]
  /// Metrics that tell early whether it will be reached.
  public var indicators: [Indicator]
  /// What could be done.
  public var initiatives: [Initiative]
  /// Metrics that must not suffer.
  public var guards: [Guard]
  /// How likely it is.
  public var likelihood: Likelihood
  /// What was checked when it was set.
  public var review: [SMARTCheck]
  /// Where it is in its life.
  public var state: State
  /// Why it was closed.
  public var closingNote: String?

  /// Something to reach on the way.
  public struct Milestone: Hashable, Sendable, Codable {
    /// By the end of this day.
    public var day: CivilDate
    /// What the measure should be then.
    public var value: Double

    /// A milestone.
    public init(day: CivilDate, value: Double) {
      self.day = day
      self.value = value
    }
  }

  /// A metric that moves before or with the goal's.
  public struct Indicator: Hashable, Sendable, Codable {
    /// The metric.
    public var metric: String
    /// What people call it.
    public var label: String
    /// Why it tells.
    public var reason: String

    /// An indicator.
    public init(metric: String, label: String, reason: String) {
      self.metric = metric
      self.label = label
      self.reason = reason
    }
  }

  /// Something that could be done, tied to what drives the metric.
  public struct Initiative: Hashable, Sendable, Codable {
    /// What to do.
    public var title: String
    /// The segment or metric that it works on.
    public var driver: String
    /// What it would add to the goal's measure, in its unit; nil when the data cannot say.
    public var effect: Double?

    /// An initiative.
    public init(title: String, driver: String, effect: Double?) {
      self.title = title
      self.driver = driver
      self.effect = effect
    }
  }

  /// A metric that must not suffer for the goal.
  public struct Guard: Hashable, Sendable, Codable {
    /// The metric.
    public var metric: String
    /// What people call it.
    public var label: String
    /// From which side it must keep to the limit.
    public var direction: Direction
    /// The limit, in the metric's unit.
    public var limit: Double

    /// A guard.
    public init(metric: String, label: String, direction: Direction, limit: Double) {
      self.metric = metric
      self.label = label
      self.direction = direction
      self.limit = limit
    }
  }

  /// Makes a goal that waits for approval.
  public init(
    id: GoalID,
    domain: String,
    title: String,
    metric: String,
    label: String,
    unit: String?,
    format: String,
    frame: JSONValue,
    grain: String,
    measure: Measure,
    direction: Direction,
    baseline: Double,
    baselinePeriod: DateRange,
    target: Double,
    start: CivilDate,
    deadline: CivilDate,
    owner: String?,
    likelihood: Likelihood
  ) {
    self.id = id
    self.domain = domain
    self.title = title
    self.metric = metric
    self.label = label
    self.unit = unit
    self.format = format
    self.frame = frame
    self.grain = grain
    self.measure = measure
    self.direction = direction
    self.baseline = baseline
    self.baselinePeriod = baselinePeriod
    self.target = target
    self.start = start
    self.deadline = deadline
    self.owner = owner
    self.likelihood = likelihood
    milestones = []
    indicators = []
    initiatives = []
    guards = []
    review = []
    state = .proposed
  }

  private enum CodingKeys: String, CodingKey {
    case id
    case domain
    case title
    case metric
    case label
    case unit
    case format
    case frame
    case grain
    case measure
    case direction
    case baseline
    case baselinePeriod = "baseline_period"
    case target
    case start
    case deadline
    case owner
    case milestones
    case indicators
    case initiatives
    case guards
    case likelihood
    case review
    case state
    case closingNote = "closing_note"
  }

  /// Whether a value meets the target.
  public func isMet(by value: Double) -> Bool { direction == .atLeast ? value >= target : value <= target }

  /// How another open goal stands in the way of this one, in words; nil when it does not.
  ///
  /// Goals contradict each other when their days overlap and one wants more of what the other wants less of; two of the
  /// same direction are one too many.
  public func conflict(with other: Goal) -> String? {
    guard id != other.id, !other.state.isClosed, metric == other.metric, domain == other.domain, frame == other.frame,
      start <= other.deadline, other.start <= deadline
    else { return nil }
    return direction == other.direction
      ? "'\(other.title)' already wants the same of \(label) until \(other.deadline); close it or change it first."
      : "'\(other.title)' wants the opposite of \(label) until \(other.deadline); both cannot be reached."
  }
}
