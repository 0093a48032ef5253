/// The rows of a query, all in memory.
public struct SQLiteRows: Hashable, Sendable {
  /// The names of the columns, from left to right.
  public var columns: [String]
  /// The rows in the order of the query; each has one value per column.
  public var rows: [[SQLiteValue]]

  /// Makes a result.
  public init(columns: [String], rows: [[SQLiteValue]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The number of rows.
  public var count: Int { rows.count }

  /// Whether there is no row.
  public var isEmpty: Bool { rows.isEmpty }

  /// The first value of the first row, for queries that ask for one value.
  public var scalar: SQLiteValue? { rows.first?.first }

  /// The values of one column, from the first row to the last; nothing when no column has the name.
  public func values(of column: String) -> [SQLiteValue]? {
    columns.firstIndex(of: column).map { index in rows.map { $0[index] } }
  }
}
