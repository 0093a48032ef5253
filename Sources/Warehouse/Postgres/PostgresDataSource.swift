public import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
public import PostgresKit
public import SQLGate
import SQLSyntax

/// A schema of a PostgreSQL database of the user's, for reading.
///
/// Statements run one by one over the extended protocol, in a transaction that only reads, under limits that hold for it
/// alone, and that is always taken back; then the session forgets everything. The user must be one whom row-level security
/// holds; give it no right but `SELECT`.
public final class PostgresDataSource: DataSource {
  /// How statements run.
  public struct Settings: Hashable, Sendable {
    /// The schema with the tables.
    public var schema = "public"
    /// The most statements at the same time.
    public var connections = 4
    /// The memory of one sort or hash, in bytes.
    public var workMemory = 16 << 20
    /// The disk that one statement may take for what does not fit into memory, in bytes; it holds where the user may set
    /// `temp_file_limit`.
    public var temporaryFiles = 256 << 20
    /// The longest wait for a lock.
    public var lockTimeout: Duration = .seconds(2)
    /// A setting of the server that the policies of row-level security look at, such as `app.tenant`.
    public var tenantSetting: String?
    /// The value of that setting.
    public var tenant: String?

    /// Makes the usual settings.
    public init() {}
  }

  /// What PostgreSQL can do.
  public var capabilities: DataSourceCapabilities {
    DataSourceCapabilities(
      engine: .postgres,
      schema: settings.schema,
      functions: SQLFunctions.functions(of: .postgres),
      tableFunctions: Set(SQLFunctions.tableFunctions(of: .postgres).keys),
      estimates: true,
      cancelsOnServer: true
    )
  }

  private let pool: PostgresPool
  private let settings: Settings
  private let setsTemporaryFiles: Bool
  private let known = Locked<(schema: DatabaseSchema, at: ContinuousClock.Instant)?>(nil)

  /// Connects, and makes sure of the user.
  ///
  /// - Parameters:
  ///   - configuration: the server and the user.
  ///   - settings: how statements run.
  /// - Throws: ``WarehouseFailure`` `.unreachable` for a server that cannot be reached, `.denied` for a user who passes
  ///   over row-level security.
  public init(
    _ configuration: PostgresConfiguration,
    settings: Settings = Settings()
  ) async throws(WarehouseFailure) {
    var configuration = configuration
    configuration.searchPath = [settings.schema]
    configuration.applicationName = "coach-data"
    self.settings = settings
    pool = PostgresPool(
      configuration,
      limits: PostgresPool.Limits(connections: max(1, settings.connections), waiting: .seconds(5))
    )
    do {
      let row = try await pool.pipeline([PostgresStatement(Self.survey, isKept: false)]).first?.rows.first ?? []
      guard row.first?.bool == false else {
        throw WarehouseFailure(
          .denied,
          "the user \(configuration.user) passes over row-level security",
          remedy: "Connect as one without SUPERUSER and BYPASSRLS who may only SELECT."
        )
      }
      setsTemporaryFiles = row.last?.bool ?? false
    } catch {
      await pool.close()
      throw WarehouseFailure(error, server: "\(configuration)")
    }
  }

  private static let survey = """
    SELECT rolsuper OR rolbypassrls, CASE WHEN current_setting('server_version_num')::int >= 150000
      THEN has_parameter_privilege('temp_file_limit', 'SET') ELSE false END
    FROM pg_roles WHERE rolname = current_user
    """

  /// Whether the server bounds the disk that a statement may take; without, grant the user
  /// `SET ON PARAMETER temp_file_limit`.
  public var boundsTemporaryFiles: Bool { setsTemporaryFiles }

  /// Closes the connections; later calls fail.
  public func close() async { await pool.close() }
}

// MARK: - Schema

extension PostgresDataSource {
  /// The tables and views that the user may read, with their readable columns.
  public func schema() async throws(WarehouseFailure) -> DatabaseSchema {
    let sql = """
      SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
        AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
      ORDER BY 1, a.attnum
      """
    let rows = try await guarded(for: .seconds(10)) { session throws(PostgresFailure) in
      try session.run(PostgresStatement(sql, [.text(self.settings.schema)], isKept: false)).rows
    }
    var tables: [TableSchema] = []
    for row in rows {
      guard row.count == 3, let table = row[0].string, let name = row[1].string, let type = row[2].string else {
        continue
      }
      if tables.last?.name != table { tables.append(TableSchema(name: table, columns: [])) }
      tables[tables.count - 1].columns.append(ColumnSchema(name: name, declaredType: type))
    }
    let schema = DatabaseSchema(tables: tables)
    known.withLock { $0 = (schema, .now) }
    return schema
  }

