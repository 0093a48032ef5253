// MARK: - Expressions

extension PostgresTree {
  func optional(_ index: Int?) throws(SyntaxFault) -> SQLExpression? {
    guard let index else { return nil }
    return try expression(index)
  }

  func expressions(_ list: [Int]) throws(SyntaxFault) -> [SQLExpression] {
    var found: [SQLExpression] = []
    found.reserveCapacity(list.count)
    for index in list { found.append(try expression(index)) }
    return found
  }

  /// The elements of a `List` node.
  func listItems(_ index: Int) throws(SyntaxFault) -> [SQLExpression] {
    var fields = PostgresFields(tape, try body(of: index, type: "List"), type: "list")
    let items = try expressions(fields.list("items"))
    try fields.end()
    return items
  }

  func expression(_ index: Int) throws(SyntaxFault) -> SQLExpression {
    let (type, body) = try only(index)
    var fields = PostgresFields(tape, body, type: type)
    let offset = fields.offset
    return try nested(at: offset) { () throws(SyntaxFault) in
      let kind = try kind(type, body, &fields)
      return SQLExpression(kind, at: offset)
    }
  }

  private func kind(
    _ type: String,
    _ body: Int,
    _ fields: inout PostgresFields
  ) throws(SyntaxFault) -> SQLExpression.Kind {
    switch type {
    case "ColumnRef": return try column(&fields)
    case "A_Const": return .literal(try literal(&fields))
    case "A_Expr": return try operation(&fields)
    case "FuncCall": return .call(try call(body))
    case "BoolExpr": return try logic(&fields)
    case "TypeCast": return try cast(&fields)
    case "CaseExpr": return try choice(&fields)
    case "NullTest", "BooleanTest": return try test(&fields)
    case "SubLink": return try subquery(&fields)
    case "CoalesceExpr", "MinMaxExpr", "GroupingFunc": return try keywordCall(type, &fields)
    case "A_ArrayExpr": return .array(try finish(try expressions(fields.list("elements")), fields))
    case "RowExpr": return try row(&fields)
    case "A_Indirection": return try indirection(&fields)
    case "CollateClause": return try collate(&fields)
    case "SQLValueFunction": return try clock(&fields)
    case "ParamRef":
      let number = fields.integer("number") ?? 0
      return try finish(.parameter(number), fields)
    default: throw SyntaxFault(.notAllowed, "\(type) is not supported", at: fields.offset)
    }
  }

  private func finish<Value>(_ value: Value, _ fields: PostgresFields) throws(SyntaxFault) -> Value {
    try fields.end()
    return value
  }

