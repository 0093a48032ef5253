public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
import PostgresKit
import SQLiteKit

/// Gives out, deletes and lets expire what is kept about people.
///
/// What belongs to a user is found through the ledger, whose rows name who asked: the conversations of these rows, and all
/// that hangs on them. The ledger's rows stay, since they are accounts, but name nobody any more.
public struct PersonalData: Sendable {
  /// Whose data is meant.
  public enum Subject: Hashable, Sendable {
    /// All that a tenant has.
    case tenant(TenantID)
    /// What one user of a tenant has.
    case user(UserID, of: TenantID)

    /// The tenant.
    public var tenant: TenantID {
      switch self {
      case .tenant(let tenant): tenant
      case .user(_, of: let tenant): tenant
      }
    }
  }

  /// What happened to the rows of one table.
  public struct Listing: Hashable, Sendable {
    /// What happens to rows.
    public enum Action: String, Hashable, Sendable {
      /// They were given out.
      case exported
      /// They are gone.
      case deleted
      /// They stay and name nobody any more.
      case anonymised
    }

    /// The table.
    public var table: String
    /// What happened to its rows.
    public var action: Action
    /// How many rows there were.
    public var rows: Int
    /// How many rows of the subject are there now.
    public var remaining: Int
  }

  /// After how long rows go, by the kind of rows; nil keeps them.
  public struct Retention: Hashable, Sendable {
    /// Runs at their end, with their checkpoints and events.
    public var runs: Duration?
    /// Conversations, from their last message.
    public var sessions: Duration?
    /// Audited statements and what the router learnt from them.
    public var audit: Duration?
    /// The names of people and conversations in the ledger.
    public var ledgerNames: Duration?

    /// Keeps everything unless told otherwise.
    public init(
      runs: Duration? = nil,
      sessions: Duration? = nil,
      audit: Duration? = nil,
      ledgerNames: Duration? = nil
    ) {
      self.runs = runs
      self.sessions = sessions
      self.audit = audit
      self.ledgerNames = ledgerNames
    }
  }

  private let store: MetadataStore
  private let clock: WallClock

  /// Works on a store.
  public init(_ store: MetadataStore, clock: WallClock = .system) {
    self.store = store
    self.clock = clock
  }

  // MARK: - Subjects

  /// Hands out every row of a subject, as an object with `table` and `row`.
  ///
  /// - Returns: how many rows each table has.
  /// - Throws: ``PersistenceFailure``, and what `receive` throws.
  public func export(
    _ subject: Subject,
    _ receive: @escaping @Sendable (JSONValue) throws -> Void
  ) async throws -> [Listing] {
    switch store {
    case .sqlite(let database):
      try await database.reader.read { session throws(any Error) in try Self.export(subject, in: session, receive) }
    case .postgres(let database):
      try await database.read(subject.tenant) { try Self.export(subject, in: $0, receive) }
    }
  }

  private static func export<Session: StoreSession & ~Copyable>(
    _ subject: Subject,
    in session: borrowing Session,
    _ receive: (JSONValue) throws -> Void
  ) throws -> [Listing] {
    var listings: [Listing] = []
    for part in try parts(of: subject, in: session) {
      let found = try session.rows("SELECT * FROM \(part.table) WHERE \(part.condition)", part.binds)
      for row in found.rows {
        let members = Dictionary(zip(found.columns, row)) { $1 }
        try receive(["table": .string(part.table), "row": .object(members)])
      }
      let count = found.rows.count
      listings.append(Listing(table: part.table, action: .exported, rows: count, remaining: count))
    }
    return listings
  }

  /// Deletes every row of a subject, or takes its names out of it, all or nothing.
  ///
  /// In a file nothing of it can be found afterwards; a server forgets deleted rows when it next cleans its tables.
  ///
  /// - Returns: a listing for each table, as a proof.
  /// - Throws: ``PersistenceFailure``.
  public func delete(_ subject: Subject) async throws -> [Listing] {
    switch store {
    case .sqlite(let database):
      let listings = try await database.writer.transaction { session throws(any Error) in
        try Self.delete(subject, in: session)
      }
      try await database.writer.withoutTransaction { session throws(SQLiteFailure) in
        try session.execute("VACUUM")
        _ = try session.query("PRAGMA wal_checkpoint(TRUNCATE)")
      }
      return listings
    case .postgres(let database): return try await database.write(subject.tenant) { try Self.delete(subject, in: $0) }
    }
  }

