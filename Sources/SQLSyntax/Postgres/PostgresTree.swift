/// Turns PostgreSQL's own tree into ours; what has no place in ours is refused.
final class PostgresTree {
  let tape: JSONTape
  /// The statement, for what the tree leaves out.
  let source: [UInt8]
  private var depth = 0

  init(tape: JSONTape, source: [UInt8]) {
    self.tape = tape
    self.source = source
  }

  /// The one question of the text.
  func question() throws(SyntaxFault) -> SQLQuery {
    var root = PostgresFields(tape, 0, type: "text")
    _ = root.take("version")
    let statements = root.list("stmts")
    guard let first = statements.first else { throw SyntaxFault(.empty, "there is no statement") }
    guard statements.count == 1 else {
      throw SyntaxFault(.multipleStatements, "there are \(statements.count) statements", at: place(of: statements[1]))
    }
    var statement = PostgresFields(tape, first, type: "statement")
    guard let node = statement.take("stmt") else { throw SyntaxFault(.empty, "there is no statement") }
    try statement.end()
    let (type, body) = try only(node)
    guard type == "SelectStmt" else { throw SyntaxFault(.notAQuestion, "the statement is a \(type)", at: 0) }
    let query = try query(body)
    if case .select(let select) = query.body, select.items.isEmpty {
      throw SyntaxFault(.empty, "the statement asks for nothing")
    }
    return query
  }

  private func place(of statement: Int) -> Int? {
    var fields = tape.children(of: statement)[...]
    while let key = fields.popFirst(), let value = fields.popFirst() {
      if tape.text(key) == "stmt_location" { return tape.integer(value) }
    }
    return nil
  }

  /// The type and body of a node: an object with one key.
  func only(_ index: Int) throws(SyntaxFault) -> (type: String, body: Int) {
    let children = tape.isObject(index) ? tape.children(of: index) : []
    guard children.count == 2 else { throw SyntaxFault(.notAllowed, "a part of the statement is not understood") }
    return (tape.text(children[0]), children[1])
  }

  /// Counts a level of nesting while `body` runs.
  func nested<Value>(at offset: Int, _ body: () throws(SyntaxFault) -> Value) throws(SyntaxFault) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= SQLParser.maximumDepth else {
      throw SyntaxFault(.tooDeep, "the statement is nested more than \(SQLParser.maximumDepth) levels deep", at: offset)
    }
    return try body()
  }

  /// The texts of a list of names.
  func names(_ list: [Int]) throws(SyntaxFault) -> [String] {
    var names: [String] = []
    for index in list {
      let (type, body) = try only(index)
      guard type == "String" else { throw SyntaxFault(.notAllowed, "\(type) in a name is not supported") }
      var fields = PostgresFields(tape, body, type: type)
      names.append(fields.text("sval") ?? "")
    }
    return names
  }
}

// MARK: - Queries

extension PostgresTree {
  /// A `SelectStmt`.
  func query(_ body: Int) throws(SyntaxFault) -> SQLQuery {
    try nested(at: 0) { () throws(SyntaxFault) in
      var fields = PostgresFields(tape, body, type: "SELECT")
      if fields.take("intoClause") != nil { throw SyntaxFault(.notAQuestion, "SELECT INTO writes a table") }
      if fields.take("lockingClause") != nil { throw SyntaxFault(.notAQuestion, "FOR UPDATE or SHARE locks rows") }
      let with = try fields.take("withClause").map { (index) throws(SyntaxFault) in try withClause(index) }
      let orderBy = try sortKeys(fields.list("sortClause"))
      let limit = try optional(fields.take("limitCount"))
      let offset = try optional(fields.take("limitOffset"))
      let option = fields.text("limitOption")
      let isLimitAll = limit?.kind == .literal(.null)
      let query = SQLQuery(
        with: with,
        body: try queryBody(&fields),
        orderBy: orderBy,
        limit: isLimitAll ? nil : limit,
        offset: offset,
        withTies: option == "LIMIT_OPTION_WITH_TIES"
      )
      try fields.end()
      return query
    }
  }

