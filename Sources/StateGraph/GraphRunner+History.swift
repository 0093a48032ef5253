public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// A change that a person makes to the state of a run.
public struct StateEdit: Hashable, Sendable {
  /// What is written; channels combine it as they do with writes of nodes.
  public var update: StateUpdate
  /// The due node that is taken to have given the update, so that it does not run and its edges fire; nil for none.
  public var node: String?

  /// Makes an edit.
  public init(_ update: StateUpdate, as node: String? = nil) {
    self.update = update
    self.node = node
  }
}

extension GraphRunner {
  /// The kept checkpoints of a run, newest first.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - revision: only entries below it: the cursor of the next page; nil for the newest.
  ///   - limit: the most entries.
  /// - Returns: the entries.
  /// - Throws: ``CheckpointFailure``.
  public func history(
    of run: RunID,
    before revision: Int? = nil,
    limit: Int = 50
  ) async throws(CheckpointFailure) -> [CheckpointSummary] {
    try await services.store.checkpoints(of: run, before: revision ?? .max, limit: limit)
  }

  /// A run as it was at one of its checkpoints.
  ///
  /// - Throws: ``RunnerFailure`` for a checkpoint that is not kept, ``CheckpointFailure``.
  public func outcome(at reference: CheckpointReference) async throws -> RunOutcome {
    try outcome(try await saved(at: reference))
  }

  private func saved(at reference: CheckpointReference) async throws -> SavedRun {
    guard let saved = try await services.store.load(reference.run, at: reference.revision) else {
      throw RunnerFailure.noSuchCheckpoint(reference)
    }
    return saved
  }

  /// Starts a run that goes on from a checkpoint of another; without edits, this replays what followed.
  ///
  /// Nodes before the checkpoint are not executed, so they spend nothing. The other run stays as it is.
  ///
  /// - Parameters:
  ///   - reference: where to begin.
  ///   - run: the identifier of the new run.
  ///   - thread: its thread; nil for that of the other run, which must not be busy then.
  ///   - edits: changes to the state before it goes on.
  ///   - timeLimit: the most time it may take; nil for no limit.
  /// - Returns: a handle to wait for the new run and to follow it.
  /// - Throws: ``RunnerFailure``, ``RunError`` for an edit that does not fit, ``CheckpointFailure``.
  public func fork(
    from reference: CheckpointReference,
    as run: RunID,
    thread: ThreadID? = nil,
    edits: [StateEdit] = [],
    timeLimit: Duration? = nil
  ) async throws -> RunHandle {
    let saved = try await saved(at: reference)
    let graph = try graph(named: saved.record.graph)
    let fitting = try fit(saved, to: graph)
    var progress = try RunProgress(graph, values: fitting.values, frontier: fitting.frontier)
    var changes: [ChannelChange] = []
    if fitting.values != saved.values {
      let gone = saved.values.keys.filter { fitting.values[$0] == nil }.sorted()
      changes = gone.map { ChannelChange($0, .clear) } + graph.table.changes(to: progress.slots)
    }
    changes += try Self.apply(edits, to: &progress, of: run, step: saved.record.step)
    progress.countedFrom = saved.record.step
    let now = services.clock.now
    var record = newRecord(run, thread ?? saved.record.thread, graph, at: now)
    record.step = saved.record.step
    record.base = reference
    record.deadline = timeLimit.map { now + $0 / .seconds(1) }
    record.lastSequence = 1
    let event = RunEvent(
      run: run,
      sequence: 1,
      type: RunEvent.runStarted,
      data: [
        "thread": .string(record.thread.rawValue), "graph": .string(graph.name),
        "forked_from": .string(reference.run.rawValue), "revision": .int(reference.revision),
      ],
      time: now
    )
    let start = RunStart(record: record, changes: changes, frontier: progress.frontier, events: [event])
    return try await launch(start, progress, timeLimit: timeLimit)
  }

  /// Changes the state of a run that nobody works on; several edits are saved together, or none of them.
  ///
  /// What siblings of an unfinished node gave is kept. The run keeps its status and goes on when it is resumed.
  ///
  /// - Throws: ``RunnerFailure``, ``RunError`` for an edit that does not fit, ``CheckpointFailure``, for instance for a
  ///   finished run, which can only be forked.
  public func edit(_ run: RunID, _ edits: [StateEdit]) async throws {
    guard let saved = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    let graph = try graph(named: saved.record.graph)
    // A run of an older version is migrated when it is resumed, not by the way.
    guard saved.record.graphHash == graph.hash else { throw RunnerFailure.graphChanged(run, graph: graph.name) }
    var progress = try RunProgress(graph, values: saved.values, frontier: saved.frontier)
    let changes = try Self.apply(edits, to: &progress, of: run, step: saved.record.step)
    try await save(changes, progress, of: saved)
  }

  static func apply(
    _ edits: [StateEdit],
    to progress: inout RunProgress,
    of run: RunID,
    step: Int
  ) throws -> [ChannelChange] {
    var changes: [ChannelChange] = []
    for (number, edit) in edits.enumerated() {
      let graph = progress.graph
      guard let name = edit.node else {
        let prefix = "\(run)/\(step)/edit\(number)"
        changes += try progress.edit(RunProgress.check(edit.update, in: graph, of: nil, prefix: prefix))
        continue
      }
      guard let index = graph.nodeIndex[name], progress.due.contains(index) else {
        throw RunError(.unknownTarget, "an edit as '\(name)' needs that node to be due", node: name)
      }
      let node = graph.nodes[index]
      progress.pending[TaskKey(node: index, send: -1)] = try RunProgress.check(
        edit.update,
        in: graph,
        of: node,
        prefix: "\(run)/\(step + 1)/\(name)"
      )
    }
    return changes
  }

  /// Drops old history: of each run at its end, all checkpoints but the last ones, and runs that ended long ago.
  ///
  /// - Parameters:
  ///   - count: how many checkpoints of each run stay.
  ///   - age: how long after its end a run is kept; nil for ever.
  /// - Returns: how many runs were deleted.
  /// - Throws: ``CheckpointFailure``.
  public func retain(lastCheckpoints count: Int, runsFor age: Duration?) async throws(CheckpointFailure) -> Int {
    var deleted = 0
    var cursor: RunID?
    let ended: Set<RunStatus> = [.finished, .failed, .stopped]
    while true {
      let query = RunQuery(statuses: ended, before: cursor, limit: 200)
      let records = try await services.store.records(matching: query)
      guard let last = records.last else { return deleted }
      cursor = last.run
      for record in records {
        if let age, let end = record.endedAt, end + age / .seconds(1) <= services.clock.now {
          try await services.store.delete(record.run)
          deleted += 1
        } else {
          try await services.store.compact(record.run, keepingLast: count)
        }
      }
    }
  }
}
