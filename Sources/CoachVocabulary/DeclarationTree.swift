/// A declaration file as a tree that remembers where each part stood.
///
/// Made by `Declarations` from YAML; each domain module reads its own kind of declaration from it through
/// ``DeclarationReader``, so that none of them knows a file format.
public struct DeclarationTree: Hashable, Sendable {
  /// One key of a mapping with its value.
  public struct Member: Hashable, Sendable {
    /// The key.
    public var key: String
    /// Where the key stands.
    public var position: SourcePosition
    /// What it maps to.
    public var value: DeclarationTree

    /// Makes a member.
    public init(key: String, position: SourcePosition, value: DeclarationTree) {
      self.key = key
      self.position = position
      self.value = value
    }
  }

  /// What stands at a place.
  public enum Content: Hashable, Sendable {
    /// A single value: null, truth value, number or text. Never an array or object.
    case scalar(JSONValue, text: String)
    /// A list.
    case list([DeclarationTree])
    /// Keys with values, in the order of the file, no key twice.
    case mapping([Member])
  }

  /// What stands here.
  public var content: Content
  /// Where it stands.
  public var position: SourcePosition

  /// Makes a tree.
  public init(_ content: Content, at position: SourcePosition) {
    self.content = content
    self.position = position
  }

  /// The tree as a plain JSON value, without positions.
  public var json: JSONValue {
    switch content {
    case .scalar(let value, text: _): value
    case .list(let items): .array(items.map(\.json))
    case .mapping(let members):
      .object(Dictionary(members.map { ($0.key, $0.value.json) }, uniquingKeysWith: { $1 }))
    }
  }

