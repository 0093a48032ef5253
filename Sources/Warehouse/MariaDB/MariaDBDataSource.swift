public import CoachVocabulary
import ConcurrencyKit
public import MariaDBKit
public import SQLGate
import SQLSyntax

/// A MariaDB or MySQL database of the user's, for reading.
///
/// Statements run one by one, prepared, in a transaction that only reads and is always rolled back, under a time limit of
/// the server's own. Give the user no right but `SELECT`. The gate reads the statements as SQLite's dialect, so only what
/// both engines understand can be asked.
public final class MariaDBDataSource: DataSource {
  /// What MariaDB can do with statements that the gate can read.
  public var capabilities: DataSourceCapabilities {
    DataSourceCapabilities(
      engine: .mariaDB,
      schema: configuration.database,
      functions: SQLFunctions.functions(of: .sqlite),
      cancelsOnServer: true
    )
  }

  private struct State: Sendable {
    var idle: [MariaDBConnection] = []
    var places: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: MariaDBConfiguration
  private let state: Locked<State>

  /// Connects once, to see that it can be done.
  ///
  /// - Parameters:
  ///   - configuration: the server and the user.
  ///   - connections: the most statements at the same time.
  /// - Throws: ``WarehouseFailure`` `.unreachable`.
  public init(_ configuration: MariaDBConfiguration, connections: Int = 4) async throws(WarehouseFailure) {
    self.configuration = configuration
    state = Locked(State(places: max(1, connections)))
    _ = try await dataVersion()
  }

  /// Closes the connections that rest.
  public func close() async {
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    for connection in idle { await connection.close() }
  }
}

// MARK: - Questions

extension MariaDBDataSource {
  /// The tables and views of the database that the user may read, with their columns.
  public func schema() async throws(WarehouseFailure) -> DatabaseSchema {
    let rows = try await rows(
      """
      SELECT table_name, column_name, column_type FROM information_schema.columns
      WHERE table_schema = database() ORDER BY table_name, ordinal_position
      """
    )
    var tables: [TableSchema] = []
    for row in rows {
      guard row.count == 3, let table = row[0].stringValue, let name = row[1].stringValue, let type = row[2].stringValue
      else { continue }
      if tables.last?.name != table { tables.append(TableSchema(name: table, columns: [])) }
      tables[tables.count - 1].columns.append(ColumnSchema(name: name, declaredType: type))
    }
    return DatabaseSchema(tables: tables)
  }

  /// Says whether the server can make sense of a statement, and which columns it gives; what it reads, the gate has seen
  /// in its tree.
  public func examine(_ sql: String) async throws(ExaminationFailure) -> StatementFacts {
    var facts = StatementFacts(sql: sql)
    let statement = NumberedParameters(sql)
    facts.parameterCount = statement.order.max() ?? 0
    let probe = "SELECT * FROM (\(statement.sql)) AS probe LIMIT 0"
    let binds = statement.order.map { _ in MariaDBValue.null }
    do throws(WarehouseFailure) {
      facts.columnNames = try await guarded(.seconds(2)) { connection throws(MariaDBFailure) in
        try await connection.stream(probe, binds) { _ in true }
      }
    } catch {
      throw error.kind == .failed ? .syntax(message: error.message, offset: nil) : .unavailable(message: error.message)
    }
    return facts
  }

  /// Runs a statement that passed the gate and hands its rows on one by one.
  public func stream(
    _ gated: GatedSQL,
    _ receive: @escaping @Sendable ([JSONValue]) -> RowWish
  ) async throws(WarehouseFailure) -> StreamEnd {
    let statement = NumberedParameters(gated.sql)
    let values = gated.parameters.map { MariaDBValue($0) }
    guard statement.order.allSatisfy({ $0 <= values.count }) else {
      throw WarehouseFailure(.failed, "a value is missing", remedy: "Give a value for each parameter.")
    }
    let meter = Locked(RowMeter(gated.policy))
    let columns = try await guarded(gated.policy.timeLimit) { connection throws(MariaDBFailure) in
      try await connection.stream(statement.sql, statement.order.map { values[$0 - 1] }) { row in
        let row = row.map { JSONValue($0) }
        return meter.withLock { $0.admits(row) } && receive(row) == .more
      }
    }
    let end = meter.withLock(\.self)
    return StreamEnd(columns: columns, rowCount: end.rowCount, isTruncated: end.isTruncated)
  }

