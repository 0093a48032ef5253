public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
public import PostgresKit

/// Our own data on a PostgreSQL server: runs, sessions and the ledger, for any number of replicas.
///
/// The user's analytics data is never in it. It hands out stores for one tenant each, and the server itself shows each
/// transaction the rows of its tenant only, by row-level security that binds the owner of the tables, too. A commit waits
/// for the server's disk; an address with `options=-csynchronous_commit%3Doff` spares the wait, and then a crash of the
/// server may lose the last commits, but tears none.
public struct PostgresMetadataDatabase: Sendable {
  let pool: PostgresPool
  let clock: WallClock
  /// What replicas tell each other; nil when this one tells nothing.
  let news: PostgresRunNews?

  /// Connects and brings the schema up to date.
  ///
  /// - Parameters:
  ///   - configuration: the server and the user who works with the tables. The schema is the first of its search path,
  ///     or `coach`.
  ///   - owner: the user who owns the tables and changes them; the same user when nil. With an owner of its own, the
  ///     working user cannot change the tables.
  ///   - limits: how many connections, and how long to wait for one.
  ///   - updates: when the schema is brought up to date.
  ///   - tellsOthers: whether other processes are told what this one saves, and it hears of what they save.
  ///   - clock: the time of day for rows.
  /// - Throws: ``PersistenceFailure``, for instance for a schema of a newer version, or for a user whom row-level
  ///   security does not hold.
  public init(
    _ configuration: PostgresConfiguration,
    owner: PostgresConfiguration? = nil,
    limits: PostgresPool.Limits = PostgresPool.Limits(),
    updates: SchemaUpdates = .always,
    tellsOthers: Bool = false,
    clock: WallClock = .system
  ) async throws(PersistenceFailure) {
    var configuration = configuration
    let schema = configuration.searchPath.first ?? Self.defaultSchema
    configuration.searchPath = [schema]
    self.clock = clock
    pool = PostgresPool(configuration, limits: limits)
    news = tellsOthers ? PostgresRunNews(pool, schema: schema) : nil
    do {
      if try await mustUpdate(updates) {
        try await Self.migrate(owner ?? configuration, for: configuration, at: clock.now)
      }
      try await demandTenancy()
    } catch {
      await pool.close()
      throw PersistenceFailure(error)
    }
  }

  /// When the schema is brought up to date.
  public enum SchemaUpdates: Hashable, Sendable {
    /// Whenever it is older than this program.
    case always
    /// Only when there is none; an older one is refused.
    case whenMissing
  }

  static let defaultSchema = "coach"

  /// Whether the schema has to be made or changed; refuses one that must not be.
  private func mustUpdate(_ updates: SchemaUpdates) async throws -> Bool {
    // Whoever may not see the schema cannot tell it from none.
    guard try await !pool.query("SELECT to_regclass('schema_migration')").scalar.isNothing else { return true }
    let found = try await pool.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
    guard found <= Self.schemaVersion else {
      throw PersistenceFailure.newerDatabase(found: found, known: Self.schemaVersion)
    }
    guard found < Self.schemaVersion else { return false }
    if updates == .whenMissing, found > 0 {
      throw PersistenceFailure.olderDatabase(found: found, known: Self.schemaVersion)
    }
    return true
  }

