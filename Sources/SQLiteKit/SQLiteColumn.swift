/// A column of a table or view.
public struct SQLiteColumn: Hashable, Sendable {
  /// The name.
  public let name: String
  /// The type as the table declares it, empty when it declares none.
  public let declaredType: String
  /// Whether the column refuses null.
  public let isNotNull: Bool
  /// The place in the primary key, counted from 1; nothing when the column is no part of it.
  public let primaryKeyPosition: Int?

  /// Makes a description of a column.
  public init(name: String, declaredType: String, isNotNull: Bool, primaryKeyPosition: Int?) {
    self.name = name
    self.declaredType = declaredType
    self.isNotNull = isNotNull
    self.primaryKeyPosition = primaryKeyPosition
  }
}
