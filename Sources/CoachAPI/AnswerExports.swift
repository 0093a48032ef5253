public import CoachVocabulary

/// What can be taken away of an answer: its chart and all of its rows.
public protocol AnswerExports: Sendable {
  /// The chart of a run's answer.
  ///
  /// - Throws: ``CoachProblem/unknownRun(_:)``, ``CoachProblem/nothingToExport(_:what:)``.
  func chart(of run: RunID, as form: ChartForm) async throws(CoachProblem) -> [UInt8]

  /// All rows behind a run's answer, read again by the statement that was kept with it and within the same limits.
  ///
  /// - Throws: ``CoachProblem/unknownRun(_:)``, ``CoachProblem/nothingToExport(_:what:)``,
  ///   ``CoachProblem/exportFailed(detail:)`` when the statement can no longer be run.
  func rows(of run: RunID, as form: SheetForm) async throws(CoachProblem) -> ExportedRows
}

/// How a chart is written.
public enum ChartForm: String, Hashable, Sendable, CaseIterable {
  /// A Chart.js 3 configuration.
  case configuration = "json"
  /// A drawing.
  case svg
}

/// How a table is written.
public enum SheetForm: String, Hashable, Sendable, CaseIterable {
  /// Comma-separated values.
  case csv
  /// An Excel workbook.
  case xlsx
}

/// The rows of an answer as a file.
public struct ExportedRows: Hashable, Sendable {
  /// The file.
  public var bytes: [UInt8]
  /// What it may be called, in plain ASCII.
  public var fileName: String
  /// How many rows it has.
  public var rowCount: Int
  /// Whether there were more rows than an export may have.
  public var isCut: Bool
  /// Whether the data is no longer what the answer was made from.
  public var hasChanged: Bool

  /// Describes a file.
  public init(bytes: [UInt8], fileName: String, rowCount: Int, isCut: Bool, hasChanged: Bool) {
    self.bytes = bytes
    self.fileName = fileName
    self.rowCount = rowCount
    self.isCut = isCut
    self.hasChanged = hasChanged
  }
}
