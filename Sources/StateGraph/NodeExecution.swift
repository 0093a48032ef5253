import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// What became of one task in one superstep.
enum NodeResult: Sendable {
  case finished(CheckedUpdate, FinishedTask)
  case failed(RunError)
  case paused(TaskScope.Pause)
  case cancelled
}

/// Executes one task, with its attempts, delays and timeouts.
final class NodeExecution: Sendable {
  let graph: Graph
  let node: CompiledNode
  let item: WorkItem
  let snapshot: StateSnapshot
  let step: Int
  let run: RunScope
  let errors: [RunError]
  let questions: [Frontier.Question]
  let timers: [Frontier.Timer]

  init(
    graph: Graph,
    item: WorkItem,
    snapshot: StateSnapshot,
    step: Int,
    run: RunScope,
    errors: [RunError],
    questions: [Frontier.Question],
    timers: [Frontier.Timer]
  ) {
    self.graph = graph
    node = graph.nodes[item.key.node]
    self.item = item
    self.snapshot = snapshot
    self.step = step
    self.run = run
    self.errors = errors
    self.questions = questions
    self.timers = timers
  }

  private static let attemptsName = "$attempts"

  private var send: Int? { item.key.send < 0 ? nil : item.key.send }
  private var task: String { send.map { "\(node.name)#\($0)" } ?? node.name }

  /// Runs the node until it succeeds, fails for good, pauses, or is cancelled.
  func perform() async -> NodeResult {
    let began = ContinuousClock.now
    publishStart()
    // Attempts made before a crash or a pause count; after a failure for good the node gets all of them anew.
    let earlier = node.retry.attempts > 1 ? run.ledger.value(of: Self.attemptsName, in: task, step: step)?.intValue : 0
    var attempt = (earlier ?? 0) + 1
    var left = node.retry.attempts - (earlier ?? 0) % max(1, node.retry.attempts)
    while true {
      switch await performAttempt(attempt) {
      case .success(let update):
        let milliseconds = Self.milliseconds(since: began)
        publishEnd(RunEvent.nodeFinished, milliseconds, attempt, update.note.map { ("note", .string($0)) })
        let task = FinishedTask(node: task, step: step, attempts: attempt, durationMilliseconds: milliseconds)
        return .finished(update, task)
      case .cancelled: return .cancelled
      case .paused(let pause): return .paused(pause)
      case .failure(let error, let mayRetry):
        left -= 1
        await note(attempts: attempt)
        guard mayRetry, left > 0, await pause(after: node.retry.attempts - left, attempt, error) else {
          if Task.isCancelled { return .cancelled }
          return fail(error, after: attempt, began)
        }
        attempt += 1
      }
    }
  }

  private func note(attempts: Int) async {
    guard node.retry.attempts > 1 else { return }
    // A count that cannot be saved only lets a node be tried more often after a crash.
    try? await run.ledger.save(.int(attempts), named: Self.attemptsName, of: task, step: step)
  }

  private func fail(_ error: RunError, after attempt: Int, _ began: ContinuousClock.Instant) -> NodeResult {
    let milliseconds = Self.milliseconds(since: began)
    publishEnd(RunEvent.nodeFailed, milliseconds, attempt, ("error", .string(error.message)))
    guard let handler = node.errorHandler else { return .failed(error) }
    run.live.publish(
      RunEvent.nodeHandled,
      [
        "node": .string(node.name), "handler": .string(graph.nodes[handler].name), "code": .string(error.code.rawValue),
        "message": .string(error.message),
      ]
    )
    var update = CheckedUpdate()
    update.failure = error
    let task = FinishedTask(node: task, step: step, attempts: attempt, durationMilliseconds: milliseconds)
    return .finished(update, task)
  }

  private enum AttemptResult {
    case success(CheckedUpdate)
    case failure(RunError, mayRetry: Bool)
    case paused(TaskScope.Pause)
    case cancelled
  }

  private func performAttempt(_ attempt: Int) async -> AttemptResult {
    let scope = TaskScope(
      run,
      step: step,
      node: node,
      send: send,
      errors: errors,
      questions: questions,
      timers: timers
    )
    let deadline = node.timeout.map { Deadline.after($0) }
    let context = NodeContext(
      run: run.run,
      thread: run.thread,
      node: node.name,
      step: step,
      attempt: attempt,
      parameters: node.parameters,
      deadline: Self.earlier(deadline, run.deadline),
      input: item.input,
      scope: scope
    )
    do {
      let update = try await call(context, until: deadline)
      let (pause, type) = scope.close()
      if !pause.isEmpty { return .paused(pause) }
      if let type {
        let message = "emitted '\(type)', which is a type of the runtime; choose another"
        return .failure(RunError(.nodeFailed, message, node: node.name), mayRetry: false)
      }
      let checked = try RunProgress.check(update, in: graph, of: node, prefix: "\(run.run)/\(step)/\(task)")
      if graph.ahead != nil { try demandDeclared(checked) }
      return .success(checked)
    } catch {
      let (pause, _) = scope.close()
      if !pause.isEmpty { return .paused(pause) }
      return Task.isCancelled || error is Interruption ? .cancelled : failure(error)
    }
  }

