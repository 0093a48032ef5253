public import CoachVocabulary
public import FoundationEssentials
import PostgresKit
public import StateGraph

/// Keeps the runs of one tenant on a PostgreSQL server; each superstep is one transaction and one round trip.
///
/// Any number of processes may share the tables. When the connection breaks while something is saved, the store finds
/// out whether it was kept and saves it again if it was not.
public struct PostgresCheckpointStore: CheckpointStore {
  let database: PostgresMetadataDatabase
  let tenant: TenantID

  private var tables: PostgresRunTables { PostgresRunTables(tenant: tenant) }

  /// Saves a new run.
  public func create(_ start: RunStart) async throws(CheckpointFailure) {
    let record = start.record
    try await save(tables.create(start), record) { failure in
      if case .runExists(record.run) = failure { true } else { false }
    }
    tellOthers(of: record.run)
  }

  /// Saves the outcome of a superstep in one transaction.
  public func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure) {
    try await save(tables.commit(commit), commit.record) { $0 == .headMoved(commit.record.run) }
    tellOthers(of: commit.record.run)
    guard commit.record.revision % RunTables.snapshotInterval == 0 else { return }
    let place = CheckpointReference(run: commit.record.run, revision: commit.record.revision)
    // The commit stands; without the snapshot loading only reads more, until the next one is taken.
    try? await write { [tables] session in try tables.takeSnapshot(at: place, in: session) }
  }

  /// Saves what tasks gave whose siblings are still at work.
  public func commit(_ partial: PartialCommit) async throws(CheckpointFailure) {
    if partial.events.isEmpty { return }
    try await save(tables.commit(partial))
    tellOthers(of: partial.run)
  }

  private func tellOthers(of run: RunID) {
    database.news?.tell(of: PostgresRunNews.Subject(tenant: tenant, run: run))
  }

  /// Saves the result of an effect at once.
  public func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure) {
    try await save([PostgresMetadataDatabase.enter(tenant), tables.record(effect, revision: revision)])
  }

  /// Takes a run over.
  public func claim(
    _ run: RunID,
    for owner: String,
    until expiry: Date,
    at now: Date
  ) async throws(CheckpointFailure) -> RunRecord {
    try await write { [tables] session in
      guard let thread = try tables.record(of: run, in: session)?.thread else { throw CheckpointFailure.noSuchRun(run) }
      try session.pipeline([tables.enter(thread)])
      guard var record = try tables.lockedRecord(of: run, in: session) else { throw CheckpointFailure.noSuchRun(run) }
      try record.claim(for: owner, until: expiry, at: now)
      if let other = try tables.busyRun(thread, besides: run, in: session) {
        throw CheckpointFailure.threadBusy(thread, run: other)
      }
      try session.pipeline([tables.update(record), tables.setHead(of: thread, to: run)])
      return record
    }
  }

  /// Prolongs leases.
  public func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) async throws(CheckpointFailure) {
    _ = try await query(tables.renewLeases(of: runs, for: owner, until: expiry)) { _ in }
  }

  /// Puts a start at the end of its line.
  public func enqueue(_ start: QueuedStart) async throws(CheckpointFailure) {
    // Whoever comes second waits for the first, so that places are given in the order in which they are kept.
    try await save([PostgresMetadataDatabase.enter(tenant, locking: start.thread.rawValue), tables.enqueue(start)])
  }

  /// The starts in line.
  public func queue(of thread: ThreadID?) async throws(CheckpointFailure) -> [QueuedStart] {
    try await query(tables.queue(of: thread)) { values in
      var row = StoredRow(values)
      return try row.queuedStart()
    }
  }

  /// Takes a start out of its line.
  public func dequeue(_ run: RunID) async throws(CheckpointFailure) {
    try await save([PostgresMetadataDatabase.enter(tenant), tables.dequeue(run)])
  }

  /// All that is needed to go on with a run.
  public func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun? {
    try await read { [tables] session in try tables.load(run, in: session) }
  }

  /// The record of a run.
  public func record(of run: RunID) async throws(CheckpointFailure) -> RunRecord? {
    try await query(tables.record(of: run)) { try RunRecord(columns: $0) }.first
  }

  /// Records that match a query, newest first.
  public func records(matching query: RunQuery) async throws(CheckpointFailure) -> [RunRecord] {
    try await self.query(tables.records(matching: query)) { try RunRecord(columns: $0) }
  }

  /// Runs that wait for somebody to go on with them, oldest first.
  public func recoverable(by owner: String, at now: Date) async throws(CheckpointFailure) -> [RunRecord] {
    try await query(tables.openRecords()) { try RunRecord(columns: $0) }
      .filter { $0.isRecoverable(by: owner, at: now) }
  }

  /// The saved events of a run.
  public func events(of run: RunID, after sequence: Int, limit: Int) async throws(CheckpointFailure) -> [RunEvent] {
    let events = try await query(tables.events(of: run, after: sequence, limit: limit)) { values in
      var row = StoredRow(values)
      return try (row.json().arrayValue ?? []).map { try RunEvent(entry: $0, of: run) }
    }
    return Array(events.joined().drop { $0.sequence <= sequence }.prefix(max(0, limit)))
  }
}

// MARK: - History

extension PostgresCheckpointStore {
  /// The run a thread works on or did last.
  public func head(of thread: ThreadID) async throws(CheckpointFailure) -> RunID? {
    try await query(tables.head(of: thread)) { $0[0].string.map { RunID($0) } }.first ?? nil
  }

