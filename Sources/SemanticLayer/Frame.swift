public import CoachVocabulary

/// A question in the words of the semantic model; the currency of the product.
///
/// The parser and models write frames, follow-ups edit them, the compiler turns them into SQL.
public struct Frame: Hashable, Sendable, Codable {
  /// What is measured, in the order of asking; at least one for a question that can be compiled.
  public var metrics: [String] = []
  /// What it is broken down by.
  public var dimensions: [String] = []
  /// Which values are kept or left out; all must hold.
  public var filters: [FrameFilter] = []
  /// Named filters that must hold.
  public var namedFilters: [String] = []
  /// When; nil for all of the data.
  public var time: TimeSelection?
  /// The bucket of a series over time.
  public var grain: TimeGrain?
  /// How rows are ordered; nil for the natural order.
  public var order: FrameOrder?
  /// How many rows at most; nil for all.
  public var limit: Int?
  /// Whether `limit` counts within each group of all but the last dimension: "top 3 models per region".
  public var limitsPerGroup: Bool = false
  /// What the period is compared with.
  public var comparison: FrameComparison?
  /// Conditions on the measured values of a group.
  public var conditions: [MetricCondition] = []
  /// Conditions on single rows before anything is added up, such as "claims over $5,000".
  ///
  /// Their metric names the value of a row.
  public var rowConditions: [MetricCondition] = []
  /// Whether each row also shows its part of the whole.
  public var share: Bool = false
  /// The values whose part of the whole is asked for, in percent within each group: "share of online sales by region".
  public var portion: [FrameFilter] = []
  /// Averages the metric over units of this kind instead of adding it up.
  public var average: AverageUnit?
  /// Adds up along a series; needs a grain.
  public var window: SeriesWindow?
  /// How many rows of a ranking are skipped: 1 for "the second best".
  public var offset: Int?
  /// Whether the groups are counted instead of listed: "how many dealers sold more than 50".
  public var countsGroups: Bool = false
  /// Whether the values of the one dimension without any row are listed: "dealers without claims".
  public var isAbsent: Bool = false
  /// What a yes-or-no question holds the number against; the number itself is the answer.
  public var test: MetricCondition?

  /// An empty frame.
  public init() {}
}

/// A sum or mean that moves along a series.
public enum SeriesWindow: Hashable, Sendable, Codable {
  /// Everything from the start of the period.
  case running
  /// The sum of so many buckets up to each one.
  case rollingSum(Int)
  /// The mean of so many buckets up to each one.
  case rollingAverage(Int)

  /// How many buckets it looks back besides the current one; 0 for a running total, which starts with the period.
  public var reach: Int {
    switch self {
    case .running: 0
    case .rollingSum(let count), .rollingAverage(let count): count - 1
    }
  }
}

/// Keeps or leaves out values of a dimension.
public struct FrameFilter: Hashable, Sendable, Codable {
  /// The dimension.
  public var dimension: String
  /// The values as stored.
  public var values: [String]
  /// Whether the values are left out instead of kept.
  public var excludes: Bool

  /// Makes a filter.
  public init(dimension: String, values: [String], excludes: Bool = false) {
    self.dimension = dimension
    self.values = values
    self.excludes = excludes
  }
}

/// A period with the words it came from.
public struct TimeSelection: Hashable, Sendable, Codable {
  /// The days.
  public var range: DateRange
  /// The calendar unit the period is made of, when it is.
  public var unit: TimeGrain?
  /// How many of those units.
  public var count: Int
  /// Whether the period still runs on the as-of day ("this month", "year to date").
  public var isRunning: Bool

  /// Makes a selection.
  public init(_ range: DateRange, unit: TimeGrain? = nil, count: Int = 1, isRunning: Bool = false) {
    self.range = range
    self.unit = unit
    self.count = count
    self.isRunning = isRunning
  }
}

/// A bucket of time.
public enum TimeGrain: String, Hashable, Sendable, Codable, CaseIterable {
  /// A day.
  case day
  /// A week, from the calendar's first day of the week.
  case week
  /// A calendar month.
  case month
  /// A calendar quarter.
  case quarter
  /// A calendar year.
  case year
  /// A quarter of the fiscal year.
  case fiscalQuarter = "fiscal_quarter"
  /// A fiscal year, named by the calendar year in which it ends.
  case fiscalYear = "fiscal_year"
}

/// How rows are ordered.
public struct FrameOrder: Hashable, Sendable, Codable {
  /// What decides the order.
  public enum Key: Hashable, Sendable, Codable {
    /// The value of a metric.
    case metric(String)
    /// The change against the comparison, absolute.
    case change(String)
    /// The change against the comparison, in percent.
    case changePercent(String)
    /// The time bucket.
    case time
  }

  /// What decides.
  public var key: Key
  /// Largest or latest first.
  public var descending: Bool

  /// Makes an order.
  public init(by key: Key, descending: Bool) {
    self.key = key
    self.descending = descending
  }
}

