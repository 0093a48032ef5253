/// A question: a `SELECT`, `VALUES` or a set operation over them, with all that stands around it.
public struct SQLQuery: Hashable, Sendable {
  /// The named queries before it.
  public var with: SQLWith?
  /// What gives the rows.
  public var body: SQLQueryBody
  /// How the rows are sorted.
  public var orderBy: [SQLSortKey]
  /// The most rows.
  public var limit: SQLExpression?
  /// The rows that are left out first.
  public var offset: SQLExpression?
  /// Whether rows equal to the last one come as well (`FETCH FIRST … WITH TIES`).
  public var withTies: Bool

  /// Makes a question.
  public init(
    with: SQLWith? = nil,
    body: SQLQueryBody,
    orderBy: [SQLSortKey] = [],
    limit: SQLExpression? = nil,
    offset: SQLExpression? = nil,
    withTies: Bool = false
  ) {
    self.with = with
    self.body = body
    self.orderBy = orderBy
    self.limit = limit
    self.offset = offset
    self.withTies = withTies
  }
}

/// What gives the rows of a question.
public indirect enum SQLQueryBody: Hashable, Sendable {
  /// A `SELECT`.
  case select(SQLSelect)
  /// Rows that are written out.
  case values([[SQLExpression]])
  /// Two questions in one; SQLite's have neither sorting nor limits of their own.
  case set(SQLSetOperation, isAll: Bool, SQLQuery, SQLQuery)
}

/// How the rows of two questions become one result.
public enum SQLSetOperation: String, Hashable, Sendable {
  /// The rows of both.
  case union = "UNION"
  /// The rows that both have.
  case intersect = "INTERSECT"
  /// The rows that only the first has.
  case except = "EXCEPT"
}

/// The named queries before a question.
public struct SQLWith: Hashable, Sendable {
  /// Whether the word `RECURSIVE` stands there.
  public var isRecursive: Bool
  /// The queries in order.
  public var tables: [SQLCommonTable]

  /// Makes a list of named queries.
  public init(isRecursive: Bool, tables: [SQLCommonTable]) {
    self.isRecursive = isRecursive
    self.tables = tables
  }
}

/// A common table expression.
public struct SQLCommonTable: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Names for its columns, the first ones first.
  public var columns: [String]
  /// Whether the engine was told to compute it apart (`MATERIALIZED`) or not to (`NOT MATERIALIZED`).
  public var isMaterialized: Bool?
  /// What it stands for.
  public var query: SQLQuery
  /// Where its name stands.
  public var offset: Int

  /// Makes a common table expression.
  public init(name: String, columns: [String], isMaterialized: Bool?, query: SQLQuery, offset: Int) {
    self.name = name
    self.columns = columns
    self.isMaterialized = isMaterialized
    self.query = query
    self.offset = offset
  }
}

/// One `SELECT` with its clauses.
public struct SQLSelect: Hashable, Sendable {
  /// Which rows count as one.
  public enum Distinct: Hashable, Sendable {
    /// None do.
    case no
    /// Those with equal results.
    case yes
    /// Those with equal values of these expressions, of which the first stays.
    case on([SQLExpression])
  }

  /// Which rows count as one.
  public var distinct: Distinct
  /// The results, from left to right.
  public var items: [SQLItem]
  /// Where the rows come from; several stand for their cross product.
  public var from: [SQLSource]
  /// Which rows count.
  public var filter: SQLExpression?
  /// What the rows are grouped by.
  public var groupBy: [SQLGrouping]
  /// Whether equal grouping sets count once.
  public var isGroupDistinct: Bool
  /// Which groups count.
  public var having: SQLExpression?
  /// Named windows.
  public var windows: [SQLNamedWindow]

  /// Makes a `SELECT`.
  public init(
    distinct: Distinct = .no,
    items: [SQLItem],
    from: [SQLSource] = [],
    filter: SQLExpression? = nil,
    groupBy: [SQLGrouping] = [],
    isGroupDistinct: Bool = false,
    having: SQLExpression? = nil,
    windows: [SQLNamedWindow] = []
  ) {
    self.distinct = distinct
    self.items = items
    self.from = from
    self.filter = filter
    self.groupBy = groupBy
    self.isGroupDistinct = isGroupDistinct
    self.having = having
    self.windows = windows
  }
}

/// One result of a `SELECT`.
public enum SQLItem: Hashable, Sendable {
  /// All columns, or those of a source.
  case star([String], at: Int)
  /// A value with its name; `text` is how it is written in the source, by which SQLite names it otherwise.
  case value(SQLExpression, alias: String?, text: String?)
}

/// What rows are grouped by.
public indirect enum SQLGrouping: Hashable, Sendable {
  /// A value.
  case value(SQLExpression)
  /// `()`, all rows as one group.
  case empty
  /// `ROLLUP`, `CUBE` or `GROUPING SETS` over parts.
  case sets(String, [SQLGrouping])
}

/// How rows are sorted.
public struct SQLSortKey: Hashable, Sendable {
  /// The value that is compared.
  public var expression: SQLExpression
  /// Whether the largest comes first; nothing when it is not said.
  public var isDescending: Bool?
  /// Whether null comes first; nothing when it is not said.
  public var nullsFirst: Bool?

  /// Makes a sort key.
  public init(expression: SQLExpression, isDescending: Bool? = nil, nullsFirst: Bool? = nil) {
    self.expression = expression
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// A window with a name.
public struct SQLNamedWindow: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The window.
  public var window: SQLWindow

  /// Gives a window a name.
  public init(name: String, window: SQLWindow) {
    self.name = name
    self.window = window
  }
}

/// The rows that a window function sees.
public struct SQLWindow: Hashable, Sendable {
  /// The named window that this one refines.
  public var base: String?
  /// What parts the rows.
  public var partitionBy: [SQLExpression]
  /// How the rows of a part are sorted.
  public var orderBy: [SQLSortKey]
  /// Which of them count.
  public var frame: SQLFrame?

  /// Makes a window.
  public init(
    base: String? = nil,
    partitionBy: [SQLExpression] = [],
    orderBy: [SQLSortKey] = [],
    frame: SQLFrame? = nil
  ) {
    self.base = base
    self.partitionBy = partitionBy
    self.orderBy = orderBy
    self.frame = frame
  }
}

/// Which rows of a part count.
public struct SQLFrame: Hashable, Sendable {
  /// One end of a frame.
  public enum Bound: Hashable, Sendable {
    /// Without end, before or after.
    case unbounded(isFollowing: Bool)
    /// The present row.
    case currentRow
    /// So much before or after.
    case distance(SQLExpression, isFollowing: Bool)
  }

  /// `ROWS`, `RANGE` or `GROUPS`.
  public var unit: String
  /// Where it begins.
  public var start: Bound
  /// Where it ends; nothing when it is not said.
  public var end: Bound?
  /// `CURRENT ROW`, `GROUP` or `TIES`, when something is left out.
  public var exclusion: String?

  /// Makes a frame.
  public init(unit: String, start: Bound, end: Bound? = nil, exclusion: String? = nil) {
    self.unit = unit
    self.start = start
    self.end = end
    self.exclusion = exclusion
  }
}
