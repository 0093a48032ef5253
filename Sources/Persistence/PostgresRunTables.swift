import CoachVocabulary
import FoundationEssentials
import PostgresKit
import StateGraph

/// The statements on the tables of runs; the tenant of the transaction is set before.
struct PostgresRunTables: Sendable {
  let tenant: TenantID

  private func key(_ run: RunID) -> [PostgresValue] { [PostgresValue(tenant), PostgresValue(run)] }

  // MARK: - Writing

  /// Names the tenant and takes the thread's lock, which every save of one of its runs holds until its end: what a
  /// later statement finds about the thread stays true.
  func enter(_ thread: ThreadID) -> PostgresStatement {
    PostgresMetadataDatabase.enter(tenant, locking: thread.rawValue)
  }

  /// All statements that save a new run; they refuse by an error, see ``PostgresRefusal``.
  func create(_ start: RunStart) -> [PostgresStatement] {
    let record = start.record
    return [
      enter(record.thread),
      PostgresStatement(
        "SELECT demand_startable($1, $2, $3, $4, $5)",
        key(record.run) + [
          PostgresValue(record.thread), PostgresValue(record.idempotencyKey), PostgresValue(record.base?.run),
        ]
      ),
    ] + (start.continuesThread ? [demandLastCheckpoint(record.base, of: record.thread, for: record.run)] : []) + [
      PostgresStatement(
        """
        INSERT INTO run (tenant, run, status, step, revision, last_sequence, error, owner, lease_expires, recoveries,
          updated_at, ended_at, wake_at, graph_hash, state_version, deadline, thread, graph, created_at, base_run,
          base_revision, parent, idempotency_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
        """,
        key(record.run) + changing(record) + [
          PostgresValue(record.thread), PostgresValue(record.graph), PostgresValue(record.createdAt),
          PostgresValue(record.base?.run), PostgresValue(record.base?.revision), PostgresValue(record.parent),
          PostgresValue(record.idempotencyKey),
        ]
      ),
      setHead(of: record.thread, to: record.run),
    ] + save(start.changes, [], start.frontier, start.events, of: record)
  }

