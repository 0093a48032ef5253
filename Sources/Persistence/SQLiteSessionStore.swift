public import CoachVocabulary
import FoundationEssentials
import SQLiteKit
public import StateGraph

/// Keeps the conversations of one tenant in the metadata database.
public struct SQLiteSessionStore: SessionStore {
  let database: MetadataDatabase
  let tenant: TenantID

  /// Saves a new session.
  public func create(_ session: ChatSession) async throws(PersistenceFailure) {
    try await write { [tenant] sql in
      guard try SessionTables(tenant: tenant).insert(session, in: sql) else {
        throw PersistenceFailure.alreadyExists("session \(session.id)")
      }
    }
  }

  /// A session; nil for an unknown one.
  public func session(_ id: SessionID) async throws(PersistenceFailure) -> ChatSession? {
    try await read { [tenant] sql in try SessionTables(tenant: tenant).session(id, in: sql) }
  }

  /// Sessions, the one with the newest message first.
  public func sessions(after cursor: String?, limit: Int) async throws(PersistenceFailure) -> SessionPage {
    let limit = min(max(1, limit), 200)
    let place: SessionCursor? =
      if let cursor {
        try SessionCursor(cursor)
      } else {
        nil
      }
    let found = try await read { [tenant] sql in
      try SessionTables(tenant: tenant).sessions(after: place, limit: limit + 1, in: sql)
    }
    let sessions = Array(found.prefix(limit))
    let next = found.count > limit ? sessions.last.map { SessionCursor($0).text } : nil
    return SessionPage(sessions: sessions, next: next)
  }

  /// Saves a message at the end of its session.
  public func append(_ message: ChatMessage) async throws(PersistenceFailure) {
    try await write { [tenant] sql in try SessionTables(tenant: tenant).append(message, in: sql) }
  }

