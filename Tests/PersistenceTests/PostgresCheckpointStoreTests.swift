import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Persistence
import PostgresKit
import StateGraph
import Testing

@Suite(.needsPostgreSQL) struct PostgresCheckpointStoreTests {
  private func store() async throws -> PostgresCheckpointStore {
    try await PostgresScratch.database().checkpoints(of: PostgresScratch.newTenant())
  }

  private static func failure(_ body: () async throws(CheckpointFailure) -> Void) async -> CheckpointFailure? {
    do throws(CheckpointFailure) {
      try await body()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: CheckpointStoreConformance.all)
  func `the PostgreSQL store does what a checkpoint store must`(check: CheckpointStoreConformance) async throws {
    try await check.check(store())
  }

  @Test func `tenants do not see each other's runs, even of one name`() async throws {
    let database = try await PostgresScratch.database()
    let first = database.checkpoints(of: PostgresScratch.newTenant())
    let otherTenant = PostgresScratch.newTenant()
    let second = database.checkpoints(of: otherTenant)
    try await first.create(PostgresScratch.begin("r1"))
    #expect(try await second.load("r1") == nil)
    #expect(try await second.recoverable(by: "a", at: PostgresScratch.start) == [])
    #expect(try await second.records(matching: RunQuery()) == [])
    await #expect(throws: CheckpointFailure.noSuchRun("r1")) {
      try await second.claim("r1", for: "a", until: PostgresScratch.start, at: PostgresScratch.start)
    }
    #expect(try await database.tenantsWithOpenRuns().contains(otherTenant) == false)
    try await second.create(PostgresScratch.begin("r1"))
    #expect(try await database.tenantsWithOpenRuns().contains(otherTenant))
    #expect(try await first.load("r1")?.values == ["log": [0]])
  }

  // MARK: - One writer

  @Test func `of many processes that start a run on one thread exactly one does`() async throws {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    let pools = [try await PostgresScratch.open(users.owner), try await PostgresScratch.open(users.owner)]
    for round in 0..<10 {
      let thread = ThreadID("t\(round)")
      let outcomes = await tally(8) { number in
        let store = pools[number % 2].checkpoints(of: .local)
        let start = PostgresScratch.begin(RunID("r\(round)-\(number)"), thread: thread)
        return switch await Self.failure({ () async throws(CheckpointFailure) in try await store.create(start) }) {
        case nil: "started"
        case .threadBusy(thread, _): "busy"
        case let failure?: "\(failure)"
        }
      }
      #expect(outcomes == ["started": 1, "busy": 7])
    }
    for pool in pools { await pool.close() }
  }

  @Test func `of many processes that save one superstep exactly one does`() async throws {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    let pools = [try await PostgresScratch.open(users.owner), try await PostgresScratch.open(users.owner)]
    try await pools[0].checkpoints(of: .local).create(PostgresScratch.begin("r1"))
    var record = PostgresScratch.begin("r1").record
    for _ in 0..<10 {
      let before = record
      let outcomes = await tally(8) { number in
        let store = pools[number % 2].checkpoints(of: .local)
        let commit = PostgresScratch.step(after: before)
        return switch await Self.failure({ () async throws(CheckpointFailure) in try await store.commit(commit) }) {
        case nil: "saved"
        case .headMoved("r1"): "moved"
        case let failure?: "\(failure)"
        }
      }
      #expect(outcomes == ["saved": 1, "moved": 7])
      record = PostgresScratch.step(after: before).record
    }
    let saved = try #require(try await pools[1].checkpoints(of: .local).load("r1"))
    #expect(saved.values == ["log": .array((0...10).map { .int($0) })])
    for pool in pools { await pool.close() }
  }

