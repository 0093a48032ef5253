import SQLSyntax

extension Binder {
  /// A value with each column written with its source, and each function and type with the engine's own schema.
  func expression(_ value: SQLExpression, _ tables: CommonTables, _ scope: Scope) throws(Refusal) -> SQLExpression {
    switch value.kind {
    case .column(let path, let isQuoted): return try column(path, isQuoted, scope, at: value.offset)
    case .call(let call): return SQLExpression(.call(try self.call(call, tables, scope)), at: value.offset)
    case .cast(let inner, let type):
      return SQLExpression(.cast(try expression(inner, tables, scope), typeName(type)), at: value.offset)
    default:
      return try value.mapParts { (part) throws(Refusal) in
        try expression(part, tables, scope)
      } query: { (query) throws(Refusal) in
        try bind(query, tables, outer: scope).query
      }
    }
  }

  func call(_ call: SQLCall, _ tables: CommonTables, _ scope: Scope) throws(Refusal) -> SQLCall {
    var bound = try call.mapParts { (value) throws(Refusal) in try expression(value, tables, scope) }
    if dialect == .postgres, !call.isKeyword { bound.schema = ["pg_catalog"] }
    return bound
  }

  func typeName(_ type: SQLTypeName) -> SQLTypeName {
    var type = type
    if dialect == .postgres { type.schema = ["pg_catalog"] }
    return type
  }
}

// MARK: - Columns

extension Binder {
  private func column(
    _ path: [String],
    _ isQuoted: Bool,
    _ scope: Scope,
    at offset: Int
  ) throws(Refusal) -> SQLExpression {
    let bound =
      path.count == 1 ? try plain(path[0], isQuoted, scope, at: offset) : try qualified(path, scope, at: offset)
    return SQLExpression(.column(bound, isQuoted: false), at: offset)
  }

  /// A name alone: a column of this or an outer query, a result, or a whole row.
  private func plain(
    _ name: String,
    _ isQuoted: Bool,
    _ start: Scope,
    at offset: Int
  ) throws(Refusal) -> [String] {
    var scope: Scope? = start
    while let here = scope {
      let found = here.sources(withColumn: name)
      if found.count == 1, let column = here.column(name, of: found[0]) {
        return found[0].name.map { [$0, column] } ?? [column]
      }
      if found.count > 1 {
        if here.merged.contains(dialect.key(name)) { return [name] }
        throw ambiguous(name, at: offset)
      }
      if here.results.contains(dialect.key(name)) { return [name] }
      if dialect == .postgres, let row = here.sources(named: [name]).first {
        return try wholeRow(row, name, at: offset)
      }
      scope = here.parent
    }
    throw unknownColumn([name], isQuoted: isQuoted, in: start.visibleSources, at: offset)
  }

  private func wholeRow(_ source: BoundSource, _ name: String, at offset: Int) throws(Refusal) -> [String] {
    if let relation = source.relation, !relation.hiddenColumns.isEmpty { throw .hiddenStar(relation, at: offset) }
    return [source.name ?? name]
  }

  /// A name with that of its source before it, and perhaps that one's schema.
  private func qualified(_ path: [String], _ start: Scope, at offset: Int) throws(Refusal) -> [String] {
    var scope: Scope? = start
    while let here = scope {
      let sources = here.sources(named: path.dropLast())
      if let source = sources.first {
        if dialect == .postgres, path.last == "*" { return try wholeRow(source, path[0], at: offset) }
        guard let name = path.last, let column = here.column(name, of: source), sources.count == 1 else {
          throw sources.count > 1
            ? ambiguous(path.joined(separator: "."), at: offset)
            : unknownColumn(path, isQuoted: false, in: sources, at: offset)
        }
        return [source.name ?? path[path.count - 2], column]
      }
      scope = here.parent
    }
    throw unknownColumn(path, isQuoted: false, in: start.visibleSources, at: offset)
  }

  private func ambiguous(_ name: String, at offset: Int) -> Refusal {
    Refusal(
      .ambiguousColumn,
      "Several tables of the statement have a column '\(name)'.",
      hint: "Put the table's name or alias before it.",
      offset: offset
    )
  }

  func unknownColumn(_ path: [String], isQuoted: Bool, in sources: [BoundSource], at offset: Int) -> Refusal {
    let name = path.last ?? ""
    if let relation = sources.compactMap(\.relation).first(where: { $0.hides(name, in: dialect) }) {
      return .hiddenColumn(name, of: relation, at: offset)
    }
    let near = NearestNames.columns(like: name, in: sources, under: policy)
    let quotes = isQuoted || dialect == .sqlite ? " Texts stand in single quotes." : ""
    let hint =
      near.isEmpty
      ? "Use only columns of the tables in the statement.\(quotes)"
      : "Did you mean \(near.joined(separator: ", "))?\(quotes)"
    return Refusal(
      .unknownColumn,
      "There is no column '\(path.joined(separator: "."))'.",
      hint: hint,
      suggestions: near,
      offset: offset
    )
  }
}

extension GateRelation {
  fileprivate func hides(_ column: String, in dialect: SQLDialect) -> Bool {
    hiddenColumns.contains { dialect.key($0) == dialect.key(column) }
  }
}

extension Scope {
  /// The sources of this and all outer queries.
  fileprivate var visibleSources: [BoundSource] { sources + (parent?.visibleSources ?? []) }
}
