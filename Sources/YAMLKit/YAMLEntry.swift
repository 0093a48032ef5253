/// A key of a mapping with its value.
public struct YAMLEntry: Hashable, Sendable {
  /// The key, always a scalar.
  public let key: YAMLNode
  /// The value.
  public let value: YAMLNode

  /// Makes an entry.
  public init(key: YAMLNode, value: YAMLNode) {
    self.key = key
    self.value = value
  }

  /// The text of the key.
  public var name: String { key.text ?? "" }
}
