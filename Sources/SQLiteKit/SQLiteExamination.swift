/// What SQLite's own parser says about a statement that was prepared and never run.
public struct SQLiteExamination: Hashable, Sendable {
  /// Every action the statement asks leave for, in SQLite's order.
  ///
  /// What SQLite folds away, like a subquery behind `0 AND`, is not there, nor will it run.
  public internal(set) var actions: [SQLiteAction] = []
  /// The first action that is more than reading; the preparation stops there, so little after it is known.
  public internal(set) var denied: SQLiteAction?
  /// Whether there is no statement: the text holds blanks, comments and semicolons only.
  public internal(set) var isEmpty = false
  /// Whether SQLite says that the statement does not write; false for an empty and for a denied statement.
  public internal(set) var isReadOnly = false
  /// Whether the statement is an `EXPLAIN` or `EXPLAIN QUERY PLAN`.
  public internal(set) var isExplain = false
  /// Whether something other than blanks, comments and semicolons follows the first statement; false when denied.
  public internal(set) var hasMoreStatements = false
  /// The number of parameters to bind.
  public internal(set) var parameterCount = 0
  /// The names of the result columns; none for statements without result.
  public internal(set) var columnNames: [String] = []
}

extension SQLiteExamination {
  /// The number of result columns.
  public var columnCount: Int { columnNames.count }
}
