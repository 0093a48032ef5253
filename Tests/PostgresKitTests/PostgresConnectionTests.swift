import ConcurrencyKit
import PostgresKit
import Testing

@Suite(.needsPostgreSQL) struct `A PostgreSQL connection` {
  private func connection() async throws -> PostgresConnection {
    let connection = try await openConnection()
    try await connection.pipeline([
      PostgresStatement("CREATE TEMP TABLE note (id int PRIMARY KEY, text text)", isKept: false)
    ])
    return connection
  }

  @Test func `keeps all of a pipeline or nothing`() async throws {
    let connection = try await connection()
    let insert = "INSERT INTO note VALUES ($1, $2)"
    let rows = try await connection.pipeline([
      PostgresStatement(insert, [1, "a"]), PostgresStatement(insert, [2, "b"]),
      PostgresStatement("SELECT count(*) FROM note"),
    ])
    #expect(rows.map(\.affected) == [1, 1, 1])
    #expect(rows[2].scalar == 2)
    let met = await failure {
      try await connection.pipeline([
        PostgresStatement(insert, [3, "c"]), PostgresStatement(insert, [1, "again"]),
        PostgresStatement(insert, [4, "d"]),
      ])
    }
    #expect(met?.sqlState == "23505")
    #expect(try await connection.query("SELECT id FROM note ORDER BY id").rows == [[1], [2]])
    #expect(try await connection.pipeline([]).isEmpty)
  }

