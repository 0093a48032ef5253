import SQLGate

/// Says what a statement in plain SQL reads, from its words alone, for engines that do not tell.
///
/// It knows no grammar and therefore errs on one side only: whatever is neither a known word, nor a name of a table,
/// column or alias of this statement, is refused; and whatever could be a column of a table in the statement counts as
/// read. A whole row counts as all of its columns.
struct PlainReading {
  let schema: DatabaseSchema
  let words: PlainWords

  /// What the statement does.
  ///
  /// - Throws: `ExaminationFailure` with the name that is not known.
  func facts(of sql: String) throws(ExaminationFailure) -> StatementFacts {
    var tokens = try PlainToken.tokens(of: sql)
    while tokens.last?.isSymbol(";") == true { tokens.removeLast() }
    var facts = StatementFacts(sql: sql)
    facts.isEmpty = tokens.isEmpty
    facts.isSingle = !tokens.contains { $0.isSymbol(";") }
    facts.parameterCount = Self.parameterCount(tokens)
    guard !facts.isEmpty, facts.isSingle else { return facts }
    facts.isReadOnly = tokens[0].isWord("select") || tokens[0].isWord("with")
    guard facts.isReadOnly else {
      facts.accesses = [.other(kind: tokens[0].text, name: "")]
      return facts
    }
    var walk = Walk(tokens: tokens, schema: schema, words: words)
    facts.accesses = try walk.accesses()
    return facts
  }

  private static func parameterCount(_ tokens: [PlainToken]) -> Int {
    var numbered = 0
    var unnumbered = 0
    for case .parameter(let number) in tokens.map(\.kind) {
      if number == 0 { unnumbered += 1 } else { numbered = max(numbered, number) }
    }
    return max(numbered, unnumbered)
  }
}

private struct Walk {
  let tokens: [PlainToken]
  let schema: DatabaseSchema
  let words: PlainWords
  /// The tables that the statement names.
  private var relations: [TableSchema] = []
  /// The tables for which a name stands; none for a part of the statement.
  private var aliases: [String: Set<String>] = [:]
  /// For each open bracket whether it is that of a cast.
  private var brackets: [String] = []
  private var seen: [Access] = []

  init(tokens: [PlainToken], schema: DatabaseSchema, words: PlainWords) {
    self.tokens = tokens
    self.schema = schema
    self.words = words
  }

  mutating func accesses() throws(ExaminationFailure) -> [Access] {
    relations = tokens.filter(\.isName).compactMap { schema.exactTable($0.text) }.unique
    try gatherAliases()
    for index in tokens.indices { try visit(index) }
    return seen
  }

  private func token(_ index: Int) -> PlainToken? { tokens.indices.contains(index) ? tokens[index] : nil }

  private func isKeyword(_ token: PlainToken) -> Bool {
    token.kind == .word
      && (PlainWords.keywords.contains(token.text) || PlainWords.types.contains(token.text)
        || PlainWords.units.contains(token.text))
  }

  // MARK: - Aliases

  /// A name behind `AS`, behind a table, behind a closing bracket, or before `AS (` defines an alias.
  private mutating func gatherAliases() throws(ExaminationFailure) {
    for (index, name) in tokens.enumerated() where name.isName && !isReserved(name) {
      if isDefinition(index) {
        let target = token(index - 1)?.isWord("as") == true ? index - 2 : index - 1
        let table = token(target).flatMap { $0.isName ? schema.exactTable($0.text)?.name : nil }
        aliases[name.text, default: []].formUnion(table.map { [$0] } ?? [])
      } else if isCommonTable(index) {
        // Within a part of this name nobody could tell the table from the part.
        guard schema.table(name.text) == nil else { throw .unknownRelation(name.text) }
        aliases[name.text, default: []].formUnion([])
      }
    }
  }

  private func isReserved(_ token: PlainToken) -> Bool {
    token.kind == .word && PlainWords.keywords.contains(token.text)
  }

