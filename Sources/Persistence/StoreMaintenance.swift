import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
import Glibc
import PostgresKit
import SQLiteKit

/// Looks after our own data as a whole: brings it up to date, backs it up, and puts a backup in its place.
public struct StoreMaintenance: Sendable {
  /// Which version of the schema there is, and which there should be.
  public struct Versions: Hashable, Sendable {
    /// What is there; 0 when nothing is.
    public var found: Int
    /// What this program works with.
    public var known: Int
    /// The names of the steps between them, in order.
    public var pending: [String]
  }

  /// What a backup holds.
  public struct Contents: Hashable, Sendable {
    /// The version of the schema.
    public var version: Int
    /// How many rows each table has.
    public var rows: [String: Int]
  }

  private let location: StoreLocation
  private let clock: WallClock

  /// Names the store.
  public init(_ location: StoreLocation, clock: WallClock = .system) {
    self.location = location
    self.clock = clock
  }

  private static let inMemory = PersistenceFailure.unavailable("a store in memory goes with its process")

  // MARK: - Versions

  /// The version that is there and the steps that are missing; changes nothing.
  ///
  /// - Throws: ``PersistenceFailure``, `newerDatabase` for one of a newer program.
  public func versions() async throws(PersistenceFailure) -> Versions {
    let found: Int
    switch location {
    case .memory: throw Self.inMemory
    case .file(let path): found = try await MetadataDatabase.version(ofFile: path)
    case .server(let server):
      found = try await withOwner(of: server) { connection, _ in try await Self.version(on: connection) }
    }
    let known = MetadataDatabase.schemaVersion
    guard found <= known else { throw .newerDatabase(found: found, known: known) }
    return Versions(
      found: found,
      known: known,
      pending: Migration.all.filter { $0.version > found }.map(\.name)
    )
  }

  private static func version(on connection: PostgresConnection) async throws -> Int {
    guard try await connection.query("SELECT to_regclass('schema_migration')").scalar?.string != nil else { return 0 }
    return try await connection.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
  }

  /// Brings the store to the newest version, all steps or none.
  ///
  /// - Parameter isTrial: whether the steps are only tried, on a copy or in a transaction that is taken back.
  /// - Returns: what was there before.
  /// - Throws: ``PersistenceFailure``.
  @discardableResult
  public func migrate(isTrial: Bool = false) async throws(PersistenceFailure) -> Versions {
    let before = try await versions()
    switch location {
    case .memory: throw Self.inMemory
    case .file(let path):
      if isTrial {
        if before.found > 0 { try await tryMigration(ofFile: path) }
      } else {
        await (try MetadataDatabase(path: path, clock: clock)).close()
      }
    case .server(let server):
      let now = clock.now
      try await withOwner(of: server) { connection, schema in
        do {
          try await connection.transaction { session throws(any Error) in
            try PostgresMigration.lock(schema, in: session)
            try PostgresMigration.apply(PostgresMigration.all, to: schema, at: now, in: session)
            if let member = server.member { try PostgresMigration.grant(to: member, schema, in: session) }
            if isTrial { throw Trial() }
          }
        } catch is Trial {}
      }
    }
    return before
  }

  /// Ends a transaction without keeping anything.
  private struct Trial: Error {}

  private func tryMigration(ofFile path: String) async throws(PersistenceFailure) {
    let copy = "\(path).trial-\(getpid())"
    defer { for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) } }
    try await MetadataDatabase.copy(path, to: copy)
    await (try MetadataDatabase(path: copy, clock: clock)).close()
  }

  // MARK: - Backup

  /// Writes all that is there at one moment into a file, while others go on to work with it.
  ///
  /// - Parameters:
  ///   - file: where to; it appears when it is whole.
  ///   - overwrites: whether a file that is there may be replaced.
  /// - Returns: what the backup holds.
  /// - Throws: ``PersistenceFailure``.
  public func backUp(to file: String, overwrites: Bool = false) async throws(PersistenceFailure) -> Contents {
    guard overwrites || FileSize.of(file) == nil else {
      throw .alreadyExists("the file \(file)")
    }
    switch location {
    case .memory: throw Self.inMemory
    case .file(let path):
      guard try await MetadataDatabase.version(ofFile: path) > 0 else {
        throw .unavailable("there is nothing at \(path)")
      }
      try await MetadataDatabase.copy(path, to: file)
      return try await Self.contents(ofFile: file)
    case .server(let server):
      let now = clock.now
      return try await withOwner(of: server) { connection, schema in
        let version = try await Self.version(on: connection)
        guard version > 0 else {
          throw PersistenceFailure.unavailable("there is no schema '\(schema)' on \(server.user)")
        }
        let rows = try await connection.transaction(.snapshot) { session throws(any Error) in
          try PostgresArchive.write(to: file, schema: schema, at: now, in: session)
        }
        return Contents(version: version, rows: rows)
      }
    }
  }

  /// Puts a backup in the place of what is there, all or nothing, and brings it up to date.
  ///
  /// No other process may work with the store meanwhile; on a server that is checked.
  ///
  /// - Parameters:
  ///   - file: what ``backUp(to:overwrites:)`` wrote for a store of the same kind.
  ///   - overwrites: whether data that is there may be dropped.
  /// - Returns: what the store holds now.
  /// - Throws: ``PersistenceFailure``, `alreadyExists` when there is data that may not be dropped.
  public func restore(from file: String, overwrites: Bool = false) async throws(PersistenceFailure) -> Contents {
    switch location {
    case .memory: throw Self.inMemory
    case .file(let path): return try await restore(file, toFile: path, overwrites: overwrites)
    case .server(let server): return try await restore(file, to: server, overwrites: overwrites)
    }
  }
}

