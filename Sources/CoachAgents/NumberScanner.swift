import CoachVocabulary

/// A number as a text writes it.
struct WrittenNumber: Hashable, Sendable {
  /// What the number stands for, as far as the words around it tell.
  enum Kind: Hashable, Sendable {
    /// An amount or a count.
    case plain
    /// Percent or percent points.
    case percent
    /// "2.5 times", "3x".
    case times
    /// "1st".
    case ordinal
    /// A day, year, quarter or other part of a date.
    case date
  }

  /// One way to read the digits: "1.234" is a thousand and more in German, and a little over one in English.
  struct Reading: Hashable, Sendable {
    var value: Double
    /// Half of the last digit.
    var tolerance: Double
  }

  /// The digits with their ending.
  var written: String
  var readings: [Reading]
  var kind: Kind
  /// -1 or 1 where a sign or a word such as "down" says the direction, else nil.
  var direction: Int?
}

/// Finds the numbers of a text, with grouped digits, endings such as k, M or "million", signs and dates.
struct NumberScanner {
  private let characters: [Character]

  private struct Found {
    var number: WrittenNumber
    var start: Int
    var end: Int
  }

  static func numbers(in text: String) -> [WrittenNumber] { NumberScanner(characters: Array(text)).scan() }

  private func scan() -> [WrittenNumber] {
    var found: [Found] = []
    var index = 0
    while index < characters.count {
      guard isDigit(index) else {
        index += 1
        continue
      }
      let next = number(at: index)
      index = next.end
      found.append(next)
    }
    markDates(&found)
    return found.map(\.number)
  }

  private func number(at start: Int) -> Found {
    var end = start
    while end < characters.count, continues(end) { end += 1 }
    let digits = String(characters[start..<end])
    let (factor, length) = magnitude(end)
    let ending = end + length
    let number = WrittenNumber(
      written: String(characters[start..<ending]),
      readings: Self.readings(digits, factor: factor),
      kind: kind(after: ending, hasMagnitude: length > 0),
      direction: direction(before: start, after: ending)
    )
    return Found(number: number, start: start, end: ending)
  }

  // MARK: - Digits

  private func isDigit(_ index: Int) -> Bool {
    index < characters.count && characters[index].isASCII && characters[index].isNumber
  }

  private func continues(_ index: Int) -> Bool {
    if isDigit(index) { return true }
    switch characters[index] {
    case ".", ",": return isDigit(index + 1)
    // Narrow and unbreakable blanks group digits by three.
    case "\u{00A0}", "\u{202F}", "'", "\u{2019}":
      return isDigit(index + 1) && isDigit(index + 2) && isDigit(index + 3) && !isDigit(index + 4)
    default: return false
    }
  }

  private static func readings(_ digits: String, factor: Double) -> [WrittenNumber.Reading] {
    let plain = digits.filter { $0.isNumber || $0 == "." || $0 == "," }
    var candidates = [plain.filter { $0 != "," }]
    let european = String(plain.filter { $0 != "." }.map { $0 == "," ? "." : $0 })
    if european != candidates[0] { candidates.append(european) }
    var readings: [WrittenNumber.Reading] = []
    for text in candidates {
      guard let value = Double(text) else { continue }
      let decimals = text.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
      var unit = 1.0
      for _ in 0..<decimals { unit /= 10 }
      // A hair more than half a digit, for sums of floating point.
      readings.append(.init(value: value * factor, tolerance: unit * factor * 0.500_001))
    }
    return readings
  }

  private func magnitude(_ index: Int) -> (Double, Int) {
    let rest = text(index, 10).lowercased()
    for (ending, factor) in [(" million", 1e6), (" billion", 1e9), (" thousand", 1e3), (" mio", 1e6), (" mrd", 1e9)]
    where rest.hasPrefix(ending) {
      return (factor, ending.count)
    }
    for (ending, factor) in [
      (" bn", 1e9), (" mn", 1e6), ("bn", 1e9), ("mn", 1e6), ("k", 1e3), ("m", 1e6), ("b", 1e9),
    ] where rest.hasPrefix(ending) {
      let next = index + ending.count
      if next >= characters.count || !characters[next].isLetter { return (factor, ending.count) }
    }
    return (1, 0)
  }

  private func text(_ index: Int, _ count: Int) -> String {
    String(characters[min(index, characters.count)..<min(index + count, characters.count)])
  }

  // MARK: - Surroundings

