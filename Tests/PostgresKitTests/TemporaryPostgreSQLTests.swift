import CoachTesting
import FoundationEssentials
import PostgresKit
import Testing

struct `A temporary PostgreSQL server` {
  /// CI sets the variable, so that there no test is skipped in silence.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["COACH_REQUIRE_POSTGRESQL"] != nil, "only where it is required")
  )
  func `is there where it is required`() {
    #expect(TemporaryPostgreSQL.isAvailable, "\(TemporaryPostgreSQL.absence)")
  }

  @Test(.needsPostgreSQL) func `goes with its folder when it is stopped`() async throws {
    let server = try await TemporaryPostgreSQL()
    let folder = try #require(Self.folder(of: server))
    #expect(FileManager.default.fileExists(atPath: folder))
    await server.stop()
    #expect(!FileManager.default.fileExists(atPath: folder))
    #expect(await failure { try await PostgresConnection.open(server.configuration) }?.kind == .unreachable)
    await server.stop()
  }

  @Test(.needsPostgreSQL) func `gives databases whose users are held by row-level security`() async throws {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    for user in [database.owner, database.member] {
      let connection = try await PostgresConnection.open(user)
      let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
      #expect(try await connection.query(sql).scalar == false)
    }
    let member = try await PostgresConnection.open(database.member)
    #expect(await failure { try await member.execute("CREATE TABLE x (id int)") }?.kind == .denied)
  }

  private static func folder(of server: TemporaryPostgreSQL) -> String? {
    // postgresql://user@folder:port/database
    server.configuration.description.split(separator: "@").last?.split(separator: ":").first.map { String($0) }
  }
}
