import CoachVocabulary
import SemanticLayer

/// A stretch of tokens that says when.
struct TimeMatch: Hashable, Sendable {
  /// The period.
  var selection: TimeSelection
  /// Whether it lies after the as-of day, where there is no data.
  var isFuture: Bool
  /// The token after the last one used.
  var end: Int
  /// The year was not said but taken from the calendar, so that a neighbour may lend its own.
  var yearIsAssumed = false
  /// The year was written, not taken from the calendar.
  var hasWrittenYear: Bool { !yearIsAssumed && [.month, .quarter, .day].contains(selection.unit) }
  /// "to date": the period ends today.
  var isToDate = false
  /// The day at the start or end of a period, which only balances have a figure for.
  var isEdge = false
  /// The two periods between which "from A to B" runs.
  var edges: [TimeSelection] = []

  var range: DateRange { selection.range }
}

/// Reads expressions of time; business expressions look back from the as-of day.
///
/// House readings: "last N days" ends before today; "last N weeks/months/quarters/years" are complete calendar
/// units; a bare month, quarter or weekday is the latest that has begun; "from A to B" includes B.
struct TimeGrammar: Sendable {
  let tokens: [Token]
  let calendar: BusinessCalendar

  /// Where periods begin that have an end only.
  static let beginning = CivilDate(dayNumber: -36_525)

  var today: CivilDate { calendar.asOf }
  var tomorrow: CivilDate { today.adding(days: 1) }

  /// The longest expression of time that begins at a token.
  func match(at index: Int) -> TimeMatch? {
    guard index < tokens.count, !isVague(before: index) else { return nil }
    return [
      bounded(at: index), open(at: index), joined(at: index), dayRange(at: index), weekRange(at: index),
      period(at: index),
    ].compactMap { $0 }
      .max { $0.end < $1.end }
  }

  // MARK: Ranges

  /// "from A to B", "between A and B".
  func bounded(at index: Int) -> TimeMatch? {
    guard lemma(index) == "from" || lemma(index) == "between", let first = period(at: skipThe(index + 1)) else {
      return nil
    }
    let link = lemma(first.end)
    if isDash(first.end) { return period(at: first.end).flatMap { span(first, $0) } }
    guard ["to", "until", "till", "through", "thru", "and", "up"].contains(link) else {
      guard ["onward", "onwards", "on", "forward", "forwards"].contains(link) else { return nil }
      return since(first.range.start, end: first.end + 1)
    }
    if link == "and", lemma(index) == "from" { return nil }
    if link == "up", lemma(first.end + 1) != "to", lemma(first.end + 1) != "until" { return nil }
    var next = first.end + 1
    if link == "up" { next += 1 }
    if ["now", "today", "date"].contains(lemma(next)) { return since(first.range.start, end: next + 1) }
    guard let second = period(at: skipThe(next)) else { return nil }
    return span(first, second)
  }

  /// "A to B", "A - B" without an opening word.
  func joined(at index: Int) -> TimeMatch? {
    guard let first = period(at: index) else { return nil }
    if isDash(first.end) { return period(at: first.end).flatMap { span(first, $0) } }
    guard ["to", "until", "till", "through", "thru"].contains(lemma(first.end)) else { return nil }
    if ["now", "today", "date"].contains(lemma(first.end + 1)) { return since(first.range.start, end: first.end + 2) }
    guard let second = period(at: skipThe(first.end + 1)) else { return nil }
    return span(first, second)
  }

  /// From the start of one period to the end of another; a year said once holds for both.
  func span(_ first: TimeMatch, _ second: TimeMatch) -> TimeMatch? {
    var start = first.range.start
    if first.yearIsAssumed, !second.yearIsAssumed {
      let years = second.range.start.year - start.year
      start = start.adding(months: 12 * years)
    }
    while first.yearIsAssumed, start > second.range.start { start = start.adding(months: -12) }
    var end = second.range.end
    if second.yearIsAssumed, !first.yearIsAssumed {
      end = end.adding(months: 12 * (start.year - second.range.start.year))
      if end <= start { end = end.adding(months: 12) }
    }
    guard start < end else { return nil }
    let selection = TimeSelection(
      DateRange(start: start, end: end),
      isRunning: second.selection.isRunning
    )
    var opening = first.selection
    opening.range = DateRange(
      start: start,
      end: start.adding(days: first.range.dayCount)
    )
    if let unit = opening.unit { opening.range = calendar.range(of: unit, holding: start) }
    return TimeMatch(
      selection: selection,
      isFuture: start > today,
      end: second.end,
      edges: [opening, second.selection]
    )
  }

