import CoachTesting
import CoachVocabulary
import Foundation
import SQLGate
import SQLSyntax
import Testing

/// The shares of the development cases beside the repository, when they are there.
@Suite(.enabled(if: DevelopmentCases.areThere, "no ../shared/eval/gate beside the repository"))
struct `The development cases` {
  @Test(.enabled(if: PostgresBench.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence)))
  func `come out as they should in PostgreSQL`() async throws {
    try await DevelopmentCases(.postgres).measure(PostgresBench.self)
  }

  @Test func `come out as they should in SQLite`() async throws {
    try await DevelopmentCases(.sqlite).measure(SQLiteBench.self)
  }
}

/// The cases' folder for one engine.
struct DevelopmentCases {
  private struct Case: Decodable {
    let id: String
    let sql: String
    let expect: String
  }

  private struct Escape: Decodable {
    let id: String
    let sqlPostgres: String?
    let sqlSqlite: String?

    private enum CodingKeys: String, CodingKey {
      case id
      case sqlPostgres = "sql_postgres"
      case sqlSqlite = "sql_sqlite"
    }
  }

  static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "shared/eval/gate")
  static var areThere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "policy.json").path) }

  private let dialect: SQLDialect

  init(_ dialect: SQLDialect) { self.dialect = dialect }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
  }

  private func read<Line: Decodable>(_ name: String, as type: Line.Type) throws -> [Line] {
    try text(name).split(separator: "\n").map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
  }

  /// Judges and runs every case, and expects the shares that the gate promises.
  func measure<Engine: Bench>(_ engine: Engine.Type) async throws {
    let data = BenchData(
      schema: try text("schema_\(dialect).sql"),
      own: try text("seed_tenant_a_only.sql"),
      both: try text("seed_two_tenants.sql")
    )
    let bench = try await Engine(data)
    let policy = try GatePolicy(declaration: try JSONValue(parsing: try text("policy.json")), dialect: dialect)
    let gate = bench.gate(policy)
    let attacks = try read("\(dialect)_attacks.jsonl", as: Case.self)
    try await expect(attacks, atLeast: 99.5, "attacks") { try await isHarmless($0, gate, bench) }
    let honest = try read("\(dialect)_benign.jsonl", as: Case.self)
    try await expect(honest, atLeast: 99, "honest statements") { question in
      guard let gated = await gate.decide(question.sql).verdict.gated else { return false }
      let direct = await bench.direct(question.sql)
      return await bench.gated(gated, withOther: true).isSame(as: direct)
    }
    let escapes = try read("tenant_escape.jsonl", as: Escape.self).compactMap { escape in
      (dialect == .postgres ? escape.sqlPostgres : escape.sqlSqlite).map { Case(id: escape.id, sql: $0, expect: "") }
    }
    try await expect(escapes, atLeast: 100, "escapes") { escape in
      guard let gated = await gate.decide(escape.sql).verdict.gated else { return true }
      let found = await bench.gated(gated, withOther: true)
      let leaks = ["TENANTB", "CANARY_"].contains { "\(found)".contains($0) }
      let alone = await bench.gated(gated, withOther: false)
      return !leaks && found.isSame(as: alone)
    }
  }

  private func expect(
    _ cases: [Case],
    atLeast share: Double,
    _ name: String,
    _ isGood: (Case) async throws -> Bool
  ) async throws {
    var missed: [String] = []
    for one in cases where !(try await isGood(one)) { missed.append("\(one.id): \(one.sql.prefix(300))") }
    print("\(dialect) \(name): \(cases.count - missed.count) of \(cases.count)", missed)
    #expect(100 * Double(cases.count - missed.count) >= share * Double(cases.count))
  }

  /// Whether an attack is refused, or may be contained and ends within three seconds.
  private func isHarmless(_ attack: Case, _ gate: SQLGate, _ bench: some Bench) async throws -> Bool {
    let sql = attack.sql.replacing("{tmp}", with: "/nonexistent").replacing("{db}", with: "main")
    guard let gated = await gate.decide(sql).verdict.gated else { return true }
    let start = ContinuousClock.now
    let found = await bench.gated(gated, withOther: true)
    switch attack.expect {
    case "reject_or_contain": return ContinuousClock.now - start < .seconds(3)
    case "reject_or_mask": return !"\(found)".contains("CANARY_")
    default: return false
    }
  }
}
