import SQLSyntax

/// Lets through only what asks and changes nothing: a `SELECT`, `WITH … SELECT` or `VALUES`.
struct QuestionCheck: SQLCheck {
  let name = "question"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    let facts = statement.facts
    if case .other(let kind, _)? = facts.accesses.first(where: \.isMoreThanReading) {
      return refusal("The statement does more than read: \(kind).")
    }
    if facts.isExplain { return refusal("EXPLAIN tells about the database and not about the data.") }
    guard facts.isReadOnly else { return refusal("The statement may change something.") }
    let first = statement.tokens.first { !$0.isSymbol("(") }
    guard ["SELECT", "WITH", "VALUES"].contains(where: { first?.isKeyword($0) ?? false }) else {
      return refusal("The statement is no SELECT.")
    }
    return nil
  }

  private func refusal(_ message: String) -> Refusal {
    Refusal(.notASelect, message, hint: "Write one SELECT over the tables that may be read.")
  }
}

extension Access {
  fileprivate var isMoreThanReading: Bool {
    if case .other = self { true } else { false }
  }
}