  /// "since A", "after A", "until A", "before A", "up to A".
  func open(at index: Int) -> TimeMatch? {
    switch lemma(index) {
    case "since", "starting", "beginning":
      var next = index + 1
      if ["from", "in", "with", "on"].contains(lemma(next)) { next += 1 }
      let opening = skipThe(next)
      next = afterEdge(opening)
      guard let first = period(at: next) ?? runningUnit(next, isEdge: next != opening) else { return nil }
      return since(first.range.start, end: first.end)
    case "after":
      guard let first = period(at: skipThe(index + 1)) else { return nil }
      return since(first.range.end, end: first.end)
    case "until", "till", "before", "through", "upto":
      return ending(at: index + 1, includesPeriod: lemma(index) != "before" && lemma(index) != "until")
    case "up" where lemma(index + 1) == "to" || lemma(index + 1) == "until":
      return ending(at: index + 2, includesPeriod: true)
    default: return nil
    }
  }

  /// Skips "the start of", "the beginning of".
  private func afterEdge(_ index: Int) -> Int {
    guard ["start", "beginning", "begin"].contains(lemma(index)), lemma(index + 1) == "of" else { return index }
    return skipThe(index + 2)
  }

  /// "the year" behind "since the start of" is the running one.
  private func runningUnit(_ index: Int, isEdge: Bool) -> TimeMatch? {
    guard isEdge, let (grain, end) = unit(at: index) else { return nil }
    return current(grain, end: end)
  }

  func since(_ start: CivilDate, end: Int) -> TimeMatch {
    TimeMatch(
      selection: TimeSelection(DateRange(start: start, end: max(tomorrow, start)), isRunning: true),
      isFuture: start > today,
      end: end
    )
  }

  private func ending(at index: Int, includesPeriod: Bool) -> TimeMatch? {
    guard let last = period(at: skipThe(index)) else { return nil }
    let end = includesPeriod || last.isEdge ? last.range.end : last.range.start
    return TimeMatch(
      selection: TimeSelection(DateRange(start: Self.beginning, end: end)),
      isFuture: false,
      end: last.end
    )
  }

  // MARK: Periods

  /// One period: a day, a named unit, so many units back.
  func period(at index: Int) -> TimeMatch? {
    guard index < tokens.count else { return nil }
    let readings = [
      day(at: index), toDate(at: index), relative(at: index), ago(at: index), part(at: index), quarter(at: index),
      half(at: index), fiscal(at: index), monthOrDate(at: index), weekday(at: index), year(at: index),
      numberedWeek(at: index), holiday(at: index), shorthand(at: index), edge(at: index), lastYearToDate(at: index),
      countEnding(at: index), countBefore(at: index), weekdayOfWeek(at: index), halfMonth(at: index),
      fiscalHalf(at: index), ordinalFiscalQuarter(at: index), slashed(at: index),
    ]
    return readings.compactMap { $0 }.max { $0.end < $1.end }.map(ending)
  }

  /// "last 90 days ending yesterday", "12 months ending June 2025": so many units up to the end of another period.
  private func ending(_ match: TimeMatch) -> TimeMatch {
    guard ["ending", "ended"].contains(folded(match.end)), let unit = match.selection.unit else { return match }
    let place = ["on", "in", "with", "at"].contains(lemma(match.end + 1)) ? match.end + 2 : match.end + 1
    guard let last = period(at: skipThe(place)) else { return match }
    let start = calendar.moving(last.range.end, by: -match.selection.count, unit)
    return TimeMatch(
      selection: TimeSelection(DateRange(start: start, end: last.range.end), unit: unit, count: match.selection.count),
      isFuture: start > today,
      end: last.end
    )
  }

  /// "12 months ending June 2025", without "last".
  private func countEnding(at index: Int) -> TimeMatch? {
    guard let (count, next) = count(at: index), let (grain, end) = unit(at: next),
      ["ending", "ended"].contains(folded(end))
    else { return nil }
    let match = ending(complete(count, grain, skipping: 0, end: end))
    return match.end > end ? match : nil
  }