  @Test func `of many processes that take a dead one's run over exactly one does`() async throws {
    let store = try await store()
    try await store.create(PostgresScratch.begin("r1", owner: "dead"))
    let outcomes = await tally(8) { number in
      let failure = await Self.failure { () async throws(CheckpointFailure) in
        _ = try await store.claim(
          "r1",
          for: "owner-\(number)",
          until: PostgresScratch.time(90),
          at: PostgresScratch.time(31)
        )
      }
      if case .leaseHeld = failure { return "held" }
      return failure.map { "\($0)" } ?? "claimed"
    }
    #expect(outcomes == ["claimed": 1, "held": 7])
    #expect(try await store.record(of: "r1")?.recoveries == 1)
  }

  @Test func `an idempotency key starts one run, even from many threads at once`() async throws {
    let store = try await store()
    let outcomes = await tally(8) { number in
      let start = PostgresScratch.begin(RunID("r\(number)"), thread: ThreadID("t\(number)"), key: "order-1")
      let failure = await Self.failure { () async throws(CheckpointFailure) in try await store.create(start) }
      if case .runExists(let known) = failure { return known == start.record.run ? "itself" : "known" }
      return failure.map { "\($0)" } ?? "started"
    }
    #expect(outcomes == ["started": 1, "known": 7])
    #expect(try await store.records(matching: RunQuery()).map(\.run) == [store.run(startedWith: "order-1")])
  }

  @Test func `a base is not deleted from under a run that starts with it`() async throws {
    let store = try await store()
    for round in 0..<10 {
      let base = RunID("base\(round)")
      let heir = RunID("heir\(round)")
      let start = PostgresScratch.begin(base, thread: ThreadID("b\(round)"))
      try await store.create(start)
      try await store.commit(PostgresScratch.step(after: start.record, status: .finished))
      async let deleted: Void = store.delete(base)
      let failure = await Self.failure { () async throws(CheckpointFailure) in
        try await store.create(
          PostgresScratch.begin(
            heir,
            thread: ThreadID("h\(round)"),
            base: CheckpointReference(run: base, revision: 1)
          )
        )
      }
      try await deleted
      if failure == nil {
        #expect(try await store.load(heir)?.values == ["log": [0, 1, 0]])
      } else {
        #expect(failure == .noSuchRun(base))
      }
    }
  }

  @Test func `what is saved in a cancelled task is saved`() async throws {
    let store = try await store()
    let task = Task {
      while !Task.isCancelled { await pause() }
      try await store.create(PostgresScratch.begin("r1"))
      try await store.commit(PostgresScratch.step(after: PostgresScratch.begin("r1").record))
    }
    task.cancel()
    try await task.value
    #expect(try await store.record(of: "r1")?.revision == 1)
  }

  @Test func `a store whose server is gone says so`() async throws {
    let nowhere = PostgresConfiguration(host: "/tmp/no-such-folder", database: "x", user: "y")
    do {
      _ = try await PostgresMetadataDatabase(nowhere)
      Issue.record("a server that is not there was opened")
    } catch {
      guard case .unavailable = error else { throw error }
    }
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    let database = try await PostgresScratch.open(users.owner)
    await database.close()
    let failure = await Self.failure { () async throws(CheckpointFailure) in
      _ = try await database.checkpoints(of: .local).load("r1")
    }
    guard case .unavailable = failure else {
      Issue.record("a closed store was read")
      return
    }
  }

  // MARK: - With a runner

  private static func graph(_ calls: Locked<[String: Int]>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    builder.channel("extra", .any, isOptional: true)
    for name in ["a", "b", "c"] {
      builder.node(name) { state, context in
        let value: String = try await context.once("call") {
          calls.withLock { $0[name, default: 0] += 1 }
          return "\(name)-\(context.step)"
        }
        return ["log": [.string(value)]]
      }
    }
    builder.node("d") { _, _ in ["extra": ["whole": 1.0, "list": [1, 2.5]]] }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b", "c")
    builder.join(["b", "c"], to: "d")
    builder.edge(from: "d", to: "end")
    return try builder.compile()
  }

