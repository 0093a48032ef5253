public import ConcurrencyKit

/// A bounded number of connections that many tasks share.
///
/// Connections are opened when they are needed. One that the server has closed is replaced before anybody gets it, and
/// opening is tried again until the deadline while the server cannot be reached, so a restart of the server is felt as
/// a delay.
public final class PostgresPool: Sendable {
  /// How many connections, and how long to wait.
  public struct Limits: Hashable, Sendable {
    /// The most connections at a time.
    public var connections: Int
    /// The longest time to wait for a connection, when a call names no deadline.
    public var waiting: Duration
    /// After how long without use a connection is asked for a sign of life before it is used.
    public var checkAfter: Duration

    /// Makes limits.
    public init(
      connections: Int = 8,
      waiting: Duration = .seconds(10),
      checkAfter: Duration = .seconds(30)
    ) {
      self.connections = connections
      self.waiting = waiting
      self.checkAfter = checkAfter
    }
  }

  private struct Resting: Sendable {
    let connection: PostgresConnection
    let since: ContinuousClock.Instant
  }

  /// What somebody who waits is told.
  private enum Grant: Sendable {
    case use(Resting)
    case open
    case tooLate
    case cancelled
    case closed
  }

  private typealias Waiter = CheckedContinuation<Grant, Never>
  private typealias State = PoolState<Resting, Waiter>

  /// Where the connections go.
  public let configuration: PostgresConfiguration
  /// How many connections, and how long to wait.
  public let limits: Limits
  private let state: Locked<State>
  private static let backoff = Backoff(initial: .milliseconds(20), maximum: .milliseconds(500), jitter: 0)

  /// Makes a pool without opening any connection.
  public init(_ configuration: PostgresConfiguration, limits: Limits = Limits()) {
    self.configuration = configuration
    self.limits = limits
    state = Locked(State(size: limits.connections))
  }

  /// How many connections are open or being opened, and how many of these rest.
  public var counts: (open: Int, idle: Int, waiting: Int) {
    state.withLock { ($0.places, $0.idleCount, $0.waiterCount) }
  }

  /// Closes the connections that rest, and each other one when it comes back; who waits is turned away.
  public func close() async {
    let rest = state.withLock { $0.close() }
    for waiter in rest.waiting { waiter.resume(returning: .closed) }
    for resting in rest.idle { await resting.connection.close() }
  }
}

// MARK: - Calls

extension PostgresPool {
  /// Runs `body` with a connection that nobody else uses meanwhile.
  ///
  /// - Parameters:
  ///   - deadline: until when to wait for a connection; the pool's own limit when nil.
  ///   - body: what to do; the connection must not be kept.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `.poolExhausted`, `.cancelled`, `.closed`, and what opening a connection throws.
  public func withConnection<Value: Sendable, Failure: Error>(
    by deadline: Deadline? = nil,
    _ body: (PostgresConnection) async throws(Failure) -> Value
  ) async throws -> Value {
    let connection = try await acquire(by: deadline ?? .after(limits.waiting))
    let result: Result<Value, Failure>
    do throws(Failure) {
      result = .success(try await body(connection))
    } catch {
      result = .failure(error)
    }
    await giveBack(connection)
    return try result.get()
  }

  /// Runs `body`, which throws typed failures, with a connection that nobody else uses meanwhile.
  ///
  /// - Throws: what `body` throws; `.poolExhausted`, `.cancelled`, `.closed`, and what opening a connection throws.
  public func withConnection<Value: Sendable>(
    by deadline: Deadline? = nil,
    _ body: (PostgresConnection) async throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    let connection = try await acquire(by: deadline ?? .after(limits.waiting))
    let result: Result<Value, PostgresFailure>
    do throws(PostgresFailure) {
      result = .success(try await body(connection))
    } catch {
      result = .failure(error)
    }
    await giveBack(connection)
    return try result.get()
  }

  /// Runs `body` in one transaction on some connection; see `PostgresConnection.transaction`.
  public func transaction<Value: Sendable>(
    _ mode: PostgresTransactionMode = .readWrite,
    _ body: @Sendable (borrowing PostgresSession) throws(PostgresFailure) -> Value
  ) async throws(PostgresFailure) -> Value {
    try await withConnection { connection async throws(PostgresFailure) in
      try await connection.transaction(mode, body)
    }
  }

  /// Runs `body`, which may throw errors of its own, in one transaction on some connection.
  public func transaction<Value: Sendable, Failure: Error>(
    _ mode: PostgresTransactionMode = .readWrite,
    _ body: @Sendable (borrowing PostgresSession) throws(Failure) -> Value
  ) async throws -> Value {
    try await withConnection { connection async throws(any Error) in
      try await connection.transaction(mode, body)
    }
  }