  /// The schema as it was read within the last minute.
  private func knownSchema() async throws(WarehouseFailure) -> DatabaseSchema {
    if let known = known.withLock(\.self), known.at.duration(to: .now) < .seconds(60) { return known.schema }
    return try await schema()
  }

  /// Says whether the server can make sense of a statement, and which columns it gives; what it reads, the gate has seen
  /// in its tree.
  public func examine(_ sql: String) async throws(ExaminationFailure) -> StatementFacts {
    var facts = StatementFacts(sql: sql)
    facts.parameterCount = sql.parameterCount
    let probe = PostgresStatement(
      "SELECT * FROM (\(sql.withoutEnd)) AS probe LIMIT 0",
      Array(repeating: .null, count: facts.parameterCount),
      isKept: false
    )
    do throws(WarehouseFailure) {
      facts.columnNames = try await guarded(for: .seconds(2)) { session throws(PostgresFailure) in
        try session.run(probe).columns
      }
    } catch {
      throw error.kind == .failed ? .syntax(message: error.message, offset: nil) : .unavailable(message: error.message)
    }
    return facts
  }
}

// MARK: - Statements

extension PostgresDataSource {
  /// Runs a statement that passed the gate and hands its rows on one by one.
  public func stream(
    _ gated: GatedSQL,
    _ receive: @escaping @Sendable ([JSONValue]) -> RowWish
  ) async throws(WarehouseFailure) -> StreamEnd {
    let statement = PostgresStatement(gated.sql, gated.parameters.map { PostgresValue($0) }, isKept: false)
    let policy = gated.policy
    let names = gated.facts.columnNames
    return try await guarded(for: policy.timeLimit) { session throws(PostgresFailure) in
      var meter = RowMeter(policy)
      var columns = names
      try session.forEachRow(statement) { row throws(PostgresFailure) in
        if columns.count != row.columnCount { columns = row.columns }
        let values = row.jsonValues
        guard meter.admits(values) else { return .stop }
        return receive(values) == .more ? .next : .stop
      }
      return StreamEnd(columns: columns, rowCount: meter.rowCount, isTruncated: meter.isTruncated)
    }
  }

  /// What the server's planner expects.
  public func estimate(_ gated: GatedSQL) async throws(WarehouseFailure) -> QueryEstimate? {
    let statement = PostgresStatement(
      "EXPLAIN (FORMAT JSON) \(gated.sql)",
      gated.parameters.map { PostgresValue($0) },
      isKept: false
    )
    let text = try await guarded(for: min(gated.policy.timeLimit, .seconds(2))) { session throws(PostgresFailure) in
      try session.run(statement).scalar?.string ?? ""
    }
    guard let plan = try? JSONValue(parsing: text).arrayValue?.first?["Plan"],
      let cost = plan["Total Cost"]?.doubleValue,
      let rows = plan["Plan Rows"]?.doubleValue
    else { return nil }
    return QueryEstimate(cost: cost, rows: rows)
  }

  /// The different values of a column in ascending order without null, at most `limit`.
  public func distinctValues(
    table: String,
    column: String,
    limit: Int
  ) async throws(WarehouseFailure) -> [JSONValue] {
    try await read(column, of: table) { column, table in
      "SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL ORDER BY 1 LIMIT \(max(0, limit))"
    }
  }

  /// The largest value of a column, or null when it has none.
  public func newestValue(table: String, column: String) async throws(WarehouseFailure) -> JSONValue {
    try await read(column, of: table) { column, table in "SELECT max(\(column)) FROM \(table)" }.first ?? .null
  }

  /// The server's place in its log: every change of any data of the server moves it.
  public func dataVersion() async throws(WarehouseFailure) -> String {
    let sql = """
      SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text
      """
    return try await guarded(for: .seconds(5)) { session throws(PostgresFailure) in
      try session.run(PostgresStatement(sql, isKept: false)).scalar?.string ?? ""
    }
  }

