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

  private var keys: [Int] { columns.indices.filter { columns[$0].role == .dimension || columns[$0].role == .time } }
  private func index(_ role: ResultColumn.Role) -> Int? { columns.firstIndex { $0.role == role } }

  /// "5 of 49 rows".
  var rowsNote: String {
    let total = max(totalRows ?? rows.count, rows.count)
    return "\(rows.count) of \(total) row\(total == 1 ? "" : "s")"
  }

  /// The whole text.
  var text: String {
    guard let metric = index(.metric) else { return listing }
    let hasData = rows.contains { row in columns.indices.contains { columns[$0].role == .metric && !row[$0].isNull } }
    guard hasData else { return nothing }
    if keys.isEmpty { return single(metric) }
    if let time = keys.first(where: { columns[$0].role == .time }), keys.count == 1 { return series(time, metric) }
    if keys.count == 1 { return breakdown(keys[0], metric) }
    return table(metric)
  }

  // MARK: Shapes

  private var nothing: String {
    "There is no data on \(columns.first { $0.role == .metric }?.label.loweredFirst ?? "that")\(context)."
  }

  private var listing: String {
    guard let key = keys.first else { return "\(rows.count) rows." }
    let label = columns[key].label.loweredFirst
    if rows.isEmpty { return "There is no \(label)\(context)." }
    let names = rows.prefix(12).map { name($0[key]) }
    let rest = rows.count > names.count ? " and \(rows.count - names.count) more" : ""
    return "There \(rows.count == 1 ? "is 1" : "are \(rows.count)") \(label) \(rows.count == 1 ? "entry" : "entries")"
      + "\(context): \(names.joined(separator: ", "))\(rest)."
  }

  private func single(_ metric: Int) -> String {
    let row = rows[0]
    var sentences: [String] = []
    for place in columns.indices where columns[place].role == .metric {
      var sentence = "\(columns[place].label) \(verb(columns[place])) \(ValueText.text(row[place], in: columns[place]))"
      if sentences.isEmpty { sentence += context }
      sentence += comparison(row, after: place)
      sentences.append(sentence + ".")
    }
    return sentences.joined(separator: " ")
  }

  /// "are" behind a plural label, "was" otherwise.
  private func verb(_ column: ResultColumn) -> String { frame?.time == nil ? "is" : "was" }

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
    let direction = difference > 0 ? "up" : "down"
    let absolute = ValueText.change(difference, in: columns[change])
    let base = "\(ValueText.text(.double(previous), in: columns[before])) in \(PeriodText.name(range))"
    guard let percentPlace = place(.changePercent), let percent = row[percentPlace].doubleValue else {
      return ", \(direction) \(absolute) from \(base)"
    }
    return ", \(direction) \(ValueText.decimal(abs(percent), places: 1)) % (\(absolute)) from \(base)"
  }

  private func series(_ time: Int, _ metric: Int) -> String {
    let known = rows.filter { !$0[metric].isNull }
    guard let first = known.first, let last = known.last else { return nothing }
    let column = columns[metric]
    func value(_ row: [JSONValue]) -> String { ValueText.text(row[metric], in: column) }
    if known.count == 1 { return "\(column.label) was \(value(first)) in \(name(first[time]))." }
    let most = known.max { ($0[metric].doubleValue ?? 0) < ($1[metric].doubleValue ?? 0) } ?? first
    let least = known.min { ($0[metric].doubleValue ?? 0) < ($1[metric].doubleValue ?? 0) } ?? first
    if frame?.limit == 1 {
      return "\(name(rows[0][time])) had the \(rankWord) \(column.label.loweredFirst): \(value(rows[0]))."
    }
    let start = value(first)
    let end = value(last)
    return "\(column.label) went from \(start) in \(name(first[time])) to \(end) in \(name(last[time])). "
      + "The highest was \(value(most)) in \(name(most[time])), the lowest \(value(least)) in \(name(least[time]))."
  }

  private var rankWord: String { frame?.order?.descending == false ? "lowest" : "highest" }

  private func breakdown(_ key: Int, _ metric: Int) -> String {
    let column = columns[metric]
    func entry(_ row: [JSONValue]) -> String {
      var text = "\(name(row[key])) (\(ValueText.text(row[metric], in: column))"
      if let change = index(.changePercent) ?? index(.change), let number = row[change].doubleValue {
        text += ", \(ValueText.change(number, in: columns[change]))"
      }
      if let share = index(.share), let number = row[share].doubleValue {
        text += ", \(ValueText.decimal(number, places: 1)) %"
      }
      return text + ")"
    }
    if rows.count == 1 { return "\(name(rows[0][key])): \(sentenceOfOne(rows[0], metric))." }
    let label = columns[key].label.loweredFirst
    if let limit = frame?.limit, limit > 1 || rows.count > 1 {
      let end = frame?.order?.descending == false ? "lowest" : "highest"
      let what = rankedByChange ? "change in \(column.label.loweredFirst)" : column.label.loweredFirst
      return "The \(rows.count) \(label) entries with the \(end) \(what)\(context): "
        + rows.prefix(10).map(entry).joined(separator: ", ") + "."
    }
    let shown = rows.prefix(5).map(entry).joined(separator: ", ")
    let rest = rows.count > 5 ? " and \(rows.count - 5) more" : ""
    return "\(column.label) by \(label)\(context): \(shown)\(rest)." + total(metric)
  }

  private var rankedByChange: Bool {
    switch frame?.order?.key {
    case .change, .changePercent: true
    default: false
    }
  }

  private func sentenceOfOne(_ row: [JSONValue], _ metric: Int) -> String {
    var text =
      "\(columns[metric].label.loweredFirst) \(verb(columns[metric])) \(ValueText.text(row[metric], in: columns[metric]))"
    if let share = index(.share), let number = row[share].doubleValue {
      text += ", \(ValueText.decimal(number, places: 1)) % of the whole"
    }
    return text + context + comparison(row, after: metric)
  }

  /// The sum, for figures that add up and are shown in full.
  private func total(_ metric: Int) -> String {
    guard model.metric(columns[metric].member)?.isAdditive == true, totalRows == nil, frame?.average == nil else {
      return ""
    }
    let sum = rows.reduce(0.0) { $0 + ($1[metric].doubleValue ?? 0) }
    return " In all \(ValueText.text(.double(sum), in: columns[metric]))."
  }

  private func table(_ metric: Int) -> String {
    let names = keys.map { columns[$0].label.loweredFirst }.joined(separator: " and ")
    let most = rows.max { ($0[metric].doubleValue ?? -.infinity) < ($1[metric].doubleValue ?? -.infinity) } ?? rows[0]
    let place = keys.map { name(most[$0]) }.joined(separator: ", ")
    return "\(columns[metric].label) by \(names)\(context), \(rows.count) rows. "
      + "The highest is \(ValueText.text(most[metric], in: columns[metric])) (\(place))."
  }

  // MARK: Words

  private func name(_ value: JSONValue) -> String {
    value.stringValue ?? value.intValue.map(String.init) ?? "(none)"
  }

  /// " for West in May 2025".
  private var context: String {
    guard let frame else { return "" }
    var parts: [String] = []
    for filter in frame.filters where !(frame.share && frame.dimensions.contains(filter.dimension)) {
      parts.append((filter.excludes ? "without " : "for ") + filter.values.joined(separator: " or "))
    }
    parts += frame.namedFilters.compactMap { model.filter($0)?.label }.map { "for \($0)" }
    if let time = frame.time { parts.append(PeriodText.phrase(time, asOf: asOf)) }
    return parts.isEmpty ? "" : " " + parts.joined(separator: " ")
  }
}

extension String {
  /// The text with its first letter in lower case, unless it begins with an abbreviation.
  var loweredFirst: String {
    dropFirst().first?.isUppercase == true ? self : prefix(1).lowercased() + dropFirst()
  }
}
