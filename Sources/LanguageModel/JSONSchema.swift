public import CoachVocabulary

/// A JSON Schema that values can be checked against, with messages that a model or a person can act on.
///
/// Supported keywords: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `minItems`,
/// `maxItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `minLength`, `maxLength`, `anyOf`,
/// `oneOf`, `allOf`, and the annotations `title`, `description`, `default`, `examples`, `format`, `$schema`, `$id`,
/// `$comment`. Any other keyword is refused when the schema is read, since skipping it would let wrong values pass.
public struct JSONSchema: Hashable, Sendable {
  /// Something that does not fit, with its place in the value.
  public struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The place, for instance `filters[0].value`; empty for the whole value.
    public var path: String
    /// What is wrong and what would be right.
    public var message: String

    /// `'path' message`.
    public var description: String { path.isEmpty ? "The value \(message)" : "'\(path)' \(message)" }
  }

  /// The schema as it was read.
  public let source: JSONValue
  private let root: Node

  /// Reads a schema.
  ///
  /// - Throws: `JSONFailure` naming the keyword that is unknown or misused.
  public init(_ schema: JSONValue) throws(JSONFailure) {
    source = schema
    root = try Node(schema, at: "#")
  }

  /// What in the value does not fit, at most `limit` findings; empty when all of it fits.
  public func violations(in value: JSONValue, limit: Int = 10) -> [Violation] {
    var findings = Findings(limit: limit)
    root.check(value, at: "", into: &findings)
    return findings.list
  }
}

private struct Findings {
  let limit: Int
  var list: [JSONSchema.Violation] = []

  init(limit: Int) { self.limit = limit }

  mutating func add(_ path: String, _ message: String) {
    if list.count < limit { list.append(JSONSchema.Violation(path: path, message: message)) }
  }
}

// MARK: - Reading a schema

private struct Node: Hashable, Sendable {
  private static let annotations: Set<String> = [
    "title", "description", "default", "examples", "format", "$schema", "$id", "$comment",
  ]
  private static let typeNames: Set<String> = ["null", "boolean", "integer", "number", "string", "array", "object"]

  private var types: Set<String> = []
  private var choices: [JSONValue]?
  private var properties: [String: Node] = [:]
  private var required: [String] = []
  private var additional = Additional.allowed
  private var items: [Node] = []  // none or one: an array only because a struct cannot hold itself
  private var bounds: [Bound: Double] = [:]
  private var combined: [Combination: [Node]] = [:]
  private var isNever = false

  private indirect enum Additional: Hashable, Sendable {
    case allowed
    case forbidden
    case like(Node)
  }

  private enum Bound: String, CaseIterable {
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems
  }

  private enum Combination: String, CaseIterable {
    case anyOf, oneOf, allOf
  }

  init(_ schema: JSONValue, at place: String) throws(JSONFailure) {
    switch schema {
    case .bool(let allowed): isNever = !allowed
    case .object(let members):
      for (keyword, value) in members.sorted(by: { $0.key < $1.key }) {
        try read(keyword, value, at: "\(place)/\(keyword)")
      }
    default: throw Self.misuse(place, "must be an object, true or false")
    }
  }

  private mutating func read(_ keyword: String, _ value: JSONValue, at place: String) throws(JSONFailure) {
    if let bound = Bound(rawValue: keyword) {
      guard let number = value.doubleValue else { throw Self.misuse(place, "must be a number") }
      bounds[bound] = number
      return
    }
    if let combination = Combination(rawValue: keyword) {
      guard let schemas = value.arrayValue, !schemas.isEmpty else { throw Self.misuse(place, "must list schemas") }
      combined[combination] = try Self.nodes(schemas, at: place)
      return
    }
    switch keyword {
    case "type": types = try Self.types(value, at: place)
    case "enum":
      guard let list = value.arrayValue, !list.isEmpty else { throw Self.misuse(place, "must list values") }
      choices = list
    case "const": choices = [value]
    case "properties":
      guard let members = value.objectValue else { throw Self.misuse(place, "must be an object of schemas") }
      for (name, schema) in members { properties[name] = try Node(schema, at: "\(place)/\(name)") }
    case "required":
      guard let names = value.arrayValue else { throw Self.misuse(place, "must list names") }
      required = names.compactMap(\.stringValue)
      if required.count != names.count { throw Self.misuse(place, "must list names") }
    case "additionalProperties":
      additional = value == false ? .forbidden : value == true ? .allowed : .like(try Node(value, at: place))
    case "items": items = [try Node(value, at: place)]
    default:
      if !Self.annotations.contains(keyword) { throw Self.misuse(place, "is a keyword that is not supported") }
    }
  }

  private static func nodes(_ schemas: [JSONValue], at place: String) throws(JSONFailure) -> [Node] {
    var nodes: [Node] = []
    for (index, schema) in schemas.enumerated() { nodes.append(try Node(schema, at: "\(place)/\(index)")) }
    return nodes
  }

  private static func types(_ value: JSONValue, at place: String) throws(JSONFailure) -> Set<String> {
    let names = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue) ?? []
    guard !names.isEmpty, typeNames.isSuperset(of: names) else {
      throw misuse(place, "must be one or more of \(typeNames.sorted().joined(separator: ", "))")
    }
    return Set(names)
  }

  private static func misuse(_ place: String, _ fault: String) -> JSONFailure {
    JSONFailure(message: "The JSON Schema is not usable: \(place) \(fault)")
  }
}

// MARK: - Checking a value

