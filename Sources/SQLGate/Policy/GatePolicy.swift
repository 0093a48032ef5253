public import SQLSyntax

/// What statements may do; what is not named is refused.
///
/// SQLite's names are compared without regard to the case of A to Z, PostgreSQL's exactly.
public struct GatePolicy: Hashable, Sendable {
  /// Whose SQL the statements are.
  public let dialect: SQLDialect
  /// The schema in which a name without one is looked up.
  public let usualSchema: String
  /// The tables and views that may be read.
  ///
  /// With SQLite a view may be read when all that it reads is here as well.
  public let relations: [GateRelation]
  /// Relations that are known to be there and closed, as `name`, `schema.name` or `schema.*`: no spelling mistakes.
  public var forbiddenRelations: Set<String>
  /// Whose rows may be seen, of relations with the tenant's column; of all others everybody sees all rows.
  public var tenant: TenantScope?
  /// The functions that may be called, in small letters.
  public var functions: Set<String>
  /// The functions that may stand in place of a table, in small letters.
  public var tableFunctions: Set<String>
  /// The longest statement in bytes.
  public var maximumStatementBytes: Int
  /// The most rows of a result.
  public var rowLimit: Int
  /// The largest result in bytes: text by length, numbers as 8, nulls as 1.
  public var byteLimit: Int
  /// The longest time that a statement may run.
  public var timeLimit: Duration
  /// Whether a common table expression may refer to itself when it is seen to come to an end.
  public var allowsRecursion: Bool
  /// How large statements may be.
  public var limits: GateLimits

  private let relationsByKey: [String: Readable]

  /// A relation with its names as the engine compares them.
  private struct Readable: Hashable, Sendable {
    var relation: GateRelation
    var columns: Set<String>
    var filterColumns: Set<String>
  }

  /// Makes a policy.
  public init(
    dialect: SQLDialect = .sqlite,
    usualSchema: String? = nil,
    relations: [GateRelation],
    forbiddenRelations: Set<String> = [],
    tenant: TenantScope? = nil,
    maximumStatementBytes: Int = SQLParser.maximumBytes,
    rowLimit: Int = 10_000,
    byteLimit: Int = 8_000_000,
    timeLimit: Duration = .seconds(5),
    allowsRecursion: Bool = true,
    limits: GateLimits = GateLimits()
  ) {
    self.dialect = dialect
    let usualSchema = usualSchema ?? (dialect == .sqlite ? "main" : "public")
    self.usualSchema = usualSchema
    self.relations = relations
    self.forbiddenRelations = forbiddenRelations
    self.tenant = tenant
    functions = SQLFunctions.functions(of: dialect)
    tableFunctions = Set(SQLFunctions.tableFunctions(of: dialect).keys)
    self.maximumStatementBytes = maximumStatementBytes
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
    self.timeLimit = timeLimit
    self.allowsRecursion = allowsRecursion
    self.limits = limits
    let keyed = relations.map { relation in
      let readable = Readable(
        relation: relation,
        columns: Set(relation.columns.map(dialect.key)),
        filterColumns: Set(relation.filterColumns.map(dialect.key))
      )
      return (Self.key(relation.schema ?? usualSchema, relation.name, in: dialect), readable)
    }
    relationsByKey = Dictionary(keyed) { first, _ in first }
  }

  /// Makes a policy for SQLite out of names: tables and views with their readable columns.
  public init(
    relations: [String: [String]],
    rowLimit: Int = 10_000,
    timeLimit: Duration = .seconds(5),
    allowsRecursion: Bool = true
  ) {
    self.init(
      dialect: .sqlite,
      relations: relations.sorted { $0.key < $1.key }.map { GateRelation(name: $0.key, columns: $0.value) },
      rowLimit: rowLimit,
      timeLimit: timeLimit,
      allowsRecursion: allowsRecursion
    )
  }
}

