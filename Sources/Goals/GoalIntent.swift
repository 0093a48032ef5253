public import CoachVocabulary

/// What a person wants, as far as their words say it.
public struct GoalIntent: Hashable, Sendable {
  /// How far.
  public enum Amount: Hashable, Sendable {
    /// By a share of the baseline: 0.1 for "by 10 %".
    case by(share: Double)
    /// By an amount in the metric's unit.
    case byAmount(Double)
    /// To a value in the metric's unit.
    case to(Double)
  }

  /// The words that name the metric and its filters.
  public var subject: String
  /// More or less of it; nil when the words do not say.
  public var direction: Goal.Direction?
  /// How far; nil when the words do not say.
  public var amount: Amount?
  /// The last day; nil when the words do not say.
  public var deadline: CivilDate?
  /// Who answers for it.
  public var owner: String?

  private static let more = [
    "grow", "increase", "raise", "improve", "boost", "lift", "expand", "get", "bring", "push", "more", "higher", "up",
    "maximise", "maximize", "double",
  ]
  private static let less = [
    "reduce", "cut", "lower", "decrease", "shrink", "drop", "less", "fewer", "minimise", "minimize", "halve",
  ]
  private static let filler: Set<String> = [
    "we", "i", "want", "to", "need", "should", "please", "our", "the", "a", "an", "goal", "goals", "plan", "set",
    "help", "us", "me", "let", "lets", "let's", "and", "of",
  ]

  /// Reads a wish: "grow revenue in Germany by 8 % until the end of 2026".
  ///
  /// - Parameters:
  ///   - text: the words.
  ///   - today: what relative deadlines count from.
  public init(reading text: String, today: CivilDate) {
    var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    owner = Self.takeOwner(&words)
    deadline = Self.takeDeadline(&words, today: today)
    amount = Self.takeAmount(&words)
    direction = nil
    var rest: [String] = []
    for word in words {
      let plain = Self.plain(word)
      if direction == nil, Self.more.contains(plain) {
        direction = .atLeast
        if plain == "double", amount == nil { amount = .by(share: 1) }
      } else if direction == nil, Self.less.contains(plain) {
        direction = .atMost
        if plain == "halve", amount == nil { amount = .by(share: 0.5) }
      } else if !(rest.isEmpty && Self.filler.contains(plain)) {
        rest.append(word)
      }
    }
    subject = rest.joined(separator: " ").trimmingPunctuation
    if case .by(let share) = amount, direction == .atMost, share > 0 { amount = .by(share: -share) }
    if case .byAmount(let size) = amount, direction == .atMost, size > 0 { amount = .byAmount(-size) }
  }

  private static func plain(_ word: String) -> String { word.lowercased().trimmingPunctuation }

  // MARK: - Parts

  /// "owner Anna Berg" or "owned by Anna" at the end.
  private static func takeOwner(_ words: inout [String]) -> String? {
    for (index, word) in words.enumerated() {
      let plain = plain(word)
      let next = index + 1 < words.count ? Self.plain(words[index + 1]) : ""
      let first = plain == "owner" ? index + 1 : plain == "owned" && next == "by" ? index + 2 : nil
      guard let first, first < words.count else { continue }
      let name = words[first...].prefix(3).prefix { $0.first?.isUppercase == true }
      guard !name.isEmpty else { continue }
      let owner = name.joined(separator: " ").trimmingPunctuation
      words.removeSubrange(index..<(first + name.count))
      return owner
    }
    return nil
  }

  /// "by 10 %", "by 200 units", "to 450 million", "to 85".
  private static func takeAmount(_ words: inout [String]) -> Amount? {
    for index in words.indices.dropLast() where ["by", "to"].contains(plain(words[index])) {
      guard var number = number(words[index + 1]) else { continue }
      var end = index + 2
      var isShare = words[index + 1].hasSuffix("%")
      if end < words.count {
        switch plain(words[end]) {
        case "%", "percent", "per-cent", "pct":
          isShare = true
          end += 1
        case "":
          if words[end] == "%" {
            isShare = true
            end += 1
          }
        case "thousand", "k":
          number *= 1_000
          end += 1
        case "million", "millions", "m", "mio":
          number *= 1_000_000
          end += 1
        case "billion", "bn", "b":
          number *= 1_000_000_000
          end += 1
        case "points", "point", "units", "eur", "euro", "euros", "usd", "dollars", "cars", "claims", "orders":
          end += 1
        default: break
        }
      }
      let isTo = plain(words[index]) == "to"
      words.removeSubrange(index..<end)
      return isTo ? .to(number) : isShare ? .by(share: number / 100) : .byAmount(number)
    }
    return nil
  }

