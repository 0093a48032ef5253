import SQLSyntax

/// Keeps PostgreSQL's rule that a statement which groups by a primary key may name other columns of the same row.
///
/// The engine knows keys of tables only, and not of the subqueries that stand for them here; so the columns that a
/// statement names beside the key are grouped by as well, which makes no other groups.
enum PrimaryKeyGrouping {
  static func completed(_ select: SQLSelect, _ orderBy: [SQLSortKey], _ scope: Scope, _ policy: GatePolicy) -> SQLSelect
  {
    let grouped = select.groupBy.compactMap { $0.column(of: select) }
    guard !grouped.isEmpty, grouped.count == select.groupBy.count || !select.hasSets else { return select }
    var select = select
    for source in scope.sources {
      guard let name = source.name, let relation = source.relation else { continue }
      let key = relation.key.isEmpty ? ["id"] : relation.key
      guard key.allSatisfy({ grouped.contains([name, $0]) }) else { continue }
      var named: [[String]] = []
      let values = select.values + orderBy.map(\.expression)
      for value in values { value.collectColumns(of: name, into: &named) }
      for path in named where !grouped.contains(path) {
        select.groupBy.append(.value(SQLExpression(.column(path, isQuoted: false), at: 0)))
      }
    }
    return select
  }
}

extension SQLSelect {
  fileprivate var hasSets: Bool {
    groupBy.contains { if case .value = $0 { false } else { true } }
  }

  /// The values that may name columns which are not grouped by.
  fileprivate var values: [SQLExpression] {
    items.compactMap { if case .value(let value, _, _) = $0 { value } else { nil } } + [having].compactMap(\.self)
  }
}

extension SQLGrouping {
  /// The column that is grouped by, by itself, by its place among the results or by its name there.
  fileprivate func column(of select: SQLSelect) -> [String]? {
    guard case .value(let value) = self else { return nil }
    switch value.kind {
    case .column(let path, _) where path.count == 2: return path
    case .column(let path, _):
      return select.items.compactMap { item in
        if case .value(let value, path[0], _) = item { value.columnPath } else { nil }
      }.first
    case .literal(.integer(let digits)):
      guard let place = Int(digits), select.items.indices.contains(place - 1) else { return nil }
      if case .value(let value, _, _) = select.items[place - 1] { return value.columnPath }
      return nil
    default: return nil
    }
  }
}

extension SQLExpression {
  fileprivate var columnPath: [String]? {
    if case .column(let path, _) = kind, path.count == 2 { path } else { nil }
  }

  /// The columns of a source that stand outside of aggregates.
  fileprivate func collectColumns(of source: String, into found: inout [[String]]) {
    switch kind {
    case .column(let path, _):
      if path.count == 2, path[0] == source, !found.contains(path) { found.append(path) }
    case .call(let call):
      if call.over == nil, SQLFunctions.aggregates.contains(call.name) { return }
      var parts: [SQLExpression] = []
      _ = call.mapParts { part in
        parts.append(part)
        return part
      }
      for part in parts { part.collectColumns(of: source, into: &found) }
    default:
      for part in parts { part.collectColumns(of: source, into: &found) }
      query?.visit { node in
        if case .expression(let value) = node, let path = value.columnPath, path[0] == source, !found.contains(path) {
          found.append(path)
        }
      }
    }
  }
}
