import SQLSyntax

/// The names that engines give to results.
enum ResultNames {
  /// The name of a result without one of its own.
  static func name(of value: SQLExpression, written text: String?, in dialect: SQLDialect) -> String {
    if case .column(let path, _) = value.kind { return path.last ?? "" }
    return dialect == .sqlite ? text ?? "" : postgresName(of: value).name
  }

  /// PostgreSQL's name for a value, and whether it comes from the value itself and not from its shape.
  private static func postgresName(of value: SQLExpression) -> (name: String, isOwn: Bool) {
    switch value.kind {
    case .column(let path, _): return (path.last ?? "", true)
    case .call(let call): return (call.name, true)
    case .cast(let inner, let type):
      let own = postgresName(of: inner)
      return own.isOwn ? own : (type.name, false)
    case .collate(let inner, _), .elements(let inner, _): return postgresName(of: inner)
    case .choice(_, _, let otherwise):
      let own = otherwise.map { postgresName(of: $0) }
      return own.flatMap { $0.isOwn ? $0 : nil } ?? ("case", false)
    case .exists: return ("exists", true)
    case .array, .arrayQuery: return ("array", true)
    case .row: return ("row", true)
    case .clock(let name, _): return (name.asciiLowercased, true)
    case .scalar(let query): return (firstName(of: query) ?? "?column?", true)
    default: return ("?column?", false)
    }
  }

  private static func firstName(of query: SQLQuery) -> String? {
    switch query.body {
    case .select(let select):
      guard case .value(let value, let alias, _)? = select.items.first else { return nil }
      return alias ?? postgresName(of: value).name
    case .values: return "column1"
    case .set(_, _, let left, _): return firstName(of: left)
    }
  }
}
