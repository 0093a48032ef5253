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
  public subscript(name: String) -> String? { values(of: name).first }

  /// The values of all fields of this name, in order.
  public func values(of name: String) -> [String] {
    let wanted = name.lowercased()
    return storage.filter { $0.name.lowercased() == wanted }.map(\.value)
  }

  /// Adds a field at the end.
  public mutating func append(_ name: String, _ value: String) {
    storage.append(Field(name: name, value: value))
  }
}
