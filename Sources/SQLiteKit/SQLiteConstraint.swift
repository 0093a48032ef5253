/// Which kind of constraint refused a change.
public enum SQLiteConstraint: Hashable, Sendable {
  /// A `UNIQUE` constraint or index.
  case unique
  /// A `PRIMARY KEY`.
  case primaryKey
  /// A `FOREIGN KEY`.
  case foreignKey
  /// A `NOT NULL`.
  case notNull
  /// A `CHECK`.
  case check
  /// A trigger, a column type or something else.
  case other
}
