/// Lets through only calls of allowed functions.
struct FunctionCheck: SQLCheck {
  let name = "functions"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    for case .function(let name) in statement.facts.accesses where !policy.allows(function: name) {
      return .refuse(.uncallable(.forbiddenFunction, function: name, under: policy, at: nil))
    }
    return .pass
  }
}
