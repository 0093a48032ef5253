import CoachVocabulary
import SemanticLayer

/// Expressions with a name of their own: halves, fortnights, edges of periods, holidays.
extension TimeGrammar {
  /// "this half", "last half" of the calendar year.
  func relativeHalf(back: Int, end: Int) -> TimeMatch? {
    let first = today.startOfMonth.adding(months: -((today.month - 1) % 6) - 6 * back)
    let range = DateRange(start: first, end: first.adding(months: 6))
    return TimeMatch(
      selection: TimeSelection(range, isRunning: range.end > tomorrow),
      isFuture: false,
      end: lemma(end) == "year" ? end + 1 : end
    )
  }

  /// "fortnight", "decade" behind "last".
  func longUnit(at index: Int) -> (period: (Int) -> TimeMatch, end: Int)? {
    switch lemma(index) {
    case "fortnight": ({ complete(14, .day, skipping: 0, end: $0) }, index + 1)
    case "decade": ({ complete(10, .year, skipping: 0, end: $0) }, index + 1)
    default: nil
    }
  }

  /// "this quarter", or "this quarter last year".
  func currentOrYearBefore(_ grain: TimeGrain, end: Int) -> TimeMatch {
    if ["last", "previous", "prior"].contains(lemma(end)), lemma(end + 1) == "year", [.month, .quarter].contains(grain)
    {
      return whole(grain, holding: today.adding(months: -12), end: end + 2)
    }
    return current(grain, end: end)
  }

  /// "prior year YTD", "YTD last year": the same days one year earlier.
  func lastYearToDate(at index: Int) -> TimeMatch? {
    let earlier: Set<String> = ["last", "previous", "prior"]
    let grains: [String: TimeGrain] = ["ytd": .year, "mtd": .month, "qtd": .quarter]
    if earlier.contains(lemma(index)), lemma(index + 1) == "year", let grain = grains[lemma(index + 2)] {
      return shiftedToDate(grain, end: index + 3)
    }
    if let grain = grains[lemma(index)], earlier.contains(lemma(index + 1)), lemma(index + 2) == "year" {
      return shiftedToDate(grain, end: index + 3)
    }
    return nil
  }

  private func shiftedToDate(_ grain: TimeGrain, end: Int) -> TimeMatch {
    let running = TimeSelection(calendar.toDate(grain), unit: grain, isRunning: true)
    let range = calendar.comparison(.samePeriodLastYear, for: running).range
    return TimeMatch(selection: TimeSelection(range), isFuture: false, end: end)
  }

  /// "first half of August": to the 15th, or from the 16th.
  func halfMonth(at index: Int) -> TimeMatch? {
    guard let number = ["first": 1, "1st": 1, "second": 2, "2nd": 2][folded(index)], lemma(index + 1) == "half",
      lemma(index + 2) == "of", let outer = period(at: skipThe(index + 3)), outer.selection.unit == .month,
      outer.selection.count == 1
    else { return nil }
    let middle = outer.range.start.adding(days: 15)
    let range =
      number == 1
      ? DateRange(start: outer.range.start, end: middle) : DateRange(start: middle, end: outer.range.end)
    return TimeMatch(selection: TimeSelection(range), isFuture: range.start > today, end: outer.end)
  }

  /// "3 months before August 2025", "30 days before 1 July", "the 3 months to June".
  func countBefore(at index: Int) -> TimeMatch? {
    guard let (count, next) = count(at: index), let (grain, end) = unit(at: next),
      lemma(end) == "before" || lemma(end) == "to", let other = period(at: skipThe(end + 1)), !other.isFuture
    else { return nil }
    let edge = lemma(end) == "before" ? other.range.start : other.range.end
    let range = DateRange(start: calendar.moving(edge, by: -count, grain), end: edge)
    return TimeMatch(
      selection: TimeSelection(range, unit: grain, count: count),
      isFuture: range.start > today,
      end: other.end
    )
  }

  /// "Monday last week", "Friday of last week", "last week Tuesday".
  func weekdayOfWeek(at index: Int) -> TimeMatch? {
    if let weekday = Vocabulary.weekdays[folded(index)] {
      let place = lemma(index + 1) == "of" ? skipThe(index + 2) : index + 1
      return week(at: place).flatMap { self.day(weekday, of: $0) }
    }
    guard let week = week(at: index), let weekday = Vocabulary.weekdays[folded(week.end)] else { return nil }
    return day(weekday, of: week).map { match in
      var copy = match
      copy.end = week.end + 1
      return copy
    }
  }

