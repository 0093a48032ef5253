import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import PostgresKit
import SQLSyntax
import Testing
import Warehouse

@testable import SQLGate

/// What holds on PostgreSQL even for statements that no gate has judged.
@Suite(.needsPostgreSQL) struct PostgresDataSourceTests {
  /// A statement that no gate has judged.
  private static func ungated(_ sql: String, time: Duration = .seconds(60)) -> GatedSQL {
    let policy = GatePolicy(dialect: .postgres, relations: [], rowLimit: 100_000, timeLimit: time)
    return GatedSQL(sql: sql, parameters: [], policy: policy, facts: StatementFacts(sql: sql))
  }

  private func eventually(_ look: () async throws -> Bool) async throws -> Bool {
    let deadline = Deadline.after(.seconds(20))
    while !deadline.hasPassed {
      if try await look() { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  @Test func `a cancelled question ends on the server, within a second`() async throws {
    let made = try await PostgresScene()
    let server = try await made.superuser()
    let running =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    let gated = Self.ungated("SELECT pg_sleep(60) LIMIT 1")
    let asking = Task { try await made.source.run(gated) }
    #expect(try await eventually { try await server.query(running).scalar == 1 })
    let start = ContinuousClock.now
    asking.cancel()
    #expect(try await eventually { try await server.query(running).scalar == 0 })
    #expect(ContinuousClock.now - start < .seconds(1))
    let failure = await #expect(throws: WarehouseFailure.self) { try await asking.value }
    #expect(failure?.kind == .cancelled)
  }

  @Test func `settings, locks and prepared statements of one question are gone for the next`() async throws {
    var settings = PostgresDataSource.Settings()
    settings.connections = 1
    let made = try await PostgresScene(settings)
    let probe = """
      SELECT current_setting('work_mem') AS memory, current_setting('transaction_read_only') AS reads,
        current_setting('statement_timeout') AS time, current_setting('search_path') AS path,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
        coalesce(current_setting('app.mark', true), '') AS mark LIMIT 1
      """
    let before = try await made.source.run(Self.ungated(probe))
    #expect(before.rows.first?.prefix(4) == ["16MB", "on", "1min", "\"public\""])
    for sql in [
      "SELECT pg_advisory_lock(4711) LIMIT 1", "SELECT set_config('work_mem', '1GB', false) LIMIT 1",
      "SELECT set_config('app.mark', 'was here', false) LIMIT 1",
      "SELECT set_config('search_path', 'pg_catalog', false) LIMIT 1",
      "SELECT set_config('transaction_read_only', 'off', false) LIMIT 1", "SELECT lo_from_bytea(0, 'x') LIMIT 1",
    ] { _ = try? await made.source.run(Self.ungated(sql)) }
    #expect(try await made.source.run(Self.ungated(probe)) == before)
    #expect(try await made.superuser().query("SELECT count(*) FROM pg_largeobject_metadata").scalar == 0)
  }

  @Test func `a user who passes over row-level security is refused, and one who cannot sign in is told`() async throws {
    let made = try await PostgresScene()
    let superuser = await #expect(throws: WarehouseFailure.self) {
      try await PostgresDataSource(made.database.superuser)
    }
    #expect(superuser?.kind == .denied)
    let nobody = await #expect(throws: WarehouseFailure.self) {
      try await PostgresDataSource(made.database.member.signingIn(as: "nobody_of_this_name", password: "hunter2secret"))
    }
    #expect(nobody?.kind == .unreachable)
    #expect(nobody?.description.contains("hunter2secret") == false)
  }

  @Test func `row-level security shows each tenant its own rows, even on one connection in turn`() async throws {
    let made = try await PostgresScene()
    for sql in [
      "CREATE TABLE deals (tenant text, amount int)", "ALTER TABLE deals ENABLE ROW LEVEL SECURITY",
      "ALTER TABLE deals FORCE ROW LEVEL SECURITY",
      "CREATE POLICY fence ON deals FOR SELECT USING (tenant = current_setting('app.tenant', true))",
      "CREATE POLICY filling ON deals FOR INSERT WITH CHECK (true)",
      "INSERT INTO deals SELECT 'a', n FROM generate_series(1, 3) n",
      "INSERT INTO deals SELECT 'b', n FROM generate_series(1, 5) n",
      "GRANT SELECT ON deals TO \(made.database.member.user)",
    ] { try await made.scene.write(sql) }
    func count(_ tenant: String?) async throws -> JSONValue? {
      var settings = PostgresDataSource.Settings()
      settings.tenantSetting = "app.tenant"
      settings.tenant = tenant
      let source = try await PostgresDataSource(made.database.member, settings: settings)
      let result = try await source.run(Self.ungated("SELECT count(*) AS c FROM deals LIMIT 1"))
      await source.close()
      return result.rows.first?.first
    }
    #expect(try await count("a") == 3)
    #expect(try await count("b") == 5)
    #expect(try await count(nil) == 0)
  }

  @Test func `what a user may not read is not in the schema, and is denied without a word of what is there`()
    async throws
  {
    let made = try await PostgresScene()
    try await made.scene.write("REVOKE ALL ON secrets FROM \(made.database.member.user)")
    #expect(try await made.source.schema().table("secrets") == nil)
    let failure = await #expect(throws: WarehouseFailure.self) {
      try await made.source.run(Self.ungated("SELECT code FROM secrets LIMIT 1"))
    }
    #expect(failure?.kind == .denied)
    #expect(failure?.description.contains("secrets") == false)
    // A value that does not fit is not repeated.
    let cast = await #expect(throws: WarehouseFailure.self) {
      try await made.source.run(Self.ungated("SELECT word::int FROM numbers LIMIT 1"))
    }
    #expect(cast?.kind == .failed)
    #expect(cast?.description.contains("über") == false)
  }

  @Test func `disk for sorting is bounded where the user may be bound`() async throws {
    var settings = PostgresDataSource.Settings()
    settings.temporaryFiles = 1 << 20
    settings.workMemory = 64 << 10
    let made = try await PostgresScene(settings)
    #expect(!made.source.boundsTemporaryFiles)
    try await made.superuser().pipeline([
      PostgresStatement("GRANT SET ON PARAMETER temp_file_limit TO \(made.database.member.user)", isKept: false)
    ])
    let bound = try await PostgresDataSource(made.database.member, settings: settings)
    #expect(bound.boundsTemporaryFiles)
    let sql = "SELECT a.n FROM numbers a CROSS JOIN numbers b ORDER BY a.half * b.half LIMIT 100000 OFFSET 8000000"
    let failure = await #expect(throws: WarehouseFailure.self) { try await bound.run(Self.ungated(sql)) }
    #expect(failure?.kind == .tooLarge, "\(String(describing: failure))")
    await bound.close()
  }

  // MARK: - Faults

  @Test func `a server that is killed in the midst of a result is told as such, and serves again when it is back`()
    async throws
  {
    let server = try await TemporaryPostgreSQL(isDurable: true)
    let database = try await server.makeDatabase()
    let owner = try await PostgresConnection.open(database.owner)
    for sql in DataSourceConformance.script + ["GRANT SELECT ON numbers TO \(database.member.user)"] {
      try await owner.pipeline([PostgresStatement(sql, isKept: false)])
    }
    await owner.close()
    let source = try await PostgresDataSource(database.member)
    let rows = Locked(0)
    let isKilled = Locked(false)
    let many = Self.ungated("SELECT a.n FROM numbers a CROSS JOIN numbers b LIMIT 100000")
    let reading = Task {
      try await source.stream(many) { _ in
        let count = rows.withLock { count in
          count += 1
          return count
        }
        // The reader is slow, so the result is not at its end when the server goes.
        if count > 100, !isKilled.withLock(\.self) { usleep(1_000) }
        return .more
      }
    }
    #expect(try await eventually { rows.withLock(\.self) > 100 })
    try await server.kill()
    isKilled.withLock { $0 = true }
    let failure = await #expect(throws: WarehouseFailure.self) { try await reading.value }
    #expect(failure?.kind == .unreachable, "\(String(describing: failure))")
    #expect(rows.withLock(\.self) < 100_000)
    try await server.restart()
    let count = Self.ungated("SELECT count(*) AS c FROM numbers LIMIT 1")
    #expect(try await source.run(count).rows == [[.int(DataSourceConformance.count)]])
    await source.close()
    await server.stop()
  }

  @Test func `a connection that somebody ends is told as such, and the next question has another one`() async throws {
    var settings = PostgresDataSource.Settings()
    settings.connections = 1
    let made = try await PostgresScene(settings)
    let server = try await made.superuser()
    let asking = Task { try await made.source.run(Self.ungated("SELECT pg_sleep(60) LIMIT 1")) }
    let ended = """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()
      """
    #expect(try await eventually { try await server.query(ended).scalar == 1 })
    let failure = await #expect(throws: WarehouseFailure.self) { try await asking.value }
    #expect(failure?.kind == .unreachable, "\(String(describing: failure))")
    let count = Self.ungated("SELECT count(*) AS c FROM numbers LIMIT 1")
    #expect(try await made.source.run(count).rows == [[.int(DataSourceConformance.count)]])
  }
}
