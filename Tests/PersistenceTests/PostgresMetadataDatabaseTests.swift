import CoachTesting
import CoachVocabulary
import FoundationEssentials
import PostgresKit
import StateGraph
import Testing

@testable import Persistence

@Suite(.needsPostgreSQL) struct PostgresMetadataDatabaseTests {
  private func users() async throws -> TemporaryPostgreSQL.Database {
    try await TemporaryPostgreSQL.shared().makeDatabase()
  }

  private func connection(_ user: PostgresConfiguration) async throws -> PostgresConnection {
    var user = user
    user.searchPath = ["coach"]
    return try await PostgresConnection.open(user)
  }

  @Test func `many processes that open an empty database at once run each migration once`() async throws {
    let users = try await users()
    try await withThrowingTaskGroup { group in
      for _ in 0..<6 { group.addTask { await (try PostgresScratch.open(users.owner, connections: 1)).close() } }
      try await group.waitForAll()
    }
    let rows = try await connection(users.owner).query("SELECT version FROM schema_migration ORDER BY version").rows
    #expect(rows.map { $0[0].int } == Array(1...PostgresMetadataDatabase.schemaVersion))
  }

  @Test func `a schema of a newer version is refused and left alone`() async throws {
    let users = try await users()
    await (try PostgresScratch.open(users.owner)).close()
    try await connection(users.owner).execute("INSERT INTO schema_migration VALUES (99, 'future', 0)")
    let known = PostgresMetadataDatabase.schemaVersion
    await #expect(throws: PersistenceFailure.newerDatabase(found: 99, known: known)) {
      try await PostgresScratch.open(users.owner)
    }
  }

  @Test func `a migration that fails leaves nothing behind`() async throws {
    let users = try await users()
    let connection = try await connection(users.owner)
    let faulty = [
      PostgresMigration(version: 1, name: "good", statements: ["CREATE TABLE good (x int)"]),
      PostgresMigration(
        version: 2,
        name: "bad",
        statements: ["CREATE TABLE bad (x int)", "INSERT INTO nowhere VALUES (1)"]
      ),
    ]
    await #expect(throws: PostgresFailure.self) {
      try await PostgresMigration.run(faulty, on: connection, schema: "coach", member: nil, at: PostgresScratch.start)
    }
    #expect(try await connection.query("SELECT 1 FROM pg_namespace WHERE nspname = 'coach'").isEmpty)
  }

  @Test func `migrations are numbered without gaps, as those of SQLite are`() {
    #expect(PostgresMigration.all.map(\.version) == Array(1...PostgresMigration.all.count))
    #expect(PostgresMigration.all.map(\.name) == Migration.all.map(\.name))
  }

  @Test func `every table but the list of migrations begins with the tenant and is fenced for its owner, too`()
    async throws
  {
    let users = try await users()
    await (try PostgresScratch.open(users.owner)).close()
    let sql = """
      SELECT c.relname, a.attname, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenancy')
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
      WHERE c.relkind = 'r' AND c.relnamespace = 'coach'::regnamespace AND c.relname <> 'schema_migration'
      """
    let rows = try await connection(users.owner).query(sql).rows
    #expect(rows.count == 18)
    for row in rows { #expect(row.dropFirst() == ["tenant", true, true, 1], "\(row[0])") }
  }

  @Test func `without its tenant a transaction sees nothing and writes nothing, whoever asks`() async throws {
    let users = try await users()
    let database = try await PostgresScratch.open(users.member, owner: users.owner)
    try await database.checkpoints(of: "first").create(PostgresScratch.begin("r1"))
    for user in [users.member, users.owner] {
      let connection = try await connection(user)
      let rows = try await connection.pipeline([
        PostgresStatement("SELECT count(*) FROM run"),
        PostgresStatement("SELECT set_config('coach.tenant', 'second', true)"),
        PostgresStatement("SELECT count(*) FROM run"),
        PostgresStatement("SELECT set_config('coach.tenant', 'first', true)"),
        PostgresStatement("SELECT count(*) FROM run"),
      ])
      #expect([rows[0].scalar, rows[2].scalar, rows[4].scalar] == [0, 0, 1])
      // The setting went with the transaction.
      #expect(try await connection.query("SELECT count(*) FROM run").scalar == 0)
      let failure = await #expect(throws: PostgresFailure.self) {
        try await connection.pipeline([
          PostgresStatement("SELECT set_config('coach.tenant', 'second', true)"),
          PostgresStatement("INSERT INTO thread VALUES ('first', 't9', 'r9')"),
        ])
      }
      #expect(failure?.kind == .denied)
      await connection.close()
    }
    await database.close()
  }

  @Test func `the working user cannot change the tables or look across tenants`() async throws {
    let users = try await users()
    let database = try await PostgresScratch.open(users.member, owner: users.owner)
    try await database.checkpoints(of: "first").create(PostgresScratch.begin("r1"))
    let connection = try await connection(users.member)
    for sql in [
      "DROP TABLE run", "ALTER TABLE run NO FORCE ROW LEVEL SECURITY", "DROP POLICY tenancy ON run",
      "INSERT INTO schema_migration VALUES (98, 'x', 0)", "CREATE TABLE more (x int)",
    ] {
      let failure = await #expect(throws: PostgresFailure.self) { try await connection.execute(sql) }
      #expect(failure?.kind == .denied, "\(sql)")
    }
    let rows = try await connection.pipeline([
      PostgresStatement("SELECT set_config('coach.survey', 'on', true)"), PostgresStatement("SELECT count(*) FROM run"),
    ])
    #expect(rows[1].scalar == 0)
    #expect(try await database.tenantsWithOpenRuns() == ["first"])
    await database.close()
  }

  @Test func `a user whom row-level security does not hold is refused`() async throws {
    let server = try await TemporaryPostgreSQL.shared()
    let database = try await users().owner.database
    await #expect(throws: PersistenceFailure.self) {
      try await PostgresScratch.open(server.configuration.on(database: database))
    }
  }

  @Test func `all is still there after the database is opened again`() async throws {
    let users = try await users()
    let first = try await PostgresScratch.open(users.owner)
    try await first.checkpoints(of: .local).create(PostgresScratch.begin("r1"))
    await first.close()
    let second = try await PostgresScratch.open(users.owner)
    #expect(try await second.checkpoints(of: .local).load("r1")?.values == ["log": [0]])
    await second.close()
  }
}
