import CoachVocabulary
import FoundationEssentials
import SQLiteKit
import StateGraph

/// The statements on the tables of runs, for use inside a transaction.
struct RunTables: Sendable {
  /// Whether a run may still go on, word for word as in the index `run_open`, which serves only this spelling.
  ///
  /// Not `status IN (…)`: SQLite would build a temporary tree for the list at every change of a run.
  static let isOpen = "(status = 'running' OR status = 'interrupted' OR status = 'waiting')"

  /// After how many revisions the whole state is saved, so that loading a run reads no more changes than that.
  static let snapshotInterval = 256

  /// Whether a run is the one its thread works on.
  private static let isHead =
    "EXISTS (SELECT 1 FROM thread WHERE tenant = run.tenant AND thread = run.thread AND head = run.run)"

  let tenant: TenantID

  private func key(_ run: RunID) -> [SQLiteValue] { [SQLiteValue(tenant), SQLiteValue(run)] }

  // MARK: - Writing

  func create(_ start: RunStart, in session: borrowing SQLiteSession) throws {
    let record = start.record
    guard try self.record(of: record.run, in: session) == nil else { throw CheckpointFailure.runExists(record.run) }
    if let key = record.idempotencyKey, let known = try run(startedWith: key, in: session) {
      throw CheckpointFailure.runExists(known)
    }
    if let base = record.base, try self.record(of: base.run, in: session) == nil {
      throw CheckpointFailure.noSuchRun(base.run)
    }
    try demandFreeThread(record.thread, for: record.run, in: session)
    if start.continuesThread, try lastCheckpoint(of: record.thread, in: session) != record.base {
      throw CheckpointFailure.headMoved(record.run)
    }
    try session.execute(
      """
      INSERT INTO run (status, step, revision, last_sequence, error, owner, lease_expires, recoveries, updated_at,
        ended_at, wake_at, graph_hash, state_version, deadline, tenant, run, thread, graph, created_at, base_run,
        base_revision, parent, idempotency_key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      changing(record) + key(record.run) + [
        SQLiteValue(record.thread), SQLiteValue(record.graph), SQLiteValue(record.createdAt),
        SQLiteValue(record.base?.run), SQLiteValue(record.base?.revision), SQLiteValue(record.parent),
        SQLiteValue(record.idempotencyKey),
      ]
    )
    try setHead(of: record.thread, to: record.run, in: session)
    try save(start.changes, [], start.frontier, start.events, of: record, in: session)
  }

  func commit(_ commit: SuperstepCommit, in session: borrowing SQLiteSession) throws {
    let record = commit.record
    let place = key(record.run) + [SQLiteValue(commit.expectedRevision)]
    let values = changing(record)
    // One statement is both the test and the change, so a refused commit has written nothing.
    // Where the status stays, it is not set: otherwise SQLite writes a page of the index of open runs for nothing.
    try session.execute(
      """
      UPDATE run SET step = ?, revision = ?, last_sequence = ?, error = ?, owner = ?, lease_expires = ?,
        recoveries = ?, updated_at = ?, ended_at = ?, wake_at = ?, graph_hash = ?, state_version = ?, deadline = ?
      WHERE tenant = ? AND run = ? AND revision = ? AND status = ? AND \(Self.isHead)
      """,
      Array(values.dropFirst()) + place + [SQLiteValue(record.status.rawValue)]
    )
    if session.changes == 0 {
      try session.execute(
        """
        UPDATE run SET status = ?, step = ?, revision = ?, last_sequence = ?, error = ?, owner = ?, lease_expires = ?,
          recoveries = ?, updated_at = ?, ended_at = ?, wake_at = ?, graph_hash = ?, state_version = ?, deadline = ?
        WHERE tenant = ? AND run = ? AND revision = ? AND \(Self.isHead)
        """,
        values + place
      )
    }
    guard session.changes > 0 else { throw CheckpointFailure.headMoved(record.run) }
    if commit.mayReplacePartials {
      try session.execute("DELETE FROM partial_commit WHERE tenant = ? AND run = ?", key(record.run))
    }
    try save(commit.changes, commit.finishedTasks, commit.frontier, commit.events, of: record, in: session)
    if record.revision % Self.snapshotInterval == 0 { try takeSnapshot(of: record, in: session) }
  }

  func commit(_ partial: PartialCommit, in session: borrowing SQLiteSession) throws {
    guard let last = partial.events.last else { return }
    try session.execute(
      "UPDATE run SET last_sequence = ? WHERE tenant = ? AND run = ? AND revision = ?",
      [SQLiteValue(last.sequence)] + key(partial.run) + [SQLiteValue(partial.revision)]
    )
    guard session.changes > 0 else { throw CheckpointFailure.headMoved(partial.run) }
    try session.execute(
      """
      INSERT OR REPLACE INTO partial_commit (tenant, run, revision, last_sequence, results, tasks)
      VALUES (?, ?, ?, ?, ?, ?)
      """,
      key(partial.run) + [
        SQLiteValue(partial.revision), SQLiteValue(last.sequence),
        SQLiteValue(JSONValue.array(partial.results.map(\.json))),
        SQLiteValue(JSONValue.array(partial.finishedTasks.map(\.stored))),
      ]
    )
    // They stay when the superstep is saved, whose own events lie with its checkpoint.
    try session.execute(
      "INSERT INTO run_event (tenant, run, last_sequence, events) VALUES (?, ?, ?, ?)",
      key(partial.run) + [SQLiteValue(last.sequence), SQLiteValue(JSONValue.array(partial.events.map(\.stored)))]
    )
  }

  func record(_ effect: RecordedEffect, revision: Int, in session: borrowing SQLiteSession) throws {
    try session.execute(
      """
      INSERT OR REPLACE INTO effect (tenant, run, step, node, name, value)
      SELECT tenant, run, ?, ?, ?, ? FROM run WHERE tenant = ? AND run = ? AND revision = ?
      """,
      [SQLiteValue(effect.step), SQLiteValue(effect.node), SQLiteValue(effect.name), SQLiteValue(effect.value)]
        + key(effect.run) + [SQLiteValue(revision)]
    )
    if session.changes == 0 { throw CheckpointFailure.headMoved(effect.run) }
  }

  func update(_ record: RunRecord, in session: borrowing SQLiteSession) throws {
    try session.execute(
      """
      UPDATE run SET status = ?, step = ?, revision = ?, last_sequence = ?, error = ?, owner = ?, lease_expires = ?,
        recoveries = ?, updated_at = ?, ended_at = ?, wake_at = ?, graph_hash = ?, state_version = ?,
        deadline = ?
      WHERE tenant = ? AND run = ?
      """,
      changing(record) + key(record.run)
    )
  }

  func setHead(of thread: ThreadID, to run: RunID, in session: borrowing SQLiteSession) throws {
    try session.execute(
      "INSERT OR REPLACE INTO thread (tenant, thread, head) VALUES (?, ?, ?)",
      [SQLiteValue(tenant), SQLiteValue(thread), SQLiteValue(run)]
    )
  }

  /// Throws when another run of the thread is running or interrupted.
  func demandFreeThread(_ thread: ThreadID, for run: RunID, in session: borrowing SQLiteSession) throws {
    let head = try session.query(
      """
      SELECT head FROM thread JOIN run ON run.tenant = thread.tenant AND run.run = thread.head
      WHERE thread.tenant = ? AND thread.thread = ? AND head <> ? AND \(Self.isOpen)
      """,
      [SQLiteValue(tenant), SQLiteValue(thread), SQLiteValue(run)]
    ).scalar?.string
    if let head { throw CheckpointFailure.threadBusy(thread, run: RunID(head)) }
  }

  private func save(
    _ changes: [ChannelChange],
    _ tasks: [FinishedTask],
    _ frontier: Frontier,
    _ events: [RunEvent],
    of record: RunRecord,
    in session: borrowing SQLiteSession
  ) throws {
    try session.execute(
      """
      INSERT INTO checkpoint (tenant, run, revision, step, frontier, changes, tasks, saved_at, last_sequence, events)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      key(record.run) + [
        SQLiteValue(record.revision), SQLiteValue(record.step), SQLiteValue(frontier.json),
        changes.isEmpty ? .null : SQLiteValue(JSONValue.array(changes.map(\.stored))),
        tasks.isEmpty ? .null : SQLiteValue(JSONValue.array(tasks.map(\.stored))),
        SQLiteValue(record.updatedAt), SQLiteValue(events.last?.sequence),
        events.isEmpty ? .null : SQLiteValue(JSONValue.array(events.map(\.stored))),
      ]
    )
  }

