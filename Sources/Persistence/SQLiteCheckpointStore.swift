public import CoachVocabulary
public import FoundationEssentials
import SQLiteKit
public import StateGraph

/// Keeps the runs of one tenant in the metadata database; each superstep is one transaction.
public struct SQLiteCheckpointStore: CheckpointStore {
  let database: MetadataDatabase
  let tenant: TenantID

  /// Saves a new run.
  public func create(_ start: RunStart) async throws(CheckpointFailure) {
    try await group { [tenant] session in try RunTables(tenant: tenant).create(start, in: session) }
  }

  /// Saves the outcome of a superstep in one transaction, together with what other runs save at the same time.
  public func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure) {
    try await group { [tenant] session in try RunTables(tenant: tenant).commit(commit, in: session) }
  }

  /// Saves what tasks gave whose siblings are still at work.
  public func commit(_ partial: PartialCommit) async throws(CheckpointFailure) {
    try await group { [tenant] session in try RunTables(tenant: tenant).commit(partial, in: session) }
  }

  /// Saves the result of an effect at once.
  public func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure) {
    try await group { [tenant] session in
      try RunTables(tenant: tenant).record(effect, revision: revision, in: session)
    }
  }

  /// Takes a run over.
  public func claim(
    _ run: RunID,
    for owner: String,
    until expiry: Date,
    at now: Date
  ) async throws(CheckpointFailure) -> RunRecord {
    try await write { [tenant] session in
      let tables = RunTables(tenant: tenant)
      guard var record = try tables.record(of: run, in: session) else { throw CheckpointFailure.noSuchRun(run) }
      try record.claim(for: owner, until: expiry, at: now)
      try tables.demandFreeThread(record.thread, for: run, in: session)
      try tables.update(record, in: session)
      try tables.setHead(of: record.thread, to: run, in: session)
      return record
    }
  }

  /// Prolongs leases.
  public func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) async throws(CheckpointFailure) {
    try await write { [tenant] session in
      try session.execute(
        "UPDATE run SET lease_expires = ? WHERE tenant = ? AND run = ? AND owner = ? AND status = 'running'",
        forEach: runs.map { [SQLiteValue(expiry), SQLiteValue(tenant), SQLiteValue($0), SQLiteValue(owner)] }
      )
    }
  }

  /// Puts a start at the end of its line.
  public func enqueue(_ start: QueuedStart) async throws(CheckpointFailure) {
    try await write { [tenant] session in try RunTables(tenant: tenant).enqueue(start, in: session) }
  }

  /// The starts in line.
  public func queue(of thread: ThreadID?) async throws(CheckpointFailure) -> [QueuedStart] {
    try await read { [tenant] session in try RunTables(tenant: tenant).queue(of: thread, in: session) }
  }

  /// Takes a start out of its line.
  public func dequeue(_ run: RunID) async throws(CheckpointFailure) {
    try await write { [tenant] session in try RunTables(tenant: tenant).dequeue(run, in: session) }
  }

  /// All that is needed to go on with a run.
  public func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun? {
    try await read { [tenant] session in try RunTables(tenant: tenant).load(run, in: session) }
  }

  /// The record of a run.
  public func record(of run: RunID) async throws(CheckpointFailure) -> RunRecord? {
    try await read { [tenant] session in try RunTables(tenant: tenant).record(of: run, in: session) }
  }

  /// Records that match a query, newest first.
  public func records(matching query: RunQuery) async throws(CheckpointFailure) -> [RunRecord] {
    try await read { [tenant] session in try RunTables(tenant: tenant).records(matching: query, in: session) }
  }

  /// Runs that wait for somebody to go on with them, oldest first.
  public func recoverable(by owner: String, at now: Date) async throws(CheckpointFailure) -> [RunRecord] {
    try await read { [tenant] session in
      try RunTables(tenant: tenant).openRecords(in: session).filter { $0.isRecoverable(by: owner, at: now) }
    }
  }

  /// The saved events of a run.
  public func events(of run: RunID, after sequence: Int, limit: Int) async throws(CheckpointFailure) -> [RunEvent] {
    try await read { [tenant] session in
      try RunTables(tenant: tenant).events(of: run, after: sequence, limit: limit, in: session)
    }
  }

  // MARK: - History

  /// The run a thread works on or did last.
  public func head(of thread: ThreadID) async throws(CheckpointFailure) -> RunID? {
    try await read { [tenant] session in try RunTables(tenant: tenant).head(of: thread, in: session) }
  }

  /// The run that was started with an idempotency key.
  public func run(startedWith key: String) async throws(CheckpointFailure) -> RunID? {
    try await read { [tenant] session in try RunTables(tenant: tenant).run(startedWith: key, in: session) }
  }

  /// A run as it was saved at a revision.
  public func load(_ run: RunID, at revision: Int) async throws(CheckpointFailure) -> SavedRun? {
    try await read { [tenant] session in try RunTables(tenant: tenant).load(run, at: revision, in: session) }
  }

  /// How the state changed in the kept checkpoints of a run.
  public func changes(
    of run: RunID,
    after revision: Int,
    through last: Int
  ) async throws(CheckpointFailure) -> [CheckpointChanges] {
    try await read { [tenant] session in
      try RunTables(tenant: tenant).changes(of: run, after: revision, through: last, in: session)
    }
  }

  /// The kept checkpoints of a run, newest first.
  public func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int
  ) async throws(CheckpointFailure) -> [CheckpointSummary] {
    try await read { [tenant] session in
      try RunTables(tenant: tenant).checkpoints(of: run, before: revision, limit: limit, in: session)
    }
  }

  /// Drops all checkpoints of a run but the last ones, and keeps the state before them as a snapshot.
  public func compact(_ run: RunID, keepingLast count: Int) async throws(CheckpointFailure) {
    try await write { [tenant] session in
      try RunTables(tenant: tenant).compact(run, keepingLast: count, in: session)
    }
  }

  /// Deletes a run at its end; runs based on it get a snapshot of their own first.
  public func delete(_ run: RunID) async throws(CheckpointFailure) {
    try await write { [tenant] session in try RunTables(tenant: tenant).delete(run, in: session) }
  }

  // MARK: - Errors

  private func write<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(CheckpointFailure) -> Value {
    do {
      return try await database.writer.transaction(body)
    } catch {
      throw CheckpointFailure(stored: error)
    }
  }

  private func group(_ body: @escaping GroupCommit.Body) async throws(CheckpointFailure) {
    do {
      try await database.groupCommit.write(body)
    } catch {
      throw CheckpointFailure(stored: error)
    }
  }

  private func read<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(CheckpointFailure) -> Value {
    do {
      return try await database.reader.read(body)
    } catch {
      throw CheckpointFailure(stored: error)
    }
  }
}

extension CheckpointFailure {
  init(stored error: any Error) {
    self =
      switch error {
      case let failure as CheckpointFailure: failure
      case let failure as StoredValueFailure: .damaged(failure.message)
      default: .unavailable("\(error)")
      }
  }
}
