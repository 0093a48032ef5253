import CoachVocabulary
import SemanticLayer

/// Words an answer from its rows; the same rows always give the same words.
struct AnswerWriter {
  let model: SemanticModel
  let asOf: CivilDate
  let frame: Frame?
  let columns: [ResultColumn]
  let rows: [[JSONValue]]
  /// How many rows there are in all; nil when `rows` is all.
  let totalRows: Int?

  /// "5 of 49 rows".
  var rowsNote: String {
    let total = max(totalRows ?? rows.count, rows.count)
    return "\(rows.count) of \(total) row\(total == 1 ? "" : "s")"
  }

  /// The whole text.
  var text: String {
    if let text = countedGroups ?? missingGroups { return text }
    guard let metric = index(.metric) else { return listing }
    let hasData = rows.contains { row in columns.indices.contains { columns[$0].role == .metric && !row[$0].isNull } }
    guard hasData else { return nothing }
    guard let key = keys.first else { return rows.count == 1 ? verdict + single : unnamed(metric) }
    if keys.count > 1 { return table(metric) }
    if rows.count == 1 { return one(key, metric) }
    if columns[key].role == .time, !isRanked { return series(key, metric) }
    return isRanked ? ranking(key, metric) : breakdown(key, metric)
  }

  private var keys: [Int] { columns.indices.filter { columns[$0].role == .dimension || columns[$0].role == .time } }
  private func index(_ role: ResultColumn.Role) -> Int? { columns.firstIndex { $0.role == role } }

  /// Whether the question asked for the first or last few by value.
  private var isRanked: Bool {
    if case .time? = frame?.order?.key { return false }
    return frame?.limit != nil
  }

  // MARK: - No rows, and names alone

  private var nothing: String {
    "There is no data on \(columns.first { $0.role == .metric }.map(\.label)?.loweredFirst ?? "that")\(context)."
  }

  private var listing: String {
    guard let key = keys.first else { return "\(English.counted(rows.count, "row"))." }
    let label = columns[key].label.loweredFirst
    if rows.isEmpty { return "There are no \(English.plural(of: label))\(context)." }
    let names = rows.prefix(12).map { name($0[key], key) }
    let rest = rows.count > names.count ? ["\(rows.count - names.count) more"] : []
    return "There \(rows.count == 1 ? "is" : "are") \(English.counted(rows.count, label))"
      + "\(context): \(English.list(names + rest))."
  }

  // MARK: - One value

  private var single: String {
    var sentences: [String] = []
    for place in columns.indices where columns[place].role == .metric {
      let lead = statement(rows[0][place], in: columns[place])
      sentences.append(lead + (sentences.isEmpty ? context : "") + comparison(rows[0], after: place) + ".")
    }
    return sentences.joined(separator: " ")
  }

  /// "Net revenue was $9.8M", "There were 4,210 orders", "1,234 units were sold".
  private func statement(_ value: JSONValue, in column: ResultColumn) -> String {
    let label = column.label
    if let counted = countedDimension(column), let count = value.intValue {
      return
        "There \(count == 1 ? frame?.time == nil ? "is" : "was" : be) \(English.counted(count, counted.loweredFirst))"
    }
    if let number = value.doubleValue, number != 1, let unit = column.unit, frame?.average == nil {
      let lower = label.lowercased()
      let count = ValueText.text(number, format: column.format, unit: nil)
      if lower == unit || lower.hasSuffix(" " + unit) { return "There \(be) \(count) \(label.loweredFirst)" }
      if lower.hasPrefix(unit + " "), lower.hasSuffix("ed") || lower.hasSuffix(" sold") {
        return "\(count) \(unit) \(be) \(lower.dropFirst(unit.count + 1))"
      }
    }
    let isOne = column.format == .date || !English.isPlural(label)
    return "\(label) \(isOne ? frame?.time == nil ? "is" : "was" : be) \(shown(value, in: column))"
  }

  /// The label of the dimension whose different values a column counts.
  private func countedDimension(_ column: ResultColumn) -> String? {
    model.dimensions.first {
      column.member == "\($0.name)_count" && frame?.metrics.contains(Frame.distinctCount(of: $0.name)) == true
    }?.label
  }

  private var be: String { frame?.time == nil ? "are" : "were" }