  private func isDefinition(_ index: Int) -> Bool {
    guard let before = token(index - 1) else { return false }
    if before.isWord("as") { return true }
    if before.isSymbol(")") { return !isKeyword(tokens[index]) }
    return before.isName && schema.exactTable(before.text) != nil && !isKeyword(tokens[index])
      && token(index - 2)?.isSymbol(".") != true
  }

  private func isCommonTable(_ index: Int) -> Bool {
    guard let before = token(index - 1), before.isWord("with") || before.isWord("recursive") || before.isSymbol(",")
    else { return false }
    var next = index + 1
    if token(next)?.isSymbol("(") == true {
      next = (next..<tokens.count).first { tokens[$0].isSymbol(")") }.map { $0 + 1 } ?? tokens.count
    }
    guard token(next)?.isWord("as") == true else { return false }
    return token(next + 1)?.isSymbol("(") == true || token(next + 1)?.isWord("materialized") == true
      || token(next + 1)?.isWord("not") == true
  }

  // MARK: - Tokens

  private mutating func visit(_ index: Int) throws(ExaminationFailure) {
    let token = tokens[index]
    switch token.kind {
    case .symbol: try visitSymbol(token, index)
    case .text, .number, .parameter: break
    case .quotedName: try visitName(token, index)
    case .word:
      if token.text == "recursive" { seen.append(.recursion) }
      if self.token(index + 1)?.isSymbol("(") == true, try isCall(token, index) { return }
      if isReserved(token) { return }
      if isType(index) || isUnit(index) { return }
      try visitName(token, index)
    }
  }

  private mutating func visitSymbol(_ token: PlainToken, _ index: Int) throws(ExaminationFailure) {
    switch token.text {
    case "(": brackets.append(self.token(index - 1).flatMap { $0.kind == .word ? $0.text : nil } ?? "")
    case ")":
      guard !brackets.isEmpty else { throw .syntax(message: "a bracket closes that is not open", offset: token.offset) }
      brackets.removeLast()
    case "::":
      guard let type = self.token(index + 1), type.kind == .word, PlainWords.types.contains(type.text) else {
        throw .syntax(message: "no value may be cast to this type", offset: token.offset)
      }
    case "*" where isStar(index):
      // `count(*)` asks how many rows there are.
      guard !(self.token(index - 1)?.isSymbol("(") == true && self.token(index + 1)?.isSymbol(")") == true) else {
        break
      }
      let qualifier = self.token(index - 1)?.isSymbol(".") == true ? self.token(index - 2) : nil
      readAll(of: qualifier.map { tables(for: $0.text) } ?? relations)
    default: break
    }
  }

  /// Whether a star stands for columns and does not multiply.
  private func isStar(_ index: Int) -> Bool {
    guard let before = token(index - 1) else { return false }
    return before.isSymbol(".") || before.isSymbol(",") || before.isSymbol("(") || before.isWord("select")
      || before.isWord("distinct") || before.isWord("all")
  }

  /// Notes the call of a function; false for brackets that follow a keyword or an alias.
  private mutating func isCall(_ token: PlainToken, _ index: Int) throws(ExaminationFailure) -> Bool {
    let before = self.token(index - 1)
    if before?.isSymbol(".") == true { throw .unknownFunction(token.text) }
    if token.text == "cast" || token.text == "extract" {
      seen.append(.function(name: token.text))
      return true
    }
    // `left` and `right` are functions, too, and so are few other keywords.
    if words.functions.contains(token.text), !(isReserved(token) && PlainWords.openers.contains(token.text)) {
      seen.append(.function(name: token.text))
      return true
    }
    if PlainWords.openers.contains(token.text) || token.text == "materialized" { return false }
    if PlainWords.types.contains(token.text), isType(index) { return false }
    if isCommonTable(index) || before?.isWord("as") == true { return false }
    throw .unknownFunction(token.text)
  }

  /// Whether the word is a type where only a type can stand.
  private func isType(_ index: Int) -> Bool {
    guard PlainWords.types.contains(tokens[index].text) || PlainWords.units.contains(tokens[index].text) else {
      return false
    }
    if token(index - 1)?.isSymbol("::") == true { return true }
    if token(index - 1)?.isWord("as") == true, brackets.last == "cast" { return true }
    // The second word of `double precision`, and a type before its literal.
    if tokens[index].text == "precision", token(index - 1)?.isWord("double") == true { return true }
    return token(index + 1)?.kind == .text
  }

