import SQLiteKit
import Testing

@Suite struct `A SQLite connection` {
  private func connection() throws -> SQLiteConnection {
    try SQLiteConnection(path: ":memory:", configuration: .ours)
  }

  @Test func `serves many tasks and loses no step`() async throws {
    let connection = try connection()
    try await connection.execute("CREATE TABLE counter (value)")
    try await connection.execute("INSERT INTO counter VALUES (0)")
    try await withThrowingTaskGroup { group in
      for _ in 0..<100 {
        group.addTask {
          try await connection.transaction { session in
            let value = try session.query("SELECT value FROM counter").scalar?.int ?? -1
            try session.execute("UPDATE counter SET value = ?", [SQLiteValue(value + 1)])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await connection.query("SELECT value FROM counter").scalar == 100)
  }

  @Test func `hands on the caller's own errors and rolls back`() async throws {
    struct Refusal: Error {}
    let connection = try connection()
    try await connection.execute("CREATE TABLE note (id)")
    await #expect(throws: Refusal.self) {
      try await connection.transaction { session in
        try session.execute("INSERT INTO note VALUES (1)")
        throw Refusal()
      }
    }
    await #expect(throws: Refusal.self) { try await connection.read { _ in throw Refusal() } }
    await #expect(throws: Refusal.self) { try await connection.withoutTransaction { _ in throw Refusal() } }
    #expect(try await connection.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `lets typed failures through as such`() async throws {
    let connection = try connection()
    func count() async throws(SQLiteFailure) -> Int {
      try await connection.read { session throws(SQLiteFailure) in
        let rows = try session.query("SELECT 1 UNION SELECT 2")
        return rows.count
      }
    }
    #expect(try await count() == 2)
  }

  @Test func `runs outside of transactions what cannot run inside`() async throws {
    let connection = try connection()
    await #expect(throws: SQLiteFailure.self) { try await connection.execute("VACUUM") }
    try await connection.withoutTransaction { session in try session.execute("VACUUM") }
  }

  @Test func `examines, guards and describes as its session does`() async throws {
    let connection = try connection()
    try await connection.execute("CREATE TABLE note (id INTEGER)")
    #expect(try await connection.examine("DELETE FROM note").denied == .delete(table: "note", database: "main"))
    #expect(try await connection.queryGuarded("SELECT 1", guard: SQLiteGuard()).rows.scalar == 1)
    #expect(try await connection.tables() == [SQLiteTable(name: "note", kind: .table)])
    #expect(try await connection.columns(of: "note").map(\.declaredType) == ["INTEGER"])
  }

  @Test func `writes at once when nobody else does, and says so when somebody does`() async throws {
    let scratch = try Scratch()
    let connection = try SQLiteConnection(path: scratch.path(), configuration: .ours)
    try await connection.execute("CREATE TABLE t (x INTEGER)")
    let insert: @Sendable (borrowing SQLiteSession) throws -> Int = { session in
      try session.execute("INSERT INTO t VALUES (1)")
      return session.changes
    }
    // The executor is told a moment after the caller that its job is over.
    while try connection.transactionAtOnce(insert) == nil { await Task.yield() }
    let other = try SQLiteDatabase(path: scratch.path(), configuration: .ours)
    try other.execute("BEGIN IMMEDIATE")
    #expect(try connection.transactionAtOnce(insert) == nil)
    try other.execute("COMMIT")
    while try connection.transactionAtOnce(insert) == nil { await Task.yield() }
    #expect(try await connection.query("SELECT count(*) FROM t").scalar == 2)
  }

  @Test func `undoes what is written at once when its closure throws`() async throws {
    struct Refusal: Error {}
    let connection = try connection()
    #expect(throws: Refusal.self) {
      _ = try connection.transactionAtOnce { session in
        try session.execute("CREATE TABLE u (x)")
        throw Refusal()
      }
    }
    #expect(try await connection.tables().contains { $0.name == "u" } == false)
  }

  @Test func `a query within a query of the same text, many times over, gets rows of its own`() async throws {
    let connection = try connection()
    let pairs = try await connection.read { session throws(SQLiteFailure) in
      var pairs = 0
      for _ in 0..<3 {
        try session.forEachRow("SELECT 1 UNION ALL SELECT 2") { _ throws(SQLiteFailure) in
          try session.forEachRow("SELECT 1 UNION ALL SELECT 2") { _ throws(SQLiteFailure) in
            pairs += 1
            return .next
          }
          return .next
        }
      }
      return pairs
    }
    #expect(pairs == 12)
  }

  @Test func `answers with a failure after it was closed`() async throws {
    let connection = try connection()
    await connection.close()
    let failure = await #expect(throws: SQLiteFailure.self) { try await connection.query("SELECT 1") }
    #expect(failure?.kind == .closed)
  }
}
