import Analytics
import CoachVocabulary
import Questions
import SemanticLayer

/// What the search for segments gave.
struct SegmentFindings {
  var localization: Localization
  var cube: SegmentCube
}

extension InvestigationWork {
  /// A dimension with more values is for drilling down, not for a first look.
  private static let mostValues = 40
  /// Facts with fewer rows in the period are broken down by all dimensions at once.
  private static let fewRows = 1_000

  /// Finds the segments that moved on their own.
  mutating func localize() async throws -> SegmentFindings? {
    guard subject.parts != .whole else { return nil }
    let windows = windows()
    guard windows.count >= 2 else { return nil }
    var best: SegmentFindings?
    var searched: [(SegmentCube, Localization)] = []
    for family in families() {
      guard let cube = try await cube(of: family, over: windows) else { continue }
      guard let localization = try? cube.localize(season: subject.windowSeason) else { continue }
      searched.append((cube, localization))
      if Self.strength(localization) > best.map({ Self.strength($0.localization) }) ?? -1 {
        best = SegmentFindings(localization: localization, cube: cube)
      }
    }
    guard let best else { return nil }
    let causes = best.localization.causes
    strongest = causes.map(\.evidence).max() ?? 0
    let gap = best.localization.actualTotal - best.localization.expectedTotal * (1 + best.localization.commonChange)
    if !causes.isEmpty, gap != 0, best.localization.effect != .mix {
      explained = causes.reduce(0) { $0 + adjustedImpact($1, best.localization) } / gap
    }
    for cause in causes.prefix(5) {
      claims.append(try await claim(cause, of: best))
    }
    for (cube, localization) in searched { ruleOut(cube, localization) }
    firstDimension = claims.first { $0.kind == .segment }?.segment.first?.dimension
    if best.localization.effect == .global { addGlobal(best) }
    return best
  }

  /// The cubes of all families of dimensions over some windows.
  mutating func cubes(over windows: [DateRange]) async throws -> [SegmentCube] {
    var cubes: [SegmentCube] = []
    for family in families() {
      if let cube = try await cube(of: family, over: windows) { cubes.append(cube) }
    }
    return cubes
  }

  private static func strength(_ localization: Localization) -> Double {
    localization.causes.reduce(0) { $0 + $1.evidence } + (localization.effect == .global ? 0.5 : 0)
  }

  // MARK: - What is broken down

  private func windows() -> [DateRange] {
    guard let first = course.starts.first else { return [] }
    let earlier = (1...subject.mostWindows).map(subject.window(back:)).filter { $0.start >= first }
    return earlier.reversed() + [subject.period.range]
  }

  /// Sets of dimensions to be crossed: all at once when there are few rows, else those of joined tables and those of the
  /// facts apart, since crossing all would leave next to nothing in each leaf.
  private func families() -> [[Dimension]] {
    let taken = Set(subject.frame.filters.filter { !$0.excludes && $0.values.count == 1 }.map(\.dimension))
    let facts = Set(metric.measures.map(\.dataset))
    // A metric forgets its own filter where a frame names the filter's column, and would then be another metric.
    let filtered = Set(
      metric.measures.flatMap { measure in
        (measure.filter?.columns ?? []).map { "\(measure.dataset).\($0)".lowercased() }
      }
    )
    let usable = model.dimensions.filter { dimension in
      guard !filtered.contains("\(dimension.dataset).\(dimension.column)".lowercased()),
        !taken.contains(dimension.name), !dimension.isPersonal, dimension.kind != .time,
        dimension.kind != .identifier, let count = domain.lexicon.valueCount(of: dimension.name)
      else { return false }
      return (2...Self.mostValues).contains(count) && subject.compiler.reaches(dimension, from: metric)
    }
    let own = usable.filter { facts.contains($0.dataset) }
    let joined = usable.filter { !facts.contains($0.dataset) }
    if own.isEmpty || joined.isEmpty || recordsInPeriod < Self.fewRows { return usable.isEmpty ? [] : [usable] }
    return [joined, own]
  }

