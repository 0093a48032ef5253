import CoachVocabulary
import FoundationEssentials
import SQLiteKit
import StateGraph

/// The statements on the tables of runs, for use inside a transaction.
struct RunTables: Sendable {
  let tenant: TenantID

  private func key(_ run: RunID) -> [SQLiteValue] { [SQLiteValue(tenant), SQLiteValue(run)] }

  // MARK: - Writing

  func create(_ start: RunStart, in session: borrowing SQLiteSession) throws {
    let record = start.record
    guard try self.record(of: record.run, in: session) == nil else { throw CheckpointFailure.runExists(record.run) }
    try demandFreeThread(record.thread, for: record.run, in: session)
    try session.execute(
      """
      INSERT INTO run (status, step, revision, last_sequence, error, owner, lease_expires, recoveries, updated_at,
        ended_at, tenant, run, thread, graph, graph_hash, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      changing(record) + key(record.run) + [
        SQLiteValue(record.thread), SQLiteValue(record.graph), SQLiteValue(record.graphHash),
        SQLiteValue(record.createdAt),
      ]
    )
    try setHead(of: record.thread, to: record.run, in: session)
    try save(start.changes, start.frontier, start.events, of: record, in: session)
  }

  func commit(_ commit: SuperstepCommit, in session: borrowing SQLiteSession) throws {
    let record = commit.record
    let isHead = try session.query(
      """
      SELECT 1 FROM run JOIN thread USING (tenant, thread)
      WHERE run.tenant = ? AND run.run = ? AND run.revision = ? AND thread.head = run.run
      """,
      key(record.run) + [SQLiteValue(commit.expectedRevision)]
    )
    guard !isHead.isEmpty else { throw CheckpointFailure.headMoved(record.run) }
    try update(record, in: session)
    try save(commit.changes, commit.frontier, commit.events, of: record, in: session)
    try session.execute(
      """
      INSERT OR REPLACE INTO finished_task (tenant, run, step, node, attempts, duration_ms) VALUES (?, ?, ?, ?, ?, ?)
      """,
      forEach: commit.finishedTasks.map {
        key(record.run) + [
          SQLiteValue($0.step), SQLiteValue($0.node), SQLiteValue($0.attempts), SQLiteValue($0.durationMilliseconds),
        ]
      }
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
        recoveries = ?, updated_at = ?, ended_at = ?
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
      WHERE thread.tenant = ? AND thread.thread = ? AND head <> ? AND status IN ('running', 'interrupted')
      """,
      [SQLiteValue(tenant), SQLiteValue(thread), SQLiteValue(run)]
    ).scalar?.string
    if let head { throw CheckpointFailure.threadBusy(thread, run: RunID(head)) }
  }

