import Analytics
import CoachVocabulary
import Questions
import SemanticLayer

/// Explains what a metric did: whether it is unusual, where it happened, what it is made of, what else may explain it.
///
/// Everything comes from queries on the data and from methods of `Analytics`; no model takes part. The same data gives
/// the same report.
struct Investigation {
  let domain: Domain
  let compiler: FrameCompiler

  /// The report on the metric and period of a frame; nil when the frame names no metric.
  ///
  /// - Throws: `CompileFailure` when the metric cannot be followed over time, `QueryFailure` when the data cannot be read.
  func report(on frame: Frame) async throws -> InvestigationReport? {
    let names = frame.metrics.first.map { MetricTerm($0).metrics } ?? []
    guard let metric = names.first.flatMap(domain.model.metric) else { return nil }
    let subject = try InvestigationSubject(frame, metric: metric, compiler: compiler)
    var work = InvestigationWork(domain: domain, subject: subject)
    return try await work.run()
  }
}

/// One investigation under way.
struct InvestigationWork {
  let domain: Domain
  let subject: InvestigationSubject
  var book: QueryBook
  var course: MetricCourse
  var courseQuery = ""
  var claims: [Claim] = []
  var ruledOut: [Claim] = []
  /// Now and before, as the database says.
  var total: (now: Double, before: Double)?
  var verdict = InvestigationReport.Verdict.unknown
  var hasSevereFault = false
  /// How many records of the metric's facts the period has.
  var recordsInPeriod = 0
  /// The share of what was unexpected that segments explain.
  var explained: Double?
  var strongest = 0.0
  /// The dimension that the first cause lies in.
  var firstDimension: String?

  init(domain: Domain, subject: InvestigationSubject) {
    self.domain = domain
    self.subject = subject
    book = QueryBook(domain: domain)
    course = MetricCourse(
      rows: [],
      grain: subject.grain,
      until: subject.period.range.end,
      adds: false,
      calendar: subject.compiler.calendar
    )
  }

  var metric: Metric { subject.metric }
  var label: String { metric.label }
  var model: SemanticModel { subject.compiler.model }
  var periodName: String { PeriodText.phrase(subject.period.range) }
  var comparisonName: String { PeriodText.phrase(subject.comparison.range) }

  func compile(_ frame: Frame) throws(CompileFailure) -> CompiledQuery {
    try subject.compiler.compile(frame).withPoints
  }

  mutating func run() async throws -> InvestigationReport {
    try await measureChange()
    guard let total else { return emptyReport() }
    try await judgeTotal(total.now)
    try await checkQuality()
    addSeason(total)
    let segments = try await localize()
    try await splitChange(segments)
    addEvents(segments)
    try await findRelated()
    return report()
  }

  // MARK: - What happened

  private mutating func measureChange() async throws {
    let query = try compile(subject.compared())
    let found = try await book.run(query, over: subject.period.range, for: "the metric in both periods")
    guard let row = found.rows.first, let now = found.place(.metric).flatMap({ row[$0].doubleValue }) else { return }
    let before = found.place(.comparison).flatMap { row[$0].doubleValue }
    guard let before else { return }
    total = (now, before)
    var writer = ClaimWriter(metric)
    let nowText = writer.cells("now", now, in: found.id, column: found.columns[found.place(.metric) ?? 0].name)
    let beforeText = writer.cells(
      "before",
      before,
      in: found.id,
      column: found.columns[found.place(.comparison) ?? 0].name
    )
    let change = writer.computed("change", .difference, ["now", "before"], as: .size)
    let verb = English.isPlural(label) ? "were" : "was"
    var text = "\(label) \(verb) \(nowText) \(periodName)"
    if now == before {
      text += ", as \(comparisonName)."
    } else {
      text += ", \(now < before ? "down" : "up") \(change)"
      if metric.format != .percent, before != 0 {
        text += " (\(writer.computed("change_percent", .percentChange, ["now", "before"], as: .percent)))"
      }
      text += " from \(beforeText) \(comparisonName)."
    }
    var claim = Claim(.change, "What happened", text, figures: writer.figures, query: found.id)
    claim.impact = now - before
    claims.append(claim)
  }

