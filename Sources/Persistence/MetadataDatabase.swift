public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
import SQLiteKit

/// The one file that holds our own data: runs, sessions and the ledger.
///
/// The user's analytics data is never in it. It hands out stores for one tenant each; there is no way to runs and sessions without naming the tenant.
public struct MetadataDatabase: Sendable {
  let writer: SQLiteConnection
  let reader: SQLiteConnection
  let groupCommit: GroupCommit
  let clock: WallClock

  /// Opens the file, makes it when it is missing, and brings its schema up to date.
  ///
  /// - Parameters:
  ///   - path: the file, or `:memory:` for a database that goes with this value.
  ///   - waitsForDisk: whether each commit waits until it would survive a power cut. Without, a killed process loses
  ///     nothing, but a power cut may lose the last commits.
  ///   - clock: the time of day for rows.
  /// - Throws: ``PersistenceFailure``, for instance for a file of a newer version.
  public init(
    path: String,
    waitsForDisk: Bool = false,
    clock: WallClock = .system
  ) async throws(PersistenceFailure) {
    self.clock = clock
    do {
      var configuration = SQLiteConfiguration.ours
      configuration.durability = waitsForDisk ? .full : .normal
      writer = try SQLiteConnection(path: path, configuration: configuration)
      try await Migration.run(on: writer, at: clock.now)
      // Copying the log into the file waits for the disk even when commits do not, so it is done less often.
      try await writer.withoutTransaction { session throws(SQLiteFailure) in
        _ = try session.query("PRAGMA wal_autocheckpoint = \(Self.pagesBetweenCheckpoints)")
      }
      groupCommit = GroupCommit(writer, waitsForDisk: waitsForDisk)
      // A database in memory belongs to its connection, so there one connection does both.
      reader = path == ":memory:" ? writer : try SQLiteConnection(path: path, configuration: configuration)
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// How many pages of 4 KiB the log may hold before it is copied into the file.
  private static let pagesBetweenCheckpoints = 4_000

  /// The version of the schema.
  public static var schemaVersion: Int { Migration.all.last?.version ?? 0 }

  /// Runs and checkpoints of a tenant.
  public func checkpoints(of tenant: TenantID) -> SQLiteCheckpointStore {
    SQLiteCheckpointStore(database: self, tenant: tenant)
  }

  /// Kept results of a tenant's nodes.
  public func nodeCache(of tenant: TenantID) -> SQLiteNodeCache {
    SQLiteNodeCache(database: self, tenant: tenant)
  }

  /// Sessions and messages of a tenant.
  public func sessions(of tenant: TenantID) -> SQLiteSessionStore {
    SQLiteSessionStore(database: self, tenant: tenant)
  }

  /// The ledger; its rows and scopes name their tenant themselves.
  public var ledger: SQLiteLedgerStore { SQLiteLedgerStore(database: self) }

  /// What the router remembers; its callers name the tenant.
  public var routing: SQLiteRoutingStore { SQLiteRoutingStore(database: self) }

  /// Goals and check-ins; its callers name the tenant.
  public var goals: SQLiteGoalStore { SQLiteGoalStore(database: self) }

  /// The tenants that have runs which are not at their end, for recovery at the start.
  ///
  /// - Throws: ``PersistenceFailure``.
  public func tenantsWithOpenRuns() async throws(PersistenceFailure) -> [TenantID] {
    do {
      return try await reader.query(
        "SELECT DISTINCT tenant FROM run WHERE \(RunTables.isOpen) ORDER BY tenant"
      ).rows.compactMap { $0.first?.string.map { TenantID($0) } }
    } catch {
      throw PersistenceFailure(error)
    }
  }

  /// Closes the file; later calls fail.
  public func close() async {
    await reader.close()
    await writer.close()
  }
}