  /// In a graph that runs ahead others go by what a node says it writes.
  private func demandDeclared(_ update: CheckedUpdate) throws(RunError) {
    for write in update.writes where node.writes?.contains(write.channel) != true {
      let name = graph.table.channels[write.channel].name
      throw RunError(.undeclaredKey, "wrote '\(name)', which it does not say; add it to its 'writes'")
    }
  }

  private static func earlier(_ left: Deadline?, _ right: Deadline?) -> Deadline? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  private func call(_ context: NodeContext, until deadline: Deadline?) async throws -> StateUpdate {
    let function = node.function
    guard deadline != nil || node.options.idleTimeout != nil else { return try await function(snapshot, context) }
    let snapshot = snapshot
    let idle = node.options.idleTimeout
    let body: @Sendable () async throws -> StateUpdate = {
      guard let idle else { return try await function(snapshot, context) }
      return try await Self.watched(context.scope, idle) { try await function(snapshot, context) }
    }
    guard let deadline else { return try await body() }
    return try await withDeadline(deadline, operation: body)
  }

  /// Runs `body` and cancels it when the task gives no sign of life for as long as `limit`.
  private static func watched(
    _ scope: TaskScope,
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> StateUpdate
  ) async throws -> StateUpdate {
    let began = ContinuousClock.now
    return try await withThrowingTaskGroup(of: StateUpdate?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        while !Task.isCancelled {
          let end = scope.lastSign(after: began).advanced(by: limit)
          if end <= .now { throw IdleTooLong() }
          try? await Task.sleep(until: end, clock: .continuous)
        }
        return nil
      }
      defer { group.cancelAll() }
      while let update = try await group.next() {
        if let update { return update }
      }
      throw CancellationError()
    }
  }

  private struct IdleTooLong: Error {}

  private func failure(_ error: any Error) -> AttemptResult {
    switch error {
    case var error as RunError:
      if error.node == nil || error.code != .subgraphFailed { error.node = node.name }
      return .failure(error, mayRetry: error.code == .subgraphFailed)
    case is DeadlineExceeded where node.timeout != nil:
      let limit = node.timeout.map { "\($0)" } ?? ""
      let message = "took longer than its timeout of \(limit); allow it more time or make it do less"
      return .failure(RunError(.nodeTimeout, message, node: node.name), mayRetry: true)
    case is IdleTooLong:
      let limit = node.options.idleTimeout.map { "\($0)" } ?? ""
      let message = "gave no sign of life for \(limit); let it emit events, or allow it more time"
      return .failure(RunError(.idleTimeout, message, node: node.name), mayRetry: true)
    case let error as CheckpointFailure:
      return .failure(RunError(.nodeFailed, error.description, node: node.name), mayRetry: false)
    default:
      let mayRetry = (error as? any RetryAware)?.mayRetry ?? true
      return .failure(RunError(.nodeFailed, "\(error)", node: node.name), mayRetry: mayRetry)
    }
  }

  /// Waits before the next attempt; false when the wait was cut short.
  private func pause(after failures: Int, _ attempt: Int, _ error: RunError) async -> Bool {
    run.live.publish(
      RunEvent.nodeRetried,
      ["node": .string(node.name), "attempt": .int(attempt), "error": .string(error.message)]
    )
    var hash = StableHash()
    hash.combine("\(run.run)/\(step)/\(task)/\(attempt)")
    var generator = SplitMix64(seed: hash.value)
    let backoff = Backoff(initial: node.retry.delay, maximum: node.retry.maximumDelay)
    do {
      try await run.services.sleep(backoff.delay(beforeRetry: failures, using: &generator))
      return !Task.isCancelled
    } catch {
      return false
    }
  }

  // MARK: - Events

  private func publishStart() {
    run.live.publish(RunEvent.nodeStarted, moment(0, after: 0))
  }

  private func publishEnd(_ type: String, _ milliseconds: Double, _ attempts: Int, _ extra: (String, JSONValue)?) {
    let moment = moment(milliseconds, after: attempts)
    guard let extra else { return run.live.publish(type, moment) }
    run.live.publish(type, .object(moment.data.merging([extra]) { $1 }))
  }

  private func moment(_ milliseconds: Double, after attempts: Int) -> TaskMoment {
    TaskMoment(
      node: node.name,
      step: step,
      send: item.key.send,
      attempts: attempts,
      milliseconds: milliseconds
    )
  }

  /// Milliseconds with three decimals.
  private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    ((start.duration(to: .now) / .microseconds(1)).rounded()) / 1_000
  }
}

/// A node was cut short because the process shuts down; it is executed again later.
struct Interruption: Error {}

/// An error that knows whether another attempt may help; other errors are always tried again.
public protocol RetryAware: Error {
  /// Whether the node should be tried again, if its policy has attempts left.
  var mayRetry: Bool { get }
}
