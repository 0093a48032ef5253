import Analytics
import CoachVocabulary
import Goals
import Questions
import SemanticLayer

/// Gathers what surrounds a goal: trend, season, segments, peers, what must not suffer.
struct GoalContext {
  let desk: EvidenceDesk
  let subject: GoalSubject
  private var book: QueryBook

  init(desk: EvidenceDesk, subject: GoalSubject) {
    self.desk = desk
    self.subject = subject
    book = QueryBook(domain: desk.domain)
  }

  var queries: [EvidenceQuery] {
    book.queries.map { query in
      var copy = query
      copy.id = "c" + copy.id
      return copy
    }
  }

  private var model: SemanticModel { desk.domain.model }

  // MARK: - Facts

  /// Level, trend, season and the best stretch, in sentences.
  func facts(_ direction: Goal.Direction) -> [String] {
    let values = subject.course.values
    var facts: [String] = []
    let label = subject.metric.label
    if let last = values.last(where: { !$0.isNaN }) {
      facts.append("The newest \(subject.grain.rawValue) of \(label.loweredFirst): \(subject.write(last)).")
    }
    let year = subject.course.periods.first ?? 12
    if values.count >= 2 * year {
      let now = values.suffix(year).filter { !$0.isNaN }
      let before = values.dropLast(year).suffix(year).filter { !$0.isNaN }
      let (a, b) = (now.reduce(0, +) / Double(max(1, now.count)), before.reduce(0, +) / Double(max(1, before.count)))
      if b > 0 { facts.append("Against the year before it moved by \(Self.signed(a / b - 1)).") }
      if let most = values.suffix(year).enumerated().max(by: { $0.element < $1.element }),
        let least = values.suffix(year).enumerated().min(by: { $0.element < $1.element }), subject.grain == .month
      {
        let first = values.count - year
        let names = [most.offset, least.offset].map { DateText.monthName(subject.course.starts[first + $0].month) }
        facts.append("The strongest month of the last year was \(names[0]), the weakest \(names[1]).")
      }
    }
    let outlook = subject.outlook
    let (stretch, even, safe) = (
      outlook.target(reachedWith: 0.3, direction), outlook.target(reachedWith: 0.5, direction),
      outlook.target(reachedWith: 0.7, direction)
    )
    facts.append(
      "30 % of simulated futures reach \(subject.write(stretch)), 50 % \(subject.write(even)), 70 % \(subject.write(safe))."
    )
    let likelihood = outlook.likelihood(of: even, direction, baseline: subject.baseline)
    if let best = likelihood.best, likelihood.tries > 0 {
      facts.append(
        "Of \(likelihood.tries) comparable stretches of the past, the best moved by \(Self.signed(best))."
      )
    }
    return facts
  }

  private static func signed(_ share: Double) -> String {
    (share < 0 ? "\u{2212}" : "+") + ValueText.decimal(abs(100 * share), places: 1) + " %"
  }

  // MARK: - What could be done

  /// How many values a dimension may have to be compared with its peers.
  private static let mostPeers = 15

  /// The segments that fell behind their own last year, or behind their peers, the largest gap first.
  mutating func initiatives(_ direction: Goal.Direction) async throws -> [Goal.Initiative] {
    var found: [Goal.Initiative] = []
    let compiler = desk.domain.compiler(asOf: desk.asOf)
    let end = subject.start
    let span = DateRange(start: end.adding(months: -6), end: end)
    for dimension in peerDimensions(compiler).prefix(3) {
      var frame = subject.frame
      frame.dimensions = [dimension.name]
      frame.time = TimeSelection(span)
      frame.comparison = compiler.calendar.comparison(.samePeriodLastYear, for: TimeSelection(span))
      guard let query = try? compiler.compile(frame).withPoints else { continue }
      let result = try await book.run(
        query,
        over: span,
        for: "\(subject.metric.label.loweredFirst) by \(dimension.label)"
      )
      guard let here = result.place(.metric), let there = result.place(.comparison) else { continue }
      let segments = result.rows.compactMap { row -> (name: String, now: Double, before: Double?)? in
        guard let now = row[here].doubleValue else { return nil }
        return (SegmentCube.name(row[0]), now, row[there].doubleValue)
      }
      if let initiative = initiative(dimension, segments, direction) { found.append(initiative) }
    }
    return found.sorted { abs($0.effect ?? 0) > abs($1.effect ?? 0) }
  }