  /// The values of the columns that change in the life of a run, in the order of the statements above.
  private func changing(_ record: RunRecord) -> [SQLiteValue] {
    [
      SQLiteValue(record.status.rawValue), SQLiteValue(record.step), SQLiteValue(record.revision),
      SQLiteValue(record.lastSequence), SQLiteValue(record.error.map(\.json)), SQLiteValue(record.owner),
      SQLiteValue(record.leaseExpires), SQLiteValue(record.recoveries), SQLiteValue(record.updatedAt),
      SQLiteValue(record.endedAt), SQLiteValue(record.wakeAt), SQLiteValue(record.graphHash),
      SQLiteValue(record.stateVersion), SQLiteValue(record.deadline),
    ]
  }

  func enqueue(_ start: QueuedStart, in session: borrowing SQLiteSession) throws {
    try session.execute(
      """
      INSERT OR IGNORE INTO queued_start (tenant, run, position, thread, start)
      SELECT ?, ?, coalesce(max(position), 0) + 1, ?, ? FROM queued_start
      """,
      key(start.run) + [SQLiteValue(start.thread), SQLiteValue(start.json)]
    )
  }

  func queue(of thread: ThreadID?, in session: borrowing SQLiteSession) throws -> [QueuedStart] {
    let sql = "SELECT start FROM queued_start WHERE tenant = ? AND thread = coalesce(?, thread) ORDER BY position"
    return try session.query(sql, [SQLiteValue(tenant), SQLiteValue(thread)]).rows.map { values in
      var row = StoredRow(values)
      return try row.queuedStart()
    }
  }

