/// Reads SQLite's questions by its published grammar; what it does not know, it refuses.
///
/// It need not agree with SQLite on every text: what runs is printed from the tree, never the text itself.
struct SQLiteParser {
  private let tokens: [SQLToken]
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  /// The highest number of the parameters that were read.
  private var parameterCount = 0
  /// The numbers of those with a name.
  private var parameterNames: [String: Int] = [:]

  static func parse(_ sql: String) throws(SyntaxFault) -> SQLQuery {
    let bytes = sql.utf8.count
    guard bytes <= SQLParser.maximumBytes else { throw SyntaxFault(.tooLong, "the statement has \(bytes) bytes") }
    guard !sql.utf8.contains(0) else { throw SyntaxFault(.grammar, "the statement holds a NUL character") }
    var parser = SQLiteParser(sql)
    return try parser.statement()
  }

  private init(_ sql: String) {
    bytes = Array(sql.utf8)
    tokens = SQLToken.tokens(of: sql)
  }

  private mutating func statement() throws(SyntaxFault) -> SQLQuery {
    if let open = tokens.first(where: { !$0.isClosed }) {
      throw SyntaxFault(.grammar, "a quote is not closed", at: open.range.lowerBound)
    }
    guard tokens.contains(where: { !$0.isSymbol(";") }) else { throw SyntaxFault(.empty, "there is no statement") }
    guard peek(any: "select", "with", "values") else {
      let isStatement = token.map { SQLiteWords.statements.contains($0.text.asciiLowercased) } ?? false
      throw SyntaxFault(isStatement ? .notAQuestion : .grammar, "the statement is no SELECT", at: offset)
    }
    let query = try query()
    let end = offset
    while take(symbol: ";") {}
    guard token == nil else {
      let isSeparate = end < offset
      throw isSeparate
        ? SyntaxFault(.multipleStatements, "there is more than one statement", at: offset) : unexpected()
    }
    return query
  }
}

// MARK: - Tokens

extension SQLiteParser {
  private var token: SQLToken? { place < tokens.count ? tokens[place] : nil }
  private var offset: Int { token?.range.lowerBound ?? bytes.count }

  private func token(after distance: Int) -> SQLToken? {
    place + distance < tokens.count ? tokens[place + distance] : nil
  }

  private func peek(_ word: String) -> Bool { token?.isKeyword(word) ?? false }
  private func peek(any words: String...) -> Bool { words.contains { peek($0) } }
  private func peek(symbol: String) -> Bool { token?.isSymbol(symbol) ?? false }

  private mutating func take(_ word: String) -> Bool {
    guard peek(word) else { return false }
    place += 1
    return true
  }

  private mutating func take(symbol: String) -> Bool {
    guard peek(symbol: symbol) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ word: String) throws(SyntaxFault) {
    guard take(word) else { throw unexpected() }
  }

  private mutating func expect(symbol: String) throws(SyntaxFault) {
    guard take(symbol: symbol) else { throw unexpected() }
  }

  private func unexpected() -> SyntaxFault {
    guard let token else { return SyntaxFault(.grammar, "the statement ends too early", at: bytes.count) }
    let text = token.kind == .word || token.kind == .symbol ? " near \"\(token.text.prefix(40))\"" : ""
    return SyntaxFault(.grammar, "the grammar is wrong\(text)", at: token.range.lowerBound)
  }

  private func unsupported(_ what: String) -> SyntaxFault {
    SyntaxFault(.notAllowed, "\(what) is not supported", at: offset)
  }

  private mutating func nested<Value>(
    _ body: (inout SQLiteParser) throws(SyntaxFault) -> Value
  ) throws(SyntaxFault) -> Value {
    depth += 1
    defer { depth -= 1 }
    try checkDepth(0)
    return try body(&self)
  }

  private func checkDepth(_ more: Int) throws(SyntaxFault) {
    guard depth + more <= SQLParser.maximumDepth else {
      throw SyntaxFault(.tooDeep, "the statement is nested more than \(SQLParser.maximumDepth) levels deep", at: offset)
    }
  }

  /// A name, quoted or not.
  private mutating func name() throws(SyntaxFault) -> String {
    guard let token, token.canBeName, isName(token) else { throw unexpected() }
    place += 1
    return token.text
  }

