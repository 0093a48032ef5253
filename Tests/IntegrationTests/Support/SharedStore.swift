import CoachTesting
import CoachVocabulary
import FoundationEssentials
import PostgresKit
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where the server's package is absent.
  static var needsPostgreSQL: Self {
    .enabled(if: TemporaryPostgreSQL.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence))
  }
}

/// A database on a PostgreSQL server in which several coaches keep what they know.
struct SharedStore: Sendable {
  let database: TemporaryPostgreSQL.Database
  private let superuser: PostgresConnection

  init(on server: TemporaryPostgreSQL? = nil) async throws {
    let running: TemporaryPostgreSQL
    if let server { running = server } else { running = try await .shared() }
    database = try await running.makeDatabase()
    var configuration = database.superuser
    configuration.searchPath = ["coach"]
    superuser = try await PostgresConnection.open(configuration)
  }

  /// A coach with the demo company that keeps its own data here, as a user who owns nothing.
  func coach(lease: String = "2s") async throws -> Coach {
    var coach = try await Coach.withDemo()
    let project = try ProjectCopy()
    try project.replace("lease: 30s", with: "lease: \(lease)", in: "config/server.yaml")
    coach.project = project
    coach.environment["COACH_STORE"] = database.memberAddress
    coach.environment["COACH_STORE_OWNER"] = database.ownerAddress
    return coach
  }

  /// The one number that a query gives.
  func count(_ sql: String) async throws -> Int { try await superuser.query(sql).scalar?.int ?? -1 }

  /// The rows that a query gives.
  func rows(_ sql: String) async throws -> [[PostgresValue]] { try await superuser.query(sql).rows }

  /// Waits until no run is open.
  func settle() async throws {
    _ = try await eventually("all runs come to an end") { try await openRuns == 0 ? true : nil }
  }

  /// How many runs have not come to an end.
  var openRuns: Int {
    get async throws { try await count("SELECT count(*) FROM run WHERE status IN ('running', 'interrupted')") }
  }

  /// Every run has ended once, with one answer, whatever happened to the processes.
  func expectEveryRunEndedOnce() async throws {
    #expect(try await rows("SELECT run, status, error::text FROM run WHERE status <> 'finished'") == [])
    #expect(try await count(Self.ends) == 0, "a run has not exactly one end")
    #expect(try await count(Self.answers) == 0, "a run has not exactly one answer")
    #expect(try await count(Self.sequences) == 0, "events have gaps or come twice")
  }

  private static let ends = """
    SELECT count(*) FROM run r WHERE 1 <> (
      SELECT count(*) FROM run_event e, json_array_elements(e.events) AS event
      WHERE e.tenant = r.tenant AND e.run = r.run
        AND event ->> 1 IN ('run_finished', 'run_failed', 'run_stopped'))
    """

  private static let answers = """
    SELECT count(*) FROM run r WHERE 1 <> (
      SELECT count(*) FROM message m WHERE m.tenant = r.tenant AND m.run = r.run AND m.role = 'assistant')
    """

  private static let sequences = """
    SELECT count(*) FROM (
      SELECT e.run FROM run_event e, json_array_elements(e.events) AS event
      GROUP BY e.run HAVING count(*) <> max((event ->> 0)::int)
        OR count(DISTINCT (event ->> 0)::int) <> count(*)) AS broken
    """
}
