import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

extension RunDriver {
  /// What became of one task of a run that goes ahead.
  struct AheadResult: Sendable {
    let step: Int
    let item: WorkItem
    let result: NodeResult
  }

  /// The results that the driver has not looked at.
  private typealias Inbox = Locked<[AheadResult]>

  /// Works on a run whose nodes run ahead, until it ends.
  ///
  /// What a task gave is saved before anything that follows from it begins; what finishes during a save goes with the next.
  func driveAhead(_ shape: AheadShape) async throws(CheckpointFailure) -> RunOutcome {
    var plan = try AheadPlan(shape, progress, step: record.step)
    let result = await withTaskGroup(of: Void.self) { group -> Result<RunOutcome, CheckpointFailure> in
      do throws(CheckpointFailure) {
        return .success(try await work(on: &plan, in: &group))
      } catch {
        group.cancelAll()
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// What the loop has gathered since the last save.
  private struct Gathered {
    var outcome = Outcome()
    var ending: Ending?
    var fresh: [AheadResult] = []
    var hasMerged = false
    var isCancelled = false
    /// How many executions of each node are at work.
    var running: [Int: Int] = [:]

    var isBusy: Bool { running.values.contains { $0 > 0 } }
  }

  private func work(
    on plan: inout AheadPlan,
    in group: inout TaskGroup<Void>
  ) async throws(CheckpointFailure) -> RunOutcome {
    let inbox = Inbox([])
    var gathered = Gathered()
    while true {
      if gathered.ending == nil { merge(&plan, &gathered) }
      plan.conclude()
      let next = gathered.ending == nil && !gathered.isCancelled && control.reason == nil ? startable(&plan) : []
      if next.isEmpty, !gathered.isBusy {
        progress = plan.progress
        gathered.outcome.ending = gathered.ending ?? endingWhenStuck(plan, isCancelled: gathered.isCancelled)
        try await save(gathered.outcome)
        return result
      }
      try await save(&plan, &gathered)
      start(next, &plan, &gathered, in: &group, inbox)
      await take(from: inbox, &plan, &gathered, in: &group)
    }
  }

  // MARK: - Merging and saving

  private func merge(_ plan: inout AheadPlan, _ gathered: inout Gathered) {
    var told: [(step: Int, tasks: JSONValue)] = []
    while gathered.ending == nil, plan.isStepDone {
      do throws(RunError) {
        let merged = try plan.merge()
        gathered.outcome.changes += merged.changes
        told.append((plan.step, merged.told))
        record.step = plan.step
        record.recoveries = 0
        gathered.hasMerged = true
      } catch {
        // Two writes to one channel would clash again on every resume, so those nodes are to run again.
        if error.code == .writeConflict { plan.dropStep() }
        gathered.ending = .failed(error)
      }
      if gathered.ending == nil, plan.base.isIdle {
        progress = plan.base
        gathered.ending = endOfGraph
      }
    }
    // One commit holds them all, so only the last has a checkpoint that shows the state after it.
    for entry in told { tell(entry.tasks, step: entry.step, hasCheckpoint: entry.step == told.last?.step) }
  }

  private func save(_ plan: inout AheadPlan, _ gathered: inout Gathered) async throws(CheckpointFailure) {
    defer { gathered.fresh = [] }
    if gathered.hasMerged, gathered.ending == nil {
      progress = plan.progress
      if durability == .step { await scope.ledger.holdSaves() }
      defer { scope.ledger.letSaves() }
      if durability == .step { try await save(gathered.outcome) } else { putOff(gathered.outcome) }
      gathered.outcome = Outcome()
      gathered.hasMerged = false
    } else if durability == .step {
      try await savePart(gathered.fresh)
    }
  }

  private func savePart(_ fresh: [AheadResult]) async throws(CheckpointFailure) {
    var results: [Int: Frontier.StepResults] = [:]
    var tasks: [FinishedTask] = []
    for entry in fresh {
      guard case .finished(let update, let task) = entry.result else { continue }
      tasks.append(task)
      results[entry.step, default: Frontier.StepResults(step: entry.step)].pending.append(
        graph.saved(update, of: entry.item.key)
      )
    }
    guard !tasks.isEmpty else { return }
    let events = live.unsaved
    try await services.store.commit(
      PartialCommit(
        run: record.run,
        revision: record.revision,
        results: results.values.sorted { $0.step < $1.step },
        finishedTasks: tasks,
        events: events
      )
    )
    live.saved(events)
  }

  // MARK: - Executing

  private func startable(_ plan: inout AheadPlan) -> [(step: Int, item: WorkItem)] {
    let limit = plan.base.countedFrom + graph.definition.stepLimit
    return plan.startable(within: limit).filter { entry in
      let waits = plan.waits(in: entry.step)
      return !isWaiting(entry.item, waits.questions, waits.timers, waits.holds)
    }
  }

  private func start(
    _ next: [(step: Int, item: WorkItem)],
    _ plan: inout AheadPlan,
    _ gathered: inout Gathered,
    in group: inout TaskGroup<Void>,
    _ inbox: Inbox
  ) {
    var free = most - gathered.running.values.reduce(0, +)
    for (step, item) in next where free > 0 {
      let node = graph.nodes[item.key.node]
      guard gathered.running[item.key.node, default: 0] < node.options.concurrency ?? .max else { continue }
      // Of tasks with a cache one runs after the other, so that equal ones find the result of the first.
      guard node.cacheKey == nil || gathered.running[item.key.node, default: 0] == 0 else { continue }
      free -= 1
      gathered.running[item.key.node, default: 0] += 1
      plan.note(.running, of: item.key, in: step)
      let execution = execution(of: item, in: step, &plan)
      let superstep = Superstep(executions: [execution], most: 1, cache: services.cache, clock: services.clock)
      group.addTask {
        let result = await superstep.perform()[0]
        inbox.withLock { $0.append(AheadResult(step: step, item: item, result: result)) }
      }
    }
  }

  private func execution(of item: WorkItem, in step: Int, _ plan: inout AheadPlan) -> NodeExecution {
    let waits = plan.waits(in: step)
    return NodeExecution(
      graph: graph,
      item: item,
      snapshot: plan.snapshot(for: item.key, in: step),
      step: step,
      run: scope,
      errors: step == plan.step + 1 ? plan.base.errors(for: item.key.node) : [],
      questions: waits.questions.filter { belongs($0.node, $0.send, to: item) },
      timers: waits.timers.filter { belongs($0.node, $0.send, to: item) }
    )
  }

  /// Waits until at least one task is done, and notes what became of all that are.
  private func take(
    from inbox: Inbox,
    _ plan: inout AheadPlan,
    _ gathered: inout Gathered,
    in group: inout TaskGroup<Void>
  ) async {
    var results: [AheadResult] = []
    while results.isEmpty, gathered.isBusy {
      // A task puts its result into the inbox before it ends; that of an earlier one may have been taken already.
      await group.next()
      results = inbox.withLock { inbox in
        defer { inbox = [] }
        return inbox
      }
    }
    for entry in results { note(entry, &plan, &gathered) }
    gathered.fresh = results
  }

  private func note(_ entry: AheadResult, _ plan: inout AheadPlan, _ gathered: inout Gathered) {
    gathered.running[entry.item.key.node, default: 1] -= 1
    switch entry.result {
    case .finished(let update, let task):
      plan.note(.finished(update), of: entry.item.key, in: entry.step)
      plan.changeWaits(in: entry.step) { _, timers, _ in
        timers.removeAll { belongs($0.node, $0.send, to: entry.item) }
      }
      gathered.outcome.tasks.append(task)
    case .failed(let error): plan.note(.failed(error), of: entry.item.key, in: entry.step)
    case .paused(let pause):
      plan.note(.paused, of: entry.item.key, in: entry.step)
      plan.changeWaits(in: entry.step) { questions, timers, holds in
        note(pause, of: entry.item, &questions, &timers, &holds)
      }
    case .cancelled:
      plan.note(.ready, of: entry.item.key, in: entry.step)
      gathered.isCancelled = true
    }
  }

  // MARK: - Ending

  /// Why a run goes no further of which no task is at work and none may start.
  private func endingWhenStuck(_ plan: AheadPlan, isCancelled: Bool) -> Ending {
    let failure = plan.levels[0].entries.sorted { $0.key < $1.key }.compactMap(\.value.error).first
    if isCancelled || failure != nil { return earlyEnding(failure, isCancelled: isCancelled) }
    if let reason = control.reason { return ending(for: reason) }
    if plan.step + 1 > plan.base.countedFrom + graph.definition.stepLimit { return stepLimitEnding }
    return durability == .none ? Self.cannotWait : .waiting(reasonToWait)
  }
}