  /// Refuses unless the thread's last checkpoint is the one given.
  private func demandLastCheckpoint(
    _ base: CheckpointReference?,
    of thread: ThreadID,
    for run: RunID
  ) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT demand(
        (SELECT count(*) FROM thread t JOIN run r ON r.tenant = t.tenant AND r.run = t.head
          WHERE t.tenant = $1 AND t.thread = $3 AND ($4::text IS NULL OR (r.run, r.revision) = ($4, $5::int8)))
          = CASE WHEN $4::text IS NULL THEN 0 ELSE 1 END,
        '\(PostgresRefusal.headMoved.rawValue)', $2)
      """,
      key(run) + [PostgresValue(thread), PostgresValue(base?.run), PostgresValue(base?.revision)]
    )
  }

  /// All statements that save a superstep; they refuse by an error when the head has moved.
  func commit(_ commit: SuperstepCommit) -> [PostgresStatement] {
    let record = commit.record
    let replacement =
      commit.mayReplacePartials
      ? [PostgresStatement("DELETE FROM partial_commit WHERE tenant = $1 AND run = $2", key(record.run))] : []
    return [
      enter(record.thread),
      PostgresStatement(
        """
        WITH moved AS (
          \(Self.update) AND revision = $17
            AND EXISTS (SELECT FROM thread t WHERE t.tenant = run.tenant AND t.thread = run.thread AND t.head = run.run)
          RETURNING 1
        ) SELECT demand(EXISTS (SELECT FROM moved), '\(PostgresRefusal.headMoved.rawValue)', $2)
        """,
        key(record.run) + changing(record) + [PostgresValue(commit.expectedRevision)]
      ),
    ] + replacement + save(commit.changes, commit.finishedTasks, commit.frontier, commit.events, of: record)
  }

  /// Saves what tasks gave whose siblings are still at work; it refuses by an error when the head has moved.
  func commit(_ partial: PartialCommit) -> [PostgresStatement] {
    guard let last = partial.events.last else { return [] }
    return [
      PostgresMetadataDatabase.enter(tenant),
      PostgresStatement(
        """
        WITH owned AS (
          UPDATE run SET last_sequence = $4 WHERE tenant = $1 AND run = $2 AND revision = $3 RETURNING 1
        ) SELECT demand(EXISTS (SELECT FROM owned), '\(PostgresRefusal.headMoved.rawValue)', $2)
        """,
        key(partial.run) + [PostgresValue(partial.revision), PostgresValue(last.sequence)]
      ),
      PostgresStatement(
        """
        INSERT INTO partial_commit (tenant, run, revision, last_sequence, results, tasks)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        """,
        key(partial.run) + [
          PostgresValue(partial.revision), PostgresValue(last.sequence),
          PostgresValue(JSONValue.array(partial.results.map(\.json))),
          PostgresValue(JSONValue.array(partial.finishedTasks.map(\.entry))),
        ]
      ),
    ] + log(partial.events, of: partial.run)
  }

  /// Saves an effect; it refuses by an error when the head has moved.
  func record(_ effect: RecordedEffect, revision: Int) -> PostgresStatement {
    PostgresStatement(
      """
      WITH owned AS (
        SELECT tenant, run FROM run WHERE tenant = $1 AND run = $2 AND revision = $3 FOR SHARE
      ), saved AS (
        INSERT INTO effect (tenant, run, step, node, name, value) SELECT tenant, run, $4, $5, $6, $7 FROM owned
        ON CONFLICT (tenant, run, step, node, name) DO UPDATE SET value = excluded.value RETURNING 1
      ) SELECT demand(EXISTS (SELECT FROM saved), '\(PostgresRefusal.headMoved.rawValue)', $2)
      """,
      key(effect.run) + [
        PostgresValue(revision), PostgresValue(effect.step), PostgresValue(effect.node), PostgresValue(effect.name),
        PostgresValue(effect.value),
      ]
    )
  }

  func update(_ record: RunRecord) -> PostgresStatement {
    PostgresStatement(Self.update, key(record.run) + changing(record))
  }

  func setHead(of thread: ThreadID, to run: RunID) -> PostgresStatement {
    PostgresStatement(
      """
      INSERT INTO thread (tenant, thread, head) VALUES ($1, $2, $3)
      ON CONFLICT (tenant, thread) DO UPDATE SET head = excluded.head WHERE thread.head <> excluded.head
      """,
      [PostgresValue(tenant), PostgresValue(thread), PostgresValue(run)]
    )
  }

  /// The run that keeps a thread busy, besides the given one.
  func busyRun(_ thread: ThreadID, besides run: RunID, in session: borrowing PostgresSession) throws -> RunID? {
    try session.query(
      "SELECT busy_run($1, $2, $3)",
      [PostgresValue(tenant), PostgresValue(thread), PostgresValue(run)]
    ).scalar?.string.map { RunID($0) }
  }

  func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) -> PostgresStatement {
    PostgresStatement(
      """
      UPDATE run SET lease_expires = $2
      WHERE tenant = $1 AND run = ANY ($3) AND owner = $4 AND status = 'running'
      """,
      [
        PostgresValue(tenant), PostgresValue(expiry), .array(runs.map { PostgresValue($0) }), PostgresValue(owner),
      ]
    )
  }

  private static let update = """
    UPDATE run SET status = $3, step = $4, revision = $5, last_sequence = $6, error = $7, owner = $8,
      lease_expires = $9, recoveries = $10, updated_at = $11, ended_at = $12, wake_at = $13, graph_hash = $14,
      state_version = $15, deadline = $16
    WHERE tenant = $1 AND run = $2
    """

  private func save(
    _ changes: [ChannelChange],
    _ tasks: [FinishedTask],
    _ frontier: Frontier,
    _ events: [RunEvent],
    of record: RunRecord
  ) -> [PostgresStatement] {
    let checkpoint = PostgresStatement(
      """
      INSERT INTO checkpoint (tenant, run, revision, step, frontier, changes, tasks, saved_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      key(record.run) + [
        PostgresValue(record.revision), PostgresValue(record.step), PostgresValue(frontier.json),
        changes.isEmpty ? .null : PostgresValue(JSONValue.array(changes.map(\.entry))),
        tasks.isEmpty ? .null : PostgresValue(JSONValue.array(tasks.map(\.entry))), PostgresValue(record.updatedAt),
      ]
    )
    return [checkpoint] + log(events, of: record.run)
  }

  private func log(_ events: [RunEvent], of run: RunID) -> [PostgresStatement] {
    guard let last = events.last else { return [] }
    return [
      PostgresStatement(
        """
        INSERT INTO run_event (tenant, run, last_sequence, events) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
        """,
        key(run) + [PostgresValue(last.sequence), PostgresValue(JSONValue.array(events.map(\.entry)))]
      )
    ]
  }

  /// The values of the columns that change in the life of a run, from `$3` to `$15` of the statements above.
  private func changing(_ record: RunRecord) -> [PostgresValue] {
    [
      PostgresValue(record.status.rawValue), PostgresValue(record.step), PostgresValue(record.revision),
      PostgresValue(record.lastSequence), PostgresValue(record.error.map(\.json)), PostgresValue(record.owner),
      PostgresValue(record.leaseExpires), PostgresValue(record.recoveries), PostgresValue(record.updatedAt),
      PostgresValue(record.endedAt), PostgresValue(record.wakeAt), PostgresValue(record.graphHash),
      PostgresValue(record.stateVersion), PostgresValue(record.deadline),
    ]
  }
}

