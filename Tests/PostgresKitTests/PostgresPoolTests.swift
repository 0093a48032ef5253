import CoachTesting
import ConcurrencyKit
import PostgresKit
import Testing

@Suite(.needsPostgreSQL) struct `A PostgreSQL pool` {
  @Test func `serves many tasks over few connections`() async throws {
    let pool = try await openPool(connections: 3)
    let processes = try await withThrowingTaskGroup(of: PostgresValue.self) { group in
      for _ in 0..<120 { group.addTask { try await pool.query("SELECT pg_backend_pid()").scalar ?? .null } }
      return try await group.reduce(into: Set<PostgresValue>()) { $0.insert($1) }
    }
    #expect((1...3).contains(processes.count))
    #expect(pool.counts.open <= 3)
    #expect(pool.counts.idle == pool.counts.open)
    await pool.close()
  }

  @Test func `turns away who waits too long, and serves the next`() async throws {
    let pool = try await openPool(connections: 1)
    try await pool.withConnection { connection async throws(PostgresFailure) in
      #expect(await failure { try await wait(for: pool, .milliseconds(30)) }?.kind == .poolExhausted)
      #expect(pool.counts.waiting == 0)
    }
    #expect(try await pool.query("SELECT 1").scalar == 1)
    await pool.close()
  }

  private func wait(for pool: PostgresPool, _ limit: Duration) async throws {
    try await pool.withConnection(by: .after(limit)) { _ async throws(PostgresFailure) in }
  }

  @Test func `lets go who is cancelled while waiting`() async throws {
    let pool = try await openPool(connections: 1)
    try await pool.withConnection { _ async throws(PostgresFailure) in
      let task = Task { try await pool.query("SELECT 1") }
      while pool.counts.waiting == 0 { await pause() }
      task.cancel()
      #expect(await failure { try await task.value }?.kind == .cancelled)
    }
    #expect(pool.counts.idle == 1)
    await pool.close()
  }

  @Test func `hands a connection to who waited longest`() async throws {
    let pool = try await openPool(connections: 1)
    let order = Locked<[Int]>([])
    try await pool.withConnection { _ async throws(any Error) in
      for number in 0..<5 {
        Task {
          try await pool.withConnection { _ async throws(PostgresFailure) in order.withLock { $0.append(number) } }
        }
        while pool.counts.waiting <= number { await pause() }
      }
    }
    while order.current.count < 5 { await pause() }
    #expect(order.current == [0, 1, 2, 3, 4])
    await pool.close()
  }

  @Test func `replaces a connection that the server has ended`() async throws {
    let pool = try await openPool(connections: 1)
    let first = try await pool.query("SELECT pg_backend_pid()").scalar ?? .null
    let other = try await openConnection()
    try await other.execute("SELECT pg_terminate_backend($1::int)", [first])
    while try await other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1::int", [first]).count > 0 {
      await pause()
    }
    let second = try await pool.query("SELECT pg_backend_pid()").scalar
    #expect(second != first)
    #expect(pool.counts.open == 1)
    await pool.close()
  }

  @Test func `throws away a connection whose transaction was left open`() async throws {
    let pool = try await openPool(connections: 1)
    let first = try await pool.withConnection { connection async throws(PostgresFailure) in
      try await connection.execute("BEGIN")
      return try? await connection.query("SELECT pg_backend_pid()").scalar
    }
    #expect(first == nil)
    #expect(try await pool.query("SELECT 1").scalar == 1)
    await pool.close()
  }

  @Test func `turns everybody away once it is closed`() async throws {
    let pool = try await openPool(connections: 1)
    let waiting = try await pool.withConnection { connection async throws(PostgresFailure) in
      let task = Task { try await pool.query("SELECT 1") }
      while pool.counts.waiting == 0 { await pause() }
      await pool.close()
      return task
    }
    #expect(await failure { try await waiting.value }?.kind == .closed)
    #expect(await failure { try await pool.query("SELECT 1") }?.kind == .closed)
    #expect(pool.counts.open == 0)
  }

  @Test func `fails at once when signing in is refused, and keeps no place for it`() async throws {
    let server = try await TemporaryPostgreSQL.shared()
    let pool = PostgresPool(server.configuration.signingIn(as: "stranger"))
    #expect(await failure { try await pool.query("SELECT 1") }?.kind == .authentication)
    #expect(pool.counts.open == 0)
  }

  @Test func `tries until the deadline while nobody listens`() async throws {
    let nowhere = PostgresConfiguration(host: "/tmp/no-such-folder", database: "x", user: "y")
    let pool = PostgresPool(nowhere, limits: PostgresPool.Limits(waiting: .milliseconds(100)))
    let started = ContinuousClock.now
    #expect(await failure { try await pool.query("SELECT 1") }?.kind == .unreachable)
    #expect(started.duration(to: .now) >= .milliseconds(40))
  }

  @Test func `checks a connection that has rested for long`() async throws {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    let pool = PostgresPool(database.owner, limits: PostgresPool.Limits(connections: 1, checkAfter: .zero))
    let first = try await pool.query("SELECT pg_backend_pid()").scalar
    #expect(try await pool.query("SELECT pg_backend_pid()").scalar == first)
    await pool.close()
  }
}

@Suite(.needsPostgreSQL) struct `A PostgreSQL server that is killed` {
  @Test func `is found again by the pool after its restart, with all that was kept`() async throws {
    let server = try await TemporaryPostgreSQL(isDurable: true)
    let pool = PostgresPool(server.configuration, limits: PostgresPool.Limits(connections: 2, waiting: .seconds(300)))
    try await pool.execute("CREATE TABLE note (id int PRIMARY KEY)")
    try await pool.execute("INSERT INTO note VALUES (1)")
    let running = Task { try await pool.query("SELECT pg_sleep(60)") }
    while try await pool.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").scalar == 0 {
      await pause()
    }
    try await server.kill()
    #expect(await failure { try await running.value }?.kind == .connectionLost)
    let later = Task { try await pool.query("SELECT count(*) FROM note").scalar }
    try await server.restart()
    #expect(try await later.value == 1)
    await pool.close()
    await server.stop()
  }
}
