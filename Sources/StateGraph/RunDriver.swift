import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// Moves one run, superstep by superstep, each saved in one commit.
///
/// Siblings of a failing node finish their work, which is kept; the error reported is that of the node declared first.
final class RunDriver {
  private let graph: Graph
  private let services: RunServices
  private let live: LiveRun
  private let control: RunControl
  private let ledger: EffectLedger
  private let deadline: Deadline?
  private var record: RunRecord
  private var progress: RunProgress
  private var stepsTaken = 0

  init(
    _ work: RunWork,
    services: RunServices,
    live: LiveRun,
    control: RunControl,
    deadline: Deadline?
  ) {
    graph = work.progress.graph
    record = work.record
    progress = work.progress
    ledger = EffectLedger(
      run: work.record.run,
      store: services.store,
      effects: work.effects,
      revision: work.record.revision
    )
    self.services = services
    self.live = live
    self.control = control
    self.deadline = deadline
  }

  /// How a run leaves this process.
  private enum Ending {
    case finished
    case failed(RunError)
    case stopped
    case interrupted
  }

  /// What a superstep leaves to be saved.
  private struct Outcome {
    var changes: [ChannelChange] = []
    var tasks: [FinishedTask] = []
    var ending: Ending?
  }

  /// Works on the run until it ends.
  ///
  /// - Throws: ``CheckpointFailure`` when a commit fails; the run is then left as it was last saved.
  func drive() async throws(CheckpointFailure) -> RunOutcome {
    var ending = record.recoveries > services.maximumRecoveries ? abandoned : nil
    if let ending { return try await save(Outcome(ending: ending)) }
    while true {
      ending = endingBeforeStep()
      let outcome = ending != nil ? Outcome(ending: ending) : await takeStep()
      let result = try await save(outcome)
      if outcome.ending != nil { return result }
    }
  }

  private var abandoned: Ending {
    .failed(
      RunError(
        .abandoned,
        "was taken over \(record.recoveries) times without getting any further, more than the "
          + "\(services.maximumRecoveries) allowed; find out what in it ends the process"
      )
    )
  }

  // MARK: - Superstep

  private func endingBeforeStep() -> Ending? {
    if progress.due.isEmpty { return endOfGraph }
    if let reason = control.reason { return ending(for: reason) }
    guard stepsTaken < graph.definition.stepLimit else {
      let message =
        "did not end within \(graph.definition.stepLimit) supersteps; raise 'step_limit' or mend the loop"
      return .failed(RunError(.stepLimit, message))
    }
    return nil
  }

  private var endOfGraph: Ending { progress.stall.map { .failed($0) } ?? .finished }

  private func ending(for reason: RunControl.Reason) -> Ending {
    switch reason {
    case .stop: .stopped
    case .interrupt: .interrupted
    case .timeLimit: .failed(RunError(.timeLimit, "took longer than its time limit; allow it more time"))
    }
  }

  private func takeStep() async -> Outcome {
    let tasks = progress.tasks
    let results = await perform(tasks)
    stepsTaken += 1
    var outcome = Outcome()
    var failure: RunError?
    var isCancelled = false
    for (node, result) in zip(tasks, results) {
      switch result {
      case .finished(let update, let task):
        progress.pending[node] = update
        outcome.tasks.append(task)
      case .failed(let error): failure = failure ?? error
      case .cancelled: isCancelled = true
      }
    }
    if isCancelled || failure != nil {
      outcome.ending = earlyEnding(failure)
    } else {
      merge(into: &outcome)
    }
    return outcome
  }

  private func earlyEnding(_ failure: RunError?) -> Ending {
    if let reason = control.reason, reason != .interrupt { return ending(for: reason) }
    return failure.map { .failed($0) } ?? .stopped
  }

