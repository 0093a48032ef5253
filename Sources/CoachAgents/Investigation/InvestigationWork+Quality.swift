import CoachVocabulary
import SemanticLayer

/// What the dates of a dataset's records say.
struct RecordCalendar {
  /// How many records each day has.
  let counts: [CivilDate: Int]

  init(rows: [[JSONValue]]) {
    var counts: [CivilDate: Int] = [:]
    for row in rows where row.count >= 2 {
      guard let text = row[0].stringValue, let day = CivilDate(text) else { continue }
      counts[day] = row[1].intValue ?? 0
    }
    self.counts = counts
  }

  /// Whether something is recorded on most days.
  var isDaily: Bool {
    guard let first = counts.keys.min(), let last = counts.keys.max() else { return false }
    return Double(counts.count) > 0.5 * Double(last.dayNumber - first.dayNumber + 1)
  }

  func records(in range: DateRange) -> Int {
    counts.reduce(0) { range.start <= $1.key && $1.key < range.end ? $0 + $1.value : $0 }
  }

  /// The records that the same weekday of the eight weeks before a day had.
  func usual(on day: CivilDate, before start: CivilDate) -> [Int] {
    let back = (1...60).map { start.adding(days: -$0) }.filter { $0.weekday == day.weekday }
    guard let first = counts.keys.min() else { return [] }
    return back.prefix(8).filter { $0 >= first }.map { counts[$0] ?? 0 }
  }

  /// Whether a day without records is one on which nothing is to be expected: the turn of the year, Christmas, or a date
  /// that had none a year before either.
  private func isHoliday(_ day: CivilDate) -> Bool {
    let (_, month, number) = day.parts
    if (month, number) == (1, 1) || (month, number) == (12, 25) || (month, number) == (12, 26) { return true }
    let before = day.adding(months: -12)
    guard let first = counts.keys.min(), first <= before.adding(days: -7) else { return false }
    return counts[before] ?? 0 == 0
  }

  /// Days without records on which records were to be expected.
  func missingDays(in range: DateRange) -> [CivilDate] {
    (0..<range.dayCount).map { range.start.adding(days: $0) }.filter { day in
      guard counts[day] ?? 0 == 0, !isHoliday(day) else { return false }
      let usual = usual(on: day, before: range.start)
      return usual.count >= 4 && usual.allSatisfy { $0 > 0 }
    }
  }

  /// The days at the end of a range that are there but hold less than a third of what such days usually do.
  func thinEnd(of range: DateRange) -> [CivilDate] {
    var days: [CivilDate] = []
    var day = range.lastDay
    while day >= range.start, days.count < 7 {
      let usual = usual(on: day, before: range.start).sorted()
      guard usual.count >= 4, let count = counts[day], count > 0,
        3 * count < usual[usual.count / 2], usual[usual.count / 2] >= 9
      else { break }
      days.append(day)
      day = day.adding(days: -1)
    }
    return days
  }

  /// The records that the rhythm of the week gives a range, from the eight weeks before another day.
  func rhythm(of range: DateRange, before start: CivilDate) -> Double? {
    var means: [Int: Double] = [:]
    for weekday in 0..<7 {
      let day = start.adding(days: weekday)
      let usual = usual(on: day, before: start)
      guard usual.count >= 4 else { return nil }
      means[day.weekday] = Double(usual.reduce(0, +)) / Double(usual.count)
    }
    return (0..<range.dayCount).reduce(0) { $0 + (means[range.start.adding(days: $1).weekday] ?? 0) }
  }
}

