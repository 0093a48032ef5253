/// Runs `operation` and cancels it when `deadline` passes first.
///
/// The call returns only when the operation has returned, so an operation that ignores cancellation holds it up.
/// - Throws: `DeadlineExceeded` when the deadline passed first, else the error of the operation.
public func withDeadline<Value: Sendable>(
  _ deadline: Deadline,
  operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  if deadline.hasPassed { throw DeadlineExceeded() }
  // It starts on this thread: most operations are short, and a change of thread would be much of what they cost.
  let task = Task.immediate { try await operation() }
  let ticket = DeadlineAlarm.shared.set(deadline) { task.cancel() }
  // A caller who is cancelled tells the operation, and its answer counts.
  let result = await withTaskCancellationHandler {
    await task.result
  } onCancel: {
    task.cancel()
  }
  guard DeadlineAlarm.shared.takeBack(ticket) else { throw DeadlineExceeded() }
  return try result.get()
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
