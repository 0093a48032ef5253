import CoachVocabulary
import SQLiteKit
import Testing
import Warehouse

@testable import SQLGate

@Suite struct `An attack` {
  @Test(arguments: attackStatements + attacksForTheGateAlone)
  func `is refused by the gate`(_ statement: Statement) async throws {
    let shop = try Shop()
    let sql = statement.sql.replacing("{folder}", with: shop.folderPath)
    let decision = await SQLGate(policy: Shop.policy, examiner: try shop.source()).decide(sql)
    let refusal = try #require(decision.verdict.refusal)
    #expect(!"\(refusal)".contains(Shop.canary))
    #expect(try shop.files() == ["shop.sqlite"])
  }

  @Test(arguments: attackStatements)
  func `comes to nothing when the gate lets it through`(_ statement: Statement) async throws {
    let shop = try Shop()
    let before = try shop.dump()
    let sql = statement.sql.replacing("{folder}", with: shop.folderPath)
    let source = try shop.source()
    let gated = GatedSQL(sql: sql, parameters: [], policy: Shop.policy, facts: StatementFacts(sql: sql))
    let failure = await failure { () throws(WarehouseFailure) in
      let result = try await source.run(gated)
      Issue.record("it returned \(result)")
      return result
    }
    #expect(!"\(String(describing: failure))".contains(Shop.canary))
    #expect(try shop.dump() == before)
    #expect(try shop.files() == ["shop.sqlite"])
  }

  @Test(arguments: heavyStatements)
  func `that only costs time and memory ends in time`(_ statement: Statement) async throws {
    let shop = try Shop()
    let source = try shop.source()
    var policy = Shop.policy
    policy.timeLimit = .milliseconds(300)
    let decision = await SQLGate(policy: policy, examiner: source).decide(statement.sql)
    guard let gated = decision.verdict.gated else { return }
    let start = ContinuousClock.now
    do throws(WarehouseFailure) {
      #expect(try await source.run(gated).isTruncated)
    } catch {
      #expect(error.kind == .timedOut || error.kind == .tooLarge)
    }
    #expect(ContinuousClock.now - start < .seconds(15))  // far above the limit: other tests take the processors' time
    let next = await SQLGate(policy: policy, examiner: source).decide("SELECT count(*) FROM dealers")
    #expect(try await source.run(try #require(next.verdict.gated)).rows == [[4]])
  }

  static let reasons: [(sql: String, reason: Refusal.Reason)] = [
    ("SELECT 1; DROP TABLE sales", .multipleStatements), ("DELETE FROM sales", .notASelect),
    ("PRAGMA table_info(vault)", .notASelect), ("SELECT * FROM vault", .forbiddenRelation),
    ("SELECT count(*) FROM vault", .forbiddenRelation), ("SELECT * FROM sqlite_master", .forbiddenRelation),
    ("SELECT salary FROM staff", .forbiddenColumn), ("SELECT * FROM staff", .forbiddenColumn),
    ("SELECT randomblob(9)", .forbiddenFunction), ("SELECT printf('%*d', 9, 1)", .unsafeFormat),
    ("WITH g(code) AS (VALUES (1)) SELECT code FROM g FULL JOIN vault USING (code)", .forbiddenRelation),
    ("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", .recursion),
    ("SELECT amout FROM sales", .unknownColumn), ("SELECT * FROM sale", .unknownRelation),
    ("SELECT sume(1)", .forbiddenFunction), ("SELECT id FROM staff NATURAL JOIN dealers", .forbiddenColumn),
    ("SELECT id FROM sales, dealers", .ambiguousColumn), ("SELECT", .syntax),
    ("SELECT ?", .parameterCount), ("  -- nothing", .empty), ("EXPLAIN SELECT 1", .notASelect),
  ]

  @Test(arguments: reasons)
  func `is refused for its own reason`(_ example: (sql: String, reason: Refusal.Reason)) async throws {
    let shop = try Shop()
    let decision = await SQLGate(policy: Shop.policy, examiner: try shop.source()).decide(example.sql)
    #expect(decision.verdict.refusal?.reason == example.reason)
  }

  @Test func `cannot hide behind a view`() async throws {
    let shop = try Shop()
    let policy = GatePolicy(relations: ["vault_view": ["code"]])
    let decision = await SQLGate(policy: policy, examiner: try shop.source()).decide("SELECT code FROM vault_view")
    #expect(decision.verdict.refusal?.reason == .forbiddenRelation)
  }

  @Test func `cannot use a common table expression's name as a pass`() async throws {
    let shop = try Shop()
    let policy = GatePolicy(relations: ["vault_view": ["code"]])
    let sql = "WITH vault_view AS (SELECT code FROM vault) SELECT code FROM vault_view"
    let decision = await SQLGate(policy: policy, examiner: try shop.source()).decide(sql)
    #expect(decision.verdict.refusal?.reason == .unknownRelation)
  }
}