  private mutating func cube(of dimensions: [Dimension], over windows: [DateRange]) async throws -> SegmentCube? {
    var queries: [(DateRange, CompiledQuery)] = []
    for window in windows {
      let frame = subject.frame(over: window, of: subject.partNames, by: dimensions.map(\.name))
      // A dimension that cannot be joined in this way is none of the person's business.
      guard let query = try? subject.compiler.compile(frame) else { return nil }
      queries.append((window, query))
    }
    let names = English.list(dimensions.map(\.label))
    let found = try await book.run(queries, for: "\(label.loweredFirst) by \(names), period by period")
    return SegmentCube(
      dimensions: dimensions,
      windows: windows,
      tables: found.tables,
      query: found.id,
      isRatio: !subject.isSum
    )
  }

  // MARK: - Words

  /// What a segment adds beyond moving like the rest, in the metric's unit.
  func adjustedImpact(_ cause: Localization.Cause, _ localization: Localization) -> Double {
    let due = cause.expected * (1 + localization.commonChange)
    if subject.isSum { return cause.actual - due }
    guard localization.effect == .rate, cause.actual != cause.expected else { return subject.scale * cause.impact }
    return subject.scale * cause.impact * (cause.actual - due) / (cause.actual - cause.expected)
  }

  private static let method = "localisation: usual share of the whole, as the earlier periods give it"

  func name(of segment: [SegmentCondition]) -> String {
    English.list(segment.map { "\(model.dimension($0.dimension)?.label ?? $0.dimension) \($0.value)" })
  }

  private mutating func claim(
    _ cause: Localization.Cause,
    of findings: SegmentFindings
  ) async throws -> Claim {
    let segment = findings.cube.finest(
      cause.conditions.map { SegmentCondition(dimension: $0.dimension, value: $0.value) }
    )
    // What an earlier cause holds is no part of this one.
    let isPart = isPart(cause, segment, findings)
    let name = name(of: segment) + (isPart ? " (without the segments of the other causes)" : "")
    var writer = ClaimWriter(metric)
    let impact = adjustedImpact(cause, findings.localization)
    let text =
      findings.localization.effect == .mix
      ? mixText(cause, segment, name, findings, &writer)
      : levelText(cause, isPart ? nil : segment, name, findings, &writer)
    let (history, query) = isPart ? (nil, nil) : try await historyText(segment, &writer)
    var evidence: [String] = []
    if let history { evidence.append(history) }
    evidence.append(
      cause.evidence >= 20
        ? "It lies far beyond chance, with every segment counted that was looked at."
        : "It lies beyond chance, with every segment counted that was looked at."
    )
    if let share = shareText(impact, findings, &writer) { evidence.append(share) }
    var against: [String] = []
    if abs(findings.localization.commonChange) > 0.02, findings.localization.effect != .mix {
      let rest = writer.estimated(
        "rest",
        100 * findings.localization.commonChange,
        from: findings.cube.query,
        by: Self.method,
        as: .signedPercent
      )
      let sentence = "The rest moved too, by \(rest) against the mean of the periods before"
      against.append(
        findings.localization.commonChange * impact > 0 ? sentence + ", in the same direction." : sentence + "."
      )
    }
    if let total, (total.now - total.before) * impact < 0 { against.append("It moved against the whole.") }
    for event in events(matching: segment) { evidence.append("Known event: \(event.label).") }
    var claim = Claim(
      .segment,
      name.capitalizedStart,
      text,
      figures: writer.figures,
      query: query ?? findings.cube.query
    )
    claim.impact = impact
    claim.strength = cause.evidence
    claim.segment = segment
    claim.evidenceFor = evidence
    claim.evidenceAgainst = against
    claim.chart = segmentChart(segment, cause, name, findings)
    return claim
  }

  private func isPart(
    _ cause: Localization.Cause,
    _ segment: [SegmentCondition],
    _ findings: SegmentFindings
  ) -> Bool {
    guard findings.localization.effect != .mix, let sums = findings.cube.sums(where: segment).last else { return false }
    let whole = subject.isSum ? sums.numerator : sums.denominator == 0 ? 0 : sums.numerator / sums.denominator
    return abs(whole - cause.actual) > 1e-6 * max(abs(whole), abs(cause.actual))
  }

