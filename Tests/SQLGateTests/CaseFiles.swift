import CoachVocabulary
import Foundation
import SQLGate
import SQLSyntax
import Testing

/// The project's own table of statements, one a line.
enum CaseFiles {
  /// A statement with the kind of attack it is, if it is one.
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: String
    let sql: String
    var testDescription: String { kind.isEmpty ? sql : "\(kind): \(sql)" }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")

  static func text(_ name: String) -> String {
    (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
  }

  static func lines(_ name: String) -> [String] { text(name).split(separator: "\n").map(String.init) }

  static func honest(_ dialect: SQLDialect) -> [Case] {
    lines("\(dialect)_honest.sql").map { Case(kind: "", sql: $0) }
  }

  static func attacks(_ dialect: SQLDialect) -> [Case] {
    lines("\(dialect)_attacks.sql").map { line in
      let parts = line.split(separator: " | ", maxSplits: 1).map(String.init)
      return Case(kind: parts[0], sql: parts[1])
    }
  }

  static func escapes(_ dialect: SQLDialect) -> [Case] {
    (lines("escapes.sql") + lines("escapes_\(dialect).sql")).map { Case(kind: "", sql: $0) }
  }

  static func policy(_ dialect: SQLDialect, tenant: TenantScope.Value? = nil) throws -> GatePolicy {
    try GatePolicy(declaration: try JSONValue(parsing: text("policy.json")), dialect: dialect, tenant: tenant)
  }
}

/// The table judged by the tree alone, without any engine to ask.
@Suite struct `The gate without an engine` {
  private func refusal(_ sql: String, _ dialect: SQLDialect) async throws -> Refusal? {
    await SQLGate(policy: try CaseFiles.policy(dialect)).decide(sql).verdict.refusal
  }

  @Test func `has a table of more than 400 cases`() {
    let counts = SQLDialect.allCases.map { dialect in
      CaseFiles.attacks(dialect).count + CaseFiles.escapes(dialect).count + CaseFiles.honest(dialect).count
    }
    #expect(counts.reduce(0, +) > 400)
  }

  @Test(arguments: CaseFiles.attacks(.postgres))
  func `refuses attacks in PostgreSQL's SQL`(_ attack: CaseFiles.Case) async throws {
    let refusal = try #require(try await refusal(attack.sql, .postgres))
    #expect(!"\(refusal)".contains("SECRET"))
  }

  @Test(arguments: CaseFiles.attacks(.sqlite))
  func `refuses attacks in SQLite's SQL`(_ attack: CaseFiles.Case) async throws {
    let refusal = try #require(try await refusal(attack.sql, .sqlite))
    #expect(!"\(refusal)".contains("SECRET"))
  }

  @Test(arguments: CaseFiles.honest(.postgres))
  func `lets honest statements of PostgreSQL through`(_ statement: CaseFiles.Case) async throws {
    #expect(try await refusal(statement.sql, .postgres) == nil)
  }

  @Test(arguments: CaseFiles.honest(.sqlite))
  func `lets honest statements of SQLite through`(_ statement: CaseFiles.Case) async throws {
    #expect(try await refusal(statement.sql, .sqlite) == nil)
  }

  @Test(arguments: SQLDialect.allCases)
  func `passes what it has written itself`(_ dialect: SQLDialect) async throws {
    // The names of schemas are the engine's own, so what is written can be judged again by a policy without a tenant.
    var policy = try CaseFiles.policy(dialect)
    policy.tenant = nil
    let gate = SQLGate(policy: policy)
    for statement in CaseFiles.honest(dialect) where !statement.sql.contains("c.*") && !statement.sql.contains("(c)") {
      let first = try #require(await gate.decide(statement.sql).verdict.gated, "\(statement.sql)")
      let again = await gate.decide(first.sql).verdict
      #expect(again.gated != nil, "\(first.sql): \(String(describing: again.refusal))")
    }
  }
}
