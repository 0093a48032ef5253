public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
public import Goals
public import Ledger
public import ModelRouting
import PostgresKit
public import StateGraph

/// Our own data, wherever it is kept: runs, sessions, the ledger and what the router remembers.
///
/// It hands out stores for one tenant each; there is no way to runs and sessions without naming the tenant.
public enum MetadataStore: Sendable {
  /// In a SQLite file or in memory.
  case sqlite(MetadataDatabase)
  /// On a PostgreSQL server.
  case postgres(PostgresMetadataDatabase)

  /// Opens a store.
  ///
  /// A file is brought up to date, and one that is older is copied beside itself first. A server's schema is made when it
  /// is missing, and never changed otherwise, as replicas of the version before may still work with it; `coach migrate`
  /// does that.
  ///
  /// - Parameters:
  ///   - location: where it is.
  ///   - clock: the time of day for rows.
  /// - Returns: the store.
  /// - Throws: ``PersistenceFailure``.
  public static func open(
    _ location: StoreLocation,
    clock: WallClock = .system
  ) async throws(PersistenceFailure) -> MetadataStore {
    switch location {
    case .memory: return .sqlite(try await MetadataDatabase(path: ":memory:", clock: clock))
    case .file(let path):
      try await MetadataDatabase.copyBeforeUpdate(of: path)
      return .sqlite(try await MetadataDatabase(path: path, clock: clock))
    case .server(let server):
      return .postgres(
        try await PostgresMetadataDatabase(
          server.user,
          owner: server.owner,
          limits: PostgresPool.Limits(connections: server.connections),
          updates: .whenMissing,
          tellsOthers: true,
          clock: clock
        )
      )
    }
  }

  /// Runs and checkpoints of a tenant.
  public func checkpoints(of tenant: TenantID) -> any CheckpointStore {
    switch self {
    case .sqlite(let database): database.checkpoints(of: tenant)
    case .postgres(let database): database.checkpoints(of: tenant)
    }
  }

  /// Sessions and messages of a tenant.
  public func sessions(of tenant: TenantID) -> any SessionStore {
    switch self {
    case .sqlite(let database): database.sessions(of: tenant)
    case .postgres(let database): database.sessions(of: tenant)
    }
  }

  /// The results of nodes that a tenant's runs share.
  public func nodeCache(of tenant: TenantID) -> any NodeCache {
    switch self {
    case .sqlite(let database): database.nodeCache(of: tenant)
    case .postgres(let database): database.nodeCache(of: tenant)
    }
  }

  /// The ledger; its rows and scopes name their tenant themselves.
  public var ledger: any LedgerStore {
    switch self {
    case .sqlite(let database): database.ledger
    case .postgres(let database): database.ledger
    }
  }

  /// Goals and their check-ins; its callers name the tenant.
  public var goals: any GoalStore {
    switch self {
    case .sqlite(let database): database.goals
    case .postgres(let database): database.goals
    }
  }

  /// What the router remembers; its callers name the tenant.
  public var routing: any RoutingStore {
    switch self {
    case .sqlite(let database): database.routing
    case .postgres(let database): database.routing
    }
  }

  /// The tenants that have runs which are not at their end, for recovery at the start.
  public func tenantsWithOpenRuns() async throws(PersistenceFailure) -> [TenantID] {
    switch self {
    case .sqlite(let database): try await database.tenantsWithOpenRuns()
    case .postgres(let database): try await database.tenantsWithOpenRuns()
    }
  }

  /// Closes it; later calls fail.
  public func close() async {
    switch self {
    case .sqlite(let database): await database.close()
    case .postgres(let database): await database.close()
    }
  }
}

// MARK: - Replicas

extension MetadataStore {
  /// How other processes tell of the runs that they save; nil where there are none.
  public func news(of tenant: TenantID) -> (any RunNews)? {
    guard case .postgres(let database) = self, let news = database.news else { return nil }
    return PostgresTenantNews(news: news, tenant: tenant)
  }

  /// Asks whoever works on a run to stop it; asking again changes nothing.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func requestStop(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    switch self {
    case .sqlite(let database): try await database.requestStop(of: run, tenant: tenant)
    case .postgres(let database): try await database.requestStop(of: run, tenant: tenant)
    }
  }

  /// The runs of a tenant that somebody wants stopped.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func stopRequests(of tenant: TenantID) async throws(PersistenceFailure) -> [RunID] {
    switch self {
    case .sqlite(let database): try await database.stopRequests(of: tenant)
    case .postgres(let database): try await database.stopRequests(of: tenant)
    }
  }

  /// Drops the request for a run, as it is done.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func dropStopRequest(of run: RunID, tenant: TenantID) async throws(PersistenceFailure) {
    switch self {
    case .sqlite(let database): try await database.dropStopRequest(of: run, tenant: tenant)
    case .postgres(let database): try await database.dropStopRequest(of: run, tenant: tenant)
    }
  }

  /// Tells when somebody may have asked for a stop; nil where nobody tells, and one has to look.
  public func requestNews() -> (any RunNewsSubscription)? {
    guard case .postgres(let database) = self else { return nil }
    return database.news?.subscribeToRequests()
  }
}
