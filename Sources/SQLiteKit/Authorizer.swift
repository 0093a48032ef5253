import CSQLite

/// What SQLite's authorizer callback sees: a question to ask, and what was asked and denied so far.
final class Authorizer {
  private let allows: (SQLiteAction) -> Bool
  private let keepsActions: Bool
  private(set) var actions: [SQLiteAction] = []
  private(set) var denied: SQLiteAction?

  init(keepsActions: Bool, allows: @escaping (SQLiteAction) -> Bool) {
    self.keepsActions = keepsActions
    self.allows = allows
  }

  /// Runs `body` with this authorizer installed on the connection.
  ///
  /// It has to stay while a statement runs, too: SQLite prepares anew when the schema has changed.
  func installed<Value>(
    on connection: OpaquePointer,
    _ body: () throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value {
    let context = Unmanaged.passRetained(self)
    sqlite3_set_authorizer(connection, Self.callback, context.toOpaque())
    defer {
      sqlite3_set_authorizer(connection, nil, nil)
      context.release()
    }
    return try body()
  }

  private func decide(on action: SQLiteAction) -> Int32 {
    if keepsActions { actions.append(action) }
    if allows(action) { return SQLITE_OK }
    if denied == nil { denied = action }
    return SQLITE_DENY
  }

  private static let callback:
    @convention(c) (
      UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
      UnsafePointer<CChar>?
    ) -> Int32 = { context, code, first, second, database, accessor in
      guard let context else { return SQLITE_DENY }
      let action = SQLiteAction(
        code: code,
        first.map { String(cString: $0) },
        second.map { String(cString: $0) },
        database: database.map { String(cString: $0) },
        accessor: accessor.map { String(cString: $0) }
      )
      return Unmanaged<Authorizer>.fromOpaque(context).takeUnretainedValue().decide(on: action)
    }
}
