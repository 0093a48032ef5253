public import CoachVocabulary
public import SQLGate

/// A database of the user's, for reading.
public protocol DataSource: StatementExaminer {
  /// The tables and views with their columns.
  func schema() async throws(WarehouseFailure) -> DatabaseSchema

  /// Runs a statement that passed the gate, within the limits of its policy, and stops when the task is cancelled.
  ///
  /// - Throws: ``WarehouseFailure``, for instance `.timedOut`, `.cancelled` or `.denied`.
  func run(_ gated: GatedSQL) async throws(WarehouseFailure) -> ResultTable

  /// The different values of a column in ascending order without null, at most `limit`.
  func distinctValues(table: String, column: String, limit: Int) async throws(WarehouseFailure) -> [JSONValue]

  /// The largest value of a column, or null when it has none; for times as ISO text that is the newest.
  func newestValue(table: String, column: String) async throws(WarehouseFailure) -> JSONValue

  /// A text that is another one after the data has changed; equal texts mean equal data.
  func dataVersion() async throws(WarehouseFailure) -> String
}
