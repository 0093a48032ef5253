import CoachVocabulary
import SQLSyntax

/// A statement on its way through the checks.
struct CheckedStatement {
  /// What the engine's parser saw in the text that is to run.
  let facts: StatementFacts
  /// The values to bind.
  let parameters: [JSONValue]

  /// The pieces of the text.
  var tokens: [SQLToken] { SQLToken.tokens(of: facts.sql) }
}

/// One rule of the gate about what the engine saw.
protocol SQLCheck: Sendable {
  /// The name by which the audit knows it.
  var name: String { get }

  /// Why the statement may not run, if it may not; what a check does not know, it refuses.
  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal?
}
