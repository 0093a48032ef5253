import SQLSyntax

/// Lets through only patterns that are known before they run and that run in time by the length of the text.
struct PatternRule: TreeCheck {
  let name = "patterns"

  func judge(_ query: SQLQuery, under policy: GatePolicy) throws(Refusal) {
    try query.visit { (node) throws(Refusal) in
      switch node {
      case .expression(let value): try judge(value, policy)
      case .call(let call, _): try judge(call, policy)
      case .query, .select, .source, .type: break
      }
    }
  }

  private static let regularOperators: Set<String> = ["~", "~*", "!~", "!~*"]
  /// What `LIKE` and `ILIKE` are called before `ANY`.
  private static let likeOperators: Set<String> = ["~~", "~~*", "!~~", "!~~*"]

  private func judge(_ value: SQLExpression, _ policy: GatePolicy) throws(Refusal) {
    switch value.kind {
    case .match(let match):
      if match.kind == "SIMILAR TO" {
        try regular(match.pattern, policy)
      } else {
        try like(match.pattern, policy)
      }
      if let escape = match.escape { _ = try literal(escape, policy, "ESCAPE") }
    case .binary(let name, _, let right):
      if Self.regularOperators.contains(name) { try regular(right, policy) }
      if Self.likeOperators.contains(name) { try like(right, policy) }
      if name == "@?" || name == "@@" && !right.isTextQuery { try path(right, policy) }
    case .quantifiedArray(_, let name, _, let right):
      let isRegular = Self.regularOperators.contains(name)
      guard isRegular || Self.likeOperators.contains(name) else { return }
      guard case .array(let patterns) = right.kind else {
        throw unsafe("A list of patterns must be written out.", right)
      }
      for pattern in patterns { try isRegular ? regular(pattern, policy) : like(pattern, policy) }
    case .quantified(_, let name, _, _) where Self.regularOperators.union(Self.likeOperators).contains(name):
      throw unsafe("A pattern must be written out.", value)
    default: break
    }
  }

  private func judge(_ call: SQLCall, _ policy: GatePolicy) throws(Refusal) {
    let name = call.name.asciiLowercased
    if name.hasPrefix("regexp_") {
      guard call.arguments.count > 1 else { return }
      try regular(call.arguments[1].value, policy)
    } else if name.hasPrefix("jsonb_path_") {
      guard call.arguments.count > 1 else { return }
      try path(call.arguments[1].value, policy)
    } else if policy.dialect == .postgres, name == "substring", call.arguments.count > 1 {
      // substring(text from pattern) and substring(text from number for number) are one function.
      let second = call.arguments[1].value
      if let text = second.literalText { try regular(text, second, policy) }
    } else if policy.dialect == .sqlite, name == "like" || name == "glob", let pattern = call.arguments.first?.value {
      try like(pattern, policy)
    }
  }
}

// MARK: - Kinds of patterns

extension PatternRule {
  /// A pattern of `LIKE` or `GLOB`: a text, or one that is put together of texts and columns.
  private func like(_ pattern: SQLExpression, _ policy: GatePolicy) throws(Refusal) {
    guard let texts = pattern.joinedTexts else { throw unsafe("The pattern of LIKE must be written out.", pattern) }
    let bytes = texts.joined().utf8
    guard bytes.count <= policy.limits.patternBytes,
      bytes.filter({ $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "*") }).count <= 12
    else { throw unsafe("The pattern is too long or has too many wildcards.", pattern) }
  }

  private func regular(_ pattern: SQLExpression, _ policy: GatePolicy) throws(Refusal) {
    try regular(try literal(pattern, policy, "a regular expression"), pattern, policy)
  }

  /// A regular expression without references back, and without repetition of what repeats.
  private func regular(_ text: String, _ value: SQLExpression, _ policy: GatePolicy) throws(Refusal) {
    guard text.utf8.count <= policy.limits.patternBytes, RegularExpression(text).isPlain else {
      throw unsafe("The regular expression may take very long.", value)
    }
  }

  /// A JSON path without `**` and without regular expressions.
  private func path(_ value: SQLExpression, _ policy: GatePolicy) throws(Refusal) {
    let text = try literal(value, policy, "a JSON path")
    guard text.utf8.count <= policy.limits.patternBytes, !text.contains("**"), !text.contains("like_regex") else {
      throw unsafe("The JSON path may take very long.", value)
    }
  }

  private func literal(_ value: SQLExpression, _ policy: GatePolicy, _ what: String) throws(Refusal) -> String {
    guard let text = value.literalText else { throw unsafe("\(what) must be written out as a text.", value) }
    return text
  }

  private func unsafe(_ message: String, _ value: SQLExpression) -> Refusal {
    Refusal(
      .unsafePattern,
      message,
      hint: "Write a short pattern as a literal, without references back and nested repetition.",
      offset: value.offset
    )
  }
}

