/// Refuses common table expressions that refer to themselves, unless the policy allows them.
struct RecursionCheck: SQLCheck {
  let name = "recursion"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    guard !policy.allowsRecursion, statement.facts.accesses.contains(.recursion) else { return .pass }
    return .refuse(.recursion(at: nil))
  }
}
