/// A value in a YAML text, with the place where it is written.
///
/// Equality includes the place. A node that an alias repeats keeps the place of its definition.
public struct YAMLNode: Hashable, Sendable {
  /// What a node can be.
  public enum Value: Hashable, Sendable {
    /// A text; `YAMLNode.scalar` gives it a type.
    case scalar(String, style: YAMLScalarStyle)
    /// A list.
    case sequence([YAMLNode])
    /// Keys with their values, in the order of the text; entries that a merge key adds come last.
    case mapping([YAMLEntry])
  }

  /// The value.
  public let value: Value
  /// The line on which the value begins, counted from 1.
  public let line: Int
  /// The column at which the value begins, in Unicode scalars, counted from 1.
  public let column: Int

  /// Makes a node.
  public init(_ value: Value, line: Int, column: Int) {
    self.value = value
    self.line = line
    self.column = column
  }
}

extension YAMLNode {
  /// The text of a scalar as written, without type; nothing for lists and mappings.
  public var text: String? {
    if case .scalar(let text, _) = value { text } else { nil }
  }

  /// The nodes of a list; nothing for anything else.
  public var items: [YAMLNode]? {
    if case .sequence(let items) = value { items } else { nil }
  }

  /// The entries of a mapping; nothing for anything else.
  public var entries: [YAMLEntry]? {
    if case .mapping(let entries) = value { entries } else { nil }
  }

  /// The value under a key; nothing when the key is missing or this is no mapping.
  public subscript(key: String) -> YAMLNode? {
    entries?.first { $0.key.text == key }?.value
  }
}
