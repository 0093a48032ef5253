import SQLSyntax

/// Bounds the number of parts of a statement.
struct SizeRule: TreeCheck {
  let name = "size"

  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal) {
    let limits = policy.limits
    var setOperations = 0
    try query.visit { (node) throws(Refusal) in
      switch node {
      case .query(let query):
        if case .set = query.body { setOperations += 1 }
        guard setOperations <= limits.setOperations else {
          throw tooMany("set operations", limits.setOperations)
        }
        if case .values(let rows) = query.body, let width = rows.first?.count, width > limits.results {
          throw tooMany("columns", limits.results)
        }
      case .select(let select):
        guard select.items.count <= limits.results else { throw tooMany("results", limits.results) }
        guard groupingSets(select.groupBy) <= Double(limits.groupingSets) else {
          throw tooMany("grouping sets", limits.groupingSets)
        }
      case .source, .expression, .call, .type: break
      }
    }
  }

  /// How many sets the groupings of a query multiply to.
  private func groupingSets(_ parts: [SQLGrouping]) -> Double {
    parts.reduce(1) { product, part in product * count(part) }
  }

  private func count(_ part: SQLGrouping) -> Double {
    switch part {
    case .value, .empty: return 1
    case .sets(let kind, let parts):
      let inner = parts.map(count)
      switch kind {
      case "ROLLUP": return Double(parts.count + 1)
      case "CUBE": return parts.reduce(1) { product, _ in product * 2 }
      default: return inner.reduce(0, +)
      }
    }
  }

  private func tooMany(_ what: String, _ limit: Int) -> Refusal {
    Refusal(.tooComplex, "The statement has more than \(limit) \(what).", hint: "Ask for less in one statement.")
  }
}