  private func required(_ key: StaticString, _ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression {
    guard let index = fields.take(key) else {
      throw SyntaxFault(.notAllowed, "a value is missing", at: fields.offset)
    }
    return try expression(index)
  }

  private func column(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let parts = fields.list("fields")
    try fields.end()
    if let last = parts.last, try only(last).type == "A_Star" {
      throw SyntaxFault(.notAllowed, "* stands for columns only in the list of results", at: fields.offset)
    }
    return .column(try names(parts), isQuoted: false)
  }

  private func logic(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let operation = fields.text("boolop")
    let arguments = try expressions(fields.list("args"))
    try fields.end()
    switch operation {
    case "AND_EXPR": return .and(arguments)
    case "OR_EXPR": return .or(arguments)
    case "NOT_EXPR" where arguments.count == 1: return .not(arguments[0])
    default: throw SyntaxFault(.notAllowed, "a condition is not understood", at: fields.offset)
    }
  }

  private func cast(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    guard let type = fields.take("typeName") else { throw SyntaxFault(.notAllowed, "a cast without a type") }
    return try finish(.cast(try required("arg", &fields), try typeName(type)), fields)
  }

  private func choice(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let operand = try optional(fields.take("arg"))
    var branches: [SQLBranch] = []
    for index in fields.list("args") {
      var branch = PostgresFields(tape, try body(of: index, type: "CaseWhen"), type: "CASE")
      let condition = try required("expr", &branch)
      branches.append(SQLBranch(condition: condition, result: try required("result", &branch)))
      try branch.end()
    }
    let otherwise = try optional(fields.take("defresult"))
    return try finish(.choice(operand: operand, branches, otherwise: otherwise), fields)
  }

  private func test(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let tests = [
      "IS_NULL": "IS NULL", "IS_NOT_NULL": "IS NOT NULL", "IS_TRUE": "IS TRUE", "IS_NOT_TRUE": "IS NOT TRUE",
      "IS_FALSE": "IS FALSE", "IS_NOT_FALSE": "IS NOT FALSE", "IS_UNKNOWN": "IS UNKNOWN",
      "IS_NOT_UNKNOWN": "IS NOT UNKNOWN",
    ]
    let name = fields.text("nulltesttype") ?? fields.text("booltesttype") ?? ""
    guard let test = tests[name] else { throw SyntaxFault(.notAllowed, "\(name) is not supported", at: fields.offset) }
    return try finish(.test(try required("arg", &fields), test), fields)
  }

  private func keywordCall(_ type: String, _ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let operation = fields.text("op")
    let names = ["CoalesceExpr": "coalesce", "GroupingFunc": "grouping"]
    let name = names[type] ?? (operation == "IS_LEAST" ? "least" : "greatest")
    let arguments = try expressions(fields.list("args")).map { SQLCall.Argument($0) }
    return try finish(.call(SQLCall(name, isKeyword: true, arguments: arguments, offset: fields.offset)), fields)
  }

  private func row(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let isExplicit = fields.text("row_format") == "COERCE_EXPLICIT_CALL"
    return try finish(.row(try expressions(fields.list("args")), isExplicit: isExplicit), fields)
  }

  private func indirection(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let value = try required("arg", &fields)
    var parts: [SQLSubscript] = []
    for index in fields.list("indirection") {
      let (type, body) = try only(index)
      guard type == "A_Indices" else {
        throw SyntaxFault(.notAllowed, "a field of a composite value is not supported", at: fields.offset)
      }
      var indices = PostgresFields(tape, body, type: "subscript")
      let isSlice = indices.flag("is_slice")
      let lower = try optional(indices.take("lidx"))
      let upper = try optional(indices.take("uidx"))
      try indices.end()
      if isSlice {
        parts.append(.slice(lower, upper))
      } else if let upper {
        parts.append(.element(upper))
      }
    }
    return try finish(.elements(value, parts), fields)
  }

  private func collate(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let path = try names(fields.list("collname"))
    guard let name = path.last, path.count == 1 || path.first == "pg_catalog" else {
      throw SyntaxFault(.notAllowed, "a collation of a schema is not supported", at: fields.offset)
    }
    return try finish(.collate(try required("arg", &fields), name), fields)
  }

  private func clock(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLExpression.Kind {
    let names = [
      "SVFOP_CURRENT_DATE": "CURRENT_DATE", "SVFOP_CURRENT_TIME": "CURRENT_TIME",
      "SVFOP_CURRENT_TIME_N": "CURRENT_TIME",
      "SVFOP_CURRENT_TIMESTAMP": "CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N": "CURRENT_TIMESTAMP",
      "SVFOP_LOCALTIME": "LOCALTIME", "SVFOP_LOCALTIME_N": "LOCALTIME", "SVFOP_LOCALTIMESTAMP": "LOCALTIMESTAMP",
      "SVFOP_LOCALTIMESTAMP_N": "LOCALTIMESTAMP",
    ]
    let operation = fields.text("op") ?? ""
    let precision = fields.integer("typmod") ?? -1
    guard let name = names[operation] else {
      throw SyntaxFault(.notAllowed, "\(operation.dropFirst(6)) is not supported", at: fields.offset)
    }
    return try finish(.clock(name, precision: precision >= 0 ? precision : nil), fields)
  }
}

// MARK: - Literals and types

extension PostgresTree {
  private func literal(_ fields: inout PostgresFields) throws(SyntaxFault) -> SQLLiteral {
    if fields.flag("isnull") { return .null }
    let offset = fields.offset
    func content(_ key: StaticString) throws(SyntaxFault) -> PostgresFields? {
      guard let index = fields.take(key) else { return nil }
      try fields.end()
      return PostgresFields(tape, index, type: "literal")
    }
    if var value = try content("ival") {
      return .integer(value.integer("ival").map { String($0) } ?? unwrittenInteger(at: offset))
    }
    if var value = try content("fval") { return Self.number(value.text("fval") ?? "0") }
    if var value = try content("sval") { return .text(value.text("sval") ?? "") }
    if var value = try content("boolval") { return .boolean(value.flag("boolval")) }
    throw SyntaxFault(.notAllowed, "a literal of this kind is not supported", at: offset)
  }

  /// Whole numbers beyond 32 bits arrive as decimal texts.
  private static func number(_ text: String) -> SQLLiteral {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } ? .integer(text) : .decimal(text)
  }

  /// A number that is zero or less: libpg_query 15 writes no digits for these, but says where the sign or digit stands.
  private func unwrittenInteger(at offset: Int) -> String {
    var isNegative = false
    var place = offset
    while place < source.count {
      let byte = source[place]
      if (0x30...0x39).contains(byte) { break }
      if byte == UInt8(ascii: "-") {
        if place + 1 < source.count, source[place + 1] == UInt8(ascii: "-") {
          while place < source.count, source[place] != UInt8(ascii: "\n"), source[place] != UInt8(ascii: "\r") {
            place += 1
          }
        } else {
          isNegative = true
        }
      } else if byte == UInt8(ascii: "/") {
        place = endOfComment(at: place)
      }
      place += 1
    }
    let digits = source[min(place, source.count)...].prefix { (0x30...0x39).contains($0) }
    let text = String(decoding: digits, as: UTF8.self)
    return isNegative && text.contains { $0 != "0" } ? "-\(text)" : text.isEmpty ? "0" : text
  }

  /// The place of the last byte of a comment, which can hold others.
  private func endOfComment(at start: Int) -> Int {
    var place = start
    var depth = 0
    while place + 1 < source.count {
      if source[place] == UInt8(ascii: "/"), source[place + 1] == UInt8(ascii: "*") {
        depth += 1
        place += 2
      } else if source[place] == UInt8(ascii: "*"), source[place + 1] == UInt8(ascii: "/") {
        depth -= 1
        place += 2
        if depth == 0 { return place - 1 }
      } else {
        place += 1
      }
    }
    return place
  }

  func typeName(_ index: Int) throws(SyntaxFault) -> SQLTypeName {
    var fields = PostgresFields(tape, index, type: "type")
    let path = try names(fields.list("names"))
    var modifiers: [Int] = []
    for modifier in try expressions(fields.list("typmods")) {
      guard case .literal(.integer(let digits)) = modifier.kind, let number = Int(digits) else {
        throw SyntaxFault(.notAllowed, "a type with a modifier that is no number", at: fields.offset)
      }
      modifiers.append(number)
    }
    _ = fields.take("typemod")
    let dimensions = fields.list("arrayBounds").count
    try fields.end()  // SETOF and %TYPE leave a field
    guard let name = path.last else { throw SyntaxFault(.notAllowed, "a type without a name", at: fields.offset) }
    return SQLTypeName(
      name,
      schema: path.dropLast(),
      modifiers: modifiers,
      dimensions: dimensions,
      offset: fields.offset
    )
  }
}
