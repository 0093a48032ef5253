import CoachVocabulary
import SemanticLayer
import Testing

@testable import Questions

@Suite struct `Expressions of time` {
  /// All periods of a text, as the notation writes them.
  private func read(_ text: String, _ reference: String, fiscal: Int = 1, weekStart: Int = 1) throws -> String {
    let day = try #require(CivilDate(reference))
    let calendar = BusinessCalendar(asOf: day, weekStart: weekStart, fiscalStartMonth: fiscal)
    return TimeReading.ranges(in: text, calendar: calendar).map(FrameNotation.text).joined(separator: " + ")
  }

  @Test(arguments: Self.expressions)
  func `mean`(_ text: String, on reference: String, the periods: String) throws {
    #expect(try read(text, reference) == periods)
  }

  @Test(arguments: Self.fiscalExpressions)
  func `of a fiscal year mean`(_ text: String, on reference: String, from month: Int, the periods: String) throws {
    #expect(try read(text, reference, fiscal: month) == periods)
  }

  @Test(arguments: [(1, "2025-09-08..2025-09-14"), (7, "2025-09-07..2025-09-13"), (6, "2025-09-06..2025-09-12")])
  func `count weeks from the first day of the week`(_ weekStart: Int, _ period: String) throws {
    #expect(try read("this week", "2025-09-10", weekStart: weekStart) == period)
  }

  @Test func `give the first one when one is asked for`() throws {
    let day = try #require(CivilDate("2025-09-10"))
    let range = TimeReading.range(in: "visits in Q3 2024 vs Q3 2023", reference: day)
    #expect(range == DateRange(start: CivilDate("2024-07-01") ?? day, end: CivilDate("2024-10-01") ?? day))
    #expect(TimeReading.range(in: "no time here", reference: day) == nil)
  }

  @Test func `on every day of four years give a whole last month and week`() throws {
    let first = try #require(CivilDate("2023-01-01"))
    for offset in 0..<1_461 {
      let day = first.adding(days: offset)
      let month = try #require(TimeReading.range(in: "last month", reference: day))
      #expect(month.start.day == 1 && month.end == day.startOfMonth)
      let week = try #require(TimeReading.range(in: "last week", reference: day))
      #expect(week.dayCount == 7 && week.start.weekday == 1 && week.end <= day && day < week.end.adding(days: 7))
    }
  }