  private func isName(_ token: SQLToken) -> Bool {
    switch token.kind {
    case .quotedName, .string: true
    case .word:
      !SQLiteWords.reserved.contains(token.text.asciiLowercased) && !token.text.utf8.contains(UInt8(ascii: "$"))
    case .number, .parameter, .symbol: false
    }
  }

  /// A name after `AS`, or one that stands there alone.
  private mutating func aliasName() throws(SyntaxFault) -> String? {
    if take("as") { return try name() }
    guard let token, isName(token) else { return nil }
    if token.kind == .word, SQLiteWords.following.contains(token.text.asciiLowercased) { return nil }
    return try name()
  }
}

// MARK: - Queries

extension SQLiteParser {
  private mutating func query() throws(SyntaxFault) -> SQLQuery {
    try nested { (parser) throws(SyntaxFault) in
      let with = try parser.withClause()
      var query = try parser.compound()
      query.with = with
      if parser.take("order") {
        try parser.expect("by")
        query.orderBy = try parser.sortKeys()
      }
      if parser.take("limit") {
        let first = try parser.expression()
        if parser.take("offset") {
          query.limit = first
          query.offset = try parser.expression()
        } else if parser.take(symbol: ",") {
          query.offset = first
          query.limit = try parser.expression()
        } else {
          query.limit = first
        }
      }
      return query
    }
  }

  private mutating func withClause() throws(SyntaxFault) -> SQLWith? {
    guard take("with") else { return nil }
    let isRecursive = take("recursive")
    var tables: [SQLCommonTable] = []
    repeat {
      let start = offset
      let name = try name()
      let columns = peek(symbol: "(") ? try nameList() : []
      try expect("as")
      let isMaterialized = try materialization()
      try expect(symbol: "(")
      guard peek(any: "select", "with", "values") else {
        throw SyntaxFault(.notAQuestion, "WITH holds something else than a question", at: offset)
      }
      let query = try query()
      try expect(symbol: ")")
      tables.append(
        SQLCommonTable(name: name, columns: columns, isMaterialized: isMaterialized, query: query, offset: start)
      )
    } while take(symbol: ",")
    return SQLWith(isRecursive: isRecursive, tables: tables)
  }

  private mutating func materialization() throws(SyntaxFault) -> Bool? {
    if take("materialized") { return true }
    guard take("not") else { return nil }
    try expect("materialized")
    return false
  }

  private mutating func nameList() throws(SyntaxFault) -> [String] {
    try expect(symbol: "(")
    var names: [String] = []
    repeat { names.append(try name()) } while take(symbol: ",")
    try expect(symbol: ")")
    return names
  }

  private mutating func compound() throws(SyntaxFault) -> SQLQuery {
    var left = try core()
    var levels = 0
    while let operation = setOperation() {
      let isAll = operation == .union && take("all")
      levels += 1
      try checkDepth(levels)
      left = SQLQuery(body: .set(operation, isAll: isAll, left, try core()))
    }
    return left
  }

  private mutating func setOperation() -> SQLSetOperation? {
    if take("union") { return .union }
    if take("intersect") { return .intersect }
    return take("except") ? .except : nil
  }

  private mutating func core() throws(SyntaxFault) -> SQLQuery {
    if take("values") { return SQLQuery(body: .values(try rows())) }
    try expect("select")
    let isDistinct = take("distinct")
    if !isDistinct { _ = take("all") }
    var select = SQLSelect(distinct: isDistinct ? .yes : .no, items: try items())
    if take("from") { select.from = [try sources()] }
    if take("where") { select.filter = try expression() }
    if take("group") {
      try expect("by")
      select.groupBy = try list().map { .value($0) }
    }
    if take("having") { select.having = try expression() }
    if take("window") { select.windows = try namedWindows() }
    return SQLQuery(body: .select(select))
  }

  private mutating func rows() throws(SyntaxFault) -> [[SQLExpression]] {
    var rows: [[SQLExpression]] = []
    repeat {
      try expect(symbol: "(")
      rows.append(try list())
      try expect(symbol: ")")
    } while take(symbol: ",")
    return rows
  }

  private mutating func items() throws(SyntaxFault) -> [SQLItem] {
    var items: [SQLItem] = []
    repeat { items.append(try item()) } while take(symbol: ",")
    return items
  }

