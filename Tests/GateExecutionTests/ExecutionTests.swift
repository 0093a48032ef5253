import CoachTesting
import CoachVocabulary
import Foundation
import SQLGate
import SQLSyntax
import Testing

/// The project's own statements, really run.
@Suite struct `Statements that passed the gate` {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "SQLGateTests/Cases")

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private static func lines(_ names: String...) throws -> [String] {
    try names.flatMap { try text($0).split(separator: "\n").map(String.init) }
  }

  private func data(_ dialect: SQLDialect) throws -> BenchData {
    let own = try Self.text("seed_one.sql")
    return BenchData(
      schema: try Self.text("schema_\(dialect).sql"),
      own: own,
      both: try own + Self.text("seed_other.sql")
    )
  }

  private func policy(_ dialect: SQLDialect) throws -> GatePolicy {
    try GatePolicy(declaration: try JSONValue(parsing: try Self.text("policy.json")), dialect: dialect)
  }

  private func compare<Engine: Bench>(_ engine: Engine.Type, _ dialect: SQLDialect) async throws {
    let bench = try await Engine(try data(dialect))
    let gate = bench.gate(try policy(dialect))
    for sql in try Self.lines("\(dialect)_honest.sql") {
      let verdict = await gate.decide(sql).verdict
      let gated = try #require(verdict.gated, "\(sql): \(String(describing: verdict.refusal))")
      let expected = await bench.direct(sql)
      let found = await bench.gated(gated, withOther: true)
      #expect(found.isSame(as: expected), "\(sql)\n\(gated.sql)\n\(found)\n\(expected)")
      if case .failure = expected { Issue.record("it fails without the gate as well: \(sql)") }
    }
    for sql in try Self.lines("escapes.sql", "escapes_\(dialect).sql") {
      guard let gated = await gate.decide(sql).verdict.gated else { continue }
      let alone = await bench.gated(gated, withOther: false)
      let found = await bench.gated(gated, withOther: true)
      #expect(found.isSame(as: alone), "\(sql)\n\(gated.sql)\n\(found)\n\(alone)")
      #expect(!"\(found)".contains("OTHER") && !"\(found)".contains("SECRET"), "\(sql)")
    }
  }

  @Test(.enabled(if: PostgresBench.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence)))
  func `give in PostgreSQL what they give on the caller's data alone`() async throws {
    try await compare(PostgresBench.self, .postgres)
  }

  @Test func `give in SQLite what they give on the caller's data alone`() async throws {
    try await compare(SQLiteBench.self, .sqlite)
  }
}
