import CSQLite

extension SQLiteFailure {
  /// Makes a failure of what the connection says about its last call.
  init(connection: OpaquePointer?, code: Int32, sql: String? = nil, whilePreparing: Bool = false) {
    let message = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    let offset = connection.map { Int(sqlite3_error_offset($0)) } ?? -1
    self.init(
      kind: Kind(code: code, whilePreparing: whilePreparing),
      extendedCode: Int(code),
      message: message.map { String(cString: $0) } ?? "unknown failure",
      sql: sql,
      offset: sql != nil && offset >= 0 ? offset : nil
    )
  }
}

extension SQLiteFailure.Kind {
  fileprivate init(code: Int32, whilePreparing: Bool) {
    self =
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_CONSTRAINT: .constraint(SQLiteConstraint(extendedCode: code))
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CORRUPT: .corrupt
      case SQLITE_CANTOPEN: .cannotOpen
      case SQLITE_INTERRUPT: .interrupted
      case SQLITE_READONLY: .readOnly
      case SQLITE_AUTH: .denied
      case SQLITE_TOOBIG: .tooBig
      case SQLITE_FULL: .full
      case SQLITE_NOMEM: .outOfMemory
      case SQLITE_IOERR: .inputOutput
      case SQLITE_MISUSE, SQLITE_RANGE: .misuse
      case SQLITE_ERROR where whilePreparing: .syntax
      default: .other
      }
  }
}

extension SQLiteConstraint {
  /// The numbers are `SQLITE_CONSTRAINT | (n << 8)`, macros that Swift does not import; see
  /// https://www.sqlite.org/rescode.html.
  fileprivate init(extendedCode: Int32) {
    self =
      switch extendedCode >> 8 {
      case 1: .check
      case 3: .foreignKey
      case 5: .notNull
      case 6, 10: .primaryKey  // 10 is SQLITE_CONSTRAINT_ROWID: a rowid is a primary key
      case 8: .unique
      default: .other
      }
  }
}
