import Analytics
import CoachVocabulary
import SemanticLayer

/// A metric over time in equal buckets.
struct MetricCourse {
  /// The first day of each bucket, oldest first.
  var starts: [CivilDate]
  /// One value per bucket; not-a-number where nothing was recorded.
  var values: [Double]
  var grain: TimeGrain

  /// Puts rows of a series into their places between the first bucket with data and the end.
  ///
  /// A bucket without a row counts as zero when values add up, since nothing happened in it, and as missing otherwise.
  init(rows: [[JSONValue]], grain: TimeGrain, until end: CivilDate, adds: Bool, calendar: BusinessCalendar) {
    self.grain = grain
    var known: [CivilDate: Double] = [:]
    for row in rows {
      guard row.count >= 2, let start = Self.day(row[0]), let value = row[1].doubleValue, value.isFinite else {
        continue
      }
      known[calendar.start(of: grain, holding: start)] = value
    }
    starts = []
    values = []
    guard var day = known.keys.min() else { return }
    while day < end {
      starts.append(day)
      values.append(known[day] ?? (adds ? 0 : .nan))
      day = calendar.moving(day, by: 1, grain)
    }
  }

  /// How many buckets after which a pattern may repeat.
  var periods: [Int] { Self.periods(of: grain) }

  static func periods(of grain: TimeGrain) -> [Int] {
    switch grain {
    case .day: [7]
    case .week: [52]
    case .month: [12]
    case .quarter, .fiscalQuarter: [4]
    case .year, .fiscalYear: []
    }
  }

  /// The values before a day.
  func values(before day: CivilDate) -> [Double] { Array(zip(starts, values).prefix { $0.0 < day }.map(\.1)) }

  /// The first day of a bucket as the database writes it: a day, or the year and month.
  private static func day(_ value: JSONValue) -> CivilDate? {
    guard let text = value.stringValue else { return nil }
    return CivilDate(text.count == 7 ? text + "-01" : text)
  }
}

/// What was to be expected of a period, from the course before it.
struct ExpectedBand {
  /// The middle.
  var expected: Double
  /// Holds 80 of 100 such periods.
  var likely: ClosedRange<Double>
  /// Holds 95 of 100 such periods.
  var wide: ClosedRange<Double>
  /// How many buckets of history it comes from.
  var history: Int

  /// The name of the method, for figures that come from it.
  static let method = "forecast of the earlier course with calibrated bands"

  /// - Throws: `ForecastFault` when the course is too short.
  init(
    before values: [Double],
    periods: [Int],
    steps: Int,
    measure: Target.Measure
  ) throws(ForecastFault) {
    let forecast = try Forecaster().forecast(values, periods: periods, horizon: steps)
    var generator = SeededGenerator(seed: 1)
    let futures = forecast.futures(2_000, using: &generator)
    func edge(_ share: Double) -> Double { futures.threshold(reachedWith: 1 - share, measure, .atLeast) }
    expected =
      switch measure {
      case .end: forecast.mean[steps - 1]
      case .sum: forecast.mean.reduce(0, +)
      case .mean: forecast.mean.reduce(0, +) / Double(steps)
      }
    if steps == 1 {
      likely = forecast.interval(0.8)[0]
      wide = forecast.interval(0.95)[0]
    } else {
      likely = edge(0.1)...edge(0.9)
      wide = edge(0.025)...edge(0.975)
    }
    history = values.count { !$0.isNaN }
  }

  func verdict(_ value: Double) -> InvestigationReport.Verdict {
    if likely.contains(value) { return .usual }
    return wide.contains(value) ? .borderline : .unusual
  }
}
