import SQLSyntax

/// Tells whether a statement could look at rows before the filters put into it have taken them away.
///
/// Engines may move a condition below the filter. That shows nothing as long as the condition only compares; a cast, an
/// arithmetic operation or a function can fail on a value, and its error would tell of it. Then each filtered relation is
/// evaluated apart, which costs indexes.
struct Barriers {
  private let dialect: SQLDialect

  init(_ dialect: SQLDialect) { self.dialect = dialect }

  /// Whether filtered relations have to be evaluated before anything else.
  func areNeeded(in query: SQLQuery) -> Bool {
    var isNeeded = false
    func look(_ value: SQLExpression?) { if let value, mayFail(value) { isNeeded = true } }
    query.visit { node in
      switch node {
      case .select(let select):
        look(select.filter)
        look(select.having)
        // The results of inner queries can become conditions of outer ones; those of the outermost come last in any case.
        for case .value(let value, _, _) in select.items where .select(select) != query.body { look(value) }
      case .source(.join(let join)):
        if case .on(let condition) = join.condition { look(condition) }
      case .source(.function(let function)):
        for argument in function.call.arguments { look(argument.value) }
      case .query, .source, .expression, .call, .type: break
      }
    }
    return isNeeded
  }

  /// Whether a value of a row, and not only of a group of rows, can make this fail.
  private func mayFail(_ value: SQLExpression) -> Bool {
    switch value.kind {
    case .call(let call):
      if call.over != nil || SQLFunctions.aggregates.contains(call.name.asciiLowercased) { return false }
      let values = call.arguments.map(\.value)
      return !isSafe(call) && values.contains(where: \.namesColumn) || values.contains(where: mayFail)
    case .cast(let inner, _): return dialect == .postgres && inner.namesColumn || mayFail(inner)
    case .binary(let name, let left, let right):
      return !isSafe(name) && (left.namesColumn || right.namesColumn) || mayFail(left) || mayFail(right)
    case .prefix(_, let inner): return dialect == .postgres && inner.namesColumn || mayFail(inner)
    case .elements, .quantifiedArray: return value.namesColumn
    case .scalar: return true  // an inner query of more than one row is an error
    default: return value.parts.contains(where: mayFail)
    }
  }

  private func isSafe(_ name: String) -> Bool {
    switch dialect {
    case .sqlite: !["->", "->>"].contains(name)
    case .postgres: ["=", "<>", "<", "<=", ">", ">=", "||"].contains(name)
    }
  }

  private func isSafe(_ call: SQLCall) -> Bool {
    if dialect == .sqlite { return !call.name.asciiLowercased.hasPrefix("json") && call.name.asciiLowercased != "abs" }
    return call.isKeyword
      || ["lower", "upper", "length", "trim", "btrim", "date_trunc", "extract", "now"].contains(call.name)
  }
}

extension SQLExpression {
  /// Whether a column stands in the value outside of aggregates and inner queries.
  fileprivate var namesColumn: Bool {
    switch kind {
    case .column: return true
    case .call(let call):
      if call.over != nil || SQLFunctions.aggregates.contains(call.name.asciiLowercased) { return false }
      return call.arguments.contains { $0.value.namesColumn }
    default: return parts.contains(where: \.namesColumn)
    }
  }
}
