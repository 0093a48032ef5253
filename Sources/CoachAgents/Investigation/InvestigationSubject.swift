import CoachVocabulary
import SemanticLayer

/// What is investigated: a metric with its filters, a period, what it is compared with, and the periods before it.
struct InvestigationSubject {
  /// How the metric is put together from numbers that add up.
  enum Parts: Equatable {
    /// It adds up itself.
    case sum(String)
    /// The sum of one number over the sum of another.
    case ratio(numerator: String, denominator: String, scale: Double)
    /// It does not come from sums; it can be followed over time but not split.
    case whole
  }

  let metric: Metric
  /// The metric with its filters, without period.
  let frame: Frame
  let period: TimeSelection
  let comparison: FrameComparison
  let parts: Parts
  /// A compiler that also knows the numerator and the denominator of the metric.
  let compiler: FrameCompiler
  /// The bucket of the series that tells what is usual.
  let grain: TimeGrain
  /// How many buckets the period has.
  let bucketCount: Int

  /// - Throws: `CompileFailure` when the metric has no dates.
  init(_ asked: Frame, metric: Metric, compiler: FrameCompiler) throws(CompileFailure) {
    self.metric = metric
    let calendar = compiler.calendar
    let time = asked.time ?? TimeSelection(calendar.lastComplete(1, .month), unit: .month)
    period = calendar.upToDate(time)
    let wanted = asked.comparison.flatMap { $0.kind == .previousBucket ? nil : $0 }
    comparison = wanted ?? calendar.comparison(.previousPeriod, for: period)
    var frame = Frame()
    frame.metrics = [metric.name]
    frame.filters = asked.filters
    frame.namedFilters = asked.namedFilters
    self.frame = frame
    (parts, self.compiler) = Self.parts(of: metric, compiler)
    (grain, bucketCount) = Self.buckets(of: period, calendar: calendar)
    var probe = frame
    probe.time = period
    if let failure = compiler.failure(of: probe) { throw failure }
  }

  /// The numbers that the metric is made of, in the order of ``Parts``.
  var partNames: [String] {
    switch parts {
    case .sum(let name): [name]
    case .ratio(let numerator, let denominator, scale: _): [numerator, denominator]
    case .whole: [metric.name]
    }
  }

  var scale: Double { if case .ratio(_, _, let scale) = parts { scale } else { 1 } }

  var isSum: Bool { if case .sum = parts { true } else { false } }

  /// Whether it is a balance, whose values of different days are never added.
  var isBalance: Bool {
    metric.measures.contains { compiler.model.dataset($0.dataset)?.semiAdditive != nil }
  }

  /// The value from the sums of the parts; nil when the denominator is zero.
  func value(_ numerator: Double, _ denominator: Double) -> Double? {
    if isSum { return numerator }
    return denominator == 0 ? nil : scale * numerator / denominator
  }

  /// The frame over some days.
  func frame(over range: DateRange, of metrics: [String]? = nil, by dimensions: [String] = []) -> Frame {
    var frame = frame
    if let metrics { frame.metrics = metrics }
    frame.dimensions = dimensions
    frame.time = TimeSelection(range, unit: nil)
    return frame
  }

  /// The period's frame beside its comparison.
  func compared(of metrics: [String]? = nil, where segment: [SegmentCondition] = []) -> Frame {
    var frame = frame
    if let metrics { frame.metrics = metrics }
    frame.filters += segment.map { FrameFilter(dimension: $0.dimension, values: [$0.value]) }
    frame.time = period
    frame.comparison = comparison
    return frame
  }

  /// The period so many lengths earlier; a running period keeps its days of the month.
  func window(back count: Int) -> DateRange {
    let range = period.range
    if let months = monthsPerPeriod {
      let start = range.start.adding(months: -months * count)
      let end =
        range.end.day == 1
        ? range.end.adding(months: -months * count)
        : range.lastDay.adding(months: -months * count).adding(days: 1)
      return DateRange(start: start, end: end)
    }
    let days = weeksPerPeriod.map { 7 * $0 } ?? range.dayCount
    return DateRange(start: range.start.adding(days: -days * count), end: range.end.adding(days: -days * count))
  }

  /// How many earlier periods are looked at for what is usual.
  var mostWindows: Int {
    switch (monthsPerPeriod, period.range.dayCount) {
    case (.some(let months), _): months == 1 ? 13 : months <= 3 ? 8 : 4
    case (nil, 1): 28
    case (nil, ...7): 16
    case (nil, _): 10
    }
  }

  /// The season of earlier periods, counted in periods.
  var windowSeason: Int? { period.range.dayCount == 1 ? 7 : nil }

  private var monthsPerPeriod: Int? {
    switch period.unit {
    case .month: return period.count
    case .quarter, .fiscalQuarter: return 3 * period.count
    case .year, .fiscalYear: return 12 * period.count
    case .day, .week: return nil
    case nil:
      guard period.range.start.day == 1, period.range.end.day == 1 else { return nil }
      let start = period.range.start.parts
      let end = period.range.end.parts
      return (end.year - start.year) * 12 + end.month - start.month
    }
  }

  private var weeksPerPeriod: Int? { period.unit == .week ? period.count : nil }

  private static func buckets(of period: TimeSelection, calendar: BusinessCalendar) -> (TimeGrain, Int) {
    let range = period.range
    if range.start.day == 1, range.end.day == 1 {
      let months = (range.end.year - range.start.year) * 12 + range.end.month - range.start.month
      return (.month, max(1, months))
    }
    if range.dayCount % 7 == 0, calendar.start(of: .week, holding: range.start) == range.start {
      return (.week, range.dayCount / 7)
    }
    return (.day, max(1, range.dayCount))
  }

  /// Adds metrics for the two parts of a ratio to the model, so that frames can ask for them.
  private static func parts(of metric: Metric, _ compiler: FrameCompiler) -> (Parts, FrameCompiler) {
    var numerator = metric
    var denominator = metric
    numerator.name = metric.name + "_numerator"
    denominator.name = metric.name + "_denominator"
    let scale: Double
    switch metric.formula {
    case .ratio(let above, let below, let factor):
      guard above.adds, below.adds else { return (.whole, compiler) }
      (numerator.formula, denominator.formula, scale) = (above, below, factor)
    case .simple(var measure):
      switch measure.aggregate {
      case .sum, .count: return (.sum(metric.name), compiler)
      case .countDistinct, .min, .max, .median, .percentile: return (.whole, compiler)
      case .average:
        // A mean is the sum over the count of the values that are there.
        measure.aggregate = .sum
        numerator.formula = .simple(measure)
        measure.aggregate = .count
        denominator.formula = .simple(measure)
        scale = 1
      }
    }
    var model = compiler.model
    model.metrics += [numerator, denominator]
    let parts = Parts.ratio(numerator: numerator.name, denominator: denominator.name, scale: scale)
    return (parts, FrameCompiler(model: model, calendar: compiler.calendar))
  }
}

extension Metric.Formula {
  /// Whether its values over groups add up to that of the whole.
  var adds: Bool {
    guard case .simple(let measure) = self else { return false }
    return measure.aggregate == .sum || measure.aggregate == .count
  }
}
