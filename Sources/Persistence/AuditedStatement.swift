public import CoachVocabulary
public import FoundationEssentials
import PostgresKit
import SQLiteKit

/// A statement that a model wrote, what the gate said about it, and what came of running it.
public struct AuditedStatement: Hashable, Sendable {
  /// The run.
  public var run: RunID
  /// The number of the statement within the run, from 1.
  public var number: Int
  /// The conversation.
  public var session: SessionID
  /// The domain.
  public var domain: String
  /// The model.
  public var model: String
  /// What it wrote.
  public var statement: String
  /// What the gate decided.
  public var verdict: String
  /// What each check said, in order.
  public var trail: JSONValue
  /// How many rows it gave; nil when it was not run, or failed.
  public var rows: Int?
  /// Why it failed; nil when it was not run, or did not.
  public var problem: String?
  /// How long it ran; nil when it was not run.
  public var duration: Duration?
  /// When the gate decided.
  public var judgedAt: Date

  /// Makes the row of a statement that was judged and not run yet.
  public init(
    run: RunID,
    number: Int,
    session: SessionID,
    domain: String,
    model: String,
    statement: String,
    verdict: String,
    trail: JSONValue,
    judgedAt: Date
  ) {
    self.run = run
    self.number = number
    self.session = session
    self.domain = domain
    self.model = model
    self.statement = statement
    self.verdict = verdict
    self.trail = trail
    self.judgedAt = judgedAt
  }

  fileprivate static let columns = """
    run, number, session, domain, model, statement, verdict, trail, row_count, problem, duration_us, judged_at
    """

  fileprivate init(_ row: StoredRow) throws(StoredValueFailure) {
    var row = row
    self.init(
      run: try row.identifier(),
      number: try row.int(),
      session: try row.identifier(),
      domain: try row.string(),
      model: try row.string(),
      statement: try row.json().stringValue ?? "",
      verdict: try row.string(),
      trail: try row.json(),
      judgedAt: Date(timeIntervalSince1970: 0)
    )
    rows = try row.optionalInt()
    problem = try row.optionalJSON()?.stringValue
    duration = try row.optionalInt().map { .microseconds($0) }
    judgedAt = try row.date()
  }
}

extension MetadataStore {
  /// Keeps a statement before it runs; the same again, as after a crash, takes the place of the first.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func record(_ statement: AuditedStatement, of tenant: TenantID) async throws(PersistenceFailure) {
    // Texts of models are kept as JSON, which holds any character.
    let (text, trail) = (JSONValue.string(statement.statement), statement.trail)
    switch self {
    case .sqlite(let database):
      try await database.write(
        """
        INSERT OR REPLACE INTO statement_audit
          (tenant, run, number, session, domain, model, statement, verdict, trail, judged_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          SQLiteValue(tenant), SQLiteValue(statement.run), SQLiteValue(statement.number),
          SQLiteValue(statement.session),
          SQLiteValue(statement.domain), SQLiteValue(statement.model), SQLiteValue(text),
          SQLiteValue(statement.verdict), SQLiteValue(trail), SQLiteValue(statement.judgedAt),
        ]
      )
    case .postgres(let database):
      try await database.write(
        """
        INSERT INTO statement_audit
          (tenant, run, number, session, domain, model, statement, verdict, trail, judged_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (tenant, run, number) DO UPDATE SET statement = excluded.statement, verdict = excluded.verdict,
          trail = excluded.trail, model = excluded.model, row_count = NULL, problem = NULL, duration_us = NULL,
          judged_at = excluded.judged_at
        """,
        [
          PostgresValue(tenant), PostgresValue(statement.run), PostgresValue(statement.number),
          PostgresValue(statement.session), PostgresValue(statement.domain), PostgresValue(statement.model),
          PostgresValue(text), PostgresValue(statement.verdict), PostgresValue(trail),
          PostgresValue(statement.judgedAt),
        ],
        of: tenant
      )
    }
  }

  /// Adds what came of running a statement.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func complete(
    _ run: RunID,
    _ number: Int,
    rows: Int?,
    problem: String?,
    duration: Duration,
    of tenant: TenantID
  ) async throws(PersistenceFailure) {
    let microseconds = Int(duration / .microseconds(1))
    let text: JSONValue? = problem.map { .string($0) }
    switch self {
    case .sqlite(let database):
      try await database.write(
        """
        UPDATE statement_audit SET row_count = ?, problem = ?, duration_us = ?
        WHERE tenant = ? AND run = ? AND number = ?
        """,
        [
          SQLiteValue(rows), SQLiteValue(text), SQLiteValue(microseconds), SQLiteValue(tenant), SQLiteValue(run),
          SQLiteValue(number),
        ]
      )
    case .postgres(let database):
      try await database.write(
        """
        UPDATE statement_audit SET row_count = $4, problem = $5, duration_us = $6
        WHERE tenant = $1 AND run = $2 AND number = $3
        """,
        [
          PostgresValue(tenant), PostgresValue(run), PostgresValue(number), PostgresValue(rows), PostgresValue(text),
          PostgresValue(microseconds),
        ],
        of: tenant
      )
    }
  }

  /// The newest audited statements of a tenant, newest first.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func statements(of tenant: TenantID, limit: Int) async throws(PersistenceFailure) -> [AuditedStatement] {
    let order = "ORDER BY judged_at DESC, run DESC, number DESC LIMIT"
    do {
      switch self {
      case .sqlite(let database):
        return try await database.reader.query(
          "SELECT \(AuditedStatement.columns) FROM statement_audit WHERE tenant = ? \(order) ?",
          [SQLiteValue(tenant), SQLiteValue(max(0, limit))]
        ).rows.map { try AuditedStatement(StoredRow($0)) }
      case .postgres(let database):
        let statement = PostgresStatement(
          "SELECT \(AuditedStatement.columns) FROM statement_audit WHERE tenant = $1 \(order) $2",
          [PostgresValue(tenant), PostgresValue(max(0, limit))]
        )
        return try await database.run(tenant, [statement]).rows.map { try AuditedStatement(StoredRow($0)) }
      }
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

extension MetadataDatabase {
  fileprivate func write(_ sql: String, _ binds: [SQLiteValue]) async throws(PersistenceFailure) {
    do {
      try await writer.execute(sql, binds)
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

extension PostgresMetadataDatabase {
  fileprivate func write(
    _ sql: String,
    _ binds: [PostgresValue],
    of tenant: TenantID
  ) async throws(PersistenceFailure) {
    do {
      _ = try await run(tenant, [PostgresStatement(sql, binds)])
    } catch {
      throw PersistenceFailure(error)
    }
  }
}
