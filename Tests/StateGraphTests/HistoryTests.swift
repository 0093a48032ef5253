import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct HistoryTests {
  private func chain(_ runs: Locked<[String]>, isBroken: Locked<Bool> = Locked(false)) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("path", .list(of: .string), .append)
    builder.channel("x", .int, .reduce(.sum))
    for name in ["a", "b", "c"] {
      builder.node(name) { _, _ in
        runs.withLock { $0.append(name) }
        if name == "c", isBroken.current { throw Broken() }
        return ["path": [.string(name)], "x": 1]
      }
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "c")
    builder.edge(from: "c", to: "end")
    return try builder.compile()
  }

  @Test func `history is listed, and each entry is read as it was`() async throws {
    let runner = makeRunner(try chain(Locked([])))
    _ = try await runner.run()
    let history = try await runner.history(of: "r1")
    #expect(history.map(\.step) == [3, 2, 1, 0])
    #expect(history.map(\.frontier.due) == [[], ["c"], ["b"], ["a"]])
    #expect(history.map { $0.finishedTasks.map(\.node) } == [["c"], ["b"], ["a"], []])
    let paths = try await history.asyncMap { try await runner.outcome(at: $0.reference).state["path"] }
    #expect(paths == [["a", "b", "c"], ["a", "b"], ["a"], []])
    #expect(try await runner.history(of: "r1", before: 2, limit: 1).map(\.step) == [1])
    await #expect(throws: RunnerFailure.self) {
      try await runner.outcome(at: CheckpointReference(run: "r1", revision: 9))
    }
  }

  @Test func `a fork spends nothing on the nodes before it and leaves the other run alone`() async throws {
    let runs = Locked<[String]>([])
    let runner = makeRunner(try chain(runs))
    _ = try await runner.run()
    let place = CheckpointReference(run: "r1", revision: 1)
    let edit = StateEdit(["x": 10])
    let fork = try await runner.fork(from: place, as: "r2", edits: [edit, StateEdit(["path": ["b!"]], as: "b")])
    let outcome = try await fork.outcome()
    #expect(try outcome.state["path"] == ["a", "b!", "c"])
    #expect(try outcome.state["x"] == 12)
    #expect(outcome.record.base == place)
    #expect(runs.current == ["a", "b", "c", "c"])
    #expect(try await runner.outcome(of: "r1")?.state["x"] == 3)
    let replay = try await runner.fork(from: place, as: "r3").outcome()
    #expect(try replay.state["path"] == ["a", "b", "c"])
    #expect(replay.record.step == 3)
  }

  @Test func `editing keeps what finished siblings gave`() async throws {
    let runs = Locked<[String]>([])
    var builder = GraphBuilder("g")
    builder.channel("path", .list(of: .string), .append)
    builder.channel("fix", .bool, isOptional: true)
    builder.node("good") { _, _ in
      runs.withLock { $0.append("good") }
      return ["path": ["good"]]
    }
    builder.node("bad") { state, _ in
      runs.withLock { $0.append("bad") }
      guard try state[StateKey<Bool>("fix")] == true else { throw Broken() }
      return ["path": ["bad"]]
    }
    builder.node("last", function: writing(["path": ["last"]]))
    builder.edge(from: "start", to: "good", "bad")
    builder.join(["good", "bad"], to: "last")
    builder.edge(from: "last", to: "end")
    let runner = makeRunner(try builder.compile())
    #expect(try await runner.run().record.status == .failed)
    await #expect(throws: RunError.self) {
      try await runner.edit("r1", [StateEdit(["fix": true]), StateEdit(["no": 1])])
    }
    #expect(try await runner.outcome(of: "r1")?.state["fix"] == nil)
    try await runner.edit("r1", [StateEdit(["fix": true]), StateEdit(["path": ["edited"]])])
    #expect(try await runner.outcome(of: "r1")?.record.status == .failed)
    let outcome = try await runner.resume("r1").outcome()
    #expect(try outcome.state["path"] == ["edited", "good", "bad", "last"])
    #expect(runs.current == ["good", "bad", "bad"])
  }

  @Test func `a renamed node is refused without a migration and found with one`() async throws {
    let store = MemoryCheckpointStore()
    let isBroken = Locked(true)
    _ = try await makeRunner(chain(Locked([]), isBroken: isBroken), store: store).run()
    var builder = GraphBuilder("g", options: GraphOptions(stateVersion: 2))
    builder.channel("path", .list(of: .string), .append)
    builder.channel("y", .int)
    builder.node("renamed", function: writing(["path": ["renamed"]]))
    builder.edge(from: "start", to: "renamed")
    builder.edge(from: "renamed", to: "end")
    let graph = try builder.compile()
    await #expect(throws: RunnerFailure.graphChanged("r1", graph: "g")) {
      try await makeRunner(graph, store: store).resume("r1")
    }
    let migration = StateMigration(graph: "g", from: 1) { values, frontier in
      values["y"] = values.removeValue(forKey: "x")
      frontier.due = frontier.due.map { $0 == "c" ? "renamed" : $0 }
    }
    let runner = GraphRunner(
      graphs: [graph],
      store: store,
      migrations: [migration],
      configuration: GraphRunner.Configuration(owner: "test")
    )
    let outcome = try await runner.resume("r1").outcome()
    #expect(outcome.record.status == .finished)
    #expect(outcome.state.values == ["path": ["a", "b", "renamed"], "y": 2])
    #expect(try await runner.outcome(of: "r1")?.state["y"] == 2)
  }

  @Test func `a thread goes on with the state of its last run when asked, and starts afresh when not`() async throws {
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try chain(Locked([])), store: store)
    let options = StartOptions(continuesThread: true)
    for (run, sum) in [("r1", 3), ("r2", 6), ("r3", 9)] {
      let handle = try await runner.start(run: RunID(run), thread: "t1", input: [:], options: options)
      #expect(try await handle.outcome().state["x"] == .int(sum))
    }
    #expect(try await runner.run(run: "r4").state["x"] == 3)
  }

  @Test func `a second start with one idempotency key gives the first run`() async throws {
    let runs = Locked<[String]>([])
    let runner = makeRunner(try chain(runs))
    let options = StartOptions(idempotencyKey: "order 7")
    for run in ["r1", "r2"] {
      let handle = try await runner.start(run: RunID(run), thread: ThreadID(run), input: [:], options: options)
      #expect(try await handle.outcome().record.run == "r1")
    }
    #expect(runs.current == ["a", "b", "c"])
  }

  @Test func `retention drops old entries and old runs, and what is based on them stays whole`() async throws {
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try chain(Locked([])), store: store, clock: clock.wallClock)
    _ = try await runner.run()
    _ = try await runner.fork(from: CheckpointReference(run: "r1", revision: 2), as: "r2").outcome()
    #expect(try await runner.retain(lastCheckpoints: 1, runsFor: nil) == 0)
    #expect(try await runner.history(of: "r1").count == 1)
    #expect(try await runner.outcome(of: "r1")?.state["x"] == 3)
    clock.advance(by: .seconds(100))
    #expect(try await runner.retain(lastCheckpoints: 1, runsFor: .seconds(50)) == 2)
    #expect(try await runner.outcome(of: "r1") == nil)
  }

  @Test(arguments: Durability.allCases)
  func `each durability saves what it says`(durability: Durability) async throws {
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try chain(Locked([])), store: store)
    let options = StartOptions(durability: durability)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:], options: options)
    #expect(try await handle.outcome().state["path"] == ["a", "b", "c"])
    let expected = [Durability.step: 4, .exit: 2, .none: 0]
    #expect(try await runner.history(of: "r1").count == expected[durability])
    #expect(try await store.load("r1")?.values["path"] == (durability == .none ? nil : ["a", "b", "c"]))
  }
}

extension Array {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
    var result: [Value] = []
    for element in self { result.append(try await body(element)) }
    return result
  }
}