  private func queryBody(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLQueryBody {
    let operation = fields.text("op") ?? "SETOP_NONE"
    if operation != "SETOP_NONE" { return try setOperation(operation, &fields) }
    let rows = fields.list("valuesLists")
    if !rows.isEmpty {
      var values: [[SQLExpression]] = []
      for row in rows { values.append(try listItems(row)) }
      return .values(values)
    }
    return .select(try select(&fields))
  }

  private func setOperation(_ operation: String, _ fields: inout PostgresFields) throws(SyntaxFault) -> SQLQueryBody {
    let kinds: [String: SQLSetOperation] = [
      "SETOP_UNION": .union, "SETOP_INTERSECT": .intersect, "SETOP_EXCEPT": .except,
    ]
    guard let kind = kinds[operation], let left = fields.take("larg"), let right = fields.take("rarg") else {
      throw SyntaxFault(.notAllowed, "\(operation) is not supported")
    }
    let isAll = fields.flag("all")
    return .set(kind, isAll: isAll, try query(left), try query(right))
  }

  private func select(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLSelect {
    let distinct = try distinctClause(fields.take("distinctClause"))
    var items: [SQLItem] = []
    for target in fields.list("targetList") { items.append(try item(target)) }
    var from: [SQLSource] = []
    for index in fields.list("fromClause") { from.append(try source(index)) }
    let filter = try optional(fields.take("whereClause"))
    var groupBy: [SQLGrouping] = []
    for index in fields.list("groupClause") { groupBy.append(try grouping(index)) }
    let isGroupDistinct = fields.flag("groupDistinct")
    let having = try optional(fields.take("havingClause"))
    var windows: [SQLNamedWindow] = []
    for index in fields.list("windowClause") {
      let (name, window) = try window(try body(of: index, type: "WindowDef"))
      windows.append(SQLNamedWindow(name: name ?? "", window: window))
    }
    return SQLSelect(
      distinct: distinct,
      items: items,
      from: from,
      filter: filter,
      groupBy: groupBy,
      isGroupDistinct: isGroupDistinct,
      having: having,
      windows: windows
    )
  }

  private func distinctClause(_ index: Int?) throws(SyntaxFault) -> SQLSelect.Distinct {
    guard let index else { return .no }
    let list = tape.children(of: index)
    // A plain DISTINCT is a list with one empty node.
    if list.count == 1, tape.isObject(list[0]), tape.children(of: list[0]).isEmpty { return .yes }
    return .on(try expressions(list))
  }

  private func item(_ index: Int) throws(SyntaxFault) -> SQLItem {
    var fields = PostgresFields(tape, try body(of: index, type: "ResTarget"), type: "result")
    let alias = fields.text("name")
    guard let value = fields.take("val") else { throw SyntaxFault(.notAllowed, "a result without a value") }
    try fields.end()
    let (type, content) = try only(value)
    if type == "ColumnRef", let star = try star(content) { return .star(star.path, at: star.offset) }
    return .value(try expression(value), alias: alias, text: nil)
  }

  /// The names before a star, when the column is one.
  func star(_ body: Int) throws(SyntaxFault) -> (path: [String], offset: Int)? {
    var fields = PostgresFields(tape, body, type: "column")
    let parts = fields.list("fields")
    guard let last = parts.last, try only(last).type == "A_Star" else { return nil }
    return (try names(parts.dropLast()), fields.offset)
  }

  private func withClause(_ index: Int) throws(SyntaxFault) -> SQLWith {
    var fields = PostgresFields(tape, index, type: "WITH")
    let isRecursive = fields.flag("recursive")
    var tables: [SQLCommonTable] = []
    for entry in fields.list("ctes") { tables.append(try commonTable(entry)) }
    try fields.end()
    return SQLWith(isRecursive: isRecursive, tables: tables)
  }

  private func commonTable(_ index: Int) throws(SyntaxFault) -> SQLCommonTable {
    var fields = PostgresFields(tape, try body(of: index, type: "CommonTableExpr"), type: "WITH")
    let name = fields.text("ctename") ?? ""
    let columns = try names(fields.list("aliascolnames"))
    let materialized: [String: Bool] = ["CTEMaterializeAlways": true, "CTEMaterializeNever": false]
    let isMaterialized = fields.text("ctematerialized").flatMap { materialized[$0] }
    guard let node = fields.take("ctequery") else { throw SyntaxFault(.notAllowed, "WITH without a query") }
    try fields.end()
    let (type, content) = try only(node)
    guard type == "SelectStmt" else { throw SyntaxFault(.notAQuestion, "WITH holds a \(type)", at: fields.offset) }
    return SQLCommonTable(
      name: name,
      columns: columns,
      isMaterialized: isMaterialized,
      query: try query(content),
      offset: fields.offset
    )
  }

  private func grouping(_ index: Int) throws(SyntaxFault) -> SQLGrouping {
    let (type, content) = try only(index)
    guard type == "GroupingSet" else { return .value(try expression(index)) }
    var fields = PostgresFields(tape, content, type: "GROUP BY")
    let kind = fields.text("kind") ?? ""
    var parts: [SQLGrouping] = []
    for part in fields.list("content") { parts.append(try grouping(part)) }
    try fields.end()
    switch kind {
    case "GROUPING_SET_EMPTY": return .empty
    case "GROUPING_SET_ROLLUP": return .sets("ROLLUP", parts)
    case "GROUPING_SET_CUBE": return .sets("CUBE", parts)
    case "GROUPING_SET_SETS": return .sets("GROUPING SETS", parts)
    default: throw SyntaxFault(.notAllowed, "\(kind) is not supported", at: fields.offset)
    }
  }

  func sortKeys(_ list: [Int]) throws(SyntaxFault) -> [SQLSortKey] {
    var keys: [SQLSortKey] = []
    for index in list {
      var fields = PostgresFields(tape, try body(of: index, type: "SortBy"), type: "ORDER BY")
      guard let node = fields.take("node") else { throw SyntaxFault(.notAllowed, "ORDER BY without a value") }
      let direction = fields.text("sortby_dir") ?? "SORTBY_DEFAULT"
      let nulls = fields.text("sortby_nulls") ?? "SORTBY_NULLS_DEFAULT"
      try fields.end()  // ORDER BY … USING leaves its operator
      keys.append(
        SQLSortKey(
          expression: try expression(node),
          isDescending: direction == "SORTBY_DEFAULT" ? nil : direction == "SORTBY_DESC",
          nullsFirst: nulls == "SORTBY_NULLS_DEFAULT" ? nil : nulls == "SORTBY_NULLS_FIRST"
        )
      )
    }
    return keys
  }

  func body(of index: Int, type wanted: String) throws(SyntaxFault) -> Int {
    let (type, body) = try only(index)
    guard type == wanted else { throw SyntaxFault(.notAllowed, "\(type) is not supported here") }
    return body
  }
}

// MARK: - Sources

extension PostgresTree {
  private func source(_ index: Int) throws(SyntaxFault) -> SQLSource {
    let (type, body) = try only(index)
    return try nested(at: 0) { () throws(SyntaxFault) in
      switch type {
      case "RangeVar": .relation(try relation(body))
      case "RangeSubselect": try subquery(body)
      case "RangeFunction": .function(try tableFunction(body))
      case "JoinExpr": .join(try join(body))
      default: throw SyntaxFault(.notAllowed, "\(type) is not supported")
      }
    }
  }

  private func relation(_ body: Int) throws(SyntaxFault) -> SQLRelation {
    var fields = PostgresFields(tape, body, type: "table")
    let path = [fields.text("catalogname"), fields.text("schemaname"), fields.text("relname")].compactMap(\.self)
    let isWhole = fields.flag("inh")
    _ = fields.take("relpersistence")
    let alias = try alias(fields.take("alias"))
    try fields.end()
    guard isWhole else { throw SyntaxFault(.notAllowed, "ONLY is not supported", at: fields.offset) }
    return SQLRelation(path: path, alias: alias, offset: fields.offset)
  }

  private func alias(_ index: Int?) throws(SyntaxFault) -> SQLAlias? {
    guard let index else { return nil }
    var fields = PostgresFields(tape, index, type: "alias")
    let name = fields.text("aliasname") ?? ""
    let columns = try names(fields.list("colnames"))
    try fields.end()
    return SQLAlias(name, columns: columns)
  }

  private func subquery(_ body: Int) throws(SyntaxFault) -> SQLSource {
    var fields = PostgresFields(tape, body, type: "subquery")
    let isLateral = fields.flag("lateral")
    guard let node = fields.take("subquery") else { throw SyntaxFault(.notAllowed, "a subquery without a query") }
    let alias = try alias(fields.take("alias"))
    try fields.end()
    let (type, content) = try only(node)
    guard type == "SelectStmt" else { throw SyntaxFault(.notAQuestion, "FROM holds a \(type)") }
    return .query(try query(content), alias: alias, isLateral: isLateral, at: fields.offset)
  }

  private func tableFunction(_ body: Int) throws(SyntaxFault) -> SQLTableFunction {
    var fields = PostgresFields(tape, body, type: "function in FROM")
    let isLateral = fields.flag("lateral")
    let withOrdinality = fields.flag("ordinality")
    let isRowsFrom = fields.flag("is_rowsfrom")
    let functions = fields.list("functions")
    let alias = try alias(fields.take("alias"))
    let columns = try columnDefinitions(fields.list("coldeflist"))
    try fields.end()
    guard functions.count == 1, !isRowsFrom else { throw SyntaxFault(.notAllowed, "ROWS FROM is not supported") }
    var list = PostgresFields(tape, try self.body(of: functions[0], type: "List"), type: "function in FROM")
    guard let node = list.list("items").first, case (let type, let content) = try only(node), type == "FuncCall" else {
      throw SyntaxFault(.notAllowed, "only plain functions can stand in FROM")
    }
    return SQLTableFunction(
      call: try call(content),
      withOrdinality: withOrdinality,
      alias: alias,
      columns: columns,
      isLateral: isLateral
    )
  }

  private func columnDefinitions(_ list: [Int]) throws(SyntaxFault) -> [SQLTableFunction.Column] {
    var columns: [SQLTableFunction.Column] = []
    for index in list {
      var fields = PostgresFields(tape, try body(of: index, type: "ColumnDef"), type: "column definition")
      let name = fields.text("colname") ?? ""
      _ = fields.take("is_local")
      guard let type = fields.take("typeName") else { throw SyntaxFault(.notAllowed, "a column without a type") }
      try fields.end()
      columns.append(SQLTableFunction.Column(name: name, type: try typeName(type)))
    }
    return columns
  }

  private func join(_ body: Int) throws(SyntaxFault) -> SQLJoin {
    var fields = PostgresFields(tape, body, type: "JOIN")
    let kinds: [String: SQLJoin.Kind] = [
      "JOIN_INNER": .inner, "JOIN_LEFT": .left, "JOIN_RIGHT": .right, "JOIN_FULL": .full,
    ]
    let name = fields.text("jointype") ?? ""
    guard let kind = kinds[name], let left = fields.take("larg"), let right = fields.take("rarg") else {
      throw SyntaxFault(.notAllowed, "\(name) is not supported")
    }
    let isNatural = fields.flag("isNatural")
    let using = try names(fields.list("usingClause"))
    let condition = try optional(fields.take("quals"))
    if fields.take("alias") != nil || fields.take("join_using_alias") != nil {
      throw SyntaxFault(.notAllowed, "a join with a name of its own is not supported")
    }
    try fields.end()
    let partners: SQLJoin.Condition =
      if isNatural { .natural } else if !using.isEmpty { .using(using) } else { condition.map { .on($0) } ?? .none }
    return SQLJoin(
      kind: partners == .none && kind == .inner ? .cross : kind,
      condition: partners,
      left: try source(left),
      right: try source(right),
      offset: condition?.offset ?? 0
    )
  }
}
