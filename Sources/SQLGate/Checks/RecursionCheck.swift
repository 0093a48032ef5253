/// Refuses common table expressions that refer to themselves, unless the policy allows them.
struct RecursionCheck: SQLCheck {
  let name = "recursion"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    guard !policy.allowsRecursion, statement.facts.accesses.contains(.recursion) else { return nil }
    return .recursion(at: nil)
  }
}