  private func merge(into outcome: inout Outcome) {
    do throws(RunError) {
      outcome.changes = try progress.advance()
      record.step += 1
      record.recoveries = 0
      if progress.due.isEmpty {
        outcome.ending = endOfGraph
      } else if let reason = control.reason {
        outcome.ending = ending(for: reason)
      }
    } catch {
      // Two writes to one channel would clash again on every resume, so those nodes are to run again.
      if error.code == .writeConflict { progress.pending = [:] }
      outcome.ending = .failed(error)
    }
  }

  private func perform(_ tasks: [Int]) async -> [NodeResult] {
    let executions = tasks.map { index in
      NodeExecution(
        node: graph.nodes[index],
        progress: progress,
        run: record.run,
        thread: record.thread,
        step: record.step + 1,
        live: live,
        ledger: ledger,
        runDeadline: deadline,
        sleep: services.sleep
      )
    }
    if executions.isEmpty { return [] }
    let most = max(1, services.maximumConcurrency)
    return await control.perform {
      executions.count == 1
        ? [await executions[0].perform()] : await Self.performAll(executions, atOnce: most)
    }
  }

  private static func performAll(_ executions: [NodeExecution], atOnce most: Int) async -> [NodeResult] {
    await withTaskGroup(of: (Int, NodeResult).self) { group in
      var results = [NodeResult](repeating: .cancelled, count: executions.count)
      var next = 0
      while next < min(most, executions.count) {
        let index = next
        group.addTask { (index, await executions[index].perform()) }
        next += 1
      }
      while let (index, result) = await group.next() {
        results[index] = result
        guard next < executions.count, !Task.isCancelled else { continue }
        let following = next
        group.addTask { (following, await executions[following].perform()) }
        next += 1
      }
      return results
    }
  }

  // MARK: - Saving

  private func save(_ outcome: Outcome) async throws(CheckpointFailure) -> RunOutcome {
    if outcome.ending != nil { live.seal() }
    var events = live.unsaved
    if let ending = outcome.ending { events.append(close(ending)) }
    let expected = record.revision
    let now = services.clock.now
    record.revision += 1
    record.updatedAt = now
    record.leaseExpires = now + services.leaseDuration / .seconds(1)
    record.lastSequence = events.last?.sequence ?? record.lastSequence
    if record.status.isTerminal { record.endedAt = now }
    try await services.store.commit(
      SuperstepCommit(
        record: record,
        expectedRevision: expected,
        changes: outcome.changes,
        finishedTasks: outcome.tasks,
        frontier: progress.frontier,
        events: events
      )
    )
    live.saved(events)
    ledger.advance(to: record.revision, forgetting: progress.pending.isEmpty)
    return RunOutcome(record: record, state: progress.snapshot)
  }

  /// Moves the record to its last status and makes the event that says so.
  private func close(_ ending: Ending) -> RunEvent {
    switch ending {
    case .finished:
      record.status = .finished
      return live.numbered(RunEvent.runFinished, ["steps": .int(record.step)])
    case .stopped:
      record.status = .stopped
      return live.numbered(RunEvent.runStopped, [:])
    case .interrupted:
      record.status = .interrupted
      return live.numbered(RunEvent.runInterrupted, [:])
    case .failed(let error):
      record.status = .failed
      record.error = error
      return live.numbered(RunEvent.runFailed, error.eventData)
    }
  }
}

extension RunError {
  /// The error as the data of an event.
  var eventData: JSONValue {
    var data: [String: JSONValue] = ["code": .string(code.rawValue), "message": .string(message)]
    if let node { data["node"] = .string(node) }
    return .object(data)
  }
}

/// What a run needs from outside.
struct RunServices: Sendable {
  let store: any CheckpointStore
  let clock: WallClock
  let leaseDuration: Duration
  let maximumConcurrency: Int
  let maximumRecoveries: Int
  let sleep: @Sendable (Duration) async throws -> Void
}

/// A run that can be worked on.
struct RunWork: Sendable {
  let record: RunRecord
  let progress: RunProgress
  let effects: [RecordedEffect]
}