  private func kind(after index: Int, hasMagnitude: Bool) -> WrittenNumber.Kind {
    let rest = text(index, 20).lowercased()
    let word = rest.drop { $0.isWhitespace }
    if ["%", "percent", "per cent", "points", "pp"].contains(where: word.hasPrefix) { return .percent }
    if word.hasPrefix("times") || rest.hasPrefix("-fold") || rest.hasPrefix("\u{00D7}") { return .times }
    let letters = rest.prefix { $0.isLetter }
    if letters == "x" { return .times }
    if !hasMagnitude, ["st", "nd", "rd", "th"].contains(String(letters)) { return .ordinal }
    return .plain
  }

  private static let upWords: Set<String> = [
    "up", "rose", "grew", "increased", "gained", "climbed", "higher", "more", "increase", "growth", "rise", "above",
  ]
  private static let downWords: Set<String> = [
    "down", "fell", "dropped", "decreased", "declined", "lost", "lower", "fewer", "less", "decrease", "decline", "drop",
    "below",
  ]
  private static let fillers: Set<String> = ["by", "about", "around", "nearly", "roughly", "some", "almost", "just"]

  /// The direction that a sign, a word just before, or a word just behind gives.
  private func direction(before start: Int, after end: Int) -> Int? {
    var index = start - 1
    // A currency sign may stand between sign and digits.
    if index >= 0, characters[index].isCurrencySymbol { index -= 1 }
    if index >= 0, "+-\u{2212}".contains(characters[index]) {
      let before = index > 0 ? characters[index - 1] : " "
      if !before.isLetter, !before.isNumber { return characters[index] == "+" ? 1 : -1 }
    }
    var words = wordsBefore(start)
    while let last = words.last, Self.fillers.contains(last) { words.removeLast() }
    if let word = words.last, let direction = Self.direction(of: word) { return direction }
    let rest = text(end, 40).lowercased().split(whereSeparator: { !$0.isLetter && $0 != "%" }).map(String.init)
    let next = rest.first { !["%", "percent", "points", "percentage"].contains($0) }
    // "5 % more than", but not "5 dealers, more than ever".
    return next.flatMap { ["higher", "more", "lower", "fewer", "less"].contains($0) ? Self.direction(of: $0) : nil }
  }

  private static func direction(of word: String) -> Int? {
    upWords.contains(word) ? 1 : downWords.contains(word) ? -1 : nil
  }

  private func wordsBefore(_ start: Int) -> [String] {
    let text = String(characters[max(0, start - 24)..<start]).lowercased()
    // Behind a comma or full stop begins something new.
    let clause = text.split(whereSeparator: { ",.;:(".contains($0) }).last ?? ""
    guard text.last.map({ !",.;:(".contains($0) }) ?? false else { return [] }
    return clause.split(whereSeparator: { !$0.isLetter }).map(String.init)
  }

  // MARK: - Dates

  private static let months: Set<String> = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "january", "february", "march",
    "april", "june", "july", "august", "september", "october", "november", "december", "sept",
  ]

  private func markDates(_ found: inout [Found]) {
    for index in found.indices where isDatePart(found[index]) { found[index].number.kind = .date }
    // "2025-06-01" and "1 to 30 June": a neighbour that belongs to a date makes one of this number too.
    for index in found.indices.dropFirst() where found[index - 1].number.kind == .date && isPlain(found[index]) {
      if gap(found, before: index) == "-" { found[index].number.kind = .date }
    }
    for index in found.indices.dropLast().reversed()
    where found[index + 1].number.kind == .date && isPlain(found[index]) {
      let joints = ["\u{2013}", "-", "to", "and", "until", "through"]
      if joints.contains(gap(found, before: index + 1)) { found[index].number.kind = .date }
    }
  }

  private func isPlain(_ found: Found) -> Bool { found.number.kind == .plain || found.number.kind == .ordinal }

  private func gap(_ found: [Found], before index: Int) -> String {
    String(characters[found[index - 1].end..<found[index].start]).lowercased().trimmed
  }

  private func isDatePart(_ found: Found) -> Bool {
    guard isPlain(found), found.number.written.allSatisfy({ $0.isNumber }) || found.number.kind == .ordinal else {
      // "17 Jun" may have been taken for "17 J…" only by letters, so a written magnitude is never a date.
      return false
    }
    if found.start > 0, "QqHhY".contains(characters[found.start - 1]) { return true }
    if let value = found.number.readings.first?.value, found.number.written.count == 4, (1900...2100).contains(value) {
      return true
    }
    let next = text(found.end, 12).lowercased().drop {
      $0.isWhitespace || $0 == "." || ("a"..."z").contains($0) && found.number.kind == .ordinal
    }
    if Self.months.contains(String(next.prefix { $0.isLetter })) { return true }
    return wordsBefore(found.start).last.map(Self.months.contains) ?? false
  }
}
