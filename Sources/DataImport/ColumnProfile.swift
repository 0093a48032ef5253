import SpreadsheetKit

/// What the values of one column could be, counted over all of its rows.
struct ColumnProfile {
  private(set) var values = 0
  private(set) var empty = 0
  private var nullWords = 0
  private var integers: [ValueReading.DecimalMark: Int] = [:]
  private var numbers: [ValueReading.DecimalMark: Int] = [:]
  private var ambiguous = 0
  private var days: [ValueReading.DayOrder: Int] = [:]
  private var moments: [ValueReading.DayOrder: Int] = [:]
  private var differingDays = 0

  /// How values become what is kept.
  struct Reading: Hashable {
    var type: ColumnType
    var mark: ValueReading.DecimalMark = .point
    var order: ValueReading.DayOrder = .dayFirst
    /// What was assumed.
    var note: String?
  }

  mutating func add(_ cell: SheetCell) {
    switch cell {
    case .empty: empty += 1
    case .integer:
      values += 1
      for mark in ValueReading.DecimalMark.allCases { count(integer: true, mark) }
    case .real:
      values += 1
      for mark in ValueReading.DecimalMark.allCases { count(integer: false, mark) }
    case .date:
      values += 1
      for order in ValueReading.DayOrder.allCases { days[order, default: 0] += 1 }
    case .truth: values += 1
    case .text(let text): add(text)
    }
  }

  private mutating func add(_ text: String) {
    switch PlainValue(text) {
    case .integer:
      values += 1
      for mark in ValueReading.DecimalMark.allCases { count(integer: true, mark) }
    case .real(_, let mark):
      values += 1
      count(integer: false, mark)
    case .day:
      values += 1
      for order in ValueReading.DayOrder.allCases { days[order, default: 0] += 1 }
    case .words: values += 1
    case .other: addClosely(text)
    }
  }

  private mutating func addClosely(_ text: String) {
    if text.allSatisfy(\.isWhitespace) {
      empty += 1
      return
    }
    values += 1
    if text.utf8.count <= 10, ValueReading.nullWords.contains(text.lowercased()) {
      nullWords += 1
      return
    }
    if isHopeless { return }
    for mark in ValueReading.DecimalMark.allCases where ValueReading.number(text, mark) != nil {
      count(integer: ValueReading.integer(text, mark) != nil, mark)
    }
    if ValueReading.isAmbiguous(text) { ambiguous += 1 }
    let readings = ValueReading.DayOrder.allCases.map { ($0, ValueReading.moment(text, $0)) }
    for (order, moment) in readings {
      guard let moment else { continue }
      if moment.time == nil { days[order, default: 0] += 1 } else { moments[order, default: 0] += 1 }
    }
    if readings[0].1 != readings[1].1 { differingDays += 1 }
  }

  /// Whether the column is text whatever comes: after many values fewer than half were numbers or days.
  private var isHopeless: Bool {
    guard values > 10_000 else { return false }
    let most = [numbers[.point], numbers[.comma]].compactMap(\.self).max() ?? 0
    let dated = ValueReading.DayOrder.allCases.map { (days[$0] ?? 0) + (moments[$0] ?? 0) }.max() ?? 0
    return 2 * max(most, dated) < values
  }

  private mutating func count(integer isInteger: Bool, _ mark: ValueReading.DecimalMark) {
    numbers[mark, default: 0] += 1
    if isInteger { integers[mark, default: 0] += 1 }
  }

  // MARK: - Deciding

  /// The narrowest type that 99 of 100 values have; in columns of fewer values, all.
  func reading(prefersComma: Bool, dateOrder: ImportOptions.DateOrder?) -> Reading {
    let known = values - nullWords
    guard known > 0 else { return Reading(type: .text) }
    let needed = known - known / 100
    if let day = dayReading(needed, dateOrder) { return day }
    let marks: [ValueReading.DecimalMark] = prefersComma ? [.comma, .point] : [.point, .comma]
    let fits = marks.filter { numbers[$0] ?? 0 >= needed }
    guard
      let mark = fits.max(by: { (numbers[$0] ?? 0) < (numbers[$1] ?? 0) }).map({ best in
        // Where both fit as well, the file's own habit decides.
        fits.first { numbers[$0] == numbers[best] } ?? best
      })
    else { return Reading(type: .text) }
    let isInteger = integers[mark] ?? 0 >= needed && integers[mark] == numbers[mark]
    var reading = Reading(type: isInteger ? .integer : .real, mark: mark)
    if ambiguous > 0, fits.count > 1, numbers[fits[0]] == numbers[fits[1]] {
      reading.note = "numbers such as 1.234 and 1,234 are read with a decimal \(mark.rawValue)"
    }
    return reading
  }

