public import CoachVocabulary

/// What an answer must look like.
public struct ValueSchema: Hashable, Sendable, CustomStringConvertible {
  /// The type; named types are not known here.
  public var type: ValueType
  /// Whether null is an answer.
  public var isOptional: Bool
  /// The only texts allowed; nil for any.
  public var allowedTexts: [String]?
  /// The members of an object, all of them but optional ones required; nil for any.
  public var members: [String: ValueSchema]?

  /// Makes a schema.
  public init(
    _ type: ValueType,
    isOptional: Bool = false,
    allowedTexts: [String]? = nil,
    members: [String: ValueSchema]? = nil
  ) {
    self.type = type
    self.isOptional = isOptional
    self.allowedTexts = allowedTexts
    self.members = members
  }

  /// Anything, null included.
  public static let anything = ValueSchema(.any, isOptional: true)

  /// The value in the form of the type, or nil when it does not fit.
  public func normalised(_ value: JSONValue) -> JSONValue? {
    if value.isNull { return isOptional ? value : JSONValue?.none }
    guard let fitting = type.normalised(value) else { return nil }
    if let allowedTexts, let text = fitting.stringValue, !allowedTexts.contains(text) { return nil }
    guard let members, var object = fitting.objectValue else { return fitting }
    guard object.keys.allSatisfy({ members[$0] != nil }) else { return nil }
    for (name, schema) in members {
      guard let value = schema.normalised(object[name] ?? .null) else { return nil }
      if object[name] != nil { object[name] = value }
    }
    return .object(object)
  }

  /// The schema in words, for messages.
  public var description: String {
    let texts = allowedTexts.map { " (one of \($0.joined(separator: ", ")))" } ?? ""
    let parts = members.map { members in
      " {\(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
    }
    return "\(type)\(texts)\(parts ?? "")\(isOptional ? " or null" : "")"
  }

  var json: JSONValue {
    var parts: [String: JSONValue] = ["type": .string("\(type)")]
    if isOptional { parts["optional"] = true }
    if let allowedTexts { parts["values"] = .names(allowedTexts) }
    if let members { parts["members"] = .object(members.mapValues(\.json)) }
    return .object(parts)
  }

  init?(json: JSONValue) {
    guard let type = json["type"]?.stringValue.flatMap(ValueType.init(spelled:)) else { return nil }
    self.init(type, isOptional: json["optional"] == true, allowedTexts: json["values"]?.names)
    if let members = json["members"]?.objectValue {
      self.members = members.compactMapValues { ValueSchema(json: $0) }
      guard self.members?.count == members.count else { return nil }
    }
  }
}

extension ValueType {
  /// Reads what ``description`` gives: a word, or a list of one in brackets.
  init?(spelled text: String) {
    if text.hasPrefix("["), text.hasSuffix("]") {
      guard let item = ValueType(spelled: String(text.dropFirst().dropLast())) else { return nil }
      self = .list(of: item)
      return
    }
    self.init(text)
  }
}