  private func peerDimensions(_ compiler: FrameCompiler) -> [Dimension] {
    let taken = Set(subject.frame.filters.map(\.dimension))
    return model.dimensions.filter { dimension in
      guard !taken.contains(dimension.name), !dimension.isPersonal, dimension.kind != .identifier,
        let count = desk.domain.lexicon.valueCount(of: dimension.name)
      else { return false }
      return (2...Self.mostPeers).contains(count) && compiler.reaches(dimension, from: subject.metric)
    }
  }

  private func initiative(
    _ dimension: Dimension,
    _ segments: [(name: String, now: Double, before: Double?)],
    _ direction: Goal.Direction
  ) -> Goal.Initiative? {
    let sign = direction == .atLeast ? 1.0 : -1.0
    if subject.measure == .sum {
      // The segment that fell furthest behind its own last year, in the metric's unit.
      let worst = segments.compactMap { one in one.before.map { (one.name, $0 - one.now) } }
        .max { sign * $0.1 < sign * $1.1 }
      guard let worst, sign * worst.1 > 0 else { return nil }
      let effect = worst.1 * Double(subject.steps) / 6
      return Goal.Initiative(
        title: "Bring \(dimension.label) \(worst.0) back to its level of a year ago",
        driver: "\(dimension.name)=\(worst.0)",
        effect: subject.grain == .month ? effect : nil
      )
    }
    let middle = Robust.median(segments.map(\.now))
    guard let worst = segments.min(by: { sign * $0.now < sign * $1.now }), sign * (middle - worst.now) > 0 else {
      return nil
    }
    return Goal.Initiative(
      title: "Bring \(dimension.label) \(worst.name) from \(subject.write(worst.now)) to the middle of its peers, "
        + subject.write(middle),
      driver: "\(dimension.name)=\(worst.name)",
      effect: nil
    )
  }

  /// What the metric is made of, and what the domain file calls related.
  func indicators() -> [Goal.Indicator] {
    let factors = MetricFactors(model: model).names(of: subject.metric)
    let related = model.causes(of: subject.metric.name)?.related ?? []
    var indicators = factors.map { (name: $0, reason: "\(subject.metric.label) is made of it") }
    indicators += related.map { (name: $0, reason: "it may move before \(subject.metric.label.loweredFirst)") }
    return indicators.prefix(4).compactMap { one in
      model.metric(one.name).map { Goal.Indicator(metric: $0.name, label: $0.label, reason: one.reason) }
    }
  }

  /// Ratios over the metric that are good in one direction, held near what they are now.
  mutating func guards() async throws -> [Goal.Guard] {
    let candidates = model.metrics.filter { other in
      guard case .ratio(_, let below, _) = other.formula, other.good != nil else { return false }
      return below == subject.metric.formula
    }
    var guards: [Goal.Guard] = []
    let compiler = desk.domain.compiler(asOf: desk.asOf)
    let span = DateRange(start: subject.start.adding(months: -3), end: subject.start)
    for metric in candidates.prefix(2) {
      var frame = subject.frame
      frame.metrics = [metric.name]
      frame.time = TimeSelection(span)
      guard let query = try? compiler.compile(frame).withPoints else { continue }
      let result = try await book.run(query, over: span, for: "\(metric.label.loweredFirst) in the last three months")
      guard let value = result.rows.first?.first?.doubleValue else { continue }
      let isUp = metric.good == .up
      guards.append(
        Goal.Guard(
          metric: metric.name,
          label: metric.label,
          direction: isUp ? .atLeast : .atMost,
          limit: value * (isUp ? 0.95 : 1.05)
        )
      )
    }
    return guards
  }
}