  private static func runner(_ graph: Graph, _ store: any CheckpointStore) -> GraphRunner {
    GraphRunner(
      graphs: [graph],
      store: store,
      configuration: GraphRunner.Configuration(owner: "me"),
      clock: .fixed(at: PostgresScratch.start)
    )
  }

  private static let finalValues: [String: JSONValue] = [
    "log": ["a-1", "b-2", "c-2"], "extra": ["whole": 1.0, "list": [1, 2.5]],
  ]

  @Test func `many runs at once all end well, each effect once`() async throws {
    let calls = Locked<[String: Int]>([:])
    let runner = try Self.runner(Self.graph(calls), try await store())
    let finished = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<30 {
        group.addTask {
          let handle = try await runner.start(run: RunID("r\(number)"), thread: ThreadID("t\(number)"), input: [:])
          return try await handle.outcome().state.values == Self.finalValues
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(finished == 30)
    #expect(calls.current == ["a": 30, "b": 30, "c": 30])
  }

  @Test(arguments: 1...7)
  func `a run left behind by a killed process is gone on with`(writes: Int) async throws {
    let calls = Locked<[String: Int]>([:])
    let graph = try Self.graph(calls)
    let store = try await store()
    let dying = FailingCheckpointStore(store, after: writes, dying: .after)
    do {
      _ = try await Self.runner(graph, dying).start(run: "r1", thread: "t1", input: [:]).outcome()
    } catch is CheckpointFailure {}
    let runner = Self.runner(graph, store)
    for record in try await runner.recoverable() { _ = try await runner.resume(record.run).outcome() }
    let outcome = try #require(try await runner.outcome(of: "r1"))
    #expect(outcome.state.values == Self.finalValues)
    #expect(calls.current.values.filter { $0 > 1 }.count <= 1)
  }
}

// MARK: - Crashes

@Suite(.needsPostgreSQL, .serialized) struct PostgresCrashTests {
  /// The server is killed in the midst of saving, again and again; no superstep may be torn, lost or doubled.
  @Test func `a server killed while supersteps are saved keeps all of each or nothing, and loses none it confirmed`()
    async throws
  {
    let server = try await TemporaryPostgreSQL(isDurable: true)
    let users = try await server.makeDatabase()
    let store = try await PostgresScratch.open(users.owner).checkpoints(of: .local)
    try await store.create(PostgresScratch.begin("r1"))
    let confirmed = Locked(0)
    let isDone = Locked(false)
    let writer = Task {
      defer { isDone.withLock { $0 = true } }
      // The store itself finds out what became of a save whose connection broke, so the writer never notices.
      var record = PostgresScratch.begin("r1").record
      while !Task.isCancelled {
        let commit = PostgresScratch.step(after: record)
        try await store.commit(commit)
        record = commit.record
        confirmed.withLock { $0 = commit.record.revision }
      }
    }
    for round in 1...4 {
      let goal = confirmed.current + round * 7
      while confirmed.current < goal, !isDone.current { await pause() }
      try await server.kill()
      let known = confirmed.current
      try await server.restart()
      try await Self.check(store, atLeast: known)
    }
    writer.cancel()
    try await writer.value
    try await Self.check(store, atLeast: confirmed.current)
    await server.stop()
  }

  private static func check(_ store: PostgresCheckpointStore, atLeast known: Int) async throws {
    let saved = try #require(try await store.load("r1"))
    let revision = saved.record.revision
    #expect(revision >= known)
    #expect(saved.values == ["log": .array((0...revision).map { .int($0) })])
    #expect(saved.record.step == revision)
    let events = try await store.events(of: "r1", after: 0, limit: saved.record.lastSequence)
    #expect(events.map(\.sequence) == Array(1...saved.record.lastSequence))
    let checkpoints = try await store.checkpoints(of: "r1", before: revision + 1, limit: .max)
    #expect(checkpoints.map(\.reference.revision) == Array((0...revision).reversed()))
  }
}
