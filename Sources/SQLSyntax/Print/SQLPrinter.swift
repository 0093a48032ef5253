/// Writes a tree as SQL that means the same to the engine, with every name quoted and every operation in brackets.
struct SQLPrinter {
  let dialect: SQLDialect
  private(set) var text = ""

  init(_ dialect: SQLDialect) {
    self.dialect = dialect
  }

  mutating func write(_ part: String) { text += part }

  /// Writes a list with something between its parts.
  mutating func write<Part>(_ parts: [Part], by separator: String, _ body: (inout SQLPrinter, Part) -> Void) {
    for (index, part) in parts.enumerated() {
      if index > 0 { text += separator }
      body(&self, part)
    }
  }

  /// Writes a name in double quotes, which both engines take for a name and nothing else.
  mutating func name(_ name: String) {
    text += "\""
    text +=
      name.utf8.contains(UInt8(ascii: "\""))
      ? name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") : name
    text += "\""
  }

  mutating func names(_ names: [String], by separator: String) {
    write(names, by: separator) { $0.name($1) }
  }

  /// Writes a text; PostgreSQL's form for texts with backslashes means the same under every setting of the server.
  mutating func literal(_ value: String) {
    var content = value
    if content.utf8.contains(UInt8(ascii: "'")) {
      content = content.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }
    if dialect == .postgres, content.utf8.contains(UInt8(ascii: "\\")) {
      content = content.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
      text += "E"
    }
    text += "'\(content)'"
  }
}

extension SQLQuery {
  /// The question as SQL of an engine.
  public func sql(for dialect: SQLDialect) -> String {
    var printer = SQLPrinter(dialect)
    printer.query(self)
    return printer.text
  }
}

extension SQLQuery {
  /// Whether nothing stands around the `SELECT` or `VALUES`.
  fileprivate var isPlain: Bool {
    if case .set = body { return false }
    return with == nil && orderBy.isEmpty && limit == nil && offset == nil
  }
}

extension SQLExpression {
  /// The value as SQL of an engine.
  public func sql(for dialect: SQLDialect) -> String {
    var printer = SQLPrinter(dialect)
    printer.expression(self)
    return printer.text
  }
}

// MARK: - Queries

extension SQLPrinter {
  mutating func query(_ query: SQLQuery) {
    if let with = query.with { self.with(with) }
    switch query.body {
    case .select(let select): self.select(select)
    case .values(let rows):
      write("VALUES ")
      write(rows, by: ", ") { printer, row in
        printer.write("(")
        printer.write(row, by: ", ") { $0.expression($1) }
        printer.write(")")
      }
    case .set(let operation, let isAll, let left, let right):
      operand(left)
      write(" \(operation.rawValue)\(isAll ? " ALL" : "") ")
      operand(right)
    }
    sorting(query.orderBy)
    limits(query)
  }

  /// A part of a set operation: SQLite takes no brackets there, and its parts have nothing that would need them.
  private mutating func operand(_ query: SQLQuery) {
    if dialect == .sqlite || query.isPlain { return self.query(query) }
    write("(")
    self.query(query)
    write(")")
  }

  private mutating func with(_ with: SQLWith) {
    write(with.isRecursive ? "WITH RECURSIVE " : "WITH ")
    write(with.tables, by: ", ") { printer, table in
      printer.name(table.name)
      printer.columns(table.columns)
      printer.write(" AS ")
      if let isMaterialized = table.isMaterialized {
        printer.write(isMaterialized ? "MATERIALIZED " : "NOT MATERIALIZED ")
      }
      printer.write("(")
      printer.query(table.query)
      printer.write(")")
    }
    write(" ")
  }

  private mutating func columns(_ columns: [String]) {
    guard !columns.isEmpty else { return }
    write("(")
    names(columns, by: ", ")
    write(")")
  }

  private mutating func limits(_ query: SQLQuery) {
    if let limit = query.limit, !query.withTies {
      write(" LIMIT ")
      operand(limit)
    } else if query.limit == nil, query.offset != nil, dialect == .sqlite {
      write(" LIMIT -1")
    }
    if let offset = query.offset {
      write(" OFFSET ")
      operand(offset)
    }
    if let limit = query.limit, query.withTies {
      write(" FETCH FIRST (")
      expression(limit)
      write(") ROWS WITH TIES")
    }
  }