  private mutating func item() throws(SyntaxFault) -> SQLItem {
    let start = offset
    if take(symbol: "*") { return .star([], at: start) }
    if let token, isName(token), self.token(after: 1)?.isSymbol(".") ?? false,
      self.token(after: 2)?.isSymbol("*") ?? false
    {
      place += 3
      return .star([token.text], at: start)
    }
    let value = try expression()
    let written = start..<offset
    return .value(value, alias: try aliasName(), text: text(of: written))
  }

  /// What SQLite names a result by: its text up to the next token, comments included, without blanks around it.
  private func text(of range: Range<Int>) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let end = bytes[range].lastIndex { !isBlank($0) } ?? range.lowerBound
    return String(decoding: bytes[range.lowerBound...end], as: UTF8.self)
  }

  private mutating func sortKeys() throws(SyntaxFault) -> [SQLSortKey] {
    var keys: [SQLSortKey] = []
    repeat {
      var key = SQLSortKey(expression: try expression())
      if take("asc") { key.isDescending = false } else if take("desc") { key.isDescending = true }
      if take("nulls") {
        key.nullsFirst = take("first")
        if key.nullsFirst == false { try expect("last") }
      }
      keys.append(key)
    } while take(symbol: ",")
    return keys
  }

  private mutating func namedWindows() throws(SyntaxFault) -> [SQLNamedWindow] {
    var windows: [SQLNamedWindow] = []
    repeat {
      let name = try name()
      try expect("as")
      windows.append(SQLNamedWindow(name: name, window: try window()))
    } while take(symbol: ",")
    return windows
  }
}

// MARK: - Sources

extension SQLiteParser {
  /// Sources joined from the left, the comma among them.
  private mutating func sources() throws(SyntaxFault) -> SQLSource {
    try nested { (parser) throws(SyntaxFault) in
      var left = try parser.source()
      var levels = 0
      while let (kind, isNatural) = try parser.joinOperator() {
        let start = parser.offset
        levels += 1
        try parser.checkDepth(levels)
        let right = try parser.source()
        var condition: SQLJoin.Condition = isNatural ? .natural : .none
        if parser.take("on") {
          condition = .on(try parser.expression())
        } else if parser.take("using") {
          condition = .using(try parser.nameList())
        }
        left = .join(SQLJoin(kind: kind, condition: condition, left: left, right: right, offset: start))
      }
      return left
    }
  }

  private mutating func joinOperator() throws(SyntaxFault) -> (SQLJoin.Kind, isNatural: Bool)? {
    if take(symbol: ",") || take("join") { return (.inner, false) }
    guard peek(any: "natural", "left", "right", "full", "inner", "cross") else { return nil }
    let isNatural = take("natural")
    var kind = SQLJoin.Kind.inner
    if take("left") {
      kind = .left
    } else if take("right") {
      kind = .right
    } else if take("full") {
      kind = .full
    } else if take("cross") {
      kind = .cross
    } else {
      _ = take("inner")
    }
    if [.left, .right, .full].contains(kind) { _ = take("outer") }
    try expect("join")
    return (kind, isNatural)
  }

  private mutating func source() throws(SyntaxFault) -> SQLSource {
    let start = offset
    if take(symbol: "(") { return try bracketedSource(from: start) }
    var path = [try name()]
    while take(symbol: ".") { path.append(try name()) }
    if peek(symbol: "(") {
      guard path.count == 1 else { throw unsupported("a function of a schema") }
      let call = SQLCall(path[0], arguments: try arguments(), offset: start)
      return .function(SQLTableFunction(call: call, alias: try aliasName().map { SQLAlias($0) }))
    }
    let alias = try aliasName().map { SQLAlias($0) }
    skipIndexHint()
    return .relation(SQLRelation(path: path, alias: alias, offset: start))
  }

  private mutating func bracketedSource(from start: Int) throws(SyntaxFault) -> SQLSource {
    if peek(any: "select", "with", "values") {
      let query = try query()
      try expect(symbol: ")")
      return .query(query, alias: try aliasName().map { SQLAlias($0) }, isLateral: false, at: start)
    }
    let inner = try sources()
    try expect(symbol: ")")
    guard let alias = try aliasName() else { return inner }
    // A name for brackets around one table is that table's.
    guard case .relation(var relation) = inner, relation.alias == nil else {
      throw unsupported("a join with a name of its own")
    }
    relation.alias = SQLAlias(alias)
    return .relation(relation)
  }

