import SQLSyntax

/// Puts a bound on the number of rows; one row more than allowed tells that some are missing.
struct RowLimitCheck: SQLCheck {
  let name = "row limit"

  func judge(_ statement: CheckedStatement, under policy: GatePolicy) -> CheckResult {
    let limit = policy.rowLimit == .max ? .max : policy.rowLimit + 1
    var query = statement.query
    if let own = query.limit, let number = own.wholeNumber, number >= 0, number <= Double(limit), !query.withTies {
      return .pass
    }
    let bound = SQLExpression(.literal(.integer(String(limit))), at: 0)
    if query.limit == nil, policy.dialect == .postgres || !query.body.endsWithValues {
      query.limit = bound
    } else {
      // A bound that is not known before it runs stays, and another one goes around it; SQLite takes none after VALUES.
      let inner = SQLSource.query(query, alias: SQLAlias("limited"), isLateral: false, at: 0)
      query = SQLQuery(body: .select(SQLSelect(items: [.star([], at: 0)], from: [inner])), limit: bound)
    }
    return .narrow(sql: query.sql(for: policy.dialect), because: "at most \(limit) rows")
  }
}

extension SQLQueryBody {
  /// Whether rows that are written out come last.
  fileprivate var endsWithValues: Bool {
    switch self {
    case .select: false
    case .values: true
    case .set(_, _, _, let right): right.body.endsWithValues
    }
  }
}
