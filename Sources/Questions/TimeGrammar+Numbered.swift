import CoachVocabulary
import SemanticLayer

/// Expressions that count: fiscal quarters, calendar weeks, ranges of days, and numbers that are no years.
extension TimeGrammar {
  // MARK: Fiscal years

  /// "FY2025", "FY25", "FY24/25", "fiscal year 2025", "fiscal 2025": the year in which it ends.
  func fiscalYearNumber(at index: Int) -> (year: Int, end: Int)? {
    var place = index
    if ["of", "in"].contains(lemma(place)) { place += 1 }
    let word = folded(place)
    if word.hasPrefix("fy"), word.count > 2 {
      let parts = word.dropFirst(2).split { $0 == "/" || $0 == "-" }
      guard let last = parts.last, let digits = Int(last) else { return nil }
      return checked(digits < 100 ? 2_000 + digits : digits, end: place + 1)
    }
    guard word == "fy" || isFiscalWord(place) else { return nil }
    place = lemma(place + 1) == "year" ? place + 2 : place + 1
    if let year = yearNumber(at: place) { return checked(year, end: place + 1) }
    if let year = doubleYear(at: place) { return checked(year, end: place + 1) }
    guard tokens.indices.contains(place), word == "fy", tokens[place].folded.count == 2,
      let number = tokens[place].wholeNumber
    else { return nil }
    return checked(2_000 + number, end: place + 1)
  }

  private func checked(_ year: Int, end: Int) -> (year: Int, end: Int)? {
    (1_990...2_100).contains(year) ? (year, end) : nil
  }

  func fiscalStart(of year: Int) -> CivilDate? {
    CivilDate(year: calendar.fiscalStartMonth == 1 ? year : year - 1, month: calendar.fiscalStartMonth, day: 1)
  }

  func fiscalQuarter(_ number: Int, of year: Int, end: Int) -> TimeMatch? {
    fiscalStart(of: year).map { whole(.fiscalQuarter, holding: $0.adding(months: 3 * (number - 1)), end: end) }
  }

  /// "fiscal Q1 2026", "FQ2".
  func fiscalQuarterOfYear(at index: Int) -> TimeMatch? {
    guard let (number, next) = fiscalQuarterNumber(at: index) else { return nil }
    if let (year, end) = yearAfter(next) { return fiscalQuarter(number, of: year, end: end) }
    let running = calendar.start(of: .fiscalYear, holding: today)
    let start = running.adding(months: 3 * (number - 1))
    return whole(.fiscalQuarter, holding: start > today ? start.adding(months: -12) : start, end: next)
  }

  /// "fiscal Q2", "FQ2".
  private func fiscalQuarterNumber(at index: Int) -> (number: Int, end: Int)? {
    let word = folded(index)
    if word.count == 3, word.hasPrefix("fq"), let digit = word.last?.wholeNumberValue, (1...4).contains(digit) {
      return (digit, index + 1)
    }
    guard isFiscalWord(index) || word == "fy" else { return nil }
    return quarterNumber(at: index + 1)
  }

