public import CoachVocabulary
import ConcurrencyKit
public import SQLGate
import SQLiteKit

/// A SQLite file of the user's, opened for reading only and with tight limits.
///
/// Each statement is judged twice: by the gate, and by an authorizer of its own while it runs. When the file is
/// replaced, the next call reads the new one.
public final class SQLiteDataSource: DataSource {
  /// The path of the file.
  public var path: String { file.path }
  /// What SQLite can do.
  public let capabilities = DataSourceCapabilities(
    engine: .sqlite,
    functions: SQLFunctions.sqliteAnalytics,
    tableFunctions: Set(SQLFunctions.sqliteTables.keys)
  )

  private let file: DatabaseFile
  private let workers: ConnectionPool
  /// Its own connection, so that judging a statement never waits for others that run.
  private let observer: ConnectionPool
  private let catalogues = Locked<[CatalogueKey: SQLiteCatalogue]>([:])

  /// Opens the file at `path`, and fails when that is no SQLite database with something in it.
  ///
  /// - Parameters:
  ///   - path: the path of the file; links are followed.
  ///   - connections: how many statements may run at the same time; connections are opened when needed.
  /// - Throws: ``WarehouseFailure`` `.missingFile`, `.notAFile`, `.emptyFile`, `.notADatabase`, `.unreadable` and others.
  public init(path: String, connections: Int = 4) throws(WarehouseFailure) {
    file = DatabaseFile(path: path)
    workers = ConnectionPool(file: file, capacity: connections)
    observer = ConnectionPool(file: file, capacity: 1)
    _ = try file.identity()
    do throws(SQLiteFailure) {
      _ = try SQLiteDatabase(path: path, configuration: .untrusted)
    } catch {
      throw WarehouseFailure(error, path: path)
    }
  }

  /// The tables and views with their columns.
  public func schema() async throws(WarehouseFailure) -> DatabaseSchema {
    try await observer.withConnection { pooled throws(SQLiteFailure) in
      try await pooled.connection.read { session throws(SQLiteFailure) in
        try DatabaseSchema(of: session)
      }
    }
  }

  /// Says what the first statement of the text would do, without running it.
  public func examine(_ sql: String) async throws(ExaminationFailure) -> StatementFacts {
    let answer: Result<StatementFacts, SQLiteFailure>
    do throws(WarehouseFailure) {
      answer = try await observer.withConnection { [self] pooled throws(SQLiteFailure) in
        try await pooled.connection.read { session throws(SQLiteFailure) in
          let catalogue = try catalogue(of: session, in: pooled.identity)
          do throws(SQLiteFailure) {
            return .success(StatementFacts(try session.examine(sql), of: sql, catalogue: catalogue))
          } catch {
            return .failure(error)
          }
        }
      }
    } catch {
      throw .unavailable(message: error.message)
    }
    do throws(SQLiteFailure) {
      return try answer.get()
    } catch {
      throw ExaminationFailure(error, bytes: sql.utf8.count)
    }
  }

  /// Runs a statement that passed the gate, within the limits of its policy, and stops when the task is cancelled.
  public func run(_ gated: GatedSQL) async throws(WarehouseFailure) -> ResultTable {
    let binds = gated.parameters.map { SQLiteValue($0) }
    let found = try await workers.withConnection { [self] pooled throws(SQLiteFailure) in
      try await pooled.connection.read { session throws(SQLiteFailure) in
        let authorizer = RunTimeAuthorizer(
          policy: gated.policy,
          catalogue: try catalogue(of: session, in: pooled.identity)
        )
        guard authorizer.allowsJoins(in: gated.sql) else {
          throw SQLiteFailure(kind: .denied, message: "a join may read what its policy denies")
        }
        return try session.queryGuarded(gated.sql, binds, guard: SQLiteGuard(authorizer))
      }
    }
    return ResultTable(found, columnNames: gated.facts.columnNames)
  }

  /// Runs a statement that passed the gate and hands its rows on one by one.
  ///
  /// They are all read first: what a policy lets through is small, and a file is not kept open for a slow reader.
  public func stream(
    _ gated: GatedSQL,
    _ receive: @escaping @Sendable ([JSONValue]) -> RowWish
  ) async throws(WarehouseFailure) -> StreamEnd {
    let result = try await run(gated)
    var count = 0
    for row in result.rows {
      count += 1
      if receive(row) == .enough { break }
    }
    return StreamEnd(columns: result.columns, rowCount: count, isTruncated: result.isTruncated)
  }

