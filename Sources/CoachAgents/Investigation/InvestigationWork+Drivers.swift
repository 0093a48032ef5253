import Analytics
import CoachVocabulary
import SemanticLayer

extension InvestigationWork {
  // MARK: - What the metric is made of

  /// The metrics whose product the metric is.
  func factorNames() -> [String] { MetricFactors(model: domain.model).names(of: metric) }

  /// Splits the change: a product into its factors, a ratio into what segments did and what their shares did.
  mutating func splitChange(_ segments: SegmentFindings?) async throws {
    try await splitProduct()
    if case .ratio(let numerator, let denominator, _) = subject.parts {
      try await splitRatio(numerator, denominator, segments)
    }
  }

  private mutating func splitProduct() async throws {
    let factors = factorNames().compactMap(domain.model.metric)
    guard factors.count >= 2, let total, total.now > 0, total.before > 0 else { return }
    guard let query = try? compile(subject.compared(of: [metric.name] + factors.map(\.name))) else { return }
    let found = try await book.run(
      query,
      over: subject.period.range,
      for: "what \(label.loweredFirst) is made of, in both periods"
    )
    guard let row = found.rows.first else { return }
    func values(_ role: ResultColumn.Role) -> [Double] {
      factors.compactMap { factor in found.place(role, of: factor.name).flatMap { row[$0].doubleValue } }
    }
    let (now, before) = (values(.metric), values(.comparison))
    guard now.count == factors.count, before.count == factors.count,
      let split = try? FactorDecomposition(before: before, after: now)
    else { return }
    // A product that is not the metric would explain something else.
    let scale = split.before / total.before
    guard scale > 0, abs(split.after / total.now / scale - 1) < 0.01 else { return }
    var writer = ClaimWriter(metric)
    var sentences: [String] = []
    for (index, factor) in factors.enumerated() {
      var own = ClaimWriter(factor)
      let to = own.cells("now_\(factor.name)", now[index], in: found.id, column: factor.name)
      let from = own.cells("before_\(factor.name)", before[index], in: found.id, column: factor.name + "_previous")
      writer.adopt(own.figures)
      let part = writer.estimated(
        "part_\(factor.name)",
        split.parts[index] / scale,
        from: found.id,
        by: "logarithmic mean split of a product",
        as: .change
      )
      sentences.append("\(factor.label.loweredFirst) (\(from) to \(to)) \(part)")
    }
    let largest = zip(factors, split.parts).max { abs($0.1) < abs($1.1) }?.0.label ?? ""
    claims.append(
      Claim(
        .split,
        "Mostly \(largest.loweredFirst)",
        "Of the change, \(English.list(sentences)).",
        figures: writer.figures,
        query: found.id
      )
    )
  }

  private mutating func splitRatio(
    _ numerator: String,
    _ denominator: String,
    _ segments: SegmentFindings?
  ) async throws {
    guard let dimension = firstDimension ?? segments?.cube.dimensions.first?.name else { return }
    var frame = subject.compared(of: [numerator, denominator])
    frame.dimensions = [dimension]
    guard let query = try? compile(frame) else { return }
    let name = model.dimension(dimension)?.label ?? dimension
    let found = try await book.run(
      query,
      over: subject.period.range,
      for: "both parts of \(label.loweredFirst) by \(name)"
    )
    func column(_ role: ResultColumn.Role, _ member: String) -> [Double] {
      guard let place = found.place(role, of: member) else { return [] }
      return found.rows.map { $0[place].doubleValue ?? 0 }
    }
    let parts = (
      before: BreakdownTable.Parts(
        numerator: column(.comparison, numerator),
        denominator: column(.comparison, denominator)
      ),
      now: BreakdownTable.Parts(numerator: column(.metric, numerator), denominator: column(.metric, denominator))
    )
    guard let split = try? RateMixDecomposition(before: parts.before, after: parts.now) else { return }
    var writer = ClaimWriter(metric)
    let method = "rate and mix, midpoint form"
    let rate = writer.estimated("rate", subject.scale * split.rate, from: found.id, by: method, as: .change)
    let mix = writer.estimated("mix", subject.scale * split.mix, from: found.id, by: method, as: .change)
    var text = "By \(name), the values themselves make \(rate) of the change and their shares of the whole \(mix)."
    if split.isReversal { text += " Every part moved against the whole: only the shares turned it." }
    claims.append(
      Claim(
        .split,
        abs(split.rate) >= abs(split.mix) ? "The values, not the mix" : "The mix, not the values",
        text,
        figures: writer.figures,
        query: found.id
      )
    )
  }

  // MARK: - What people know

  private var eventsInPeriod: [KnownEvent] {
    let range = subject.period.range
    return model.events.filter { event in
      event.days.start < range.end && range.start < event.days.end
        && (event.metrics.isEmpty || event.metrics.contains(metric.name))
    }
  }

