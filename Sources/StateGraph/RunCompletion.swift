import ConcurrencyKit

/// The end of the work of this process on a run, for all who wait for it.
///
/// They do not hold the task that works on the run: a task that is over keeps the memory of its calls until nobody holds
/// it any more, which counts when many runs are started at once.
final class RunCompletion: Sendable {
  private struct State: Sendable {
    var result: Result<RunOutcome, any Error>?
    var waiters: [CheckedContinuation<RunOutcome, any Error>] = []
  }

  private let state = Locked(State())

  /// Tells all who wait, now or later; called once.
  func finish(_ result: Result<RunOutcome, any Error>) {
    let waiters = state.withLock { state in
      state.result = result
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(with: result) }
  }

  /// The outcome once there is one; cancelling the waiting task does not end the wait.
  func outcome() async throws -> RunOutcome {
    try await withCheckedThrowingContinuation { continuation in
      let result = state.withLock { state in
        if state.result == nil { state.waiters.append(continuation) }
        return state.result
      }
      if let result { continuation.resume(with: result) }
    }
  }
}
