import CoachVocabulary

/// Reads what people write in cells as numbers and days.
enum ValueReading {
  /// Which mark stands before the fraction of a number.
  enum DecimalMark: String, Hashable, Sendable, CaseIterable {
    case point
    case comma
  }

  /// Words that say that there is no value.
  static let nullWords: Set<String> = [
    "-", "–", "—", "n/a", "na", "n.a.", "null", "none", "nil", "nan", "#n/a", "(none)", "(null)", "(blank)", "?",
    "missing",
  ]

  private static let currencies = ["€", "$", "£", "¥", "EUR", "USD", "GBP", "CHF"]

  /// A number with groups of thousands, a currency sign, a percent sign or brackets around a negative one.
  ///
  /// A text with leading noughts is a code, not a number.
  static func number(_ text: String, _ mark: DecimalMark) -> Double? {
    guard let digits = bareNumber(text) else { return nil }
    let decimal: Character = mark == .point ? "." : ","
    let groups: [Character] =
      mark == .point
      ? [",", "'", "\u{2019}", " ", "\u{A0}", "\u{202F}"] : [".", "'", "\u{2019}", " ", "\u{A0}", "\u{202F}"]
    var exponent = ""
    var mantissa = digits.body
    if let place = mantissa.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      exponent = String(mantissa[place...])
      mantissa = String(mantissa[..<place])
      guard Int(exponent.dropFirst()) != nil else { return nil }
    }
    let parts = mantissa.split(separator: decimal, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = ungrouped(parts[0], groups) else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard isDigits(fraction) || fraction.isEmpty, !(whole.isEmpty && fraction.isEmpty) else { return nil }
    if whole.count > 1, whole.hasPrefix("0"), exponent.isEmpty { return nil }
    guard let value = Double("\(whole.isEmpty ? "0" : whole).\(fraction.isEmpty ? "0" : String(fraction))\(exponent)"),
      value.isFinite
    else { return nil }
    return digits.isNegative ? -value : value
  }

  /// Whether a number is whole and written as one.
  static func integer(_ text: String, _ mark: DecimalMark) -> Int? {
    guard !text.contains(mark == .point ? "." : ","),
      !text.contains(where: { $0 == "e" || $0 == "E" }) || text.contains("EUR"),
      let value = number(text, mark), abs(value) < 9e15
    else { return nil }
    return Int(exactly: value)
  }

  /// Which marks a number leaves open: "1.234" is a thousand and more, or a bit over one.
  static func isAmbiguous(_ text: String) -> Bool {
    let (one, other) = (number(text, .point), number(text, .comma))
    return one != nil && other != nil && one != other
  }

  /// The digits with their marks, without sign, currency, percent sign and brackets.
  private static func bareNumber(_ text: String) -> (body: String, isNegative: Bool)? {
    var rest = text[...]
    var isNegative = false
    func trim() {
      while rest.first == " " { rest.removeFirst() }
      while rest.last == " " { rest.removeLast() }
    }
    trim()
    if rest.hasPrefix("("), rest.hasSuffix(")") {
      isNegative = true
      rest = rest.dropFirst().dropLast()
    }
    for _ in 0..<2 {
      trim()
      if let sign = rest.first, "+-\u{2212}".contains(sign) {
        if isNegative { return nil }
        isNegative = sign != "+"
        rest.removeFirst()
      }
      for currency in currencies {
        if rest.hasPrefix(currency) {
          rest.removeFirst(currency.count)
        } else if rest.hasSuffix(currency) {
          rest.removeLast(currency.count)
        }
      }
    }
    if rest.hasSuffix("%") { rest.removeLast() }
    trim()
    guard let first = rest.first, first.isASCII, first.isNumber || first == "." || first == ",", rest.utf8.count <= 40
    else {
      return nil
    }
    return (String(rest), isNegative)
  }

  private static func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// The digits of a whole number whose groups, if it has any, have three each.
  private static func ungrouped(_ text: Substring, _ groups: [Character]) -> String? {
    if text.isEmpty || isDigits(text) { return String(text) }
    guard let mark = groups.first(where: { text.contains($0) }) else { return nil }
    let parts = text.split(separator: mark, omittingEmptySubsequences: false)
    guard let first = parts.first, (1...3).contains(first.count), parts.allSatisfy({ isDigits($0) }),
      parts.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    return parts.joined()
  }

  // MARK: - Days

  /// In which order day and month stand between slashes or hyphens.
  enum DayOrder: Hashable, Sendable, CaseIterable {
    case dayFirst
    case monthFirst
  }

  /// A day with or without a time.
  struct Moment: Hashable {
    /// `2025-08-05`.
    var day: String
    /// `14:30:00`; nil without a time.
    var time: String?
    /// `2025-08-05` or `2025-08-05 14:30:00`.
    var text: String { time.map { "\(day) \($0)" } ?? day }
  }

  /// A day as `2025-08-05`, `2025/8/5`, `20250805` not, `5.8.2025`, `5/8/2025` or `8/5/2025`, `2025-08`, with a time behind it or not.
  static func moment(_ text: String, _ order: DayOrder) -> Moment? {
    let trimmed = text.split(separator: " ", omittingEmptySubsequences: true)
    guard (1...2).contains(trimmed.count), text.utf8.count <= 40 else { return nil }
    var parts = trimmed.map(String.init)
    if parts.count == 1, let place = parts[0].firstIndex(of: "T"), place != parts[0].startIndex {
      parts = [String(parts[0][..<place]), String(parts[0][parts[0].index(after: place)...])]
    }
    guard let day = day(parts[0], order) else { return nil }
    guard parts.count == 2 else { return Moment(day: day) }
    guard let time = time(parts[1]) else { return nil }
    return Moment(day: day, time: time)
  }

  private static func day(_ text: String, _ order: DayOrder) -> String? {
    for mark: Character in ["-", "/", "."] {
      let parts = text.split(separator: mark, omittingEmptySubsequences: false)
      guard (2...3).contains(parts.count), parts.allSatisfy({ isDigits($0) && $0.count <= 4 }) else { continue }
      let numbers = parts.compactMap { Int($0) }
      if parts.count == 2 {
        guard parts[0].count == 4, parts[1].count == 2, mark == "-" else { return nil }
        return CivilDate(year: numbers[0], month: numbers[1], day: 1)?.description
      }
      if parts[0].count == 4 { return CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])?.description }
      guard parts[2].count == 4 else { return nil }
      // Points are written where the day comes first.
      let isDayFirst = mark == "." || order == .dayFirst
      return CivilDate(year: numbers[2], month: numbers[isDayFirst ? 1 : 0], day: numbers[isDayFirst ? 0 : 1])?
        .description
    }
    return nil
  }

  private static func time(_ text: String) -> String? {
    var rest = text[...]
    if rest.hasSuffix("Z") { rest.removeLast() }
    if let dot = rest.firstIndex(of: ".") { rest = rest[..<dot] }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.allSatisfy({ isDigits($0) && $0.count <= 2 }) else { return nil }
    let numbers = parts.compactMap { Int($0) } + [0]
    guard numbers[0] < 24, numbers[1] < 60, numbers[2] < 61 else { return nil }
    return numbers.prefix(3).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
