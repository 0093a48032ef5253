import CoachVocabulary

/// What a channel may hold.
public indirect enum ValueType: Hashable, Sendable, CustomStringConvertible {
  /// Text.
  case string
  /// A whole number; a number without fraction is taken as one.
  case int
  /// Any number.
  case double
  /// True or false.
  case bool
  /// A JSON object of any shape.
  case object
  /// A list whose items all have one type.
  case list(of: ValueType)
  /// Anything but null.
  case any
  /// A type that the node registry knows by name, resolved when the graph is compiled.
  case named(String)

  /// The type as it is written in a graph file.
  public var description: String {
    switch self {
    case .string: "string"
    case .int: "int"
    case .double: "double"
    case .bool: "bool"
    case .object: "object"
    case .list(.any): "list"
    case .list(let item): "[\(item)]"
    case .any: "any"
    case .named(let name): name
    }
  }

  /// Reads the spelling of a graph file: a built-in word, or the name of a registered type, which begins with a capital.
  public init?(_ word: String) {
    switch word {
    case "string": self = .string
    case "int": self = .int
    case "double": self = .double
    case "bool": self = .bool
    case "object": self = .object
    case "list": self = .list(of: .any)
    case "any": self = .any
    default:
      guard let first = word.first, first.isUppercase else { return nil }
      self = .named(word)
    }
  }
}

extension ValueType {
  /// The value in the form in which this type keeps it (`1` in a `double` becomes `1.0`), or nil when it does not fit.
  func normalised(_ value: JSONValue) -> JSONValue? {
    switch (self, value) {
    case (_, .double(let number)) where !number.isFinite: nil
    case (.string, .string), (.int, .int), (.double, .double), (.bool, .bool), (.object, .object): value
    case (.int, .double(let number)): Int(exactly: number).map { .int($0) }
    case (.double, .int(let number)): .double(Double(number))
    case (.list(.any), .array): value
    case (.list(let item), .array(let values)): Self.normalised(values, as: item)
    case (.any, .null), (.named, .null): nil
    case (.any, _): value
    case (.named, .object): value
    default: nil
    }
  }

  private static func normalised(_ values: [JSONValue], as item: ValueType) -> JSONValue? {
    var result: [JSONValue] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let fitting = item.normalised(value) else { return nil }
      result.append(fitting)
    }
    return .array(result)
  }

  /// The type with every registered name replaced by what it stands for; the first unknown name is thrown.
  func resolved(with types: [String: ValueType]) throws(UnknownTypeName) -> ValueType {
    switch self {
    case .named(let name):
      guard let type = types[name] else { throw UnknownTypeName(name: name) }
      return type
    case .list(let item): return .list(of: try item.resolved(with: types))
    default: return self
    }
  }
}

/// A type name that no registry knows.
struct UnknownTypeName: Error {
  let name: String
}

extension JSONValue {
  /// What kind of value this is, for messages; never the value itself.
  var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .double: "double"
    case .string: "string"
    case .array: "list"
    case .object: "object"
    }
  }
}
