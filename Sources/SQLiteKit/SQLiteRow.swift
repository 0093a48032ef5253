/// The present row of a running query; it cannot be kept beyond the closure that receives it.
public struct SQLiteRow: ~Copyable {
  private let statement: Statement

  init(_ statement: Statement) {
    self.statement = statement
  }

  /// The number of columns.
  public var columnCount: Int { statement.columnCount }

  /// The value of the column at `index` (0 is the leftmost); null when there is no such column.
  public subscript(index: Int) -> SQLiteValue { statement.value(at: index) }

  /// All values, from left to right.
  public var values: [SQLiteValue] { statement.values }
}
