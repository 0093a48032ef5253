/// Lets through only reads of allowed tables, columns and table functions.
struct RelationCheck: SQLCheck {
  let name = "relations"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    for access in statement.facts.accesses {
      switch access {
      case .reads(let relation, _) where !policy.allows(relation: relation):
        return .unreadable(.forbiddenRelation, relation: relation, under: policy, at: nil)
      case .reads(let relation, let column?) where !policy.allows(relation: relation, column: column):
        return unreadable(column: column, of: relation, under: policy)
      case .tableFunction(let name) where !policy.allows(tableFunction: name):
        return .unreadable(.forbiddenRelation, relation: name, under: policy, at: nil)
      case .reads, .tableFunction, .mayRead, .function, .recursion, .other: continue
      }
    }
    return nil
  }

  private func unreadable(column: String, of relation: String, under policy: GatePolicy) -> Refusal {
    let known = policy.relation([relation]) ?? GateRelation(name: relation, columns: [])
    return .hiddenColumn(column, of: known, at: nil)
  }
}
