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

    mutating func apply(_ changes: [ChannelChange]) {
      for change in changes { change.apply(to: &values[change.channel]) }
    }
  }

  private struct Contents: Sendable {
    var runs: [RunID: Entry] = [:]
    var heads: [ThreadID: RunID] = [:]

    func isBusy(_ thread: ThreadID, besides run: RunID) -> RunID? {
      guard let head = heads[thread], head != run, let entry = runs[head], !entry.record.status.isTerminal else {
        return nil
      }
      return head
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
      var entry = Entry(record: record, values: [:], frontier: start.frontier, events: start.events)
      entry.apply(start.changes)
      contents.runs[record.run] = entry
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
      contents.runs[record.run]?.record = record
      contents.runs[record.run]?.frontier = commit.frontier
      contents.runs[record.run]?.apply(commit.changes)
      contents.runs[record.run]?.events += commit.events
      contents.runs[record.run]?.effects.removeAll { $0.step <= record.step }
    }
  }

  /// Saves the result of an effect.
  public func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure) {
    try contents.withLock { contents throws(CheckpointFailure) in
      guard contents.runs[effect.run]?.record.revision == revision else { throw .headMoved(effect.run) }
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

  /// All that is needed to go on with a run.
  public func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun? {
    contents.current.runs[run].map {
      SavedRun(record: $0.record, values: $0.values, frontier: $0.frontier, effects: $0.effects)
    }
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
}

extension RunRecord {
  /// Whether the run waits for somebody to go on with it.
  public func isRecoverable(by owner: String, at now: Date) -> Bool {
    status == .interrupted || status == .running && (self.owner == owner || leaseExpires <= now)
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
    self.owner = owner
    leaseExpires = expiry
    updatedAt = now
    revision += 1
  }
}
