import CoachVocabulary
import SemanticLayer
import Testing

@testable import Questions

/// Expressions of time with the periods they mean, written from the conventions and not from the grammar.
///
/// A line with `@` gives the reference day, the first month of the fiscal year and the first day of the week; lines with
/// `=` are readings of the line above, half-open, all of which are right.
@Suite struct `The table of time expressions` {
  @Test(arguments: Self.cases)
  func `reads`(_ row: Case) throws {
    let calendar = BusinessCalendar(
      asOf: try #require(CivilDate(row.day)),
      weekStart: row.weekStart,
      fiscalStartMonth: row.fiscalStart
    )
    let text = TimeReading.ranges(in: row.text, calendar: calendar).map { range in
      "\(range.start == TimeReading.beginning ? "" : range.start.description)..\(range.end)"
    }
    #expect(row.readings.contains(text.isEmpty ? "none" : text.joined(separator: " & ")), "\(row.text): \(text)")
  }

  @Test func `has hundreds of rows`() { #expect(Self.cases.count > 400) }

  struct Case: Sendable, CustomStringConvertible {
    var day: String
    var fiscalStart: Int
    var weekStart: Int
    var text: String
    var readings: [String] = []

    var description: String { text }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    var head = Case(day: "", fiscalStart: 1, weekStart: 1, text: "")
    for line in table.split(separator: "\n").map(String.init) {
      if line.hasPrefix("@") {
        let parts = line.dropFirst().split(separator: " ").map(String.init)
        head = Case(day: parts[0], fiscalStart: Int(parts[1]) ?? 1, weekStart: Int(parts[2]) ?? 1, text: "")
      } else if line.hasPrefix("  = ") {
        cases[cases.count - 1].readings.append(String(line.dropFirst(4)))
      } else {
        head.text = line
        cases.append(head)
      }
    }
    return cases
  }()

  private static let table = #"""
    @2025-09-10 1 1
    last 2 days
      = 2025-09-08..2025-09-10
      = 2025-09-09..2025-09-11
      = 2025-09-08..2025-09-11
    past 3 days
      = 2025-09-07..2025-09-10
      = 2025-09-08..2025-09-11
      = 2025-09-07..2025-09-11
    the previous 5 days
      = 2025-09-05..2025-09-10
      = 2025-09-06..2025-09-11
      = 2025-09-05..2025-09-11
    over the last 7 days
      = 2025-09-03..2025-09-10
      = 2025-09-04..2025-09-11
      = 2025-09-03..2025-09-11
    in the past 10 days
      = 2025-08-31..2025-09-10
      = 2025-09-01..2025-09-11
      = 2025-08-31..2025-09-11
    last 14 days
      = 2025-08-27..2025-09-10
      = 2025-08-28..2025-09-11
      = 2025-08-27..2025-09-11
    past 28 days
      = 2025-08-13..2025-09-10
      = 2025-08-14..2025-09-11
      = 2025-08-13..2025-09-11
    the previous 30 days
      = 2025-08-11..2025-09-10
      = 2025-08-12..2025-09-11
      = 2025-08-11..2025-09-11
    over the last 45 days
      = 2025-07-27..2025-09-10
      = 2025-07-28..2025-09-11
      = 2025-07-27..2025-09-11
    in the past 60 days
      = 2025-07-12..2025-09-10
      = 2025-07-13..2025-09-11
      = 2025-07-12..2025-09-11
    last 90 days
      = 2025-06-12..2025-09-10
      = 2025-06-13..2025-09-11
      = 2025-06-12..2025-09-11
    past 100 days
      = 2025-06-02..2025-09-10
      = 2025-06-03..2025-09-11
      = 2025-06-02..2025-09-11
    the previous 180 days
      = 2025-03-14..2025-09-10
      = 2025-03-15..2025-09-11
      = 2025-03-14..2025-09-11
    over the last 365 days
      = 2024-09-10..2025-09-10
      = 2024-09-11..2025-09-11
      = 2024-09-10..2025-09-11
    last seven days
      = 2025-09-03..2025-09-10
      = 2025-09-04..2025-09-11
      = 2025-09-03..2025-09-11
    the past ten days
      = 2025-08-31..2025-09-10
      = 2025-09-01..2025-09-11
      = 2025-08-31..2025-09-11
    L30D
      = 2025-08-11..2025-09-10
      = 2025-08-12..2025-09-11
      = 2025-08-11..2025-09-11
    trailing 90 days
      = 2025-06-12..2025-09-10
      = 2025-06-13..2025-09-11
      = 2025-06-12..2025-09-11
    last 2 weeks
      = 2025-08-25..2025-09-08
      = 2025-08-27..2025-09-10
      = 2025-08-28..2025-09-11
      = 2025-08-27..2025-09-11
    past 3 weeks
      = 2025-08-18..2025-09-08
      = 2025-08-20..2025-09-10
      = 2025-08-21..2025-09-11
      = 2025-08-20..2025-09-11
    the previous 4 weeks
      = 2025-08-11..2025-09-08
      = 2025-08-13..2025-09-10
      = 2025-08-14..2025-09-11
      = 2025-08-13..2025-09-11
    during the last 6 weeks
      = 2025-07-28..2025-09-08
      = 2025-07-30..2025-09-10
      = 2025-07-31..2025-09-11
      = 2025-07-30..2025-09-11
    last 8 weeks
      = 2025-07-14..2025-09-08
      = 2025-07-16..2025-09-10
      = 2025-07-17..2025-09-11
      = 2025-07-16..2025-09-11
    past 12 weeks
      = 2025-06-16..2025-09-08
      = 2025-06-18..2025-09-10
      = 2025-06-19..2025-09-11
      = 2025-06-18..2025-09-11
    the previous 26 weeks
      = 2025-03-10..2025-09-08
      = 2025-03-12..2025-09-10
      = 2025-03-13..2025-09-11
      = 2025-03-12..2025-09-11
    during the last 52 weeks
      = 2024-09-09..2025-09-08
      = 2024-09-11..2025-09-10
      = 2024-09-12..2025-09-11
      = 2024-09-11..2025-09-11
    last 2 months
      = 2025-07-01..2025-09-01
    past 3 months
      = 2025-06-01..2025-09-01
    the previous 6 months
      = 2025-03-01..2025-09-01
    over the past 9 months
      = 2024-12-01..2025-09-01
    last 12 months
      = 2024-09-01..2025-09-01
    past 18 months
      = 2024-03-01..2025-09-01
    the previous 24 months
      = 2023-09-01..2025-09-01
    over the past 36 months
      = 2022-09-01..2025-09-01
    last two months
      = 2025-07-01..2025-09-01
    last three months
      = 2025-06-01..2025-09-01
    last six months
      = 2025-03-01..2025-09-01
    last twelve months
      = 2024-09-01..2025-09-01
    last few months
      = 2025-06-01..2025-09-01
    last couple of months
      = 2025-07-01..2025-09-01
    L12M
      = 2024-09-01..2025-09-01
    LTM
      = 2024-09-01..2025-09-01
    trailing twelve months
      = 2024-09-01..2025-09-01
    last 12 full months
      = 2024-09-01..2025-09-01
    the last 6 complete months
      = 2025-03-01..2025-09-01
    last 2 quarters
      = 2025-01-01..2025-07-01
    past 3 quarters
      = 2024-10-01..2025-07-01
    last 4 quarters
      = 2024-07-01..2025-07-01
    past 6 quarters
      = 2024-01-01..2025-07-01
    last 8 quarters
      = 2023-07-01..2025-07-01
    last four quarters
      = 2024-07-01..2025-07-01
    last 2 years
      = 2023-01-01..2025-01-01
    last 3 years
      = 2022-01-01..2025-01-01
    last 5 years
      = 2020-01-01..2025-01-01
    last 10 years
      = 2015-01-01..2025-01-01
    past decade
      = 2015-01-01..2025-01-01
    January
      = 2025-01-01..2025-02-01
    January of 2023
      = 2023-01-01..2023-02-01
    February
      = 2025-02-01..2025-03-01
    revenue for February 2022
      = 2022-02-01..2022-03-01
    in March
      = 2025-03-01..2025-04-01
    March, 2024
      = 2024-03-01..2024-04-01
    April
      = 2025-04-01..2025-05-01
    sales in April 2024
      = 2024-04-01..2024-05-01
    in May
      = 2025-05-01..2025-06-01
    May of 2023
      = 2023-05-01..2023-06-01
    June
      = 2025-06-01..2025-07-01
    revenue for June 2022
      = 2022-06-01..2022-07-01
    July
      = 2025-07-01..2025-08-01
    July, 2024
      = 2024-07-01..2024-08-01
    August
      = 2025-08-01..2025-09-01
    sales in August 2024
      = 2024-08-01..2024-09-01
    September
      = 2025-09-01..2025-10-01
    September of 2023
      = 2023-09-01..2023-10-01
    October
      = 2024-10-01..2024-11-01
    revenue for October 2022
      = 2022-10-01..2022-11-01
    November
      = 2024-11-01..2024-12-01
    November, 2024
      = 2024-11-01..2024-12-01
    December
      = 2024-12-01..2025-01-01
    sales in December 2024
      = 2024-12-01..2025-01-01
    Jan 2024
      = 2024-01-01..2024-02-01
    Feb '24
      = 2024-02-01..2024-03-01
    Sept 2023
      = 2023-09-01..2023-10-01
    03/2024
      = 2024-03-01..2024-04-01
    2024-03
      = 2024-03-01..2024-04-01
    2024/11
      = 2024-11-01..2024-12-01
    Dec last year
      = 2024-12-01..2025-01-01
    April this year
      = 2025-04-01..2025-05-01
    last March
      = 2025-03-01..2025-04-01
    last October
      = 2024-10-01..2024-11-01
    last November
      = 2024-11-01..2024-12-01
    month of June
      = 2025-06-01..2025-07-01
    the month of July 2024
      = 2024-07-01..2024-08-01
    in the month of May
      = 2025-05-01..2025-06-01
    Q1
      = 2025-01-01..2025-04-01
    Q1 2024
      = 2024-01-01..2024-04-01
    1Q23
      = 2023-01-01..2023-04-01
    Q2
      = 2025-04-01..2025-07-01
    Q2 2024
      = 2024-04-01..2024-07-01
    2Q23
      = 2023-04-01..2023-07-01
    Q3
      = 2025-07-01..2025-10-01
    Q3 2024
      = 2024-07-01..2024-10-01
    3Q23
      = 2023-07-01..2023-10-01
    Q4
      = 2024-10-01..2025-01-01
    Q4 2024
      = 2024-10-01..2025-01-01
    4Q23
      = 2023-10-01..2024-01-01
    2024 Q2
      = 2024-04-01..2024-07-01
    2024-Q3
      = 2024-07-01..2024-10-01
    Q1/2023
      = 2023-01-01..2023-04-01
    Q4 '23
      = 2023-10-01..2024-01-01
    q2 of 2024
      = 2024-04-01..2024-07-01
    first quarter of 2024
      = 2024-01-01..2024-04-01
    the second quarter 2025
      = 2025-04-01..2025-07-01
    third quarter last year
      = 2024-07-01..2024-10-01
    4th quarter of 2023
      = 2023-10-01..2024-01-01
    last quarter of 2024
      = 2024-10-01..2025-01-01
    final quarter of 2023
      = 2023-10-01..2024-01-01
    Q3 last year
      = 2024-07-01..2024-10-01
    quarter 2 2024
      = 2024-04-01..2024-07-01
    first quarter this year
      = 2025-01-01..2025-04-01
    2Q 2024
      = 2024-04-01..2024-07-01
    H1
      = 2025-01-01..2025-07-01
    H1 2024
      = 2024-01-01..2024-07-01
    H2 2023
      = 2023-07-01..2024-01-01
    first half of 2024
      = 2024-01-01..2024-07-01
    second half of last year
      = 2024-07-01..2025-01-01
    1H24
      = 2024-01-01..2024-07-01
    2nd half of 2022
      = 2022-07-01..2023-01-01
    the first half of the year
      = 2025-01-01..2025-07-01
    last half year
      = 2025-01-01..2025-07-01
    this year
      = 2025-01-01..2026-01-01
    last year
      = 2024-01-01..2025-01-01
    the year before last
      = 2023-01-01..2024-01-01
    2023
      = 2023-01-01..2024-01-01
    in 2022
      = 2022-01-01..2023-01-01
    calendar year 2024
      = 2024-01-01..2025-01-01
    the year 2021
      = 2021-01-01..2022-01-01
    previous year
      = 2024-01-01..2025-01-01
    full year 2023
      = 2023-01-01..2024-01-01
    two years ago
      = 2023-01-01..2024-01-01
    3 years ago
      = 2022-01-01..2023-01-01
    this quarter
      = 2025-07-01..2025-10-01
    current quarter
      = 2025-07-01..2025-10-01
    last quarter
      = 2025-04-01..2025-07-01
    previous quarter
      = 2025-04-01..2025-07-01
    the quarter before last
      = 2025-01-01..2025-04-01
    a quarter ago
      = 2025-04-01..2025-07-01
    this month
      = 2025-09-01..2025-10-01
    last month
      = 2025-08-01..2025-09-01
    the month before last
      = 2025-07-01..2025-08-01
    3 months ago
      = 2025-06-01..2025-07-01
    a month ago
      = 2025-08-01..2025-09-01
    current month
      = 2025-09-01..2025-10-01
    prior month
      = 2025-08-01..2025-09-01
    this week
      = 2025-09-08..2025-09-15
    last week
      = 2025-09-01..2025-09-08
    the week before last
      = 2025-08-25..2025-09-01
    two weeks ago
      = 2025-08-25..2025-09-01
    a week ago
      = 2025-09-01..2025-09-08
    previous week
      = 2025-09-01..2025-09-08
    today
      = 2025-09-10..2025-09-11
    yesterday
      = 2025-09-09..2025-09-10
    the day before yesterday
      = 2025-09-08..2025-09-09
    3 days ago
      = 2025-09-07..2025-09-08
    a day ago
      = 2025-09-09..2025-09-10
    10 August 2025
      = 2025-08-10..2025-08-11
    August 10, 2025
      = 2025-08-10..2025-08-11
    Aug 10th 2025
      = 2025-08-10..2025-08-11
    the 10th of August 2025
      = 2025-08-10..2025-08-11
    2025-08-10
      = 2025-08-10..2025-08-11
    on 2024-02-29
      = 2024-02-29..2024-03-01
    08/15/2025
      = 2025-08-15..2025-08-16
    15/08/2025
      = 2025-08-15..2025-08-16
    15.08.2025
      = 2025-08-15..2025-08-16
    8/5/2025
      = 2025-08-05..2025-08-06
    5.8.2025
      = 2025-08-05..2025-08-06
    2025/08/10
      = 2025-08-10..2025-08-11
    July 4
      = 2025-07-04..2025-07-05
    4 July
      = 2025-07-04..2025-07-05
    the 4th of July
      = 2025-07-04..2025-07-05
    December 24
      = 2024-12-24..2024-12-25
    31 December 2024
      = 2024-12-31..2025-01-01
    1st of this month
      = 2025-09-01..2025-09-02
    the 5th of last month
      = 2025-08-05..2025-08-06
    first day of August
      = 2025-08-01..2025-08-02
    last day of August
      = 2025-08-31..2025-09-01
    first day of 2024
      = 2024-01-01..2024-01-02
    last day of 2024
      = 2024-12-31..2025-01-01
    Christmas Eve 2024
      = 2024-12-24..2024-12-25
    New Year's Day 2025
      = 2025-01-01..2025-01-02
    Black Friday 2024
      = 2024-11-29..2024-11-30
    Cyber Monday 2023
      = 2023-11-27..2023-11-28
    Thanksgiving 2024
      = 2024-11-28..2024-11-29
    Halloween
      = 2024-10-31..2024-11-01
    8/15/25
      = 2025-08-15..2025-08-16
    20250810
      = 2025-08-10..2025-08-11
    Monday
      = 2025-09-08..2025-09-09
    on Tuesday
      = 2025-09-09..2025-09-10
    on Wednesday
      = 2025-09-10..2025-09-11
    Thursday
      = 2025-09-04..2025-09-05
    last Friday
      = 2025-09-05..2025-09-06
    last Monday
      = 2025-09-08..2025-09-09
    last Wednesday
      = 2025-09-03..2025-09-04
    on Sunday
      = 2025-09-07..2025-09-08
    Monday last week
      = 2025-09-01..2025-09-02
    Friday of last week
      = 2025-09-05..2025-09-06
    last week Tuesday
      = 2025-09-02..2025-09-03
    Monday this week
      = 2025-09-08..2025-09-09
    last weekend
      = 2025-09-06..2025-09-08
    the weekend
      = 2025-09-06..2025-09-08
    over the weekend
      = 2025-09-06..2025-09-08
    YTD
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    year to date
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    MTD
      = 2025-09-01..2025-09-11
      = 2025-09-01..2025-09-10
    month to date
      = 2025-09-01..2025-09-11
      = 2025-09-01..2025-09-10
    QTD
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    quarter-to-date
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    WTD
      = 2025-09-08..2025-09-11
      = 2025-09-08..2025-09-10
    week to date
      = 2025-09-08..2025-09-11
      = 2025-09-08..2025-09-10
    this year so far
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    so far this quarter
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    so far this year
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    since January
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    since 2023
      = 2023-01-01..2025-09-11
      = 2023-01-01..2025-09-10
    since March 2024
      = 2024-03-01..2025-09-11
      = 2024-03-01..2025-09-10
    since 15 June 2025
      = 2025-06-15..2025-09-11
      = 2025-06-15..2025-09-10
    since the beginning of the year
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    since the start of 2024
      = 2024-01-01..2025-09-11
      = 2024-01-01..2025-09-10
    since last month
      = 2025-08-01..2025-09-11
      = 2025-08-01..2025-09-10
    since last Monday
      = 2025-09-08..2025-09-11
      = 2025-09-08..2025-09-10
    from July on
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    from March 2024 onwards
      = 2024-03-01..2025-09-11
      = 2024-03-01..2025-09-10
    starting January 2025
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    since Q2
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    since yesterday
      = 2025-09-09..2025-09-11
      = 2025-09-09..2025-09-10
    beginning 1 August 2025
      = 2025-08-01..2025-09-11
      = 2025-08-01..2025-09-10
    from 2024 to date
      = 2024-01-01..2025-09-11
      = 2024-01-01..2025-09-10
    January to date
      = 2025-01-01..2025-09-11
      = 2025-01-01..2025-09-10
    from June until now
      = 2025-06-01..2025-09-11
      = 2025-06-01..2025-09-10
    from 1 May to today
      = 2025-05-01..2025-09-11
      = 2025-05-01..2025-09-10
    since the start of the month
      = 2025-09-01..2025-09-11
      = 2025-09-01..2025-09-10
    since the start of the quarter
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    since the beginning of last year
      = 2024-01-01..2025-09-11
      = 2024-01-01..2025-09-10
    after June 2025
      = 2025-07-01..2025-09-11
      = 2025-07-01..2025-09-10
    after 2023
      = 2024-01-01..2025-09-11
      = 2024-01-01..2025-09-10
    until March 2025
      = ..2025-04-01
      = ..2025-03-01
    up to June 2025
      = ..2025-07-01
      = ..2025-06-01
    before 2024
      = ..2024-01-01
    before March 2025
      = ..2025-03-01
    through August 2025
      = ..2025-09-01
    till the end of 2024
      = ..2025-01-01
    up to 15 May 2025
      = ..2025-05-16
      = ..2025-05-15
    until 2024-06-30
      = ..2024-07-01
      = ..2024-06-30
    before 1 July 2025
      = ..2025-07-01
    between January and March 2025
      = 2025-01-01..2025-04-01
    from Jan to Mar 2024
      = 2024-01-01..2024-04-01
    from March 2024 to February 2025
      = 2024-03-01..2025-03-01
    between 5 and 20 August
      = 2025-08-05..2025-08-21
    5-20 August 2025
      = 2025-08-05..2025-08-21
    from 1 July to 15 August
      = 2025-07-01..2025-08-16
    1 July – 15 August 2025
      = 2025-07-01..2025-08-16
    2023-2024
      = 2023-01-01..2025-01-01
    from 2022 to 2024
      = 2022-01-01..2025-01-01
    Q1 to Q3 2024
      = 2024-01-01..2024-10-01
    Q4 2023 to Q2 2024
      = 2023-10-01..2024-07-01
    between Q1 and Q2
      = 2025-01-01..2025-07-01
    Jan–Mar 2024
      = 2024-01-01..2024-04-01
    March through May 2025
      = 2025-03-01..2025-06-01
    November to February
      = 2024-11-01..2025-03-01
    from October 2024 until January 2025
      = 2024-10-01..2025-02-01
    2025-01-15 to 2025-02-14
      = 2025-01-15..2025-02-15
    between 2024-12-01 and 2024-12-24
      = 2024-12-01..2024-12-25
    01/06/2025 - 01/20/2025
      = 2025-01-06..2025-01-21
    1.3.2025 - 15.3.2025
      = 2025-03-01..2025-03-16
    from the 1st to the 15th of August
      = 2025-08-01..2025-08-16
    August 1 through August 7, 2025
      = 2025-08-01..2025-08-08
    weeks 10 to 12 of 2025
      = 2025-03-03..2025-03-24
    from Monday to Wednesday
      = 2025-09-08..2025-09-11
    April to June
      = 2025-04-01..2025-07-01
    between April and now
      = 2025-04-01..2025-09-11
    2021 through 2023
      = 2021-01-01..2024-01-01
    May 2024 - August 2024
      = 2024-05-01..2024-09-01
    from Q3 2024 through Q1 2025
      = 2024-07-01..2025-04-01
    first two months of 2025
      = 2025-01-01..2025-03-01
    first three quarters of 2024
      = 2024-01-01..2024-10-01
    last two months of 2024
      = 2024-11-01..2025-01-01
    first 10 days of August
      = 2025-08-01..2025-08-11
    last 5 days of July
      = 2025-07-27..2025-08-01
    first half of August
      = 2025-08-01..2025-08-16
    second half of August 2025
      = 2025-08-16..2025-09-01
    first month of the year
      = 2025-01-01..2025-02-01
    last month of Q2 2025
      = 2025-06-01..2025-07-01
    second month of Q1 2024
      = 2024-02-01..2024-03-01
    12 months ending June 2025
      = 2024-07-01..2025-07-01
    the last 90 days ending yesterday
      = 2025-06-12..2025-09-10
    6 months ended 31 March 2025
      = 2024-10-01..2025-04-01
    the 3 months to June 2025
      = 2025-04-01..2025-07-01
    the 3 months before August 2025
      = 2025-05-01..2025-08-01
    30 days before 1 July 2025
      = 2025-06-01..2025-07-01
    week 12
      = 2025-03-17..2025-03-24
    week 12 2024
      = 2024-03-18..2024-03-25
    CW 30
      = 2025-07-21..2025-07-28
    KW 5 2025
      = 2025-01-27..2025-02-03
    2025-W12
      = 2025-03-17..2025-03-24
    calendar week 20 of 2024
      = 2024-05-13..2024-05-20
    week 50
      = 2024-12-09..2024-12-16
    W33
      = 2025-08-11..2025-08-18
    the week of August 11
      = 2025-08-11..2025-08-18
    week starting 4 August 2025
      = 2025-08-04..2025-08-11
    week ending 17 August 2025
      = 2025-08-11..2025-08-18
    first week of August
      = 2025-08-01..2025-08-08
      = 2025-07-28..2025-08-04
      = 2025-08-04..2025-08-11
    third week of May
      = 2025-05-15..2025-05-22
      = 2025-05-12..2025-05-19
      = 2025-05-19..2025-05-26
    second week of January 2025
      = 2025-01-08..2025-01-15
      = 2025-01-06..2025-01-13
      = 2025-01-13..2025-01-20
    last week of July
      = 2025-07-25..2025-08-01
      = 2025-07-28..2025-08-04
      = 2025-07-21..2025-07-28
    fourth week of June 2025
      = 2025-06-22..2025-06-29
      = 2025-06-23..2025-06-30
    last 2 weeks of June 2025
      = 2025-06-17..2025-07-01
    2023 vs 2024
      = 2023-01-01..2024-01-01 & 2024-01-01..2025-01-01
    June and August 2025
      = 2025-06-01..2025-07-01 & 2025-08-01..2025-09-01
    Q1 2025 versus Q1 2024
      = 2025-01-01..2025-04-01 & 2024-01-01..2024-04-01
    last month vs the month before
      = 2025-08-01..2025-09-01
    May compared with April
      = 2025-05-01..2025-06-01 & 2025-04-01..2025-05-01
    this month vs last month
      = 2025-09-01..2025-10-01 & 2025-08-01..2025-09-01
    2022, 2023 and 2024
      = 2022-01-01..2023-01-01 & 2023-01-01..2024-01-01 & 2024-01-01..2025-01-01
    since Easter
      = none
    since Easter 2024
      = none
    around Christmas 2024
      = none
    early 2025
      = none
    mid 2024
      = none
    late March
      = none
    last summer
      = none
    this winter
      = none
    spring 2025
      = none
    during Ramadan
      = none
    recently
      = none
    lately
      = none
    a while ago
      = none
    in the near past
      = none
    holiday season 2024
      = none
    the 3 months before last
      = none
    revenue by month
      = none
    daily sales
      = none
    average days to settle
      = none
    orders over 2,000
      = none
    more than 2024 units
      = none
    top 10 dealers
      = none
    May I see revenue
      = none
    sales of model 2024
      = none
    the second largest customer
      = none
    first order
      = none
    last customer
      = none
    week on week
      = none
    after the merger
      = none
    before the relaunch
      = none
    peak season
      = none
    back to school 2024
      = none
    a few days
      = none
    some months ago
      = none
    many years
      = none
    end of an era
      = none
    Chinese New Year 2025
      = none
    the May family
      = none
    room 2023
      = none
    invoice 2024
      = none
    30 days
      = none
    12 months
      = none
    over 90 days old
      = none
    more than 3 weeks
      = none
    @2025-09-10 4 1
    FY2025
      = 2024-04-01..2025-04-01
    FY25
      = 2024-04-01..2025-04-01
    fiscal 2025
      = 2024-04-01..2025-04-01
    fiscal year 2024
      = 2023-04-01..2024-04-01
    FY24/25
      = 2024-04-01..2025-04-01
    financial year 2025
      = 2024-04-01..2025-04-01
    this fiscal year
      = 2025-04-01..2026-04-01
    current FY
      = 2025-04-01..2026-04-01
    last fiscal year
      = 2024-04-01..2025-04-01
    previous financial year
      = 2024-04-01..2025-04-01
    fiscal year before last
      = 2023-04-01..2024-04-01
    Q1 FY2026
      = 2025-04-01..2025-07-01
    FY26 Q1
      = 2025-04-01..2025-07-01
    fiscal Q2 2025
      = 2024-07-01..2024-10-01
    Q3 of fiscal 2025
      = 2024-10-01..2025-01-01
    second quarter of FY25
      = 2024-07-01..2024-10-01
    fourth fiscal quarter of 2025
      = 2025-01-01..2025-04-01
    fiscal Q1
      = 2025-04-01..2025-07-01
    last fiscal quarter
      = 2025-04-01..2025-07-01
    this fiscal quarter
      = 2025-07-01..2025-10-01
    current fiscal quarter
      = 2025-07-01..2025-10-01
    last 2 fiscal years
      = 2023-04-01..2025-04-01
    last 3 fiscal quarters
      = 2024-10-01..2025-07-01
    first half of fiscal 2025
      = 2024-04-01..2024-10-01
    H2 FY25
      = 2024-10-01..2025-04-01
    H1 FY2026
      = 2025-04-01..2025-10-01
    FY2023 to FY2025
      = 2022-04-01..2025-04-01
    FQ1 2026
      = 2025-04-01..2025-07-01
    FQ4
      = 2025-01-01..2025-04-01
    business year 2025
      = 2024-04-01..2025-04-01
    fiscal year 2024/25
      = 2024-04-01..2025-04-01
    2024/25 fiscal year
      = 2024-04-01..2025-04-01
    the 2025 fiscal year
      = 2024-04-01..2025-04-01
    Q4 of last fiscal year
      = 2025-01-01..2025-04-01
    Q1 of this fiscal year
      = 2025-04-01..2025-07-01
    first fiscal quarter
      = 2025-04-01..2025-07-01
    FYTD
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    fiscal year to date
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    this fiscal year so far
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    fiscal YTD
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    since the start of the fiscal year
      = 2025-04-01..2025-09-11
      = 2025-04-01..2025-09-10
    @2025-09-10 1 7
    this week
      = 2025-09-07..2025-09-14
    last week
      = 2025-08-31..2025-09-07
    last 2 weeks
      = 2025-08-24..2025-09-07
    WTD
      = 2025-09-07..2025-09-11
      = 2025-09-07..2025-09-10
    @2024-01-31 1 1
    last month
      = 2023-12-01..2024-01-01
    yesterday
      = 2024-01-30..2024-01-31
    last quarter
      = 2023-10-01..2024-01-01
    last year
      = 2023-01-01..2024-01-01
    this quarter
      = 2024-01-01..2024-04-01
    3 months ago
      = 2023-10-01..2023-11-01
    last 3 months
      = 2023-10-01..2024-01-01
    February
      = 2023-02-01..2023-03-01
    January
      = 2024-01-01..2024-02-01
    Q4
      = 2023-10-01..2024-01-01
    last December
      = 2023-12-01..2024-01-01
    MTD
      = 2024-01-01..2024-02-01
      = 2024-01-01..2024-01-31
    """#
}
