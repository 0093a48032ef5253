import SQLSyntax

/// Finds out what every name of a statement means, and writes the statement anew so that it can mean nothing else.
///
/// Each relation of the policy becomes a subquery with only the caller's rows and the readable columns; each column is
/// written with the source it comes from; each common table expression gets a name that no relation has, so a name that
/// the engine understood otherwise than this would be an error there and never an unfiltered relation.
final class Binder {
  let policy: GatePolicy
  let filters: RowFilters
  /// Whether relations have to be evaluated before anything outside of them.
  let hasBarriers: Bool
  var dialect: SQLDialect { policy.dialect }

  private var commonTableCount = 0
  private var sourceCount = 0
  /// The queries bound so far: the beginning of a recursion is bound twice, and so may be what is in it.
  private var bindings = 0
  private static let mostBindings = 4_000

  init(policy: GatePolicy, filters: RowFilters, hasBarriers: Bool) {
    self.policy = policy
    self.filters = filters
    self.hasBarriers = hasBarriers
  }

  /// The statement in its bound form.
  func bind(_ query: SQLQuery) throws(Refusal) -> SQLQuery {
    try bind(query, CommonTables(dialect), outer: nil).query
  }
}

// MARK: - Queries

extension Binder {
  typealias BoundQuery = (query: SQLQuery, columns: [String])

  func bind(_ query: SQLQuery, _ tables: CommonTables, outer: Scope?) throws(Refusal) -> BoundQuery {
    bindings += 1
    guard bindings <= Self.mostBindings else { throw .tooComplex("Recursions stand inside of one another.") }
    var bound = query
    var tables = tables
    if let with = query.with { bound.with = try bind(with, &tables, outer) }
    let columns: [String]
    switch query.body {
    case .select(let select):
      let inner = Scope(parent: outer, dialect: dialect)
      var (selected, names) = try bind(select, tables, inner)
      columns = names
      bound.orderBy = try sortKeys(query.orderBy, tables, inner, results: names)
      if dialect == .postgres { selected = PrimaryKeyGrouping.completed(selected, bound.orderBy, inner, policy) }
      bound.body = .select(selected)
    case .values(let rows):
      let scope = Scope(parent: outer, dialect: dialect)
      bound.body = .values(try mapped(rows) { (row) throws(Refusal) in try expressions(row, tables, scope) })
      columns = (1...max(1, rows.first?.count ?? 1)).map { "column\($0)" }
      bound.orderBy = try sortKeys(query.orderBy, tables, scope, results: columns)
    case .set(let operation, let isAll, let left, let right):
      let first = try bind(left, tables, outer: outer)
      let second = try bind(right, tables, outer: outer)
      columns = first.columns
      bound.body = .set(operation, isAll: isAll, first.query, second.query)
      let scope = Scope(parent: outer, dialect: dialect)
      bound.orderBy = try sortKeys(query.orderBy, tables, scope, results: columns)
    }
    let beside = Scope(parent: outer, dialect: dialect)
    bound.limit = try optional(query.limit, tables, beside)
    bound.offset = try optional(query.offset, tables, beside)
    return (bound, columns)
  }

  /// Sort keys: the name of a result goes before that of a column.
  private func sortKeys(
    _ keys: [SQLSortKey],
    _ tables: CommonTables,
    _ scope: Scope,
    results: [String]
  ) throws(Refusal) -> [SQLSortKey] {
    let names = Set(results.map(dialect.key))
    scope.results = names
    defer { scope.results = [] }
    return try mapped(keys) { (key) throws(Refusal) in
      var key = key
      if case .column(let path, _) = key.expression.kind, path.count == 1, names.contains(dialect.key(path[0])) {
        return key
      }
      key.expression = try expression(key.expression, tables, scope)
      return key
    }
  }

  private func bind(_ with: SQLWith, _ tables: inout CommonTables, _ outer: Scope?) throws(Refusal) -> SQLWith {
    var bound = with
    bound.tables = []
    for table in with.tables {
      commonTableCount += 1
      let before = sourceCount
      var entry = CommonTables.Entry(name: "cte_\(commonTableCount)_\(table.name)", columns: [], weight: 0)
      var known = tables
      // What the name means inside of the expression: itself where the engine sees it so, else what it meant before.
      let isSelfVisible = dialect == .sqlite || with.isRecursive
      if isSelfVisible, table.query.names(table.name, in: dialect) {
        entry.columns = try columnsOfRecursion(table, known, outer)
        known[table.name] = entry
      }
      let (query, columns) = try bind(table.query, known, outer: outer)
      entry.columns = try renamed(columns, by: table.columns, at: table.offset)
      entry.weight = sourceCount - before
      tables[table.name] = entry
      var boundTable = table
      boundTable.name = entry.name
      boundTable.query = query
      bound.tables.append(boundTable)
    }
    return bound
  }

  /// The columns of an expression that refers to itself: those of its beginning.
  private func columnsOfRecursion(
    _ table: SQLCommonTable,
    _ tables: CommonTables,
    _ outer: Scope?
  ) throws(Refusal) -> [String] {
    guard policy.allowsRecursion, case .set(.union, _, let first, _) = table.query.body,
      !first.names(table.name, in: dialect)
    else { throw .recursion(at: table.offset) }
    let before = sourceCount
    defer { sourceCount = before }
    var known = tables
    var beginning = first
    if let with = table.query.with { beginning.with = try bind(with, &known, outer) }
    return try renamed(try bind(first, known, outer: outer).columns, by: table.columns, at: table.offset)
  }