  /// Which index is to be used says nothing about the rows, and the filtered form of a table has none.
  private mutating func skipIndexHint() {
    if peek("not"), token(after: 1)?.isKeyword("indexed") ?? false {
      place += 2
    } else if peek("indexed"), token(after: 1)?.isKeyword("by") ?? false, token(after: 2)?.canBeName ?? false {
      place += 3
    }
  }
}

// MARK: - Operators, the loosest first

extension SQLiteParser {
  private mutating func list() throws(SyntaxFault) -> [SQLExpression] {
    var values: [SQLExpression] = []
    repeat { values.append(try expression()) } while take(symbol: ",")
    return values
  }

  private mutating func expression() throws(SyntaxFault) -> SQLExpression {
    try nested { (parser) throws(SyntaxFault) in try parser.disjunction() }
  }

  private mutating func disjunction() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    var parts = [try conjunction()]
    while take("or") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : SQLExpression(.or(parts), at: start)
  }

  private mutating func conjunction() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    var parts = [try negation()]
    while take("and") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : SQLExpression(.and(parts), at: start)
  }

  private mutating func negation() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    guard take("not") else {
      return try equality()
    }
    return try nested { (parser) throws(SyntaxFault) in SQLExpression(.not(try parser.negation()), at: start) }
  }

  private mutating func equality() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    var left = try comparison()
    var levels = 0
    while let kind = try equalityKind(left) {
      levels += 1
      try checkDepth(levels)
      left = SQLExpression(kind, at: start)
    }
    return left
  }

  private mutating func equalityKind(_ left: SQLExpression) throws(SyntaxFault) -> SQLExpression.Kind? {
    if let symbol = take(anyOf: [["=", "="], ["=", ""], ["<", ">"], ["!", "="]]) {
      let names = ["==": "=", "=": "=", "<>": "<>", "!=": "<>"]
      return .binary(names[symbol] ?? symbol, left, try comparison())
    }
    if take("isnull") { return .test(left, "IS NULL") }
    if take("notnull") { return .test(left, "IS NOT NULL") }
    if take("is") { return try identity(left) }
    let isNegated = peek("not")
    if isNegated {
      if token(after: 1)?.isKeyword("null") ?? false {
        place += 2
        return .test(left, "IS NOT NULL")
      }
      let words = ["between", "in", "like", "glob", "regexp", "match"]
      guard let next = token(after: 1), words.contains(where: { next.isKeyword($0) }) else { return nil }
      place += 1
    }
    if take("between") {
      let low = try comparison()
      try expect("and")
      return .between(left, low, try comparison(), isNegated: isNegated, isSymmetric: false)
    }
    if take("in") { return try membership(left, isNegated) }
    if take("like") { return try match("LIKE", left, isNegated) }
    if take("glob") { return try match("GLOB", left, isNegated) }
    if peek(any: "regexp", "match") { throw unsupported(token?.text.uppercased() ?? "") }
    return nil
  }

  private mutating func identity(_ left: SQLExpression) throws(SyntaxFault) -> SQLExpression.Kind {
    var isNot = take("not")
    if take("distinct") {
      try expect("from")
      isNot.toggle()
    }
    if peek("null") {
      place += 1
      return .test(left, isNot ? "IS NOT NULL" : "IS NULL")
    }
    return .distinct(left, try comparison(), isNegated: !isNot)
  }

  private mutating func membership(_ left: SQLExpression, _ isNegated: Bool) throws(SyntaxFault) -> SQLExpression.Kind {
    guard take(symbol: "(") else { throw unsupported("IN without brackets") }
    if take(symbol: ")") { return .inList(left, [], isNegated: isNegated) }
    if peek(any: "select", "with", "values") {
      let query = try query()
      try expect(symbol: ")")
      return .inQuery(left, query, isNegated: isNegated)
    }
    let values = try list()
    try expect(symbol: ")")
    return .inList(left, values, isNegated: isNegated)
  }

  private mutating func match(
    _ kind: String,
    _ left: SQLExpression,
    _ isNegated: Bool
  ) throws(SyntaxFault) -> SQLExpression.Kind {
    let pattern = try comparison()
    let escape = take("escape") ? try bits() : nil
    return .match(SQLMatch(kind: kind, value: left, pattern: pattern, escape: escape, isNegated: isNegated))
  }

  private mutating func comparison() throws(SyntaxFault) -> SQLExpression {
    try chain([["<", "="], [">", "="], ["<", ""], [">", ""]]) { (parser) throws(SyntaxFault) in try parser.bits() }
  }

  private mutating func bits() throws(SyntaxFault) -> SQLExpression {
    try chain([["<", "<"], [">", ">"], ["&", ""], ["|", ""]]) { (parser) throws(SyntaxFault) in try parser.sum() }
  }

  private mutating func sum() throws(SyntaxFault) -> SQLExpression {
    try chain([["+", ""], ["-", ""]]) { (parser) throws(SyntaxFault) in try parser.product() }
  }

  private mutating func product() throws(SyntaxFault) -> SQLExpression {
    try chain([["*", ""], ["/", ""], ["%", ""]]) { (parser) throws(SyntaxFault) in try parser.concatenation() }
  }

  private mutating func concatenation() throws(SyntaxFault) -> SQLExpression {
    try chain([["|", "|"], ["-", ">", ">"], ["-", ">"]]) { (parser) throws(SyntaxFault) in try parser.collation() }
  }

  /// Operators of one rank, from the left.
  private mutating func chain(
    _ operators: [[String]],
    _ operand: (inout SQLiteParser) throws(SyntaxFault) -> SQLExpression
  ) throws(SyntaxFault) -> SQLExpression {
    let start = offset
    var left = try operand(&self)
    var levels = 0
    while let name = take(anyOf: operators) {
      levels += 1
      try checkDepth(levels)
      left = SQLExpression(.binary(name, left, try operand(&self)), at: start)
    }
    return left
  }

  /// One of several operators, which the tokenizer has cut into their letters; an empty letter asks that none follows.
  private mutating func take(anyOf operators: [[String]]) -> String? {
    guard let token, token.kind == .symbol else { return nil }
    for letters in operators where stands(letters) {
      let name = letters.joined()
      place += name.utf8.count
      return name
    }
    return nil
  }

  private func stands(_ letters: [String]) -> Bool {
    for (distance, letter) in letters.enumerated() {
      let here = token(after: distance)
      if letter.isEmpty { return !isJoined(distance, continuing: letters[0]) }
      guard let here, here.isSymbol(letter) else { return false }
      if distance > 0, token(after: distance - 1)?.range.upperBound != here.range.lowerBound { return false }
    }
    return true
  }

  /// Whether the symbol at a distance belongs to the one before it as a longer operator.
  private func isJoined(_ distance: Int, continuing first: String) -> Bool {
    guard let before = token(after: distance - 1), let here = token(after: distance), here.kind == .symbol,
      before.range.upperBound == here.range.lowerBound
    else { return false }
    let longer = ["<": ["=", ">", "<"], ">": ["=", ">"], "=": ["="], "|": ["|"], "-": [">"]]
    return longer[first]?.contains(here.text) ?? false
  }

  private mutating func collation() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    var value = try unary()
    var levels = 0
    while take("collate") {
      levels += 1
      try checkDepth(levels)
      value = SQLExpression(.collate(value, try name()), at: start)
    }
    return value
  }

  private mutating func unary() throws(SyntaxFault) -> SQLExpression {
    let start = offset
    for symbol in ["-", "+", "~"] where take(symbol: symbol) {
      return try nested { (parser) throws(SyntaxFault) in
        SQLExpression(.prefix(symbol, try parser.unary()), at: start)
      }
    }
    if peek("not") { return try negation() }
    return try primary()
  }
}