  private func day(at index: Int) -> TimeMatch? {
    switch lemma(index) {
    case "today": return whole(.day, holding: today, end: index + 1)
    case "yesterday": return whole(.day, holding: today.adding(days: -1), end: index + 1)
    case "tomorrow": return whole(.day, holding: tomorrow, end: index + 1)
    case "day" where lemma(index + 1) == "before" && lemma(index + 2) == "yesterday":
      return whole(.day, holding: today.adding(days: -2), end: index + 3)
    default: return isoDate(at: index)
    }
  }

  /// "year to date", "ytd", "this year so far".
  private func toDate(at index: Int) -> TimeMatch? {
    let short: [String: TimeGrain] = ["ytd": .year, "mtd": .month, "qtd": .quarter, "wtd": .week, "fytd": .fiscalYear]
    if let grain = short[lemma(index)] { return running(grain, end: index + 1) }
    if let grain = Vocabulary.units[lemma(index)], lemma(index + 1) == "to", lemma(index + 2) == "date" {
      return running(grain, end: index + 3)
    }
    if lemma(index) == "so", lemma(index + 1) == "far", lemma(index + 2) == "this",
      let grain = Vocabulary.units[lemma(index + 3)]
    {
      return running(grain, end: index + 4)
    }
    if lemma(index) == "this", let grain = Vocabulary.units[lemma(index + 1)], lemma(index + 2) == "so",
      lemma(index + 3) == "far"
    {
      return running(grain, end: index + 4)
    }
    if let (grain, end) = unit(at: index), grain.isFiscalUnit, lemma(end) == "to", lemma(end + 1) == "date" {
      return running(grain, end: end + 2)
    }
    if lemma(index) == "this", let (grain, end) = unit(at: index + 1), lemma(end) == "so", lemma(end + 1) == "far" {
      return running(grain, end: end + 2)
    }
    if isFiscalWord(index), lemma(index + 1) == "ytd" { return running(.fiscalYear, end: index + 2) }
    return nil
  }

  func running(_ grain: TimeGrain, end: Int) -> TimeMatch {
    TimeMatch(
      selection: TimeSelection(calendar.toDate(grain), unit: grain, isRunning: true),
      isFuture: false,
      end: end,
      isToDate: true
    )
  }

  /// "this month", "last quarter", "past 30 days", "the week before last", "next year".
  private func relative(at index: Int) -> TimeMatch? {
    if let (grain, end) = unit(at: index), lemma(end) == "before", lemma(end + 1) == "last",
      folded(end - 1) == lemma(end - 1)
    {
      return complete(1, grain, skipping: 1, end: end + 2)
    }
    switch lemma(index) {
    case "this", "current", "present", "running":
      if let (grain, end) = unit(at: index + 1) { return currentOrYearBefore(grain, end: end) }
      if lemma(index + 1) == "half" { return relativeHalf(back: 0, end: index + 2) }
      return named(at: index + 1, choosing: .current)
    case "last", "past", "previous", "prior", "preceding", "latest", "trailing", "rolling", "recent", "prev":
      if lemma(index + 1) == "weekend" { return weekend(weeksBack: 1, end: index + 2) }
      if lemma(index + 1) == "half" { return relativeHalf(back: 1, end: index + 2) }
      if let (period, end) = longUnit(at: index + 1) { return period(end) }
      if let (grain, end) = unit(at: index + 1) { return complete(1, grain, skipping: 0, end: end) }
      if let (count, next) = count(at: index + 1) {
        let unitAt =
          ["full", "complete", "calendar", "consecutive", "whole", "rolling"].contains(lemma(next)) ? next + 1 : next
        if let (grain, end) = unit(at: unitAt) { return complete(count, grain, skipping: 0, end: end) }
      }
      return named(at: index + 1, choosing: .previous)
    case "ttm", "ltm": return complete(12, .month, skipping: 0, end: index + 1)
    case "next", "coming", "upcoming", "following":
      if let (grain, end) = unit(at: index + 1) { return future(1, grain, end: end) }
      if let (count, next) = count(at: index + 1), let (grain, end) = unit(at: next) {
        return future(count, grain, end: end)
      }
      return nil
    default: return nil
    }
  }

