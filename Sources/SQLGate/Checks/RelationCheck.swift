/// Lets through only reads of allowed tables, columns and table functions.
struct RelationCheck: SQLCheck {
  let name = "relations"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    for access in statement.facts.accesses {
      switch access {
      case .reads(let relation, _) where !policy.allows(relation: relation):
        return .refuse(.unreadable(.forbiddenRelation, relation: relation, under: policy))
      case .reads(let relation, let column?) where !policy.allows(relation: relation, column: column):
        return .refuse(unreadable(column: column, of: relation, under: policy))
      case .tableFunction(let name) where !policy.allows(tableFunction: name):
        return .refuse(.unreadable(.forbiddenRelation, relation: name, under: policy))
      case .reads, .tableFunction, .mayRead, .function, .recursion, .other: continue
      }
    }
    return .pass
  }

  private func unreadable(column: String, of relation: String, under policy: GatePolicy) -> Refusal {
    let columns = policy.relations.first { $0.key.asciiLowercased == relation.asciiLowercased }?.value.sorted() ?? []
    return Refusal(
      .forbiddenColumn,
      "The column '\(column)' of '\(relation)' may not be read.",
      hint: "Name the columns instead of *; those that may be read: \(columns.joined(separator: ", ")).",
      suggestions: NearestNames.nearest(to: column, among: columns)
    )
  }
}
