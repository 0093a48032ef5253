/// One row of a table that was read.
public struct SheetRow: Hashable, Sendable {
  /// Where it is: the line of a CSV file in which it begins, or the row of a workbook; the first is 1.
  public var number: Int
  /// Its cells from left to right; of CSV all are text or empty.
  public var cells: [SheetCell]
  /// What is wrong with it; its cells are of no use then.
  public var problem: String?

  /// Makes a row.
  public init(number: Int, cells: [SheetCell], problem: String? = nil) {
    self.number = number
    self.cells = cells
    self.problem = problem
  }
}

/// What a file of a table may be at most.
public struct SheetLimits: Hashable, Sendable {
  /// Bytes of the file.
  public var fileBytes = 100 << 20
  /// Bytes of one cell.
  public var cellBytes = 1 << 20
  /// Columns.
  public var columns = 1_000
  /// Rows.
  public var rows = 5_000_000
  /// Bytes of one part of a workbook when it is unpacked; a zip bomb promises more.
  public var unpackedBytes = 1 << 30
  /// How many times larger than packed a part of more than 1 MiB may be; real sheets stay far below.
  public var unpackedRatio = 200
  /// Bytes of all texts that a workbook shares among its cells.
  public var sharedTextBytes = 256 << 20
  /// Parts in a workbook.
  public var parts = 5_000

  /// The usual limits.
  public init() {}
}

/// Whether the reader is to go on.
public enum SheetReading: Hashable, Sendable {
  /// With the next row.
  case goOn
  /// No more rows are wanted.
  case stop
}

/// Reads tables from files, row by row, so that memory does not grow with the file.
public enum TableFile {
  /// What a file is, by its first bytes.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Text with separated values.
    case csv
    /// An Excel workbook.
    case xlsx
  }

  /// What the file at a path is.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.file` when it cannot be read, `.tooLarge`, `.empty`, and `.format` for the Excel
  ///   format of before 2007.
  public static func kind(ofFile path: String, limits: SheetLimits = SheetLimits()) throws(SpreadsheetFailure) -> Kind {
    let source = try FileBytes(path: path, limit: limits.fileBytes)
    let head = try source.read(upTo: 8)
    if head.isEmpty { throw SpreadsheetFailure(.empty, "the file is empty") }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .xlsx }
    if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw SpreadsheetFailure(
        .format,
        "this is a workbook of Excel 97–2003 or an encrypted one; save it as .xlsx or CSV"
      )
    }
    return .csv
  }

  /// How many bytes a file has.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.file` when it cannot be read, `.tooLarge`.
  public static func byteCount(
    ofFile path: String,
    limits: SheetLimits = SheetLimits()
  ) throws(SpreadsheetFailure) -> Int {
    try FileBytes(path: path, limit: limits.fileBytes).count
  }

  /// Hands on every row, the head included; of a workbook those of its first sheet.
  ///
  /// - Throws: ``SpreadsheetFailure``.
  public static func forEachRow(
    inFile path: String,
    limits: SheetLimits = SheetLimits(),
    _ body: (SheetRow) -> SheetReading
  ) throws(SpreadsheetFailure) {
    switch try kind(ofFile: path, limits: limits) {
    case .csv: try CSVReader(path: path, limits: limits).forEachRow(body)
    case .xlsx: try XLSXReader(path: path, limits: limits).forEachRow(body)
    }
  }
}
