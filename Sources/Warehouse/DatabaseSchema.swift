/// A column of a table or view.
public struct ColumnSchema: Hashable, Sendable, Codable {
  /// The name.
  public var name: String
  /// The type as the table declares it; empty when it declares none.
  public var declaredType: String

  /// Makes a description of a column.
  public init(name: String, declaredType: String) {
    self.name = name
    self.declaredType = declaredType
  }
}

/// A table or view.
public struct TableSchema: Hashable, Sendable, Codable {
  /// The name.
  public var name: String
  /// The columns from left to right.
  public var columns: [ColumnSchema]

  /// Makes a description of a table.
  public init(name: String, columns: [ColumnSchema]) {
    self.name = name
    self.columns = columns
  }
}

/// The tables and views of a database.
public struct DatabaseSchema: Hashable, Sendable, Codable {
  /// The tables and views by name, without the engine's own.
  public var tables: [TableSchema]

  /// Makes a description of a database.
  public init(tables: [TableSchema]) {
    self.tables = tables
  }

  /// The table of a name, in any case of A to Z.
  public func table(_ name: String) -> TableSchema? {
    tables.first { $0.name.lowercased() == name.lowercased() }
  }
}