  func renamed(_ columns: [String], by names: [String], at offset: Int) throws(Refusal) -> [String] {
    guard names.count <= columns.count else {
      throw Refusal(
        .syntax,
        "There are \(names.count) names for \(columns.count) columns.",
        hint: "Give each column one name.",
        offset: offset
      )
    }
    return names + columns.dropFirst(names.count)
  }
}

// MARK: - SELECT

extension Binder {
  private func bind(
    _ select: SQLSelect,
    _ tables: CommonTables,
    _ scope: Scope
  ) throws(Refusal) -> (SQLSelect, [String]) {
    var bound = select
    bound.from = try mapped(select.from) { (source) throws(Refusal) in
      let (source, sources) = try bind(source, tables, scope)
      scope.add(sources)
      return source
    }
    var names: [String] = []
    bound.items = try mapped(select.items) { (item) throws(Refusal) in
      switch item {
      case .star(let path, let offset):
        let (path, columns) = try star(path, scope, at: offset)
        names += columns
        return .star(path, at: offset)
      case .value(let value, let alias, let text):
        names.append(alias ?? ResultNames.name(of: value, written: text, in: dialect))
        return .value(try expression(value, tables, scope), alias: alias, text: text)
      }
    }
    let aliases = select.items.compactMap(\.alias).map(dialect.key)
    if case .on(let values) = select.distinct {
      scope.results = Set(names.map(dialect.key))
      bound.distinct = .on(try expressions(values, tables, scope))
      scope.results = []
    }
    // SQLite sees the names of results everywhere, PostgreSQL only where a grouping is such a name and nothing more.
    if dialect == .sqlite { scope.results = Set(aliases) }
    bound.filter = try optional(select.filter, tables, scope)
    bound.having = try optional(select.having, tables, scope)
    scope.results = Set(names.map(dialect.key))
    bound.groupBy = try mapped(select.groupBy) { (part) throws(Refusal) in try grouping(part, tables, scope) }
    scope.results = []
    bound.windows = try mapped(select.windows) { (window) throws(Refusal) in
      SQLNamedWindow(
        name: window.name,
        window: try window.window.mapParts { (value) throws(Refusal) in try expression(value, tables, scope) }
      )
    }
    return (bound, names)
  }

  private func grouping(_ part: SQLGrouping, _ tables: CommonTables, _ scope: Scope) throws(Refusal) -> SQLGrouping {
    switch part {
    case .value(let value): return .value(try expression(value, tables, scope))
    case .empty: return .empty
    case .sets(let kind, let parts):
      return .sets(kind, try mapped(parts) { (part) throws(Refusal) in try grouping(part, tables, scope) })
    }
  }

  /// What a star stands for.
  private func star(_ path: [String], _ scope: Scope, at offset: Int) throws(Refusal) -> ([String], [String]) {
    let found = path.isEmpty ? scope.sources : scope.sources(named: path)
    guard let first = found.first else {
      throw Refusal(
        path.isEmpty ? .syntax : .unknownColumn,
        path.isEmpty ? "* stands without a FROM." : "There is no '\(path.joined(separator: "."))' in this FROM.",
        hint: "Name the columns.",
        offset: offset
      )
    }
    for relation in found.compactMap(\.relation) where !relation.hiddenColumns.isEmpty {
      throw .hiddenStar(relation, at: offset)
    }
    var merged = Set<String>()
    let columns = found.flatMap(\.columns).filter { column in
      let key = dialect.key(column)
      return !path.isEmpty || !scope.merged.contains(key) || merged.insert(key).inserted
    }
    return (path.isEmpty ? [] : [first.name ?? path[0]], columns)
  }

  func optional(_ value: SQLExpression?, _ tables: CommonTables, _ scope: Scope) throws(Refusal) -> SQLExpression? {
    guard let value else { return nil }
    return try expression(value, tables, scope)
  }

  func expressions(_ values: [SQLExpression], _ tables: CommonTables, _ scope: Scope) throws(Refusal) -> [SQLExpression]
  {
    try mapped(values) { (value) throws(Refusal) in try expression(value, tables, scope) }
  }

  /// Counts a source, as often as the engine looks at it.
  func count(_ weight: Int, at offset: Int) throws(Refusal) {
    sourceCount += max(1, weight)
    guard sourceCount <= policy.limits.sources else {
      throw Refusal(
        .tooComplex,
        "The statement reads from more than \(policy.limits.sources) sources.",
        hint: "Join fewer tables, and use each common table expression fewer times.",
        offset: offset
      )
    }
  }
}

extension SQLItem {
  fileprivate var alias: String? {
    if case .value(_, let alias, _) = self { alias } else { nil }
  }
}

extension SQLQuery {
  /// Whether a source anywhere in the query is written with this name alone.
  func names(_ name: String, in dialect: SQLDialect) -> Bool {
    var isNamed = false
    visit { node in
      if case .source(.relation(let relation)) = node, relation.path.count == 1,
        dialect.key(relation.path[0]) == dialect.key(name)
      {
        isNamed = true
      }
    }
    return isNamed
  }
}

// The standard library's own map does not hand on the type of the error.
func mapped<Part, Result, Failure: Error>(
  _ parts: [Part],
  _ body: (Part) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  var results: [Result] = []
  results.reserveCapacity(parts.count)
  for part in parts { results.append(try body(part)) }
  return results
}