  private func dayReading(_ needed: Int, _ dateOrder: ImportOptions.DateOrder?) -> Reading? {
    func count(_ order: ValueReading.DayOrder) -> Int { (days[order] ?? 0) + (moments[order] ?? 0) }
    let orders = ValueReading.DayOrder.allCases.filter { count($0) >= needed }
    guard !orders.isEmpty else { return nil }
    var order = orders.max { count($0) < count($1) } ?? .dayFirst
    if orders.count == 2, count(orders[0]) == count(orders[1]), differingDays > 0 {
      switch dateOrder {
      case .dayFirst?: order = .dayFirst
      case .monthFirst?: order = .monthFirst
      case nil:
        return Reading(
          type: .text,
          note:
            "dates such as 5/8/2025 may begin with the day or the month; it is kept as text, say which with the date order"
        )
      }
    }
    return Reading(type: (moments[order] ?? 0) > 0 ? .dateTime : .date, order: order)
  }
}

extension ColumnProfile.Reading {
  /// A value as it is kept: text, whole number, number or nil for none.
  enum Kept: Hashable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
    /// It is not what the column holds.
    case misfit(String)
  }

  /// What is kept of a cell.
  func kept(_ cell: SheetCell) -> Kept {
    switch (cell, type) {
    case (.empty, _): return .null
    case (.integer(let number), .integer): return .integer(number)
    case (.integer(let number), .real): return .real(Double(number))
    case (.real(let number), .real): return .real(number)
    case (.real(let number), .integer): return Int(exactly: number).map { .integer($0) } ?? .misfit("\(number)")
    case (.date(let year, let month, let day), .date), (.date(let year, let month, let day), .dateTime):
      return .text(Self.iso(year, month, day) + (type == .dateTime ? " 00:00:00" : ""))
    case (.integer(let number), .text): return .text("\(number)")
    case (.real(let number), .text): return .text("\(number)")
    case (.truth(let truth), .text): return .text(truth ? "true" : "false")
    case (.date(let year, let month, let day), .text): return .text(Self.iso(year, month, day))
    case (.text(let text), _): return kept(text)
    case (.integer(let number), _): return .misfit("\(number)")
    case (.real(let number), _): return .misfit("\(number)")
    case (.truth(let truth), _): return .misfit("\(truth)")
    case (.date(let year, let month, let day), _): return .misfit(Self.iso(year, month, day))
    }
  }

  private func kept(_ text: String) -> Kept {
    switch (PlainValue(text), type) {
    case (.words, .text): return .text(text)
    case (.integer(let number), .integer): return .integer(number)
    case (.integer(let number), .real): return .real(Double(number))
    case (.real(let number, mark), .real): return .real(number)
    case (.day, .date), (.day, .text): return .text(text)
    default: return keptClosely(text)
    }
  }

  private func keptClosely(_ text: String) -> Kept {
    if text.allSatisfy(\.isWhitespace) { return .null }
    if type == .text { return .text(text) }
    if ValueReading.nullWords.contains(text.lowercased()) { return .null }
    switch type {
    case .integer: return ValueReading.integer(text, mark).map { .integer($0) } ?? .misfit(text)
    case .real: return ValueReading.number(text, mark).map { .real($0) } ?? .misfit(text)
    case .date: return ValueReading.moment(text, order).map { .text($0.day) } ?? .misfit(text)
    case .dateTime:
      return ValueReading.moment(text, order).map { .text("\($0.day) \($0.time ?? "00:00:00")") } ?? .misfit(text)
    case .text: return .text(text)
    }
  }

  private static func iso(_ year: Int, _ month: Int, _ day: Int) -> String {
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}
