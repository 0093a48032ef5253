import CSQLite

/// The statements that may be run inside `read`, `transaction` or `withoutTransaction`.
///
/// It cannot be copied, and closures only borrow it, so it cannot outlive them.
public struct SQLiteSession: ~Copyable {
  let database: SQLiteDatabase
  let mayWrite: Bool

  /// The row number of the last inserted row.
  public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(database.connection) }

  /// The number of rows that the last `INSERT`, `UPDATE` or `DELETE` changed.
  public var changes: Int { Int(sqlite3_changes64(database.connection)) }

  /// Runs one statement to its end; rows that it returns are dropped.
  ///
  /// - Throws: `.misuse` when the text is empty, has a second statement or does not fit the number of values.
  public func execute(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) {
    try database.withStatement(sql, binds, mayWrite: mayWrite) { statement throws(SQLiteFailure) in
      while try statement.step() {}
    }
  }

  /// Runs one statement once for each list of values: the fast way to write many rows.
  public func execute(_ sql: String, forEach rows: some Sequence<[SQLiteValue]>) throws(SQLiteFailure) {
    let statement = try database.prepareOne(sql)
    try statement.checkWriting(isAllowed: mayWrite)
    for row in rows {
      try statement.bind(row)
      while try statement.step() {}
      statement.reset()
    }
  }

  /// Runs all statements of a text in order, without values; the first failure ends it.
  public func executeScript(_ sql: String) throws(SQLiteFailure) {
    var start = 0
    while SQLText.hasStatement(sql.utf8.dropFirst(start)) {
      let prepared = try database.prepare(sql, from: start)
      start = prepared.end
      guard let statement = prepared.statement else { continue }
      try statement.checkWriting(isAllowed: mayWrite)
      while try statement.step() {}
    }
  }

  /// Runs one query and returns all its rows.
  public func query(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) -> SQLiteRows {
    try database.withStatement(sql, binds, mayWrite: mayWrite) { statement throws(SQLiteFailure) in
      var rows = SQLiteRows(columns: statement.columnNames, rows: [])
      while try statement.step() { rows.rows.append(statement.values) }
      return rows
    }
  }

  /// Runs one query and hands its rows to `body` one by one, until the last or until it says stop.
  public func forEachRow(
    _ sql: String,
    _ binds: [SQLiteValue] = [],
    _ body: (borrowing SQLiteRow) throws(SQLiteFailure) -> SQLiteIteration
  ) throws(SQLiteFailure) {
    try database.withStatement(sql, binds, mayWrite: mayWrite) { statement throws(SQLiteFailure) in
      let row = SQLiteRow(statement)
      while try statement.step() {
        if try body(row) == .stop { return }
      }
    }
  }

  /// Runs one query and hands its rows to `body`, which may throw errors of its own, until the last or until it says stop.
  ///
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the query.
  public func forEachRow<Failure: Error>(
    _ sql: String,
    _ binds: [SQLiteValue] = [],
    _ body: (borrowing SQLiteRow) throws(Failure) -> SQLiteIteration
  ) throws {
    var refusal: Failure?
    try forEachRow(sql, binds) { row throws(SQLiteFailure) in
      do throws(Failure) {
        return try body(row)
      } catch {
        refusal = error
        return .stop
      }
    }
    if let refusal { throw refusal }
  }
}
