// MARK: - Operators

extension PostgresTree {
  func operation(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let kind = fields.text("kind") ?? ""
    let name = try operatorName(fields.list("name"), at: fields.offset)
    let left = fields.take("lexpr")
    guard let right = fields.take("rexpr") else { throw SyntaxFault(.notAllowed, "an operator without a value") }
    try fields.end()
    guard let left else { return .prefix(name, try expression(right)) }
    let value = try expression(left)
    switch kind {
    case "AEXPR_OP": return .binary(name, value, try expression(right))
    case "AEXPR_OP_ANY", "AEXPR_OP_ALL":
      return .quantifiedArray(value, name, isAll: kind == "AEXPR_OP_ALL", try expression(right))
    case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
      return .distinct(value, try expression(right), isNegated: kind == "AEXPR_NOT_DISTINCT")
    case "AEXPR_NULLIF":
      let arguments = [SQLCall.Argument(value), SQLCall.Argument(try expression(right))]
      return .call(SQLCall("nullif", isKeyword: true, arguments: arguments, offset: fields.offset))
    case "AEXPR_IN": return .inList(value, try listItems(right), isNegated: name == "<>")
    case "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR": return try match(kind, name, value, right)
    case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
      let bounds = try listItems(right)
      guard bounds.count == 2 else { throw SyntaxFault(.notAllowed, "BETWEEN without two bounds", at: fields.offset) }
      return .between(
        value,
        bounds[0],
        bounds[1],
        isNegated: kind.hasPrefix("AEXPR_NOT"),
        isSymmetric: kind.hasSuffix("SYM")
      )
    default: throw SyntaxFault(.notAllowed, "\(kind) is not supported", at: fields.offset)
    }
  }

  /// An operator's name; of schemas only the engine's own is taken.
  private func operatorName(_ list: [Int], at offset: Int) throws(SyntaxFault) -> String {
    let path = try names(list)
    guard let name = path.last, path.count == 1 || path == ["pg_catalog", name] else {
      throw SyntaxFault(.notAllowed, "an operator of a schema is not supported", at: offset)
    }
    return name
  }

  private func match(
    _ kind: String,
    _ name: String,
    _ value: SQLExpression,
    _ right: Int
  ) throws(SyntaxFault) -> SQLExpression.Kind {
    let words = ["AEXPR_LIKE": "LIKE", "AEXPR_ILIKE": "ILIKE", "AEXPR_SIMILAR": "SIMILAR TO"]
    var pattern = try expression(right)
    var escape: SQLExpression?
    // ESCAPE, and always SIMILAR TO, wrap the pattern in a call.
    if case .call(let call) = pattern.kind, ["like_escape", "similar_to_escape"].contains(call.name),
      call.schema == ["pg_catalog"], let first = call.arguments.first
    {
      pattern = first.value
      escape = call.arguments.count > 1 ? call.arguments[1].value : nil
    }
    return .match(
      SQLMatch(
        kind: words[kind] ?? "LIKE",
        value: value,
        pattern: pattern,
        escape: escape,
        isNegated: name.hasPrefix("!")
      )
    )
  }

  func subquery(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let kind = fields.text("subLinkType") ?? ""
    let value = try optional(fields.take("testexpr"))
    let operatorPath = fields.list("operName")
    guard let node = fields.take("subselect") else { throw SyntaxFault(.notAllowed, "a subquery without a query") }
    try fields.end()
    let (type, body) = try only(node)
    guard type == "SelectStmt" else { throw SyntaxFault(.notAQuestion, "a subquery is a \(type)", at: fields.offset) }
    let query = try query(body)
    switch (kind, value) {
    case ("EXISTS_SUBLINK", nil): return .exists(query)
    case ("EXPR_SUBLINK", nil): return .scalar(query)
    case ("ARRAY_SUBLINK", nil): return .arrayQuery(query)
    case ("ANY_SUBLINK", let value?) where operatorPath.isEmpty: return .inQuery(value, query, isNegated: false)
    case ("ANY_SUBLINK", let value?), ("ALL_SUBLINK", let value?):
      let name = try operatorName(operatorPath, at: fields.offset)
      return .quantified(value, name, isAll: kind == "ALL_SUBLINK", query)
    default: throw SyntaxFault(.notAllowed, "\(kind) is not supported", at: fields.offset)
    }
  }
}