/// How large statements may be.
public struct GateLimits: Hashable, Sendable {
  /// The most sources of all `FROM` together, counted as often as the engine looks at them.
  public var sources = 64
  /// The most queries set side by side by `UNION` and its like.
  public var setOperations = 19
  /// The most results of one query.
  public var results = 200
  /// The most parts of `GROUPING SETS`, `CUBE` and `ROLLUP`, multiplied out.
  public var groupingSets = 128
  /// The most rows that a function may make out of nothing.
  public var generatedRows = 100_000.0
  /// The most rows that sources without a table may multiply to.
  public var generatedProduct = 2_000_000.0
  /// The most rows that sources may come to, by a guess of ten thousand for each table.
  public var combinedRows = 100_000_000.0
  /// The longest text that a function may make, in letters.
  public var textLength = 100_000.0
  /// The most letters or elements that an aggregate may gather, by the same guess.
  public var gatheredLength = 500_000_000.0
  /// The most steps of a recursion.
  public var recursionSteps = 100_000.0
  /// The longest pattern in bytes.
  public var patternBytes = 200

  /// Makes the usual limits.
  public init() {}
}

// MARK: - Names

extension GatePolicy {
  private static func key(_ schema: String, _ name: String, in dialect: SQLDialect) -> String {
    "\(dialect.key(schema)).\(dialect.key(name))"
  }

  /// The relation that a path of names stands for, if it may be read.
  public func relation(_ path: [String]) -> GateRelation? {
    guard let name = path.last, path.count <= 2 else { return nil }
    return relationsByKey[Self.key(path.count == 2 ? path[0] : usualSchema, name, in: dialect)]?.relation
  }

  /// Whether a path of names stands for a relation that is closed on purpose, or for one of the engine's own.
  func isForbidden(_ path: [String]) -> Bool {
    guard let name = path.last.map(\.asciiLowercased) else { return false }
    let schema = path.count > 1 ? path[path.count - 2].asciiLowercased : nil
    if [schema, name].contains(where: Self.isEngineName) { return true }
    return forbiddenRelations.contains { entry in
      let parts = entry.asciiLowercased.split(separator: ".").map(String.init)
      guard parts.count == 2 else { return parts.first == name && (schema ?? usualSchema) == usualSchema }
      return parts[0] == schema && (parts[1] == "*" || parts[1] == name)
    }
  }

  private static func isEngineName(_ name: String?) -> Bool {
    guard let name else { return false }
    return ["pg_", "sqlite_", "pragma_"].contains { name.hasPrefix($0) } || name == "information_schema"
  }

  /// Whether the rows of a relation have to be narrowed to the caller's.
  func isTenantScoped(_ relation: GateRelation) -> Bool {
    guard let tenant else { return false }
    let column = dialect.key(tenant.column)
    return (relation.columns + relation.hiddenColumns).contains { dialect.key($0) == column }
  }
}

// MARK: - Rights

extension GatePolicy {
  /// Whether the rows of a table or view may be read at all.
  public func allows(relation: String) -> Bool { relationsByKey[Self.key(usualSchema, relation, in: dialect)] != nil }

  /// Whether a column may be read, by the statement or by the filters put into it; no column stands for the presence of rows.
  public func allows(relation: String, column: String?) -> Bool {
    guard let readable = relationsByKey[Self.key(usualSchema, relation, in: dialect)] else { return false }
    guard let column = column.map(dialect.key) else { return true }
    if readable.columns.contains(column) || readable.filterColumns.contains(column) { return true }
    if let tenant, dialect.key(tenant.column) == column { return true }
    return dialect == .sqlite && column == Self.rowNumber
  }

  /// Whether a function may be called.
  public func allows(function: String) -> Bool { functions.contains(function.asciiLowercased) }

  /// Whether a function may stand in place of a table.
  public func allows(tableFunction: String) -> Bool { tableFunctions.contains(tableFunction.asciiLowercased) }

  /// SQLite's number of a row in its table, which says nothing about the row.
  ///
  /// A column that stands for it is reported by its own name.
  private static let rowNumber = "rowid"
}
