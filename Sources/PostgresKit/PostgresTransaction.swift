/// How a transaction sees others and what it may do.
public struct PostgresTransactionMode: Hashable, Sendable {
  /// What a transaction sees of others that end while it runs.
  public enum Isolation: String, Hashable, Sendable, CaseIterable {
    /// Each statement sees what was kept before it began.
    case readCommitted = "READ COMMITTED"
    /// All statements see one unchanging state.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after another; some fail with `conflict` and have to be run again.
    case serializable = "SERIALIZABLE"
  }

  /// What it sees of others.
  public var isolation: Isolation
  /// Whether it may only read.
  public var isReadOnly: Bool
  /// Whether it ends with `COMMIT`; what a server does in spite of `READ ONLY` goes with a `ROLLBACK` only.
  public var keepsChanges: Bool

  /// Makes a mode.
  public init(isolation: Isolation = .readCommitted, isReadOnly: Bool = false, keepsChanges: Bool = true) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.keepsChanges = keepsChanges
  }

  /// Reads and writes; each statement sees what was kept before it began.
  public static let readWrite = PostgresTransactionMode()
  /// Only reads, and is taken back at its end whatever it did: for statements that nobody here wrote.
  public static let untrusted = PostgresTransactionMode(isReadOnly: true, keepsChanges: false)
  /// Only reads, on one unchanging state.
  public static let snapshot = PostgresTransactionMode(isolation: .repeatableRead, isReadOnly: true)

  var beginning: PostgresStatement {
    PostgresStatement(
      "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(isReadOnly ? "READ ONLY" : "READ WRITE")",
      isKept: false
    )
  }
}

extension Wire {
  /// The error of `body` is the result's; the transaction's own is thrown.
  func inTransaction<Value, Failure: Error>(
    _ mode: PostgresTransactionMode,
    _ body: (borrowing PostgresSession) throws(Failure) -> Value
  ) throws(PostgresFailure) -> Result<Value, Failure> {
    open(with: mode.beginning)  // goes out with the first statement, in the same round trip
    defer { if isInTransaction, !isBroken { _ = try? exchange([PostgresStatement("ROLLBACK", isKept: false)]) } }
    let value: Value
    do throws(Failure) {
      value = try body(PostgresSession(self))
    } catch {
      return .failure(error)
    }
    guard hasOpened, mode.keepsChanges else { return .success(value) }
    if mode.isReadOnly, wasStopped { return .success(value) }  // leaving a query early fails the transaction
    guard !hasFailedTransaction else {  // the server would answer COMMIT by undoing all, without an error
      throw PostgresFailure(
        kind: .other,
        sqlState: "25P02",
        message: "a statement of the transaction failed, so nothing of it was kept"
      )
    }
    _ = try run([PostgresStatement("COMMIT", isKept: false)])
    return .success(value)
  }
}