  /// Saves a user's message and the run it starts, and before them the session when it is new, in one transaction.
  public func ask(_ message: ChatMessage, in session: ChatSession, starting start: RunStart) async throws {
    do {
      try await database.writer.transaction { [tenant] sql throws(any Error) in
        let tables = SessionTables(tenant: tenant)
        _ = try tables.insert(session, in: sql)
        try tables.append(message, in: sql)
        try RunTables(tenant: tenant).create(start, in: sql)
      }
    } catch let failure as CheckpointFailure {
      throw failure
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Saves the coach's message of a run, once.
  public func answer(_ message: ChatMessage) async throws(PersistenceFailure) -> ChatMessage {
    guard let run = message.run else { throw .damaged("an answer must name its run") }
    return try await write { [tenant] sql in
      let tables = SessionTables(tenant: tenant)
      if let saved = try tables.message(of: run, by: message.role, in: sql) { return saved }
      try tables.append(message, in: sql)
      return message
    }
  }

  /// The last messages of a session, oldest first.
  public func messages(of session: SessionID, last limit: Int) async throws(PersistenceFailure) -> [ChatMessage] {
    try await read { [tenant] sql in
      try SessionTables(tenant: tenant).messages(of: session, last: max(0, limit), in: sql)
    }
  }

  // MARK: - Errors

  private func write<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(PersistenceFailure) -> Value {
    do {
      return try await database.writer.transaction(body)
    } catch {
      throw PersistenceFailure(error)
    }
  }

  private func read<Value: Sendable>(
    _ body: @Sendable (borrowing SQLiteSession) throws -> Value
  ) async throws(PersistenceFailure) -> Value {
    do {
      return try await database.reader.read(body)
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

/// The place in the list of sessions at which a page ended.
private struct SessionCursor: Sendable {
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

/// The statements on the tables of sessions, for use inside a transaction.
private struct SessionTables: Sendable {
  let tenant: TenantID

  private static let columns = "id, title, domain, created_at, updated_at, message_count"
  private static let messageColumns = "id, session, role, text, created_at, answer, frame, run"

  /// Whether the session was new.
  func insert(_ session: ChatSession, in sql: borrowing SQLiteSession) throws -> Bool {
    try sql.execute(
      """
      INSERT INTO session (tenant, id, title, domain, created_at, updated_at, message_count)
      VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING
      """,
      [
        SQLiteValue(tenant), SQLiteValue(session.id), SQLiteValue(session.title), SQLiteValue(session.domain),
        SQLiteValue(session.createdAt), SQLiteValue(session.createdAt),
      ]
    )
    return sql.changes > 0
  }

  func session(_ id: SessionID, in sql: borrowing SQLiteSession) throws -> ChatSession? {
    try sql.query(
      "SELECT \(Self.columns) FROM session WHERE tenant = ? AND id = ?",
      [SQLiteValue(tenant), SQLiteValue(id)]
    ).rows.first.map { try ChatSession(stored: $0) }
  }

  func sessions(after place: SessionCursor?, limit: Int, in sql: borrowing SQLiteSession) throws -> [ChatSession] {
    let condition = place == nil ? "" : "AND (updated_at, id) < (?, ?)"
    let binds = place.map { [SQLiteValue($0.updatedAt), SQLiteValue($0.id)] } ?? []
    return try sql.query(
      """
      SELECT \(Self.columns) FROM session WHERE tenant = ? \(condition) ORDER BY updated_at DESC, id DESC LIMIT ?
      """,
      [SQLiteValue(tenant)] + binds + [SQLiteValue(limit)]
    ).rows.map { try ChatSession(stored: $0) }
  }

  func append(_ message: ChatMessage, in sql: borrowing SQLiteSession) throws {
    try sql.execute(
      """
      UPDATE session SET message_count = message_count + 1, updated_at = max(updated_at, ?)
      WHERE tenant = ? AND id = ?
      """,
      [SQLiteValue(message.createdAt), SQLiteValue(tenant), SQLiteValue(message.session)]
    )
    guard sql.changes > 0 else { throw PersistenceFailure.noSuchSession(message.session) }
    try sql.execute(
      """
      INSERT INTO message (position, tenant, \(Self.messageColumns))
      SELECT message_count, tenant, ?, ?, ?, ?, ?, ?, ?, ? FROM session WHERE tenant = ? AND id = ?
      ON CONFLICT DO NOTHING
      """,
      [
        SQLiteValue(message.id), SQLiteValue(message.session), SQLiteValue(message.role.rawValue),
        SQLiteValue(message.text), SQLiteValue(message.createdAt), SQLiteValue(message.answer),
        SQLiteValue(message.frame), SQLiteValue(message.run), SQLiteValue(tenant), SQLiteValue(message.session),
      ]
    )
    guard sql.changes > 0 else { throw PersistenceFailure.alreadyExists("message \(message.id)") }
  }

  func message(of run: RunID, by role: ChatMessage.Role, in sql: borrowing SQLiteSession) throws -> ChatMessage? {
    try sql.query(
      "SELECT \(Self.messageColumns) FROM message WHERE tenant = ? AND run = ? AND role = ?",
      [SQLiteValue(tenant), SQLiteValue(run), SQLiteValue(role.rawValue)]
    ).rows.first.map { try ChatMessage(stored: $0) }
  }

  func messages(of session: SessionID, last limit: Int, in sql: borrowing SQLiteSession) throws -> [ChatMessage] {
    try sql.query(
      """
      SELECT \(Self.messageColumns) FROM message WHERE tenant = ? AND session = ? ORDER BY position DESC LIMIT ?
      """,
      [SQLiteValue(tenant), SQLiteValue(session), SQLiteValue(limit)]
    ).rows.reversed().map { try ChatMessage(stored: $0) }
  }
}

extension ChatSession {
  fileprivate init(stored values: [SQLiteValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      id: try row.identifier(),
      title: try row.string(),
      domain: try row.string(),
      createdAt: try row.date()
    )
    updatedAt = try row.date()
    messageCount = try row.int()
  }
}

extension ChatMessage {
  fileprivate init(stored values: [SQLiteValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      id: try row.identifier(),
      session: try row.identifier(),
      role: try row.word(),
      text: try row.string(),
      createdAt: try row.date(),
      answer: try row.optionalJSON(),
      frame: try row.optionalJSON(),
      run: try row.optionalString().map { RunID($0) }
    )
  }
}