  func dequeue(_ run: RunID, in session: borrowing SQLiteSession) throws {
    try session.execute("DELETE FROM queued_start WHERE tenant = ? AND run = ?", key(run))
  }

  // MARK: - Reading

  private static let columns = """
    run, thread, graph, graph_hash, status, step, revision, last_sequence, error, owner, lease_expires, recoveries,
    created_at, updated_at, ended_at, wake_at, state_version, base_run, base_revision, parent, deadline,
    idempotency_key
    """

  func record(of run: RunID, in session: borrowing SQLiteSession) throws -> RunRecord? {
    let sql = "SELECT \(Self.columns) FROM run WHERE tenant = ? AND run = ?"
    return try session.query(sql, key(run)).rows.first.map { try RunRecord(stored: $0) }
  }

  func records(matching query: RunQuery, in session: borrowing SQLiteSession) throws -> [RunRecord] {
    var sql = "SELECT \(Self.columns) FROM run WHERE tenant = ?"
    var binds = [SQLiteValue(tenant)]
    if let thread = query.thread {
      sql += " AND thread = ?"
      binds.append(SQLiteValue(thread))
    }
    if let before = query.before {
      sql += " AND run < ?"
      binds.append(SQLiteValue(before))
    }
    if !query.statuses.isEmpty {
      let statuses = query.statuses.map(\.rawValue).sorted()
      sql += " AND status IN (\(statuses.map { _ in "?" }.joined(separator: ", ")))"
      binds += statuses.map { SQLiteValue($0) }
    }
    sql += " ORDER BY run DESC LIMIT ?"
    binds.append(SQLiteValue(max(0, query.limit)))
    return try session.query(sql, binds).rows.map { try RunRecord(stored: $0) }
  }