  private static func delete<Session: StoreSession & ~Copyable>(
    _ subject: Subject,
    in session: borrowing Session
  ) throws -> [Listing] {
    let parts = try parts(of: subject, in: session)
    let counts = try parts.map { try count($0, in: session) }
    // The ledger tells what belongs to whom, so it comes last, after everything else was looked for again.
    for part in parts where part.table != ledger { _ = try session.rows(part.removal, part.binds) }
    var remaining = try parts.map { part in part.table == ledger ? 0 : try count(part, in: session) }
    for (index, part) in parts.enumerated() where part.table == ledger {
      _ = try session.rows(part.removal, part.binds)
      remaining[index] = try count(part.remainder, in: session)
    }
    return parts.indices.map { index in
      Listing(
        table: parts[index].table,
        action: parts[index].action,
        rows: counts[index],
        remaining: remaining[index]
      )
    }
  }

  private static func count<Session: StoreSession & ~Copyable>(
    _ part: Part,
    in session: borrowing Session
  ) throws -> Int {
    try session.rows("SELECT count(*) FROM \(part.table) WHERE \(part.condition)", part.binds).rows.first?.first?
      .intValue
      ?? 0
  }

  // MARK: - Retention

  /// Deletes what is older than it may be.
  ///
  /// - Parameters:
  ///   - retention: after how long rows go.
  ///   - tenant: whose rows.
  ///   - isTrial: whether rows are only counted.
  /// - Returns: how many rows of each table were, or would be, affected directly; what hangs on them goes with them.
  /// - Throws: ``PersistenceFailure``.
  public func expire(
    _ retention: Retention,
    of tenant: TenantID,
    isTrial: Bool = false
  ) async throws -> [Listing] {
    let parts = Self.expired(retention, tenant, at: clock.now)
    switch store {
    case .sqlite(let database):
      return try await database.writer.transaction { session throws(any Error) in
        try Self.expire(parts, isTrial, in: session)
      }
    case .postgres(let database):
      return try await database.write(tenant) { try Self.expire(parts, isTrial, in: $0) }
    }
  }

  private static func expire<Session: StoreSession & ~Copyable>(
    _ parts: [Part],
    _ isTrial: Bool,
    in session: borrowing Session
  ) throws -> [Listing] {
    try parts.map { part in
      let before = try count(part, in: session)
      if !isTrial { _ = try session.rows(part.removal, part.binds) }
      return Listing(
        table: part.table,
        action: part.action,
        rows: before,
        remaining: try count(part.remainder, in: session)
      )
    }
  }
}

// MARK: - Parts

/// Rows of one table; values stand as `:1`, `:2` and so on.
private struct Part: Sendable {
  var table: String
  var condition: String
  var binds: [JSONValue]

  var action: PersonalData.Listing.Action { table == PersonalData.ledger ? .anonymised : .deleted }

  /// Rows of the ledger lose their names; all others go.
  var removal: String {
    table == PersonalData.ledger
      ? "UPDATE \(table) SET asked_by = NULL, session = NULL, run = NULL WHERE \(condition)"
      : "DELETE FROM \(table) WHERE \(condition)"
  }

  /// What should not be there after the removal.
  var remainder: Part {
    guard table == PersonalData.ledger else { return self }
    var part = self
    part.condition = "(\(condition)) AND (asked_by IS NOT NULL OR session IS NOT NULL OR run IS NOT NULL)"
    return part
  }
}

extension PersonalData {
  fileprivate static let ledger = "model_attempt"

  /// The rows of a subject: a table comes before those to which its rows refer, the ledger last.
  private static func parts<Session: StoreSession & ~Copyable>(
    of subject: Subject,
    in session: borrowing Session
  ) throws -> [Part] {
    let tenant = JSONValue.string(subject.tenant.rawValue)
    switch subject {
    case .tenant:
      let names = try session.rows(Session.tables, []).rows.compactMap { $0.first?.stringValue }
      let tables = names.filter { $0 != ledger } + [ledger]
      return tables.map { Part(table: $0, condition: "tenant = :1", binds: [tenant]) }
    case .user(let user, of: _):
      let mine = "FROM model_attempt WHERE tenant = :1 AND asked_by = :2"
      let sessions = "(SELECT session \(mine) AND session IS NOT NULL)"
      let runs = """
        (SELECT run FROM run WHERE tenant = :1 AND thread IN \(sessions) UNION SELECT run \(mine) AND run IS NOT NULL)
        """
      let ofRuns = ["gate_outcome", "stop_request", "effect", "snapshot", "partial_commit", "run_event", "checkpoint"]
      let conditions =
        [("statement_audit", "session IN \(sessions) OR run IN \(runs) OR asked_by = :2")]
        + ofRuns.map { ($0, "run IN \(runs)") }
        + [
          ("queued_start", "thread IN \(sessions)"), ("message", "session IN \(sessions)"),
          ("session", "id IN \(sessions)"), ("thread", "thread IN \(sessions)"), ("run", "run IN \(runs)"),
          (ledger, "asked_by = :2"),
        ]
      return conditions.map {
        Part(table: $0.0, condition: "tenant = :1 AND (\($0.1))", binds: [tenant, .string(user.rawValue)])
      }
    }
  }

