import CoachVocabulary
import Testing

@testable import CoachAgents

@Suite struct GroundingTests {
  private let rows: [[JSONValue]] = [["2025-01", 12_345_678.9, 0.25], ["2025-02", 9_876_543.2, 0.5]]

  private func untraced(_ text: String, rows: [[JSONValue]], allowing: [String] = []) -> [String] {
    Grounding(rows: rows, allowedTexts: allowing).untraced(in: text)
  }

  @Test(arguments: [
    "It was 12,345,678.9.", "It was 12.3M in Jan 2025.", "It was €12.35 million.", "It was 12,346k.",
    "12.346 thousand thousand? No: 12,346 thousand.",
    "It was 12.345.678,9 in January 2025.", "Es waren 12,3 Mio. Euro.", "Together 22.2 million.", "The mean was 11.1M.",
    "The difference is 2.5M.", "It fell by 20 %.", "February was 80.0 % of January.",
    "January was 1.25 times February.",
    "January had 55.6 % of the whole.", "A quarter, 25 %, then 50 percent.", "2 rows.", "The 2nd month was lower.",
    "It was 12 345 678,9.".replacingBlanks, "No numbers at all.", "",
  ])
  func `numbers of the rows are traced however they are written`(text: String) {
    #expect(untraced(text, rows: rows) == [], "\(text)")
  }

  @Test(arguments: [
    ("It was 13.3M.", ["13.3M"]), ("It was 12.4 million.", ["12.4 million"]), ("It fell by 31 %.", ["31"]),
    ("It was 3 times as much.", ["3"]), ("The 5th month.", ["5"]), ("In 2024 it was 12.3M.", ["2024"]),
    ("It rose by 2.9M.", ["2.9M"]), ("7 rows.", ["7"]), ("It was 12,345,679.9.", ["12,345,679.9"]),
    ("On 14 Feb it was 9.9M.", ["14"]),
  ])
  func `a number from nowhere is caught`(text: String, expected: [String]) {
    #expect(untraced(text, rows: rows) == expected)
  }

  @Test(arguments: [
    ("It fell by 5.2 %.", true), ("It was down 5.2 %.", true), ("The change was -5.2 %.", true),
    ("The change was −5.2 %.", true), ("A change of 5.2 %.", true), ("5.2 % fewer than before.", true),
    ("It rose by 5.2 %.", false), ("It was up 5.2 %.", false), ("The change was +5.2 %.", false),
    ("5.2 % more than before.", false), ("It grew by about 5 %.", false),
  ])
  func `a direction must be the one of the rows`(text: String, isTraced: Bool) {
    #expect(untraced(text, rows: [["x", -5.2]]).isEmpty == isTraced, "\(text)")
  }

  @Test(arguments: [("-5 %", ["5"]), ("5 %", []), ("+5 %", [])])
  func `a gain is not told as a loss`(text: String, expected: [String]) {
    #expect(untraced(text, rows: [[5.0]]) == expected)
  }

  @Test func `hyphens of dates and ranges are no minus`() {
    #expect(untraced("From 2025-01 to 2025-02, rows 1-2.", rows: rows, allowing: ["rows 1 and 2"]) == [])
  }

  @Test func `the question and the interpretation may be repeated`() {
    let allowed = ["top 7 dealers above 250 units", "1–31 May 2026"]
    #expect(untraced("The top 7 above 250 units from 1 to 31 May 2026.", rows: [], allowing: allowed) == [])
    #expect(untraced("The top 8.", rows: [], allowing: allowed) == ["8"])
  }

  @Test func `a day of the period does not vouch for an amount or a percentage`() {
    let allowed = ["1–30 Jun 2026"]
    #expect(untraced("It fell by 30 %.", rows: [["x", 88.0]], allowing: allowed) == ["30"])
    #expect(untraced("30 dealers did.", rows: [["x", 88.0]], allowing: allowed) == ["30"])
    #expect(untraced("On 30 June it was 88.", rows: [["x", 88.0]], allowing: allowed) == [])
  }

  @Test func `a percentage is not explained by an amount that happens to be equal`() {
    #expect(untraced("It grew to 40 % more.", rows: [["a", 100.0], ["b", 60.0]]) == ["40"])
    #expect(untraced("b was 40 % lower than a.", rows: [["a", 100.0], ["b", 60.0]]) == [])
  }

  @Test func `names with numbers are names`() {
    #expect(untraced("Model 3 had 88.", rows: [["Model 3", 88.0]]) == [])
  }

  @Test func `a long table does not explain every number`() {
    let table = (0..<200).map { [JSONValue.string("n\($0)"), .double(Double($0 * $0 % 7_919) + 1_000)] }
    let wrong = (0..<50).filter { untraced("It was \(9_137 + 3 * $0).", rows: table).isEmpty }
    #expect(wrong.isEmpty)
  }

  @Test func `numbers are found where they are`() {
    let numbers = NumberScanner.numbers(
      in: "EV6 sold 1,234.5k (up 3.2 %) on 5 Aug 2025, 2x, 1st; 12m and 7 mn, Q3 2024"
    )
    let expected = ["6", "1,234.5k", "3.2", "5", "2025", "2", "1", "12m", "7 mn", "3", "2024"]
    #expect(numbers.map(\.written) == expected)
    #expect(
      numbers.map(\.kind) == [.plain, .plain, .percent, .date, .date, .times, .ordinal, .plain, .plain, .date, .date]
    )
    #expect(numbers[2].direction == 1)
  }
}

extension String {
  /// The text with narrow unbreakable blanks between digits, as Swiss and French texts group them.
  fileprivate var replacingBlanks: String {
    replacing("2 345 678", with: "2\u{202F}345\u{202F}678").replacing("12 ", with: "12\u{202F}")
  }
}
