import CoachVocabulary
import Testing

@testable import SQLGate

/// An examiner that says what the test tells it to.
struct StatedExaminer: StatementExaminer {
  var facts: StatementFacts?
  var failure: ExaminationFailure?

  func examine(_ sql: String) async throws(ExaminationFailure) -> StatementFacts {
    if let failure { throw failure }
    var facts = facts ?? StatementFacts(sql: sql)
    facts.sql = sql
    return facts
  }
}

/// What the tests may read.
let shop = GatePolicy(
  relations: ["Sales": ["id", "Amount", "sold_on", "dealer_id"], "dealers": ["id", "name", "region"]],
  rowLimit: 100
)

/// A statement for one check, and what the check has to say about it.
struct CheckExample: Sendable, CustomTestStringConvertible {
  var sql = "SELECT 1"
  var accesses: [Access] = []
  var isSingle = true
  var isReadOnly = true
  var isEmpty = false
  var isExplain = false
  var parameterCount = 0
  var parameters: [JSONValue] = []
  var reason: Refusal.Reason?

  var testDescription: String { "\(sql) \(accesses)" }

  /// The reason for which a check refuses this, if it does.
  func reason(of check: some SQLCheck, under policy: GatePolicy = shop) -> Refusal.Reason? {
    check.refusal(of: statement, under: policy)?.reason
  }

  var statement: CheckedStatement {
    let facts = StatementFacts(
      sql: sql,
      accesses: accesses,
      isSingle: isSingle,
      isReadOnly: isReadOnly,
      isEmpty: isEmpty,
      isExplain: isExplain,
      parameterCount: parameterCount
    )
    return CheckedStatement(facts: facts, parameters: parameters)
  }
}