  static let expressions: [(text: String, reference: String, periods: String)] = [
    ("today", "2025-09-10", "2025-09-10"),
    ("yesterday", "2026-01-01", "2025-12-31"),
    ("revenue yesterday by region", "2024-03-01", "2024-02-29"),
    ("the day before yesterday", "2025-03-01", "2025-02-27"),
    ("this week", "2025-09-10", "2025-09-08..2025-09-14"),
    ("last week", "2025-09-10", "2025-09-01..2025-09-07"),
    ("last week", "2026-01-01", "2025-12-22..2025-12-28"),
    ("the week before last", "2025-09-10", "2025-08-25..2025-08-31"),
    ("next week", "2025-09-10", "2025-09-15..2025-09-21"),
    ("this month", "2025-09-10", "2025-09"),
    ("last month", "2025-01-31", "2024-12"),
    ("last month", "2024-03-31", "2024-02"),
    ("the month before last", "2025-02-10", "2024-12"),
    ("this quarter", "2025-09-10", "2025-Q3"),
    ("last quarter", "2025-02-10", "2024-Q4"),
    ("previous quarter", "2025-09-10", "2025-Q2"),
    ("the quarter before last", "2025-02-10", "2024-Q3"),
    ("this year", "2025-09-10", "2025"),
    ("last year", "2025-09-10", "2024"),
    ("prior year", "2025-01-01", "2024"),
    ("the current year", "2025-09-10", "2025"),
    ("last 7 days", "2025-09-10", "2025-09-03..2025-09-09"),
    ("past 30 days", "2025-09-10", "2025-08-11..2025-09-09"),
    ("last 1 day", "2025-09-10", "2025-09-09"),
    ("the last 4 weeks", "2025-09-10", "2025-08-11..2025-09-07"),
    ("last 3 months", "2025-01-15", "2024-Q4"),
    ("last three months", "2025-09-10", "2025-06-01..2025-08-31"),
    ("last 3 full months", "2025-09-10", "2025-06-01..2025-08-31"),
    ("last 3 calendar months", "2025-09-10", "2025-06-01..2025-08-31"),
    ("the past 18 months", "2025-09-10", "2024-03-01..2025-08-31"),
    ("last eighteen months", "2025-09-10", "2024-03-01..2025-08-31"),
    ("last twenty-four months", "2025-09-10", "2023-09-01..2025-08-31"),
    ("trailing 12 months", "2025-09-10", "2024-09-01..2025-08-31"),
    ("rolling 12 months", "2025-09-10", "2024-09-01..2025-08-31"),
    ("TTM", "2025-09-10", "2024-09-01..2025-08-31"),
    ("LTM margin", "2025-09-10", "2024-09-01..2025-08-31"),
    ("L3M", "2025-09-10", "2025-06-01..2025-08-31"),
    ("last 2 quarters", "2025-09-10", "2025-01-01..2025-06-30"),
    ("last two years", "2025-09-10", "2023-01-01..2024-12-31"),
    ("last couple of weeks", "2025-09-10", "2025-08-25..2025-09-07"),
    ("past few months", "2025-09-10", "2025-06-01..2025-08-31"),
    ("the past fortnight", "2025-09-10", "2025-08-27..2025-09-09"),
    ("last decade", "2025-09-10", "2015-01-01..2024-12-31"),
    ("a dozen visits", "2025-09-10", ""),
    ("year to date", "2025-09-10", "2025-01-01..2025-09-10"),
    ("YTD", "2025-01-01", "2025-01-01"),
    ("MTD", "2025-09-10", "2025-09-01..2025-09-10"),
    ("QTD", "2025-09-10", "2025-07-01..2025-09-10"),
    ("WTD", "2025-09-10", "2025-09-08..2025-09-10"),
    ("this year so far", "2025-09-10", "2025-01-01..2025-09-10"),
    ("so far this month", "2025-09-10", "2025-09-01..2025-09-10"),
    ("prior year YTD", "2025-09-10", "2024-01-01..2024-09-10"),
    ("YTD last year", "2025-09-10", "2024-01-01..2024-09-10"),
    ("3 months ago", "2025-01-15", "2024-10"),
    ("two weeks ago", "2025-09-10", "2025-08-25..2025-08-31"),
    ("a year ago", "2025-09-10", "2024"),
    ("5 days ago", "2025-03-03", "2025-02-26"),
    ("2024", "2025-09-10", "2024"),
    ("in 2023", "2025-09-10", "2023"),
    ("orders in 24", "2025-09-10", "2024"),
    ("2024 revenue", "2025-09-10", "2024"),
    ("January", "2025-09-10", "2025-01"),
    ("in december", "2025-09-10", "2024-12"),
    ("Sept 2024", "2025-09-10", "2024-09"),
    ("Feb. 2024", "2025-09-10", "2024-02"),
    ("March last year", "2025-09-10", "2024-03"),
    ("last March", "2025-09-10", "2025-03"),
    ("last October", "2025-09-10", "2024-10"),
    ("in May", "2025-09-10", "2025-05"),
    ("in may 24", "2025-09-10", "2024-05"),
    ("May '24", "2025-09-10", "2024-05"),
    ("on May 24", "2025-09-10", "2025-05-24"),
    ("May I see the visits?", "2025-09-10", ""),
    ("may we have the list", "2025-09-10", ""),
    ("revenue in march", "2025-09-10", "2025-03"),
    ("march 2024 visits", "2025-09-10", "2024-03"),
    ("May 2025", "2025-09-10", "2025-05"),
    ("the month of June", "2025-09-10", "2025-06"),
    ("this month last year", "2025-09-10", "2024-09"),
    ("this quarter last year", "2025-09-10", "2024-Q3"),
    ("July 4th 2025", "2025-09-10", "2025-07-04"),
    ("4 July 2025", "2025-09-10", "2025-07-04"),
    ("July 4, 2025", "2025-09-10", "2025-07-04"),
    ("the 4th of July", "2025-09-10", "2025-07-04"),
    ("December 24", "2025-09-10", "2024-12-24"),
    ("30 February 2025", "2025-09-10", "2025-02"),
    ("2025-06-17", "2025-09-10", "2025-06-17"),
    ("6/17/2025", "2025-09-10", "2025-06-17"),
    ("17.06.2025", "2025-09-10", "2025-06-17"),
    ("17/06/25", "2025-09-10", "2025-06-17"),
    ("2025-06", "2025-09-10", "2025-06"),
    ("06/2025", "2025-09-10", "2025-06"),
    ("29 Feb 2024", "2025-09-10", "2024-02-29"),
    ("the 1st of this month", "2025-09-10", "2025-09-01"),
    ("on Monday", "2025-09-10", "2025-09-08"),
    ("last Friday", "2025-09-12", "2025-09-05"),
    ("last Wednesday", "2025-09-10", "2025-09-03"),
    ("the weekend", "2025-09-10", "2025-09-06..2025-09-07"),
    ("last weekend", "2025-09-10", "2025-09-06..2025-09-07"),
    ("week of 3 June 2025", "2025-09-10", "2025-06-02..2025-06-08"),
    ("week ending June 8, 2025", "2025-09-10", "2025-06-02..2025-06-08"),
    ("Q1", "2025-09-10", "2025-Q1"),
    ("Q4", "2025-09-10", "2024-Q4"),
    ("Q3 2024", "2025-09-10", "2024-Q3"),
    ("q2 of 2024", "2025-09-10", "2024-Q2"),
    ("Q1 last year", "2025-09-10", "2024-Q1"),
    ("Q1'24", "2025-09-10", "2024-Q1"),
    ("1Q25", "2025-09-10", "2025-Q1"),
    ("4Q2023", "2025-09-10", "2023-Q4"),
    ("the first quarter of 2024", "2025-09-10", "2024-Q1"),
    ("last quarter of 2023", "2025-09-10", "2023-Q4"),
    ("quarter 3 2024", "2025-09-10", "2024-Q3"),
    ("H1 2025", "2025-09-10", "2025-01-01..2025-06-30"),
    ("2H24", "2025-09-10", "2024-07-01..2024-12-31"),
    ("second half of 2023", "2025-09-10", "2023-07-01..2023-12-31"),
    ("2nd half 2023", "2025-09-10", "2023-07-01..2023-12-31"),
    ("this half", "2025-09-10", "2025-07-01..2025-12-31"),
    ("last half year", "2025-02-10", "2024-07-01..2024-12-31"),
    ("first week of May 2025", "2025-09-10", "2025-05-01..2025-05-07"),
    ("last 10 days of August", "2025-09-10", "2025-08-22..2025-08-31"),
    ("first 3 months of 2024", "2025-09-10", "2024-Q1"),
    ("since 2024", "2025-09-10", "2024-01-01..2025-09-10"),
    ("since March", "2025-09-10", "2025-03-01..2025-09-10"),
    ("since the start of 2024", "2025-09-10", "2024-01-01..2025-09-10"),
    ("from January on", "2025-09-10", "2025-01-01..2025-09-10"),
    ("after June 2025", "2025-09-10", "2025-07-01..2025-09-10"),
    ("until March 2025", "2025-09-10", "..2025-02-28"),
    ("through March 2025", "2025-09-10", "..2025-03-31"),
    ("up to March 2025", "2025-09-10", "..2025-03-31"),
    ("before 2024", "2025-09-10", "..2023-12-31"),
    ("until the end of June 2024", "2025-09-10", "..2024-06-30"),
    ("from March to May 2025", "2025-09-10", "2025-03-01..2025-05-31"),
    ("between January and March 2024", "2025-09-10", "2024-Q1"),
    ("from November to January", "2025-09-10", "2024-11-01..2025-01-31"),
    ("Jan-Mar 2025", "2025-09-10", "2025-Q1"),
    ("Jan – Mar 2025", "2025-09-10", "2025-Q1"),
    ("January through June", "2025-09-10", "2025-01-01..2025-06-30"),
    ("2022 to 2024", "2025-09-10", "2022-01-01..2024-12-31"),
    ("2022-2024", "2025-09-10", "2022-01-01..2024-12-31"),
    ("from 2024 to today", "2025-09-10", "2024-01-01..2025-09-10"),
    ("Q1 to Q3 2024", "2025-09-10", "2024-01-01..2024-09-30"),
    ("Q1-Q2 2024", "2025-09-10", "2024-01-01..2024-06-30"),
    ("between 2023-01-05 and Feb 10", "2025-09-10", "2023-01-05..2023-02-10"),
    ("2015-05-01 to 2015-05-31", "2025-09-10", "2015-05"),
    ("March 5 to 10, 2025", "2025-09-10", "2025-03-05..2025-03-10"),
    ("5-10 March 2025", "2025-09-10", "2025-03-05..2025-03-10"),
    ("from the 5th to the 10th of March", "2025-09-10", "2025-03-05..2025-03-10"),
    ("between Christmas and New Year's Eve last year", "2025-09-10", "2024-12-25..2024-12-31"),
    ("Christmas 2024", "2025-09-10", "2024-12-25"),
    ("Black Friday 2024", "2025-09-10", "2024-11-29"),
    ("week 1 2026", "2026-02-10", "2025-12-29..2026-01-04"),
    ("week 53 of 2020", "2021-02-10", "2020-12-28..2021-01-03"),
    ("CW12 2025", "2025-09-10", "2025-03-17..2025-03-23"),
    ("calendar week 36", "2025-09-10", "2025-09-01..2025-09-07"),
    ("week 50", "2025-09-10", "2024-12-09..2024-12-15"),
    ("weeks 31 to 35 of 2018", "2018-10-04", "2018-07-30..2018-09-02"),
    ("compare 2023 and 2024", "2025-09-10", "2023 + 2024"),
    ("June and August 2025", "2025-09-10", "2025-06 + 2025-08"),
    ("H1 2024 versus H1 2025", "2025-09-10", "2024-01-01..2024-06-30 + 2025-01-01..2025-06-30"),
    ("YTD vs last year", "2025-09-10", "2025-01-01..2025-09-10 + 2024-01-01..2024-09-10"),
    ("this month vs last month", "2025-09-10", "2025-09 + 2025-08"),
    ("average days in stock", "2025-09-10", ""),
    ("claims over 5,000", "2025-09-10", ""),
    ("more than 2000 units", "2025-09-10", ""),
    ("orders of dealer 2023", "2025-09-10", ""),
    ("Sun Motors total revenue", "2025-09-10", ""),
    ("the second best clinic", "2025-09-10", ""),
  ]