  mutating func sorting(_ keys: [SQLSortKey]) {
    guard !keys.isEmpty else { return }
    write(" ORDER BY ")
    write(keys, by: ", ") { printer, key in
      printer.expression(key.expression)
      if let isDescending = key.isDescending { printer.write(isDescending ? " DESC" : " ASC") }
      if let nullsFirst = key.nullsFirst { printer.write(nullsFirst ? " NULLS FIRST" : " NULLS LAST") }
    }
  }

  private mutating func select(_ select: SQLSelect) {
    write("SELECT ")
    switch select.distinct {
    case .no: break
    case .yes: write("DISTINCT ")
    case .on(let values):
      write("DISTINCT ON (")
      write(values, by: ", ") { $0.expression($1) }
      write(") ")
    }
    write(select.items, by: ", ") { $0.item($1) }
    if !select.from.isEmpty {
      write(" FROM ")
      write(select.from, by: ", ") { $0.source($1) }
    }
    if let filter = select.filter {
      write(" WHERE ")
      expression(filter)
    }
    grouping(select)
    if let having = select.having {
      write(" HAVING ")
      expression(having)
    }
    if !select.windows.isEmpty {
      write(" WINDOW ")
      write(select.windows, by: ", ") { printer, window in
        printer.name(window.name)
        printer.write(" AS ")
        printer.window(window.window)
      }
    }
  }

  private mutating func item(_ item: SQLItem) {
    switch item {
    case .star(let path, _):
      names(path, by: ".")
      write(path.isEmpty ? "*" : ".*")
    case .value(let value, let alias, let text):
      expression(value)
      if let alias = alias ?? implicitName(of: value, written: text) {
        write(" AS ")
        name(alias)
      }
    }
  }

  /// SQLite names a result without a name by how it is written, which is no longer how it stands here.
  private func implicitName(of value: SQLExpression, written text: String?) -> String? {
    if dialect == .postgres { return nil }
    if case .column = value.kind { return nil }
    return text
  }

  private mutating func grouping(_ select: SQLSelect) {
    guard !select.groupBy.isEmpty else { return }
    write(select.isGroupDistinct ? " GROUP BY DISTINCT " : " GROUP BY ")
    write(select.groupBy, by: ", ") { $0.grouping($1) }
  }

  private mutating func grouping(_ grouping: SQLGrouping) {
    switch grouping {
    case .value(let value): expression(value)
    case .empty: write("()")
    case .sets(let kind, let parts):
      write("\(kind) (")
      write(parts, by: ", ") { $0.grouping($1) }
      write(")")
    }
  }
}

// MARK: - Sources

extension SQLPrinter {
  private mutating func source(_ source: SQLSource) {
    switch source {
    case .relation(let relation):
      names(relation.path, by: ".")
      alias(relation.alias)
    case .query(let query, let alias, let isLateral, _):
      write(isLateral ? "LATERAL (" : "(")
      self.query(query)
      write(")")
      self.alias(alias)
    case .function(let function): tableFunction(function)
    case .join(let join): self.join(join)
    }
  }

  private mutating func alias(_ alias: SQLAlias?) {
    guard let alias else { return }
    write(" AS ")
    name(alias.name)
    columns(alias.columns)
  }

  private mutating func tableFunction(_ function: SQLTableFunction) {
    if function.isLateral { write("LATERAL ") }
    call(function.call)
    if function.withOrdinality { write(" WITH ORDINALITY") }
    guard !function.columns.isEmpty else { return alias(function.alias) }
    write(" AS ")
    if let alias = function.alias { name(alias.name) }
    write("(")
    write(function.columns, by: ", ") { printer, column in
      printer.name(column.name)
      printer.write(" ")
      printer.type(column.type)
    }
    write(")")
  }

  private mutating func join(_ join: SQLJoin) {
    source(join.left)
    write(join.condition == .natural ? " NATURAL \(join.kind.rawValue) " : " \(join.kind.rawValue) ")
    if case .join = join.right {
      write("(")
      source(join.right)
      write(")")
    } else {
      source(join.right)
    }
    switch join.condition {
    case .none, .natural: break
    case .on(let condition):
      write(" ON ")
      expression(condition)
    case .using(let columns):
      write(" USING (")
      names(columns, by: ", ")
      write(")")
    }
  }
}