  private func save(
    _ changes: [ChannelChange],
    _ frontier: Frontier,
    _ events: [RunEvent],
    of record: RunRecord,
    in session: borrowing SQLiteSession
  ) throws {
    try session.execute(
      "INSERT OR REPLACE INTO superstep (tenant, run, step, frontier, saved_at) VALUES (?, ?, ?, ?, ?)",
      key(record.run) + [
        SQLiteValue(record.step), SQLiteValue(frontier.stored), SQLiteValue(record.updatedAt),
      ]
    )
    try session.execute(
      """
      INSERT INTO channel_change (tenant, run, revision, position, step, channel, operation, value)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      forEach: changes.enumerated().map { position, change in
        key(record.run) + [SQLiteValue(record.revision), SQLiteValue(position), SQLiteValue(record.step)]
          + change.stored
      }
    )
    try session.execute(
      "INSERT INTO run_event (tenant, run, sequence, type, data, happened_at) VALUES (?, ?, ?, ?, ?, ?)",
      forEach: events.map {
        key(record.run) + [
          SQLiteValue($0.sequence), SQLiteValue($0.type), SQLiteValue($0.data), SQLiteValue($0.time),
        ]
      }
    )
  }

  /// The values of the columns that change in the life of a run, in the order of the statements above.
  private func changing(_ record: RunRecord) -> [SQLiteValue] {
    [
      SQLiteValue(record.status.rawValue), SQLiteValue(record.step), SQLiteValue(record.revision),
      SQLiteValue(record.lastSequence), SQLiteValue(record.error.map(\.stored)), SQLiteValue(record.owner),
      SQLiteValue(record.leaseExpires), SQLiteValue(record.recoveries), SQLiteValue(record.updatedAt),
      SQLiteValue(record.endedAt),
    ]
  }

  // MARK: - Reading

  private static let columns = """
    run, thread, graph, graph_hash, status, step, revision, last_sequence, error, owner, lease_expires, recoveries,
    created_at, updated_at, ended_at
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
      SELECT \(Self.columns) FROM run WHERE tenant = ? AND status IN ('running', 'interrupted') ORDER BY run
      """
    return try session.query(sql, [SQLiteValue(tenant)]).rows.map { try RunRecord(stored: $0) }
  }

  func load(_ run: RunID, in session: borrowing SQLiteSession) throws -> SavedRun? {
    guard let record = try record(of: run, in: session) else { return nil }
    let frontier = try session.query(
      "SELECT frontier FROM superstep WHERE tenant = ? AND run = ? AND step = ?",
      key(run) + [SQLiteValue(record.step)]
    ).scalar?.string
    guard let frontier else { throw StoredValueFailure(message: "superstep \(record.step) of run \(run) is missing") }
    return SavedRun(
      record: record,
      values: try values(of: run, in: session),
      frontier: try Frontier(stored: JSONText.decode(frontier)),
      effects: try effects(of: run, step: record.step + 1, in: session)
    )
  }

  private func values(of run: RunID, in session: borrowing SQLiteSession) throws -> [String: JSONValue] {
    let sql = """
      SELECT channel, operation, value FROM channel_change WHERE tenant = ? AND run = ? ORDER BY revision, position
      """
    var values: [String: JSONValue] = [:]
    for row in try session.query(sql, key(run)).rows {
      let change = try ChannelChange(stored: row)
      change.apply(to: &values[change.channel])
    }
    return values
  }

  private func effects(
    of run: RunID,
    step: Int,
    in session: borrowing SQLiteSession
  ) throws -> [RecordedEffect] {
    try session.query(
      "SELECT node, name, value FROM effect WHERE tenant = ? AND run = ? AND step = ?",
      key(run) + [SQLiteValue(step)]
    ).rows.map { values in
      var row = StoredRow(values)
      return RecordedEffect(
        run: run,
        step: step,
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
    try session.query(
      """
      SELECT sequence, type, data, happened_at FROM run_event
      WHERE tenant = ? AND run = ? AND sequence > ? ORDER BY sequence LIMIT ?
      """,
      key(run) + [SQLiteValue(sequence), SQLiteValue(max(0, limit))]
    ).rows.map { values in
      var row = StoredRow(values)
      return RunEvent(
        run: run,
        sequence: try row.int(),
        type: try row.string(),
        data: try row.json(),
        time: try row.date()
      )
    }
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
    error = try row.optionalJSON().map { json throws(StoredValueFailure) in try RunError(stored: json) }
    owner = try row.string()
    leaseExpires = try row.date()
    recoveries = try row.int()
    createdAt = try row.date()
    updatedAt = try row.date()
    endedAt = try row.optionalDate()
  }
}

extension RunError {
  fileprivate var stored: JSONValue {
    ["code": .string(code.rawValue), "message": .string(message), "node": node.map { .string($0) } ?? .null]
  }

  fileprivate init(stored: JSONValue) throws(StoredValueFailure) {
    guard let word = stored["code"]?.stringValue, let code = Code(rawValue: word),
      let message = stored["message"]?.stringValue
    else { throw StoredValueFailure(message: "the error of a run is unreadable") }
    self.init(code, message, node: stored["node"]?.stringValue)
  }
}

extension ChannelChange {
  /// Channel, operation and value.
  fileprivate var stored: [SQLiteValue] {
    switch operation {
    case .set(let value): [SQLiteValue(channel), "set", SQLiteValue(value)]
    case .append(let items): [SQLiteValue(channel), "append", SQLiteValue(JSONValue.array(items))]
    case .clear: [SQLiteValue(channel), "clear", .null]
    }
  }

  fileprivate init(stored values: [SQLiteValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    let channel = try row.string()
    let operation = try row.string()
    let value = try row.optionalJSON()
    switch (operation, value) {
    case ("set", let value?): self.init(channel, .set(value))
    case ("append", .array(let items)?): self.init(channel, .append(items))
    case ("clear", _): self.init(channel, .clear)
    default: throw StoredValueFailure(message: "a change of channel '\(channel)' is unreadable")
    }
  }
}

extension Frontier {
  fileprivate var stored: JSONValue {
    let pending = pending.map { JSONValue.object(["node": .string($0.node), "writes": .object($0.writes)]) }
    return ["due": Self.list(due), "arrivals": .array(arrivals.map(Self.list)), "pending": .array(pending)]
  }

  fileprivate init(stored: JSONValue) throws(StoredValueFailure) {
    let pending = (stored["pending"]?.arrayValue ?? []).compactMap { entry -> Pending? in
      guard let node = entry["node"]?.stringValue, let writes = entry["writes"]?.objectValue else { return nil }
      return Pending(node: node, writes: writes)
    }
    guard let due = stored["due"]?.arrayValue, let arrivals = stored["arrivals"]?.arrayValue,
      pending.count == stored["pending"]?.arrayValue?.count
    else { throw StoredValueFailure(message: "what is next in a run is unreadable") }
    self.init(due: Self.names(due), arrivals: arrivals.map { Self.names($0.arrayValue ?? []) }, pending: pending)
  }

  private static func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }

  private static func names(_ list: [JSONValue]) -> [String] { list.compactMap(\.stringValue) }
}