  /// Runs statements in one round trip and one transaction on some connection.
  @discardableResult
  public func pipeline(_ statements: [PostgresStatement]) async throws(PostgresFailure) -> [PostgresRows] {
    try await withConnection { connection async throws(PostgresFailure) in try await connection.pipeline(statements) }
  }

  /// Runs one query on some connection.
  public func query(_ sql: String, _ binds: [PostgresValue] = []) async throws(PostgresFailure) -> PostgresRows {
    try await pipeline([PostgresStatement(sql, binds)]).first ?? PostgresRows()
  }

  /// Runs one statement on some connection.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  public func execute(_ sql: String, _ binds: [PostgresValue] = []) async throws(PostgresFailure) -> Int {
    try await query(sql, binds).affected
  }
}

// MARK: - Coming and going

extension PostgresPool {
  private func acquire(by deadline: Deadline) async throws(PostgresFailure) -> PostgresConnection {
    var attempt = 0
    while true {
      switch try await grant(by: deadline) {
      case .use(let resting):
        if await isUsable(resting, by: deadline) { return resting.connection }
        await resting.connection.close()
        vacate()
      case .open:
        attempt += 1
        if let connection = try await open(attempt, by: deadline) { return connection }
      case .tooLate: throw exhausted
      case .cancelled: throw Self.cancelled
      case .closed: throw PostgresFailure(kind: .closed, message: "the pool is closed")
      }
    }
  }

  private var exhausted: PostgresFailure {
    PostgresFailure(
      kind: .poolExhausted,
      message: "all \(limits.connections) connections to \(configuration) were in use for too long"
    )
  }

  private static let cancelled = PostgresFailure(kind: .cancelled, message: "the task was cancelled")

  private func isUsable(_ resting: Resting, by deadline: Deadline) async -> Bool {
    guard resting.connection.looksAlive else { return false }
    guard resting.since.duration(to: .now) > limits.checkAfter else { return true }
    return await resting.connection.answers(by: min(deadline, .after(.seconds(5))))
  }

  /// Opens a connection; nil when it could not be but may be tried again.
  private func open(_ attempt: Int, by deadline: Deadline) async throws(PostgresFailure) -> PostgresConnection? {
    let failure: PostgresFailure
    do throws(PostgresFailure) {
      return try await PostgresConnection.open(configuration)
    } catch {
      failure = error
    }
    vacate()
    let delay = Self.backoff.ceiling(beforeRetry: attempt)
    guard failure.kind == .unreachable || failure.kind == .tooManyConnections, deadline.remaining > delay else {
      throw failure
    }
    guard (try? await Task.sleep(for: delay)) != nil else { throw Self.cancelled }
    return nil
  }

  /// Waits until there is a connection or a place for one.
  private func grant(by deadline: Deadline) async throws(PostgresFailure) -> Grant {
    guard !Task.isCancelled else { throw Self.cancelled }
    switch state.withLock({ $0.enter() }) {
    case .use(let resting): return .use(resting)
    case .open: return .open
    case .closed: return .closed
    case .wait: return await waitInLine(by: deadline)
    }
  }

  private func waitInLine(by deadline: Deadline) async -> Grant {
    let id = state.withLock { $0.newID() }
    let alarm = Task {
      try await Task.sleep(until: deadline.instant, clock: .continuous)
      self.sendAway(id, .tooLate)
    }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        switch state.withLock({ $0.wait(id, waiter) }) {
        case .use(let resting): waiter.resume(returning: .use(resting))
        case .open: waiter.resume(returning: .open)
        case .closed: waiter.resume(returning: .closed)
        // The handler or the alarm may have come before this one stood in line.
        case .wait:
          if Task.isCancelled { sendAway(id, .cancelled) }
          if deadline.hasPassed { sendAway(id, .tooLate) }
        }
      }
    } onCancel: {
      sendAway(id, .cancelled)
    }
  }

  private func sendAway(_ id: Int, _ reason: Grant) {
    state.withLock { $0.leave(id) }?.resume(returning: reason)
  }

  private func giveBack(_ connection: PostgresConnection) async {
    guard connection.looksAlive else {
      await connection.close()
      return vacate()
    }
    let resting = Resting(connection: connection, since: .now)
    switch state.withLock({ $0.release(resting) }) {
    case .kept: break
    case .hand(let waiter): waiter.resume(returning: .use(resting))
    case .close: await connection.close()
    }
  }

  private func vacate() {
    if case .hand(let waiter) = state.withLock({ $0.vacate() }) { waiter.resume(returning: .open) }
  }
}
