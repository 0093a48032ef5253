public import CoachVocabulary
public import SQLGate
public import SQLSyntax

/// A database of the user's, for reading.
public protocol DataSource: StatementExaminer {
  /// What the engine can do.
  var capabilities: DataSourceCapabilities { get }

  /// The tables and views with their columns.
  func schema() async throws(WarehouseFailure) -> DatabaseSchema

  /// Runs a statement that passed the gate and hands its rows on one by one, within the limits of its policy; stops when
  /// the task is cancelled, on the server, too.
  ///
  /// - Parameters:
  ///   - gated: the statement.
  ///   - receive: takes a row and says whether more are wanted; it must not wait, since the engine waits for it.
  /// - Returns: what there was besides the rows.
  /// - Throws: ``WarehouseFailure``, for instance `.timedOut`, `.cancelled` or `.denied`.
  func stream(
    _ gated: GatedSQL,
    _ receive: @escaping @Sendable ([JSONValue]) -> RowWish
  ) async throws(WarehouseFailure) -> StreamEnd

  /// Runs a statement that passed the gate, within the limits of its policy, and stops when the task is cancelled.
  ///
  /// - Throws: ``WarehouseFailure``, for instance `.timedOut`, `.cancelled` or `.denied`.
  func run(_ gated: GatedSQL) async throws(WarehouseFailure) -> ResultTable

  /// What the engine expects a statement to cost; nil where it cannot say.
  func estimate(_ gated: GatedSQL) async throws(WarehouseFailure) -> QueryEstimate?

  /// The different values of a column in ascending order without null, at most `limit`.
  func distinctValues(table: String, column: String, limit: Int) async throws(WarehouseFailure) -> [JSONValue]

  /// The largest value of a column, or null when it has none; for times as ISO text that is the newest.
  func newestValue(table: String, column: String) async throws(WarehouseFailure) -> JSONValue

  /// A text that is another one after the data has changed; equal texts mean equal data.
  func dataVersion() async throws(WarehouseFailure) -> String

  /// Lets go of connections; later calls may open new ones.
  func close() async
}

extension DataSource {
  /// Gathers the rows of ``stream(_:_:)``.
  public func run(_ gated: GatedSQL) async throws(WarehouseFailure) -> ResultTable {
    let rows = RowCollector()
    let end = try await stream(gated) { row in
      rows.add(row)
      return .more
    }
    return ResultTable(columns: end.columns, rows: rows.all, isTruncated: end.isTruncated)
  }

  /// Nil: the engine does not say what a statement costs.
  public func estimate(_ gated: GatedSQL) async throws(WarehouseFailure) -> QueryEstimate? { nil }

  /// Nothing has to be let go of.
  public func close() async {}
}

/// Whether who receives rows wants more of them.
public enum RowWish: Hashable, Sendable {
  /// The next row is wanted.
  case more
  /// No more rows are wanted.
  case enough
}

/// What a stream of rows ends with.
public struct StreamEnd: Hashable, Sendable {
  /// The names of the columns, from left to right; two may be equal.
  public var columns: [String]
  /// How many rows were handed on.
  public var rowCount: Int
  /// Whether there were more rows than the policy lets through, or more bytes.
  public var isTruncated: Bool

  /// Makes an end.
  public init(columns: [String], rowCount: Int, isTruncated: Bool) {
    self.columns = columns
    self.rowCount = rowCount
    self.isTruncated = isTruncated
  }
}

/// What an engine expects a statement to cost.
public struct QueryEstimate: Hashable, Sendable {
  /// The cost in the engine's own unit, comparable between statements on one engine only.
  public var cost: Double
  /// How many rows it expects.
  public var rows: Double

  /// Makes an estimate.
  public init(cost: Double, rows: Double) {
    self.cost = cost
    self.rows = rows
  }
}

/// What an engine can do, for those who write statements or show what is possible.
public struct DataSourceCapabilities: Hashable, Sendable {
  /// The kinds of engine.
  public enum Engine: String, Hashable, Sendable, CaseIterable {
    /// SQLite, and what is read into it.
    case sqlite
    /// PostgreSQL.
    case postgres
    /// MariaDB or MySQL, which the gate reads as SQLite's dialect.
    case mariaDB = "mariadb"
  }

  /// The kind of engine.
  public var engine: Engine
  /// The schema with the tables; nil for the engine's usual one.
  public var schema: String?
  /// The SQL that the gate reads and writes for it.
  public var dialect: SQLDialect { engine == .postgres ? .postgres : .sqlite }
  /// The functions that statements may call, in small letters.
  public var functions: Set<String>
  /// The functions that may stand in place of a table, in small letters.
  public var tableFunctions: Set<String>
  /// Whether ``DataSource/estimate(_:)`` says anything.
  public var estimates: Bool
  /// Whether a statement runs on a server, which is told when nobody wants its rows any more.
  public var cancelsOnServer: Bool

  /// Describes an engine.
  public init(
    engine: Engine,
    schema: String? = nil,
    functions: Set<String>,
    tableFunctions: Set<String> = [],
    estimates: Bool = false,
    cancelsOnServer: Bool = false
  ) {
    self.engine = engine
    self.schema = schema
    self.functions = functions
    self.tableFunctions = tableFunctions
    self.estimates = estimates
    self.cancelsOnServer = cancelsOnServer
  }
}
