/// The header fields of a response, in the order of their arrival; names compare without case.
public struct HTTPHeaders: Hashable, Sendable {
  private struct Field: Hashable, Sendable {
    var name: String
    var value: String
  }

  private var storage: [Field]

  /// Makes headers from names and values.
  public init(_ fields: [(String, String)] = []) {
    storage = fields.map { Field(name: $0.0, value: $0.1) }
  }

  /// Every field, in order.
  public var fields: [(String, String)] { storage.map { ($0.name, $0.value) } }

  /// The value of the first field of this name.
  public subscript(name: String) -> String? { storage.first { Self.areEqual($0.name, name) }?.value }

  /// The values of all fields of this name, in order.
  public func values(of name: String) -> [String] {
    storage.filter { Self.areEqual($0.name, name) }.map(\.value)
  }

  /// Names of fields are ASCII.
  private static func areEqual(_ one: String, _ other: String) -> Bool {
    func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
    return one.utf8.count == other.utf8.count && one.utf8.elementsEqual(other.utf8) { folded($0) == folded($1) }
  }

  /// Adds a field at the end.
  public mutating func append(_ name: String, _ value: String) {
    storage.append(Field(name: name, value: value))
  }
}