  private static func migrate(
    _ owner: PostgresConfiguration,
    for configuration: PostgresConfiguration,
    at now: Date
  ) async throws {
    var owner = owner
    owner.searchPath = configuration.searchPath
    let connection = try await PostgresConnection.open(owner)
    let schema = configuration.searchPath.first ?? defaultSchema
    let member = owner.user == configuration.user ? nil : configuration.user
    do {
      try await PostgresMigration.run(on: connection, schema: schema, member: member, at: now)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// A user who passes over row-level security would see the rows of every tenant.
  private func demandTenancy() async throws {
    let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    guard try await pool.query(sql).scalar?.bool == false else {
      throw PersistenceFailure.unavailable(
        "the user \(pool.configuration.user) passes over row-level security; "
          + "connect as one without SUPERUSER and BYPASSRLS"
      )
    }
  }

  /// The version of the schema.
  public static var schemaVersion: Int { PostgresMigration.all.last?.version ?? 0 }

  /// Runs and checkpoints of a tenant.
  public func checkpoints(of tenant: TenantID) -> PostgresCheckpointStore {
    PostgresCheckpointStore(database: self, tenant: tenant)
  }

  /// Sessions and messages of a tenant.
  public func sessions(of tenant: TenantID) -> PostgresSessionStore {
    PostgresSessionStore(database: self, tenant: tenant)
  }

  /// The ledger; its rows and scopes name their tenant themselves.
  public var ledger: PostgresLedgerStore { PostgresLedgerStore(database: self) }

  /// What the router remembers; its callers name the tenant.
  public var routing: PostgresRoutingStore { PostgresRoutingStore(database: self) }

  /// Goals and check-ins; its callers name the tenant.
  public var goals: PostgresGoalStore { PostgresGoalStore(database: self) }

  /// The results of nodes that a tenant's runs share.
  public func nodeCache(of tenant: TenantID) -> PostgresNodeCache { PostgresNodeCache(database: self, tenant: tenant) }

  /// The tenants that have runs which are not at their end, for recovery at the start.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func tenantsWithOpenRuns() async throws(PersistenceFailure) -> [TenantID] {
    do {
      return try await pool.query("SELECT tenants_with_open_runs()").rows.compactMap {
        $0.first?.string.map { TenantID($0) }
      }
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Closes the connections; later calls fail.
  public func close() async {
    news?.close()
    await pool.close()
  }
}

extension PostgresValue? {
  fileprivate var isNothing: Bool { self?.isNull ?? true }
}

// MARK: - For the stores

extension PostgresMetadataDatabase {
  /// Names the tenant of the transaction; nothing is seen or written without.
  static func enter(_ tenant: TenantID) -> PostgresStatement {
    PostgresStatement("SELECT set_config('coach.tenant', $1, true)", [PostgresValue(tenant)])
  }

  /// Names the tenant of the transaction and keeps other writers away from something of that tenant until its end.
  static func enter(_ tenant: TenantID, locking subject: String) -> PostgresStatement {
    PostgresStatement(
      """
      SELECT set_config('coach.tenant', $1, true),
        pg_advisory_xact_lock(hashtextextended($2, hashtextextended($1, 0)))
      """,
      [PostgresValue(tenant), PostgresValue(subject)]
    )
  }

  /// Runs statements for a tenant in one round trip and one transaction.
  ///
  /// - Returns: the rows of the last one.
  func run(_ tenant: TenantID, _ statements: [PostgresStatement]) async throws -> PostgresRows {
    try await shielded { pool in try await pool.pipeline([Self.enter(tenant)] + statements).last ?? PostgresRows() }
  }

  /// Runs `body` for a tenant in one transaction that writes, again when it could not be put into an order with others.
  func write<Value: Sendable>(
    _ tenant: TenantID,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws -> Value {
    try await transaction(tenant, .readWrite, body)
  }

  /// Runs `body` for a tenant on one unchanging view of the data.
  func read<Value: Sendable>(
    _ tenant: TenantID,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws -> Value {
    try await transaction(tenant, .snapshot, body)
  }

  private func transaction<Value: Sendable>(
    _ tenant: TenantID,
    _ mode: PostgresTransactionMode,
    _ body: @escaping @Sendable (borrowing PostgresSession) throws -> Value
  ) async throws -> Value {
    try await shielded { pool in
      try await pool.transaction(mode) { session throws(any Error) in
        try session.pipeline([Self.enter(tenant)])
        return try body(session)
      }
    }
  }

  /// Runs `body` whether or not the calling task is cancelled, since what is to be saved must be saved; at most three
  /// times, when the server could not put it into an order with others.
  func shielded<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresPool) async throws -> Value
  ) async throws -> Value {
    try await Task { [pool] in
      for _ in 0..<2 {
        do {
          return try await body(pool)
        } catch let failure as PostgresFailure where failure.kind == .conflict {}
      }
      return try await body(pool)
    }.value
  }
}