extension InvestigationWork {
  /// Looks for missing days, late loads and duplicates before anything is explained.
  mutating func checkQuality() async throws {
    guard let dataset = metric.measures.first.flatMap({ model.dataset($0.dataset) }), let time = dataset.time else {
      return
    }
    let table = SQLName.quoted(dataset.table)
    let column = SQLName.quoted(time)
    let range = subject.period.range
    let first = min(subject.comparison.range.start, range.start.adding(days: -70))
    let days = try await book.run(
      """
      SELECT date(\(column)) AS day, COUNT(*) AS records
      FROM \(table)
      WHERE \(column) >= ?1 AND \(column) < ?2
      GROUP BY 1 ORDER BY 1
      """,
      [.string(first.description), .string(range.end.description)],
      columns: [Self.column("day", "Day", .time, .date), Self.column("records", "Records", .metric, .number)],
      over: range,
      for: "records of \(dataset.label) per day"
    )
    let calendar = RecordCalendar(rows: days.rows)
    recordsInPeriod = calendar.records(in: range)
    var problems = 0
    if calendar.isDaily {
      problems += reportMissing(calendar, dataset, days.id)
      addCalendar(calendar, days.id)
    }
    problems += try await reportDuplicates(dataset, range)
    if problems == 0 {
      ruledOut.append(
        quality("No fault of the data", "No missing days, late loads or duplicates in the period.", [], days.id)
      )
    }
  }

  private mutating func reportMissing(_ calendar: RecordCalendar, _ dataset: Dataset, _ query: String) -> Int {
    let range = subject.period.range
    let missing = calendar.missingDays(in: range)
    let thin = calendar.thinEnd(of: range)
    let other = calendar.missingDays(in: subject.comparison.range)
    var count = 0
    if !missing.isEmpty {
      var writer = ClaimWriter(metric)
      let number = writer.estimated(
        "missing_days",
        Double(missing.count),
        from: query,
        by: "days without records whose weekday always had some",
        as: .count("day")
      )
      let isEnd = missing.last == range.lastDay
      let first = missing.first.map(DateText.day) ?? ""
      let verb = missing.count == 1 ? "is" : "are"
      let text =
        "\(number) of \(dataset.label) \(verb) missing, from \(first) on"
        + (isEnd ? "; the load may be late." : ".")
      claims.append(quality(isEnd ? "A late load" : "Missing days", text, writer.figures, query))
      if 20 * missing.count >= range.dayCount { hasSevereFault = true }
      count += 1
    }
    if !thin.isEmpty, let first = thin.last {
      let text =
        "From \(DateText.day(first)) on, \(dataset.label) hold less than a third of the usual records; "
        + "the load may not be complete."
      claims.append(quality("An incomplete load", text, [], query))
      if 20 * thin.count >= range.dayCount { hasSevereFault = true }
      count += 1
    }
    if !other.isEmpty {
      var writer = ClaimWriter(metric)
      let number = writer.estimated(
        "missing_before",
        Double(other.count),
        from: query,
        by: "days without records whose weekday always had some",
        as: .count("day")
      )
      let verb = other.count == 1 ? "is" : "are"
      let text = "\(number) of \(dataset.label) \(verb) missing in the period of the comparison."
      claims.append(quality("Missing days before", text, writer.figures, query))
      count += 1
    }
    return count
  }

  private mutating func reportDuplicates(_ dataset: Dataset, _ range: DateRange) async throws -> Int {
    guard let key = dataset.primaryKey, let time = dataset.time else { return 0 }
    let column = SQLName.quoted(time)
    let found = try await book.run(
      """
      SELECT COUNT(*) AS records, COUNT(DISTINCT \(SQLName.quoted(key))) AS different
      FROM \(SQLName.quoted(dataset.table))
      WHERE \(column) >= ?1 AND \(column) < ?2
      """,
      [.string(range.start.description), .string(range.end.description)],
      columns: [
        Self.column("records", "Records", .metric, .number), Self.column("different", "Different", .metric, .number),
      ],
      over: range,
      for: "duplicates among \(dataset.label)"
    )
    guard let row = found.rows.first, row.count == 2, let all = row[0].intValue, let different = row[1].intValue,
      all > different
    else { return 0 }
    var writer = ClaimWriter(metric)
    let total = writer.cells("records", Double(all), in: found.id, column: "records", as: .count("record"))
    let unique = writer.cells("different", Double(different), in: found.id, column: "different", as: .count("key"))
    let text =
      "\(dataset.label.capitalizedStart) of the period hold \(total) with only \(unique): some are there twice."
    claims.append(quality("Duplicates", text, writer.figures, found.id))
    if 100 * (all - different) >= all { hasSevereFault = true }
    return 1
  }

