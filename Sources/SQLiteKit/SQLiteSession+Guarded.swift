import CSQLite
import ConcurrencyKit

extension SQLiteSession {
  /// Prepares the first statement of a text without running it, and says all that SQLite knows about it.
  ///
  /// Nothing but reading is let through the preparation, since some pragmas take effect there.
  /// - Throws: `.syntax` for wrong grammar or an unknown name, `.tooBig` for more than `maximumBytes`.
  public func examine(_ sql: String, maximumBytes: Int = 100_000) throws(SQLiteFailure) -> SQLiteExamination {
    guard sql.utf8.count <= maximumBytes else {
      let message = "the statement has \(sql.utf8.count) bytes, and \(maximumBytes) are allowed"
      throw SQLiteFailure(kind: .tooBig, message: message)
    }
    let authorizer = Authorizer(keepsActions: true) { $0.isReading }
    var examination = SQLiteExamination()
    do throws(SQLiteFailure) {
      let prepared = try authorizer.installed(on: database.connection) { () throws(SQLiteFailure) in
        try database.prepare(sql)
      }
      examination.describe(prepared, of: sql)
    } catch {
      // A denial ends the preparation and is an answer. Other failures are the caller's to hear.
      if authorizer.denied == nil { throw error }
    }
    examination.actions = authorizer.actions
    examination.denied = authorizer.denied
    return examination
  }

  /// Runs a query that nobody here wrote, within the bounds of `rule`, and stops when the calling task is cancelled.
  ///
  /// Rows beyond the row or byte limit are left out, and the result says so.
  /// - Throws: `.denied` for what the guard or the need to only read refuses, `.timedOut`, `.cancelled`, `.syntax` and
  ///   others.
  public func queryGuarded(
    _ sql: String,
    _ binds: [SQLiteValue] = [],
    guard rule: SQLiteGuard
  ) throws(SQLiteFailure) -> SQLiteGuardedRows {
    let authorizer = Authorizer(keepsActions: false, allows: rule.authorize)
    let watch = Watch(deadline: .after(rule.timeLimit))
    do throws(SQLiteFailure) {
      return try authorizer.installed(on: database.connection) { () throws(SQLiteFailure) in
        try watch.installed(on: database.connection) { () throws(SQLiteFailure) in
          guard watch.mayGoOn() else { throw SQLiteFailure(kind: .interrupted, message: "not started") }
          let statement = try database.prepareOne(sql)
          try statement.checkReading()
          try statement.bind(binds)
          return try statement.rows(within: rule)
        }
      }
    } catch {
      throw error.explained(by: authorizer, watch, sql: sql)
    }
  }
}

extension SQLiteExamination {
  fileprivate mutating func describe(_ prepared: SQLiteDatabase.Prepared, of sql: String) {
    hasMoreStatements = SQLText.hasStatement(sql.utf8.dropFirst(prepared.end))
    guard let statement = prepared.statement else {
      isEmpty = true
      return
    }
    isReadOnly = statement.isReadOnly
    isExplain = statement.isExplain
    parameterCount = statement.parameterCount
    columnNames = statement.columnNames
  }
}

extension Statement {
  fileprivate func checkReading() throws(SQLiteFailure) {
    guard isReadOnly else {
      throw SQLiteFailure(kind: .denied, message: "a guarded statement may only read", sql: sql)
    }
  }

  fileprivate func rows(within rule: SQLiteGuard) throws(SQLiteFailure) -> SQLiteGuardedRows {
    var rows = SQLiteRows(columns: columnNames, rows: [])
    var bytes = 0
    var isTruncated = false
    while try step() {
      let rowBytes = (0..<columnCount).reduce(0) { $0 + byteCount(at: $1) }
      guard rows.count < rule.rowLimit, bytes + rowBytes <= rule.byteLimit else {
        isTruncated = true
        break
      }
      bytes += rowBytes
      rows.rows.append(values)
    }
    return SQLiteGuardedRows(rows: rows, isTruncated: isTruncated, byteCount: bytes)
  }
}

extension SQLiteFailure {
  /// Puts the guard's reason in place of the code that SQLite turns it into.
  fileprivate func explained(by authorizer: Authorizer, _ watch: Watch, sql: String) -> SQLiteFailure {
    var failure = self
    failure.sql = sql
    switch (kind, watch.stop, authorizer.denied) {
    case (.interrupted, .some(let reason), _):
      failure.kind = reason
      failure.message = reason == .cancelled ? "the task was cancelled" : "the query exceeded its time limit"
    case (.denied, _, .some(let action)), (.syntax, _, .some(let action)):  // a denied virtual table reads as syntax
      failure.kind = .denied
      failure.message = "the guard denies \(action)"
    default: break
    }
    return failure
  }
}
