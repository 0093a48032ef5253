import CoachVocabulary

/// Reads the condition language of edges and checks it against the declared channels.
///
/// Grammar: `or` over `and` over `not` over comparisons (`== != < <= > >=`) over values: texts in either quote,
/// numbers, `true`, `false`, `null`, parentheses, and channels with dotted members.
struct ConditionParser {
  /// Why a text is no condition.
  struct Failure: Error {
    /// What is wrong.
    let message: String
    /// The character at which it was noticed, from 0.
    let offset: Int
  }

  /// Words that no channel may be called.
  static let reservedWords: Set<String> = ["and", "or", "not", "true", "false", "null", "otherwise"]

  private let table: ChannelTable
  private var tokens: [ConditionToken]
  private var next = 0
  private var depth = 0
  private static let deepest = 64

  /// The checked form of a condition text.
  static func parse(_ text: String, channels table: ChannelTable) throws(Failure) -> Condition {
    var parser = ConditionParser(table: table, tokens: try ConditionToken.all(of: text))
    let operand = try parser.alternatives()
    if case .end = parser.token.kind {} else { throw parser.unexpected("the end, 'and' or 'or'") }
    try parser.demandTruth(operand)
    return operand.condition
  }

  private init(table: ChannelTable, tokens: [ConditionToken]) {
    self.table = table
    self.tokens = tokens
  }

  /// A part of a condition with what is known of its value.
  private struct Operand {
    var condition: Condition
    var kind: Kind
    var offset: Int
  }

  /// What is known of a value before the run.
  private enum Kind: Equatable {
    case string(allowed: [String]?, name: String?)
    case number
    case truth
    case null
    case object
    case list
    case unknown
    indirect case optional(Kind)

    var isOptional: Bool { if case .optional = self { true } else { false } }
    var base: Kind { if case .optional(let kind) = self { kind } else { self } }

    var name: String {
      switch self {
      case .string: "text"
      case .number: "a number"
      case .truth: "true or false"
      case .null: "null"
      case .object: "an object"
      case .list: "a list"
      case .unknown: "a value"
      case .optional(let kind): "\(kind.name) or null"
      }
    }
  }

  // MARK: - Grammar

  private mutating func alternatives() throws(Failure) -> Operand {
    var left = try conjunction()
    while takeWord("or") { left = try logical(left, try conjunction(), Condition.or) }
    return left
  }

  private mutating func conjunction() throws(Failure) -> Operand {
    var left = try negation()
    while takeWord("and") { left = try logical(left, try negation(), Condition.and) }
    return left
  }

  private mutating func negation() throws(Failure) -> Operand {
    let offset = token.offset
    guard takeWord("not") else { return try comparison() }
    try descend()
    let inner = try negation()
    depth -= 1
    try demandTruth(inner)
    return Operand(condition: .not(inner.condition), kind: .truth, offset: offset)
  }

  private mutating func comparison() throws(Failure) -> Operand {
    let left = try value()
    guard case .comparison(let comparison) = token.kind else { return left }
    let offset = token.offset
    next += 1
    let right = try value()
    try check(comparison, left, right, at: offset)
    if case .comparison = token.kind { throw unexpected("'and' or 'or'") }
    let condition = Condition.comparison(comparison, left.condition, right.condition)
    return Operand(condition: condition, kind: .truth, offset: left.offset)
  }

  private mutating func value() throws(Failure) -> Operand {
    let token = token
    switch token.kind {
    case .text(let text):
      next += 1
      return Operand(condition: .literal(.string(text)), kind: .string(allowed: nil, name: nil), offset: token.offset)
    case .number(let number):
      next += 1
      return Operand(condition: .literal(number), kind: .number, offset: token.offset)
    case .word(let word): return try wordValue(word, at: token.offset)
    case .open:
      next += 1
      try descend()
      let inner = try alternatives()
      depth -= 1
      guard case .close = self.token.kind else { throw unexpected("')'") }
      next += 1
      return inner
    case .close, .comparison, .end: throw unexpected("a value")
    }
  }