  private func levelText(
    _ cause: Localization.Cause,
    _ segment: [SegmentCondition]?,
    _ name: String,
    _ findings: SegmentFindings,
    _ writer: inout ClaimWriter
  ) -> String {
    let due = cause.expected * (1 + findings.localization.commonChange) * subject.scale
    let actual =
      if let segment {
        actualText(segment, findings, &writer)
      } else {
        writer.estimated(
          "actual",
          cause.actual * subject.scale,
          from: findings.cube.query,
          by: "the segment's leaves that no other cause holds"
        )
      }
    let expected = writer.estimated("expected", due, from: findings.cube.query, by: Self.method)
    let percent = writer.computed("against_expected", .percentChange, ["actual", "expected"], as: .percent)
    let side = cause.actual * subject.scale < due ? "less" : "more"
    if subject.isSum {
      let gap = writer.computed("gap", .difference, ["actual", "expected"], as: .size)
      // Of next to nothing, everything is many times as much.
      let size = cause.actual > 4 * due ? gap : "\(gap) (\(percent))"
      return "\(name.capitalizedStart) had \(actual) where its usual part of the whole would be \(expected): "
        + "\(size) \(side)."
    }
    let effect = writer.estimated(
      "impact",
      adjustedImpact(cause, findings.localization),
      from: findings.cube.query,
      by: Self.method,
      as: .change
    )
    return "\(name.capitalizedStart) was at \(actual) where \(expected) was to be expected, "
      + "which moves the whole by \(effect)."
  }

  /// The segment's value in the period, added up from the leaves.
  private func actualText(
    _ segment: [SegmentCondition],
    _ findings: SegmentFindings,
    _ writer: inout ClaimWriter
  ) -> String {
    let cube = findings.cube
    let run = cube.windows.count - 1
    let sums = cube.sums(where: segment)[run]
    if subject.isSum {
      return writer.cells(
        "actual",
        sums.numerator,
        in: cube.query,
        run: run,
        column: subject.partNames[0],
        rows: segment
      )
    }
    _ = writer.cells(
      "numerator",
      sums.numerator,
      in: cube.query,
      run: run,
      column: subject.partNames[0],
      rows: segment
    )
    _ = writer.cells(
      "denominator",
      sums.denominator,
      in: cube.query,
      run: run,
      column: subject.partNames[1],
      rows: segment
    )
    if subject.scale == 100 {
      return writer.computed("actual", .percentOf, ["numerator", "denominator"], as: .value)
    }
    if subject.scale == 1 { return writer.computed("actual", .ratio, ["numerator", "denominator"], as: .value) }
    let value = subject.value(sums.numerator, sums.denominator) ?? 0
    return writer.estimated("actual", value, from: cube.query, by: "numerator over denominator, scaled")
  }

  private func mixText(
    _ cause: Localization.Cause,
    _ segment: [SegmentCondition],
    _ name: String,
    _ findings: SegmentFindings,
    _ writer: inout ClaimWriter
  ) -> String {
    let percent = writer.estimated(
      "share_change",
      100 * cause.relativeChange,
      from: findings.cube.query,
      by: Self.method,
      as: .percent
    )
    let effect = writer.estimated(
      "impact",
      subject.scale * cause.impact,
      from: findings.cube.query,
      by: Self.method,
      as: .change
    )
    let side = cause.relativeChange < 0 ? "smaller" : "larger"
    return "\(name.capitalizedStart) kept its own ratio but was \(percent) \(side) a part of the whole than usual, "
      + "which moves the whole by \(effect)."
  }

  /// The segment in both periods, from a query of its own.
  private mutating func historyText(
    _ segment: [SegmentCondition],
    _ writer: inout ClaimWriter
  ) async throws -> (String?, String?) {
    // No row can be asked for by a value that it lacks.
    guard !segment.contains(where: { $0.value == "(none)" }) else { return (nil, nil) }
    let found = try await book.run(
      try compile(subject.compared(where: segment)),
      over: subject.period.range,
      for: "\(label.loweredFirst) of \(name(of: segment)) in both periods"
    )
    guard let row = found.rows.first, let here = found.place(.metric), let there = found.place(.comparison),
      let now = row[here].doubleValue, let before = row[there].doubleValue
    else { return (nil, found.id) }
    let nowText = writer.cells("segment_now", now, in: found.id, column: found.columns[here].name)
    let beforeText = writer.cells("segment_before", before, in: found.id, column: found.columns[there].name)
    var text = "It went from \(beforeText) \(comparisonName) to \(nowText) \(periodName)"
    if metric.format != .percent, before != 0 {
      let percent = writer.computed(
        "segment_change",
        .percentChange,
        ["segment_now", "segment_before"],
        as: .signedPercent
      )
      text += " (\(percent))"
    }
    return (text + ".", found.id)
  }