  /// Says whether the value lies in the band that the course before gives.
  private mutating func judgeTotal(_ now: Double) async throws {
    var frame = subject.frame
    frame.grain = subject.grain
    let start = CivilDate(year: 1_900, month: 1, day: 1) ?? subject.period.range.start
    frame.time = TimeSelection(DateRange(start: start, end: subject.period.range.end))
    let found = try await book.run(try compile(frame), over: subject.period.range, for: "the metric over time")
    courseQuery = found.id
    course = MetricCourse(
      rows: found.rows,
      grain: subject.grain,
      until: subject.period.range.end,
      adds: subject.isSum && !subject.isBalance,
      calendar: subject.compiler.calendar
    )
    let measure: Target.Measure = subject.isBalance ? .end : subject.isSum ? .sum : .mean
    var writer = ClaimWriter(metric)
    let text: String
    var chart: JSONValue?
    do throws(ForecastFault) {
      let band = try ExpectedBand(
        before: course.values(before: subject.period.range.start),
        periods: course.periods,
        steps: subject.bucketCount,
        measure: measure
      )
      verdict = band.verdict(now)
      func bound(_ id: String, _ value: Double) -> String {
        writer.estimated(id, value, from: found.id, by: ExpectedBand.method)
      }
      let middle = bound("expected", band.expected)
      let likely = "\(bound("likely_low", band.likely.lowerBound)) and \(bound("likely_high", band.likely.upperBound))"
      let wide = "\(bound("wide_low", band.wide.lowerBound)) and \(bound("wide_high", band.wide.upperBound))"
      let opening =
        "From the course before, \(middle) was to be expected; four in five such periods lie between \(likely)"
      text =
        switch verdict {
        case .usual: "\(opening), and this one does too."
        case .borderline: "\(opening). This one does not, but it is inside \(wide), where nineteen in twenty lie."
        case .unusual, .unknown: "\(opening), nineteen in twenty between \(wide). This one lies outside."
        }
      chart = courseChart(band)
    } catch {
      text = "There is too little history to say what is usual: \(Self.plain(error))."
    }
    var claim = Claim(.band, Self.title(of: verdict), text, figures: writer.figures, query: found.id)
    claim.chart = chart
    claims.append(claim)
  }

  private static func plain(_ fault: ForecastFault) -> String {
    if case .tooLittleHistory = fault { return "only a few values are known" }
    return "\(fault)"
  }

  private static func title(of verdict: InvestigationReport.Verdict) -> String {
    switch verdict {
    case .unusual: "Outside the usual band"
    case .borderline: "At the edge of what is usual"
    case .usual: "Inside the usual band"
    case .unknown: "Too little history"
    }
  }

  private func courseChart(_ band: ExpectedBand) -> JSONValue? {
    let shown = course.values.indices.suffix(max(26, subject.bucketCount + 12))
    guard let last = shown.last else { return nil }
    let labels = shown.map { JSONValue.string(name(ofBucket: course.starts[$0])) }
    let values = shown.map { course.values[$0].isNaN ? JSONValue.null : .double(course.values[$0]) }
    var series: [JSONValue] = [["label": .string(label), "data": .array(values)]]
    if subject.bucketCount == 1 {
      for (name, value) in [("Usual, from", band.likely.lowerBound), ("Usual, to", band.likely.upperBound)] {
        let data = shown.map { $0 == last ? JSONValue.double(value) : .null }
        series.append(["label": .string(name), "data": .array(data)])
      }
    }
    return ChartRule.config("line", labels, series, title: "\(label) over time")
  }

  func name(ofBucket start: CivilDate) -> String {
    switch course.grain {
    case .month: "\(DateText.monthName(start.month)) \(start.year)"
    case .day, .week, .quarter, .year, .fiscalQuarter, .fiscalYear: DateText.day(start)
    }
  }

  // MARK: - The report

  private func emptyReport() -> InvestigationReport {
    var report = report()
    report.headline =
      "There is no data on \(label.loweredFirst) for both periods (\(periodName) and \(comparisonName))."
    report.confidenceReason = "Nothing was recorded in one of the two periods."
    return report
  }