  private mutating func wordValue(_ word: String, at offset: Int) throws(Failure) -> Operand {
    switch word {
    case "true", "false":
      next += 1
      return Operand(condition: .literal(.bool(word == "true")), kind: .truth, offset: offset)
    case "null":
      next += 1
      return Operand(condition: .literal(.null), kind: .null, offset: offset)
    case _ where Self.reservedWords.contains(word): throw unexpected("a value")
    default:
      next += 1
      return try channel(word.split(separator: ".", omittingEmptySubsequences: false).map(String.init), at: offset)
    }
  }

  private func channel(_ path: [String], at offset: Int) throws(Failure) -> Operand {
    guard !path.contains("") else { throw Failure(message: "a dot needs a name on both sides", offset: offset) }
    guard let index = table.index[path[0]] else {
      let known = table.channels.map(\.name).joined(separator: ", ")
      throw Failure(message: "no channel '\(path[0])' is declared; declared are: \(known)", offset: offset)
    }
    let channel = table.channels[index]
    let members = Array(path.dropFirst())
    let reference = ChannelReference(
      index: index,
      name: channel.name,
      members: members,
      isOptional: channel.isOptional
    )
    let kind = Self.kind(of: channel)
    if let member = members.first {
      switch kind.base {
      case .object, .unknown: break
      default:
        let message = "'\(channel.name)' is \(kind.base.name) and has no member '\(member)'"
        throw Failure(message: message, offset: offset)
      }
      return Operand(condition: .channel(reference), kind: .unknown, offset: offset)
    }
    return Operand(condition: .channel(reference), kind: kind, offset: offset)
  }

  private static func kind(of channel: Channel) -> Kind {
    let kind: Kind =
      switch channel.type {
      case .string: .string(allowed: channel.allowedTexts, name: channel.name)
      case .int, .double: .number
      case .bool: .truth
      case .object: .object
      case .list: .list
      case .any, .named: .unknown
      }
    return channel.isOptional ? .optional(kind) : kind
  }

  // MARK: - Types

  private func logical(
    _ left: Operand,
    _ right: Operand,
    _ join: (Condition, Condition) -> Condition
  ) throws(Failure) -> Operand {
    try demandTruth(left)
    try demandTruth(right)
    return Operand(condition: join(left.condition, right.condition), kind: .truth, offset: left.offset)
  }

  private func demandTruth(_ operand: Operand) throws(Failure) {
    switch operand.kind {
    case .truth, .unknown, .optional(.unknown): return
    default:
      throw Failure(message: "needs true or false here, not \(operand.kind.name)", offset: operand.offset)
    }
  }

  private func check(
    _ comparison: Comparison,
    _ left: Operand,
    _ right: Operand,
    at offset: Int
  ) throws(Failure) {
    let isEquality = comparison == .equal || comparison == .unequal
    let clash = Failure(
      message: "cannot compare \(left.kind.name) with \(right.kind.name) by '\(comparison.rawValue)'",
      offset: offset
    )
    switch (left.kind.base, right.kind.base) {
    case (.unknown, _), (_, .unknown): return
    case (.null, let other), (let other, .null):
      guard isEquality, other != .null else { throw clash }
      guard left.kind.isOptional || right.kind.isOptional else {
        throw Failure(message: "this is never null; declare the channel optional", offset: offset)
      }
    case (.string, .string):
      try demandAllowed(left.kind.base, right)
      try demandAllowed(right.kind.base, left)
    case (.number, .number): return
    case (.truth, .truth), (.object, .object), (.list, .list): guard isEquality else { throw clash }
    default: throw clash
    }
  }

  private func demandAllowed(_ kind: Kind, _ operand: Operand) throws(Failure) {
    guard case .string(let allowed?, let name) = kind, case .literal(.string(let text)) = operand.condition,
      !allowed.contains(text)
    else { return }
    let message = "'\(name ?? "")' is never \"\(text)\"; it is one of \(allowed.joined(separator: ", "))"
    throw Failure(message: message, offset: operand.offset)
  }