  /// ", up 12.3 % (+$1.2M) from $9.8M in Apr 2025".
  private func comparison(_ row: [JSONValue], after metric: Int) -> String {
    let member = columns[metric].member
    func place(_ role: ResultColumn.Role) -> Int? { columns.firstIndex { $0.member == member && $0.role == role } }
    guard let before = place(.comparison), let change = place(.change), let range = frame?.comparison?.range else {
      return ""
    }
    guard let difference = row[change].doubleValue, let previous = row[before].doubleValue else {
      return "; there is no data for \(PeriodText.name(range)) to compare with"
    }
    if difference == 0 { return ", unchanged against \(PeriodText.name(range))" }
    if bareChange(difference, row, columns[metric]) == "0.0" {
      return ", nearly the same as \(PeriodText.phrase(range)) (\(shown(.double(previous), in: columns[before])))"
    }
    let direction = difference > 0 ? "up" : "down"
    let absolute = ValueText.change(difference, in: bare(columns[change], like: columns[metric]))
    let base = "\(shown(.double(previous), in: columns[before])) \(PeriodText.phrase(range))"
    guard let percentPlace = place(.changePercent), let percent = row[percentPlace].doubleValue else {
      return ", \(direction) \(absolute.trimmingSign) from \(base)"
    }
    return ", \(direction) \(ValueText.decimal(abs(percent), places: 1)) % (\(absolute)) from \(base)"
  }

  /// The change as a percentage with one decimal, or in points where the metric is a percentage.
  private func bareChange(_ difference: Double, _ row: [JSONValue], _ metric: ResultColumn) -> String? {
    let place = columns.firstIndex { $0.member == metric.member && $0.role == .changePercent }
    let number = metric.format == .percent ? difference : place.flatMap { row[$0].doubleValue }
    return number.map { ValueText.decimal(abs($0), places: 1) }
  }

  /// One row with a name.
  ///
  /// For instance "Berlin had the highest net revenue in May 2026: $9.8M."
  private func one(_ key: Int, _ metric: Int) -> String {
    let column = columns[metric]
    var details = comparison(rows[0], after: metric)
    if let share = shareText(rows[0]) { details = ", \(share) of the whole" + details }
    let who = name(rows[0][key], key)
    guard isRanked else {
      let preposition = model.dimension(columns[key].member)?.kind == .geo ? "in" : "for"
      return "\(statement(rows[0][metric], in: column)) \(preposition) \(who)\(context(without: key))\(details)."
    }
    let value = shown(rows[0][metric], in: column)
    let what =
      rankedByChange
      ? "\(changeWord) in \(column.label.loweredFirst)"
      : "\(rankWord(column)) "
        + column.label.loweredFirst
    let verb = columns[key].role == .time || frame?.time != nil ? "had" : "has"
    return "\(who.upperFirst) \(verb) the \(what)\(context): \(value)\(details)."
  }

  // MARK: - Several values

  private func series(_ time: Int, _ metric: Int) -> String {
    let known = rows.filter { $0[metric].doubleValue != nil }.sorted {
      ($0[time].stringValue ?? "") < ($1[time].stringValue ?? "")
    }
    guard let first = known.first, let last = known.last else { return nothing }
    let column = columns[metric]
    func number(_ row: [JSONValue]) -> Double { row[metric].doubleValue ?? 0 }
    func place(_ row: [JSONValue]) -> String { "\(preposition(row[time], time))\(name(row[time], time))" }
    func value(_ row: [JSONValue]) -> String { shown(row[metric], in: column) }
    let lead = column.label
    if known.count == 1 { return "\(statement(first[metric], in: column)) \(place(first))." }
    if frame?.window == .running {
      return "\(lead)\(context(without: time, period: false)) reached \(value(last)) \(place(last))."
        + unfinished(last[time], time)
    }
    let movement = number(last) == number(first) ? "was" : number(last) > number(first) ? "rose" : "fell"
    var text: String
    if movement == "was" {
      text =
        "\(lead)\(context(without: time, period: false)) \(English.isPlural(lead) ? "were" : "was") \(value(first)) both "
        + "\(place(first)) and \(place(last))."
    } else {
      text =
        "\(lead)\(context(without: time, period: false)) \(movement) from \(value(first)) \(place(first)) to "
        + "\(value(last)) \(place(last))"
      if column.format != .percent, number(first) > 0, number(last) >= 0 {
        let percent = 100 * (number(last) - number(first)) / number(first)
        text += " (\(ValueText.change(percent, format: .percent)))"
      }
      text += "."
    }
    text += growth(of: metric, name: place)
    if known.count > 2 {
      let most = known.max { number($0) < number($1) } ?? first
      let least = known.min { number($0) < number($1) } ?? first
      text += " The highest was \(value(most)) \(place(most)), the lowest \(value(least)) \(place(least))."
    }
    return text + unfinished(last[time], time)
  }