  /// What this is, for error messages.
  public var kindName: String {
    switch content {
    case .scalar(.null, text: _): "nothing"
    case .scalar(.bool, text: _): "true or false"
    case .scalar(.int, text: _): "a whole number"
    case .scalar(.double, text: _): "a number"
    case .scalar: "text"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Reads one mapping of a declaration key by key; what was never asked for is an unknown key.
///
/// Each accessor reports a wrong type with its place and gives nil, so that reading goes on and all faults are
/// reported at once. Call ``finish()`` last.
public final class DeclarationReader {
  /// The mapping's own place.
  public let position: SourcePosition
  /// Where findings go.
  public let diagnostics: DiagnosticCollector
  private let what: String
  private var members: [String: DeclarationTree.Member] = [:]
  private let order: [String]
  private var asked: Set<String> = []

  /// Starts reading a tree that must be a mapping; anything else is reported and read as an empty mapping.
  ///
  /// - Parameters:
  ///   - tree: the mapping.
  ///   - what: what it declares, for messages ("metric 'revenue'").
  ///   - diagnostics: where findings go.
  public init(_ tree: DeclarationTree, as what: String, reporting diagnostics: DiagnosticCollector) {
    position = tree.position
    self.what = what
    self.diagnostics = diagnostics
    if case .mapping(let members) = tree.content {
      for member in members { self.members[member.key] = member }
      order = members.map(\.key)
    } else {
      order = []
      diagnostics.error("\(what) must be a mapping, not \(tree.kindName)", at: tree.position)
    }
  }

  /// Every key of the mapping in the order of the file; asking marks all as known.
  public func allMembers() -> [DeclarationTree.Member] {
    asked.formUnion(order)
    return order.compactMap { members[$0] }
  }

  /// The raw value of a key, or nil when absent or null.
  public func tree(_ key: String) -> DeclarationTree? {
    asked.insert(key)
    guard let value = members[key]?.value else { return nil }
    if case .scalar(.null, text: _) = value.content { return nil }
    return value
  }

  /// The raw value of a key that must be there.
  public func requiredTree(_ key: String) -> DeclarationTree? {
    if let value = tree(key) { return value }
    diagnostics.error("\(what) needs '\(key)'", at: position)
    return nil
  }

  /// Where a key's value stands, or the mapping's place when absent.
  public func position(of key: String) -> SourcePosition { members[key]?.value.position ?? position }

  /// Text; numbers and truth values are taken by their spelling.
  public func string(_ key: String) -> String? {
    guard let value = tree(key) else { return nil }
    if case .scalar(_, text: let text) = value.content { return text }
    wrongType(key, wanted: "text", found: value)
    return nil
  }

  /// Text that must be there and not be blank.
  public func requiredString(_ key: String) -> String? {
    guard requiredTree(key) != nil, let text = string(key) else { return nil }
    if text.allSatisfy(\.isWhitespace) {
      diagnostics.error("'\(key)' of \(what) is empty", at: position(of: key))
      return nil
    }
    return text
  }

  /// A whole number within a range.
  public func int(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
    guard let value = tree(key) else { return nil }
    guard case .scalar(.int(let number), text: _) = value.content else {
      wrongType(key, wanted: "a whole number", found: value)
      return nil
    }
    guard range.contains(number) else {
      diagnostics.error(
        "'\(key)' of \(what) must be from \(range.lowerBound) to \(range.upperBound), not \(number)",
        at: value.position
      )
      return nil
    }
    return number
  }

  /// A number.
  public func double(_ key: String) -> Double? {
    guard let value = tree(key) else { return nil }
    if case .scalar(let scalar, text: _) = value.content, let number = scalar.doubleValue { return number }
    wrongType(key, wanted: "a number", found: value)
    return nil
  }

  /// True or false.
  public func bool(_ key: String) -> Bool? {
    guard let value = tree(key) else { return nil }
    if case .scalar(.bool(let truth), text: _) = value.content { return truth }
    wrongType(key, wanted: "true or false", found: value)
    return nil
  }

  /// One word of a closed set, given as an enumeration with text raw values.
  public func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) -> Choice?
  where Choice.RawValue == String {
    guard let text = string(key) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    diagnostics.error("'\(key)' of \(what) must be one of \(known), not '\(text)'", at: position(of: key))
    return nil
  }

  /// A list of texts; a single text counts as a list of one; empty when absent.
  public func strings(_ key: String) -> [String] {
    guard let value = tree(key) else { return [] }
    switch value.content {
    case .scalar(_, let text): return [text]
    case .list(let items):
      return items.compactMap { item in
        if case .scalar(_, text: let text) = item.content { return text }
        diagnostics.error("each entry of '\(key)' must be text, not \(item.kindName)", at: item.position)
        return nil
      }
    case .mapping:
      wrongType(key, wanted: "a list of texts", found: value)
      return []
    }
  }

  /// The entries of a list; empty when absent.
  public func list(_ key: String) -> [DeclarationTree] {
    guard let value = tree(key) else { return [] }
    if case .list(let items) = value.content { return items }
    wrongType(key, wanted: "a list", found: value)
    return []
  }

  /// The members of a mapping; empty when absent.
  public func mapping(_ key: String) -> [DeclarationTree.Member] {
    guard let value = tree(key) else { return [] }
    if case .mapping(let members) = value.content { return members }
    wrongType(key, wanted: "a mapping", found: value)
    return []
  }

  /// A reader of a nested mapping, or nil when absent.
  public func reader(_ key: String, as what: String) -> DeclarationReader? {
    tree(key).map { DeclarationReader($0, as: what, reporting: diagnostics) }
  }

  /// Reports every key that nobody asked for.
  public func finish() {
    for key in order where !asked.contains(key) {
      guard let member = members[key] else { continue }
      let known = asked.sorted().joined(separator: ", ")
      diagnostics.error("unknown key '\(key)' in \(what); known keys: \(known)", at: member.position)
    }
  }

  private func wrongType(_ key: String, wanted: String, found: DeclarationTree) {
    diagnostics.error("'\(key)' of \(what) must be \(wanted), not \(found.kindName)", at: found.position)
  }
}
