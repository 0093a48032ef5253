import CZip
import Foundation
import Testing

@testable import SpreadsheetKit

@Suite struct XLSXReaderTests {
  private func read(_ path: String, limits: SheetLimits = SheetLimits()) throws -> [SheetRow] {
    var rows: [SheetRow] = []
    try XLSXReader(path: path, limits: limits).forEachRow {
      rows.append($0)
      return .goOn
    }
    return rows
  }

  /// A workbook made of these parts.
  @discardableResult
  private func withBook<Result>(_ parts: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "book-\(UUID().uuidString).xlsx").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var code: Int32 = 0
    let archive = try #require(zip_open(path, Int32(ZIP_CREATE), &code))
    var kept: [UnsafeMutablePointer<UInt8>] = []
    for (name, text) in parts {
      let bytes = Array(text.utf8)
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
      copy.initialize(from: bytes, count: bytes.count)
      kept.append(copy)
      let source = zip_source_buffer(archive, copy, UInt64(bytes.count), 0)
      _ = zip_file_add(archive, name, source, 0)
    }
    #expect(zip_close(archive) == 0)
    for copy in kept { copy.deallocate() }
    return try body(path)
  }

  private func parts(
    _ sheet: String,
    texts: String? = nil,
    styles: String? = nil,
    properties: String = ""
  ) -> [String: String] {
    var parts = [
      "xl/workbook.xml":
        "<workbook xmlns:r=\"r\">\(properties)<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
      "xl/_rels/workbook.xml.rels":
        "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
      "xl/worksheets/sheet1.xml": "<worksheet><sheetData>\(sheet)</sheetData></worksheet>",
    ]
    parts["xl/sharedStrings.xml"] = texts.map { "<sst>\($0)</sst>" }
    parts["xl/styles.xml"] = styles.map { "<styleSheet>\($0)</styleSheet>" }
    return parts
  }

  @Test func `what is written is read again, with its types`() throws {
    let sheet = Sheet(
      columns: [
        SheetColumn(heading: "Day", numberFormat: "yyyy-mm-dd"), SheetColumn(heading: "Name"),
        SheetColumn(heading: "Amount", numberFormat: "\"€\"#,##0.00"),
      ],
      rows: [
        [.date(year: 2024, month: 2, day: 29), .text("=cmd|'x'!A1"), .real(1234.5)],
        [.date(year: 1970, month: 1, day: 1), .text("Zoë <&>"), .integer(-7)], [.empty, .text("c"), .truth(true)],
      ],
      about: [Sheet.About("Question", "Why?")]
    )
    try withBook([:]) { path in
      try XLSXWriter.write(sheet, to: path)
      let rows = try read(path)
      #expect(rows.map(\.cells) == [[.text("Day"), .text("Name"), .text("Amount")]] + sheet.rows)
      #expect(rows.map(\.number) == [1, 2, 3, 4])
      #expect(try TableFile.kind(ofFile: path) == .xlsx)
    }
  }

  @Test func `cells are placed by their reference and texts are shared`() throws {
    let sheet = """
      <row r="2"><c r="A2" t="s"><v>0</v></c><c r="D2" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>
      <row r="5"><c t="s"><v>1</v></c><c><f>1+1</f><v>2</v></c><c t="e"><v>#DIV/0!</v></c><c t="str"><v>f</v></c></row>
      """
    let texts = "<si><t>one</t><rPh><t>phonetic</t></rPh></si><si><r><t>t</t></r><r><t>wo</t></r></si>"
    let rows = try withBook(parts(sheet, texts: texts)) { try read($0) }
    #expect(rows.map(\.number) == [2, 5])
    #expect(rows[0].cells == [.text("one"), .empty, .empty, .text("inline")])
    #expect(rows[1].cells == [.text("two"), .integer(2), .text("#DIV/0!"), .text("f")])
  }

  @Test(arguments: [
    ("<xf numFmtId=\"14\"/>", "", "45292", SheetCell.date(year: 2024, month: 1, day: 1)),
    ("<xf numFmtId=\"22\"/>", "", "45292.75", .text("2024-01-01 18:00:00")),
    ("<xf numFmtId=\"14\"/>", "", "1", .date(year: 1900, month: 1, day: 1)),
    ("<xf numFmtId=\"14\"/>", "", "61", .date(year: 1900, month: 3, day: 1)),
    ("<xf numFmtId=\"14\"/>", "<workbookPr date1904=\"1\"/>", "0", .date(year: 1904, month: 1, day: 1)),
    ("<xf numFmtId=\"164\"/>", "", "45292", .date(year: 2024, month: 1, day: 1)),
    ("<xf numFmtId=\"165\"/>", "", "45292", .integer(45292)),
    ("<xf numFmtId=\"4\"/>", "", "1.5", .real(1.5)), ("<xf numFmtId=\"20\"/>", "", "0.5", .text("12:00:00")),
  ])
  func `numbers are days where their format says so`(
    format: String,
    properties: String,
    value: String,
    cell: SheetCell
  ) throws {
    let styles =
      "<numFmts><numFmt numFmtId=\"164\" formatCode=\"dd\\.mmm\"/><numFmt numFmtId=\"165\" formatCode=\"[Red]0&quot; days&quot;\"/></numFmts>"
      + "<cellXfs>\(format)</cellXfs>"
    let book = parts("<row><c s=\"0\"><v>\(value)</v></c></row>", styles: styles, properties: properties)
    #expect(try withBook(book) { try read($0) }.first?.cells == [cell])
  }

  @Test func `what is no workbook is refused in words`() throws {
    try withFile(Array("PK\u{3}\u{4}nonsense".utf8)) { path in
      #expect(throws: SpreadsheetFailure.self) { try read(path) }
    }
    try withBook(["a.txt": "x"]) { path in #expect(throws: SpreadsheetFailure.self) { try read(path) } }
    for sheet in ["<row><c", "<row><c><v>1</v></row>"] {
      try withBook(parts(sheet)) { path in #expect(throws: SpreadsheetFailure.self) { try read(path) } }
    }
    try withFile([0xD0, 0xCF, 0x11, 0xE0, 0, 0, 0, 0]) { path in
      #expect(throws: SpreadsheetFailure.self) { try TableFile.kind(ofFile: path) }
    }
  }

  @Test func `entities that blow up are refused with their document type`() throws {
    var book = parts("")
    book["xl/worksheets/sheet1.xml"] =
      "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><worksheet>&b;</worksheet>"
    try withBook(book) { path in
      let failure = #expect(throws: SpreadsheetFailure.self) { try read(path) }
      #expect(failure?.message.contains("document type") == true)
    }
  }

  @Test func `a zip bomb is refused before it fills memory or time`() throws {
    let zeros = String(repeating: "<row><c><v>0</v></c></row>", count: 100_000)
    try withBook(parts(zeros)) { path in
      let failure = #expect(throws: SpreadsheetFailure.self) { try read(path) }
      #expect(failure?.kind == .tooLarge)
    }
    var limits = SheetLimits()
    limits.unpackedBytes = 50
    try withBook(parts("<row><c><v>1</v></c></row>")) { path in
      #expect(throws: SpreadsheetFailure.self) { try read(path, limits: limits) }
    }
  }

  @Test func `limits of rows, columns and texts hold`() throws {
    var limits = SheetLimits()
    limits.rows = 1
    try withBook(parts("<row><c><v>1</v></c></row><row><c><v>2</v></c></row>")) { path in
      #expect(throws: SpreadsheetFailure.self) { try read(path, limits: limits) }
    }
    limits = SheetLimits()
    limits.columns = 2
    let wide = try withBook(parts("<row><c r=\"C1\"><v>1</v></c></row>")) { try read($0, limits: limits) }
    #expect(wide.first?.problem != nil)
    limits.sharedTextBytes = 10
    try withBook(parts("<row><c t=\"s\"><v>0</v></c></row>", texts: "<si><t>long enough</t></si>")) { path in
      #expect(throws: SpreadsheetFailure.self) { try read(path, limits: limits) }
    }
    let lost = try withBook(parts("<row><c t=\"s\"><v>9</v></c></row>")) { try read($0) }
    #expect(lost.first?.problem != nil)
  }
}
