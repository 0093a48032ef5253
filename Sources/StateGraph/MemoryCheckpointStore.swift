public import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials

/// Keeps runs in memory; they are lost with the process.
public final class MemoryCheckpointStore: CheckpointStore {
  private struct Entry: Sendable {
    var record: RunRecord
    var values: [String: JSONValue]
    var frontier: Frontier
    var effects: [RecordedEffect] = []
    var events: [RunEvent]
    /// The state before the first kept checkpoint.
    var floor: [String: JSONValue]
    var history: [Checkpoint] = []
    var partials: [PartialCommit] = []

    var saved: SavedRun {
      var saved = SavedRun(record: record, values: values, frontier: frontier, effects: effects)
      for partial in partials { saved.include(partial.results, partial.finishedTasks) }
      return saved
    }

    mutating func save(
      _ record: RunRecord,
      _ changes: [ChannelChange],
      _ frontier: Frontier,
      _ tasks: [FinishedTask]
    ) {
      self.record = record
      self.frontier = frontier
      partials = []
      for change in changes { change.apply(to: &values[change.channel]) }
      history.append(
        Checkpoint(
          revision: record.revision,
          step: record.step,
          savedAt: record.updatedAt,
          changes: changes,
          frontier: frontier,
          tasks: tasks
        )
      )
    }
  }

  private struct Checkpoint: Sendable {
    let revision: Int
    let step: Int
    let savedAt: Date
    let changes: [ChannelChange]
    let frontier: Frontier
    let tasks: [FinishedTask]
  }

  private struct Contents: Sendable {
    var runs: [RunID: Entry] = [:]
    var heads: [ThreadID: RunID] = [:]
    var keys: [String: RunID] = [:]
    var line: [QueuedStart] = []

    func isBusy(_ thread: ThreadID, besides run: RunID) -> RunID? {
      guard let head = heads[thread], head != run, let entry = runs[head], !entry.record.status.isTerminal else {
        return nil
      }
      return head
    }

    func lastCheckpoint(of thread: ThreadID) -> CheckpointReference? {
      guard let head = heads[thread], let entry = runs[head] else { return nil }
      return CheckpointReference(run: head, revision: entry.record.revision)
    }

    func values(at reference: CheckpointReference) -> [String: JSONValue]? {
      guard let entry = runs[reference.run] else { return nil }
      if entry.record.revision == reference.revision { return entry.values }
      var values = entry.floor
      for checkpoint in entry.history where checkpoint.revision <= reference.revision {
        for change in checkpoint.changes { change.apply(to: &values[change.channel]) }
        if checkpoint.revision == reference.revision { return values }
      }
      return nil
    }
  }

  private let contents = Locked(Contents())

  /// Makes an empty store.
  public init() {}

