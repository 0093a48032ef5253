import FoundationEssentials

/// Any JSON value; the common currency of state, tool arguments, rows and API bodies.
public enum JSONValue: Hashable, Sendable {
  /// JSON `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number: in JSON text one without fraction or exponent that fits 64 bits, or any below 2^53.
  case int(Int)
  /// Any other number; never NaN or infinite when it comes from JSON text.
  case double(Double)
  /// A string.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// A map; key order is not kept, output is sorted by key.
  case object([String: JSONValue])
}

// MARK: - Reading

extension JSONValue {
  /// The string inside, or nil for any other kind.
  public var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The integer inside; a double without fraction counts as an integer.
  public var intValue: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number inside as a double, or nil when this is not a number.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The truth value inside, or nil for any other kind.
  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The list inside, or nil for any other kind.
  public var arrayValue: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The map inside, or nil for any other kind.
  public var objectValue: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Whether this is JSON `null`.
  public var isNull: Bool { self == .null }

  /// The member of an object, or nil when there is none or this is not an object.
  public subscript(key: String) -> JSONValue? { objectValue?[key] }
}

// MARK: - Literals

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// Makes a JSON string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes a JSON integer.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// Makes a JSON number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// Makes a JSON truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Makes a JSON list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Makes a JSON object; the last of two equal keys stays.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// Makes JSON `null`.
  public init(nilLiteral: ()) { self = .null }
}

// MARK: - Codable

extension JSONValue: Codable {
  /// Decodes any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Encodes the value as it is; a NaN or infinite double becomes `null`, which JSON can say.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value):
      if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

// MARK: - Text

extension JSONValue {
  /// Parses one JSON text, as RFC 8259 defines it.
  ///
  /// Of equal names in an object the first stays.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - shape: which members of objects to keep; the others are checked and forgotten.
  ///   - allowsTrailingCommas: whether a comma may stand after the last element of a list or object, as some people and
  ///     models write it.
  /// - Throws: ``JSONFailure`` when the text is not JSON or nested deeper than 64 levels.
  public init(
    parsing bytes: some Sequence<UInt8>,
    keeping shape: JSONShape = .whole,
    allowsTrailingCommas: Bool = false
  ) throws(JSONFailure) {
    self = try JSONParser.parse(bytes, JSONParser.Rules(shape: shape, allowsTrailingCommas: allowsTrailingCommas))
  }

  /// Parses one JSON text, as RFC 8259 defines it.
  ///
  /// Of equal names in an object the first stays.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - shape: which members of objects to keep; the others are checked and forgotten.
  ///   - allowsTrailingCommas: whether a comma may stand after the last element of a list or object.
  /// - Throws: ``JSONFailure`` when the text is not JSON or nested deeper than 64 levels.
  public init(
    parsing text: String,
    keeping shape: JSONShape = .whole,
    allowsTrailingCommas: Bool = false
  ) throws(JSONFailure) {
    try self.init(parsing: text.utf8, keeping: shape, allowsTrailingCommas: allowsTrailingCommas)
  }

  /// Turns any encodable value into its JSON form.
  ///
  /// - Throws: ``JSONFailure`` when the value cannot be written as JSON.
  public init(encoding value: some Encodable) throws(JSONFailure) {
    do {
      self = try JSONParser.parse(JSONEncoder().encode(value), JSONParser.Rules(deepest: 512))
    } catch {
      throw JSONFailure(message: "\(type(of: value)) cannot be written as JSON: \(error)")
    }
  }

  /// Reads a typed value out of this JSON.
  ///
  /// - Throws: ``JSONFailure`` naming the member that did not fit.
  public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws(JSONFailure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(JSONWriter(self).bytes))
    } catch let error as DecodingError {
      throw JSONFailure(message: Self.explain(error))
    } catch {
      throw JSONFailure(message: "does not fit \(type): \(error)")
    }
  }

  /// The compact JSON text, names in the order of their bytes, slashes as they are.
  public var text: String { String(decoding: JSONWriter(self).bytes, as: UTF8.self) }

  /// The bytes of ``text``.
  public var bytes: [UInt8] { JSONWriter(self).bytes }

  /// The JSON text on several lines, names sorted.
  public var prettyText: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func explain(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let text = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
      return text.isEmpty ? "the value" : "'\(text)'"
    }
    return switch error {
    case .keyNotFound(let key, let context):
      context.codingPath.isEmpty
        ? "'\(key.stringValue)' is missing" : "'\(key.stringValue)' is missing in \(path(context))"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(path(context)) must be \(Self.name(of: type))"
    case .dataCorrupted(let context): "\(path(context)) is not acceptable: \(context.debugDescription)"
    @unknown default: "the value does not fit"
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch "\(type)" {
    case "String": "a string"
    case "Int", "Int64": "a whole number"
    case "Double": "a number"
    case "Bool": "true or false"
    case let other where other.hasPrefix("Array"): "a list"
    case let other where other.hasPrefix("Dictionary"): "an object"
    case let other: other
    }
  }
}

/// Why a text or value is not the JSON it should be.
public struct JSONFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, for the person who sent it.
  public var message: String

  /// Makes a failure with its explanation.
  public init(message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}
