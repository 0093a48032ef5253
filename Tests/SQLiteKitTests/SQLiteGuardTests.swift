import ConcurrencyKit
import SQLiteKit
import Testing

@Suite struct `A guarded query` {
  private static let bomb = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
  private static let numbers =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n"

  private func run(
    _ sql: String,
    _ binds: [SQLiteValue] = [],
    guard rule: SQLiteGuard = SQLiteGuard(),
    limits: SQLiteLimits? = nil
  ) throws(SQLiteFailure) -> SQLiteGuardedRows {
    try SQLiteDatabase.inMemory(
      "CREATE TABLE staff (name, salary); INSERT INTO staff VALUES ('Ada', 10), ('Bob', 20)",
      limits: limits
    ).session.queryGuarded(sql, binds, guard: rule)
  }

  @Test func `returns its rows and their size`() throws {
    let result = try run("SELECT name, salary, NULL FROM staff WHERE salary > ? ORDER BY 1", [5])
    #expect(result.rows.rows == [["Ada", 10, nil], ["Bob", 20, nil]])
    #expect(!result.isTruncated)
    #expect(result.byteCount == 2 * (3 + 8 + 1))
  }

  @Test(arguments: [(99, true), (100, false)])
  func `stops at its row limit and says whether there was more`(limit: Int, isTruncated: Bool) throws {
    let result = try run(Self.numbers, guard: SQLiteGuard(rowLimit: limit))
    #expect(result.rows.count == limit)
    #expect(result.isTruncated == isTruncated)
  }

  @Test(arguments: [(799, 99), (800, 100)])
  func `stops at its byte limit`(limit: Int, rows: Int) throws {
    let result = try run(Self.numbers, guard: SQLiteGuard(byteLimit: limit))
    #expect(result.rows.count == rows)
    #expect(result.isTruncated == (rows < 100))
    #expect(result.byteCount <= limit)
  }

  @Test func `stops at its time limit`() throws {
    let failure = thrown { () throws(SQLiteFailure) in
      try run(Self.bomb, guard: SQLiteGuard(timeLimit: .milliseconds(30)))
    }
    #expect(failure?.kind == .timedOut)
    #expect(failure?.message == "the query exceeded its time limit")
  }

  @Test func `does not start without time`() {
    let failure = thrown { () throws(SQLiteFailure) in try run("SELECT 1", guard: SQLiteGuard(timeLimit: .zero)) }
    #expect(failure?.kind == .timedOut)
  }

  @Test func `stops when its task is cancelled`() async throws {
    let connection = try SQLiteConnection(path: ":memory:", configuration: .ours)
    let hasStarted = AsyncStream<Void>.makeStream()
    let rule = SQLiteGuard(timeLimit: .seconds(60)) { _ in
      hasStarted.continuation.yield()
      return true
    }
    let task = Task { try await connection.queryGuarded(Self.bomb, guard: rule) }
    for await _ in hasStarted.stream { break }
    task.cancel()
    let failure = await #expect(throws: SQLiteFailure.self) { try await task.value }
    #expect(failure?.kind == .cancelled)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `is denied what its guard denies, by name`() {
    let rule = SQLiteGuard { action in
      if case .read(_, "salary", _, _) = action { false } else { action.isReading }
    }
    let failure = thrown { () throws(SQLiteFailure) in try run("SELECT name FROM staff ORDER BY salary", guard: rule) }
    #expect(failure?.kind == .denied)
    #expect(failure?.message.contains("salary") == true)
    #expect(throws: Never.self) { try run("SELECT name FROM staff", guard: rule) }
  }

  @Test(arguments: [
    "DELETE FROM staff", "CREATE TABLE x (y)", "PRAGMA table_info(staff)", "ATTACH ':memory:' AS x", "BEGIN",
    "SELECT * FROM pragma_table_info('staff')",
  ])
  func `is denied all but reading`(sql: String) {
    #expect(thrown { () throws(SQLiteFailure) in try run(sql) }?.kind == .denied)
  }

  @Test(arguments: ["DELETE FROM staff", "INSERT INTO staff SELECT * FROM staff RETURNING 1", "DROP TABLE staff"])
  func `never writes, whatever its guard allows`(sql: String) {
    let failure = thrown { () throws(SQLiteFailure) in try run(sql, guard: SQLiteGuard { _ in true }) }
    #expect(failure?.kind == .denied)
  }

  @Test func `is one statement`() {
    #expect(thrown { () throws(SQLiteFailure) in try run("SELECT 1; SELECT 2") }?.kind == .misuse)
  }

  @Test func `keeps its authorizer when the schema changes under it`() throws {
    let scratch = try Scratch()
    let path = scratch.path()
    let writer = try SQLiteDatabase(path: path, configuration: .ours)
    try writer.session.executeScript(
      "CREATE TABLE secret (a); CREATE TABLE open (a); CREATE VIEW shown AS SELECT a FROM open"
    )
    let reader = try SQLiteDatabase(path: path, configuration: .untrusted)
    let swaps = Locked(0)
    // The view is swapped after the statement was first prepared, so it is prepared anew when it first runs.
    let rule = SQLiteGuard { action in
      if case .read("shown", _, _, _) = action,
        swaps.withLock({
          $0 += 1
          return $0
        }) == 1
      {
        let other = try? SQLiteDatabase(path: path, configuration: .ours)
        try? other?.session.executeScript("DROP VIEW shown; CREATE VIEW shown AS SELECT a FROM secret")
      }
      if case .read("secret", _, _, _) = action { return false }
      return action.isReading
    }
    let failure = thrown { () throws(SQLiteFailure) in
      try reader.session.queryGuarded("SELECT a FROM shown", guard: rule)
    }
    #expect(failure?.kind == .denied)
  }

  struct Excess: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    let kind: SQLiteFailure.Kind
  }

  static let excesses = [
    Excess(testDescription: "depth", sql: "SELECT \(String(repeating: "1+", count: 100))1", kind: .syntax),
    Excess(testDescription: "value", sql: "SELECT zeroblob(2000000)", kind: .tooBig),
    Excess(testDescription: "unions", sql: "SELECT 0\(String(repeating: " UNION SELECT 1", count: 20))", kind: .syntax),
    Excess(testDescription: "pattern", sql: "SELECT 'a' LIKE '\(String(repeating: "%", count: 201))'", kind: .other),
    Excess(testDescription: "arguments", sql: "SELECT max(0\(String(repeating: ", 1", count: 40)))", kind: .syntax),
    Excess(testDescription: "statement", sql: "SELECT '\(String(repeating: "a", count: 100_000))'", kind: .tooBig),
    Excess(testDescription: "parameters", sql: "SELECT ?2000", kind: .syntax),
  ]

  @Test(arguments: excesses)
  func `is kept small by the limits of its connection`(_ excess: Excess) {
    #expect(thrown { () throws(SQLiteFailure) in try run(excess.sql, limits: .untrusted) }?.kind == excess.kind)
  }
}
