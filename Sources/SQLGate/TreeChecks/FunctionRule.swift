import SQLSyntax

/// Lets through only calls of allowed functions, in the shape that belongs to them.
struct FunctionRule: TreeCheck {
  let name = "functions"

  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal) {
    try query.visit { (node) throws(Refusal) in
      guard case .call(let call, let isSource) = node else { return }
      let isAllowed = isSource ? policy.allows(tableFunction: call.name) : isCallable(call, under: policy)
      guard isAllowed, isExact(call, policy.dialect), ["", "pg_catalog"].contains(call.schema.joined(separator: "."))
      else {
        let name = (call.schema + [call.name]).joined(separator: ".")
        throw .uncallable(.forbiddenFunction, function: name, under: policy, at: call.offset)
      }
      guard !call.isStar || call.name.asciiLowercased == "count" || call.over != nil else {
        throw shape("Only count(*) takes a star.", call)
      }
      guard !call.isVariadic else { throw shape("VARIADIC is not supported.", call) }
    }
  }

  private func isCallable(_ call: SQLCall, under policy: GatePolicy) -> Bool {
    if call.isKeyword { return SQLFunctions.postgresKeywords.contains(call.name) }
    return policy.allows(function: call.name)
  }

  /// PostgreSQL's parser has folded the name: one with capitals is another function.
  private func isExact(_ call: SQLCall, _ dialect: SQLDialect) -> Bool {
    dialect == .sqlite || call.name == call.name.asciiLowercased
  }

  private func shape(_ message: String, _ call: SQLCall) -> Refusal {
    Refusal(.forbiddenConstruct, message, hint: "Write the call with plain arguments.", offset: call.offset)
  }
}
