/// Lets through only calls of allowed functions.
struct FunctionCheck: SQLCheck {
  let name = "functions"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    for case .function(let name) in statement.facts.accesses where !policy.allows(function: name) {
      return .uncallable(.forbiddenFunction, function: name, under: policy, at: nil)
    }
    return nil
  }
}
