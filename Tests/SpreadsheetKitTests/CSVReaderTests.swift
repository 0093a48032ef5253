import Foundation
import Testing

@testable import SpreadsheetKit

/// A file that is there for one test.
@discardableResult
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.appending(path: "sheet-\(UUID().uuidString)").path
  try Data(bytes).write(to: URL(filePath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

@Suite struct CSVReaderTests {
  private func read(_ bytes: [UInt8], limits: SheetLimits = SheetLimits()) throws -> (CSVDialect, [SheetRow]) {
    try withFile(bytes) { path in
      let reader = try CSVReader(path: path, limits: limits)
      var rows: [SheetRow] = []
      try reader.forEachRow {
        rows.append($0)
        return .goOn
      }
      return (reader.dialect, rows)
    }
  }

  private func texts(_ text: String) throws -> [[String]] {
    try read(Array(text.utf8)).1.map { row in
      row.cells.map { if case .text(let text) = $0 { text } else { "" } }
    }
  }

  @Test(arguments: [
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
    ("a,b\n\n\n1,2\n\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", [["a", "b"], ["x,y", "say \"hi\""]]),
    ("a,b\n\"two\r\nlines\",2\n", [["a", "b"], ["two\r\nlines", "2"]]),
    ("a,b\n5\" pipe,\"x\"y\n", [["a", "b"], ["5\" pipe", "xy"]]),
    ("a,b\n,\n\"\",\"\"\n", [["a", "b"], ["", ""], ["", ""]]),
    ("a;b;c\n1,5;2;3\n2,5;3;4\n", [["a", "b", "c"], ["1,5", "2", "3"], ["2,5", "3", "4"]]),
    ("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
    ("a|b\n1|2\n", [["a", "b"], ["1", "2"]]),
    ("only\none\n", [["only"], ["one"]]),
  ])
  func `records and fields are split as people write them`(text: String, expected: [[String]]) throws {
    #expect(try texts(text) == expected)
  }

  @Test(
    arguments: [
      (Array("é;ü\n1;2".utf8), CSVDialect.Encoding.utf8),
      ([0xEF, 0xBB, 0xBF] + Array("é;ü\n1;2".utf8), .utf8),
      ([0xE9, 0x3B, 0xFC, 0x0A, 0x31, 0x3B, 0x32], .windows1252),
      ([0xFF, 0xFE] + "é;ü\n1;2".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, .utf16LittleEndian),
      ([0xFE, 0xFF] + "é;ü\n1;2".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, .utf16BigEndian),
      ("é;ü\n1;2".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, .utf16LittleEndian),
    ] as [([UInt8], CSVDialect.Encoding)]
  )
  func `the encoding is found out`(bytes: [UInt8], encoding: CSVDialect.Encoding) throws {
    let (dialect, rows) = try read(bytes)
    #expect(dialect.encoding == encoding && dialect.delimiter == UInt8(ascii: ";"))
    #expect(rows.first?.cells == [.text("é"), .text("ü")])
  }

  @Test func `rows say where they begin, also behind fields of several lines`() throws {
    let rows = try read(Array("a,b\n\"x\ny\",1\nz,2\n".utf8)).1
    #expect(rows.map(\.number) == [1, 2, 4])
  }

  @Test func `a row that cannot be read says so, and the others are read`() throws {
    let rows = try read(Array("näme,b\n".utf8) + [0x61, 0xFF, 0x2C, 0x31, 0x0A] + Array("ok,2\n".utf8)).1
    // A head that is not valid UTF-8 is Windows' text; with a mark it is UTF-8 whatever follows.
    #expect(rows.count == 3 && rows.allSatisfy { $0.problem == nil })
    let marked = try read(
      [0xEF, 0xBB, 0xBF] + Array("näme,b\n".utf8) + [0x61, 0xFF, 0x2C, 0x31, 0x0A] + Array("ok,2\n".utf8)
    ).1
    #expect(marked.map { $0.problem != nil } == [false, true, false])
    let open = try read(Array("a,b\n1,\"2\n3,4\n".utf8)).1
    #expect(open.last?.problem?.contains("never closed") == true)
  }

  @Test func `limits hold`() throws {
    var limits = SheetLimits()
    limits.cellBytes = 4
    #expect(try read(Array("a,b\n12345,1\n".utf8), limits: limits).1[1].problem != nil)
    limits = SheetLimits()
    limits.columns = 2
    #expect(try read(Array("a,b\n1,2,3\n".utf8), limits: limits).1[1].problem != nil)
    limits.rows = 2
    #expect(throws: SpreadsheetFailure.self) { try read(Array("a\nb\nc\nd\n".utf8), limits: limits) }
    limits.fileBytes = 3
    #expect(throws: SpreadsheetFailure.self) { try read(Array("a,b,c\n".utf8), limits: limits) }
    #expect(throws: SpreadsheetFailure.self) { try read([]) }
  }

  @Test func `what is written is read again`() throws {
    let sheet = Sheet(
      columns: [SheetColumn(heading: "a"), SheetColumn(heading: "b")],
      rows: [[.text("x,\"y\"\r\nz"), .integer(5)], [.empty, .real(1.5)]]
    )
    let (_, rows) = try read(CSVWriter.bytes(sheet, hasByteOrderMark: true))
    #expect(
      rows.map(\.cells) == [[.text("a"), .text("b")], [.text("x,\"y\"\r\nz"), .text("5")], [.empty, .text("1.5")]]
    )
  }

  @Test func `pieces of any size give the same records`() {
    let text = Array("a,\"b\"\"c\"\r\n\"d\r\ne\",f\rg,h\n".utf8)
    func records(_ size: Int) -> [[[UInt8]]] {
      var splitter = CSVSplitter(delimiter: UInt8(ascii: ","), limits: SheetLimits())
      var found: [[[UInt8]]] = []
      func take(_ record: CSVSplitter.Record) -> SheetReading {
        found.append(record.fields.map { Array($0) })
        return .goOn
      }
      for start in stride(from: 0, to: text.count, by: size) {
        splitter.feed(text[start..<min(start + size, text.count)], take)
      }
      splitter.finish(take)
      return found
    }
    for size in 1...text.count { #expect(records(size) == records(text.count), "\(size)") }
  }
}
