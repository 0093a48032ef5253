import CoachTesting
import CoachVocabulary
import FoundationEssentials
import MariaDBKit
import PostgresKit
import SQLiteKit
import Testing
import Warehouse

@testable import SQLGate

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where the server's package is absent.
  static var needsPostgreSQL: Self {
    .enabled(if: TemporaryPostgreSQL.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence))
  }
}

/// The sample tables in a SQLite file.
private struct SQLiteScene {
  let folder: URL
  let scene: DataSourceScene

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "source-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appending(path: "sample.sqlite").path
    try SQLiteDatabase(path: path, configuration: .ours).session.executeScript(
      DataSourceConformance.script.joined(separator: ";\n")
    )
    self.folder = folder
    scene = DataSourceScene(
      try SQLiteDataSource(path: path),
      parameter: { "?\($0)" },
      ungated: { GatedSQL(sql: $0, parameters: [], policy: $1, facts: StatementFacts(sql: $0)) },
      write: { try SQLiteDatabase(path: path, configuration: .ours).session.executeScript($0) }
    )
  }
}

/// The sample tables in a schema of a PostgreSQL database, for a user who may only read them.
struct PostgresScene {
  let database: TemporaryPostgreSQL.Database
  let source: PostgresDataSource
  let scene: DataSourceScene

  init(_ settings: PostgresDataSource.Settings = PostgresDataSource.Settings()) async throws {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    let owner = try await PostgresConnection.open(database.owner)
    let grants = ["GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(database.member.user)"]
    for sql in ["CREATE SCHEMA IF NOT EXISTS public"] + DataSourceConformance.script + grants {
      try await owner.pipeline([PostgresStatement(sql, isKept: false)])
    }
    source = try await PostgresDataSource(database.member, settings: settings)
    self.database = database
    scene = DataSourceScene(
      source,
      parameter: { "$\($0)" },
      ungated: { GatedSQL(sql: $0, parameters: [], policy: $1, facts: StatementFacts(sql: $0)) },
      write: { try await owner.pipeline([PostgresStatement($0, isKept: false)]) }
    )
  }

  /// What the superuser sees.
  func superuser() async throws -> PostgresConnection { try await PostgresConnection.open(database.superuser) }
}

@Suite struct DataSourceTests {
  @Test(arguments: DataSourceConformance.all)
  func `a SQLite file does what every data source does`(_ check: DataSourceConformance) async throws {
    let made = try SQLiteScene()
    defer { try? FileManager.default.removeItem(at: made.folder) }
    try await check.check(made.scene)
  }

  @Test(.needsPostgreSQL, arguments: DataSourceConformance.all)
  func `a PostgreSQL schema does what every data source does`(_ check: DataSourceConformance) async throws {
    let made = try await PostgresScene()
    try await check.check(made.scene)
    await made.source.close()
  }

  @Test(
    .enabled(if: TemporaryMariaDB.isAvailable, Comment(rawValue: TemporaryMariaDB.absence)),
    arguments: DataSourceConformance.all
  )
  func `a MariaDB database does what every data source does`(_ check: DataSourceConformance) async throws {
    let database = try await TemporaryMariaDB.shared().makeDatabase()
    let owner = try await MariaDBConnection.open(database.owner)
    for sql in DataSourceConformance.script { try await owner.execute(sql) }
    let source = try await MariaDBDataSource(database.reader)
    try await check.check(
      DataSourceScene(
        source,
        parameter: { "?\($0)" },
        ungated: { GatedSQL(sql: $0, parameters: [], policy: $1, facts: StatementFacts(sql: $0)) },
        write: { try await owner.execute($0) }
      )
    )
    await source.close()
    await owner.close()
  }
}