  private func report() -> InvestigationReport {
    let facts = claims.filter { !$0.kind.isHypothesis }
    let ranked = claims.filter { $0.kind.isHypothesis }.enumerated().sorted { left, right in
      let (a, b) = (rank(left.element), rank(right.element))
      return a == b ? left.offset < right.offset : a > b
    }.map(\.element)
    let (confidence, reason) = confidence(ranked)
    let order: [Claim.Kind] = [.change, .band]
    let leading = facts.filter { order.contains($0.kind) }
    let rest = facts.filter { !order.contains($0.kind) }
    return InvestigationReport(
      metric: metric.name,
      label: label,
      period: subject.period.range,
      comparison: subject.comparison.range,
      headline: headline(ranked),
      verdict: verdict,
      confidence: confidence,
      confidenceReason: reason,
      claims: leading + ranked + rest,
      ruledOut: ruledOut,
      next: nextQuestions(),
      queries: book.queries
    )
  }

  /// What an explanation counts in the ranking: first its class, then what it explains, in the metric's unit.
  private func rank(_ claim: Claim) -> (order: Int, size: Double) {
    let size = abs(claim.impact ?? 0)
    let change = (total?.now ?? 0) - (total?.before ?? 0)
    switch claim.kind {
    case .quality: return (hasSevereFault ? 4 : 0, size)
    case .segment:
      // What is far beyond chance comes before what is merely of the right size.
      let agrees = (claim.impact ?? 0) * change >= 0
      return (agrees || (claim.strength ?? 0) >= 20 ? 3 : 1, agrees ? size : 0.3 * size)
    case .global: return (2, size)
    case .calendar: return (1, size)
    case .event, .related, .change, .band, .split: return (0, size)
    }
  }

  private func headline(_ ranked: [Claim]) -> String {
    let fact = claims.first { $0.kind == .change }?.text ?? ""
    guard let first = ranked.first else {
      return fact + " Nothing that was looked at explains it beyond chance."
    }
    switch first.kind {
    case .segment, .global, .quality, .event: return "\(fact) \(first.text)"
    case .calendar: return "\(fact) No cause stands out beyond chance. \(first.text)"
    case .related, .change, .band, .split: return "\(fact) No cause stands out beyond chance."
    }
  }

  private func confidence(_ ranked: [Claim]) -> (InvestigationReport.Confidence, String) {
    if hasSevereFault { return (.low, "The data of the period has faults, which come first.") }
    guard let first = ranked.first, first.kind == .segment || first.kind == .global else {
      return verdict == .usual
        ? (.medium, "The value is inside its usual band and no segment stands out; such moves need no cause.")
        : (.low, "No explanation stands out beyond chance.")
    }
    if first.kind == .global {
      return (.medium, "Everything moved together; a cause common to all is not in the data.")
    }
    let share = explained ?? 0
    if strongest >= 20, share >= 0.5 {
      return (.high, "The segments lie far beyond chance and explain most of what was unexpected.")
    }
    if strongest >= 12 || share >= 0.5 {
      return (.medium, "The segments lie beyond chance, but not all of what was unexpected is theirs.")
    }
    return (.low, "The segments are beyond chance, but small beside the whole change.")
  }

  private func nextQuestions() -> [String] {
    let parser = domain.parser(asOf: subject.compiler.calendar.asOf)
    var candidates: [String] = []
    let period = PeriodText.name(subject.period.range)
    if let name = firstDimension, let dimension = model.dimension(name) {
      candidates.append("\(label) by \(dimension.label) in \(period)")
    }
    candidates.append("\(label) by month")
    if let segment = claims.first(where: { $0.kind == .segment })?.segment.first {
      candidates.append("\(label) for \(segment.value) by month")
    }
    for factor in factorNames().prefix(2) {
      guard let other = model.metric(factor) else { continue }
      candidates.append("Why did \(other.label.loweredFirst) change in \(period)?")
    }
    return candidates.filter { candidate in
      switch parser.parse(candidate).outcome {
      case .sure, .investigate(.some): true
      case .investigate(nil), .clarify, .decline, .unsure: false
      }
    }
  }
}
