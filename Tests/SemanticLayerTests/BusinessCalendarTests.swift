import CoachVocabulary
import SQLiteKit
import Testing

@testable import SemanticLayer

@Suite struct `A business calendar` {
  private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

  private func selection(_ first: String, _ last: String, _ unit: TimeGrain?, _ count: Int = 1) throws -> TimeSelection
  {
    TimeSelection(DateRange(start: try day(first), end: try day(last).adding(days: 1)), unit: unit, count: count)
  }

  @Test(arguments: [
    ("2025-02-01", "2025-02-28", TimeGrain.month, 1, "2025-01-01..<2025-02-01"),
    ("2025-01-01", "2025-03-31", .quarter, 1, "2024-10-01..<2025-01-01"),
    ("2024-01-01", "2024-12-31", .year, 1, "2023-01-01..<2024-01-01"),
    ("2025-03-01", "2025-05-31", .month, 3, "2024-12-01..<2025-03-01"),
    ("2025-06-09", "2025-06-15", .week, 1, "2025-06-02..<2025-06-09"),
    ("2025-06-01", "2025-06-10", .day, 10, "2025-05-22..<2025-06-01"),
    ("2025-06-01", "2025-06-17", .month, 1, "2025-05-01..<2025-05-18"),
    ("2025-03-01", "2025-03-30", .month, 1, "2025-02-01..<2025-03-01"),
    ("2025-04-01", "2025-06-30", nil, 1, "2025-01-01..<2025-04-01"),
    ("2025-06-05", "2025-06-14", nil, 1, "2025-05-26..<2025-06-05"),
  ])
  func `compares with the period before`(
    _ first: String,
    _ last: String,
    _ unit: TimeGrain?,
    _ count: Int,
    _ range: String
  ) throws {
    let calendar = BusinessCalendar(asOf: try day("2025-06-17"))
    let comparison = calendar.comparison(.previousPeriod, for: try selection(first, last, unit, count))
    #expect(comparison.range.description == range)
  }

  @Test(arguments: [
    ("2024-02-01", "2024-02-29", "2023-02-01..<2023-03-01"), ("2025-02-01", "2025-02-28", "2024-02-01..<2024-03-01"),
    ("2025-01-01", "2025-06-17", "2024-01-01..<2024-06-18"), ("2024-02-29", "2024-02-29", "2023-02-28..<2023-03-01"),
  ])
  func `compares with the same days of last year`(_ first: String, _ last: String, _ range: String) throws {
    let calendar = BusinessCalendar(asOf: try day("2025-06-17"))
    let comparison = calendar.comparison(.samePeriodLastYear, for: try selection(first, last, .month))
    #expect(comparison.range.description == range)
    #expect(comparison.shiftMonths == 12)
  }

  @Test(arguments: TimeGrain.allCases, [1, 4, 7, 12])
  func `covers all days with units that neither overlap nor leave gaps`(_ grain: TimeGrain, _ fiscal: Int) throws {
    let calendar = BusinessCalendar(asOf: try day("2025-06-17"), weekStart: 7, fiscalStartMonth: fiscal)
    var date = try day("2023-12-20")
    var unit = calendar.range(of: grain, holding: date)
    for _ in 0..<800 {
      let next = calendar.range(of: grain, holding: date)
      #expect(next.start <= date && date < next.end)
      #expect(next == unit || next.start == unit.end)
      unit = next
      date = date.adding(days: 1)
    }
  }

  @Test(arguments: TimeGrain.allCases)
  func `moves back what it moved forth`(_ grain: TimeGrain) throws {
    let calendar = BusinessCalendar(asOf: try day("2025-06-17"), fiscalStartMonth: 4)
    let start = calendar.start(of: grain, holding: calendar.asOf)
    for count in 1...40 {
      #expect(calendar.moving(calendar.moving(start, by: count, grain), by: -count, grain) == start)
    }
    #expect(calendar.lastComplete(1, grain).end == start)
    #expect(calendar.toDate(grain).end == calendar.asOf.adding(days: 1))
  }

  @Test(arguments: TimeGrain.allCases, [(1, 1), (7, 4), (6, 10)])
  func `agrees with the buckets of the database on every day`(
    _ grain: TimeGrain,
    _ start: (week: Int, fiscal: Int)
  ) throws {
    let calendar = BusinessCalendar(
      asOf: try day("2025-06-17"),
      weekStart: start.week,
      fiscalStartMonth: start.fiscal
    )
    let database = try SQLiteDatabase(path: ":memory:", configuration: .ours)
    let bucket = SQLDialect.sqlite.bucket("day", grain, calendar: calendar, months: 0, days: 0)
    let days =
      "WITH RECURSIVE days(day) AS (SELECT '2023-11-20' UNION ALL SELECT date(day, '+1 day') FROM days LIMIT 800)"
    let rows = try database.query("\(days) SELECT day, \(bucket) FROM days").rows
    var labels: [CivilDate: SQLiteValue] = [:]
    for row in rows {
      let date = try day(row[0].string ?? "")
      let first = calendar.start(of: grain, holding: date)
      #expect(labels[first, default: row[1]] == row[1])
      labels[first] = row[1]
    }
    #expect(Set(labels.values).count == labels.count)
  }

  @Test func `names a fiscal year by the calendar year in which it ends`() throws {
    let calendar = BusinessCalendar(asOf: try day("2025-06-17"), fiscalStartMonth: 4)
    let database = try SQLiteDatabase(path: ":memory:", configuration: .ours)
    let year = SQLDialect.sqlite.bucket("'2024-04-01'", .fiscalYear, calendar: calendar, months: 0, days: 0)
    let quarter = SQLDialect.sqlite.bucket("'2025-01-15'", .fiscalQuarter, calendar: calendar, months: 0, days: 0)
    #expect(try database.query("SELECT \(year), \(quarter)").rows == [[.text("FY2025"), .text("FY2025-Q4")]])
  }
}