  /// The run that was started with an idempotency key.
  public func run(startedWith key: String) async throws(CheckpointFailure) -> RunID? {
    try await query(tables.run(startedWith: key)) { $0[0].string.map { RunID($0) } }.first ?? nil
  }

  /// A run as it was saved at a revision.
  public func load(_ run: RunID, at revision: Int) async throws(CheckpointFailure) -> SavedRun? {
    try await read { [tables] session in try tables.load(run, at: revision, in: session) }
  }

  /// How the state changed in the kept checkpoints of a run.
  public func changes(
    of run: RunID,
    after revision: Int,
    through last: Int
  ) async throws(CheckpointFailure) -> [CheckpointChanges] {
    try await query(tables.changes(of: run, after: revision, through: last)) { values in
      var row = StoredRow(values)
      return CheckpointChanges(
        revision: try row.int(),
        changes: try (row.optionalJSON()?.arrayValue ?? []).map { try ChannelChange(entry: $0) }
      )
    }
  }

  /// The kept checkpoints of a run, newest first.
  public func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int
  ) async throws(CheckpointFailure) -> [CheckpointSummary] {
    try await query(tables.checkpoints(of: run, before: revision, limit: limit)) { values in
      var row = StoredRow(values)
      return CheckpointSummary(
        reference: CheckpointReference(run: run, revision: try row.int()),
        step: try row.int(),
        frontier: try Frontier(json: row.json()),
        finishedTasks: try (row.optionalJSON()?.arrayValue ?? []).map { try FinishedTask(entry: $0) },
        savedAt: try row.date()
      )
    }
  }

  /// Drops all checkpoints of a run but the last ones, and keeps the state before them as a snapshot.
  public func compact(_ run: RunID, keepingLast count: Int) async throws(CheckpointFailure) {
    try await write { [tables] session in try tables.compact(run, keepingLast: count, in: session) }
  }

  /// Deletes a run at its end; runs based on it get a snapshot of their own first.
  public func delete(_ run: RunID) async throws(CheckpointFailure) {
    try await write { [tables] session in try tables.delete(run, in: session) }
  }
}

// MARK: - Calls

extension PostgresCheckpointStore {
  /// Sends statements as one transaction in one round trip.
  ///
  /// When the connection breaks, nobody knows whether they were kept, so they are sent again; a refusal that then says
  /// they are there already counts as success when what is there is this very record.
  private func save(
    _ statements: [PostgresStatement],
    _ record: RunRecord? = nil,
    isSaved: (CheckpointFailure) -> Bool = { _ in false }
  ) async throws(CheckpointFailure) {
    if try await isKept(statements, of: record) { return }
    for _ in 0..<Self.mostRepetitions {
      do throws(CheckpointFailure) {
        if try await isKept(statements, of: record) { return }
      } catch {
        guard let record, isSaved(error), let saved = try await self.record(of: record.run),
          saved.isSameSave(as: record)
        else { throw error }
        return
      }
    }
    throw .unavailable("the connection to the server broke again and again")
  }

  /// With a server all connections of the pool break, so that more than one may be found broken in turn.
  private static let mostRepetitions = 5

  /// Whether statements are known to be kept; false when the connection broke.
  private func isKept(
    _ statements: [PostgresStatement],
    of record: RunRecord?
  ) async throws(CheckpointFailure) -> Bool {
    do {
      try await database.shielded { pool in _ = try await pool.pipeline(statements) }
      return true
    } catch let failure as PostgresFailure where failure.kind == .connectionLost {
      return false
    } catch {
      throw try await refusal(error, of: record)
    }
  }

  private func refusal(_ error: any Error, of record: RunRecord?) async throws(CheckpointFailure) -> CheckpointFailure {
    // Two processes may use an idempotency key at once, in two threads; the index then decides.
    if let failure = error as? PostgresFailure, failure.kind == .constraint(.unique(name: "run_by_key")),
      let key = record?.idempotencyKey, let known = try await run(startedWith: key)
    {
      return .runExists(known)
    }
    return CheckpointFailure(error, of: record)
  }

  /// Runs one query and reads its rows.
  private func query<Value: Sendable>(
    _ statement: PostgresStatement,
    _ read: ([PostgresValue]) throws -> Value
  ) async throws(CheckpointFailure) -> [Value] {
    do {
      return try await database.run(tenant, [statement]).rows.map(read)
    } catch {
      throw CheckpointFailure(error, of: nil)
    }
  }

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws(CheckpointFailure) -> Value {
    do {
      return try await database.write(tenant, body)
    } catch {
      throw CheckpointFailure(error, of: nil)
    }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws(CheckpointFailure) -> Value {
    do {
      return try await database.read(tenant, body)
    } catch {
      throw CheckpointFailure(error, of: nil)
    }
  }
}

extension RunRecord {
  /// Whether both are of one save; moments are left out, since they lose digits when they are stored.
  fileprivate func isSameSave(as other: RunRecord) -> Bool {
    revision == other.revision && owner == other.owner && lastSequence == other.lastSequence && status == other.status
  }
}

extension CheckpointFailure {
  /// What an error means for a store of runs; `record` is the one that was being saved.
  init(_ error: any Error, of record: RunRecord?) {
    guard let failure = error as? PostgresFailure else {
      self.init(stored: error)
      return
    }
    let run = RunID(failure.message)
    self =
      switch (PostgresRefusal(rawValue: failure.sqlState), record) {
      case (.headMoved, _): .headMoved(run)
      case (.runExists, _): .runExists(run)
      case (.noSuchRun, _): .noSuchRun(run)
      case (.threadBusy, let record?): .threadBusy(record.thread, run: run)
      default: .unavailable("\(failure)")
      }
  }
}
