import SQLSyntax

/// Puts a bound on the number of rows; one row more than allowed tells that some are missing.
struct RowLimit {
  static let name = "row limit"

  /// The bound.
  let rows: Int
  private let dialect: SQLDialect

  init(_ policy: GatePolicy) {
    rows = policy.rowLimit == .max ? .max : policy.rowLimit + 1
    dialect = policy.dialect
  }

  /// The statement with a bound; nil when it clearly has one of its own.
  func applied(to statement: SQLQuery) -> SQLQuery? {
    var query = statement
    if let own = query.limit?.wholeNumber, own >= 0, own <= Double(rows), !query.withTies { return nil }
    let bound = SQLExpression(.literal(.integer(String(rows))), at: 0)
    if query.limit == nil, dialect == .postgres || !query.body.endsWithValues {
      query.limit = bound
      return query
    }
    // A bound that is not known before it runs stays, and another one goes around it; SQLite takes none after VALUES.
    let inner = SQLSource.query(query, alias: SQLAlias("limited"), isLateral: false, at: 0)
    return SQLQuery(body: .select(SQLSelect(items: [.star([], at: 0)], from: [inner])), limit: bound)
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