  @Test func `keeps all of a transaction or nothing`() async throws {
    struct Refusal: Error {}
    let connection = try await connection()
    try await connection.transaction { session throws(PostgresFailure) in
      try session.execute("INSERT INTO note VALUES (1, 'a')")
      try session.execute("INSERT INTO note VALUES (2, 'b')")
    }
    await #expect(throws: Refusal.self) {
      try await connection.transaction { session throws(any Error) in
        try session.execute("DELETE FROM note")
        throw Refusal()
      }
    }
    #expect(try await connection.query("SELECT count(*) FROM note").scalar == 2)
  }

  @Test func `does not pass off a failed transaction as kept`() async throws {
    let connection = try await connection()
    let met = await failure {
      try await connection.transaction { session throws(PostgresFailure) in
        try session.execute("INSERT INTO note VALUES (1, 'a')")
        _ = try? session.execute("SELECT 1 / 0")
      }
    }
    #expect(met?.sqlState == "25P02")
    #expect(try await connection.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `refuses writes in a transaction that only reads`() async throws {
    let connection = try await openConnection()
    let met = await failure {
      try await connection.transaction(.snapshot) { session throws(PostgresFailure) in
        try session.execute("CREATE TABLE never (id int)")
      }
    }
    #expect(met?.kind == .readOnly)
  }

  @Test func `forgets a transaction-local setting at the end of its pipeline`() async throws {
    let connection = try await openConnection()
    let rows = try await connection.pipeline([
      PostgresStatement("SELECT set_config('coach.tenant', $1, true)", ["first"]),
      PostgresStatement("SELECT current_setting('coach.tenant', true)"),
    ])
    #expect(rows[1].scalar == "first")
    #expect(try await connection.query("SELECT current_setting('coach.tenant', true)").scalar == "")
  }

  @Test func `serves many tasks and loses no step`() async throws {
    let connection = try await connection()
    try await connection.execute("INSERT INTO note VALUES (1, '0')")
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          try await connection.transaction { session throws(PostgresFailure) in
            let value = try session.query("SELECT text FROM note").scalar?.string.flatMap { Int($0) } ?? -1
            try session.execute("UPDATE note SET text = $1", [.text("\(value + 1)")])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await connection.query("SELECT text FROM note").scalar == "50")
  }

  @Test func `answers a cancelled task without waiting for its statement`() async throws {
    let connection = try await openConnection()
    let process = try await connection.query("SELECT pg_backend_pid()").scalar ?? .null
    let task = Task { try await connection.query("SELECT pg_sleep(3600)") }
    try await awaitSleep(of: process)
    task.cancel()
    #expect(await failure { try await task.value }?.kind == .cancelled)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  /// Waits until a process of the server sleeps in a statement.
  private func awaitSleep(of process: PostgresValue) async throws {
    let watcher = try await openConnection()
    let sql = "SELECT 1 FROM pg_stat_activity WHERE pid = $1::int AND wait_event = 'PgSleep'"
    while try await watcher.query(sql, [process]).isEmpty { await pause() }
  }

  @Test func `undoes a transaction whose task is cancelled`() async throws {
    let connection = try await connection()
    let process = try await connection.query("SELECT pg_backend_pid()").scalar ?? .null
    let task = Task {
      try await connection.transaction { session throws(PostgresFailure) in
        try session.execute("INSERT INTO note VALUES (1, 'a')")
        try session.execute("SELECT pg_sleep(60)")
      }
    }
    try await awaitSleep(of: process)
    task.cancel()
    #expect(await failure { try await task.value }?.kind == .cancelled)
    #expect(try await connection.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `is not hit by cancellations of calls before`() async throws {
    let connection = try await openConnection()
    for _ in 0..<100 {
      let task = Task { try await connection.query("SELECT 1") }
      task.cancel()
      _ = await failure { try await task.value }
      #expect(try await connection.query("SELECT 2").scalar == 2)
    }
  }

  @Test func `ends a statement that takes longer than allowed`() async throws {
    let connection = try await openConnection { $0.statementTimeout = .milliseconds(50) }
    #expect(await failure { try await connection.query("SELECT pg_sleep(60)") }?.kind == .timedOut)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `that waits holds up no other, however many wait`() async throws {
    let holder = try await openConnection()
    try await holder.execute("SELECT pg_advisory_lock(815)")
    try await withThrowingTaskGroup { group in
      for _ in 0..<12 {
        group.addTask { try await openConnection().execute("SELECT pg_advisory_xact_lock(815)") }
      }
      let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 815 AND NOT granted"
      while try await holder.query(sql).scalar != 12 { await pause() }
      try await holder.execute("SELECT pg_advisory_unlock(815)")
      try await group.waitForAll()
    }
  }

  @Test func `does not wait for a lock longer than allowed`() async throws {
    let holder = try await openConnection()
    let other = try await openConnection { $0.lockTimeout = .milliseconds(50) }
    try await holder.execute("SELECT pg_advisory_lock(4711)")
    #expect(await failure { try await other.query("SELECT pg_advisory_lock(4711)") }?.kind == .lockTimeout)
    await holder.close()
  }

  @Test func `names conflicts of serializable transactions`() async throws {
    let pool = try await openPool()
    try await pool.execute("CREATE TABLE counter (value int)")
    try await pool.execute("INSERT INTO counter VALUES (0)")
    let serializable = PostgresTransactionMode(isolation: .serializable)
    let kinds = await withTaskGroup(of: PostgresFailure.Kind?.self) { group in
      for _ in 0..<4 {
        group.addTask {
          await failure {
            try await pool.transaction(serializable) { session throws(PostgresFailure) in
              let value = try session.query("SELECT value FROM counter").scalar?.int ?? 0
              try session.execute("SELECT pg_sleep(0.05)")
              try session.execute("UPDATE counter SET value = $1", [.integer(Int64(value + 1))])
            }
          }?.kind
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let kept = kinds.count { $0 == nil }
    #expect(kinds.allSatisfy { $0 == nil || $0 == .conflict })
    #expect(try await pool.query("SELECT value FROM counter").scalar == .integer(Int64(kept)))
    #expect(kept >= 1)
    await pool.close()
  }

  @Test func `hands out rows as they come and may be stopped`() async throws {
    let connection = try await openConnection()
    let seen = try await connection.withoutTransaction { session throws(PostgresFailure) in
      var seen: [PostgresValue] = []
      try session.forEachRow("SELECT generate_series($1::int8, 1000000000), 'x'", [5]) { row in
        seen.append(row[0])
        return seen.count < 3 ? .next : .stop
      }
      let after = try session.query("SELECT 42").scalar ?? .null
      return seen + [after]
    }
    #expect(seen == [5, 6, 7, 42])
    let all = try await connection.transaction(.snapshot) { session throws(PostgresFailure) in
      var sum = 0
      try session.forEachRow("SELECT i FROM generate_series(1, 1000) AS s (i)") { row in
        sum += row[0].int ?? 0
        return .next
      }
      try session.forEachRow("SELECT generate_series(1, 1000000000)") { _ in .stop }
      return sum
    }
    #expect(all == 500_500)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `hands out rows until one fails`() async throws {
    let connection = try await openConnection()
    let count = Locked(0)
    let met = await failure {
      try await connection.withoutTransaction { session throws(PostgresFailure) in
        try session.forEachRow("SELECT 1 / (3 - i) FROM generate_series(1, 9) AS s (i)") { _ in
          count.withLock { $0 += 1 }
          return .next
        }
      }
    }
    #expect(met?.kind == .invalidValue)
    #expect(count.current == 2)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `forgets prepared statements that are too many`() async throws {
    let connection = try await openConnection()
    for number in 0..<450 { #expect(try await connection.query("SELECT \(number)").scalar == .integer(Int64(number))) }
    let count = try await connection.query("SELECT count(*) FROM pg_prepared_statements").scalar?.int ?? 0
    #expect((150...202).contains(count))
    #expect(try await connection.query("SELECT 0").scalar == 0)
  }

  @Test func `prepares again what a change of the schema made useless`() async throws {
    let connection = try await connection()
    _ = try await connection.query("SELECT * FROM note")
    try await connection.execute("ALTER TABLE note ADD more int")
    #expect(await failure { try await connection.query("SELECT * FROM note") }?.sqlState == "0A000")
    #expect(try await connection.query("SELECT * FROM note").columns == ["id", "text", "more"])
  }

  @Test func `looks names up along its search path`() async throws {
    let connection = try await openConnection { $0.searchPath = ["odd \"schema\\", "public"] }
    #expect(try await connection.query("SHOW search_path").scalar == #""odd ""schema\","public""#)
  }

  @Test func `answers with a failure after it was closed`() async throws {
    let connection = try await openConnection()
    await connection.close()
    #expect(await failure { try await connection.query("SELECT 1") }?.kind == .closed)
    #expect(connection.looksAlive == false)
  }

  @Test func `notices that the server ended it`() async throws {
    let connection = try await openConnection()
    let other = try await openConnection()
    let process = try await connection.query("SELECT pg_backend_pid()").scalar ?? .null
    #expect(connection.looksAlive)
    try await other.execute("SELECT pg_terminate_backend($1::int)", [process])
    #expect(await failure { try await connection.query("SELECT 1") }?.kind == .connectionLost)
    #expect(await failure { try await connection.query("SELECT 1") }?.kind == .connectionLost)
    #expect(connection.looksAlive == false)
  }
}