  /// Whether the word is a part of a date where only that can stand.
  private func isUnit(_ index: Int) -> Bool {
    guard PlainWords.units.contains(tokens[index].text) else { return false }
    if brackets.last == "extract", token(index + 1)?.isWord("from") == true { return true }
    // MariaDB writes INTERVAL 3 MONTH.
    return token(index - 2)?.isWord("interval") == true
  }

  // MARK: - Names

  private mutating func visitName(_ name: PlainToken, _ index: Int) throws(ExaminationFailure) {
    if brackets.last == "cast", token(index - 1)?.isWord("as") == true {
      throw .syntax(message: "no value may be cast to this type", offset: name.offset)
    }
    if token(index + 1)?.isSymbol(".") == true { return try visitQualifier(name, index) }
    if name.kind == .quotedName, token(index + 1)?.isSymbol("(") == true, !isCommonTable(index) {
      throw .unknownFunction(name.text)
    }
    if token(index - 1)?.isSymbol(".") == true {
      guard let qualifier = token(index - 2), qualifier.isName else {
        throw .syntax(message: "a point without a name before it", offset: name.offset)
      }
      return try readColumn(name.text, of: tables(for: qualifier.text), isPart: isPart(qualifier.text))
    }
    if isDefinition(index) || isCommonTable(index) { return }
    if let table = schema.exactTable(name.text) {
      seen.append(.reads(relation: table.name, column: nil))
      if !isSource(index) { readAll(of: [table]) }
      return
    }
    if let stands = aliases[name.text], !relations.contains(where: { $0.hasColumn(name.text) }) {
      // A part of the statement, or an output column; for a table its alias is the whole row.
      readAll(of: schema.tables.filter { stands.contains($0.name) })
      return
    }
    try readColumn(name.text, of: relations, isPart: !aliases.isEmpty && aliases[name.text] != nil)
  }

  /// Only tables and aliases may stand before a point.
  private func visitQualifier(_ name: PlainToken, _ index: Int) throws(ExaminationFailure) {
    guard token(index - 1)?.isSymbol(".") != true else { throw .unknownRelation(name.text) }
    if aliases[name.text] != nil { return }
    guard schema.exactTable(name.text) != nil else { throw .unknownRelation(name.text) }
  }

  private func isSource(_ index: Int) -> Bool {
    guard let before = token(index - 1) else { return false }
    return before.isWord("from") || before.isWord("join")
  }

  private func isPart(_ name: String) -> Bool { aliases[name].map(\.isEmpty) ?? false }

  private func tables(for name: String) -> [TableSchema] {
    let named = schema.tables.filter { aliases[name]?.contains($0.name) == true }
    return named + (schema.exactTable(name).map { [$0] } ?? [])
  }

  /// Notes a read of every table that has the column; a part of the statement has what its own words read.
  private mutating func readColumn(
    _ column: String,
    of tables: [TableSchema],
    isPart: Bool
  ) throws(ExaminationFailure) {
    let owners = tables.filter { $0.hasColumn(column) }
    for table in owners { seen.append(.reads(relation: table.name, column: column)) }
    if !owners.isEmpty { return }
    let isKnown = aliases[column] != nil || relations.contains { $0.hasColumn(column) }
    guard isPart, isKnown else { throw .unknownColumn(column) }
  }

  private mutating func readAll(of tables: [TableSchema]) {
    for table in tables {
      seen += table.columns.map { .reads(relation: table.name, column: $0.name) }
    }
  }
}

extension DatabaseSchema {
  /// The table of exactly this name; words come in small letters, in which engines look for them.
  fileprivate func exactTable(_ name: String) -> TableSchema? { tables.first { $0.name == name } }
}

extension TableSchema {
  fileprivate func hasColumn(_ name: String) -> Bool { columns.contains { $0.name == name } }
}

extension [TableSchema] {
  fileprivate var unique: [TableSchema] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
