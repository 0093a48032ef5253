import CoachVocabulary
import ConcurrencyKit

/// What became of one node in one superstep.
enum NodeResult: Sendable {
  case finished(StateUpdate, FinishedTask)
  case failed(RunError)
  case cancelled
}

/// Executes one node, with its attempts, delays and timeout.
struct NodeExecution: Sendable {
  let node: CompiledNode
  let progress: RunProgress
  let run: RunID
  let thread: ThreadID
  let step: Int
  let live: LiveRun
  let ledger: EffectLedger
  let runDeadline: Deadline?
  let sleep: @Sendable (Duration) async throws -> Void

  /// Runs the node until it succeeds, fails for good, or is cancelled.
  func perform() async -> NodeResult {
    let began = ContinuousClock.now
    live.publish(RunEvent.nodeStarted, ["node": .string(node.name), "step": .int(step)])
    var attempt = 1
    while true {
      switch await performAttempt(attempt) {
      case .success(let update):
        let milliseconds = Self.milliseconds(since: began)
        publishEnd(RunEvent.nodeFinished, milliseconds, attempt, update.note.map { ("note", .string($0)) })
        let task = FinishedTask(node: node.name, step: step, attempts: attempt, durationMilliseconds: milliseconds)
        return .finished(update, task)
      case .cancelled: return .cancelled
      case .failure(let error, let mayRetry):
        guard mayRetry, attempt < node.retry.attempts, await pause(after: attempt, error) else {
          if Task.isCancelled { return .cancelled }
          publishEnd(RunEvent.nodeFailed, Self.milliseconds(since: began), attempt, ("error", .string(error.message)))
          return .failed(error)
        }
        attempt += 1
      }
    }
  }

  private enum AttemptResult {
    case success(StateUpdate)
    case failure(RunError, mayRetry: Bool)
    case cancelled
  }

  private func performAttempt(_ attempt: Int) async -> AttemptResult {
    let scope = TaskScope(live: live, ledger: ledger, step: step, node: node.name)
    let deadline = node.timeout.map { Deadline.after($0) }
    let context = NodeContext(
      run: run,
      thread: thread,
      node: node.name,
      step: step,
      attempt: attempt,
      parameters: node.parameters,
      deadline: [deadline, runDeadline].compactMap(\.self).min(),
      scope: scope
    )
    do {
      let update = try await call(context, until: deadline)
      if let type = scope.close() {
        let message = "emitted '\(type)', which is a type of the runtime; choose another"
        return .failure(RunError(.nodeFailed, message, node: node.name), mayRetry: false)
      }
      return .success(try progress.checked(update))
    } catch {
      _ = scope.close()
      return Task.isCancelled ? .cancelled : failure(error)
    }
  }

  private func call(_ context: NodeContext, until deadline: Deadline?) async throws -> StateUpdate {
    guard let deadline else { return try await node.function(progress.snapshot, context) }
    let function = node.function
    let snapshot = progress.snapshot
    return try await withDeadline(deadline) { try await function(snapshot, context) }
  }

  private func failure(_ error: any Error) -> AttemptResult {
    switch error {
    case var error as RunError:
      error.node = node.name
      return .failure(error, mayRetry: false)
    case is DeadlineExceeded where node.timeout != nil:
      let limit = node.timeout.map { "\($0)" } ?? ""
      let message = "took longer than its timeout of \(limit); allow it more time or make it do less"
      return .failure(RunError(.nodeTimeout, message, node: node.name), mayRetry: true)
    case let error as CheckpointFailure:
      return .failure(RunError(.nodeFailed, error.description, node: node.name), mayRetry: false)
    default:
      let mayRetry = (error as? any RetryAware)?.mayRetry ?? true
      return .failure(RunError(.nodeFailed, "\(error)", node: node.name), mayRetry: mayRetry)
    }
  }

  /// Waits before the next attempt; false when the wait was cut short.
  private func pause(after attempt: Int, _ error: RunError) async -> Bool {
    live.publish(
      RunEvent.nodeRetried,
      ["node": .string(node.name), "attempt": .int(attempt), "error": .string(error.message)]
    )
    var hash = StableHash()
    hash.combine("\(run)/\(step)/\(node.name)/\(attempt)")
    var generator = SplitMix64(seed: hash.value)
    let backoff = Backoff(initial: node.retry.delay, maximum: node.retry.maximumDelay)
    do {
      try await sleep(backoff.delay(beforeRetry: attempt, using: &generator))
      return !Task.isCancelled
    } catch {
      return false
    }
  }

  private func publishEnd(_ type: String, _ milliseconds: Double, _ attempts: Int, _ extra: (String, JSONValue)?) {
    var data: [String: JSONValue] = [
      "node": .string(node.name), "step": .int(step), "attempts": .int(attempts),
      "duration_ms": .double(milliseconds),
    ]
    if let extra { data[extra.0] = extra.1 }
    live.publish(type, .object(data))
  }

  /// Milliseconds with three decimals.
  private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    ((start.duration(to: .now) / .microseconds(1)).rounded()) / 1_000
  }
}

/// An error that knows whether another attempt may help; other errors are always tried again.
public protocol RetryAware: Error {
  /// Whether the node should be tried again, if its policy has attempts left.
  var mayRetry: Bool { get }
}
