import Analytics
public import CoachVocabulary
public import SemanticLayer

/// What a metric will probably do.
public struct MetricForecast: Hashable, Sendable, Codable {
  /// One bucket that is known.
  public struct Past: Hashable, Sendable, Codable {
    /// Its first day.
    public var start: CivilDate
    /// Its value; nil where nothing was recorded.
    public var value: Double?
  }

  /// One bucket to come.
  public struct Step: Hashable, Sendable, Codable {
    /// Its first day.
    public var start: CivilDate
    /// The expected value.
    public var expected: Double
    /// Four in five futures lie between these.
    public var likely: [Double]
    /// Nineteen in twenty futures lie between these.
    public var wide: [Double]
  }

  /// The metric.
  public var metric: String
  /// What people call it.
  public var label: String
  /// The unit of its values.
  public var unit: String?
  /// The length of a bucket.
  public var grain: TimeGrain
  /// The complete buckets that are known, oldest first.
  public var history: [Past]
  /// The buckets to come.
  public var steps: [Step]
  /// The models whose median it is; empty for a constant metric.
  public var models: [String]
  /// One or two sentences.
  public var text: String
  /// What a reader should know about it.
  public var notes: [String]
  /// The query the history comes from.
  public var query: EvidenceQuery
  /// A Chart.js configuration.
  public var chart: JSONValue?
}

extension EvidenceDesk {
  /// Forecasts a metric.
  ///
  /// - Parameters:
  ///   - words: the metric by name or as people call it, filters included ("revenue in Germany").
  ///   - steps: how many buckets, 1 to 104; nil takes 6 months, 8 weeks or 28 days.
  ///   - grain: the length of a bucket; nil takes months.
  /// - Returns: history and steps with their bands.
  /// - Throws: ``Refusal`` for an unknown metric or too little history.
  public func forecast(_ words: String, steps: Int? = nil, grain: TimeGrain? = nil) async throws -> MetricForecast {
    let grain = grain ?? .month
    let count = steps ?? (grain == .day ? 28 : grain == .week ? 8 : 6)
    guard (1...104).contains(count) else { throw Refusal.impossible("A forecast has 1 to 104 steps, not \(count).") }
    let (metric, frame) = try metric(words)
    let (course, query) = try await course(of: metric, frame, grain: grain)
    let forecast: Forecast
    do throws(ForecastFault) {
      forecast = try Forecaster().forecast(course.values, periods: course.periods, horizon: count)
    } catch {
      throw Refusal.impossible("\(metric.label) cannot be forecast: \(error).")
    }
    let (likely, wide) = (forecast.interval(0.8), forecast.interval(0.95))
    let calendar = domain.compiler(asOf: asOf).calendar
    let first = course.starts.last.map { calendar.moving($0, by: 1, grain) } ?? asOf
    let future = (0..<count).map { step in
      MetricForecast.Step(
        start: calendar.moving(first, by: step, grain),
        expected: forecast.mean[step],
        likely: [likely[step].lowerBound, likely[step].upperBound],
        wide: [wide[step].lowerBound, wide[step].upperBound]
      )
    }
    var result = MetricForecast(
      metric: metric.name,
      label: metric.label,
      unit: metric.unit,
      grain: grain,
      history: zip(course.starts, course.values).map { MetricForecast.Past(start: $0, value: $1.isNaN ? nil : $1) },
      steps: future,
      models: forecast.models,
      text: "",
      notes: Self.notes(forecast, course),
      query: query,
      chart: nil
    )
    result.text = Self.text(result, metric)
    result.chart = Self.chart(result)
    return result
  }

