public import ConcurrencyKit

/// One connection that many tasks may use; they take turns.
///
/// It has a thread of its own, so that waiting for the server never blocks the shared thread pool. Cancelling a task
/// cancels its statement on the server. A closure written as `{ session throws(PostgresFailure) in … }` keeps the error
/// typed.
public actor PostgresConnection {
  private let executor: ThreadExecutor
  private let interrupt = Interrupt()
  private let socket = Locked(IdleSocket())
  private var wire: Wire?

  /// The thread on which every statement runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private init() throws(PostgresFailure) { executor = try ThreadExecutor() }

  /// Connects and signs in.
  ///
  /// - Throws: `PostgresFailure`, for example `.unreachable` or `.authentication`.
  public static func open(
    _ configuration: PostgresConfiguration
  ) async throws(PostgresFailure) -> PostgresConnection {
    let connection = try PostgresConnection()
    try await connection.connect(configuration)
    return connection
  }

  private func connect(_ configuration: PostgresConfiguration) async throws(PostgresFailure) {
    wire = try await watched { [interrupt] () throws(PostgresFailure) in
      try Wire(configuration, interrupt: interrupt)
    }
    noteSocket()
  }

  /// Runs `body` in one transaction: all is kept, or nothing when it throws.
  ///
  /// `body` cannot suspend, so no other caller's statements come between.
  /// - Throws: what `body` throws, or the failure of the transaction around it.
  public func transaction<Value: Sendable>(
    _ mode: PostgresTransactionMode = .readWrite,
    _ body: @Sendable (borrowing PostgresSession) throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    try await call { wire throws(PostgresFailure) in try wire.inTransaction(mode, body).get() }
  }

  /// Runs `body`, which may throw errors of its own, in one transaction: all is kept, or nothing when it throws.
  ///
  /// - Throws: what `body` throws, or the `PostgresFailure` of the transaction around it.
  public func transaction<Value: Sendable, Failure: Error>(
    _ mode: PostgresTransactionMode = .readWrite,
    _ body: @Sendable (borrowing PostgresSession) throws(Failure) -> Value
  ) async throws -> Value {
    try await call { wire throws(PostgresFailure) in try wire.inTransaction(mode, body) }.get()
  }

  /// Runs `body` outside of any transaction; each statement or pipeline is kept as soon as it is done.
  ///
  /// A transaction that `body` begins by hand and leaves open costs the connection.
  public func withoutTransaction<Value: Sendable>(
    _ body: @Sendable (borrowing PostgresSession) throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    try await call { wire throws(PostgresFailure) in try body(PostgresSession(wire)) }
  }

  /// Runs statements in one round trip and one transaction: all are kept, or nothing when one fails.
  ///
  /// - Returns: the rows of each.
  @discardableResult
  public func pipeline(_ statements: [PostgresStatement]) async throws(PostgresFailure) -> [PostgresRows] {
    try await call { wire throws(PostgresFailure) in try wire.run(statements) }
  }

  /// Runs one query on its own and returns all its rows.
  public func query(
    _ sql: String,
    _ binds: [PostgresValue] = []
  ) async throws(PostgresFailure) -> PostgresRows {
    try await pipeline([PostgresStatement(sql, binds)]).first ?? PostgresRows()
  }

  /// Runs one statement on its own.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  public func execute(_ sql: String, _ binds: [PostgresValue] = []) async throws(PostgresFailure) -> Int {
    try await query(sql, binds).affected
  }

  /// Ends the connection; later calls fail as `.closed`.
  public func close() {
    socket.withLock { $0.descriptor = nil }
    wire = nil
  }
}

// MARK: - Health

extension PostgresConnection {
  /// Whether a call can be expected to reach the server; costs no round trip, and holds between calls only.
  public nonisolated var looksAlive: Bool { socket.withLock { $0.looksAlive } }

  private func noteSocket() {
    let descriptor = wire?.idleSocket
    socket.withLock { $0.descriptor = descriptor }
  }

  /// Whether the server answers a question by the deadline.
  public func answers(by deadline: Deadline) async -> Bool {
    // Not kept, since who resets a session forgets what it has prepared.
    let question = PostgresStatement("SELECT 1", isKept: false)
    let answer = try? await withDeadline(deadline) { try await self.pipeline([question]).first?.scalar }
    return answer != nil
  }
}

// MARK: - Calls

extension PostgresConnection {
  /// Waits for notifications; used by ``PostgresListener`` on a connection of its own.
  func notifications() async throws(PostgresFailure) -> [PostgresNotification] {
    try await call { wire throws(PostgresFailure) in try wire.notifications() }
  }

  private func call<Value>(
    _ body: (Wire) throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    guard let wire else { throw PostgresFailure(kind: .closed, message: "the connection is closed") }
    defer { noteSocket() }
    return try await watched { () throws(PostgresFailure) in try wire.call(body) }
  }

  /// Runs `body`, which blocks this connection's thread and nothing else, and interrupts it when the task is cancelled.
  private func watched<Value>(
    _ body: () throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    guard !Task.isCancelled else { throw PostgresFailure(kind: .cancelled, message: "the task was cancelled") }
    let number = interrupt.begin()
    defer { interrupt.end() }
    return try await withTaskCancellationHandler {
      // To name `self` is what keeps the closure on this actor; without, it would run on the shared pool.
      assertIsolated()
      return Result { () throws(PostgresFailure) in try body() }
    } onCancel: { [interrupt] in
      interrupt.cancel(number)
    }.get()
  }
}