  /// The different values of a column in ascending order without null, at most `limit`.
  public func distinctValues(
    table: String,
    column: String,
    limit: Int
  ) async throws(WarehouseFailure) -> [JSONValue] {
    let found = try await read(column, of: table) { column, table in
      "SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL ORDER BY 1 LIMIT \(max(0, limit))"
    }
    return found.compactMap(\.first)
  }

  /// The largest value of a column, or null when it has none; for times as ISO text that is the newest.
  public func newestValue(table: String, column: String) async throws(WarehouseFailure) -> JSONValue {
    let found = try await read(column, of: table) { column, table in "SELECT max(\(column)) FROM \(table)" }
    return found.first?.first ?? .null
  }

  /// Identity, size and time of the file and its log, and SQLite's own count of changes.
  public func dataVersion() async throws(WarehouseFailure) -> String {
    let fingerprint = try file.fingerprint()
    let count = try await observer.withConnection { pooled throws(SQLiteFailure) in
      try await pooled.connection.query("PRAGMA data_version").scalar?.int ?? 0
    }
    return "\(fingerprint).\(count)"
  }
}

// MARK: - Parts

extension SQLiteDataSource {
  /// Two catalogues may be taken for one another only when file and schema are the same.
  private struct CatalogueKey: Hashable, Sendable {
    let schemaVersion: Int
    let objectCount: Int
    let identity: DatabaseFile.Identity
  }

  /// The catalogue at the moment of the session, kept until the schema changes.
  private func catalogue(
    of session: borrowing SQLiteSession,
    in identity: DatabaseFile.Identity
  ) throws(SQLiteFailure) -> SQLiteCatalogue {
    let key = CatalogueKey(
      schemaVersion: try session.query("PRAGMA schema_version").scalar?.int ?? 0,
      objectCount: try session.query("SELECT count(*) FROM sqlite_schema").scalar?.int ?? 0,
      identity: identity
    )
    if let known = catalogues.current[key] { return known }
    let catalogue = try SQLiteCatalogue(of: session)
    catalogues.withLock { $0 = [key: catalogue] }
    return catalogue
  }

  /// Rows of a query of our own over one column, whose name and table are looked up first.
  private func read(
    _ column: String,
    of table: String,
    _ query: (_ column: String, _ table: String) -> String
  ) async throws(WarehouseFailure) -> [[JSONValue]] {
    guard let found = try await schema().table(table),
      let known = found.columns.first(where: { $0.name.lowercased() == column.lowercased() })
    else {
      throw WarehouseFailure(
        .unknownName,
        "\(path) has no column '\(column)' in a table '\(table)'",
        remedy: "Correct the name in the declaration of the domain."
      )
    }
    let sql = query(quoted(known.name), quoted(found.name))
    let rows = try await workers.withConnection { pooled throws(SQLiteFailure) in
      try await pooled.connection.queryGuarded(sql, guard: SQLiteGuard())
    }
    return rows.rows.rows.map { $0.map { JSONValue($0) } }
  }

  private func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}

extension SQLiteGuard {
  /// The limits and the rules of a policy.
  fileprivate init(_ authorizer: RunTimeAuthorizer) {
    let policy = authorizer.policy
    self.init(rowLimit: policy.rowLimit, byteLimit: policy.byteLimit, timeLimit: policy.timeLimit) { action in
      authorizer.allows(action)
    }
  }
}

extension DatabaseSchema {
  /// Reads the tables and views; a view that cannot be read is left out.
  fileprivate init(of session: borrowing SQLiteSession) throws(SQLiteFailure) {
    var tables: [TableSchema] = []
    for table in try session.tables() {
      guard let columns = try? session.columns(of: table.name) else { continue }
      let described = columns.map { ColumnSchema(name: $0.name, declaredType: $0.declaredType) }
      tables.append(TableSchema(name: table.name, columns: described))
    }
    self.init(tables: tables)
  }
}

extension ResultTable {
  /// Takes the columns' own names: SQLite renames equal ones when a statement stands inside another.
  fileprivate init(_ found: SQLiteGuardedRows, columnNames: [String]) {
    let rows = found.rows
    self.init(
      columns: columnNames.count == rows.columns.count ? columnNames : rows.columns,
      rows: rows.rows.map { $0.map { JSONValue($0) } },
      isTruncated: found.isTruncated
    )
  }
}