  /// A metric over its complete buckets up to today.
  func course(
    of metric: Metric,
    _ asked: Frame,
    grain: TimeGrain
  ) async throws -> (course: MetricCourse, query: EvidenceQuery) {
    let compiler = domain.compiler(asOf: asOf)
    let end = compiler.calendar.start(of: grain, holding: asOf.adding(days: 1))
    var frame = asked
    frame.grain = grain
    let start = CivilDate(year: 1_900, month: 1, day: 1) ?? end
    frame.time = TimeSelection(DateRange(start: start, end: end))
    let compiled: CompiledQuery
    do throws(CompileFailure) {
      compiled = try compiler.compile(frame).withPoints
    } catch {
      throw Refusal.impossible("\(metric.label) cannot be followed over time: \(error).")
    }
    var book = QueryBook(domain: domain)
    let found = try await book.run(compiled, over: DateRange(start: start, end: end), for: "the metric over time")
    let isBalance = metric.measures.contains { domain.model.dataset($0.dataset)?.semiAdditive != nil }
    let course = MetricCourse(
      rows: found.rows,
      grain: grain,
      until: end,
      adds: metric.isAdditive && !isBalance,
      calendar: compiler.calendar
    )
    guard let query = book.queries.first, !course.values.isEmpty else {
      throw Refusal.impossible("There is no data on \(metric.label.loweredFirst) before today.")
    }
    return (course, query)
  }

  private static func notes(_ forecast: Forecast, _ course: MetricCourse) -> [String] {
    var notes: [String] = []
    if forecast.models.isEmpty { notes.append("The metric has never changed, so it is forecast to stay as it is.") }
    if let period = course.periods.first, course.values.count < 2 * period {
      notes.append("There is less than two years of history, so the season of the year is not in the forecast.")
    }
    if forecast.filled > 0 { notes.append("\(forecast.filled) missing values were filled in.") }
    if forecast.moved > 0 { notes.append("\(forecast.moved) single wild values were moved back first.") }
    return notes
  }

  private static func text(_ forecast: MetricForecast, _ metric: Metric) -> String {
    guard let last = forecast.steps.last else { return "" }
    let format = ResultColumn.Format(metric.format)
    func value(_ number: Double) -> String {
      let whole = format == .number && abs(number) >= 100
      return ValueText.text(whole ? number.rounded() : number, format: format, unit: metric.unit)
    }
    let bucket = name(last.start, forecast.grain)
    return "\(forecast.label) is expected at \(value(last.expected)) \(bucket); four in five futures lie between "
      + "\(value(last.likely[0])) and \(value(last.likely[1]))."
  }

  private static func name(_ start: CivilDate, _ grain: TimeGrain) -> String {
    switch grain {
    case .month: "in \(DateText.monthName(start.month)) \(start.year)"
    case .week: "in the week of \(DateText.day(start))"
    case .day: "on \(DateText.day(start))"
    case .quarter, .fiscalQuarter: "in the quarter from \(DateText.day(start))"
    case .year, .fiscalYear: "in the year from \(DateText.day(start))"
    }
  }

  private static func chart(_ forecast: MetricForecast) -> JSONValue {
    let past = forecast.history.suffix(36)
    func label(_ start: CivilDate) -> JSONValue {
      .string(forecast.grain == .month ? "\(DateText.monthName(start.month)) \(start.year)" : DateText.day(start))
    }
    let gap = [JSONValue](repeating: .null, count: past.count)
    let tail = [JSONValue](repeating: .null, count: forecast.steps.count)
    func series(_ label: String, _ data: [JSONValue]) -> JSONValue { ["label": .string(label), "data": .array(data)] }
    return ChartRule.config(
      "line",
      past.map { label($0.start) } + forecast.steps.map { label($0.start) },
      [
        series(forecast.label, past.map { $0.value.map { JSONValue.double($0) } ?? .null } + tail),
        series("Expected", gap + forecast.steps.map { .double($0.expected) }),
        series("Four in five, from", gap + forecast.steps.map { .double($0.likely[0]) }),
        series("Four in five, to", gap + forecast.steps.map { .double($0.likely[1]) }),
      ],
      title: "\(forecast.label), forecast"
    )
  }
}
