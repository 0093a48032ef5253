import CSQLite

/// One open database for one caller at a time, without `async`: for command lines, bulk writing and tests.
///
/// It cannot be shared between tasks; `SQLiteConnection` is the form that can.
public final class SQLiteDatabase {
  private let handle: Handle
  private var cache = StatementCache(capacity: 100)
  private let busyMilliseconds: Int32

  /// Opens the database at `path` (`:memory:` for one that lives in memory) and reads its header.
  ///
  /// - Throws: `SQLiteFailure`, for example `.cannotOpen`, `.notADatabase` or `.busy`.
  public init(path: String, configuration: SQLiteConfiguration) throws(SQLiteFailure) {
    handle = try Handle(path: path, flags: configuration.mode.flags)
    busyMilliseconds = Int32(clamping: Int(configuration.busyTimeout / .milliseconds(1)))
    try configure(configuration)
  }

  var connection: OpaquePointer { handle.pointer }
}

// MARK: - Sessions

extension SQLiteDatabase {
  // Swift 6.3.1 crashes in cross-module optimisation when this is inlined.
  /// A session outside of any transaction: each statement is kept as soon as it is done.
  @inline(never) public var session: SQLiteSession { SQLiteSession(database: self, mayWrite: true) }

  /// Runs `body` on one unchanging view of the data; statements that write are refused.
  ///
  /// - Throws: what `body` throws, or the failure of the transaction around it.
  public func read<Value>(
    _ body: (borrowing SQLiteSession) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    try inTransaction("BEGIN DEFERRED", mayWrite: false, body).get()
  }

  /// Runs `body` in one transaction that holds the write lock: all is kept, or nothing when it throws.
  ///
  /// - Throws: what `body` throws, or the failure of the transaction around it.
  public func transaction<Value>(
    _ body: (borrowing SQLiteSession) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    try inTransaction("BEGIN IMMEDIATE", mayWrite: true, body).get()
  }

  /// Runs one statement outside of a transaction.
  public func execute(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) {
    try session.execute(sql, binds)
  }

  /// Runs one query outside of a transaction and returns all its rows.
  public func query(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) -> SQLiteRows {
    try session.query(sql, binds)
  }

