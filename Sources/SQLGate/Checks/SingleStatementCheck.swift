/// Lets through exactly one statement.
struct SingleStatementCheck: SQLCheck {
  let name = "single statement"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    if statement.facts.isEmpty {
      return Refusal(.empty, "There is no statement.", hint: "Write one SELECT.")
    }
    guard statement.facts.isSingle else {
      return Refusal(.multipleStatements, "There is more than one statement.", hint: "Write one SELECT.")
    }
    return nil
  }
}
