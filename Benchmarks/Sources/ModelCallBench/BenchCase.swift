import CoachTesting
import CoachVocabulary
import Foundation
import HTTPClientKit
import Ledger
import Persistence

/// One line of the table.
struct BenchCase: Sendable {
  /// What the command line calls it.
  let name: String
  /// What the table calls it.
  let title: String
  /// Whether what it needs is installed.
  var isPossible = true
  /// Measures it against the server at a URL.
  let run: @Sendable (_ url: String) async throws -> Figures

  static func named(_ name: String) -> BenchCase? { all.first { $0.name == name } }

  static let all = [
    BenchCase(name: "plain", title: "a plain HTTP request, one connection") { url in
      let client = try HTTPClient()
      return try await Load.sequence(4_000) { try await post(to: url, client) }
    },
    BenchCase(name: "plain-32", title: "a plain HTTP request, 32 at once") { url in
      let client = try HTTPClient()
      return try await Load.crowd(32_000) { try await post(to: url, client) }
    },
    BenchCase(name: "memory", title: "routed, ledger in memory, one connection") { url in
      try await Load.sequence(4_000, BenchRouter(url).call)
    },
    BenchCase(name: "memory-32", title: "routed, ledger in memory, 32 at once") { url in
      try await Load.crowd(20_000, BenchRouter(url).call)
    },
    BenchCase(name: "deadline", title: "routed, with a deadline, one connection") { url in
      try await Load.sequence(4_000, BenchRouter(url).callWithDeadline)
    },
    BenchCase(name: "deadline-32", title: "routed, with a deadline, 32 at once") { url in
      try await Load.crowd(20_000, BenchRouter(url).callWithDeadline)
    },
    BenchCase(name: "day-32", title: "routed, with a budget of the day, 32 at once") { url in
      try await Load.crowd(20_000, BenchRouter(url, hasDayBudget: true).call)
    },
    BenchCase(name: "sqlite", title: "routed, ledger on SQLite, one connection") { url in
      try await withSQLite { try await Load.sequence(2_000, BenchRouter(url, $0.ledger, $0.routing).call) }
    },
    BenchCase(name: "sqlite-32", title: "routed, ledger on SQLite, 32 at once") { url in
      try await withSQLite { try await Load.crowd(20_000, BenchRouter(url, $0.ledger, $0.routing).call) }
    },
    BenchCase(name: "sqlite-day-32", title: "same with a budget of the day") { url in
      try await withSQLite {
        try await Load.crowd(4_000, BenchRouter(url, $0.ledger, $0.routing, hasDayBudget: true).call)
      }
    },
    BenchCase(
      name: "postgres",
      title: "routed, ledger on PostgreSQL, one connection",
      isPossible: TemporaryPostgreSQL.isAvailable
    ) { url in
      try await withPostgreSQL { try await Load.sequence(1_000, BenchRouter(url, $0.ledger, $0.routing).call) }
    },
    BenchCase(
      name: "postgres-32",
      title: "routed, ledger on PostgreSQL, 32 at once",
      isPossible: TemporaryPostgreSQL.isAvailable
    ) { url in
      try await withPostgreSQL { try await Load.crowd(4_000, BenchRouter(url, $0.ledger, $0.routing).call) }
    },
    BenchCase(
      name: "postgres-day-32",
      title: "same with a budget of the day",
      isPossible: TemporaryPostgreSQL.isAvailable
    ) { url in
      try await withPostgreSQL {
        try await Load.crowd(4_000, BenchRouter(url, $0.ledger, $0.routing, hasDayBudget: true).call)
      }
    },
    BenchCase(name: "first-token", title: "to the first token, 32 streams") { url in
      try await Load.crowd(12_800, timing: BenchRouter(url).firstToken)
    },
    BenchCase(name: "dead", title: "first endpoint dead, breaker shut") { url in
      try await Load.sequence(2, BenchRouter(url, deadFirst: true).call)
    },
    BenchCase(name: "dead-open", title: "first endpoint dead, breaker open") { url in
      try await Load.sequence(2_000, BenchRouter(url, deadFirst: true).call)
    },
  ]

  private static func post(to url: String, _ client: HTTPClient) async throws {
    let body = Array(#"{"model":"m","messages":[{"role":"user","content":"How are you?"}]}"#.utf8)
    let request = HTTPRequest(
      method: "POST",
      url: "\(url)/chat/completions",
      headers: [("Content-Type", "application/json")],
      body: body
    )
    for try await _ in try await client.stream(request).body {}
  }

  private static func withSQLite(_ body: (MetadataDatabase) async throws -> Figures) async throws -> Figures {
    let path = "/var/tmp/model-call-bench-\(ProcessInfo.processInfo.processIdentifier).db"
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let database = try await MetadataDatabase(path: path)
    let figures = try await body(database)
    await database.close()
    return figures
  }

  private static func withPostgreSQL(_ body: (PostgresMetadataDatabase) async throws -> Figures) async throws -> Figures
  {
    let server = try await TemporaryPostgreSQL(isDurable: true)
    let owner = try await server.makeDatabase().owner
    let figures = try await body(try await PostgresMetadataDatabase(owner))
    await server.stop()
    return figures
  }
}
