import CoachVocabulary
import SemanticLayer

/// Writes periods into sentences: "in May 2026", "in Q1 2025", "from 1 Jan to 17 Jun 2025".
enum PeriodText {
  /// The period with its preposition.
  static func phrase(_ time: TimeSelection, asOf: CivilDate) -> String {
    let end = asOf.adding(days: 1)
    var range = time.range
    if time.isRunning, range.end > end, range.start < end { range.end = end }
    return phrase(range)
  }

  /// The days with their preposition.
  static func phrase(_ range: DateRange) -> String {
    (range.dayCount == 1 ? "on " : isNamed(range) ? "in " : "from ") + name(range)
  }

  /// The name of a whole unit, or the first and last day.
  static func name(_ range: DateRange) -> String {
    let start = range.start
    let months = wholeMonths(range)
    if range.dayCount == 1 { return DateText.day(start) }
    if months == 1 { return "\(DateText.monthName(start.month)) \(start.year)" }
    if months == 3, start.month % 3 == 1 { return "Q\(start.quarter) \(start.year)" }
    if months == 12, start.month == 1 { return "\(start.year)" }
    let last = range.lastDay
    let first = start.year == last.year ? "\(start.day) \(DateText.monthName(start.month))" : DateText.day(start)
    return "\(first) to \(DateText.day(last))"
  }

  private static func isNamed(_ range: DateRange) -> Bool {
    switch wholeMonths(range) {
    case 1: true
    case 3: range.start.month % 3 == 1
    case 12: range.start.month == 1
    default: false
    }
  }

  private static func wholeMonths(_ range: DateRange) -> Int? {
    guard range.start.day == 1, range.end.day == 1 else { return nil }
    return (range.end.year - range.start.year) * 12 + range.end.month - range.start.month
  }
}