  /// Events of the period that speak of a segment.
  func events(matching segment: [SegmentCondition]) -> [KnownEvent] {
    eventsInPeriod.filter { event in
      !event.segments.isEmpty
        && event.segments.contains { filter in
          segment.contains { $0.dimension == filter.dimension && filter.values.contains($0.value) }
        }
    }
  }

  /// Events of the period that no segment of the findings stands for.
  mutating func addEvents(_ segments: SegmentFindings?) {
    let matched = Set(claims.filter { $0.kind == .segment }.flatMap { events(matching: $0.segment) })
    for event in eventsInPeriod where !matched.contains(event) {
      var claim = Claim(.event, "Known event", "\(event.label) falls into the period.")
      claim.evidenceAgainst = [
        event.segments.isEmpty
          ? "The data cannot say how much of the change is due to it."
          : "The segments it concerns do not stand out."
      ]
      if event.segments.isEmpty { claims.append(claim) } else { ruledOut.append(claim) }
    }
  }

  // MARK: - Metrics that move before

  /// How many metrics are tried.
  private static let mostCandidates = 10

  private func candidates() -> [String] {
    if let declared = model.causes(of: metric.name)?.related, !declared.isEmpty { return declared }
    let facts = Set(metric.measures.map(\.dataset))
    // Metrics of the same facts move with the metric by construction.
    return model.metrics.filter { other in
      other.name != metric.name && !other.name.hasPrefix(metric.name + "_")
        && other.measures.allSatisfy { !facts.contains($0.dataset) && model.dataset($0.dataset)?.time != nil }
        && other.measures.allSatisfy { model.dataset($0.dataset)?.semiAdditive == nil }
    }.prefix(Self.mostCandidates).map(\.name)
  }

  /// Looks for metrics that move before this one, month by month.
  mutating func findRelated() async throws {
    let names = candidates()
    guard !names.isEmpty, let first = course.starts.first else { return }
    var frame = subject.frame
    frame.metrics = [metric.name] + names
    frame.grain = .month
    // What moves before is a trait of both metrics, so all complete months count, also those after the period.
    let calendar = subject.compiler.calendar
    let end = calendar.start(of: .month, holding: calendar.asOf.adding(days: 1))
    guard end > first else { return }
    frame.time = TimeSelection(DateRange(start: first, end: end))
    guard let query = try? compile(frame) else { return }
    let found = try await book.run(query, over: subject.period.range, for: "metrics that may move before, by month")
    func series(_ name: String) -> [Double] {
      guard let place = found.columns.firstIndex(where: { $0.name == name }) else { return [] }
      return found.rows.map { $0[place].doubleValue ?? .nan }
    }
    let panel = DriverPanel(
      target: series(metric.name),
      candidates: names.map { DriverPanel.Candidate(name: $0, values: series($0)) },
      maximumLag: 3,
      season: found.rows.count >= 36 ? 12 : nil
    )
    let findings: DriverFindings
    do throws(DriverFault) {
      findings = try DriverFinder().drivers(of: panel)
    } catch {
      let text =
        if case .tooShort = error {
          "Too few months are recorded to tell a metric that moves before from chance."
        } else {
          "Metrics that move before could not be judged."
        }
      ruledOut.append(related(text, [], found.id, "Metrics that move before"))
      return
    }
    for driver in findings.drivers.prefix(3) { addDriver(driver, found.id, found.rows.count) }
    if findings.drivers.isEmpty {
      let tried = English.list(names.compactMap { model.metric($0)?.label.loweredFirst })
      ruledOut.append(
        related(
          "Of \(tried), none moves before \(label.loweredFirst) beyond chance.",
          [],
          found.id,
          "Metrics that move before"
        )
      )
    }
  }

  private mutating func addDriver(_ driver: DriverFindings.Driver, _ query: String, _ months: Int) {
    guard let other = model.metric(driver.name) else { return }
    let method = "regression on lagged candidates with autoregressive noise"
    var writer = ClaimWriter(metric)
    let lag = writer.estimated("lag", Double(driver.lag), from: query, by: method, as: .count("month"))
    let chance = writer.estimated("probability", driver.adjustedProbability, from: query, by: method, as: .probability)
    let verb = English.isPlural(other.label) ? "move" : "moves"
    let direction = driver.sign > 0 ? "in the same direction" : "in the opposite direction"
    let text =
      driver.lag == 0
      ? "\(other.label) \(verb) in the same month as \(label.loweredFirst), \(direction); which follows which is open."
      : "\(other.label) \(verb) \(lag) before \(label.loweredFirst), \(direction); to move before is no proof of a cause."
    var claim = related(text, writer.figures, query, other.label)
    claim.evidenceFor = [
      "With everything counted that was tried, chance would show it with a probability of \(chance)."
    ]
    claims.append(claim)
  }

  private func related(_ text: String, _ figures: [Figure], _ query: String, _ title: String) -> Claim {
    Claim(.related, title, text, figures: figures, query: query)
  }
}