  /// "Q2", "second quarter".
  func quarterNumber(at index: Int) -> (number: Int, end: Int)? {
    let word = folded(index)
    if word.count == 2, word.hasPrefix("q"), let digit = word.last?.wholeNumberValue, (1...4).contains(digit) {
      return (digit, index + 1)
    }
    let ordinals = ["first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4]
    guard let number = ordinals[word], lemma(index + 1) == "quarter" else { return nil }
    return (number, index + 2)
  }

  // MARK: Shorthand

  /// "1Q25", "2H24", "L12M", "T3M".
  func shorthand(at index: Int) -> TimeMatch? {
    let word = Array(folded(index))
    guard word.count >= 2 else { return nil }
    if let number = word[0].wholeNumberValue, word[1] == "q" || word[1] == "h" {
      return numberedPart(word[1], number, digits: String(word[2...]), index)
    }
    guard "lt".contains(word[0]), let count = Int(String(word[1..<(word.count - 1)])), (1...400).contains(count),
      let grain = ["m": TimeGrain.month, "d": .day, "w": .week, "q": .quarter][String(word[word.count - 1])]
    else { return nil }
    return complete(count, grain, skipping: 0, end: index + 1)
  }

  private func numberedPart(_ letter: Character, _ number: Int, digits: String, _ index: Int) -> TimeMatch? {
    let months = letter == "q" ? 3 : 6
    guard (1...12 / months).contains(number) else { return nil }
    func range(_ year: Int) -> DateRange? {
      CivilDate(year: year, month: months * (number - 1) + 1, day: 1).map {
        DateRange(start: $0, end: $0.adding(months: months))
      }
    }
    let unit: TimeGrain? = letter == "q" ? .quarter : nil
    guard !digits.isEmpty else { return inYear(index + 1, range).map { finish($0, unit: unit) } }
    guard let value = Int(digits), let found = range(value < 100 ? 2_000 + value : value) else { return nil }
    let match = TimeMatch(selection: TimeSelection(found), isFuture: found.start > today, end: index + 1)
    return finish(match, unit: unit)
  }

  // MARK: Weeks

  /// "week 12", "week 12 of 2025", "calendar week 12", "CW12", "2025-W12": weeks by ISO 8601.
  func numberedWeek(at index: Int) -> TimeMatch? {
    // "2025-W12"
    if let year = yearNumber(at: index), isDash(index + 1), folded(index + 1).hasPrefix("w"),
      let (week, end) = weekNumber(at: index + 1), let start = isoWeek(week, year)
    {
      return whole(.week, holding: start, end: end)
    }
    guard let (week, end) = weekNumber(at: index) else { return nil }
    let (year, next) = weekYear(at: end)
    return isoWeek(week, year ?? today.year).map { start in
      let chosen = year == nil && start > today ? isoWeek(week, today.year - 1) ?? start : start
      let range = DateRange(start: chosen, end: chosen.adding(days: 7))
      let isRunning = chosen <= today && range.end > tomorrow
      return TimeMatch(
        selection: TimeSelection(range, unit: .week, isRunning: isRunning),
        isFuture: chosen > today,
        end: next
      )
    }
  }

  /// "weeks 31 to 35 of 2018".
  func weekRange(at index: Int) -> TimeMatch? {
    guard lemma(index) == "week", let first = number(at: index + 1, in: 1...53) else { return nil }
    var place = index + 2
    if ["to", "through", "until", "and"].contains(lemma(place)) { place += 1 } else if !isDash(place) { return nil }
    if lemma(place) == "week" { place += 1 }
    guard let last = number(at: place, in: first...53) else { return nil }
    let (year, end) = weekYear(at: place + 1)
    guard let start = isoWeek(first, year ?? today.year), let final = isoWeek(last, year ?? today.year) else {
      return nil
    }
    let range = DateRange(start: start, end: final.adding(days: 7))
    return TimeMatch(
      selection: TimeSelection(range, unit: .week, count: last - first + 1),
      isFuture: start > today,
      end: end
    )
  }

  private func weekNumber(at index: Int) -> (Int, Int)? {
    var place = index
    if ["calendar", "iso"].contains(lemma(place)), lemma(place + 1) == "week" { place += 1 }
    if lemma(place) == "week" || lemma(place) == "cw" || lemma(place) == "kw" {
      return number(at: place + 1, in: 1...53).map { ($0, place + 2) }
    }
    for prefix in ["cw", "kw", "wk", "w"] where folded(place).hasPrefix(prefix) {
      if let week = Int(folded(place).dropFirst(prefix.count)), (1...53).contains(week) { return (week, place + 1) }
    }
    return nil
  }

  private func weekYear(at index: Int) -> (year: Int?, end: Int) {
    yearAfter(index).map { ($0.year, $0.end) } ?? (nil, index)
  }

  /// The Monday of a week; the first one holds the year's first Thursday.
  private func isoWeek(_ week: Int, _ year: Int) -> CivilDate? {
    guard let fourth = CivilDate(year: year, month: 1, day: 4) else { return nil }
    return fourth.adding(days: 1 - fourth.weekday + 7 * (week - 1))
  }

  private func number(at index: Int, in range: ClosedRange<Int>) -> Int? {
    guard tokens.indices.contains(index), let number = tokens[index].wholeNumber, range.contains(number) else {
      return nil
    }
    return number
  }

  // MARK: Ranges of days and years

  /// "March 5 to 10, 2025", "5-10 March", "from the 5th to the 10th of March".
  func dayRange(at index: Int) -> TimeMatch? {
    var place = ["from", "between"].contains(lemma(index)) ? skipThe(index + 1) : index
    let opening = month(at: place)
    if opening != nil { place += 1 }
    guard let (first, last, end) = twoDays(at: place) else { return nil }
    var next = end
    var named = opening
    if named == nil {
      if lemma(next) == "of" { next += 1 }
      named = month(at: next)
      next += 1
    }
    guard let named, let start = dated(month: named, day: first, end: next),
      let final = dated(month: named, day: last, end: next), first < last
    else { return nil }
    let range = DateRange(start: start.range.start, end: final.range.end)
    guard range.dayCount == last - first + 1 else { return nil }
    return TimeMatch(selection: TimeSelection(range), isFuture: range.start > today, end: final.end)
  }

  private func twoDays(at index: Int) -> (Int, Int, Int)? {
    let parts = folded(index).split(separator: "-").compactMap { Int($0) }
    if parts.count == 2, folded(index).contains("-"), parts.allSatisfy({ (1...31).contains($0) }) {
      return (parts[0], parts[1], index + 1)
    }
    guard let (first, next) = dayNumber(at: index) else { return nil }
    var place = next
    if ["to", "through", "until", "till", "and"].contains(lemma(place)) {
      place = skipThe(place + 1)
    } else if !isDash(place) {
      return nil
    }
    return dayNumber(at: place).map { (first, $0.0, $0.1) }
  }

  /// "2022-2024", "2023/24".
  func years(_ first: Int, _ second: Int, end: Int) -> TimeMatch? {
    let last = second < 100 && second > 12 ? first / 100 * 100 + second : second
    guard (1_990...2_100).contains(first), (first + 1...2_100).contains(last),
      let start = CivilDate(year: first, month: 1, day: 1), let final = CivilDate(year: last + 1, month: 1, day: 1)
    else { return nil }
    let selection = TimeSelection(
      DateRange(start: start, end: final),
      unit: .year,
      count: last - first + 1,
      isRunning: final > tomorrow
    )
    return TimeMatch(selection: selection, isFuture: start > today, end: end)
  }

  func isDash(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].followsDash }

