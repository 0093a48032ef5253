/// Statements within one call of a connection; it cannot be kept beyond the closure that receives it.
public struct PostgresSession: ~Copyable {
  private let wire: Wire

  init(_ wire: Wire) { self.wire = wire }

  /// Runs one query and returns all its rows.
  public func query(_ sql: String, _ binds: [PostgresValue] = []) throws(PostgresFailure) -> PostgresRows {
    try run(PostgresStatement(sql, binds))
  }

  /// Runs one statement.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  public func execute(_ sql: String, _ binds: [PostgresValue] = []) throws(PostgresFailure) -> Int {
    try run(PostgresStatement(sql, binds)).affected
  }

  /// Runs one statement.
  public func run(_ statement: PostgresStatement) throws(PostgresFailure) -> PostgresRows {
    try wire.run([statement]).first ?? PostgresRows()
  }

  /// Runs statements in one round trip.
  ///
  /// The first failure ends it. Within a transaction it fails the transaction, otherwise it undoes all of them.
  /// - Returns: the rows of each.
  @discardableResult
  public func pipeline(_ statements: [PostgresStatement]) throws(PostgresFailure) -> [PostgresRows] {
    try wire.run(statements)
  }

  /// Runs one query and hands its rows to `body` one by one as they arrive, until the last or until it says stop.
  ///
  /// A stop makes the server cancel the query, so what was written before in the same transaction can only be undone.
  public func forEachRow(
    _ sql: String,
    _ binds: [PostgresValue] = [],
    _ body: (borrowing PostgresRow) throws(PostgresFailure) -> PostgresIteration
  ) throws(PostgresFailure) {
    try forEachRow(PostgresStatement(sql, binds), body)
  }

  /// Runs one query and hands its rows to `body` one by one; see `forEachRow(_:_:_:)`.
  public func forEachRow(
    _ statement: PostgresStatement,
    _ body: (borrowing PostgresRow) throws(PostgresFailure) -> PostgresIteration
  ) throws(PostgresFailure) {
    try wire.forEachRow(statement, body)
  }
}