  private static func expired(_ retention: Retention, _ tenant: TenantID, at now: Date) -> [Part] {
    func part(_ table: String, _ condition: String, _ age: Duration?) -> Part? {
      guard let age else { return nil }
      let limit = (now - age / .seconds(1)).storedMicroseconds
      return Part(
        table: table,
        condition: "tenant = :1 AND \(condition)",
        binds: [.string(tenant.rawValue), .int(limit)]
      )
    }
    let ended = """
      ended_at < :2 AND status IN ('finished', 'failed', 'stopped')
        AND NOT EXISTS (SELECT 1 FROM run AS heir WHERE heir.tenant = run.tenant AND heir.base_run = run.run)
      """
    let cache = Part(
      table: "node_cache",
      condition: "tenant = :1 AND expires_at < :2",
      binds: [.string(tenant.rawValue), .int(now.storedMicroseconds)]
    )
    return [
      part("statement_audit", "judged_at < :2", retention.audit),
      part("gate_outcome", "recorded_at < :2", retention.audit),
      part("run", ended, retention.runs), part("session", "updated_at < :2", retention.sessions), cache,
      part(
        ledger,
        "started_at < :2 AND (asked_by IS NOT NULL OR session IS NOT NULL OR run IS NOT NULL)",
        retention.ledgerNames
      ),
    ].compactMap(\.self)
  }
}

// MARK: - Both engines

/// Statements on either engine within one transaction; values stand as `:1`, `:2` and so on.
private protocol StoreSession: ~Copyable {
  /// A query for all tables with a tenant; a table comes before those to which its rows refer.
  static var tables: String { get }

  func rows(_ sql: String, _ binds: [JSONValue]) throws -> (columns: [String], rows: [[JSONValue]])
}

extension SQLiteSession: StoreSession {
  fileprivate static var tables: String {
    """
    SELECT t.name FROM sqlite_schema t WHERE t.type = 'table'
      AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'tenant')
    ORDER BY (SELECT count(*) FROM pragma_foreign_key_list(t.name)) = 0, t.name
    """
  }

  fileprivate func rows(_ sql: String, _ binds: [JSONValue]) throws -> (columns: [String], rows: [[JSONValue]]) {
    let values = binds.map { bind in bind.intValue.map { SQLiteValue($0) } ?? SQLiteValue(bind.stringValue) }
    let found = try query(sql.replacing(":", with: "?"), values)
    return (found.columns, found.rows.map { row in row.map(\.plain) })
  }
}

extension PostgresSession: StoreSession {
  fileprivate static var tables: String {
    """
    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
    WHERE c.relkind = 'r' AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    ORDER BY NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'), c.relname
    """
  }

  fileprivate func rows(_ sql: String, _ binds: [JSONValue]) throws -> (columns: [String], rows: [[JSONValue]]) {
    let values = binds.map { bind in bind.intValue.map { PostgresValue($0) } ?? PostgresValue(bind.stringValue) }
    // A colon stands before the number of a value and nowhere else, but for casts.
    let text = sql.replacing("::", with: "\u{1}").replacing(":", with: "$").replacing("\u{1}", with: "::")
    let found = try query(text, values)
    return (found.columns, found.rows.map { row in row.map(\.plain) })
  }
}

extension SQLiteValue {
  fileprivate var plain: JSONValue {
    switch self {
    case .null: .null
    case .integer(let number): .int(Int(number))
    case .real(let number): .double(number)
    case .text(let text): .string(text)
    case .blob(let bytes): .string("(\(bytes.count) bytes)")
    }
  }
}

extension PostgresValue {
  fileprivate var plain: JSONValue {
    switch self {
    case .null: .null
    case .bool(let truth): .bool(truth)
    case .integer(let number): .int(Int(number))
    case .real(let number): .double(number)
    case .text(let text): .string(text)
    case .bytes(let bytes): .string("(\(bytes.count) bytes)")
    case .array(let items): .array(items.map(\.plain))
    }
  }
}
