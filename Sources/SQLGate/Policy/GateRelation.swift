/// A table or view that statements may read, and which part of it.
public struct GateRelation: Hashable, Sendable {
  /// What stands in place of a column's values.
  public enum Mask: Hashable, Sendable {
    /// No value.
    case null
    /// The same text in every row.
    case text(String)
  }

  /// The schema; nothing for the engine's usual one, `public` or `main`.
  public var schema: String?
  /// The name.
  public var name: String
  /// The readable columns, in the table's own order.
  public var columns: [String]
  /// Columns that are known to be there and may not be read, so that a star is refused and not read as "all that is mine".
  public var hiddenColumns: Set<String>
  /// Whether ``columns`` are all there are: then a relation without any filter need not be narrowed.
  public var isComplete: Bool
  /// What stands in place of the values of some of the columns.
  public var masks: [String: Mask]
  /// Conditions, in the engine's SQL over the relation's own columns, of which each row has to fulfil every one.
  ///
  /// They are written by the operator and trusted. One that cannot be read closes the relation.
  public var rowFilters: [String]
  /// Columns that ``rowFilters`` read and that need not be readable otherwise.
  public var filterColumns: Set<String>
  /// The primary key: PostgreSQL lets a statement group by it and name other columns of the same row.
  public var key: [String]

  /// Describes a relation.
  public init(
    schema: String? = nil,
    name: String,
    columns: [String],
    hiddenColumns: Set<String> = [],
    isComplete: Bool = false,
    masks: [String: Mask] = [:],
    rowFilters: [String] = [],
    filterColumns: Set<String> = [],
    key: [String] = []
  ) {
    self.schema = schema
    self.name = name
    self.columns = columns
    self.hiddenColumns = hiddenColumns
    self.isComplete = isComplete
    self.masks = masks
    self.rowFilters = rowFilters
    self.filterColumns = filterColumns
    self.key = key
  }
}

/// Whose rows a statement may see.
public struct TenantScope: Hashable, Sendable {
  /// A tenant's number or name.
  public enum Value: Hashable, Sendable {
    /// A number.
    case number(Int)
    /// A name.
    case name(String)
  }

  /// The column that tells whose a row is.
  public var column: String
  /// Who asks; nobody sees nothing.
  public var value: Value?

  /// Names the column and who asks.
  public init(column: String, value: Value?) {
    self.column = column
    self.value = value
  }
}
