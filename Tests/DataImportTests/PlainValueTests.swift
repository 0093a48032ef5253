import Testing

@testable import DataImport

@Suite struct PlainValueTests {
  @Test(arguments: [
    "0", "7", "-7", "007", "123456789012345", "1234567890123456", "1.5", "1,5", "-0.25", "0.1", "1.234", "1,234",
    "1.2.3",
    "2025-08-05", "2025-13-01", "2025-8-5", "05.08.2025", "abc", "n/a", "None", "EUR 5", "Euro", "5 EUR", "missing",
    "€5", "5%",
    "-", "--5", "1e5", ".5", "5.", " 5", "x1", "Grün", "Übung", "12/31/2025", "0.30000000000001", "99999999.99",
  ])
  func `the quick look says what the close one says, or nothing`(text: String) {
    switch PlainValue(text) {
    case .integer(let number):
      for mark in ValueReading.DecimalMark.allCases { #expect(ValueReading.integer(text, mark) == number) }
      #expect(ValueReading.moment(text, .dayFirst) == nil)
    case .real(let number, let mark):
      #expect(ValueReading.number(text, mark) == number)
      let other: ValueReading.DecimalMark = mark == .point ? .comma : .point
      #expect(ValueReading.number(text, other) == nil && ValueReading.integer(text, mark) == nil)
    case .day:
      #expect(
        ValueReading.moment(text, .dayFirst)?.text == text && ValueReading.moment(text, .monthFirst)?.text == text
      )
      #expect(ValueReading.number(text, .point) == nil)
    case .words:
      #expect(ValueReading.number(text, .point) == nil && ValueReading.number(text, .comma) == nil)
      #expect(ValueReading.moment(text, .dayFirst) == nil && !ValueReading.nullWords.contains(text.lowercased()))
    case .other: break
    }
  }

  @Test func `the usual cells are told at once`() {
    #expect(PlainValue("-42") == .integer(-42))
    #expect(PlainValue("19.99") == .real(19.99, .point) && PlainValue("19,99") == .real(19.99, .comma))
    #expect(PlainValue("2025-02-28") == .day && PlainValue("2025-02-30") == .other)
    #expect(PlainValue("Berlin") == .words && PlainValue("n/a") == .other)
  }
}
