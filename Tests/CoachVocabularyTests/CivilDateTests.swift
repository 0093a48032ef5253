import CoachVocabulary
import Testing

@Suite struct `A civil date` {
  @Test func `survives the way through its parts on every day of eight centuries`() {
    for number in stride(from: -150_000, through: 150_000, by: 7) {
      let date = CivilDate(dayNumber: number)
      let (year, month, day) = date.parts
      #expect(CivilDate(year: year, month: month, day: day)?.dayNumber == number)
    }
  }

  @Test func `counts one day after the other without gaps`() throws {
    var date = try #require(CivilDate("1999-12-25"))
    let end = try #require(CivilDate("2004-03-05"))
    var (year, month, day) = date.parts
    while date < end {
      date = date.adding(days: 1)
      day += 1
      if day > CivilDate.days(inMonth: month, of: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
      #expect(date.parts == (year, month, day))
    }
  }

  @Test(arguments: [
    ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-12-31", 20_088), ("0001-01-01", -719_162),
  ])
  func `knows its day number`(_ text: String, _ number: Int) {
    #expect(CivilDate(text)?.dayNumber == number)
    #expect(CivilDate(dayNumber: number).description == text)
  }

  @Test(arguments: [
    ("2025-01-31", 1, "2025-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2025-03-31", -1, "2025-02-28"),
    ("2025-12-15", 1, "2026-01-15"), ("2025-01-15", -1, "2024-12-15"), ("2024-02-29", 12, "2025-02-28"),
    ("2025-06-30", -18, "2023-12-30"), ("2025-05-05", 0, "2025-05-05"),
  ])
  func `adds months and cuts the day to the month`(_ text: String, _ months: Int, _ result: String) {
    #expect(CivilDate(text)?.adding(months: months).description == result)
  }

  @Test func `adds months in steps as at once when the day exists in all`() throws {
    let date = try #require(CivilDate("2021-01-15"))
    for first in -30...30 {
      for second in stride(from: -25, through: 25, by: 5) {
        #expect(date.adding(months: first).adding(months: second) == date.adding(months: first + second))
      }
    }
  }

  @Test(arguments: [("2025-09-08", 1), ("2025-09-14", 7), ("1970-01-01", 4), ("1900-01-01", 1), ("2000-02-29", 2)])
  func `knows its weekday`(_ text: String, _ weekday: Int) {
    #expect(CivilDate(text)?.weekday == weekday)
  }

  @Test(arguments: [
    "2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "25-01-01", "2025/01/01", "", "tomorrow", "2025-01-01x",
    "0000-01-01", "2025-01-32",
  ])
  func `refuses what is no date`(_ text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(arguments: ["2025-06-17T10:00:00Z", "2025-06-17 10:00", "2025-06-17"])
  func `ignores the time of day`(_ text: String) {
    #expect(CivilDate(text)?.description == "2025-06-17")
  }

  @Test func `is text in JSON`() throws {
    let date = try #require(CivilDate("2025-06-17"))
    #expect(try JSONValue(encoding: [date]) == ["2025-06-17"])
    #expect(try JSONValue.array(["2025-06-17"]).decoded(as: [CivilDate].self) == [date])
    #expect(throws: JSONFailure.self) { try JSONValue.array(["June"]).decoded(as: [CivilDate].self) }
  }

  @Test func `bounds a range that excludes its end`() throws {
    let start = try #require(CivilDate("2024-02-01"))
    let range = DateRange(start: start, end: start.adding(months: 1))
    #expect(range.dayCount == 29)
    #expect(range.lastDay.description == "2024-02-29")
    #expect(range.description == "2024-02-01..<2024-03-01")
    #expect(DateRange(start: range.end, end: start).dayCount == 0)
  }
}