// MARK: - Calls

extension PostgresTree {
  func call(_ body: Int) throws(SyntaxFault) -> SQLCall {
    var fields = PostgresFields(tape, body, type: "call")
    let path = try names(fields.list("funcname"))
    _ = fields.take("funcformat")
    var arguments: [SQLCall.Argument] = []
    for index in fields.list("args") { arguments.append(try argument(index)) }
    let isStar = fields.flag("agg_star")
    let isDistinct = fields.flag("agg_distinct")
    let isVariadic = fields.flag("func_variadic")
    let isWithinGroup = fields.flag("agg_within_group")
    let orderBy = try sortKeys(fields.list("agg_order"))
    let filter = try optional(fields.take("agg_filter"))
    let over = try fields.take("over").map { (index) throws(SyntaxFault) in try overClause(index) }
    try fields.end()
    return SQLCall(
      path.last ?? "",
      schema: path.dropLast(),
      arguments: arguments,
      isStar: isStar,
      isDistinct: isDistinct,
      isVariadic: isVariadic,
      orderBy: orderBy,
      isWithinGroup: isWithinGroup,
      filter: filter,
      over: over,
      offset: fields.offset
    )
  }

  private func argument(_ index: Int) throws(SyntaxFault) -> SQLCall.Argument {
    let (type, body) = try only(index)
    if type == "ColumnRef", let star = try star(body), star.path.count == 1 {
      return SQLCall.Argument(SQLExpression(.column(star.path + ["*"], isQuoted: false), at: star.offset))
    }
    guard type == "NamedArgExpr" else { return SQLCall.Argument(try expression(index)) }
    var fields = PostgresFields(tape, body, type: type)
    let name = fields.text("name")
    _ = fields.take("argnumber")
    guard let value = fields.take("arg") else { throw SyntaxFault(.notAllowed, "an argument without a value") }
    try fields.end()
    return SQLCall.Argument(name: name, try expression(value))
  }

  private func overClause(_ index: Int) throws(SyntaxFault) -> SQLCall.Over {
    let (name, window) = try window(index)
    return name.map { .named($0) } ?? .window(window)
  }

  /// A window's name and content.
  func window(_ body: Int) throws(SyntaxFault) -> (name: String?, window: SQLWindow) {
    var fields = PostgresFields(tape, body, type: "window")
    let name = fields.text("name")
    let base = fields.text("refname")
    let partitionBy = try expressions(fields.list("partitionClause"))
    let orderBy = try sortKeys(fields.list("orderClause"))
    let options = fields.integer("frameOptions") ?? 0
    let start = try optional(fields.take("startOffset"))
    let end = try optional(fields.take("endOffset"))
    try fields.end()
    let frame = try frame(options, start, end, at: fields.offset)
    return (name, SQLWindow(base: base, partitionBy: partitionBy, orderBy: orderBy, frame: frame))
  }

  /// PostgreSQL's bits of a frame: unit, BETWEEN, each bound, what is left out.
  private func frame(
    _ options: Int,
    _ start: SQLExpression?,
    _ end: SQLExpression?,
    at offset: Int
  ) throws(SyntaxFault) -> SQLFrame? {
    guard options & 0x1 != 0 else { return nil }
    let unit = options & 0x4 != 0 ? "ROWS" : options & 0x8 != 0 ? "GROUPS" : "RANGE"
    let exclusion =
      options & 0x8000 != 0 ? "CURRENT ROW" : options & 0x10000 != 0 ? "GROUP" : options & 0x20000 != 0 ? "TIES" : nil
    func bound(_ shift: Int, _ distance: SQLExpression?) throws(SyntaxFault) -> SQLFrame.Bound {
      if options & (0x20 << shift) != 0 { return .unbounded(isFollowing: false) }
      if options & (0x80 << shift) != 0 { return .unbounded(isFollowing: true) }
      if options & (0x200 << shift) != 0 { return .currentRow }
      guard let distance else { throw SyntaxFault(.notAllowed, "a frame is not understood", at: offset) }
      return .distance(distance, isFollowing: options & (0x2000 << shift) != 0)
    }
    return SQLFrame(
      unit: unit,
      start: try bound(0, start),
      end: options & 0x10 != 0 ? try bound(1, end) : nil,
      exclusion: exclusion
    )
  }
}
