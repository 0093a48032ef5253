import SQLSyntax

/// Lets through only operators that compute and compare: PostgreSQL's users can define others.
struct OperatorRule: TreeCheck {
  let name = "operators"

  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal) {
    guard policy.dialect == .postgres else { return }  // SQLite's grammar has no others
    try query.visit { (node) throws(Refusal) in
      guard case .expression(let value) = node, let name = value.operatorName else { return }
      guard SQLFunctions.postgresOperators.contains(name) else {
        throw Refusal(
          .forbiddenOperator,
          "The operator '\(name)' may not be used.",
          hint: "Use the usual operators of numbers, texts, dates and JSON.",
          offset: value.offset
        )
      }
    }
  }
}

extension SQLExpression {
  fileprivate var operatorName: String? {
    switch kind {
    case .prefix(let name, _), .binary(let name, _, _), .quantified(_, let name, _, _),
      .quantifiedArray(_, let name, _, _):
      name
    default: nil
    }
  }
}
