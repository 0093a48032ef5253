import CoachVocabulary

/// The name of a channel together with the Swift type of its value.
public struct StateKey<Value: Codable & Sendable>: Hashable, Sendable {
  /// The channel.
  public let name: String

  /// Names a channel.
  public init(_ name: String) { self.name = name }
}

/// Moves Swift values into and out of JSON, without a detour for those that are JSON already.
enum StateCoding {
  static func encode<Value: Encodable>(_ value: Value) throws(JSONFailure) -> JSONValue {
    switch value {
    case let json as JSONValue: json
    case let text as String: .string(text)
    case let number as Int: .int(number)
    case let truth as Bool: .bool(truth)
    case let number as Double: .double(number)
    case let list as [JSONValue]: .array(list)
    case let object as [String: JSONValue]: .object(object)
    case let texts as [String]: .array(texts.map { .string($0) })
    default: try JSONValue(encoding: value)
    }
  }

  static func decode<Value: Decodable>(_ json: JSONValue, as type: Value.Type) throws(JSONFailure) -> Value {
    if let value = json as? Value { return value }
    let quick: Any? =
      if type == String.self {
        json.stringValue
      } else if type == Int.self {
        json.intValue
      } else if type == Bool.self {
        json.boolValue
      } else if type == Double.self {
        json.doubleValue
      } else if type == [JSONValue].self {
        json.arrayValue
      } else if type == [String: JSONValue].self {
        json.objectValue
      } else {
        nil
      }
    if let quick, let value = quick as? Value { return value }
    return try json.decoded(as: type)
  }
}
