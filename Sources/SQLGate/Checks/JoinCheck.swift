/// Refuses joins that may read what the engine's parser does not report and the policy does not allow.
struct JoinCheck: SQLCheck {
  let name = "joins"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    let isSafe = statement.facts.accesses.allSatisfy { access in
      guard case .mayRead(let relation, let column) = access else { return true }
      return policy.allows(relation: relation, column: column)
    }
    if isSafe { return nil }
    return Refusal(
      .unsafeJoin,
      "A join by USING or NATURAL could touch data that may not be read.",
      hint: "Write the join as JOIN … ON a.column = b.column."
    )
  }
}