// MARK: - Values

extension SQLiteParser {
  private mutating func primary() throws(SyntaxFault) -> SQLExpression {
    guard let token else { throw unexpected() }
    let start = offset
    let kind: SQLExpression.Kind =
      switch token.kind {
      case .number: .literal(try number())
      case .string where !(self.token(after: 1)?.isSymbol(".") ?? false): .literal(text())
      case .parameter: try parameter()
      case .symbol: try brackets()
      case .word: try word(token)
      case .quotedName, .string: try nameOrCall()
      }
    return SQLExpression(kind, at: start)
  }

  private mutating func text() -> SQLLiteral {
    defer { place += 1 }
    return .text(tokens[place].text)
  }

  private mutating func number() throws(SyntaxFault) -> SQLLiteral {
    let text = tokens[place].text
    let digits = Set("0123456789".utf8)
    if text.utf8.allSatisfy(digits.contains) {
      place += 1
      return .integer(text)
    }
    if text.asciiLowercased.hasPrefix("0x"), text.utf8.count > 2, text.utf8.count <= 18,
      text.utf8.dropFirst(2).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    {
      place += 1
      return .integer(text)
    }
    guard Self.isDecimal(text) else { throw unexpected() }
    place += 1
    return .decimal(text)
  }

  private static func isDecimal(_ text: String) -> Bool {
    let parts = text.asciiLowercased.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = Set("0123456789".utf8)
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let isMantissa =
      mantissa.count <= 2 && mantissa.contains { !$0.isEmpty }
      && mantissa.allSatisfy { $0.utf8.allSatisfy(digits.contains) }
    guard parts.count == 2 else { return isMantissa }
    let exponent = parts[1].drop { $0 == "+" || $0 == "-" }
    return isMantissa && !exponent.isEmpty && exponent.utf8.allSatisfy(digits.contains)
      && parts[1].utf8.count - exponent.utf8.count <= 1
  }

