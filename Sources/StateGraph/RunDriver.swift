import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// Moves one run, superstep by superstep, each saved in one commit.
///
/// Siblings of a failing node finish their work, which is kept; the error reported is that of the node declared first.
final class RunDriver {
  let graph: Graph
  let services: RunServices
  let live: LiveRun
  let control: RunControl
  let scope: RunScope
  let durability: Durability
  let most: Int
  var record: RunRecord
  var progress: RunProgress
  /// What a run that is saved at its end only has gathered.
  private var gathered = Outcome()
  /// Why the superstep at hand cannot be saved.
  private var loss: CheckpointFailure?

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
    durability = work.durability
    gathered.tasks = work.finishedTasks
    most = max(1, min(graph.definition.options.concurrency ?? .max, services.maximumConcurrency))
    let ledger = EffectLedger(
      run: work.record.run,
      store: work.durability == .none ? nil : services.store,
      effects: work.effects,
      revision: work.record.revision
    )
    scope = RunScope(
      run: work.record.run,
      thread: work.record.thread,
      live: live,
      ledger: ledger,
      services: services,
      deadline: deadline
    )
    self.services = services
    self.live = live
    self.control = control
  }

  /// How a run leaves this process.
  enum Ending {
    case finished
    case failed(RunError)
    case stopped
    case interrupted
    case waiting(String)
  }

  /// What a superstep leaves to be saved.
  struct Outcome {
    var changes: [ChannelChange] = []
    var tasks: [FinishedTask] = []
    var ending: Ending?
  }

  /// Works on the run until it ends.
  ///
  /// - Throws: ``CheckpointFailure`` when a commit fails; the run is then left as it was last saved.
  func drive() async throws(CheckpointFailure) -> RunOutcome {
    if let shape = graph.ahead, record.recoveries <= services.maximumRecoveries { return try await driveAhead(shape) }
    var ending = record.recoveries > services.maximumRecoveries ? abandoned : endingBeforeStep()
    while ending == nil {
      let outcome = await takeStep()
      if let loss { throw loss }
      if outcome.ending == nil, durability != .step {
        putOff(outcome)
      } else {
        try await save(outcome)
        if outcome.ending != nil { return result }
      }
      ending = endingBeforeStep()
    }
    try await save(Outcome(ending: ending))
    return result
  }

  var result: RunOutcome {
    RunOutcome(record: record, state: progress.snapshot, frontier: progress.frontier)
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
    if progress.isIdle { return endOfGraph }
    if let reason = control.reason { return ending(for: reason) }
    guard record.step - progress.countedFrom < graph.definition.stepLimit else {
      return stepLimitEnding
    }
    return breakpoint
  }

  var stepLimitEnding: Ending {
    let message =
      "did not end within \(graph.definition.stepLimit) supersteps; raise 'step_limit' or mend the loop"
    return .failed(RunError(.stepLimit, message))
  }

  static let cannotWait = Ending.failed(
    RunError(.nodeFailed, "asked or slept, but the run is not saved and cannot wait")
  )

  /// The pause before a node with a breakpoint, unless the run has just paused here.
  private var breakpoint: Ending? {
    guard !progress.isAtBreakpoint, !graph.breakBefore.isEmpty,
      progress.items.contains(where: { graph.breakBefore.contains($0.key.node) })
    else { return nil }
    progress.isAtBreakpoint = true
    return .waiting("breakpoint")
  }

  var endOfGraph: Ending { progress.stall.map { .failed($0) } ?? .finished }

  func ending(for reason: RunControl.Reason) -> Ending {
    switch reason {
    case .stop: .stopped
    case .interrupt: .interrupted
    case .timeLimit: .failed(RunError(.timeLimit, "took longer than its time limit; allow it more time"))
    }
  }

  // Neither this nor `save` is inlined: their frames then share memory, which every run that waits for its store holds.
  @inline(never) private func takeStep() async -> Outcome {
    let items = progress.unfinished.filter { !isWaiting($0) }
    let results = await perform(items)
    var outcome = Outcome()
    var failure: RunError?
    var isCancelled = false
    for (item, result) in zip(items, results) {
      switch result {
      case .finished(let update, let task):
        progress.pending[item.key] = update
        if !progress.timers.isEmpty { progress.timers.removeAll { belongs($0.node, $0.send, to: item) } }
        outcome.tasks.append(task)
      case .failed(let error): failure = failure ?? error
      case .paused(let pause): note(pause, of: item)
      case .cancelled: isCancelled = true
      }
    }
    if isCancelled || failure != nil {
      outcome.ending = earlyEnding(failure, isCancelled: isCancelled)
    } else if progress.unfinished.isEmpty {
      merge(into: &outcome)
    } else if durability == .none {
      outcome.ending = Self.cannotWait
    } else if let reason = control.reason {
      outcome.ending = ending(for: reason)
    } else {
      outcome.ending = .waiting(reasonToWait)
    }
    return outcome
  }

  var reasonToWait: String {
    if !progress.frontier.openQuestions.isEmpty { return "questions" }
    return progress.holds.isEmpty ? "timer" : "breakpoint"
  }

  func belongs(_ node: String, _ send: Int?, to item: WorkItem) -> Bool {
    node == graph.nodes[item.key.node].name && (send ?? -1) == item.key.send
  }

  private func isWaiting(_ item: WorkItem) -> Bool {
    isWaiting(item, progress.questions, progress.timers, progress.holds)
  }

  /// Whether the task has open questions, a timer that is not over, or a subgraph at a breakpoint.
  func isWaiting(
    _ item: WorkItem,
    _ questions: [Frontier.Question],
    _ timers: [Frontier.Timer],
    _ holds: [Frontier.Hold]
  ) -> Bool {
    if questions.isEmpty, timers.isEmpty, holds.isEmpty { return false }
    let now = services.clock.now
    return holds.contains { belongs($0.node, $0.send, to: item) }
      || questions.contains { question in
        question.answer == nil && question.expiresAt.map { $0 > now } ?? true
          && belongs(question.node, question.send, to: item)
      } || timers.contains { $0.until > now && belongs($0.node, $0.send, to: item) }
  }

  private func note(_ pause: TaskScope.Pause, of item: WorkItem) {
    var changed = progress
    note(pause, of: item, &changed.questions, &changed.timers, &changed.holds)
    progress = changed
  }

  func note(
    _ pause: TaskScope.Pause,
    of item: WorkItem,
    _ questions: inout [Frontier.Question],
    _ timers: inout [Frontier.Timer],
    _ holds: inout [Frontier.Hold]
  ) {
    for question in pause.questions where !questions.contains(where: { $0.id == question.id }) {
      questions.append(question)
      live.publish(RunEvent.questionAsked, question.json)
    }
    if pause.isHeld {
      let send = item.key.send < 0 ? nil : item.key.send
      holds.append(Frontier.Hold(node: graph.nodes[item.key.node].name, send: send))
    }
    for timer in pause.timers {
      timers.removeAll { $0.name == timer.name && belongs($0.node, $0.send, to: item) }
      timers.append(timer)
    }
  }

  func earlyEnding(_ failure: RunError?, isCancelled: Bool) -> Ending {
    if let reason = control.reason, reason != .interrupt || failure == nil { return ending(for: reason) }
    return failure.map { .failed($0) } ?? .interrupted
  }

  private func merge(into outcome: inout Outcome) {
    do throws(RunError) {
      let items = graph.breakAfter.isEmpty ? [] : progress.items
      let told = durability == .none ? .null : progress.told(isWhole: durability != .step)
      outcome.changes = try progress.advance()
      record.step += 1
      tell(told, step: record.step, hasCheckpoint: true)
      record.recoveries = 0
      if progress.isIdle {
        outcome.ending = endOfGraph
      } else if let reason = control.reason {
        outcome.ending = ending(for: reason)
      } else if items.contains(where: { graph.breakAfter.contains($0.key.node) }) {
        progress.isAtBreakpoint = true
        outcome.ending = .waiting("breakpoint")
      }
    } catch {
      // Two writes to one channel would clash again on every resume, so those nodes are to run again.
      if error.code == .writeConflict { progress.pending = [:] }
      outcome.ending = .failed(error)
    }
  }

  /// Shows what the tasks of the superstep gave; a run that is not saved has nobody who could read it later.
  func tell(_ told: JSONValue, step: Int, hasCheckpoint: Bool) {
    if durability == .none { return }
    var data: [String: JSONValue] = ["step": .int(step), "tasks": told]
    if durability == .step, hasCheckpoint { data["revision"] = .int(record.revision + 1) }
    live.publish(RunEvent.stepFinished, .object(data))
  }

  private func perform(_ items: [WorkItem]) async -> [NodeResult] {
    if items.isEmpty { return [] }
    let snapshot = progress.snapshot
    let executions = items.map { item in
      NodeExecution(
        graph: graph,
        item: item,
        snapshot: snapshot,
        step: record.step + 1,
        run: scope,
        errors: progress.errors(for: item.key.node),
        questions: progress.questions.isEmpty
          ? [] : progress.questions.filter { belongs($0.node, $0.send, to: item) },
        timers: progress.timers.isEmpty ? [] : progress.timers.filter { belongs($0.node, $0.send, to: item) }
      )
    }
    let saves =
      items.count > 1 && durability == .step
      ? SiblingSaves(scope, step: record.step + 1, revision: record.revision, tasks: items.count) : nil
    let superstep = Superstep(
      executions: executions,
      most: most,
      cache: services.cache,
      clock: services.clock,
      saves: saves
    )
    let results = await superstep.perform()
    do throws(CheckpointFailure) { try await saves?.close() } catch { loss = error }
    return results
  }

  // MARK: - Saving

  /// Keeps what a superstep left until the run ends, if it is saved then.
  func putOff(_ outcome: Outcome) {
    if durability == .none { return live.passOver() }
    gathered.changes += outcome.changes
    gathered.tasks += outcome.tasks
  }

  @inline(never) func save(_ outcome: Outcome) async throws(CheckpointFailure) {
    let commit = commit(of: outcome)
    if durability != .none { try await self.commit(commit) }
    noteSaved(commit.events)
  }

  // Not inlined, since what it builds on the way would stay in that memory too.
  @inline(never) private func commit(of outcome: Outcome) -> SuperstepCommit {
    if outcome.ending != nil { live.seal() }
    if durability == .none { live.passOver() }
    var events = live.unsaved
    if let ending = outcome.ending { events.append(close(ending)) }
    let expected = record.revision
    let now = services.clock.now
    record.revision += 1
    record.updatedAt = now
    record.leaseExpires = now + services.leaseSeconds
    record.lastSequence = events.last?.sequence ?? live.savedSequence
    if record.status.isTerminal { record.endedAt = now }
    let frontier = progress.frontier
    record.wakeAt = record.status == .waiting ? frontier.wakeAt : nil
    return SuperstepCommit(
      record: record,
      expectedRevision: expected,
      changes: gathered.changes.isEmpty ? outcome.changes : gathered.changes + outcome.changes,
      finishedTasks: gathered.tasks.isEmpty ? outcome.tasks : gathered.tasks + outcome.tasks,
      frontier: frontier,
      events: events
    )
  }

  private func noteSaved(_ events: [RunEvent]) {
    gathered = Outcome()
    live.saved(events)
    scope.ledger.advance(to: record.revision, forgettingUpTo: record.step)
  }

  private func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure) {
    guard Task.isCancelled else { return try await services.store.commit(commit) }
    // What was cancelled are the nodes; what they did must be saved all the same, from a task of its own.
    let store = services.store
    let result = await Task { () -> Result<Void, CheckpointFailure> in
      do throws(CheckpointFailure) {
        return .success(try await store.commit(commit))
      } catch {
        return .failure(error)
      }
    }.value
    try result.get()
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
    case .waiting(let reason):
      record.status = .waiting
      var data: [String: JSONValue] = ["reason": .string(reason)]
      if let wakeAt = progress.frontier.wakeAt { data["wake_at"] = .double(wakeAt.timeIntervalSince1970) }
      return live.numbered(RunEvent.runWaiting, .object(data))
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
  let cache: any NodeCache
  let clock: WallClock
  let leaseSeconds: Double
  let maximumConcurrency: Int
  let maximumRecoveries: Int
  let sleep: @Sendable (Duration) async throws -> Void
  /// Runs a subgraph for a node.
  let call: @Sendable (Graph, StateSnapshot, NodeContext) async throws -> StateUpdate
}

/// How much of a run is saved.
public enum Durability: String, Hashable, Sendable, CaseIterable {
  /// Each superstep, in one transaction; a crash loses at most the superstep at hand.
  case step
  /// The start, each effect, and the end; a crash begins again from the start, without repeating effects.
  case exit
  /// Nothing; the outcome and the live events are all there is.
  case none
}

/// A run that can be worked on.
struct RunWork: Sendable {
  let record: RunRecord
  let progress: RunProgress
  let effects: [RecordedEffect]
  var durability = Durability.step
  /// Tasks of the superstep at hand that finished in a process that died, and which no checkpoint lists yet.
  var finishedTasks: [FinishedTask] = []
  /// The questions that were answered when it was taken over.
  var answered: [Frontier.Question] = []
  /// Whether its state was brought to a newer version when it was taken over.
  var isMigrated = false
}
