import CoachVocabulary
import Persistence
import StateGraph

extension BenchmarkCase {
  /// Every case, in the order of the table.
  ///
  /// The references are LangGraph 1.2.22 on a machine of this kind; `docs/benchmarks.md` says how they came about.
  static let all: [BenchmarkCase] =
    [
      chain("chain-none", "chain of 100, no store, per node", .none, repeats: 50, target: 5, reference: 117),
      chain("chain-memory", "chain of 100, memory store, per node", .memory, repeats: 20, target: 15, reference: 209),
      chain("chain-sqlite", "chain of 100, SQLite, per node", .sqlite, repeats: 5, target: 80, reference: 555),
      fanOut("sends-none", "1,000 sends, no store, per task", .none, target: 8, reference: 152),
      fanOut("sends-sqlite", "1,000 sends, SQLite, per task", .sqlite, reference: 419),
      many("runs-none", "1,000 runs of 5 nodes, no store", .none, target: 20_000, reference: 609),
      many("runs-memory", "1,000 runs of 5 nodes, memory store", .memory, reference: 373),
      many("runs-sqlite", "1,000 runs of 5 nodes, SQLite", .sqlite, target: 3_000, reference: 166),
      BenchmarkCase(
        "steps-sqlite",
        "16 threads, durable supersteps, SQLite",
        .stepsPerSecond,
        target: 5_000,
        .timed { try await sideBySide(threads: 16, nodes: 100, in: $0) }
      ),
      BenchmarkCase("start-up", "start-up to first node", .milliseconds, target: 20, reference: 536, .startUp),
      BenchmarkCase(
        "compile",
        "compile a graph of 100 nodes",
        .milliseconds,
        reference: 4.4,
        .timed { _ in Workload(operations: 20) { for _ in 0..<20 { _ = try BenchmarkGraphs.chain(100) } } }
      ),
      BenchmarkCase(
        "chat-disk",
        "chat of 200 turns of 1,000 B on disk",
        .megabytes,
        target: 0.6,
        reference: 20.6,
        .sized { try await chatBytes(in: $0) }
      ),
    ] + growth

  /// One length each; the growth is worked out from all of them.
  static let growth: [BenchmarkCase] = [(10, 139), (100, 124), (1_000, 184), (10_000, nil)].map {
    (count: Int, reference: Double?) in
    chain(
      "growth-\(count)",
      "chain of \(count), no store, per node",
      .none,
      count: count,
      repeats: max(1, 5_000 / count),
      reference: reference
    )
  }

  private static func chain(
    _ name: String,
    _ title: String,
    _ store: BenchmarkStore,
    count: Int = 100,
    repeats: Int,
    target: Double? = nil,
    reference: Double?
  ) -> BenchmarkCase {
    BenchmarkCase(
      name,
      title,
      .microseconds,
      target: target,
      reference: reference,
      .timed { folder in
        let graph = try BenchmarkGraphs.chain(count)
        let runner = try await store.runners(for: graph, in: folder)
        return Workload(operations: count * repeats) {
          for _ in 0..<repeats {
            try await finish(runner(), with: store, expecting: ("value", .int(count)))
          }
        }
      }
    )
  }

  private static func fanOut(
    _ name: String,
    _ title: String,
    _ store: BenchmarkStore,
    target: Double? = nil,
    reference: Double?
  ) -> BenchmarkCase {
    let count = 1_000
    let results = JSONValue.array((0..<count).map { .int($0) })
    return BenchmarkCase(
      name,
      title,
      .microseconds,
      target: target,
      reference: reference,
      .timed { folder in
        let runner = try await store.runners(for: BenchmarkGraphs.fanOut(count), in: folder)
        return Workload(operations: count * 5) {
          for _ in 0..<5 { try await finish(runner(), with: store, expecting: ("results", results)) }
        }
      }
    )
  }

  /// Several threads at once, each with one run, each superstep saved.
  private static func sideBySide(threads: Int, nodes: Int, in folder: TemporaryFolder) async throws -> Workload {
    let runner = try await BenchmarkStore.sqlite.runners(for: BenchmarkGraphs.chain(nodes), in: folder)
    return Workload(operations: threads * nodes) {
      let shared = runner()
      try await withThrowingTaskGroup { group in
        for _ in 0..<threads {
          group.addTask { try await finish(shared, with: .sqlite, expecting: ("value", .int(nodes))) }
        }
        try await group.waitForAll()
      }
    }
  }

  private static func many(
    _ name: String,
    _ title: String,
    _ store: BenchmarkStore,
    target: Double? = nil,
    reference: Double?
  ) -> BenchmarkCase {
    let count = 1_000
    return BenchmarkCase(
      name,
      title,
      .perSecond,
      target: target,
      reference: reference,
      .timed { folder in
        let runner = try await store.runners(for: BenchmarkGraphs.chain(5), in: folder)
        return Workload(operations: count) {
          let shared = runner()
          try await withThrowingTaskGroup { group in
            for _ in 0..<count {
              group.addTask { try await finish(shared, with: store, expecting: ("value", 5)) }
            }
            try await group.waitForAll()
          }
        }
      }
    )
  }

  /// The file after a chat, with what is in its log copied into it.
  private static func chatBytes(in folder: TemporaryFolder) async throws -> Int {
    let database = try await MetadataDatabase(path: folder.database)
    let runner = GraphRunner(
      graphs: [try BenchmarkGraphs.chat()],
      store: database.checkpoints(of: .local),
      configuration: GraphRunner.Configuration(owner: "bench")
    )
    let text = String(repeating: "0123456789", count: 100)
    for turn in 0..<200 {
      let message: JSONValue = ["id": .string("m\(turn)"), "role": "user", "content": .string(text)]
      let outcome = try await runner.start(
        run: RunID("run\(turn)"),
        thread: "chat",
        input: ["messages": [message]],
        options: StartOptions(continuesThread: true)
      ).outcome()
      guard try outcome.state["messages"]?.arrayValue?.count == turn + 1 else { throw WrongResult(outcome: outcome) }
    }
    await database.close()
    return folder.bytes
  }

  /// Runs to the end, and sees that it came out right: a wrong result costs nothing.
  private static func finish(
    _ runner: GraphRunner,
    with store: BenchmarkStore,
    expecting expected: (channel: String, value: JSONValue)
  ) async throws {
    let name = "run\(RunNumber.next())"
    let outcome = try await runner.start(
      run: RunID(name),
      thread: ThreadID(name),
      input: [:],
      options: store.options
    ).outcome()
    guard outcome.record.status == .finished, try outcome.state[expected.channel] == expected.value else {
      throw WrongResult(outcome: outcome)
    }
  }
}

/// A run that did not end as it must.
struct WrongResult: Error {
  let outcome: RunOutcome
}
