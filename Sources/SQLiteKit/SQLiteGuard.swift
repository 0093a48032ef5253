/// The bounds within which an untrusted query may run.
public struct SQLiteGuard: Sendable {
  /// Answers whether the query may do something; it is asked while the query is prepared and while it runs.
  ///
  /// It must not use the connection.
  public var authorize: @Sendable (SQLiteAction) -> Bool
  /// The largest number of rows to return.
  public var rowLimit: Int
  /// The largest size of all returned values in bytes.
  public var byteLimit: Int
  /// The longest time that the query may run.
  public var timeLimit: Duration

  /// Makes a guard; by default it lets through whatever only reads.
  public init(
    rowLimit: Int = 10_000,
    byteLimit: Int = 10_000_000,
    timeLimit: Duration = .seconds(10),
    authorize: @escaping @Sendable (SQLiteAction) -> Bool = { $0.isReading }
  ) {
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
    self.timeLimit = timeLimit
    self.authorize = authorize
  }
}
