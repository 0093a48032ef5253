/// A table or view of the main database.
public struct SQLiteTable: Hashable, Sendable {
  /// What the name stands for.
  public enum Kind: String, Hashable, Sendable {
    /// A table with rows of its own.
    case table
    /// A stored query.
    case view
    /// A table that a module provides.
    case virtual
  }

  /// The name.
  public let name: String
  /// What the name stands for.
  public let kind: Kind

  /// Makes a description of a table.
  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}