  func unit(at index: Int) -> (grain: TimeGrain, end: Int)? {
    if ["fiscal", "financial", "business"].contains(lemma(index)) {
      if lemma(index + 1) == "year" { return (.fiscalYear, index + 2) }
      if lemma(index + 1) == "quarter" { return (.fiscalQuarter, index + 2) }
    }
    if lemma(index) == "fy" { return (.fiscalYear, index + 1) }
    let start = ["calendar", "full", "complete"].contains(lemma(index)) ? index + 1 : index
    return Vocabulary.units[lemma(start)].map { ($0, start + 1) }
  }

  func count(at index: Int) -> (Int, Int)? {
    guard index < tokens.count else { return nil }
    if let number = tokens[index].wholeNumber, (1...1_000).contains(number) {
      // "twenty-four"
      if number % 10 == 0, (20...90).contains(number), index + 1 < tokens.count, tokens[index + 1].followsDash,
        let digit = tokens[index + 1].wholeNumber, (1...9).contains(digit)
      {
        return (number + digit, index + 2)
      }
      return (number, index + 1)
    }
    switch lemma(index) {
    case "couple": return (2, lemma(index + 1) == "of" ? index + 2 : index + 1)
    case "few": return (3, index + 1)
    default: return nil
    }
  }

  func whole(_ grain: TimeGrain, holding day: CivilDate, end: Int) -> TimeMatch {
    let range = calendar.range(of: grain, holding: day)
    let isRunning = range.start <= today && range.end > today && grain != .day
    return TimeMatch(
      selection: TimeSelection(range, unit: grain, isRunning: isRunning),
      isFuture: range.start > today,
      end: end
    )
  }

  func current(_ grain: TimeGrain, end: Int) -> TimeMatch { whole(grain, holding: today, end: end) }

  func complete(_ count: Int, _ grain: TimeGrain, skipping: Int, end: Int) -> TimeMatch {
    let last = calendar.moving(calendar.start(of: grain, holding: today), by: -skipping, grain)
    let range = DateRange(start: calendar.moving(last, by: -count, grain), end: last)
    return TimeMatch(selection: TimeSelection(range, unit: grain, count: count), isFuture: false, end: end)
  }

  func future(_ count: Int, _ grain: TimeGrain, end: Int) -> TimeMatch {
    let first = calendar.moving(calendar.start(of: grain, holding: today), by: 1, grain)
    let range = DateRange(start: first, end: calendar.moving(first, by: count, grain))
    return TimeMatch(selection: TimeSelection(range, unit: grain, count: count), isFuture: true, end: end)
  }

  func weekend(weeksBack: Int, end: Int) -> TimeMatch {
    let monday = today.adding(days: 1 - today.weekday)
    let saturday = monday.adding(days: 5 - 7 * weeksBack)
    let range = DateRange(start: saturday, end: saturday.adding(days: 2))
    return TimeMatch(selection: TimeSelection(range), isFuture: saturday > today, end: end)
  }

  /// "3 months ago", "a year ago".
  private func ago(at index: Int) -> TimeMatch? {
    var place = index
    var number = 1
    if let (count, next) = count(at: index) {
      (number, place) = (count, next)
    } else if lemma(index) == "a" || lemma(index) == "an" {
      place = index + 1
    } else {
      return nil
    }
    guard let (grain, end) = unit(at: place), lemma(end) == "ago" || lemma(end) == "back" else { return nil }
    let day = calendar.moving(calendar.start(of: grain, holding: today), by: -number, grain)
    return whole(grain, holding: day, end: end + 1)
  }