extension SQLExpression {
  /// Whether the value is a query of PostgreSQL's text search and no JSON path.
  fileprivate var isTextQuery: Bool {
    switch kind {
    case .call(let call): call.name.hasSuffix("_tsquery")
    case .cast(_, let type): type.name == "tsquery"
    case .binary("&&", let left, let right), .binary("||", let left, let right): left.isTextQuery && right.isTextQuery
    default: false
    }
  }

  /// The text of a literal, also one with a type.
  var literalText: String? {
    switch kind {
    case .literal(.text(let text)): text
    case .cast(let value, _): value.literalText
    default: nil
    }
  }

  /// The texts of a pattern that is put together of texts and columns; nil when it is made in another way.
  fileprivate var joinedTexts: [String]? {
    switch kind {
    case .literal(.text(let text)): return [text]
    case .literal, .column, .parameter: return []
    case .cast(let value, _): return value.joinedTexts
    case .binary("||", let left, let right):
      guard let first = left.joinedTexts, let second = right.joinedTexts else { return nil }
      return first + second
    case .call(let call) where ["lower", "upper", "trim", "btrim", "concat"].contains(call.name.asciiLowercased):
      var texts: [String] = []
      for argument in call.arguments {
        guard let part = argument.value.joinedTexts else { return nil }
        texts += part
      }
      return texts
    default: return nil
    }
  }
}

/// What can be seen of a regular expression without running it.
private struct RegularExpression {
  private let text: [UInt8]

  init(_ text: String) { self.text = Array(text.utf8) }

  /// Whether there is no reference back, no look around, and no repetition of a group that repeats or chooses.
  var isPlain: Bool {
    var place = 0
    /// For each open group whether it holds a repetition or a choice.
    var groups: [Bool] = [false]
    var closed: Bool?
    while place < text.count {
      let byte = text[place]
      var justClosed: Bool?
      switch byte {
      case UInt8(ascii: "\\"):
        place += 1
        if place < text.count, (0x31...0x39).contains(text[place]) { return false }
      case UInt8(ascii: "["): place = endOfSet(at: place)
      case UInt8(ascii: "("):
        if place + 1 < text.count, text[place + 1] == UInt8(ascii: "?") {
          guard place + 2 < text.count, text[place + 2] == UInt8(ascii: ":") else { return false }
          place += 2
        }
        groups.append(false)
      case UInt8(ascii: ")"):
        guard groups.count > 1, let repeats = groups.popLast() else { return false }
        justClosed = repeats
        if repeats { groups[groups.count - 1] = true }
      case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "{"):
        if closed == true { return false }
        if byte == UInt8(ascii: "{"), !isSmallRepetition(at: place) { return false }
        groups[groups.count - 1] = true
      case UInt8(ascii: "|") where groups.count > 1: groups[groups.count - 1] = true
      default: break
      }
      closed = justClosed
      place += 1
    }
    return true
  }

  private func endOfSet(at start: Int) -> Int {
    var place = start + 1
    if place < text.count, text[place] == UInt8(ascii: "^") { place += 1 }
    if place < text.count, text[place] == UInt8(ascii: "]") { place += 1 }
    while place < text.count, text[place] != UInt8(ascii: "]") { place += text[place] == UInt8(ascii: "\\") ? 2 : 1 }
    return place
  }

  /// Whether the numbers in `{n,m}` are at most 50.
  private func isSmallRepetition(at start: Int) -> Bool {
    let content = text[(start + 1)...].prefix { $0 != UInt8(ascii: "}") }
    let numbers = content.split(separator: UInt8(ascii: ",")).map { Int(String(decoding: $0, as: UTF8.self)) }
    return numbers.allSatisfy { $0.map { $0 <= 50 } ?? true }
  }
}