  static let fiscalExpressions: [(text: String, reference: String, month: Int, periods: String)] = [
    ("this fiscal year", "2025-09-10", 4, "2025-04-01..2026-03-31"),
    ("last FY", "2025-09-10", 10, "2023-10-01..2024-09-30"),
    ("FY2025", "2025-09-10", 7, "2024-07-01..2025-06-30"),
    ("FY25", "2025-09-10", 7, "2024-07-01..2025-06-30"),
    ("FY24/25", "2025-09-10", 7, "2024-07-01..2025-06-30"),
    ("fiscal 2025", "2025-09-10", 7, "2024-07-01..2025-06-30"),
    ("fiscal year 2025", "2025-09-10", 1, "2025"),
    ("Q2 FY26", "2025-09-10", 4, "2025-Q3"),
    ("FY26 Q2", "2025-09-10", 4, "2025-Q3"),
    ("fiscal Q1 2026", "2025-09-10", 7, "2025-Q3"),
    ("last fiscal quarter", "2025-09-10", 4, "2025-Q2"),
    ("this fiscal quarter", "2025-09-10", 2, "2025-08-01..2025-10-31"),
    ("FYTD", "2025-09-10", 7, "2025-07-01..2025-09-10"),
    ("fiscal year to date", "2025-06-30", 7, "2024-07-01..2025-06-30"),
    ("last 2 fiscal years", "2025-09-10", 7, "2023-07-01..2025-06-30"),
  ]
}