  // MARK: Numbers that are no years

  /// Whether a four-digit number counts or names something: "more than 2000 units", "dealer 2023".
  func isQuantity(at index: Int) -> Bool {
    let before = lemma(index - 1)
    if ["above", "below", "under", "exceed", "exceeding", "$", "least", "nearly"].contains(before) { return true }
    if before == "over" { return yearNumber(at: index - 2) == nil }
    if before == "than" { return index + 1 < tokens.count && !tokens[index + 1].followsPause }
    guard Self.numbered.contains(before), folded(index - 1) == before else { return false }
    return !["by", "per", "each", "every", "which", "and"].contains(lemma(index - 2))
  }

  private static let numbered: Set<String> = [
    "dealer", "order", "store", "id", "customer", "product", "sku", "invoice", "room", "branch", "claim", "ticket",
    "case", "account", "item", "number", "no", "article", "ward", "clinic", "route", "flight", "shop",
    "model", "unit", "contract", "household", "building", "vehicle", "edition", "version",
  ]

  /// "May '24" and "in May 24" name a year, "on May 24" a day.
  func isShortYear(after index: Int) -> Bool {
    guard tokens.indices.contains(index + 1), let number = tokens[index + 1].wholeNumber,
      tokens[index + 1].folded.count == 2, (20...60).contains(number)
    else { return false }
    return tokens[index + 1].followsApostrophe || number > 31 || ["in", "since", "for"].contains(lemma(index - 1))
  }
}