  private func read(
    _ column: String,
    of table: String,
    _ query: (_ column: String, _ table: String) -> String
  ) async throws(WarehouseFailure) -> [JSONValue] {
    guard let found = try await knownSchema().table(table),
      let column = found.columns.first(where: { $0.name.lowercased() == column.lowercased() })
    else {
      throw WarehouseFailure(
        .unknownName,
        "the schema \(settings.schema) has no column '\(column)' in a table '\(table)'",
        remedy: "Correct the name in the declaration of the domain."
      )
    }
    let sql = query(PostgresStatement.quoted(column.name), PostgresStatement.quoted(found.name))
    return try await guarded(for: .seconds(30)) { session throws(PostgresFailure) in
      var values: [JSONValue] = []
      try session.forEachRow(PostgresStatement(sql, isKept: false)) { row throws(PostgresFailure) in
        values.append(row.jsonValues.first ?? .null)
        return .next
      }
      return values
    }
  }
}

// MARK: - Limits

extension PostgresDataSource {
  /// How long the server may take to notice that its time is over before the connection is given up.
  private static let grace = Duration.seconds(5)

  /// Runs `body` in a transaction that only reads, under the limits, and lets the session forget it.
  private func guarded<Value: Sendable>(
    for time: Duration,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws(PostgresFailure) -> Value
  ) async throws(WarehouseFailure) -> Value {
    let limits = limits(for: time)
    let pool = pool
    do {
      return try await withDeadline(.after(time + Self.grace)) {
        try await pool.withConnection { connection async throws(PostgresFailure) in
          let value = try await connection.transaction(.untrusted) { session throws(PostgresFailure) in
            try session.pipeline([limits])
            return try body(session)
          }
          // Session locks, settings and prepared statements outlive a transaction.
          try await connection.pipeline([PostgresStatement("DISCARD ALL", isKept: false)])
          return value
        }
      }
    } catch is DeadlineExceeded {
      throw WarehouseFailure(
        .timedOut,
        "the server did not answer in time",
        remedy: "Ask for less, or look at the server."
      )
    } catch {
      throw WarehouseFailure(error, server: "\(pool.configuration)")
    }
  }

  /// One statement that sets what holds for the transaction.
  private func limits(for time: Duration) -> PostgresStatement {
    let milliseconds = max(1, Int(time / .milliseconds(1)))
    var values: [(name: String, value: String)] = [
      ("statement_timeout", "\(milliseconds)"),
      ("lock_timeout", "\(max(1, Int(settings.lockTimeout / .milliseconds(1))))"),
      ("idle_in_transaction_session_timeout", "\(milliseconds + 10_000)"),
      ("work_mem", "\(max(64, settings.workMemory >> 10))kB"), ("jit", "off"), ("max_parallel_workers_per_gather", "0"),
      ("search_path", PostgresStatement.quoted(settings.schema)),
    ]
    if setsTemporaryFiles { values.append(("temp_file_limit", "\(max(1, settings.temporaryFiles >> 10))kB")) }
    if let name = settings.tenantSetting { values.append((name, settings.tenant ?? "")) }
    let calls = values.indices.map { "set_config($\($0 * 2 + 1), $\($0 * 2 + 2), true)" }.joined(separator: ", ")
    return PostgresStatement(
      "SELECT \(calls)",
      values.flatMap { [.text($0.name), .text($0.value)] },
      isKept: false
    )
  }
}

extension String {
  /// The highest number of a parameter `$1`, `$2` and so on that stands outside of texts and quoted names.
  fileprivate var parameterCount: Int {
    var highest = 0
    var quote: UInt8?
    var number: Int?
    for byte in utf8 {
      if let digits = number, let digit = byte.digit, digits < 100_000 {
        number = digits * 10 + digit
        highest = max(highest, digits * 10 + digit)
        continue
      }
      number = nil
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "$") {
        number = 0
      }
    }
    return highest
  }

  /// The statement without the semicolons at its end, to stand inside another one.
  var withoutEnd: String {
    String(reversed().drop { $0 == ";" || $0.isWhitespace }.reversed())
  }
}

extension UInt8 {
  fileprivate var digit: Int? { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self ? Int(self - UInt8(ascii: "0")) : nil }
}