  /// The different values of a column in ascending order without null, at most `limit`.
  public func distinctValues(
    table: String,
    column: String,
    limit: Int
  ) async throws(WarehouseFailure) -> [JSONValue] {
    let (table, column) = try await known(table, column)
    return try await rows(
      "SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL ORDER BY 1 LIMIT \(max(0, limit))"
    ).compactMap(\.first)
  }

  /// The largest value of a column, or null when it has none.
  public func newestValue(table: String, column: String) async throws(WarehouseFailure) -> JSONValue {
    let (table, column) = try await known(table, column)
    return try await rows("SELECT max(\(column)) FROM \(table)").first?.first ?? .null
  }

  /// The server's counts of statements that write: every change of any of its data moves them.
  public func dataVersion() async throws(WarehouseFailure) -> String {
    let names = Self.writingStatements.map { "'COM_\($0)'" }.joined(separator: ", ")
    let rows = try await rows(
      "SELECT variable_value FROM information_schema.global_status WHERE variable_name IN (\(names)) ORDER BY variable_name"
    )
    return rows.map { row in row.last?.stringValue ?? "" }.joined(separator: ".")
  }

  private static let writingStatements = [
    "INSERT", "INSERT_SELECT", "UPDATE", "UPDATE_MULTI", "DELETE", "DELETE_MULTI", "REPLACE", "REPLACE_SELECT", "LOAD",
    "TRUNCATE", "CREATE_TABLE", "DROP_TABLE", "ALTER_TABLE", "RENAME_TABLE", "CALL_PROCEDURE",
  ]

  private func known(_ table: String, _ column: String) async throws(WarehouseFailure) -> (String, String) {
    guard let found = try await schema().table(table),
      let name = found.columns.first(where: { $0.name.lowercased() == column.lowercased() })?.name
    else {
      throw WarehouseFailure(
        .unknownName,
        "\(configuration.database) has no column '\(column)' in a table '\(table)'",
        remedy: "Correct the name in the declaration of the domain."
      )
    }
    func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
    return (quoted(found.name), quoted(name))
  }

  private func rows(_ sql: String) async throws(WarehouseFailure) -> [[JSONValue]] {
    let rows = RowCollector()
    _ = try await guarded(.seconds(30)) { connection throws(MariaDBFailure) in
      try await connection.stream(sql, []) { row in
        rows.add(row.map { JSONValue($0) })
        return true
      }
    }
    return rows.all
  }
}

// MARK: - Connections

extension MariaDBDataSource {
  /// Double quotes are for names, and a backslash is a backslash, as in standard SQL.
  private static let mode =
    "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,STRICT_ALL_TABLES'"

  private func guarded<Value: Sendable>(
    _ time: Duration,
    _ body: (MariaDBConnection) async throws(MariaDBFailure) -> Value
  ) async throws(WarehouseFailure) -> Value {
    await enter()
    defer { leave() }
    do throws(MariaDBFailure) {
      let connection = try await connection()
      let seconds = max(0.001, time / .seconds(1))
      try await connection.execute("SET SESSION max_statement_time = \(seconds)")
      try await connection.execute("START TRANSACTION READ ONLY")
      let value: Value
      do throws(MariaDBFailure) {
        value = try await body(connection)
      } catch {
        // After a failure nobody knows what the session holds.
        await connection.close()
        throw error
      }
      try await connection.execute("ROLLBACK")
      state.withLock { $0.idle.append(connection) }
      return value
    } catch {
      throw WarehouseFailure(error, server: "\(configuration)")
    }
  }

