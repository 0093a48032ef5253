import Testing

@testable import SpreadsheetKit

@Suite struct CSVWriterTests {
  private func field(_ cell: SheetCell) -> String {
    let bytes = CSVWriter.bytes(Sheet(columns: [SheetColumn(heading: "h")], rows: [[cell]]))
    return String(decoding: bytes.dropFirst("h\r\n".utf8.count).dropLast("\r\n".utf8.count), as: UTF8.self)
  }

  @Test(arguments: [
    (SheetCell.empty, ""), (.integer(-5), "-5"), (.real(1234.5), "1234.5"), (.real(2), "2"), (.real(.nan), ""),
    (.truth(true), "true"), (.date(year: 2025, month: 8, day: 5), "2025-08-05"), (.text("plain"), "plain"),
    (.text("a,b"), "\"a,b\""), (.text("say \"hi\""), "\"say \"\"hi\"\"\""), (.text(" x"), "\" x\""),
    (.text("a\"\u{301}b"), "\"a\"\"\u{301}b\""), (.text("two\r\nlines"), "\"two\r\nlines\""),
  ])
  func `cells are written by their type`(cell: SheetCell, expected: String) {
    #expect(field(cell) == expected)
  }

  @Test(arguments: ["=1+1", "+49 170", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\u{FF1D}1"])
  func `text that a spreadsheet would run is made harmless`(text: String) {
    let written = field(.text(text))
    #expect(written.hasPrefix("'") || written.hasPrefix("\"'"), "\(written)")
  }

  @Test func `lines end in carriage return and line feed, and the mark is there when asked for`() {
    let sheet = Sheet(
      columns: [SheetColumn(heading: "a"), SheetColumn(heading: "b")],
      rows: [[.integer(1), .text("ü")]]
    )
    #expect(CSVWriter.bytes(sheet) == Array("a,b\r\n1,ü\r\n".utf8))
    #expect(CSVWriter.bytes(sheet, hasByteOrderMark: true).prefix(3) == [0xEF, 0xBB, 0xBF])
  }
}
