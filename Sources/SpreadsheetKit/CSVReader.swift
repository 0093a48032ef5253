/// Reads a CSV file row by row, whatever its encoding and delimiter.
public struct CSVReader: Sendable {
  /// How the file is written.
  public let dialect: CSVDialect
  private let path: String
  private let limits: SheetLimits

  /// How much of a file is looked at to find out how it is written.
  private static let headBytes = 1 << 18

  /// Finds out how a file is written.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.file`, `.tooLarge`, `.empty`.
  public init(path: String, limits: SheetLimits = SheetLimits()) throws(SpreadsheetFailure) {
    self.path = path
    self.limits = limits
    let file = try FileBytes(path: path, limit: limits.fileBytes)
    let head = try file.read(upTo: Self.headBytes)
    guard !head.isEmpty else { throw SpreadsheetFailure(.empty, "the file is empty") }
    dialect = CSVDialect(ofHead: head, isWhole: head.count == file.count)
  }

  /// Hands on every row; one whose bytes are no text has a problem, and so has one with a mark that is never closed.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.file`, and `.tooLarge` for more rows than the limit.
  public func forEachRow(_ body: (SheetRow) -> SheetReading) throws(SpreadsheetFailure) {
    let file = try FileBytes(path: path, limit: limits.fileBytes)
    _ = try file.read(upTo: dialect.markBytes)
    var decoder = TextDecoder(dialect.encoding)
    var splitter = CSVSplitter(delimiter: dialect.delimiter, limits: limits)
    var count = 0
    func take(_ record: CSVSplitter.Record) -> SheetReading {
      count += 1
      return count > limits.rows ? .stop : body(Self.row(record))
    }
    while true {
      let piece = try file.read(upTo: 1 << 16)
      if piece.isEmpty { break }
      if splitter.feed(decoder.decode(piece[...])[...], take) == .stop {
        if count > limits.rows {
          throw SpreadsheetFailure(.tooLarge, "there are more than \(limits.rows) rows; split the file")
        }
        return
      }
    }
    splitter.finish(take)
  }

  private static func row(_ record: CSVSplitter.Record) -> SheetRow {
    var cells: [SheetCell] = []
    cells.reserveCapacity(record.fields.count)
    var problem = record.problem
    for field in record.fields {
      if field.isEmpty {
        cells.append(.empty)
      } else if let text = String(validating: field, as: UTF8.self) {
        cells.append(.text(text))
      } else {
        cells.append(.empty)
        problem = problem ?? "its bytes are not valid UTF-8 text"
      }
    }
    return SheetRow(number: record.line, cells: cells, problem: problem)
  }
}