  /// Saves a new run.
  public func create(_ start: RunStart) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      let record = start.record
      guard contents.runs[record.run] == nil else { throw .runExists(record.run) }
      if let other = contents.isBusy(record.thread, besides: record.run) {
        throw .threadBusy(record.thread, run: other)
      }
      if let key = record.idempotencyKey, let known = contents.keys[key] { throw .runExists(known) }
      if start.continuesThread, contents.lastCheckpoint(of: record.thread) != record.base {
        throw .headMoved(record.run)
      }
      var values: [String: JSONValue] = [:]
      if let base = record.base {
        guard let inherited = contents.values(at: base) else { throw .noSuchRun(base.run) }
        values = inherited
      }
      var entry = Entry(
        record: record,
        values: values,
        frontier: start.frontier,
        events: start.events,
        floor: values
      )
      entry.save(record, start.changes, start.frontier, [])
      contents.runs[record.run] = entry
      if let key = record.idempotencyKey { contents.keys[key] = record.run }
      contents.heads[record.thread] = record.run
    }
  }

  /// Saves the outcome of a superstep.
  public func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      let record = commit.record
      guard contents.runs[record.run]?.record.revision == commit.expectedRevision,
        contents.heads[record.thread] == record.run
      else { throw .headMoved(record.run) }
      contents.runs[record.run]?.save(record, commit.changes, commit.frontier, commit.finishedTasks)
      contents.runs[record.run]?.events += commit.events
      contents.runs[record.run]?.effects.removeAll { $0.step <= record.step }
    }
  }

  /// Saves what tasks gave whose siblings are still at work.
  public func commit(_ partial: PartialCommit) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      guard contents.runs[partial.run]?.record.revision == partial.revision else { throw .headMoved(partial.run) }
      guard contents.runs[partial.run]?.partials.contains(partial) != true else { return }
      contents.runs[partial.run]?.partials.append(partial)
      contents.runs[partial.run]?.events += partial.events
      if let last = partial.events.last { contents.runs[partial.run]?.record.lastSequence = last.sequence }
    }
  }

  /// Saves the result of an effect.
  public func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      guard contents.runs[effect.run]?.record.revision == revision else { throw .headMoved(effect.run) }
      contents.runs[effect.run]?.effects.removeAll {
        ($0.step, $0.node, $0.name) == (effect.step, effect.node, effect.name)
      }
      contents.runs[effect.run]?.effects.append(effect)
    }
  }

  /// Takes a run over.
  public func claim(
    _ run: RunID,
    for owner: String,
    until expiry: Date,
    at now: Date
  ) async throws(CheckpointFailure) -> RunRecord {
    try contents.withLock { contents throws(CheckpointFailure) in
      guard var record = contents.runs[run]?.record else { throw .noSuchRun(run) }
      try record.claim(for: owner, until: expiry, at: now)
      if let other = contents.isBusy(record.thread, besides: run) { throw .threadBusy(record.thread, run: other) }
      contents.runs[run]?.record = record
      contents.heads[record.thread] = run
      return record
    }
  }

  /// Prolongs leases.
  public func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) async throws(CheckpointFailure) {
    contents.withLock { contents in
      for run in runs {
        guard let record = contents.runs[run]?.record, record.owner == owner, record.status == .running else {
          continue
        }
        contents.runs[run]?.record.leaseExpires = expiry
      }
    }
  }

  /// Puts a start at the end of its line.
  public func enqueue(_ start: QueuedStart) async throws(CheckpointFailure) {
    contents.withLock { contents in
      if !contents.line.contains(where: { $0.run == start.run }) { contents.line.append(start) }
    }
  }

  /// The starts in line.
  public func queue(of thread: ThreadID?) async throws(CheckpointFailure) -> [QueuedStart] {
    contents.withLock { contents in contents.line.filter { thread == nil || $0.thread == thread } }
  }

  /// Takes a start out of its line.
  public func dequeue(_ run: RunID) async throws(CheckpointFailure) {
    contents.withLock { contents in contents.line.removeAll { $0.run == run } }
  }

  /// All that is needed to go on with a run.
  public func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun? {
    contents.current.runs[run]?.saved
  }

  /// The record of a run.
  public func record(of run: RunID) async throws(CheckpointFailure) -> RunRecord? {
    contents.withLock { $0.runs[run]?.record }
  }

  /// Records that match a query, newest first.
  public func records(matching query: RunQuery) async throws(CheckpointFailure) -> [RunRecord] {
    let records = contents.current.runs.values.map(\.record).filter { record in
      (query.thread == nil || record.thread == query.thread)
        && (query.statuses.isEmpty || query.statuses.contains(record.status))
        && query.before.map { record.run < $0 } ?? true
    }
    return Array(records.sorted { $0.run > $1.run }.prefix(max(0, query.limit)))
  }

  /// Runs that wait for somebody to go on with them.
  public func recoverable(by owner: String, at now: Date) async throws(CheckpointFailure) -> [RunRecord] {
    contents.current.runs.values.map(\.record)
      .filter { $0.isRecoverable(by: owner, at: now) }
      .sorted { $0.run < $1.run }
  }

  /// The saved events of a run.
  public func events(of run: RunID, after sequence: Int, limit: Int) async throws(CheckpointFailure) -> [RunEvent] {
    contents.withLock { contents in
      let events = contents.runs[run]?.events ?? []
      return Array(events.dropFirst(max(0, sequence)).prefix(max(0, limit)))
    }
  }

  // MARK: - History

  /// The run a thread works on or did last.
  public func head(of thread: ThreadID) async throws(CheckpointFailure) -> RunID? {
    contents.withLock { $0.heads[thread] }
  }

  /// The run that was started with an idempotency key.
  public func run(startedWith key: String) async throws(CheckpointFailure) -> RunID? {
    contents.withLock { $0.keys[key] }
  }

  /// A run as it was saved at a revision.
  public func load(_ run: RunID, at revision: Int) async throws(CheckpointFailure) -> SavedRun? {
    contents.withLock { contents -> SavedRun? in
      guard let entry = contents.runs[run], let checkpoint = entry.history.first(where: { $0.revision == revision }),
        let values = contents.values(at: CheckpointReference(run: run, revision: revision))
      else { return nil }
      var record = entry.record
      record.revision = revision
      record.step = checkpoint.step
      return SavedRun(record: record, values: values, frontier: checkpoint.frontier, effects: [])
    }
  }

  /// How the state changed in the kept checkpoints of a run.
  public func changes(
    of run: RunID,
    after revision: Int,
    through last: Int
  ) async throws(CheckpointFailure) -> [CheckpointChanges] {
    contents.withLock { contents in
      (contents.runs[run]?.history ?? []).filter { $0.revision > revision && $0.revision <= last }
        .map { CheckpointChanges(revision: $0.revision, changes: $0.changes) }
    }
  }

  /// The kept checkpoints of a run, newest first.
  public func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int
  ) async throws(CheckpointFailure) -> [CheckpointSummary] {
    contents.withLock { contents in
      let kept = (contents.runs[run]?.history ?? []).filter { $0.revision < revision }
      return kept.suffix(max(0, limit)).reversed().map { checkpoint in
        CheckpointSummary(
          reference: CheckpointReference(run: run, revision: checkpoint.revision),
          step: checkpoint.step,
          frontier: checkpoint.frontier,
          finishedTasks: checkpoint.tasks,
          savedAt: checkpoint.savedAt
        )
      }
    }
  }

  /// Drops all checkpoints of a run but the last ones.
  public func compact(_ run: RunID, keepingLast count: Int) async throws(CheckpointFailure) {
    contents.withLock { contents in
      guard var entry = contents.runs[run] else { return }
      let surplus = entry.history.count - max(1, count)
      guard surplus > 0 else { return }
      for checkpoint in entry.history.prefix(surplus) {
        for change in checkpoint.changes { change.apply(to: &entry.floor[change.channel]) }
      }
      entry.history.removeFirst(surplus)
      contents.runs[run] = entry
    }
  }

  /// Deletes a run at its end; runs based on it have their own copy of its state.
  public func delete(_ run: RunID) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      guard let record = contents.runs[run]?.record else { throw .noSuchRun(run) }
      guard record.status.isTerminal else { throw .threadBusy(record.thread, run: run) }
      contents.runs[run] = nil
      if contents.heads[record.thread] == run { contents.heads[record.thread] = nil }
      if let key = record.idempotencyKey { contents.keys[key] = nil }
    }
  }
}

extension RunRecord {
  /// Whether the run waits for somebody to go on with it.
  public func isRecoverable(by owner: String, at now: Date) -> Bool {
    switch status {
    case .interrupted: true
    case .running: self.owner == owner || leaseExpires <= now
    case .waiting: wakeAt.map { $0 <= now } ?? false
    case .finished, .failed, .stopped: false
    }
  }

  /// Turns the record into that of a run taken over by an owner; stores share this rule.
  ///
  /// - Throws: `alreadyFinished`, or `leaseHeld` when another owner's lease has not expired.
  public mutating func claim(for owner: String, until expiry: Date, at now: Date) throws(CheckpointFailure) {
    if status == .finished { throw .alreadyFinished(run) }
    if status == .running, !isRecoverable(by: owner, at: now) { throw .leaseHeld(run, owner: self.owner) }
    if status == .running { recoveries += 1 } else if status.isTerminal { recoveries = 0 }
    status = .running
    error = nil
    endedAt = nil
    wakeAt = nil
    self.owner = owner
    leaseExpires = expiry
    updatedAt = now
    revision += 1
  }
}
