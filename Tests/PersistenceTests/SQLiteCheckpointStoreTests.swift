import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import SQLiteKit
import StateGraph
import Testing

@testable import Persistence

struct SQLiteCheckpointStoreTests {
  private static let start = Date(timeIntervalSince1970: 1_750_000_000)

  @Test(arguments: CheckpointStoreConformance.all)
  func `the SQLite store does what a checkpoint store must`(check: CheckpointStoreConformance) async throws {
    let folder = try TemporaryFolder()
    try await check.check(folder.open().checkpoints(of: .local))
  }

  @Test(arguments: CheckpointStoreConformance.all)
  func `so does one in memory`(check: CheckpointStoreConformance) async throws {
    let database = try await MetadataDatabase(path: ":memory:", clock: .fixed(at: Self.start))
    try await check.check(database.checkpoints(of: .local))
  }

  @Test func `tenants do not see each other's runs, even of one name`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let first = database.checkpoints(of: "first")
    let second = database.checkpoints(of: "second")
    let record = RunRecord(
      run: "r1",
      thread: "t1",
      graph: "g",
      graphHash: "h",
      owner: "a",
      leaseExpires: Self.start,
      createdAt: Self.start
    )
    let begin = RunStart(
      record: record,
      changes: [ChannelChange("x", .set("first"))],
      frontier: Frontier(due: []),
      events: []
    )
    try await first.create(begin)
    #expect(try await second.load("r1") == nil)
    #expect(try await second.recoverable(by: "a", at: Self.start) == [])
    #expect(try await second.records(matching: RunQuery()) == [])
    await #expect(throws: CheckpointFailure.noSuchRun("r1")) {
      try await second.claim("r1", for: "a", until: Self.start, at: Self.start)
    }
    try await second.create(RunStart(record: record, changes: [], frontier: Frontier(due: []), events: []))
    #expect(try await first.load("r1")?.values == ["x": "first"])
    #expect(try await second.load("r1")?.values == [:])
    #expect(try await database.tenantsWithOpenRuns() == ["first", "second"])
  }

  @Test func `loading a run of ten thousand supersteps reads a bounded number of rows`() async throws {
    let database = try await MetadataDatabase(path: ":memory:", clock: .fixed(at: Self.start))
    let store = database.checkpoints(of: .local)
    var record = RunRecord(
      run: "r1",
      thread: "t1",
      graph: "g",
      graphHash: "h",
      owner: "a",
      leaseExpires: Self.start,
      createdAt: Self.start
    )
    try await store.create(RunStart(record: record, changes: [], frontier: Frontier(due: ["n"]), events: []))
    for number in 1...10_000 {
      let expected = record.revision
      record.step += 1
      record.revision += 1
      try await store.commit(
        SuperstepCommit(
          record: record,
          expectedRevision: expected,
          changes: [ChannelChange("sum", .set(.int(number)))],
          finishedTasks: [],
          frontier: Frontier(due: ["n"]),
          events: []
        )
      )
    }
    #expect(try await store.load("r1")?.values == ["sum": 10_000])
    let rows = try await database.reader.read { session in
      let snapshots = try session.query("SELECT revision FROM snapshot ORDER BY revision").rows.map { $0[0].int ?? 0 }
      let changes = try session.query(
        "SELECT count(*) FROM checkpoint WHERE revision > (SELECT max(revision) FROM snapshot)"
      ).scalar?.int
      return (snapshots, changes ?? .max)
    }
    #expect(rows.0.count == 1)
    #expect(rows.1 < RunTables.snapshotInterval)
  }

  // MARK: - With a runner

  private static func graph(_ calls: Locked<[String: Int]>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    builder.channel("ratio", .double)
    builder.channel("extra", .any, isOptional: true)
    builder.channel("flash", .int, .ephemeral, isOptional: true)
    for name in ["a", "b", "c"] {
      builder.node(name) { state, context in
        let value: String = try await context.once("call") {
          calls.withLock { $0[name, default: 0] += 1 }
          return "\(name)-\(context.step)"
        }
        context.emit("note", ["from": .string(name)])
        return ["log": [.string(value)]]
      }
    }
    builder.node("d") { _, _ in ["ratio": 1, "extra": ["whole": 1.0, "list": [1, 2.5]], "flash": 1] }
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
      clock: .fixed(at: start)
    )
  }

  private static let finalValues: [String: JSONValue] = [
    "log": ["a-1", "b-2", "c-2"], "ratio": 1.0, "extra": ["whole": 1.0, "list": [1, 2.5]], "flash": 1,
  ]

  @Test func `a finished run is read back exactly as it ended`() async throws {
    let folder = try TemporaryFolder()
    let graph = try Self.graph(Locked([:]))
    let database = try await folder.open()
    let runner = Self.runner(graph, database.checkpoints(of: .local))
    let outcome = try await runner.start(run: "r1", thread: "t1", input: [:]).outcome()
    #expect(outcome.state.values == Self.finalValues)
    await database.close()
    let reopened = Self.runner(graph, try await folder.open().checkpoints(of: .local))
    let saved = try #require(try await reopened.outcome(of: "r1"))
    #expect(saved.state.values == Self.finalValues)
    #expect(saved.record == outcome.record)
    var events: [RunEvent] = []
    for try await event in reopened.events(of: "r1") { events.append(event) }
    #expect(events.map(\.sequence) == Array(1...events.count))
    #expect(events.last?.type == RunEvent.runFinished)
  }

  @Test(arguments: 1...7)
  func `a file left behind by a killed process is gone on with`(writes: Int) async throws {
    let folder = try TemporaryFolder()
    let calls = Locked<[String: Int]>([:])
    let graph = try Self.graph(calls)
    let killed = try await folder.open()
    let dying = FailingCheckpointStore(killed.checkpoints(of: .local), after: writes, dying: .after)
    do {
      _ = try await Self.runner(graph, dying).start(run: "r1", thread: "t1", input: [:]).outcome()
    } catch is CheckpointFailure {}
    try folder.copyUnclosed("meta.sqlite", to: "copy.sqlite")
    let reopened = try await folder.open("copy.sqlite")
    let runner = Self.runner(graph, reopened.checkpoints(of: .local))
    for record in try await runner.recoverable() { _ = try await runner.resume(record.run).outcome() }
    let outcome = try #require(try await runner.outcome(of: "r1"))
    #expect(outcome.record.status == .finished)
    #expect(outcome.state.values == Self.finalValues)
    // The effect of the node that was cut off may be repeated; one that was saved is not.
    #expect(calls.current.values.filter { $0 > 1 }.count <= 1)
    await killed.close()
  }

  @Test func `many runs at once all end well`() async throws {
    let folder = try TemporaryFolder()
    let graph = try Self.graph(Locked([:]))
    let runner = Self.runner(graph, try await folder.open().checkpoints(of: .local))
    let finished = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<60 {
        group.addTask {
          let handle = try await runner.start(run: RunID("r\(number)"), thread: ThreadID("t\(number)"), input: [:])
          return try await handle.outcome().state.values == Self.finalValues
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(finished == 60)
  }

  @Test func `a store that is closed says so`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    await database.close()
    do {
      _ = try await database.checkpoints(of: .local).load("r1")
      Issue.record("a closed store was read")
    } catch {
      guard case .unavailable = error else { throw error }
    }
  }

  @Test func `writes of one moment share a transaction, and a refused one takes no other with it`() async throws {
    let folder = try TemporaryFolder()
    let store = try await folder.open().checkpoints(of: .local)
    func begin(_ number: Int) -> RunStart {
      let record = RunRecord(
        run: RunID("r\(number)"),
        thread: ThreadID("t\(number)"),
        graph: "g",
        graphHash: "h",
        owner: "a",
        leaseExpires: Self.start,
        createdAt: Self.start
      )
      return RunStart(record: record, changes: [], frontier: Frontier(due: ["a"]), events: [])
    }
    // Each run is started twice at the same time; one of the two is refused.
    let refused = await withTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        let start = begin(number % 100)
        group.addTask {
          do {
            try await store.create(start)
            return 0
          } catch {
            return 1
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(refused == 100)
    #expect(try await store.records(matching: RunQuery(limit: 500)).count == 100)
  }

  @Test func `a kept result outlives the process but not its time`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    await database.nodeCache(of: .local).save(["x": 1], for: "key", until: Self.start + 10)
    await database.close()
    let reopened = try await folder.open()
    let cache = reopened.nodeCache(of: .local)
    #expect(await cache.value(for: "key", at: Self.start + 9) == ["x": 1])
    #expect(await cache.value(for: "key", at: Self.start + 10) == nil)
    #expect(await reopened.nodeCache(of: "other").value(for: "key", at: Self.start) == nil)
    try await cache.prune(at: Self.start + 10)
    #expect(try await reopened.reader.query("SELECT count(*) FROM node_cache").scalar?.int == 0)
  }
}
