/// Where rows come from.
public indirect enum SQLSource: Hashable, Sendable {
  /// A table, view or common table expression.
  case relation(SQLRelation)
  /// A question in brackets.
  case query(SQLQuery, alias: SQLAlias?, isLateral: Bool, at: Int)
  /// A function in place of a table.
  case function(SQLTableFunction)
  /// Two sources joined.
  case join(SQLJoin)
}

/// A table, view or common table expression by its name.
public struct SQLRelation: Hashable, Sendable {
  /// The name, with the schema before it when one is written.
  public var path: [String]
  /// What it is called in the statement.
  public var alias: SQLAlias?
  /// Where it stands.
  public var offset: Int

  /// Names a relation.
  public init(path: [String], alias: SQLAlias? = nil, offset: Int) {
    self.path = path
    self.alias = alias
    self.offset = offset
  }
}

/// What a source is called in the statement.
public struct SQLAlias: Hashable, Sendable {
  /// The name.
  public var name: String
  /// Names for its columns, the first ones first.
  public var columns: [String]

  /// Makes an alias.
  public init(_ name: String, columns: [String] = []) {
    self.name = name
    self.columns = columns
  }
}

/// A function in place of a table.
public struct SQLTableFunction: Hashable, Sendable {
  /// A column that is defined beside the call (`AS t(a int)`).
  public struct Column: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The type.
    public var type: SQLTypeName

    /// Makes a column.
    public init(name: String, type: SQLTypeName) {
      self.name = name
      self.type = type
    }
  }

  /// The call.
  public var call: SQLCall
  /// Whether a column counts the rows.
  public var withOrdinality: Bool
  /// What it is called in the statement.
  public var alias: SQLAlias?
  /// Columns that are defined beside the call.
  public var columns: [Column]
  /// Whether the word `LATERAL` stands there.
  public var isLateral: Bool

  /// Makes a function in place of a table.
  public init(
    call: SQLCall,
    withOrdinality: Bool = false,
    alias: SQLAlias? = nil,
    columns: [Column] = [],
    isLateral: Bool = false
  ) {
    self.call = call
    self.withOrdinality = withOrdinality
    self.alias = alias
    self.columns = columns
    self.isLateral = isLateral
  }
}

/// Two sources joined.
public struct SQLJoin: Hashable, Sendable {
  /// Which rows without a partner stay.
  public enum Kind: String, Hashable, Sendable {
    /// None.
    case inner = "JOIN"
    /// Those of the left side.
    case left = "LEFT JOIN"
    /// Those of the right side.
    case right = "RIGHT JOIN"
    /// Those of both sides.
    case full = "FULL JOIN"
    /// There is no condition: all rows with all.
    case cross = "CROSS JOIN"
  }

  /// How partners find each other.
  public enum Condition: Hashable, Sendable {
    /// All are partners.
    case none
    /// By a condition.
    case on(SQLExpression)
    /// By equal values of these columns.
    case using([String])
    /// By equal values of all columns with the same name.
    case natural
  }

  /// Which rows without a partner stay.
  public var kind: Kind
  /// How partners find each other.
  public var condition: Condition
  /// The left side.
  public var left: SQLSource
  /// The right side.
  public var right: SQLSource
  /// Where it stands.
  public var offset: Int

  /// Joins two sources.
  public init(kind: Kind, condition: Condition, left: SQLSource, right: SQLSource, offset: Int) {
    self.kind = kind
    self.condition = condition
    self.left = left
    self.right = right
    self.offset = offset
  }
}