  /// A word of warning when the last bucket is still being filled.
  private func unfinished(_ bucket: JSONValue, _ time: Int) -> String {
    guard let text = bucket.stringValue, let grain = frame?.grain, let end = BucketText.end(of: text, grain: grain),
      end > asOf.adding(days: 1)
    else { return "" }
    return " \(name(bucket, time).upperFirst) is not complete yet."
  }

  /// A numbered list under a sentence such as "The top 5 dealers by units sold in 2025 were".
  private func ranking(_ key: Int, _ metric: Int) -> String {
    let end = frame?.order?.descending == false ? "bottom" : "top"
    let label = English.plural(of: columns[key].label.loweredFirst)
    let what =
      rankedByChange ? "change in \(columns[metric].label.loweredFirst)" : columns[metric].label.loweredFirst
    let entries = rows.prefix(10).enumerated().map { "\($0 + 1). \(entry($1, key, metric))" }
    let rest = rows.count > 10 ? ", and \(rows.count - 10) more" : ""
    let compared = against.isEmpty ? "" : against + ","
    return "The \(end) \(rows.count) \(label) by \(what)\(context)\(compared) \(be): "
      + entries.joined(separator: ", ") + "\(rest)."
  }

  private func breakdown(_ key: Int, _ metric: Int) -> String {
    let shownRows = rows.count <= 8 ? rows.count : 5
    let entries = rows.prefix(shownRows).map { entry($0, key, metric) }.joined(separator: ", ")
    let rest = rows.count > shownRows ? ", and \(rows.count - shownRows) more" : ""
    let share = index(.share) == nil ? "" : ", with the share of the whole"
    return "\(columns[metric].label) by \(columns[key].label.loweredFirst)\(context)\(against)\(share): "
      + "\(entries)\(rest)." + total(metric)
  }

  /// "Berlin (1,234, +5.0 %)".
  private func entry(_ row: [JSONValue], _ key: Int, _ metric: Int) -> String {
    var parts = [shown(row[metric], in: columns[metric])]
    if let change = index(.changePercent) ?? index(.change), let number = row[change].doubleValue {
      parts.append(ValueText.change(number, in: bare(columns[change], like: columns[metric])))
    }
    if let share = shareText(row) { parts.append(share) }
    return "\(name(row[key], key)) (\(parts.joined(separator: ", ")))"
  }

  /// The sum, for figures that add up and are shown in full.
  private func total(_ metric: Int) -> String {
    guard model.metric(columns[metric].member)?.isAdditive == true, totalRows == nil, frame?.average == nil,
      frame?.limit == nil, frame?.conditions.isEmpty ?? true
    else { return "" }
    let sum = rows.reduce(0.0) { $0 + ($1[metric].doubleValue ?? 0) }
    return " The total \(frame?.time == nil ? "is" : "was") \(shown(.double(sum), in: columns[metric]))."
  }

  private func table(_ metric: Int) -> String {
    let column = columns[metric]
    let names = English.list(keys.map { columns[$0].label.loweredFirst })
    let lead = "\(column.label) by \(names)\(context)\(against): \(English.counted(rows.count, "row"))."
    let known = rows.filter { $0[metric].doubleValue != nil }
    func value(_ row: [JSONValue]) -> Double { row[metric].doubleValue ?? 0 }
    guard let most = known.max(by: { value($0) < value($1) }), let least = known.min(by: { value($0) < value($1) }),
      known.count > 1
    else { return lead }
    func described(_ row: [JSONValue]) -> String {
      "\(shown(row[metric], in: column)) (\(keys.map { name(row[$0], $0) }.joined(separator: ", ")))"
    }
    return lead + " The highest is \(described(most)), the lowest \(described(least))."
  }

