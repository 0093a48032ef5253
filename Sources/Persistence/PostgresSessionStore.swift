public import CoachVocabulary
import FoundationEssentials
import PostgresKit
public import StateGraph

/// Keeps the conversations of one tenant on a PostgreSQL server.
public struct PostgresSessionStore: SessionStore {
  let database: PostgresMetadataDatabase
  let tenant: TenantID

  private var tables: PostgresSessionTables { PostgresSessionTables(tenant: tenant) }

  /// Saves a new session.
  public func create(_ session: ChatSession) async throws(PersistenceFailure) {
    try await write { [tables] sql in
      guard try sql.run(tables.insert(session)).affected > 0 else {
        throw PersistenceFailure.alreadyExists("session \(session.id)")
      }
    }
  }

  /// A session; nil for an unknown one.
  public func session(_ id: SessionID) async throws(PersistenceFailure) -> ChatSession? {
    try await query(tables.session(id)) { try ChatSession(columns: $0) }.first
  }

  /// Sessions, the one with the newest message first.
  public func sessions(after cursor: String?, limit: Int) async throws(PersistenceFailure) -> SessionPage {
    let limit = min(max(1, limit), 200)
    let place: PostgresSessionCursor? =
      if let cursor {
        try PostgresSessionCursor(cursor)
      } else {
        nil
      }
    let found = try await query(tables.sessions(after: place, limit: limit + 1)) { try ChatSession(columns: $0) }
    let sessions = Array(found.prefix(limit))
    let next = found.count > limit ? sessions.last.map { PostgresSessionCursor($0).text } : nil
    return SessionPage(sessions: sessions, next: next)
  }

  /// Saves a message at the end of its session.
  public func append(_ message: ChatMessage) async throws(PersistenceFailure) {
    try await write { [tables] sql in try tables.append(message, in: sql) }
  }

