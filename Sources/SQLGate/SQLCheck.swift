import CoachVocabulary
import SQLSyntax

/// A statement on its way through the checks.
struct CheckedStatement {
  /// What the engine's parser saw.
  let facts: StatementFacts
  /// The pieces of the text that was handed in.
  let tokens: [SQLToken]
  /// The values to bind.
  let parameters: [JSONValue]
  /// The text to run, as the checks so far have left it.
  var sql: String

  /// The bound tree.
  let query: SQLQuery

  init(facts: StatementFacts, parameters: [JSONValue], query: SQLQuery) {
    self.facts = facts
    self.parameters = parameters
    self.query = query
    sql = facts.sql
    tokens = SQLToken.tokens(of: facts.sql)
  }
}

/// What a check says about a statement.
enum CheckResult: Hashable {
  /// Nothing is wrong.
  case pass
  /// It may run in this form, which does less.
  case narrow(sql: String, because: String)
  /// It may not run.
  case refuse(Refusal)
}

/// One rule of the gate.
protocol SQLCheck: Sendable {
  /// The name by which the audit knows it.
  var name: String { get }

  /// Judges a statement; what a check does not know, it refuses.
  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult
}