  private mutating func parameter() throws(SyntaxFault) -> SQLExpression.Kind {
    let text = tokens[place].text
    let next = parameterCount + 1
    let number: Int
    if text == "?" {
      number = next
    } else if text.hasPrefix("?") {
      number = Int(text.dropFirst()) ?? 0
    } else {
      number = text.hasPrefix("#") || text.utf8.count == 1 ? 0 : parameterNames[text, default: next]
    }
    guard (1...999).contains(number) else { throw unexpected() }
    if !text.hasPrefix("?") { parameterNames[text] = number }
    parameterCount = max(parameterCount, number)
    place += 1
    return .parameter(number)
  }

  private mutating func brackets() throws(SyntaxFault) -> SQLExpression.Kind {
    try expect(symbol: "(")
    if peek(any: "select", "with", "values") {
      let query = try query()
      try expect(symbol: ")")
      return .scalar(query)
    }
    let values = try list()
    try expect(symbol: ")")
    return values.count == 1 ? values[0].kind : .row(values, isExplicit: false)
  }

  private mutating func word(_ token: SQLToken) throws(SyntaxFault) -> SQLExpression.Kind {
    switch token.text.asciiLowercased {
    case "null": return skip(.literal(.null))
    case "true" where !isQualifying: return skip(.literal(.boolean(true)))
    case "false" where !isQualifying: return skip(.literal(.boolean(false)))
    case "current_date", "current_time", "current_timestamp":
      return skip(.clock(token.text.uppercased(), precision: nil))
    case "x"
    where self.token(after: 1)?.kind == .string && self.token(after: 1)?.range.lowerBound == token.range.upperBound:
      return try bytesLiteral()
    case _ where token.text.hasPrefix("$"): return try parameter()
    case "cast": return try cast()
    case "case": return try choice()
    case "exists" where self.token(after: 1)?.isSymbol("(") ?? false: return try existence()
    case "raise": throw unsupported("RAISE")
    default: return try nameOrCall()
    }
  }

  private var isQualifying: Bool { token(after: 1)?.isSymbol(".") ?? false }

  private mutating func skip(_ kind: SQLExpression.Kind) -> SQLExpression.Kind {
    place += 1
    return kind
  }

  private mutating func bytesLiteral() throws(SyntaxFault) -> SQLExpression.Kind {
    let digits = tokens[place + 1].text
    guard digits.utf8.count.isMultiple(of: 2), digits.allSatisfy(\.isHexDigit), digits.utf8.allSatisfy({ $0 < 0x80 })
    else {
      throw unexpected()
    }
    place += 2
    return .literal(.bytes(digits))
  }

  private mutating func cast() throws(SyntaxFault) -> SQLExpression.Kind {
    place += 1
    try expect(symbol: "(")
    let value = try expression()
    try expect("as")
    let start = offset
    var words: [String] = []
    while let token, token.kind == .word || token.kind == .quotedName || token.kind == .string {
      words.append(token.text)
      place += 1
    }
    var modifiers: [Int] = []
    if take(symbol: "(") {
      repeat {
        guard let token, token.kind == .number, let number = Int(token.text) else { throw unexpected() }
        modifiers.append(number)
        place += 1
      } while take(symbol: ",")
      try expect(symbol: ")")
    }
    try expect(symbol: ")")
    return .cast(value, SQLTypeName(words.joined(separator: " "), modifiers: modifiers, offset: start))
  }

