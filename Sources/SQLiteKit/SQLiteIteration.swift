/// What to do after a row of a streamed query.
public enum SQLiteIteration: Hashable, Sendable {
  /// Go on with the next row.
  case next
  /// Leave the remaining rows.
  case stop
}