  /// What other weekdays and another number of days make of the period.
  private mutating func addCalendar(_ calendar: RecordCalendar, _ query: String) {
    guard subject.isSum, !subject.isBalance, let total else { return }
    let start = min(subject.period.range.start, subject.comparison.range.start)
    guard let now = calendar.rhythm(of: subject.period.range, before: start),
      let before = calendar.rhythm(of: subject.comparison.range, before: start), before > 0
    else { return }
    let effect = now / before - 1
    var writer = ClaimWriter(metric)
    let percent = writer.estimated(
      "calendar",
      100 * effect,
      from: query,
      by: "records that each weekday usually has, over the days of both periods",
      as: .signedPercent
    )
    let text =
      "By the days and weekdays it has, \(percent) against \(comparisonName.droppingPreposition) was to be expected."
    var claim = Claim(.calendar, "Days of the period", text, figures: writer.figures, query: query)
    claim.impact = effect * total.before
    let change = total.now - total.before
    if abs(effect) >= 0.01, effect * change > 0 { claims.append(claim) } else { ruledOut.append(claim) }
  }

  /// What the same step did a year earlier.
  mutating func addSeason(_ total: (now: Double, before: Double)) {
    guard subject.grain == .month, subject.bucketCount == 1, !subject.isBalance,
      let now = course.starts.firstIndex(of: subject.period.range.start.adding(months: -12)),
      let before = course.starts.firstIndex(of: subject.comparison.range.start.adding(months: -12)),
      subject.comparison.shiftMonths != 12, course.values[before] != 0, course.values[now].isFinite,
      course.values[before].isFinite, metric.format != .percent
    else { return }
    var writer = ClaimWriter(metric)
    func bucket(_ index: Int) -> [SegmentCondition] {
      [SegmentCondition(dimension: "month", value: String(course.starts[index].description.prefix(7)))]
    }
    let later = writer.cells(
      "year_before_now",
      course.values[now],
      in: courseQuery,
      column: metric.name,
      rows: bucket(now)
    )
    let earlier = writer.cells(
      "year_before_before",
      course.values[before],
      in: courseQuery,
      column: metric.name,
      rows: bucket(before)
    )
    let percent = writer.computed(
      "year_before_change",
      .percentChange,
      ["year_before_now", "year_before_before"],
      as: .signedPercent
    )
    let text = "A year earlier the same step was \(percent), from \(earlier) to \(later)."
    let impact = (course.values[now] / course.values[before] - 1) * total.before
    var claim = Claim(.calendar, "The season", text, figures: writer.figures, query: courseQuery)
    claim.impact = impact
    if impact * (total.now - total.before) > 0 { claims.append(claim) } else { ruledOut.append(claim) }
  }

  private func quality(_ title: String, _ text: String, _ figures: [Figure], _ query: String) -> Claim {
    Claim(.quality, title, text, figures: figures, query: query)
  }

  static func column(
    _ name: String,
    _ label: String,
    _ role: ResultColumn.Role,
    _ format: ResultColumn.Format
  ) -> ResultColumn {
    ResultColumn(name: name, label: label, role: role, unit: nil, format: format, member: name)
  }
}

extension String {
  /// A period without its "in" or "from".
  var droppingPreposition: String {
    for word in ["in ", "from ", "on "] where hasPrefix(word) { return String(dropFirst(word.count)) }
    return self
  }
}
