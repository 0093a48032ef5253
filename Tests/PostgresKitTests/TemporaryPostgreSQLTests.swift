import CoachTesting
import FoundationEssentials
import Glibc
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

  @Test(.needsPostgreSQL) func `stays when a signal meant for all processes reaches its keeper`() async throws {
    let server = try await TemporaryPostgreSQL()
    let connection = try await PostgresConnection.open(server.configuration)
    let backend = try #require(try await connection.query("SELECT pg_backend_pid()").scalar?.int)
    let keeper = try Self.parent(of: Self.parent(of: pid_t(backend)))
    #expect(getsid(keeper) == keeper)
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      #expect(try Self.ignores(signal, keeper))
      #expect(kill(keeper, signal) == 0)
    }
    #expect(try await connection.query("SELECT 1").scalar == 1)
    await connection.close()
    await server.stop()
    #expect(kill(keeper, 0) != 0)
  }

  private static func ignores(_ signal: Int32, _ process: pid_t) throws -> Bool {
    let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("SigIgn:") })
    let mask = try #require(UInt64(line.dropFirst(7).trimmingPrefix { $0 == "\t" }, radix: 16))
    return mask & 1 << UInt64(signal - 1) != 0
  }

  private static func parent(of process: pid_t) throws -> pid_t {
    let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    // number (name) state parent …
    let words = text.split(separator: ")").last?.split(separator: " ") ?? []
    return try #require(words.dropFirst().first.flatMap { pid_t($0) })
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