  private func week(at index: Int) -> TimeMatch? {
    guard ["last", "this", "previous", "current"].contains(lemma(index)), lemma(index + 1) == "week" else { return nil }
    let isRunning = ["this", "current"].contains(lemma(index))
    return isRunning ? current(.week, end: index + 2) : complete(1, .week, skipping: 0, end: index + 2)
  }

  private func day(_ weekday: Int, of week: TimeMatch) -> TimeMatch? {
    let first = week.range.start
    let date = first.adding(days: (weekday - first.weekday + 7) % 7)
    return whole(.day, holding: date, end: week.end)
  }

  /// Whether the words before say that a period is not meant exactly, or that the year belongs to an event.
  func isVague(before index: Int) -> Bool {
    let word = folded(index - 1)
    if word == "year", folded(index - 2) == "new" { return true }
    if Self.holidays.contains(where: { $0.words.last == word }), Self.vagueWords.contains(folded(index - 2)) { return true }
    return Self.vagueWords.contains(word)
  }

  private static let vagueWords: Set<String> = [
    "early", "late", "mid", "middle", "around", "circa", "approximately", "roughly", "spring", "summer", "autumn",
    "winter", "season", "school", "easter", "pentecost", "ramadan", "eid", "diwali", "hanukkah", "passover", "carnival",
    "lent", "olympics", "holidays",
  ]

  /// "the end of March", "start of the year": the day at the edge, which means something for balances.
  func edge(at index: Int) -> TimeMatch? {
    let isEnd = ["end", "close"].contains(lemma(index))
    guard isEnd || ["start", "beginning"].contains(lemma(index)), lemma(index + 1) == "of",
      let outer = period(at: skipThe(index + 2)), outer.selection.unit != .day
    else { return nil }
    let day = isEnd ? min(outer.range.lastDay, today) : outer.range.start
    var match = whole(.day, holding: day, end: outer.end)
    match.isEdge = true
    return match
  }

  /// "Christmas", "New Year's Eve 2024", "Black Friday".
  func holiday(at index: Int) -> TimeMatch? {
    for (words, day) in Self.holidays {
      let end = index + words.count
      guard end <= tokens.count, zip(words, tokens[index..<end]).allSatisfy({ $0 == $1.folded }) else { continue }
      return inYear(end) { year in day(year).map { DateRange(start: $0, end: $0.adding(days: 1)) } }
        .map { finish($0, unit: .day) }
    }
    return nil
  }

  /// Days by name; moving ones are counted by weekday.
  private static let holidays: [(words: [String], day: @Sendable (Int) -> CivilDate?)] = [
    (["christmas", "eve"], { CivilDate(year: $0, month: 12, day: 24) }),
    (["christmas", "day"], { CivilDate(year: $0, month: 12, day: 25) }),
    (["christmas"], { CivilDate(year: $0, month: 12, day: 25) }),
    (["boxing", "day"], { CivilDate(year: $0, month: 12, day: 26) }),
    (["new", "year", "eve"], { CivilDate(year: $0, month: 12, day: 31) }),
    (["new", "year", "day"], { CivilDate(year: $0, month: 1, day: 1) }),
    (["valentine", "day"], { CivilDate(year: $0, month: 2, day: 14) }),
    (["halloween"], { CivilDate(year: $0, month: 10, day: 31) }),
    (["independence", "day"], { CivilDate(year: $0, month: 7, day: 4) }),
    (["labor", "day"], { weekday(1, number: 1, month: 9, year: $0) }),
    (["thanksgiving"], { weekday(4, number: 4, month: 11, year: $0) }),
    (["black", "friday"], { weekday(4, number: 4, month: 11, year: $0)?.adding(days: 1) }),
    (["cyber", "monday"], { weekday(4, number: 4, month: 11, year: $0)?.adding(days: 4) }),
  ]

  /// The n-th weekday (1 for Monday) of a month.
  private static func weekday(_ weekday: Int, number: Int, month: Int, year: Int) -> CivilDate? {
    CivilDate(year: year, month: month, day: 1).map { first in
      first.adding(days: (weekday - first.weekday + 7) % 7 + 7 * (number - 1))
    }
  }
}