  func openRecords(in session: borrowing SQLiteSession) throws -> [RunRecord] {
    let sql = """
      SELECT \(Self.columns) FROM run INDEXED BY run_open WHERE tenant = ? AND \(Self.isOpen) ORDER BY run
      """
    return try session.query(sql, [SQLiteValue(tenant)]).rows.map { try RunRecord(stored: $0) }
  }

  func load(_ run: RunID, in session: borrowing SQLiteSession) throws -> SavedRun? {
    guard let record = try record(of: run, in: session) else { return nil }
    // A claim moves the revision without a checkpoint, so the newest one counts.
    guard let saved = try self.checkpoint(of: run, upTo: record.revision, in: session) else {
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
    _ session: borrowing SQLiteSession
  ) throws {
    // A claim moves the revision without a checkpoint, so those of several owners may be there.
    let sql = """
      SELECT results, tasks FROM partial_commit
      WHERE tenant = ? AND run = ? AND revision >= ? ORDER BY revision, last_sequence
      """
    for values in try session.query(sql, key(run) + [SQLiteValue(revision)]).rows {
      var row = StoredRow(values)
      let results = try row.stepResults()
      let tasks = try (row.json().arrayValue ?? []).map { json throws(StoredValueFailure) in
        try FinishedTask(stored: json)
      }
      saved.include(results, tasks)
    }
  }

  func load(_ run: RunID, at revision: Int, in session: borrowing SQLiteSession) throws -> SavedRun? {
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
    in session: borrowing SQLiteSession
  ) throws -> (revision: Int, step: Int, frontier: Frontier)? {
    try session.query(
      """
      SELECT revision, step, frontier FROM checkpoint
      WHERE tenant = ? AND run = ? AND revision <= ? ORDER BY revision DESC LIMIT 1
      """,
      key(run) + [SQLiteValue(revision)]
    ).rows.first.map { values in
      var row = StoredRow(values)
      return (try row.int(), try row.int(), try Frontier(json: row.json()))
    }
  }

  /// The state at a place: the newest snapshot before it, or the state of its base, and the changes since.
  func values(
    at reference: CheckpointReference,
    _ base: CheckpointReference?,
    in session: borrowing SQLiteSession
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
    in session: borrowing SQLiteSession
  ) throws -> (revision: Int, values: [String: JSONValue])? {
    try session.query(
      """
      SELECT revision, state FROM snapshot WHERE tenant = ? AND run = ? AND revision <= ?
      ORDER BY revision DESC LIMIT 1
      """,
      key(place.run) + [SQLiteValue(place.revision)]
    ).rows.first.map { values in
      var row = StoredRow(values)
      return (try row.int(), try row.json().objectValue ?? [:])
    }
  }

  private func apply(
    changesUpTo place: CheckpointReference,
    after revision: Int,
    to values: inout [String: JSONValue],
    in session: borrowing SQLiteSession
  ) throws {
    let sql = """
      SELECT changes FROM checkpoint
      WHERE tenant = ? AND run = ? AND revision > ? AND revision <= ? AND changes IS NOT NULL ORDER BY revision
      """
    let binds = key(place.run) + [SQLiteValue(revision), SQLiteValue(place.revision)]
    for row in try session.query(sql, binds).rows {
      var row = StoredRow(row)
      for entry in try row.json().arrayValue ?? [] {
        let change = try ChannelChange(stored: entry)
        change.apply(to: &values[change.channel])
      }
    }
  }

  func changes(
    of run: RunID,
    after revision: Int,
    through last: Int,
    in session: borrowing SQLiteSession
  ) throws -> [CheckpointChanges] {
    let sql = """
      SELECT revision, changes FROM checkpoint
      WHERE tenant = ? AND run = ? AND revision > ? AND revision <= ? ORDER BY revision
      """
    let binds = key(run) + [SQLiteValue(revision), SQLiteValue(last)]
    return try session.query(sql, binds).rows.map { values in
      var row = StoredRow(values)
      return CheckpointChanges(
        revision: try row.int(),
        changes: try (row.optionalJSON()?.arrayValue ?? []).map { entry throws(StoredValueFailure) in
          try ChannelChange(stored: entry)
        }
      )
    }
  }

  private func effects(
    of run: RunID,
    after step: Int,
    in session: borrowing SQLiteSession
  ) throws -> [RecordedEffect] {
    try session.query(
      "SELECT step, node, name, value FROM effect WHERE tenant = ? AND run = ? AND step > ?",
      key(run) + [SQLiteValue(step)]
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

  func events(
    of run: RunID,
    after sequence: Int,
    limit: Int,
    in session: borrowing SQLiteSession
  ) throws -> [RunEvent] {
    if limit < 1 { return [] }
    var found: [RunEvent] = []
    // Events lie with their checkpoints; those of partial commits and of dropped checkpoints have a table of their own.
    let place = key(run) + [SQLiteValue(sequence)]
    let sql = """
      SELECT events FROM (
        SELECT last_sequence, events FROM run_event WHERE tenant = ? AND run = ? AND last_sequence > ?
        UNION ALL
        SELECT last_sequence, events FROM checkpoint WHERE tenant = ? AND run = ? AND last_sequence > ?
      ) ORDER BY last_sequence LIMIT ?
      """
    try session.forEachRow(sql, place + place + [SQLiteValue(limit)]) { row throws(StoredValueFailure) in
      for entry in try JSONText.decode(row[0].string ?? "").arrayValue ?? [] {
        let event = try RunEvent(stored: entry, of: run)
        if event.sequence > sequence { found.append(event) }
      }
      return found.count >= limit ? .stop : .next
    }
    return Array(found.prefix(limit))
  }

  // MARK: - History

  func head(of thread: ThreadID, in session: borrowing SQLiteSession) throws -> RunID? {
    try session.query(
      "SELECT head FROM thread WHERE tenant = ? AND thread = ?",
      [SQLiteValue(tenant), SQLiteValue(thread)]
    ).scalar?.string.map { RunID($0) }
  }

  private func lastCheckpoint(
    of thread: ThreadID,
    in session: borrowing SQLiteSession
  ) throws -> CheckpointReference? {
    guard let head = try head(of: thread, in: session), let record = try record(of: head, in: session) else {
      return nil
    }
    return CheckpointReference(run: head, revision: record.revision)
  }

  func run(startedWith key: String, in session: borrowing SQLiteSession) throws -> RunID? {
    try session.query(
      "SELECT run FROM run WHERE tenant = ? AND idempotency_key = ?",
      [SQLiteValue(tenant), SQLiteValue(key)]
    ).scalar?.string.map { RunID($0) }
  }

  func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int,
    in session: borrowing SQLiteSession
  ) throws -> [CheckpointSummary] {
    try session.query(
      """
      SELECT revision, step, frontier, tasks, saved_at FROM checkpoint
      WHERE tenant = ? AND run = ? AND revision < ? ORDER BY revision DESC LIMIT ?
      """,
      key(run) + [SQLiteValue(revision), SQLiteValue(max(0, limit))]
    ).rows.map { values in
      var row = StoredRow(values)
      return CheckpointSummary(
        reference: CheckpointReference(run: run, revision: try row.int()),
        step: try row.int(),
        frontier: try Frontier(json: row.json()),
        finishedTasks: try (row.optionalJSON()?.arrayValue ?? []).map { json throws(StoredValueFailure) in
          try FinishedTask(stored: json)
        },
        savedAt: try row.date()
      )
    }
  }

  /// Saves the whole state of a run at a revision, so that older changes are not needed to load it.
  func saveSnapshot(at place: CheckpointReference, in session: borrowing SQLiteSession) throws {
    guard let record = try record(of: place.run, in: session) else { throw CheckpointFailure.noSuchRun(place.run) }
    let values = try values(at: place, record.base, in: session)
    try session.execute(
      "INSERT OR REPLACE INTO snapshot (tenant, run, revision, state) VALUES (?, ?, ?, ?)",
      key(place.run) + [SQLiteValue(place.revision), SQLiteValue(JSONValue.object(values))]
    )
  }

  /// Saves the whole state at a revision, in place of the snapshot before; that of the oldest checkpoint stays, as the
  /// changes before it may be gone.
  private func takeSnapshot(of record: RunRecord, in session: borrowing SQLiteSession) throws {
    try saveSnapshot(at: CheckpointReference(run: record.run, revision: record.revision), in: session)
    try session.execute(
      """
      DELETE FROM snapshot WHERE tenant = ? AND run = ? AND revision < ?
        AND revision > (SELECT min(revision) FROM checkpoint WHERE tenant = ? AND run = ?)
      """,
      key(record.run) + [SQLiteValue(record.revision)] + key(record.run)
    )
  }

  func compact(_ run: RunID, keepingLast count: Int, in session: borrowing SQLiteSession) throws {
    let oldest = try session.query(
      "SELECT revision FROM checkpoint WHERE tenant = ? AND run = ? ORDER BY revision DESC LIMIT 1 OFFSET ?",
      key(run) + [SQLiteValue(max(1, count) - 1)]
    ).scalar?.int
    guard let oldest else { return }
    try keepHeirs(of: run, before: oldest, in: session)
    try saveSnapshot(at: CheckpointReference(run: run, revision: oldest), in: session)
    try session.execute(
      """
      INSERT INTO run_event (tenant, run, last_sequence, events) SELECT tenant, run, last_sequence, events
      FROM checkpoint WHERE tenant = ? AND run = ? AND revision < ? AND events IS NOT NULL
      """,
      key(run) + [SQLiteValue(oldest)]
    )
    for table in ["checkpoint", "snapshot"] {
      try session.execute(
        "DELETE FROM \(table) WHERE tenant = ? AND run = ? AND revision < ?",
        key(run) + [SQLiteValue(oldest)]
      )
    }
  }

  func delete(_ run: RunID, in session: borrowing SQLiteSession) throws {
    guard let record = try record(of: run, in: session) else { throw CheckpointFailure.noSuchRun(run) }
    guard record.status.isTerminal else { throw CheckpointFailure.threadBusy(record.thread, run: run) }
    try keepHeirs(of: run, before: .max, in: session)
    try session.execute("DELETE FROM run WHERE tenant = ? AND run = ?", key(run))
    try session.execute(
      "DELETE FROM thread WHERE tenant = ? AND thread = ? AND head = ?",
      [SQLiteValue(tenant), SQLiteValue(record.thread), SQLiteValue(run)]
    )
  }

  /// Gives runs that are based on what is about to go a state of their own.
  private func keepHeirs(of run: RunID, before revision: Int, in session: borrowing SQLiteSession) throws {
    let heirs = try session.query(
      "SELECT run FROM run WHERE tenant = ? AND base_run = ? AND base_revision < ?",
      key(run) + [SQLiteValue(revision)]
    ).rows.compactMap { $0[0].string.map { RunID($0) } }
    for heir in heirs {
      let first = try session.query(
        "SELECT min(revision) FROM checkpoint WHERE tenant = ? AND run = ?",
        key(heir)
      ).scalar?.int
      guard let first else { continue }
      try saveSnapshot(at: CheckpointReference(run: heir, revision: first), in: session)
    }
    try session.execute(
      "UPDATE run SET base_run = NULL, base_revision = NULL WHERE tenant = ? AND base_run = ? AND base_revision < ?",
      key(run) + [SQLiteValue(revision)]
    )
  }
}

// MARK: - Stored forms

extension RunRecord {
  fileprivate init(stored values: [SQLiteValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      run: try row.identifier(),
      thread: try row.identifier(),
      graph: try row.string(),
      graphHash: try row.string(),
      owner: "",
      leaseExpires: .distantPast,
      createdAt: .distantPast
    )
    status = try row.word()
    step = try row.int()
    revision = try row.int()
    lastSequence = try row.int()
    error = try row.optionalJSON().map { json throws(StoredValueFailure) in
      guard let error = RunError(json: json) else {
        throw StoredValueFailure(message: "the error of a run is unreadable")
      }
      return error
    }
    owner = try row.string()
    leaseExpires = try row.date()
    recoveries = try row.int()
    createdAt = try row.date()
    updatedAt = try row.date()
    endedAt = try row.optionalDate()
    wakeAt = try row.optionalDate()
    stateVersion = try row.int()
    let baseRun = try row.optionalString()
    let baseRevision = try row.optionalInt()
    if let baseRun, let baseRevision { base = CheckpointReference(run: RunID(baseRun), revision: baseRevision) }
    parent = try row.optionalString().map { RunID($0) }
    deadline = try row.optionalDate()
    idempotencyKey = try row.optionalString()
  }
}

extension ChannelChange {
  fileprivate var stored: JSONValue {
    switch operation {
    case .set(let value): ["set", .string(channel), value]
    case .append(let items): ["append", .string(channel), .array(items)]
    case .merge(let items): ["merge", .string(channel), .array(items)]
    case .clear: ["clear", .string(channel)]
    }
  }

  fileprivate init(stored: JSONValue) throws(StoredValueFailure) {
    let parts = stored.arrayValue ?? []
    guard parts.count >= 2, let operation = parts[0].stringValue, let channel = parts[1].stringValue else {
      throw StoredValueFailure(message: "a change of state is unreadable")
    }
    switch (operation, parts.count > 2 ? parts[2] : JSONValue?.none) {
    case ("set", let value?): self.init(channel, .set(value))
    case ("append", .array(let items)?): self.init(channel, .append(items))
    case ("merge", .array(let items)?): self.init(channel, .merge(items))
    case ("clear", _): self.init(channel, .clear)
    default: throw StoredValueFailure(message: "a change of channel '\(channel)' is unreadable")
    }
  }
}

extension FinishedTask {
  fileprivate var stored: JSONValue {
    [.string(node), .int(step), .int(attempts), .double(durationMilliseconds)]
  }

  fileprivate init(stored: JSONValue) throws(StoredValueFailure) {
    guard let parts = stored.arrayValue, parts.count == 4, let node = parts[0].stringValue,
      let step = parts[1].intValue, let attempts = parts[2].intValue, let duration = parts[3].doubleValue
    else { throw StoredValueFailure(message: "a finished task is unreadable") }
    self.init(node: node, step: step, attempts: attempts, durationMilliseconds: duration)
  }
}

extension RunEvent {
  fileprivate var stored: JSONValue {
    [.int(sequence), .string(type), data, .int(time.storedMicroseconds)]
  }

  fileprivate init(stored: JSONValue, of run: RunID) throws(StoredValueFailure) {
    guard let parts = stored.arrayValue, parts.count == 4, let sequence = parts[0].intValue,
      let type = parts[1].stringValue, let time = parts[3].intValue
    else { throw StoredValueFailure(message: "an event of run \(run) is unreadable") }
    self.init(run: run, sequence: sequence, type: type, data: parts[2], time: Date(storedMicroseconds: time))
  }
}
