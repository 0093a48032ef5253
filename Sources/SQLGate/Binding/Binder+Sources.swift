import SQLSyntax

extension Binder {
  /// A source in its bound form, with what it adds to the names of the statement.
  func bind(
    _ source: SQLSource,
    _ tables: CommonTables,
    _ scope: Scope
  ) throws(Refusal) -> (SQLSource, [BoundSource]) {
    switch source {
    case .relation(let relation): return try bind(relation, tables)
    case .query(let query, let alias, let isLateral, let offset):
      try count(1, at: offset)
      let (inner, columns) = try bind(query, tables, outer: isLateral ? scope : scope.parent)
      let named = BoundSource(name: alias?.name, columns: try renamed(columns, by: alias?.columns ?? [], at: offset))
      return (.query(inner, alias: alias, isLateral: isLateral, at: offset), [named])
    case .function(let function): return try bind(function, tables, scope)
    case .join(let join): return try bind(join, tables, scope)
    }
  }

  private func bind(_ relation: SQLRelation, _ tables: CommonTables) throws(Refusal) -> (SQLSource, [BoundSource]) {
    if relation.path.count == 1, let table = tables[relation.path[0]] {
      try count(table.weight, at: relation.offset)
      var bound = relation
      bound.path = [table.name]
      bound.alias = SQLAlias(relation.alias?.name ?? relation.path[0], columns: relation.alias?.columns ?? [])
      let columns = try renamed(table.columns, by: relation.alias?.columns ?? [], at: relation.offset)
      return (.relation(bound), [BoundSource(name: bound.alias?.name, columns: columns)])
    }
    guard let known = policy.relation(relation.path) else { throw .unreadable(relation, under: policy) }
    try count(1, at: relation.offset)
    if let alias = relation.alias, !alias.columns.isEmpty, !known.hiddenColumns.isEmpty {
      throw .hiddenStar(known, at: relation.offset)
    }
    let alias = SQLAlias(relation.alias?.name ?? known.name, columns: relation.alias?.columns ?? [])
    let columns = try renamed(known.columns, by: alias.columns, at: relation.offset)
    let isOpen = try isOpen(known, at: relation.offset)
    let named = BoundSource(
      name: alias.name,
      path: relation.alias == nil ? [known.schema ?? policy.usualSchema, known.name] : [],
      columns: columns,
      relation: known,
      hasRowNumbers: isOpen && dialect == .sqlite && relation.alias?.columns.isEmpty ?? true
    )
    return (isOpen ? open(known, alias, relation) : try narrowed(known, alias, relation), [named])
  }

  private func bind(
    _ function: SQLTableFunction,
    _ tables: CommonTables,
    _ scope: Scope
  ) throws(Refusal) -> (SQLSource, [BoundSource]) {
    try count(1, at: function.call.offset)
    var bound = function
    bound.call = try call(function.call, tables, scope)
    bound.columns = function.columns.map { SQLTableFunction.Column(name: $0.name, type: typeName($0.type)) }
    guard let known = SQLFunctions.tableFunctions(of: dialect)[function.call.name.asciiLowercased] else {
      throw .uncallable(.forbiddenFunction, function: function.call.name, under: policy, at: function.call.offset)
    }
    let name = function.alias?.name ?? function.call.name
    var columns = function.columns.map(\.name)
    if columns.isEmpty { columns = known }
    if columns.isEmpty { columns = Array(repeating: name, count: max(1, function.resultCount)) }
    if function.withOrdinality { columns.append("ordinality") }
    columns = try renamed(columns, by: function.alias?.columns ?? [], at: function.call.offset)
    return (.function(bound), [BoundSource(name: name, columns: columns)])
  }

  private func bind(
    _ join: SQLJoin,
    _ tables: CommonTables,
    _ scope: Scope
  ) throws(Refusal) -> (SQLSource, [BoundSource]) {
    var bound = join
    let (left, leftSources) = try bind(join.left, tables, scope)
    let inner = Scope(parent: scope, dialect: dialect)
    inner.add(leftSources)
    // The right side may look at the left one where it is lateral, and so may functions.
    let (right, rightSources) = try bind(join.right, tables, inner)
    inner.add(rightSources)
    scope.merge(inner.merged)
    bound.left = left
    bound.right = right
    switch join.condition {
    case .none: break
    case .on(let condition):
      inner.merge(scope.merged)
      bound.condition = .on(try expression(condition, tables, inner))
    case .using(let columns):
      for column in columns { try require(column, leftSources, rightSources, at: join.offset) }
      scope.merge(columns)
    case .natural:
      for relation in (leftSources + rightSources).compactMap(\.relation) where !relation.hiddenColumns.isEmpty {
        throw .hiddenStar(relation, at: join.offset)
      }
      let shared = commonColumns(leftSources, rightSources)
      scope.merge(shared)
      // What a policy does not name must not join, so the columns are spelled out.
      bound.condition = shared.isEmpty ? .none : .using(shared)
      if shared.isEmpty { bound = withoutCondition(bound) }
    }
    return (.join(bound), leftSources + rightSources)
  }