// MARK: - Files

extension StoreMaintenance {
  private static func contents(ofFile path: String) async throws(PersistenceFailure) -> Contents {
    do {
      let connection = try SQLiteConnection(path: path, configuration: SQLiteConfiguration(mode: .readOnly))
      let contents = try await connection.read { session throws(SQLiteFailure) in
        let version = try session.query("SELECT max(version) FROM schema_migration").scalar?.int ?? 0
        let names = try session.query(
          "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_migration' AND name NOT LIKE 'sqlite%'"
        ).rows.compactMap { $0.first?.string }
        var rows: [String: Int] = [:]
        for name in names { rows[name] = try session.query("SELECT count(*) FROM \"\(name)\"").scalar?.int ?? 0 }
        return Contents(version: version, rows: rows)
      }
      await connection.close()
      return contents
    } catch {
      throw PersistenceFailure(error)
    }
  }

  private func restore(
    _ file: String,
    toFile path: String,
    overwrites: Bool
  ) async throws(PersistenceFailure) -> Contents {
    guard FileSize.of(file) != nil else { throw .unavailable("there is no backup at \(file)") }
    let version = try await MetadataDatabase.version(ofFile: file)
    guard version > 0 else { throw .damaged("\(file) holds nothing of the coach's") }
    let known = MetadataDatabase.schemaVersion
    guard version <= known else { throw .newerDatabase(found: version, known: known) }
    try await Self.checkSoundness(of: file)
    guard overwrites || FileSize.of(path) == nil else { throw .alreadyExists("the coach's own database \(path)") }
    let partial = "\(path).restored-\(getpid())"
    defer { for suffix in ["", "-wal", "-shm"] { unlink(partial + suffix) } }
    try await MetadataDatabase.copy(file, to: partial)
    await (try MetadataDatabase(path: partial, clock: clock)).close()
    // The log of the old file would be taken for that of the new one.
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    try DurableFile.publish(partial, as: path)
    return try await Self.contents(ofFile: path)
  }

  private static func checkSoundness(of path: String) async throws(PersistenceFailure) {
    do {
      let connection = try SQLiteConnection(path: path, configuration: SQLiteConfiguration(mode: .readOnly))
      let faults = try await connection.read { session throws(SQLiteFailure) in
        let integrity = try session.query("PRAGMA integrity_check").rows
        let references = try session.query("PRAGMA foreign_key_check").rows
        return (integrity == [[.text("ok")]] ? 0 : integrity.count) + references.count
      }
      await connection.close()
      guard faults == 0 else { throw PersistenceFailure.damaged("\(path) has \(faults) faults; take another backup") }
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

// MARK: - Servers

extension StoreMaintenance {
  private func restore(
    _ file: String,
    to server: ServerStore,
    overwrites: Bool
  ) async throws(PersistenceFailure) -> Contents {
    let now = clock.now
    return try await withOwner(of: server) { connection, schema in
      let header = try PostgresArchive.check(file)
      try await Self.demandNobodyElse(on: connection)
      let rows = try await connection.transaction { session throws(any Error) in
        try PostgresMigration.lock(schema, in: session)
        if try session.query("SELECT to_regclass('schema_migration')").scalar?.string != nil {
          let isEmpty = try session.query("SELECT all_tenants()").isEmpty
          guard isEmpty || overwrites else {
            throw PersistenceFailure.alreadyExists("the coach's own data on \(server.user)")
          }
        }
        try session.execute("DROP SCHEMA IF EXISTS \(PostgresStatement.quoted(schema)) CASCADE")
        let steps = PostgresMigration.all
        try PostgresMigration.apply(steps.filter { $0.version <= header.version }, to: schema, at: now, in: session)
        let rows = try PostgresArchive.read(file, in: session)
        try PostgresMigration.apply(steps, to: schema, at: now, in: session)
        if let member = server.member { try PostgresMigration.grant(to: member, schema, in: session) }
        return rows
      }
      return Contents(version: PostgresMetadataDatabase.schemaVersion, rows: rows)
    }
  }

  /// A connection that was just closed is still seen for a moment, so it is looked several times.
  private static func demandNobodyElse(on connection: PostgresConnection) async throws {
    var others = 0
    for attempt in 1...20 {
      others =
        try await connection.query(
          """
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'coach' AND pid <> pg_backend_pid()
          """
        ).scalar?.int ?? 0
      if others == 0 { return }
      if attempt < 20 { try await Task.sleep(for: .milliseconds(100)) }
    }
    throw PersistenceFailure.unavailable(
      "\(others) connections of other coaches are open; stop them before you restore"
    )
  }

  private func withOwner<Value: Sendable>(
    of server: ServerStore,
    _ body: (PostgresConnection, _ schema: String) async throws -> Value
  ) async throws(PersistenceFailure) -> Value {
    var configuration = server.owner ?? server.user
    let schema = server.user.searchPath.first ?? PostgresMetadataDatabase.defaultSchema
    configuration.searchPath = [schema]
    do {
      let connection = try await PostgresConnection.open(configuration)
      do {
        let value = try await body(connection, schema)
        await connection.close()
        return value
      } catch {
        await connection.close()
        throw error
      }
    } catch {
      throw PersistenceFailure(error)
    }
  }
}

extension ServerStore {
  /// Who gets to use the tables; nil when the owner does.
  var member: String? { owner.map { $0.user == user.user } ?? true ? nil : user.user }
}