  /// Saves a user's message and the run it starts, and before them the session when it is new, in one transaction.
  public func ask(_ message: ChatMessage, in session: ChatSession, starting start: RunStart) async throws {
    do {
      try await database.write(tenant) { [tenant, tables] sql throws(any Error) in
        try sql.pipeline([tables.insert(session)])
        try tables.append(message, in: sql)
        try sql.pipeline(PostgresRunTables(tenant: tenant).create(start))
      }
    } catch let failure as PostgresFailure where PostgresRefusal(rawValue: failure.sqlState) != nil {
      throw CheckpointFailure(failure, of: start.record)
    } catch let failure as CheckpointFailure {
      throw failure
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Saves the coach's message of a run, once.
  public func answer(_ message: ChatMessage) async throws(PersistenceFailure) -> ChatMessage {
    guard let run = message.run else { throw .damaged("an answer must name its run") }
    return try await write { [tables] sql in
      // Who else answers for this run waits here.
      try sql.pipeline([tables.locked(message.session)])
      if let saved = try tables.message(of: run, by: message.role, in: sql) { return saved }
      try tables.append(message, in: sql)
      return message
    }
  }

  /// The last messages of a session, oldest first.
  public func messages(of session: SessionID, last limit: Int) async throws(PersistenceFailure) -> [ChatMessage] {
    try await query(tables.messages(of: session, last: max(0, limit))) { try ChatMessage(columns: $0) }.reversed()
  }

  // MARK: - Errors

  private func write<Value: Sendable>(
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws(PersistenceFailure) -> Value {
    do {
      return try await database.write(tenant, body)
    } catch {
      throw PersistenceFailure(error)
    }
  }

  private func query<Value: Sendable>(
    _ statement: PostgresStatement,
    _ read: ([PostgresValue]) throws -> Value
  ) async throws(PersistenceFailure) -> [Value] {
    do {
      return try await database.run(tenant, [statement]).rows.map(read)
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

/// The place in the list of sessions at which a page ended.
private struct PostgresSessionCursor: Sendable {
  let updatedAt: Int
  let id: SessionID

  init(_ session: ChatSession) {
    updatedAt = session.updatedAt.storedMicroseconds
    id = session.id
  }

  init(_ text: String) throws(PersistenceFailure) {
    let parts = text.split(separator: "-", maxSplits: 1)
    guard text.utf8.count <= 200, parts.count == 2, let updatedAt = Int(parts[0], radix: 36) else { throw .badCursor }
    self.updatedAt = updatedAt
    id = SessionID(String(parts[1]))
  }

  var text: String { "\(String(updatedAt, radix: 36))-\(id)" }
}

/// The statements on the tables of sessions; the tenant of the transaction is set before.
private struct PostgresSessionTables: Sendable {
  let tenant: TenantID

  private static let columns = "id, title, domain, created_at, updated_at, message_count"
  private static let messageColumns = "id, session, role, text, created_at, answer, frame, run"

  /// Changes nothing when the session is there already.
  func insert(_ session: ChatSession) -> PostgresStatement {
    PostgresStatement(
      """
      INSERT INTO session (tenant, id, title, domain, created_at, updated_at, message_count)
      VALUES ($1, $2, $3, $4, $5, $5, 0) ON CONFLICT DO NOTHING
      """,
      [
        PostgresValue(tenant), PostgresValue(session.id), PostgresValue(JSONValue.string(session.title)),
        PostgresValue(session.domain), PostgresValue(session.createdAt),
      ]
    )
  }

  func session(_ id: SessionID) -> PostgresStatement {
    PostgresStatement(
      "SELECT \(Self.columns) FROM session WHERE tenant = $1 AND id = $2",
      [PostgresValue(tenant), PostgresValue(id)]
    )
  }

  func locked(_ id: SessionID) -> PostgresStatement {
    PostgresStatement(
      "SELECT 1 FROM session WHERE tenant = $1 AND id = $2 FOR UPDATE",
      [PostgresValue(tenant), PostgresValue(id)]
    )
  }

  func sessions(after place: PostgresSessionCursor?, limit: Int) -> PostgresStatement {
    let condition = place == nil ? "" : "AND (updated_at, id) < ($3, $4)"
    let binds = place.map { [PostgresValue($0.updatedAt), PostgresValue($0.id)] } ?? []
    return PostgresStatement(
      """
      SELECT \(Self.columns) FROM session WHERE tenant = $1 \(condition) ORDER BY updated_at DESC, id DESC LIMIT $2
      """,
      [PostgresValue(tenant), PostgresValue(limit)] + binds
    )
  }

  func append(_ message: ChatMessage, in sql: borrowing PostgresSession) throws {
    // The row of the session stays locked, so that no other message gets the same place.
    let position = try sql.query(
      """
      UPDATE session SET message_count = message_count + 1, updated_at = greatest(updated_at, $3)
      WHERE tenant = $1 AND id = $2 RETURNING message_count
      """,
      [PostgresValue(tenant), PostgresValue(message.session), PostgresValue(message.createdAt)]
    ).scalar
    guard let position else { throw PersistenceFailure.noSuchSession(message.session) }
    let inserted = try sql.execute(
      """
      INSERT INTO message (position, tenant, \(Self.messageColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT DO NOTHING
      """,
      [
        position, PostgresValue(tenant), PostgresValue(message.id), PostgresValue(message.session),
        PostgresValue(message.role.rawValue), PostgresValue(JSONValue.string(message.text)),
        PostgresValue(message.createdAt), PostgresValue(message.answer), PostgresValue(message.frame),
        PostgresValue(message.run),
      ]
    )
    guard inserted > 0 else { throw PersistenceFailure.alreadyExists("message \(message.id)") }
  }

  func message(
    of run: RunID,
    by role: ChatMessage.Role,
    in sql: borrowing PostgresSession
  ) throws -> ChatMessage? {
    try sql.query(
      "SELECT \(Self.messageColumns) FROM message WHERE tenant = $1 AND run = $2 AND role = $3",
      [PostgresValue(tenant), PostgresValue(run), PostgresValue(role.rawValue)]
    ).rows.first.map { try ChatMessage(columns: $0) }
  }

  /// The last messages, the newest first.
  func messages(of session: SessionID, last limit: Int) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT \(Self.messageColumns) FROM message WHERE tenant = $1 AND session = $2 ORDER BY position DESC LIMIT $3
      """,
      [PostgresValue(tenant), PostgresValue(session), PostgresValue(limit)]
    )
  }
}

extension ChatSession {
  fileprivate init(columns values: [PostgresValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      id: try row.identifier(),
      title: try row.writtenText(),
      domain: try row.string(),
      createdAt: try row.date()
    )
    updatedAt = try row.date()
    messageCount = try row.int()
  }
}

extension ChatMessage {
  fileprivate init(columns values: [PostgresValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      id: try row.identifier(),
      session: try row.identifier(),
      role: try row.word(),
      text: try row.writtenText(),
      createdAt: try row.date(),
      answer: try row.optionalJSON(),
      frame: try row.optionalJSON(),
      run: try row.optionalString().map { RunID($0) }
    )
  }
}
