public import CoachVocabulary
public import SemanticLayer

/// Reads the expressions of time in a text, without a model of the data.
public enum TimeReading {
  /// The start of periods that have an end only ("until March"): long before any data.
  public static let beginning = TimeGrammar.beginning

  /// The first expression of time in a text.
  ///
  /// - Parameters:
  ///   - text: a question or a part of one.
  ///   - reference: what "today" means.
  ///   - fiscalStartMonth: first month of the fiscal year, 1 to 12.
  ///   - weekStart: first day of the week, 1 for Monday to 7 for Sunday.
  /// - Returns: the days it means, or nil when the text has none.
  public static func range(
    in text: String,
    reference: CivilDate,
    fiscalStartMonth: Int = 1,
    weekStart: Int = 1
  ) -> DateRange? {
    let calendar = BusinessCalendar(asOf: reference, weekStart: weekStart, fiscalStartMonth: fiscalStartMonth)
    return ranges(in: text, calendar: calendar).first
  }

  /// All expressions of time in a text, in the order of the text; a comparison has two.
  public static func ranges(in text: String, calendar: BusinessCalendar) -> [DateRange] {
    let tokens = Tokenizer.tokens(of: text)
    let grammar = TimeGrammar(tokens: tokens, calendar: calendar)
    var matches: [TimeMatch] = []
    var index = 0
    while index < tokens.count {
      if let match = grammar.match(at: index) {
        matches.append(match)
        index = match.end
      } else {
        index += 1
      }
    }
    lendYears(&matches)
    return cutToDate(matches, tokens: tokens, calendar: calendar).map(\.range)
  }

  /// "June and August 2025": a year said once holds for the neighbour before.
  static func lendYears(_ matches: inout [TimeMatch]) {
    for index in matches.indices.dropLast() where matches[index].yearIsAssumed && !matches[index + 1].yearIsAssumed {
      let next = matches[index + 1]
      guard next.selection.unit == matches[index].selection.unit, next.hasWrittenYear else { continue }
      let months = 12 * (next.range.start.year - matches[index].range.start.year)
      matches[index].selection.range = DateRange(
        start: next.range.start.year == matches[index].range.start.year
          ? matches[index].range.start : matches[index].range.start.adding(months: months),
        end: matches[index].range.end.adding(months: months)
      )
    }
  }

  /// "YTD vs last year" means the same days of last year.
  private static func cutToDate(_ matches: [TimeMatch], tokens: [Token], calendar: BusinessCalendar) -> [TimeMatch] {
    guard matches.count == 2, matches[0].isToDate, let unit = matches[0].selection.unit,
      matches[1].selection.unit == unit, matches[1].selection.count == 1
    else { return matches }
    var other = matches[1]
    let natural = calendar.comparison(.previousPeriod, for: matches[0].selection)
    guard natural.range.start == other.range.start else { return matches }
    other.selection.range = natural.range
    return [matches[0], other]
  }
}
