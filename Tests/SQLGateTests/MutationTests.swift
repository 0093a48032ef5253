import SQLSyntax
import Testing

@testable import SQLGate

/// Statements cut up and put together again at random, always by the same chance.
@Suite struct `Mutated statements` {
  /// A small generator of numbers that gives the same ones every time.
  private struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static func pieces(of sql: String) -> [String] {
    SQLToken.tokens(of: sql).map { token in
      String(decoding: Array(sql.utf8)[token.range], as: UTF8.self)
    }
  }

  /// Words that belong to no honest statement.
  private static let poison = [
    "vault", "pay", "passport", "pg_read_file", "load_extension", "FOR UPDATE", "INTO x", "; DELETE FROM orders",
    "public.",
    "main.", "pg_catalog.", "WITH", "RECURSIVE", "LATERAL", "UNION", "ctid", "rowid", "*", ")", "(", "'", "\"",
    "::regclass",
    "AS", ".", ",", "$1", "?", "\u{0}", "/*", "--", "\u{1F980}", "E'\\'", "U&\"\\0076ault\"",
  ]

  @Test(arguments: SQLDialect.allCases)
  func `never name in what passes what the policy hides`(_ dialect: SQLDialect) async throws {
    let gate = SQLGate(policy: try CaseFiles.policy(dialect))
    let sources = (CaseFiles.honest(dialect) + CaseFiles.escapes(dialect)).map(\.sql)
      .filter { $0.utf8.count < 300 }.map(Self.pieces)
    var chance = Chance(state: 41)
    var passed = 0
    for round in 0..<600 {
      var pieces = sources[round % sources.count]
      for _ in 0..<Int.random(in: 1...2, using: &chance) where !pieces.isEmpty {
        let place = Int.random(in: 0..<pieces.count, using: &chance)
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: pieces.remove(at: place)
        case 1: pieces.insert(Self.poison.randomElement(using: &chance) ?? "", at: place)
        case 2: pieces[place] = Self.poison.randomElement(using: &chance) ?? ""
        case 3: pieces.swapAt(place, Int.random(in: 0..<pieces.count, using: &chance))
        default:
          let other = sources[Int.random(in: 0..<sources.count, using: &chance)]
          pieces[place] = other.randomElement(using: &chance) ?? ""
        }
      }
      let sql = pieces.joined(separator: " ")
      guard let gated = await gate.decide(sql).verdict.gated else { continue }
      passed += 1
      let query = try SQLParser.parse(gated.sql, dialect: dialect)
      check(query, dialect, sql)
    }
    #expect(passed > 20)
  }

  /// Holds what passed against the policy, without the gate's own code: what each `FROM` names, and how.
  private func check(_ query: SQLQuery, _ dialect: SQLDialect, _ sql: String) {
    let tables: Set<String> = ["customers", "orders", "lines", "products", "staff", "visits", "monthly"]
    let schema = dialect == .sqlite ? "main" : "public"
    query.visit { node in
      switch node {
      case .select(let select):
        guard case .relation(let relation)? = select.from.first, select.from.count == 1, relation.alias == nil else {
          return
        }
        // A filtered form: its relation has the schema, and a tenant's relation the tenant's condition.
        #expect(relation.path.count == 2 && relation.path[0] == schema, "\(sql)")
        let isScoped = tables.contains(relation.path[1])
        #expect(isScoped || relation.path[1] == "countries", "\(sql)")
        let condition = select.filter.map { $0.sql(for: dialect) }
        #expect(condition == (isScoped ? #""tenant_id" = 1"# : nil), "\(sql)")
        #expect(!select.items.contains { if case .star = $0 { true } else { false } }, "\(sql)")
      case .source(.relation(let relation)) where relation.alias != nil:
        #expect(relation.path.count == 1 && relation.path[0].hasPrefix("cte_"), "\(sql)")
      case .call(let call, _):
        #expect(call.isKeyword || call.schema == (dialect == .postgres ? ["pg_catalog"] : []), "\(sql)")
      case .query, .source, .expression, .type: break
      }
    }
  }
}
