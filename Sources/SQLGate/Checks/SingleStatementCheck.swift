/// Lets through exactly one statement.
struct SingleStatementCheck: SQLCheck {
  let name = "single statement"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    if statement.facts.isEmpty {
      return .refuse(Refusal(.empty, "There is no statement.", hint: "Write one SELECT."))
    }
    guard statement.facts.isSingle else {
      return .refuse(Refusal(.multipleStatements, "There is more than one statement.", hint: "Write one SELECT."))
    }
    return .pass
  }
}
