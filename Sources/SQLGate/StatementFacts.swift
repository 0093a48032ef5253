/// Something that a statement does to the database or asks of the engine.
public enum Access: Hashable, Sendable {
  /// A value is read; without a column only the presence of rows counts, as in `count(*)`.
  case reads(relation: String, column: String?)
  /// A value that the statement's text may read although the engine's parser does not say so.
  ///
  /// A join by `USING` or `NATURAL` compares columns, and a full one returns them, without any word of it.
  case mayRead(relation: String, column: String?)
  /// Rows come from a function, such as `json_each`.
  case tableFunction(name: String)
  /// A function is called.
  case function(name: String)
  /// A common table expression refers to itself.
  case recursion
  /// Anything that is more than reading, such as `pragma` or `insert`, with what it is done to.
  case other(kind: String, name: String)
}

/// What an engine's parser saw in a text that was never run.
public struct StatementFacts: Hashable, Sendable {
  /// The text.
  public var sql: String
  /// All that the statement does, in the engine's order; little after the first ``Access/other(kind:name:)`` is known.
  public var accesses: [Access]
  /// Whether nothing but blanks, comments and semicolons follows the first statement.
  public var isSingle: Bool
  /// Whether the engine says that the statement does not write.
  public var isReadOnly: Bool
  /// Whether the text holds no statement.
  public var isEmpty: Bool
  /// Whether the statement explains another one.
  public var isExplain: Bool
  /// The number of values to bind.
  public var parameterCount: Int
  /// The names of the result columns, from left to right; two may be equal.
  public var columnNames: [String]

  /// Makes facts; without more said they are those of one statement that only reads.
  public init(
    sql: String,
    accesses: [Access] = [],
    isSingle: Bool = true,
    isReadOnly: Bool = true,
    isEmpty: Bool = false,
    isExplain: Bool = false,
    parameterCount: Int = 0,
    columnNames: [String] = []
  ) {
    self.sql = sql
    self.accesses = accesses
    self.isSingle = isSingle
    self.isReadOnly = isReadOnly
    self.isEmpty = isEmpty
    self.isExplain = isExplain
    self.parameterCount = parameterCount
    self.columnNames = columnNames
  }
}
