import CoachVocabulary
import Testing

@testable import SQLGate

@Suite struct `The SQL gate` {
  private func decide(
    _ sql: String,
    _ parameters: [JSONValue] = [],
    facts: StatementFacts? = nil,
    failure: ExaminationFailure? = nil
  ) async -> GateDecision {
    let examiner = StatedExaminer(facts: facts, failure: failure)
    return await SQLGate(policy: shop, examiner: examiner).decide(sql, parameters: parameters)
  }

  @Test func `binds what passes to its policy and its values`() async {
    let facts = StatementFacts(sql: "", parameterCount: 1, columnNames: ["id", "id"])
    let gated = await decide("SELECT id, id FROM sales WHERE id > ?", [5], facts: facts).verdict.gated
    let narrowed = """
      SELECT "Sales"."id", "Sales"."id" FROM (SELECT "id", "Amount", "sold_on", "dealer_id" FROM "main"."Sales") \
      AS "Sales" WHERE "Sales"."id" > ?1 LIMIT 101
      """
    #expect(gated?.sql == narrowed)
    #expect(gated?.parameters == [5])
    #expect(gated?.policy == shop)
    #expect(gated?.facts.columnNames == ["id", "id"])
  }

  @Test func `leaves a trail that ends with the refusal`() async {
    let facts = StatementFacts(sql: "", accesses: [.reads(relation: "vault", column: "code")])
    let decision = await decide("SELECT id FROM sales", facts: facts)
    #expect(decision.trail.map(\.check) == Array(SQLGate.steps.prefix { $0 != "joins" }))
    #expect(decision.trail.dropLast().allSatisfy { $0.outcome == .passed || $0.check == "row limit" })
    guard case .forbidden(let refusal) = decision.verdict else {
      Issue.record("not forbidden: \(decision.verdict)")
      return
    }
    #expect(decision.trail.last?.outcome == .refused(refusal))
    #expect(refusal.reason == .forbiddenRelation)
  }

  @Test func `leaves a trail with every check of a statement that passes`() async {
    let trail = await decide("SELECT 1").trail
    #expect(trail.map(\.check) == SQLGate.steps)
    #expect(trail.contains(Finding(check: "row limit", outcome: .narrowed("at most 101 rows"))))
  }

  @Test func `does not show a long text to the parser`() async {
    let sql = "SELECT '\(String(repeating: "x", count: 16_384))'"
    let decision = await decide(sql, failure: .unavailable(message: "must not be asked"))
    #expect(decision.verdict.refusal?.reason == .tooLong)
    #expect(decision.trail.map(\.check) == ["text"])
  }

  @Test func `does not show a NUL character to the parser`() async {
    let decision = await decide("SELECT 1\0; DROP TABLE t", failure: .unavailable(message: "must not be asked"))
    #expect(decision.verdict.refusal?.reason == .invalidText)
  }

  @Test func `says the same about a table that is hidden and one that is not there`() async {
    let facts = StatementFacts(sql: "", accesses: [.reads(relation: "vault", column: nil)])
    let hidden = await decide("SELECT 1 FROM sales", facts: facts).verdict.refusal
    let missing = await decide("SELECT 1 FROM sales", failure: .unknownRelation("vault")).verdict.refusal
    let unknown = await decide("SELECT 1 FROM vault").verdict.refusal
    #expect(hidden?.description == missing?.description)
    #expect(unknown?.description == missing?.description)
    #expect(hidden?.description == "There is no table 'vault' to read. Tables that may be read: Sales, dealers.")
  }

  static let failures: [(ExaminationFailure, Refusal.Reason, Bool)] = [
    (.syntax(message: "near \"x\": syntax error", offset: 3), .syntax, true),
    (.unknownRelation("sale"), .unknownRelation, true),
    (.unknownColumn("s.amout"), .unknownColumn, true),
    (.ambiguousColumn("id"), .ambiguousColumn, true),
    (.unknownFunction("sums"), .unknownFunction, true),
    (.tooLong(bytes: 9, limit: 8), .tooLong, true),
    (.unavailable(message: "no file"), .unavailable, false),
  ]

  @Test(arguments: failures)
  func `turns the parser's failure into a verdict`(
    _ failure: ExaminationFailure,
    _ reason: Refusal.Reason,
    _ isRepairable: Bool
  ) async {
    let verdict = await decide("SELECT amount FROM sales s", failure: failure).verdict
    let refusal = verdict.refusal
    #expect(refusal?.reason == reason)
    #expect(verdict == refusal.map { isRepairable ? .repairable($0) : .forbidden($0) })
  }

  static let slips: [(sql: String, reason: Refusal.Reason, suggestions: [String])] = [
    ("SELECT amout FROM sales", .unknownColumn, ["Sales.Amount"]),
    ("SELECT s.nam FROM sales s", .unknownColumn, ["dealers.name"]),
    ("SELECT dealer FROM sales", .unknownColumn, ["Sales.dealer_id"]),
    ("SELECT id_ FROM dealers", .unknownColumn, ["dealers.id", "Sales.id"]),
    ("SELECT zzzzzz FROM dealers", .unknownColumn, []),
    ("SELECT 1 FROM sale", .unknownRelation, ["Sales"]),
    ("SELECT strftim(1)", .forbiddenFunction, ["strftime"]),
  ]

  @Test(arguments: slips)
  func `suggests the names that the writer may have meant`(
    _ slip: (sql: String, reason: Refusal.Reason, suggestions: [String])
  ) async {
    let refusal = await decide(slip.sql).verdict.refusal
    #expect(refusal?.reason == slip.reason)
    #expect(refusal?.suggestions == slip.suggestions)
  }

  @Test func `names the place in the statement`() async throws {
    let sql = "SELECT id, amout FROM sales"
    let offset = try #require(await decide(sql).verdict.refusal?.offset)
    #expect(sql.utf8.dropFirst(offset).starts(with: "amout".utf8))
  }

  @Test func `writes refusals that an audit can store`() throws {
    let refusal = Refusal(.unsafeJoin, "No.", hint: "Yes.", suggestions: ["a"], offset: 7)
    #expect(try JSONValue(encoding: refusal).decoded(as: Refusal.self) == refusal)
  }
}
