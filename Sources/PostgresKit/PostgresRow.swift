import CPostgres

/// Whether a walk over rows goes on.
public enum PostgresIteration: Hashable, Sendable {
  /// The next row is wanted.
  case next
  /// No more rows are wanted.
  case stop
}

/// The present row of a running query; it cannot be kept beyond the closure that receives it.
public struct PostgresRow: ~Copyable {
  private let result: OpaquePointer
  private let index: Int32

  init(_ result: OpaquePointer, _ index: Int32) {
    self.result = result
    self.index = index
  }

  /// The number of columns.
  public var columnCount: Int { Int(PQnfields(result)) }

  /// The names of the columns, from left to right.
  public var columns: [String] { PostgresRows.columns(of: result) }

  /// The value of the column at `index` (0 is the leftmost); null when there is no such column.
  public subscript(column: Int) -> PostgresValue {
    guard column >= 0, column < columnCount else { return .null }
    return PostgresRows.value(of: result, row: index, column: Int32(column))
  }

  /// The number of a column's type in the catalogue (`pg_type.oid`), for instance 1700 for `numeric`; 0 for no column.
  public func typeNumber(of column: Int) -> Int {
    column >= 0 && column < columnCount ? Int(PQftype(result, Int32(column))) : 0
  }

  /// All values, from left to right.
  public var values: [PostgresValue] { (0..<columnCount).map { self[$0] } }
}

extension PostgresRows {
  /// Copies a whole result.
  init(_ result: OpaquePointer) {
    let width = PQnfields(result)
    let affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    self.init(
      columns: Self.columns(of: result),
      rows: (0..<PQntuples(result)).map { row in
        (0..<width).map { Self.value(of: result, row: row, column: $0) }
      },
      affected: affected
    )
  }

  fileprivate static func columns(of result: OpaquePointer) -> [String] {
    (0..<PQnfields(result)).map { column in PQfname(result, column).map { String(cString: $0) } ?? "" }
  }

  fileprivate static func value(of result: OpaquePointer, row: Int32, column: Int32) -> PostgresValue {
    guard PQgetisnull(result, row, column) == 0, let text = PQgetvalue(result, row, column) else { return .null }
    let count = Int(PQgetlength(result, row, column))
    return text.withMemoryRebound(to: UInt8.self, capacity: count) {
      PostgresText.decode(UnsafeBufferPointer(start: $0, count: count), type: PQftype(result, column))
    }
  }
}
