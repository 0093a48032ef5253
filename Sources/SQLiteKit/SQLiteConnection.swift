import ConcurrencyKit

/// One open database that many tasks may use; they take turns.
///
/// It runs on a queue of its own, so that waiting for the disk or for a lock never blocks the shared thread pool.
/// A closure written as `{ session throws(SQLiteFailure) in … }` keeps the error typed; without that note Swift takes it
/// for one that throws any error.
public actor SQLiteConnection {
  private let executor = QueueExecutor(label: "coach.sqlite")
  private var database: SQLiteDatabase?

  /// The queue on which every statement runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens the database at `path` (`:memory:` for one that lives in memory) on the calling thread.
  ///
  /// - Throws: `SQLiteFailure`, for example `.cannotOpen`, `.notADatabase` or `.busy`.
  public init(path: String, configuration: SQLiteConfiguration) throws(SQLiteFailure) {
    database = try SQLiteDatabase(path: path, configuration: configuration)
  }

  /// Runs `body` on one unchanging view of the data; statements that write are refused.
  ///
  /// - Throws: what `body` throws, or the failure of the transaction around it.
  public func read<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    try open().read(body)
  }

  /// Runs `body`, which may throw errors of its own, on one unchanging view of the data; writing is refused.
  ///
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public func read<Value: Sendable, Failure: Error>(
    _ body: @Sendable (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value {
    try open().read(body)
  }

  /// Runs `body` in one transaction that holds the write lock: all is kept, or nothing when it throws.
  ///
  /// `body` cannot suspend, so no other caller's statements come between.
  /// - Throws: what `body` throws, or the failure of the transaction around it.
  public func transaction<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    try open().transaction(body)
  }

  /// Runs `body`, which may throw errors of its own, in one transaction: all is kept, or nothing when it throws.
  ///
  /// `body` cannot suspend, so no other caller's statements come between.
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public func transaction<Value: Sendable, Failure: Error>(
    _ body: @Sendable (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value {
    try open().transaction(body)
  }

  /// Runs `body` in one transaction on the calling thread, if that takes no waiting; otherwise nothing is done.
  ///
  /// Two changes of thread cost more than a small transaction. For short work of one caller who does not wait for the
  /// disk: the calling thread, perhaps one of the shared pool, is held meanwhile.
  ///
  /// - Returns: what `body` returns, or nil when somebody uses this connection or another one is writing.
  /// - Throws: what `body` throws, or the `SQLiteFailure` of the transaction around it.
  public nonisolated func transactionAtOnce<Value: Sendable, Failure: Error>(
    _ body: @Sendable (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value? {
    try executor.runIfIdle { [self] in
      try assumeIsolated { connection in try connection.open().transactionUnlessBusy(body) }
    } ?? nil
  }

  /// Runs `body` outside of any transaction, for `VACUUM`, pragmas and the like.
  public func withoutTransaction<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    try body(open().session)
  }

  /// Runs `body`, which may throw errors of its own, outside of any transaction.
  ///
  /// - Throws: what `body` throws, or a `SQLiteFailure` when the connection is closed.
  public func withoutTransaction<Value: Sendable, Failure: Error>(
    _ body: @Sendable (borrowing SQLiteSession) throws(Failure) -> Value
  ) throws -> Value {
    try body(open().session)
  }

  /// Closes the database; later calls fail as `.closed`.
  public func close() {
    database = nil
  }

  private func open() throws(SQLiteFailure) -> SQLiteDatabase {
    guard let database else { throw SQLiteFailure(kind: .closed, message: "the connection is closed") }
    return database
  }
}

// MARK: - Single statements

extension SQLiteConnection {
  /// Runs one query on its own and returns all its rows.
  public func query(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) -> SQLiteRows {
    try read { session throws(SQLiteFailure) in try session.query(sql, binds) }
  }

  /// Runs one statement in a transaction of its own.
  public func execute(_ sql: String, _ binds: [SQLiteValue] = []) throws(SQLiteFailure) {
    try transaction { session throws(SQLiteFailure) in try session.execute(sql, binds) }
  }

  /// Prepares the first statement of a text without running it; see `SQLiteSession.examine`.
  public func examine(_ sql: String, maximumBytes: Int = 100_000) throws(SQLiteFailure) -> SQLiteExamination {
    try open().session.examine(sql, maximumBytes: maximumBytes)
  }

  /// Runs a query that nobody here wrote, within the bounds of `rule`; see `SQLiteSession.queryGuarded`.
  public func queryGuarded(
    _ sql: String,
    _ binds: [SQLiteValue] = [],
    guard rule: SQLiteGuard
  ) throws(SQLiteFailure) -> SQLiteGuardedRows {
    try open().session.queryGuarded(sql, binds, guard: rule)
  }

  /// The tables and views of the main database by name, without SQLite's own.
  public func tables() throws(SQLiteFailure) -> [SQLiteTable] {
    try read { session throws(SQLiteFailure) in try session.tables() }
  }

  /// The columns of a table or view from left to right; none when there is no such table.
  public func columns(of table: String) throws(SQLiteFailure) -> [SQLiteColumn] {
    try read { session throws(SQLiteFailure) in try session.columns(of: table) }
  }
}