/// What a period is compared with.
public struct FrameComparison: Hashable, Sendable, Codable {
  /// How the other period was chosen.
  public enum Kind: String, Hashable, Sendable, Codable {
    /// The period of the same length just before.
    case previousPeriod = "previous_period"
    /// The same days one year earlier.
    case samePeriodLastYear = "same_period_last_year"
    /// Each bucket of a series with the one before it: "monthly growth".
    case previousBucket = "previous_bucket"
    /// A period that the question named.
    case named
  }

  /// How it was chosen.
  public var kind: Kind
  /// The days of the other period.
  public var range: DateRange
  /// By how many months the other period lies earlier, when it is whole months; 0 otherwise.
  public var shiftMonths: Int
  /// By how many days the other period lies earlier, when it is not whole months; 0 otherwise.
  public var shiftDays: Int

  /// Makes a comparison.
  public init(kind: Kind, range: DateRange, shiftMonths: Int = 0, shiftDays: Int = 0) {
    self.kind = kind
    self.range = range
    self.shiftMonths = shiftMonths
    self.shiftDays = shiftDays
  }
}

/// A condition on the measured value of a row.
public struct MetricCondition: Hashable, Sendable, Codable {
  /// How value and threshold compare.
  public enum Relation: String, Hashable, Sendable, Codable {
    /// Greater.
    case above = ">"
    /// Greater or equal.
    case atLeast = ">="
    /// Less.
    case below = "<"
    /// Less or equal.
    case atMost = "<="
    /// Equal.
    case equal = "="
  }

  /// The metric.
  public var metric: String
  /// How it compares.
  public var relation: Relation
  /// The threshold in the metric's unit.
  public var value: Double

  /// Makes a condition.
  public init(metric: String, relation: Relation, value: Double) {
    self.metric = metric
    self.relation = relation
    self.value = value
  }
}

/// What an average is taken over.
public enum AverageUnit: Hashable, Sendable, Codable {
  /// Buckets of time: "average monthly revenue".
  case grain(TimeGrain)
  /// Values of a dimension: "average revenue per dealer".
  case dimension(String)
}

extension Frame {
  /// The virtual metric that counts the different values of a dimension.
  public static func distinctCount(of dimension: String) -> String { MetricTerm.distinct(dimension: dimension).name }

  /// A text that is equal for frames that mean the same: filters and their values sorted.
  public var canonicalKey: String {
    var copy = self
    copy.filters = Self.sorted(copy.filters)
    copy.portion = Self.sorted(copy.portion)
    copy.namedFilters.sort()
    return (try? JSONValue(encoding: copy).text) ?? ""
  }

  private static func sorted(_ filters: [FrameFilter]) -> [FrameFilter] {
    var copy = filters
    for index in copy.indices { copy[index].values.sort() }
    return copy.sorted { ($0.dimension, $0.excludes ? 1 : 0) < ($1.dimension, $1.excludes ? 1 : 0) }
  }
}

extension Frame {
  /// Reads a frame; parts that it does not name are as in an empty one, so that frames of earlier versions can be read.
  ///
  /// - Throws: `DecodingError` when a part has another shape.
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    metrics = try members.decodeIfPresent([String].self, forKey: .metrics) ?? []
    dimensions = try members.decodeIfPresent([String].self, forKey: .dimensions) ?? []
    filters = try members.decodeIfPresent([FrameFilter].self, forKey: .filters) ?? []
    namedFilters = try members.decodeIfPresent([String].self, forKey: .namedFilters) ?? []
    time = try members.decodeIfPresent(TimeSelection.self, forKey: .time)
    grain = try members.decodeIfPresent(TimeGrain.self, forKey: .grain)
    order = try members.decodeIfPresent(FrameOrder.self, forKey: .order)
    limit = try members.decodeIfPresent(Int.self, forKey: .limit)
    limitsPerGroup = try members.decodeIfPresent(Bool.self, forKey: .limitsPerGroup) ?? false
    comparison = try members.decodeIfPresent(FrameComparison.self, forKey: .comparison)
    conditions = try members.decodeIfPresent([MetricCondition].self, forKey: .conditions) ?? []
    rowConditions = try members.decodeIfPresent([MetricCondition].self, forKey: .rowConditions) ?? []
    share = try members.decodeIfPresent(Bool.self, forKey: .share) ?? false
    portion = try members.decodeIfPresent([FrameFilter].self, forKey: .portion) ?? []
    average = try members.decodeIfPresent(AverageUnit.self, forKey: .average)
    window = try members.decodeIfPresent(SeriesWindow.self, forKey: .window)
    offset = try members.decodeIfPresent(Int.self, forKey: .offset)
    countsGroups = try members.decodeIfPresent(Bool.self, forKey: .countsGroups) ?? false
    isAbsent = try members.decodeIfPresent(Bool.self, forKey: .isAbsent) ?? false
    test = try members.decodeIfPresent(MetricCondition.self, forKey: .test)
  }
}