  private static func number(_ word: String) -> Double? {
    var text = word.lowercased()
    for mark in ["€", "$", "£", "%", ","] { text = text.split(separator: mark).joined() }
    var factor = 1.0
    for (ending, value) in [("bn", 1e9), ("m", 1e6), ("k", 1e3)]
    where text.hasSuffix(ending) && text.count > ending.count {
      text.removeLast(ending.count)
      factor = value
      break
    }
    guard text.first.map({ $0.isNumber || $0 == "-" || $0 == "." }) == true, let number = Double(text), number.isFinite
    else { return nil }
    return number * factor
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]

  /// A deadline with the words before it: "by", "until", "before", "in", "within", "this", "next".
  private static func takeDeadline(_ words: inout [String], today: CivilDate) -> CivilDate? {
    for index in words.indices {
      guard let (day, count) = deadline(words[index...].map(plain), today: today) else { continue }
      words.removeSubrange(index..<(index + count))
      return day
    }
    return nil
  }

  /// The deadline that words begin with, and how many of them it takes.
  private static func deadline(_ words: [String], today: CivilDate) -> (CivilDate, Int)? {
    guard let first = words.first, ["by", "until", "till", "before", "in", "within", "this", "next"].contains(first)
    else {
      return nil
    }
    var rest = ArraySlice(words.dropFirst())
    if first == "this" || first == "next" {
      guard let unit = rest.first, let day = end(of: unit, ahead: first == "next" ? 1 : 0, today: today) else {
        return nil
      }
      return (day, 2)
    }
    while let word = rest.first, ["the", "end", "of"].contains(word) { rest = rest.dropFirst() }
    let skipped = words.count - rest.count
    guard let word = rest.first else { return nil }
    if let day = CivilDate(word) { return (first == "before" ? day.adding(days: -1) : day, skipped + 1) }
    if let count = Int(word), let unit = rest.dropFirst().first, count > 0, count <= 1_000 {
      switch unit {
      case "day", "days": return (today.adding(days: count), skipped + 2)
      case "week", "weeks": return (today.adding(days: 7 * count), skipped + 2)
      case "month", "months": return (day(after: count, today), skipped + 2)
      case "quarter", "quarters": return (day(after: 3 * count, today), skipped + 2)
      case "year", "years": return (day(after: 12 * count, today), skipped + 2)
      default: break
      }
    }
    if let number = Int(word), (1_900...2_200).contains(number), first != "in" || skipped > 1 {
      return CivilDate(year: number, month: 12, day: 31).map { ($0, skipped + 1) }
    }
    if let month = months.firstIndex(where: { $0 == word || ($0.prefix(3) == word && word.count == 3) }) {
      let named = rest.dropFirst().first.flatMap { Int($0) }.flatMap { (1_900...2_200).contains($0) ? $0 : nil }
      let year = named ?? (month + 1 >= today.month ? today.year : today.year + 1)
      guard let start = CivilDate(year: year, month: month + 1, day: 1) else { return nil }
      return (start.adding(months: 1).adding(days: -1), skipped + (named == nil ? 1 : 2))
    }
    if word.count == 2, word.hasPrefix("q"), let quarter = Int(word.dropFirst()), (1...4).contains(quarter) {
      let named = rest.dropFirst().first.flatMap { Int($0) }
      let year = named ?? today.year
      guard let start = CivilDate(year: year, month: 3 * quarter, day: 1) else { return nil }
      return (start.adding(months: 1).adding(days: -1), skipped + (named == nil ? 1 : 2))
    }
    if word == "this" || word == "next", let unit = rest.dropFirst().first,
      let day = end(of: unit, ahead: word == "next" ? 1 : 0, today: today)
    {
      return (day, skipped + 2)
    }
    if skipped > 1, let day = end(of: word, ahead: 0, today: today) { return (day, skipped + 1) }
    return nil
  }

  /// The same day so many months later; the last of a month stays the last.
  private static func day(after months: Int, _ today: CivilDate) -> CivilDate {
    guard today.adding(days: 1).day == 1 else { return today.adding(months: months) }
    return today.startOfMonth.adding(months: months + 1).adding(days: -1)
  }

  private static func end(of unit: String, ahead: Int, today: CivilDate) -> CivilDate? {
    let month = today.startOfMonth
    switch unit {
    case "month": return month.adding(months: 1 + ahead).adding(days: -1)
    case "quarter":
      return month.adding(months: 3 - (month.month - 1) % 3 + 3 * ahead).adding(days: -1)
    case "year": return CivilDate(year: today.year + ahead, month: 12, day: 31)
    default: return nil
    }
  }
}

extension String {
  /// The text without signs of punctuation at its ends.
  fileprivate var trimmingPunctuation: String {
    var text = self[...]
    while let last = text.last, ".,;:!?\"".contains(last) { text.removeLast() }
    while let first = text.first, ".,;:!?\"".contains(first) { text.removeFirst() }
    return String(text)
  }
}