  private func connection() async throws(MariaDBFailure) -> MariaDBConnection {
    while let idle = state.withLock({ $0.idle.popLast() }) {
      do throws(MariaDBFailure) {
        try await idle.execute(Self.mode)
        return idle
      } catch {
        // The server may have closed it meanwhile; a new one tells whether it is there.
        await idle.close()
        if error.kind != .unreachable { throw error }
      }
    }
    let connection = try await MariaDBConnection.open(configuration)
    try await connection.execute(Self.mode)
    try await connection.execute("SET SESSION TRANSACTION READ ONLY")
    return connection
  }

  private func enter() async {
    await withCheckedContinuation { turn in
      let isFree = state.withLock { state in
        if state.places > 0 {
          state.places -= 1
          return true
        }
        state.waiting.append(turn)
        return false
      }
      if isFree { turn.resume() }
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.places += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}

// MARK: - Forms

/// A statement whose parameters `?1`, `?2` became `?`, with their numbers in the order in which they stand.
private struct NumberedParameters: Sendable {
  private(set) var sql = ""
  private(set) var order: [Int] = []

  init(_ text: String) {
    var bytes: [UInt8] = []
    var quote: UInt8?
    var number: Int?
    func end(_ order: inout [Int]) {
      if let found = number { order.append(found == 0 ? order.count + 1 : found) }
      number = nil
    }
    for byte in text.utf8 {
      if let digits = number, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
        number = digits * 10 + Int(byte - UInt8(ascii: "0"))
        continue
      }
      end(&order)
      bytes.append(byte)
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "?") {
        number = 0
      }
    }
    end(&order)
    sql = Self.withoutQuotesAroundCalls(String(decoding: bytes, as: UTF8.self))
  }

  /// MariaDB knows its own functions by plain names only: `"count"(*)` becomes `count(*)`.
  private static func withoutQuotesAroundCalls(_ sql: String) -> String {
    sql.replacing(/"([a-z_][a-z_0-9]*)"\(/) { "\($0.output.1)(" }
  }
}

extension JSONValue {
  fileprivate init(_ value: MariaDBValue) {
    self =
      switch value {
      case .null: .null
      case .integer(let number): .int(Int(number))
      case .real(let number): number.isFinite ? .double(number) : .null
      case .decimal(let text): Int(text).map { .int($0) } ?? Double(text).map { .double($0) } ?? .string(text)
      case .text(let text): .string(text)
      case .bytes(let bytes): .string("(\(bytes.count) bytes)")
      }
  }
}

extension MariaDBValue {
  fileprivate init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .bool(let truth): .integer(truth ? 1 : 0)
      case .int(let number): .integer(Int64(number))
      case .double(let number): .real(number)
      case .string(let text): .text(text)
      case .array, .object: .text(value.text)
      }
  }
}

extension WarehouseFailure {
  /// Says a failure of MariaDB in the words of the warehouse; what a statement met in the data stays general.
  fileprivate init(_ failure: MariaDBFailure, server: String) {
    self =
      switch failure.kind {
      case .timedOut:
        WarehouseFailure(
          .timedOut,
          "the statement took too long",
          remedy: "Narrow the question, for instance to fewer days."
        )
      case .cancelled:
        WarehouseFailure(.cancelled, "the question was stopped", remedy: "Ask again if the answer is still wanted.")
      case .denied where failure.code == 1_045 || failure.code == 1_044 || failure.code == 1_698, .unreachable:
        WarehouseFailure(.unreachable, "\(server) cannot be reached (\(failure.code))", remedy: "Look at the server.")
      case .denied, .readOnly:
        WarehouseFailure(
          .denied,
          "the statement asks for more than its policy allows",
          remedy: "Read only the tables, columns and functions that are allowed."
        )
      case .busy: WarehouseFailure(.busy, "\(server) is busy", remedy: "Try again in a moment.")
      case .statement:
        WarehouseFailure(.failed, "the statement failed: \(failure.message)", remedy: "Correct the statement.")
      case .other:
        WarehouseFailure(.failed, "the statement failed (\(failure.code))", remedy: "Correct the statement.")
      }
  }
}