  /// Several rows without names, which only a statement written by a model gives.
  private func unnamed(_ metric: Int) -> String {
    let values = rows.prefix(10).map { shown($0[metric], in: columns[metric]) }
    let rest = rows.count > values.count ? ["\(rows.count - values.count) more"] : []
    return "\(columns[metric].label): \(English.list(values + rest))."
  }

  // MARK: - Words

  /// A value without the unit that its label says already.
  private func shown(_ value: JSONValue, in column: ResultColumn) -> String {
    if column.format == .date, let day = value.stringValue.flatMap({ CivilDate($0) }) { return DateText.day(day) }
    return ValueText.text(value, in: bare(column, like: column))
  }

  private func bare(_ column: ResultColumn, like metric: ResultColumn) -> ResultColumn {
    guard column.format == .number, let unit = column.unit, metric.label.lowercased().contains(unit.lowercased()) else {
      return column
    }
    var copy = column
    copy.unit = nil
    return copy
  }

  private func shareText(_ row: [JSONValue]) -> String? {
    index(.share).flatMap { row[$0].doubleValue }.map { "\(ValueText.decimal($0, places: 1)) %" }
  }

  private var rankedByChange: Bool {
    switch frame?.order?.key {
    case .change, .changePercent: true
    default: false
    }
  }

  private var changeWord: String {
    let place = frame?.offset.map { English.ordinal($0 + 1) + " " } ?? ""
    return place + (frame?.order?.descending == false ? "largest decrease" : "largest increase")
  }

  /// "highest" for an amount, "most" for things that are counted.
  private func rankWord(_ column: ResultColumn) -> String {
    let isCounted = English.isPlural(column.label) && column.format == .number && frame?.average == nil
    let place = frame?.offset.map { English.ordinal($0 + 1) + " " } ?? ""
    if frame?.order?.descending == false { return place + (isCounted ? "fewest" : "lowest") }
    return place + (isCounted ? "most" : "highest")
  }

  private func name(_ value: JSONValue, _ key: Int) -> String {
    guard let text = value.stringValue else { return value.intValue.map(String.init) ?? "(none)" }
    if text.isEmpty { return "(none)" }
    return columns[key].format == .date ? BucketText.name(text, grain: frame?.grain) : text
  }

  private func preposition(_ value: JSONValue, _ time: Int) -> String {
    value.stringValue.flatMap { CivilDate($0) } != nil && frame?.grain != .week ? "on " : "in "
  }

  /// ", compared with Q1 2025", for answers of several rows.
  private var against: String {
    guard let comparison = frame?.comparison else { return "" }
    if comparison.kind == .previousBucket { return ", each compared with the \(bucket) before" }
    let range = comparison.range
    return ", compared with \(PeriodText.name(range))"
  }

  private var context: String { context(without: nil) }

  /// Filters and period, for sentences of the other file.
  var periodContext: String { context }

  /// " for West in May 2025"; a key that is named by itself is left out.
  private func context(without key: Int?, period: Bool = true) -> String {
    guard let frame else { return "" }
    let own = key.map { columns[$0].member }
    var parts: [String] = []
    var places: [String] = []
    for filter in frame.filters where !(frame.share && frame.dimensions.contains(filter.dimension)) {
      guard filter.dimension != own else { continue }
      let values = filter.values.joined(separator: " or ")
      let isPlace = model.dimension(filter.dimension)?.kind == .geo
      if isPlace, !filter.excludes {
        places.append("in \(values)")
      } else {
        parts.append((filter.excludes ? "without " : "for ") + values)
      }
    }
    parts += frame.namedFilters.compactMap { model.filter($0)?.label }.map { "for \($0)" }
    parts += frame.rowConditions.map { "with \(words($0)) each" }
    parts += places
    if period, let time = frame.time { parts.append(PeriodText.phrase(time, asOf: asOf)) }
    return parts.isEmpty ? "" : " " + parts.joined(separator: " ")
  }
}

extension String {
  /// The text with its first letter in lower case, unless it begins with an abbreviation.
  var loweredFirst: String {
    dropFirst().first?.isUppercase == true ? self : prefix(1).lowercased() + dropFirst()
  }

  /// The text with its first letter in upper case.
  fileprivate var upperFirst: String { prefix(1).uppercased() + dropFirst() }

  /// A change without its sign, where a word says the direction.
  fileprivate var trimmingSign: String {
    first.map { "+\u{2212}\u{00B1}".contains($0) } == true ? String(dropFirst()) : self
  }
}