  // MARK: - Tokens

  private var token: ConditionToken { tokens[min(next, tokens.count - 1)] }

  private mutating func takeWord(_ word: String) -> Bool {
    guard case .word(word) = token.kind else { return false }
    next += 1
    return true
  }

  private mutating func descend() throws(Failure) {
    depth += 1
    guard depth <= Self.deepest else {
      throw Failure(message: "nests deeper than \(Self.deepest) levels", offset: token.offset)
    }
  }

  private func unexpected(_ wanted: String) -> Failure {
    Failure(message: "expected \(wanted) but found \(token.kind.name)", offset: token.offset)
  }
}

/// One word or sign of a condition.
private struct ConditionToken {
  enum Kind {
    case word(String)
    case text(String)
    case number(JSONValue)
    case comparison(Comparison)
    case open
    case close
    case end

    var name: String {
      switch self {
      case .word(let word): "'\(word)'"
      case .text(let text): "\"\(text)\""
      case .number(let number): number.text
      case .comparison(let comparison): "'\(comparison.rawValue)'"
      case .open: "'('"
      case .close: "')'"
      case .end: "the end"
      }
    }
  }

  var kind: Kind
  var offset: Int

  static func all(of text: String) throws(ConditionParser.Failure) -> [ConditionToken] {
    let characters = Array(text)
    guard characters.count <= 2_000 else {
      throw ConditionParser.Failure(message: "is longer than 2000 characters", offset: 0)
    }
    var tokens: [ConditionToken] = []
    var place = 0
    while place < characters.count {
      if characters[place].isWhitespace {
        place += 1
        continue
      }
      let (kind, length) = try read(characters[place...], at: place)
      tokens.append(ConditionToken(kind: kind, offset: place))
      place += length
    }
    return tokens + [ConditionToken(kind: .end, offset: characters.count)]
  }

  private static func read(
    _ rest: ArraySlice<Character>,
    at offset: Int
  ) throws(ConditionParser.Failure) -> (Kind, Int) {
    let first = rest[rest.startIndex]
    switch first {
    case "(": return (.open, 1)
    case ")": return (.close, 1)
    case "\"", "'": return try readText(rest, at: offset)
    case "=", "!", "<", ">":
      let pair = String(rest.prefix(2))
      if let comparison = Comparison(rawValue: pair) { return (.comparison(comparison), 2) }
      if let comparison = Comparison(rawValue: String(first)) { return (.comparison(comparison), 1) }
      throw ConditionParser.Failure(message: "'\(first)' is no comparison; use == or !=", offset: offset)
    case _ where first == "-" || first.isASCIIDigit: return try readNumber(rest, at: offset)
    case _ where first == "_" || first.isLetter:
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      return (.word(String(word)), word.count)
    default: throw ConditionParser.Failure(message: "'\(first)' means nothing here", offset: offset)
    }
  }

  private static func readText(
    _ rest: ArraySlice<Character>,
    at offset: Int
  ) throws(ConditionParser.Failure) -> (Kind, Int) {
    let quote = rest[rest.startIndex]
    var text = ""
    var place = rest.startIndex + 1
    while place < rest.endIndex, rest[place] != quote {
      if rest[place] == "\\", place + 1 < rest.endIndex { place += 1 }
      text.append(rest[place])
      place += 1
    }
    guard place < rest.endIndex else {
      throw ConditionParser.Failure(message: "this text has no closing quote", offset: offset)
    }
    return (.text(text), place - rest.startIndex + 1)
  }

  private static func readNumber(
    _ rest: ArraySlice<Character>,
    at offset: Int
  ) throws(ConditionParser.Failure) -> (Kind, Int) {
    let spelling = rest.prefix { $0.isASCIIDigit || "+-.eE".contains($0) }
    let text = String(spelling)
    if let whole = Int(text) { return (.number(.int(whole)), spelling.count) }
    if let number = Double(text), number.isFinite { return (.number(.double(number)), spelling.count) }
    throw ConditionParser.Failure(message: "'\(text)' is no number", offset: offset)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