  /// Which part of the unexpected change the segment explains.
  private func shareText(
    _ impact: Double,
    _ findings: SegmentFindings,
    _ writer: inout ClaimWriter
  ) -> String? {
    let localization = findings.localization
    guard subject.isSum else { return nil }
    let gap = localization.actualTotal - localization.expectedTotal * (1 + localization.commonChange)
    guard gap != 0 else { return nil }
    let share = 100 * impact / gap
    guard share > 5, share <= 100 else { return nil }
    _ = writer.estimated("unexpected", gap, from: findings.cube.query, by: Self.method)
    let text = writer.computed("share", .percentOf, ["gap", "unexpected"], as: .wholePercent)
    return "It is \(text) of all that the rest of the company does not explain."
  }

  private func segmentChart(
    _ segment: [SegmentCondition],
    _ cause: Localization.Cause,
    _ name: String,
    _ findings: SegmentFindings
  ) -> JSONValue? {
    let cube = findings.cube
    let labels = cube.windows.map { JSONValue.string(PeriodText.name($0)) }
    let sums = cube.sums(where: segment)
    let values = sums.map { sum in subject.value(sum.numerator, sum.denominator).map { JSONValue.double($0) } ?? .null }
    var series: [JSONValue] = [["label": .string(name.capitalizedStart), "data": .array(values)]]
    if findings.localization.effect != .mix {
      let due = cause.expected * (1 + findings.localization.commonChange) * subject.scale
      let expected = values.indices.map { $0 == values.count - 1 ? JSONValue.double(due) : .null }
      series.append(["label": "Expected", "data": .array(expected)])
    }
    return ChartRule.config("line", labels, series, title: "\(label), \(name)")
  }

  private mutating func addGlobal(_ findings: SegmentFindings) {
    let localization = findings.localization
    var writer = ClaimWriter(metric)
    let common = writer.estimated(
      "common",
      100 * localization.commonChange,
      from: findings.cube.query,
      by: Self.method,
      as: .signedPercent
    )
    let usual = writer.estimated(
      "usual",
      100 * localization.usualCommonChange,
      from: findings.cube.query,
      by: Self.method,
      as: .percent
    )
    var claim = Claim(
      .global,
      "Everything moved together",
      "All segments moved by about \(common) against the periods before, where \(usual) is usual; none stands out.",
      figures: writer.figures,
      query: findings.cube.query
    )
    claim.impact = (localization.actualTotal - localization.expectedTotal) * subject.scale
    claim.evidenceFor = ["The change is spread over all segments as their size would have it."]
    claims.append(claim)
  }

  /// Notes the dimensions in which nothing stands out.
  private mutating func ruleOut(_ cube: SegmentCube, _ localization: Localization) {
    let told = claims.filter { $0.kind == .segment }.flatMap(\.segment).map(\.dimension)
    let named = Set(localization.causes.flatMap(\.conditions).map(\.dimension) + told)
    let quiet = cube.dimensions.filter { !named.contains($0.name) }
    guard !quiet.isEmpty else { return }
    let names = English.list(quiet.map(\.label))
    ruledOut.append(
      Claim(
        .segment,
        "Other breakdowns",
        "No single \(names.replacingLast(" and ", with: " or ")) moved beyond chance on its own.",
        query: cube.query
      )
    )
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedStart: String { prefix(1).uppercased() + dropFirst() }

  /// The text with the last occurrence of a phrase replaced.
  func replacingLast(_ phrase: String, with other: String) -> String {
    guard let range = ranges(of: phrase).last else { return self }
    return replacingCharacters(in: range, with: other)
  }

  private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
