/// The rows of one statement, all in memory.
public struct PostgresRows: Hashable, Sendable {
  /// The names of the columns, from left to right.
  public var columns: [String]
  /// The rows in the order of the query; each has one value per column.
  public var rows: [[PostgresValue]]
  /// How many rows the statement returned or changed.
  public var affected: Int

  /// Makes a result.
  public init(columns: [String] = [], rows: [[PostgresValue]] = [], affected: Int = 0) {
    self.columns = columns
    self.rows = rows
    self.affected = affected
  }

  /// The number of rows.
  public var count: Int { rows.count }

  /// Whether there is no row.
  public var isEmpty: Bool { rows.isEmpty }

  /// The first value of the first row, for queries that ask for one value.
  public var scalar: PostgresValue? { rows.first?.first }

  /// The values of one column, from the first row to the last; nothing when no column has the name.
  public func values(of column: String) -> [PostgresValue]? {
    columns.firstIndex(of: column).map { index in rows.map { $0[index] } }
  }
}