  private func withoutCondition(_ join: SQLJoin) -> SQLJoin {
    var join = join
    if join.kind == .inner {
      join.kind = .cross
    } else if join.kind != .cross {
      join.condition = .on(SQLExpression(.literal(.boolean(true)), at: join.offset))
    }
    return join
  }

  private func commonColumns(_ left: [BoundSource], _ right: [BoundSource]) -> [String] {
    let known = Set(right.flatMap(\.columns).map(dialect.key))
    var seen = Set<String>()
    return left.flatMap(\.columns).filter { known.contains(dialect.key($0)) && seen.insert(dialect.key($0)).inserted }
  }

  private func require(
    _ column: String,
    _ left: [BoundSource],
    _ right: [BoundSource],
    at offset: Int
  ) throws(Refusal) {
    for side in [left, right] where !side.contains(where: { $0.columns.map(dialect.key).contains(dialect.key(column)) })
    {
      throw unknownColumn([column], isQuoted: false, in: left + right, at: offset)
    }
  }
}

extension SQLTableFunction {
  /// `unnest` gives a column for each of its arrays.
  fileprivate var resultCount: Int { call.name == "unnest" ? call.arguments.count : 1 }
}

// MARK: - Relations of the policy

extension Binder {
  /// Whether all rows and columns of a relation may be seen.
  private func isOpen(_ relation: GateRelation, at offset: Int) throws(Refusal) -> Bool {
    let isScoped = policy.isTenantScoped(relation)
    if isScoped, policy.tenant?.value == nil { throw .noTenant(at: offset) }
    return !isScoped && relation.isComplete && relation.hiddenColumns.isEmpty && relation.masks.isEmpty
      && relation.rowFilters.isEmpty
  }

  private func path(_ relation: GateRelation) -> [String] { [relation.schema ?? policy.usualSchema, relation.name] }

  private func open(_ relation: GateRelation, _ alias: SQLAlias, _ written: SQLRelation) -> SQLSource {
    .relation(SQLRelation(path: path(relation), alias: alias, offset: written.offset))
  }

  /// A relation as a subquery over the rows and columns that the caller may see.
  private func narrowed(
    _ relation: GateRelation,
    _ alias: SQLAlias,
    _ written: SQLRelation
  ) throws(Refusal) -> SQLSource {
    let offset = written.offset
    let base = SQLSource.relation(SQLRelation(path: path(relation), offset: offset))
    let items = relation.columns.map { item($0, relation, at: offset) }
    var conditions: [SQLExpression] = []
    if policy.isTenantScoped(relation), let condition = tenantCondition(at: offset) { conditions.append(condition) }
    guard let own = filters.conditions(of: relation) else { throw .closed(relation, at: offset) }
    conditions += own
    let filter = conditions.count > 1 ? SQLExpression(.and(conditions), at: offset) : conditions.first
    var query = SQLQuery(body: .select(SQLSelect(items: items, from: [base], filter: filter)))
    if hasBarriers, filter != nil { query.offset = SQLExpression(.literal(.integer("0")), at: offset) }
    return .query(query, alias: alias, isLateral: false, at: offset)
  }

  private func item(_ column: String, _ relation: GateRelation, at offset: Int) -> SQLItem {
    let mask = relation.masks.first { dialect.key($0.key) == dialect.key(column) }?.value
    let value: SQLExpression.Kind =
      switch mask {
      case nil: .column([column], isQuoted: false)
      case .null: .literal(.null)
      case .text(let text): .literal(.text(text))
      }
    let isText = if case .text = mask { true } else { false }
    let kind =
      isText && dialect == .postgres
      ? .cast(SQLExpression(value, at: offset), SQLTypeName("text", schema: ["pg_catalog"], offset: offset)) : value
    return .value(SQLExpression(kind, at: offset), alias: mask == nil ? nil : column, text: nil)
  }

  private func tenantCondition(at offset: Int) -> SQLExpression? {
    guard let tenant = policy.tenant, let value = tenant.value else { return nil }
    let literal: SQLLiteral =
      switch value {
      case .number(let number): .integer(String(number))
      case .name(let name): .text(name)
      }
    let column = SQLExpression(.column([tenant.column], isQuoted: false), at: offset)
    return SQLExpression(.binary("=", column, SQLExpression(.literal(literal), at: offset)), at: offset)
  }
}