// MARK: - Line

extension PostgresRunTables {
  func enqueue(_ start: QueuedStart) -> PostgresStatement {
    PostgresStatement(
      "INSERT INTO queued_start (tenant, run, thread, start) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      key(start.run) + [PostgresValue(start.thread), PostgresValue(start.json)]
    )
  }

  func queue(of thread: ThreadID?) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT start FROM queued_start WHERE tenant = $1 AND ($2::text IS NULL OR thread = $2) ORDER BY position
      """,
      [PostgresValue(tenant), PostgresValue(thread)]
    )
  }

  func dequeue(_ run: RunID) -> PostgresStatement {
    PostgresStatement("DELETE FROM queued_start WHERE tenant = $1 AND run = $2", key(run))
  }
}

// MARK: - Reading

extension PostgresRunTables {
  func record(of run: RunID) -> PostgresStatement {
    PostgresStatement("SELECT \(RunRecord.columns) FROM run WHERE tenant = $1 AND run = $2", key(run))
  }

  func record(of run: RunID, in session: borrowing PostgresSession) throws -> RunRecord? {
    try session.run(record(of: run)).rows.first.map { try RunRecord(columns: $0) }
  }

  /// The record of a run which nobody else can change, delete or inherit from until the transaction ends.
  func lockedRecord(of run: RunID, in session: borrowing PostgresSession) throws -> RunRecord? {
    let sql = "SELECT \(RunRecord.columns) FROM run WHERE tenant = $1 AND run = $2 FOR UPDATE"
    return try session.query(sql, key(run)).rows.first.map { try RunRecord(columns: $0) }
  }

  func records(matching query: RunQuery) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT \(RunRecord.columns) FROM run
      WHERE tenant = $1 AND ($2::text IS NULL OR thread = $2) AND ($3::text IS NULL OR run < $3)
        AND ($4::text[] IS NULL OR status = ANY ($4))
      ORDER BY run DESC LIMIT $5
      """,
      [
        PostgresValue(tenant), PostgresValue(query.thread), PostgresValue(query.before),
        query.statuses.isEmpty ? .null : .array(query.statuses.map { .text($0.rawValue) }),
        PostgresValue(max(0, query.limit)),
      ]
    )
  }

  func openRecords() -> PostgresStatement {
    PostgresStatement(
      """
      SELECT \(RunRecord.columns) FROM run
      WHERE tenant = $1 AND status IN ('running', 'interrupted', 'waiting') ORDER BY run
      """,
      [PostgresValue(tenant)]
    )
  }

  func load(_ run: RunID, in session: borrowing PostgresSession) throws -> SavedRun? {
    guard let record = try record(of: run, in: session) else { return nil }
    // A claim moves the revision without a checkpoint, so the newest one counts.
    guard let saved = try checkpoint(of: run, upTo: record.revision, in: session) else {
      throw StoredValueFailure(message: "run \(run) has no checkpoint")
    }
    var result = SavedRun(
      record: record,
      values: try values(at: CheckpointReference(run: run, revision: record.revision), record.base, in: session),
      frontier: saved.frontier,
      effects: try effects(of: run, after: record.step, in: session)
    )
    try includePartials(of: run, since: saved.revision, in: &result, session)
    return result
  }

  private func includePartials(
    of run: RunID,
    since revision: Int,
    in saved: inout SavedRun,
    _ session: borrowing PostgresSession
  ) throws {
    // A claim moves the revision without a checkpoint, so those of several owners may be there.
    let sql = """
      SELECT results, tasks FROM partial_commit
      WHERE tenant = $1 AND run = $2 AND revision >= $3 ORDER BY revision, last_sequence
      """
    for values in try session.query(sql, key(run) + [PostgresValue(revision)]).rows {
      var row = StoredRow(values)
      let results = try row.stepResults()
      saved.include(results, try (row.json().arrayValue ?? []).map { try FinishedTask(entry: $0) })
    }
  }

  func load(_ run: RunID, at revision: Int, in session: borrowing PostgresSession) throws -> SavedRun? {
    guard var record = try record(of: run, in: session),
      let saved = try checkpoint(of: run, upTo: revision, in: session), saved.revision == revision
    else { return nil }
    record.revision = revision
    record.step = saved.step
    let values = try values(at: CheckpointReference(run: run, revision: revision), record.base, in: session)
    return SavedRun(record: record, values: values, frontier: saved.frontier, effects: [])
  }

  private func checkpoint(
    of run: RunID,
    upTo revision: Int,
    in session: borrowing PostgresSession
  ) throws -> (revision: Int, step: Int, frontier: Frontier)? {
    try session.query(
      """
      SELECT revision, step, frontier FROM checkpoint
      WHERE tenant = $1 AND run = $2 AND revision <= $3 ORDER BY revision DESC LIMIT 1
      """,
      key(run) + [PostgresValue(revision)]
    ).rows.first.map { values in
      var row = StoredRow(values)
      return (try row.int(), try row.int(), try Frontier(json: row.json()))
    }
  }

  /// The state at a place: the newest snapshot before it, or the state of its base, and the changes since.
  private func values(
    at reference: CheckpointReference,
    _ base: CheckpointReference?,
    in session: borrowing PostgresSession
  ) throws -> [String: JSONValue] {
    // A thread may be long, so its runs are walked from the end and not by recursion.
    var places = [(reference, base)]
    var values: [String: JSONValue] = [:]
    var starts: [RunID: Int] = [:]
    while let (place, base) = places.last {
      if let snapshot = try snapshot(at: place, in: session) {
        values = snapshot.values
        starts[place.run] = snapshot.revision
        break
      }
      guard let base else { break }
      guard let record = try record(of: base.run, in: session) else { throw CheckpointFailure.noSuchRun(base.run) }
      places.append((base, record.base))
    }
    for (place, _) in places.reversed() {
      try apply(changesUpTo: place, after: starts[place.run] ?? -1, to: &values, in: session)
    }
    return values
  }

  private func snapshot(
    at place: CheckpointReference,
    in session: borrowing PostgresSession
  ) throws -> (revision: Int, values: [String: JSONValue])? {
    try session.query(
      """
      SELECT revision, state FROM snapshot WHERE tenant = $1 AND run = $2 AND revision <= $3
      ORDER BY revision DESC LIMIT 1
      """,
      key(place.run) + [PostgresValue(place.revision)]
    ).rows.first.map { values in
      var row = StoredRow(values)
      return (try row.int(), try row.json().objectValue ?? [:])
    }
  }

  private func apply(
    changesUpTo place: CheckpointReference,
    after revision: Int,
    to values: inout [String: JSONValue],
    in session: borrowing PostgresSession
  ) throws {
    let sql = """
      SELECT changes FROM checkpoint
      WHERE tenant = $1 AND run = $2 AND revision > $3 AND revision <= $4 AND changes IS NOT NULL ORDER BY revision
      """
    let binds = key(place.run) + [PostgresValue(revision), PostgresValue(place.revision)]
    for columns in try session.query(sql, binds).rows {
      var row = StoredRow(columns)
      for entry in try row.json().arrayValue ?? [] {
        let change = try ChannelChange(entry: entry)
        change.apply(to: &values[change.channel])
      }
    }
  }

  private func effects(
    of run: RunID,
    after step: Int,
    in session: borrowing PostgresSession
  ) throws -> [RecordedEffect] {
    try session.query(
      "SELECT step, node, name, value FROM effect WHERE tenant = $1 AND run = $2 AND step > $3",
      key(run) + [PostgresValue(step)]
    ).rows.map { values in
      var row = StoredRow(values)
      return RecordedEffect(
        run: run,
        step: try row.int(),
        node: try row.string(),
        name: try row.string(),
        value: try row.json()
      )
    }
  }

  /// Rows that hold at least the wanted events, as each holds one or more.
  func events(of run: RunID, after sequence: Int, limit: Int) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT events FROM run_event WHERE tenant = $1 AND run = $2 AND last_sequence > $3
      ORDER BY last_sequence LIMIT $4
      """,
      key(run) + [PostgresValue(sequence), PostgresValue(max(0, limit))]
    )
  }
}

// MARK: - History

extension PostgresRunTables {
  func head(of thread: ThreadID) -> PostgresStatement {
    PostgresStatement(
      "SELECT head FROM thread WHERE tenant = $1 AND thread = $2",
      [PostgresValue(tenant), PostgresValue(thread)]
    )
  }

  func run(startedWith key: String) -> PostgresStatement {
    PostgresStatement(
      "SELECT run FROM run WHERE tenant = $1 AND idempotency_key = $2",
      [PostgresValue(tenant), PostgresValue(key)]
    )
  }

  func changes(of run: RunID, after revision: Int, through last: Int) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT revision, changes FROM checkpoint
      WHERE tenant = $1 AND run = $2 AND revision > $3 AND revision <= $4 ORDER BY revision
      """,
      key(run) + [PostgresValue(revision), PostgresValue(last)]
    )
  }

  func checkpoints(of run: RunID, before revision: Int, limit: Int) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT revision, step, frontier, tasks, saved_at FROM checkpoint
      WHERE tenant = $1 AND run = $2 AND revision < $3 ORDER BY revision DESC LIMIT $4
      """,
      key(run) + [PostgresValue(revision), PostgresValue(max(0, limit))]
    )
  }

  /// Saves the whole state of a run at a revision, so that older changes are not needed to load it.
  private func saveSnapshot(at place: CheckpointReference, in session: borrowing PostgresSession) throws {
    guard let record = try record(of: place.run, in: session) else { throw CheckpointFailure.noSuchRun(place.run) }
    let values = try values(at: place, record.base, in: session)
    try session.execute(
      """
      INSERT INTO snapshot (tenant, run, revision, state) VALUES ($1, $2, $3, $4)
      ON CONFLICT (tenant, run, revision) DO UPDATE SET state = excluded.state
      """,
      key(place.run) + [PostgresValue(place.revision), PostgresValue(JSONValue.object(values))]
    )
  }

  /// Saves the whole state at a revision, in place of the snapshot before; that of the oldest checkpoint stays, as the
  /// changes before it may be gone.
  func takeSnapshot(at place: CheckpointReference, in session: borrowing PostgresSession) throws {
    guard try lockedRecord(of: place.run, in: session) != nil else { return }
    try saveSnapshot(at: place, in: session)
    try session.execute(
      """
      DELETE FROM snapshot WHERE tenant = $1 AND run = $2 AND revision < $3
        AND revision > (SELECT min(revision) FROM checkpoint WHERE tenant = $1 AND run = $2)
      """,
      key(place.run) + [PostgresValue(place.revision)]
    )
  }

  func compact(_ run: RunID, keepingLast count: Int, in session: borrowing PostgresSession) throws {
    guard try lockedRecord(of: run, in: session) != nil else { return }
    let oldest = try session.query(
      "SELECT revision FROM checkpoint WHERE tenant = $1 AND run = $2 ORDER BY revision DESC LIMIT 1 OFFSET $3",
      key(run) + [PostgresValue(max(1, count) - 1)]
    ).scalar?.int
    guard let oldest else { return }
    try keepHeirs(of: run, before: oldest, in: session)
    try saveSnapshot(at: CheckpointReference(run: run, revision: oldest), in: session)
    for table in ["checkpoint", "snapshot"] {
      try session.execute(
        "DELETE FROM \(table) WHERE tenant = $1 AND run = $2 AND revision < $3",
        key(run) + [PostgresValue(oldest)]
      )
    }
  }

  func delete(_ run: RunID, in session: borrowing PostgresSession) throws {
    guard let thread = try record(of: run, in: session)?.thread else { throw CheckpointFailure.noSuchRun(run) }
    try session.pipeline([enter(thread)])
    guard let record = try lockedRecord(of: run, in: session) else { throw CheckpointFailure.noSuchRun(run) }
    guard record.status.isTerminal else { throw CheckpointFailure.threadBusy(thread, run: run) }
    try keepHeirs(of: run, before: .max, in: session)
    try session.execute("DELETE FROM run WHERE tenant = $1 AND run = $2", key(run))
    try session.execute(
      "DELETE FROM thread WHERE tenant = $1 AND thread = $2 AND head = $3",
      [PostgresValue(tenant), PostgresValue(thread), PostgresValue(run)]
    )
  }

  /// Gives runs that are based on what is about to go a state of their own.
  private func keepHeirs(of run: RunID, before revision: Int, in session: borrowing PostgresSession) throws {
    let heirs = try session.query(
      "SELECT run FROM run WHERE tenant = $1 AND base_run = $2 AND base_revision < $3",
      key(run) + [PostgresValue(revision)]
    ).rows.compactMap { $0[0].string.map { RunID($0) } }
    for heir in heirs {
      let first = try session.query(
        "SELECT min(revision) FROM checkpoint WHERE tenant = $1 AND run = $2",
        key(heir)
      ).scalar?.int
      guard let first else { continue }
      try saveSnapshot(at: CheckpointReference(run: heir, revision: first), in: session)
    }
    try session.execute(
      "UPDATE run SET base_run = NULL, base_revision = NULL WHERE tenant = $1 AND base_run = $2 AND base_revision < $3",
      key(run) + [PostgresValue(revision)]
    )
  }
}