  /// The error of `body` is the result's; the transaction's own is thrown.
  fileprivate func inTransaction<Value, Failure: Error>(
    _ beginning: String,
    mayWrite: Bool,
    _ body: (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws(SQLiteFailure) -> Result<Value, Failure> {
    try run(beginning)
    return try finishTransaction(mayWrite: mayWrite, body)
  }

  /// Runs `body` in the transaction that has just begun, and ends it.
  private func finishTransaction<Value, Failure: Error>(
    mayWrite: Bool,
    _ body: (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws(SQLiteFailure) -> Result<Value, Failure> {
    // On success nothing is left to roll back, and after some failures SQLite has done so by itself.
    defer { if sqlite3_get_autocommit(connection) == 0 { try? run("ROLLBACK") } }
    let session = SQLiteSession(database: self, mayWrite: mayWrite)
    let value: Value
    do throws(Failure) {
      value = try body(session)
    } catch {
      return .failure(error)
    }
    try run("COMMIT")
    return .success(value)
  }

  private func run(_ sql: String) throws(SQLiteFailure) {
    try withStatement(sql, [], mayWrite: true) { statement throws(SQLiteFailure) in
      while try statement.step() {}
    }
  }
}

// MARK: - Sessions that throw errors of their own

extension SQLiteDatabase {
  /// Runs `body`, which may throw errors of its own, on one unchanging view of the data; writing is refused.
  ///
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public func read<Value, Failure: Error>(
    _ body: (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value {
    try inTransaction("BEGIN DEFERRED", mayWrite: false, body).get()
  }

  /// Runs `body`, which may throw errors of its own, in one transaction: all is kept, or nothing when it throws.
  ///
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public func transaction<Value, Failure: Error>(
    _ body: (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value {
    try inTransaction("BEGIN IMMEDIATE", mayWrite: true, body).get()
  }

  /// Runs `body` in one transaction as `transaction` does, but only if nobody else is writing; otherwise nothing is done.
  ///
  /// - Returns: what `body` returns, or nil when another connection holds the write lock.
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public func transactionUnlessBusy<Value, Failure: Error>(
    _ body: (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value? {
    do throws(SQLiteFailure) {
      sqlite3_busy_timeout(connection, 0)
      defer { sqlite3_busy_timeout(connection, busyMilliseconds) }
      try run("BEGIN IMMEDIATE")
    } catch {
      if error.kind == .busy { return nil }
      throw error
    }
    return try finishTransaction(mayWrite: true, body).get()
  }
}

// MARK: - Statements

extension SQLiteDatabase {
  /// A prepared statement and where the text after it begins, in bytes.
  struct Prepared {
    let statement: Statement?
    let end: Int
  }

  /// Prepares the first statement at or after `start`, a place in bytes; there is none in blank text.
  func prepare(_ sql: String, from start: Int = 0, isKept: Bool = false) throws(SQLiteFailure) -> Prepared {
    let count = sql.utf8.count
    guard let length = Int32(exactly: count - start + 1) else {
      throw SQLiteFailure(kind: .tooBig, message: "the statement has \(count) bytes")
    }
    guard !sql.utf8.contains(0) else {  // SQLite would stop there and not see the rest
      throw SQLiteFailure(kind: .syntax, message: "the statement contains a NUL character", sql: sql)
    }
    var pointer: OpaquePointer?
    let (code, end) = sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
      let code = sqlite3_prepare_v3(connection, text + start, length, flags, &pointer, &tail)
      return (code, tail.map { $0 - text } ?? count)
    }
    guard code == SQLITE_OK else {
      throw SQLiteFailure(connection: connection, code: code, sql: sql, whilePreparing: true)
    }
    return Prepared(statement: pointer.map { Statement($0, sql: sql) }, end: end)
  }

  /// Prepares a text that holds one statement and no more.
  func prepareOne(_ sql: String, isKept: Bool = false) throws(SQLiteFailure) -> Statement {
    let prepared = try prepare(sql, isKept: isKept)
    guard let statement = prepared.statement else {
      throw SQLiteFailure(kind: .misuse, message: "the text holds no statement", sql: sql)
    }
    guard !SQLText.hasStatement(sql.utf8.dropFirst(prepared.end)) else {
      throw SQLiteFailure(kind: .misuse, message: "the text holds more than one statement", sql: sql)
    }
    return statement
  }

  /// Runs `body` with the statement of `sql`, bound and ready, and resets it afterwards.
  func withStatement<Value>(
    _ sql: String,
    _ binds: [SQLiteValue],
    mayWrite: Bool,
    _ body: (Statement) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    let statement = if let cached = cache.take(sql) { cached } else { try prepareOne(sql, isKept: true) }
    defer {
      statement.reset()
      cache.put(statement)
    }
    try statement.checkWriting(isAllowed: mayWrite)
    try statement.bind(binds)
    return try body(statement)
  }
}

extension Statement {
  func checkWriting(isAllowed: Bool) throws(SQLiteFailure) {
    guard isAllowed || isReadOnly else {
      throw SQLiteFailure(kind: .readOnly, message: "a statement that writes was run for reading", sql: sql)
    }
  }
}

// MARK: - Opening

extension SQLiteDatabase {
  private func configure(_ configuration: SQLiteConfiguration) throws(SQLiteFailure) {
    sqlite3_extended_result_codes(connection, 1)
    sqlite3_busy_timeout(connection, busyMilliseconds)
    try setSwitches()
    for limit in configuration.limits?.entries ?? [] {
      sqlite3_limit(connection, limit.category, Int32(clamping: limit.value))
    }
    if case .readWrite = configuration.mode {
      try keepWriteAheadLog()
      try run("PRAGMA synchronous = \(configuration.durability.rawValue)")
    }
    try run("PRAGMA schema_version")  // reads the header: a file that is no database is refused here and not later
    try connectTableFunctions()
  }

  /// Of two processes that open a new file at the same moment one is told "busy" at once, since SQLite does not wait for
  /// this lock; it tries again as long as it would wait for any other.
  private func keepWriteAheadLog() throws(SQLiteFailure) {
    var waited: Int32 = 0
    while true {
      do throws(SQLiteFailure) {
        return try run("PRAGMA journal_mode = WAL")
      } catch {
        guard error.kind == .busy, waited < busyMilliseconds else { throw error }
        waited += max(1, sqlite3_sleep(5))
      }
    }
  }

  /// Lets guarded queries use the tables that take JSON apart.
  ///
  /// SQLite declares such a table when it is first used, asks the authorizer for leave to update its schema table then,
  /// and is denied. Here nobody denies. The other table functions, `pragma_…` among them, stay out of reach.
  private func connectTableFunctions() throws(SQLiteFailure) {
    for table in ["json_each", "json_tree"] {
      try run("SELECT 1 FROM \(table)('[]')")
    }
  }

  /// Turns on what guards the file, and off what guesses.
  ///
  /// See https://www.sqlite.org/c3ref/c_dbconfig_defensive.html.
  private func setSwitches() throws(SQLiteFailure) {
    let switches: [(option: Int32, isOn: Bool)] = [
      (SQLITE_DBCONFIG_ENABLE_FKEY, true),
      (SQLITE_DBCONFIG_DEFENSIVE, true),
      (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
      (SQLITE_DBCONFIG_DQS_DML, false),  // "a misspelt column" must not turn into a text
      (SQLITE_DBCONFIG_DQS_DDL, false),
    ]
    for (option, isOn) in switches {
      let code = csqlite_set_switch(connection, option, isOn ? 1 : 0)
      guard code == SQLITE_OK else { throw SQLiteFailure(connection: connection, code: code) }
    }
  }
}

extension SQLiteConfiguration.Mode {
  fileprivate var flags: Int32 {
    // No mutex: one caller at a time is what `SQLiteDatabase` and its actor are there for.
    let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    return switch self {
    case .readOnly: common | SQLITE_OPEN_READONLY
    case .readWrite(create: false): common | SQLITE_OPEN_READWRITE
    case .readWrite(create: true): common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    }
  }
}
