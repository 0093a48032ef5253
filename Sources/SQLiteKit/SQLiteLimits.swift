import CSQLite

/// Bounds that SQLite enforces on statements and values; a bound can lower SQLite's own, never raise it.
public struct SQLiteLimits: Hashable, Sendable {
  /// The longest text, blob or row in bytes.
  public var valueBytes = 1_000_000
  /// The longest statement in bytes.
  public var statementBytes = 100_000
  /// The most columns of a table, result, index or grouping.
  public var columns = 500
  /// The deepest nesting of an expression.
  public var expressionDepth = 80
  /// The most `SELECT`s joined by `UNION` and its like.
  public var compoundSelects = 20
  /// The most instructions of a prepared statement.
  public var instructions = 100_000
  /// The most arguments of a function.
  public var functionArguments = 40
  /// The most attached databases.
  public var attachedDatabases = 0
  /// The longest pattern of `LIKE` and `GLOB` in bytes.
  public var likePatternBytes = 200
  /// The most parameters of a statement.
  public var parameters = 1_000

  /// Makes the default limits.
  public init() {}

  /// Limits for statements that nobody here wrote.
  public static let untrusted = SQLiteLimits()

  /// The limits with SQLite's numbers for them.
  var entries: [(category: Int32, value: Int)] {
    [
      (SQLITE_LIMIT_LENGTH, valueBytes), (SQLITE_LIMIT_SQL_LENGTH, statementBytes), (SQLITE_LIMIT_COLUMN, columns),
      (SQLITE_LIMIT_EXPR_DEPTH, expressionDepth), (SQLITE_LIMIT_COMPOUND_SELECT, compoundSelects),
      (SQLITE_LIMIT_VDBE_OP, instructions), (SQLITE_LIMIT_FUNCTION_ARG, functionArguments),
      (SQLITE_LIMIT_ATTACHED, attachedDatabases), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, likePatternBytes),
      (SQLITE_LIMIT_VARIABLE_NUMBER, parameters),
    ]
  }
}
