import FoundationEssentials
import SQLiteKit
import Testing

@testable import Persistence

struct MetadataDatabaseTests {
  @Test func `opening twice runs each migration once`() async throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 {
      let database = try await folder.open()
      let versions = try await database.reader.query("SELECT version FROM schema_migration ORDER BY version").rows
      #expect(versions.map { $0[0].int } == Array(1...MetadataDatabase.schemaVersion))
      await database.close()
    }
  }

  @Test func `the file is in WAL mode and keeps its references`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let mode = try await database.writer.withoutTransaction { session throws(SQLiteFailure) in
      try session.query("PRAGMA journal_mode").scalar?.string
    }
    #expect(mode == "wal")
    await #expect(throws: SQLiteFailure.self) {
      try await database.writer.execute("INSERT INTO run_event VALUES ('t', 'nobody', 1, '[]')")
    }
  }

  @Test func `a database of a newer version is refused and left alone`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    try await database.writer.execute("INSERT INTO schema_migration VALUES (99, 'future', 0)")
    await database.close()
    let known = MetadataDatabase.schemaVersion
    await #expect(throws: PersistenceFailure.newerDatabase(found: 99, known: known)) { try await folder.open() }
    #expect(PersistenceFailure.newerDatabase(found: 99, known: known).description.contains("newer version"))
  }

  @Test func `an older database moves forward and keeps its rows`() async throws {
    let folder = try TemporaryFolder()
    let connection = try SQLiteConnection(path: folder.file("meta.sqlite"), configuration: .ours)
    try await Migration.run(Array(Migration.all.prefix(1)), on: connection, at: Date(timeIntervalSince1970: 0))
    try await connection.execute("INSERT INTO thread VALUES ('local', 't', 'r')")
    await connection.close()
    let database = try await folder.open()
    #expect(try await database.reader.query("SELECT head FROM thread").scalar?.string == "r")
    #expect(try await database.reader.query("SELECT count(*) FROM session").scalar?.int == 0)
  }

  @Test func `a migration that fails leaves nothing behind`() async throws {
    let folder = try TemporaryFolder()
    let connection = try SQLiteConnection(path: folder.file("meta.sqlite"), configuration: .ours)
    let faulty = [
      Migration(version: 1, name: "good", script: "CREATE TABLE good (x INTEGER);"),
      Migration(version: 2, name: "bad", script: "CREATE TABLE bad (x INTEGER); INSERT INTO nowhere VALUES (1);"),
    ]
    await #expect(throws: SQLiteFailure.self) {
      try await Migration.run(faulty, on: connection, at: Date(timeIntervalSince1970: 0))
    }
    #expect(try await connection.tables().isEmpty)
  }

  @Test func `migrations are numbered without gaps`() {
    #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
  }

  @Test func `every table but the list of migrations begins with the tenant`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    for table in try await database.reader.tables() where table.name != "schema_migration" {
      let columns = try await database.reader.columns(of: table.name)
      #expect(columns.first?.name == "tenant" && columns.first?.isNotNull == true, "\(table.name)")
    }
  }

  @Test func `a file that is no database is refused`() async throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "this is no database. ", count: 100)
    try Data(text.utf8).write(to: URL(filePath: folder.file("meta.sqlite")))
    await #expect(throws: PersistenceFailure.self) { try await folder.open() }
  }
}