  private mutating func choice() throws(SyntaxFault) -> SQLExpression.Kind {
    place += 1
    let operand = peek("when") ? nil : try expression()
    var branches: [SQLBranch] = []
    while take("when") {
      let condition = try expression()
      try expect("then")
      branches.append(SQLBranch(condition: condition, result: try expression()))
    }
    guard !branches.isEmpty else { throw unexpected() }
    let otherwise = take("else") ? try expression() : nil
    try expect("end")
    return .choice(operand: operand, branches, otherwise: otherwise)
  }

  private mutating func existence() throws(SyntaxFault) -> SQLExpression.Kind {
    place += 1
    try expect(symbol: "(")
    let query = try query()
    try expect(symbol: ")")
    return .exists(query)
  }

  private mutating func nameOrCall() throws(SyntaxFault) -> SQLExpression.Kind {
    let start = offset
    let isQuoted = token?.kind != .word
    var path = [try name()]
    if peek(symbol: "("), tokens[place - 1].kind != .string { return .call(try call(path[0], at: start)) }
    while take(symbol: ".") { path.append(try name()) }
    guard path.count <= 3 else { throw unexpected() }
    return .column(path, isQuoted: isQuoted && path.count == 1)
  }
}

// MARK: - Calls

extension SQLiteParser {
  private mutating func call(_ name: String, at start: Int) throws(SyntaxFault) -> SQLCall {
    var call = SQLCall(name, offset: start)
    try expect(symbol: "(")
    if take(symbol: "*") {
      call.isStar = true
    } else if !peek(symbol: ")") {
      call.isDistinct = take("distinct")
      if !call.isDistinct { _ = take("all") }
      call.arguments = try list().map { SQLCall.Argument($0) }
      if take("order") {
        try expect("by")
        call.orderBy = try sortKeys()
      }
    }
    try expect(symbol: ")")
    if peek("filter"), token(after: 1)?.isSymbol("(") ?? false {
      place += 2
      try expect("where")
      call.filter = try expression()
      try expect(symbol: ")")
    }
    if peek("over"), let next = token(after: 1), next.isSymbol("(") || isName(next) {
      place += 1
      call.over = peek(symbol: "(") ? .window(try window()) : .named(try self.name())
    }
    return call
  }

  private mutating func arguments() throws(SyntaxFault) -> [SQLCall.Argument] {
    try expect(symbol: "(")
    let values = peek(symbol: ")") ? [] : try list()
    try expect(symbol: ")")
    return values.map { SQLCall.Argument($0) }
  }

  private mutating func window() throws(SyntaxFault) -> SQLWindow {
    try expect(symbol: "(")
    var window = SQLWindow()
    if let token, isName(token), !peek(any: "partition", "order", "rows", "range", "groups") {
      window.base = try name()
    }
    if take("partition") {
      try expect("by")
      window.partitionBy = try list()
    }
    if take("order") {
      try expect("by")
      window.orderBy = try sortKeys()
    }
    for unit in ["rows", "range", "groups"] where take(unit) { window.frame = try frame(unit.uppercased()) }
    try expect(symbol: ")")
    return window
  }

  private mutating func frame(_ unit: String) throws(SyntaxFault) -> SQLFrame {
    var frame = SQLFrame(unit: unit, start: .currentRow)
    if take("between") {
      frame.start = try bound()
      try expect("and")
      frame.end = try bound()
    } else {
      frame.start = try bound()
    }
    guard take("exclude") else { return frame }
    if take("current") {
      try expect("row")
      frame.exclusion = "CURRENT ROW"
    } else if take("group") {
      frame.exclusion = "GROUP"
    } else if take("ties") {
      frame.exclusion = "TIES"
    } else {
      try expect("no")
      try expect("others")
    }
    return frame
  }

  private mutating func bound() throws(SyntaxFault) -> SQLFrame.Bound {
    if take("current") {
      try expect("row")
      return .currentRow
    }
    if peek("unbounded"), token(after: 1).map({ $0.isKeyword("preceding") || $0.isKeyword("following") }) ?? false {
      place += 1
      return .unbounded(isFollowing: try isFollowing())
    }
    let distance = try expression()
    return .distance(distance, isFollowing: try isFollowing())
  }

  private mutating func isFollowing() throws(SyntaxFault) -> Bool {
    if take("following") { return true }
    try expect("preceding")
    return false
  }
}
