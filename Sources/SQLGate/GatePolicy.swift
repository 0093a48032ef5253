/// What statements may do.
///
/// Names are compared without regard to the case of A to Z.
public struct GatePolicy: Hashable, Sendable {
  /// The tables and views that may be read, each with its readable columns.
  ///
  /// A view may be read when all that it reads is here as well.
  public let relations: [String: Set<String>]
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
  /// Whether a common table expression may refer to itself.
  public var allowsRecursion: Bool

  private let columnsByRelation: [String: Set<String>]

  /// Makes a policy; what is not named is refused.
  public init(
    relations: [String: Set<String>],
    functions: Set<String> = SQLFunctions.sqliteAnalytics,
    tableFunctions: Set<String> = SQLFunctions.sqliteTables,
    maximumStatementBytes: Int = 16_384,
    rowLimit: Int = 10_000,
    byteLimit: Int = 8_000_000,
    timeLimit: Duration = .seconds(5),
    allowsRecursion: Bool = false
  ) {
    self.relations = relations
    self.functions = functions
    self.tableFunctions = tableFunctions
    self.maximumStatementBytes = maximumStatementBytes
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
    self.timeLimit = timeLimit
    self.allowsRecursion = allowsRecursion
    columnsByRelation = Dictionary(
      relations.map { name, columns in (name.asciiLowercased, Set(columns.map(\.asciiLowercased))) },
      uniquingKeysWith: { $0.union($1) }
    )
  }
}

extension GatePolicy {
  /// Whether the rows of a table or view may be read at all.
  public func allows(relation: String) -> Bool {
    columnsByRelation[relation.asciiLowercased] != nil
  }

  /// Whether a column may be read; no column stands for the presence of rows.
  public func allows(relation: String, column: String?) -> Bool {
    guard let columns = columnsByRelation[relation.asciiLowercased] else { return false }
    guard let column = column?.asciiLowercased else { return true }
    return columns.contains(column) || column == Self.rowNumber
  }

  /// Whether a function may be called.
  public func allows(function: String) -> Bool {
    functions.contains(function.asciiLowercased)
  }

  /// Whether a function may stand in place of a table.
  public func allows(tableFunction: String) -> Bool {
    tableFunctions.contains(tableFunction.asciiLowercased)
  }

  /// SQLite's number of a row in its table, which says nothing about the row.
  ///
  /// A column that stands for it is reported by its own name.
  private static let rowNumber = "rowid"
}