extension Node {
  func check(_ value: JSONValue, at path: String, into findings: inout Findings) {
    if isNever { return findings.add(path, "is not allowed") }
    guard checkType(value, at: path, into: &findings) else { return }
    if let choices, !choices.contains(where: { Self.same($0, value) }) {
      let wanted = choices.map(\.text).joined(separator: ", ")
      findings.add(path, "must be \(choices.count == 1 ? "" : "one of ")\(wanted), not \(Self.excerpt(value))")
    }
    switch value {
    case .int, .double: checkNumber(value.doubleValue ?? 0, at: path, into: &findings)
    case .string(let text): checkLength(text.unicodeScalars.count, .minLength, .maxLength, "letter", path, &findings)
    case .array(let list): checkItems(list, at: path, into: &findings)
    case .object(let members): checkMembers(members, at: path, into: &findings)
    case .null, .bool: break
    }
    checkCombinations(value, at: path, into: &findings)
  }

  private func checkType(_ value: JSONValue, at path: String, into findings: inout Findings) -> Bool {
    guard !types.isEmpty, types.isDisjoint(with: Self.typeNames(of: value)) else { return true }
    let wanted = types.sorted().map { Self.words[$0] ?? $0 }.joined(separator: " or ")
    findings.add(path, "must be \(wanted), not \(Self.excerpt(value))")
    return false
  }

  private func checkNumber(_ number: Double, at path: String, into findings: inout Findings) {
    if let bound = bounds[.minimum], number < bound { findings.add(path, "must be at least \(Self.plain(bound))") }
    if let bound = bounds[.maximum], number > bound { findings.add(path, "must be at most \(Self.plain(bound))") }
    if let bound = bounds[.exclusiveMinimum], number <= bound {
      findings.add(path, "must be more than \(Self.plain(bound))")
    }
    if let bound = bounds[.exclusiveMaximum], number >= bound {
      findings.add(path, "must be less than \(Self.plain(bound))")
    }
  }

  private func checkLength(
    _ count: Int,
    _ least: Bound,
    _ most: Bound,
    _ unit: String,
    _ path: String,
    _ findings: inout Findings
  ) {
    func counted(_ bound: Double) -> String { "\(Self.plain(bound)) \(unit)\(bound == 1 ? "" : "s")" }
    if let bound = bounds[least], Double(count) < bound { findings.add(path, "must have at least \(counted(bound))") }
    if let bound = bounds[most], Double(count) > bound { findings.add(path, "must have at most \(counted(bound))") }
  }

  private func checkItems(_ list: [JSONValue], at path: String, into findings: inout Findings) {
    checkLength(list.count, .minItems, .maxItems, "entry", path, &findings)
    guard let item = items.first else { return }
    for (index, value) in list.enumerated() { item.check(value, at: "\(path)[\(index)]", into: &findings) }
  }

  private func checkMembers(_ members: [String: JSONValue], at path: String, into findings: inout Findings) {
    for name in required where members[name] == nil {
      findings.add(Self.join(path, name), "is missing; it is required")
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let place = Self.join(path, name)
      if let property = properties[name] {
        property.check(value, at: place, into: &findings)
        continue
      }
      switch additional {
      case .allowed: break
      case .forbidden:
        let known = properties.keys.sorted().joined(separator: ", ")
        findings.add(place, "is not allowed here; allowed: \(known.isEmpty ? "nothing" : known)")
      case .like(let node): node.check(value, at: place, into: &findings)
      }
    }
  }

  private func checkCombinations(_ value: JSONValue, at path: String, into findings: inout Findings) {
    for node in combined[.allOf] ?? [] { node.check(value, at: path, into: &findings) }
    for combination in [Combination.anyOf, .oneOf] {
      guard let nodes = combined[combination] else { continue }
      let results = nodes.map { $0.findings(in: value, at: path, limit: findings.limit) }
      let fitting = results.filter(\.isEmpty).count
      if fitting == 0 {
        // The alternative with the fewest faults is most likely the one that was meant.
        let nearest = results.min { $0.count < $1.count }?.first
        let hint = nearest.map { "; nearest: \($0)" } ?? ""
        findings.add(path, "fits none of the \(nodes.count) allowed forms\(hint)")
      } else if combination == .oneOf, fitting > 1 {
        findings.add(path, "fits \(fitting) of the allowed forms; it must fit exactly one")
      }
    }
  }

  private func findings(in value: JSONValue, at path: String, limit: Int) -> [JSONSchema.Violation] {
    var findings = Findings(limit: limit)
    check(value, at: path, into: &findings)
    return findings.list
  }

  private static let words = [
    "null": "null", "boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a string",
    "array": "a list", "object": "an object",
  ]

  private static func typeNames(of value: JSONValue) -> Set<String> {
    switch value {
    case .null: ["null"]
    case .bool: ["boolean"]
    case .int: ["integer", "number"]
    case .double: value.intValue == nil ? ["number"] : ["integer", "number"]
    case .string: ["string"]
    case .array: ["array"]
    case .object: ["object"]
    }
  }

  /// JSON has one kind of number: 1 and 1.0 are the same.
  private static func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
    if let left = left.doubleValue, let right = right.doubleValue { return left == right }
    return left == right
  }

  private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

  private static func excerpt(_ value: JSONValue) -> String {
    switch value {
    case .array: return "a list"
    case .object: return "an object"
    default:
      let text = value.text
      return text.count <= 40 ? text : "\(text.prefix(40))…"
    }
  }
}
