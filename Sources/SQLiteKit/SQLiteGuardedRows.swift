/// The rows that a guarded query was allowed to return.
public struct SQLiteGuardedRows: Hashable, Sendable {
  /// The rows, at most as many as the guard lets through.
  public let rows: SQLiteRows
  /// Whether the query had more rows than the row limit or the byte limit let through.
  public let isTruncated: Bool
  /// The size of the returned values in bytes: text and blobs by length, numbers as 8, nulls as 1.
  public let byteCount: Int

  /// Makes a guarded result.
  public init(rows: SQLiteRows, isTruncated: Bool, byteCount: Int) {
    self.rows = rows
    self.isTruncated = isTruncated
    self.byteCount = byteCount
  }
}