  /// "the first week of May", "last 3 days of March 2025", "the 1st of this month".
  private func part(at index: Int) -> TimeMatch? {
    var place = index
    let ordinals = ["first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "final": -1]
    if let ordinal = Self.dayOrdinal(folded(place)), lemma(place + 1) == "of",
      let outer = period(at: skipThe(place + 2)), outer.selection.unit == .month, outer.selection.count == 1
    {
      let day = outer.range.start.adding(days: ordinal - 1)
      guard day < outer.range.end else { return nil }
      return whole(.day, holding: day, end: outer.end)
    }
    guard let ordinal = ordinals[lemma(place)] ?? ordinals[folded(place)] else { return nil }
    place += 1
    var number = 1
    if let (count, next) = count(at: place) { (number, place) = (count, next) }
    guard let (grain, end) = unit(at: place), ["of", "in"].contains(lemma(end)),
      let outer = period(at: skipThe(end + 1)) ?? runningUnit(skipThe(end + 1), isEdge: lemma(end + 1) == "the"),
      grain != .fiscalQuarter, grain != .year, outer.selection.unit != grain
    else { return nil }
    let range: DateRange
    if ordinal > 0 {
      let start = calendar.moving(outer.range.start, by: (ordinal - 1) * number, grain)
      range = DateRange(start: start, end: calendar.moving(start, by: number, grain))
    } else {
      range = DateRange(start: calendar.moving(outer.range.end, by: -number, grain), end: outer.range.end)
    }
    return TimeMatch(
      selection: TimeSelection(range, unit: grain, count: number),
      isFuture: range.start > today,
      end: outer.end
    )
  }

  /// "Q2", "Q1 2025", "second quarter of 2024", "quarter 3".
  private func quarter(at index: Int) -> TimeMatch? {
    var number: Int?
    var end = index + 1
    let word = folded(index)
    // "2025 Q3", "2025-Q3"
    if let year = yearNumber(at: index), let (part, next) = quarterNumber(at: index + 1), folded(index + 1).hasPrefix("q"),
      let first = CivilDate(year: year, month: 3 * part - 2, day: 1)
    {
      return whole(.quarter, holding: first, end: next)
    }
    if word.count == 2, word.hasPrefix("q"), let digit = word.last?.wholeNumberValue, (1...4).contains(digit) {
      number = digit
    } else if lemma(index) == "quarter", index + 1 < tokens.count, let value = tokens[index + 1].wholeNumber,
      (1...4).contains(value)
    {
      (number, end) = (value, index + 2)
    } else if let value = [
      "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": 4,
    ][
      folded(index)
    ], lemma(index + 1) == "quarter", word != "last" || lemma(index + 2) == "of" {
      (number, end) = (value, index + 2)
    }
    guard let number else { return nil }
    if let fiscal = fiscalYear(at: end) { return fiscalQuarter(number, of: fiscal.year, end: fiscal.end) }
    return inYear(end) { year in
      CivilDate(year: year, month: 3 * number - 2, day: 1).map { calendar.range(of: .quarter, holding: $0) }
    }.map { finish($0, unit: .quarter) }
  }

  /// "H1 2025", "first half of 2024".
  private func half(at index: Int) -> TimeMatch? {
    var number: Int?
    var end = index + 1
    if folded(index) == "h1" || folded(index) == "h2" {
      number = folded(index) == "h1" ? 1 : 2
    } else if let value = ["first": 1, "1st": 1, "second": 2, "2nd": 2][folded(index)], lemma(index + 1) == "half" {
      (number, end) = (value, index + 2)
    }
    guard let number else { return nil }
    return inYear(end) { year in
      CivilDate(year: year, month: 6 * number - 5, day: 1).map { DateRange(start: $0, end: $0.adding(months: 6)) }
    }.map { finish($0, unit: nil) }
  }

  /// "FY2025", "fiscal year 2025", "fiscal 2025": named by the year in which it ends.
  private func fiscal(at index: Int) -> TimeMatch? {
    guard let (year, end) = fiscalYearNumber(at: index) ?? namedFiscalYear(at: index) else {
      return fiscalQuarterOfYear(at: index)
    }
    if let (number, next) = quarterNumber(at: end) { return fiscalQuarter(number, of: year, end: next) }
    guard let start = fiscalStart(of: year) else { return nil }
    return whole(.fiscalYear, holding: start, end: end)
  }

  private func year(at index: Int) -> TimeMatch? {
    guard let year = yearNumber(at: index) ?? shortYear(at: index), let day = CivilDate(year: year, month: 1, day: 1)
    else { return nil }
    return whole(.year, holding: day, end: index + 1)
  }

  /// "in 24": two digits that can only be a year, the current one or one of the twenty before.
  private func shortYear(at index: Int) -> Int? {
    guard index < tokens.count, let number = tokens[index].wholeNumber, tokens[index].folded.count == 2,
      ["in", "for", "of", "since", "versus", "year"].contains(lemma(index - 1)), unit(at: index + 1) == nil
    else { return nil }
    let year = 2_000 + number
    return (today.year - 20...today.year).contains(year) && index + 1 >= tokens.count - 3 ? year : nil
  }

  func yearNumber(at index: Int) -> Int? {
    guard tokens.indices.contains(index), let number = tokens[index].wholeNumber, tokens[index].folded.count == 4,
      (1_990...2_100).contains(number), !isQuantity(at: index)
    else { return nil }
    return number
  }

  /// A two- or four-digit year after a month or quarter, "25" or "of 2025" or "last year".
  func yearAfter(_ index: Int) -> (year: Int, end: Int)? {
    var place = index
    if ["of", "in"].contains(lemma(place)) { place += 1 }
    if let year = yearNumber(at: place) { return (year, place + 1) }
    if place == index, let number = tokens.indices.contains(place) ? tokens[place].wholeNumber : nil,
      tokens[place].folded.count == 2, (20...60).contains(number)
    {
      return (2_000 + number, place + 1)
    }
    if lemma(place) == "this", lemma(place + 1) == "year" { return (today.year, place + 2) }
    if ["last", "previous", "prior"].contains(lemma(place)), lemma(place + 1) == "year" {
      return (today.year - 1, place + 2)
    }
    return nil
  }

  /// A period in the year that follows in the text, or in the latest year in which it has begun.
  func inYear(_ index: Int, _ range: (Int) -> DateRange?) -> TimeMatch? {
    if let (year, end) = yearAfter(index) {
      return range(year).map { TimeMatch(selection: TimeSelection($0), isFuture: $0.start > today, end: end) }
    }
    guard let thisYear = range(today.year) else { return nil }
    let chosen = thisYear.start > today ? range(today.year - 1) : thisYear
    return chosen.map {
      TimeMatch(selection: TimeSelection($0), isFuture: false, end: index, yearIsAssumed: true)
    }
  }

  func finish(_ match: TimeMatch, unit: TimeGrain?) -> TimeMatch {
    var copy = match
    copy.selection.unit = unit
    copy.selection.isRunning = match.range.start <= today && match.range.end > tomorrow
    return copy
  }

  // MARK: Months, dates, weekdays

  private enum Choice {
    case current
    case previous
  }

  /// "last March", "this Friday".
  private func named(at index: Int, choosing choice: Choice) -> TimeMatch? {
    if let month = Vocabulary.months[folded(index)] {
      guard let start = CivilDate(year: today.year, month: month, day: 1) else { return nil }
      let begun = choice == .previous ? start.adding(months: 1) <= today.startOfMonth : true
      let first = choice == .previous && !begun ? start.adding(months: -12) : start
      return whole(.month, holding: first, end: index + 1)
    }
    guard let weekday = Vocabulary.weekdays[folded(index)] else { return nil }
    let back = (today.weekday - weekday + 7) % 7
    let days = choice == .previous && back == 0 ? 7 : back
    return whole(.day, holding: today.adding(days: -days), end: index + 1)
  }

  /// "March", "March 2025", "5 June 2025", "June 5th", "the 5th of June".
  func monthOrDate(at index: Int) -> TimeMatch? {
    if let month = month(at: index) {
      if let (day, next) = dayNumber(at: index + 1), yearNumber(at: index + 1) == nil, !isShortYear(after: index) {
        return dated(month: month, day: day, end: next)
      }
      return inYear(index + 1) { year in
        CivilDate(year: year, month: month, day: 1).map { calendar.range(of: .month, holding: $0) }
      }.map { finish($0, unit: .month) }
    }
    guard let (day, next) = dayNumber(at: index) else { return nil }
    let place = lemma(next) == "of" ? next + 1 : next
    guard let month = month(at: place) else { return nil }
    return dated(month: month, day: day, end: place + 1)
  }

  /// A month's name; "may" and "march" only where they cannot be verbs.
  func month(at index: Int) -> Int? {
    let word = folded(index)
    guard let month = Vocabulary.months[word] else { return nil }
    guard ["may", "march", "mar"].contains(word) else { return month }
    let before = lemma(index - 1)
    if ["i", "we", "you", "it", "be", "have"].contains(lemma(index + 1)) { return nil }
    let introduced = [
      "in", "for", "of", "since", "last", "this", "by", "from", "until", "till", "to", "and", "versus", "during",
      "before",
      "after", "through", "between", "about", "at", "until", "with", "early", "late", "", "month",
    ].contains(before)
    let followedByYear = yearAfter(index + 1) != nil || dayNumber(at: index + 1) != nil
    let precededByDay = dayNumber(at: index - 1) != nil
    return introduced || followedByYear || precededByDay || index == tokens.count - 1 ? month : nil
  }

  func dayNumber(at index: Int) -> (Int, Int)? {
    guard tokens.indices.contains(index) else { return nil }
    if let ordinal = Self.dayOrdinal(tokens[index].folded) { return (ordinal, index + 1) }
    guard let number = tokens[index].wholeNumber, (1...31).contains(number), tokens[index].folded.count <= 2 else {
      return nil
    }
    return (number, index + 1)
  }

  static func dayOrdinal(_ word: String) -> Int? {
    guard let suffix = ["st", "nd", "rd", "th"].first(where: word.hasSuffix),
      let number = Int(word.dropLast(suffix.count)),
      (1...31).contains(number)
    else { return nil }
    return number
  }

  func dated(month: Int, day: Int, end: Int) -> TimeMatch? {
    if let (year, next) = yearAfter(end), let date = CivilDate(year: year, month: month, day: day) {
      return whole(.day, holding: date, end: next)
    }
    guard let date = CivilDate(year: today.year, month: month, day: day) else { return nil }
    var match = whole(.day, holding: date > today ? date.adding(months: -12) : date, end: end)
    match.yearIsAssumed = true
    return match
  }

  /// `2025-06-17`, `6/17/2025`, `17.06.2025`.
  private func isoDate(at index: Int) -> TimeMatch? {
    let word = folded(index)
    if let date = CivilDate(word) { return whole(.day, holding: date, end: index + 1) }
    if let date = compactDate(word) { return whole(.day, holding: date, end: index + 1) }
    let parts = word.split { $0 == "/" || $0 == "." || $0 == "-" }.map { Int($0) }
    if parts.count == 2, let first = parts[0], let second = parts[1], word.contains("-") || word.contains("/") {
      if let range = years(first, second, end: index + 1) { return range }
      if (1_990...2_100).contains(second), let date = CivilDate(year: second, month: first, day: 1) {
        return whole(.month, holding: date, end: index + 1)
      }
    }
    if parts.count == 2, let year = parts[0], (1_990...2_100).contains(year), let month = parts[1],
      let date = CivilDate(year: year, month: month, day: 1), word.contains("-") || word.contains("/")
    {
      return whole(.month, holding: date, end: index + 1)
    }
    guard parts.count == 3, let first = parts[0], let second = parts[1], var year = parts[2] else { return nil }
    if (1_990...2_100).contains(first) {
      return CivilDate(year: first, month: second, day: year).map { whole(.day, holding: $0, end: index + 1) }
    }
    if year < 100 { year += 2_000 }
    let dayFirst = word.contains(".") || first > 12
    let date =
      dayFirst
      ? CivilDate(year: year, month: second, day: first) : CivilDate(year: year, month: first, day: second)
    return date.map { whole(.day, holding: $0, end: index + 1) }
  }

  private func weekday(at index: Int) -> TimeMatch? {
    if lemma(index) == "month", lemma(index + 1) == "of", let month = monthOrDate(at: index + 2) { return month }
    if folded(index) == "weekend" { return weekend(weeksBack: today.weekday >= 6 ? 0 : 1, end: index + 1) }
    if lemma(index) == "week", ["of", "starting", "commencing", "beginning", "ending"].contains(lemma(index + 1)),
      let day = period(at: skipThe(index + 2)), day.selection.unit == .day
    {
      return whole(.week, holding: day.range.start, end: day.end)
    }
    guard folded(index).count > 3, let weekday = Vocabulary.weekdays[folded(index)] else { return nil }
    return whole(.day, holding: today.adding(days: -((today.weekday - weekday + 7) % 7)), end: index + 1)
  }

  // MARK: Tokens

  func lemma(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lemma : "" }
  func folded(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].folded : "" }
  func skipThe(_ index: Int) -> Int { ["the", "in", "a"].contains(lemma(index)) ? index + 1 : index }
}
