/// Runs `operation` and cancels it when `deadline` passes first.
///
/// The call returns only when the operation has returned, so an operation that ignores cancellation holds it up.
/// - Throws: `DeadlineExceeded` when the deadline passed first, else the error of the operation.
public func withDeadline<Value: Sendable>(
  _ deadline: Deadline,
  operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  if deadline.hasPassed { throw DeadlineExceeded() }
  return try await withThrowingTaskGroup(of: Ending<Value>.self) { group in
    group.addTask { .finished(try await operation()) }
    group.addTask { await sleep(until: deadline) }
    defer { group.cancelAll() }
    while let ending = try await group.next() {
      switch ending {
      case .finished(let value): return value
      case .deadlinePassed: throw DeadlineExceeded()
      case .sleepCancelled: continue  // the caller was cancelled: the operation knows, and its answer counts
      }
    }
    throw CancellationError()
  }
}

/// Runs `operation` and cancels it when it takes longer than `limit`.
///
/// - Throws: `DeadlineExceeded` when the limit passed first, else the error of the operation.
public func withDeadline<Value: Sendable>(
  after limit: Duration,
  operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withDeadline(.after(limit), operation: operation)
}

private enum Ending<Value: Sendable>: Sendable {
  case finished(Value)
  case deadlinePassed
  case sleepCancelled
}

private func sleep<Value>(until deadline: Deadline) async -> Ending<Value> {
  do {
    try await Task.sleep(until: deadline.instant, clock: .continuous)
    return .deadlinePassed
  } catch {
    return .sleepCancelled
  }
}
