import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

/// What is kept of tasks that finished when the process dies before their superstep is over.
struct SiblingTests {
  /// `a` finishes at once, `b` waits at the gate the first time.
  private func graph(_ gate: Gate, _ runs: Locked<[String: Int]>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    for name in ["a", "b"] {
      builder.node(name, options: NodeOptions(goto: ["c"], send: ["d"])) { _, context in
        let number = runs.withLock { runs in
          runs[name, default: 0] += 1
          return runs[name] ?? 0
        }
        if name == "b", number == 1 { await gate.wait() }
        var update: StateUpdate = ["log": [.string("\(name)\(number)")]]
        update.send("d", .string(name))
        update.goto("c")
        return update
      }
    }
    builder.node("c", function: writing(["log": ["c"]]))
    builder.node("d") { _, context in ["log": [.string("d \(context.input.stringValue ?? "")")]] }
    builder.edge(from: "start", to: "a", "b")
    for name in ["a", "b", "c", "d"] { builder.edge(from: name, to: "end") }
    return try builder.compile()
  }

  @Test func `a task that finished before its process died is not executed again, and its sends and goto count`()
    async throws
  {
    let gate = Gate()
    defer { gate.open() }
    let runs = Locked<[String: Int]>([:])
    let graph = try graph(gate, runs)
    let store = MemoryCheckpointStore()
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    let first = makeRunner(graph, store: store, owner: "first", clock: clock.wallClock)
    let lost = try await first.start(run: "r1", thread: "t1", input: [:])
    while try await store.load("r1")?.frontier.pending.isEmpty != false { await Task.yield() }
    // From here on the first process counts as dead.
    clock.advance(by: .seconds(31))
    let second = makeRunner(graph, store: store, owner: "second", clock: clock.wallClock)
    #expect(try await second.recoverable().map(\.run) == ["r1"])
    let outcome = try await second.resume("r1").outcome()
    #expect(try outcome.state["log"] == ["a1", "b2", "c", "d a", "d b"])
    #expect(runs.current == ["a": 1, "b": 2])
    let tasks = try await second.history(of: "r1").flatMap(\.finishedTasks).map(\.node).sorted()
    #expect(tasks == ["a", "b", "c", "d#0", "d#1"])
    let events = try await second.events(of: "r1").all()
    #expect(events.map(\.sequence) == Array(1...events.count))
    let finished = events.filter { $0.type == RunEvent.nodeFinished }.compactMap { $0.data["node"]?.stringValue }
    #expect(finished.sorted() == ["a", "b", "c", "d", "d"])
    gate.open()
    await #expect(throws: CheckpointFailure.headMoved("r1")) { try await lost.outcome() }
  }

  @Test func `a task that is alone in its superstep is saved by its commit only`() async throws {
    var builder = GraphBuilder("g")
    for name in ["a", "b", "c"] { builder.node(name, function: writing([:])) }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "c")
    builder.edge(from: "c", to: "end")
    let store = FailingCheckpointStore(MemoryCheckpointStore(), after: 1_000)
    #expect(try await makeRunner(builder.compile(), store: store).run().record.status == .finished)
    #expect(store.writes == 4)
  }

  @Test func `a thousand sends do not become a thousand transactions`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("sum", .int, .reduce(.sum))
    builder.node("split", options: NodeOptions(send: ["add"])) { _, _ in
      var update = StateUpdate()
      for number in 1...1_000 { update.send("add", .int(number)) }
      return update
    }
    builder.node("add") { _, context in ["sum": context.input] }
    builder.edge(from: "start", to: "split")
    builder.edge(from: "split", to: "end")
    builder.edge(from: "add", to: "end")
    let store = FailingCheckpointStore(MemoryCheckpointStore(), after: 100_000)
    let runner = GraphRunner(graphs: [try builder.compile()], store: store, configuration: .init(owner: "me"))
    let outcome = try await runner.start(run: "r1", thread: "t1", input: [:]).outcome()
    #expect(try outcome.state["sum"] == 500_500)
    #expect(store.writes < 300)
  }

  @Test func `a run that is not saved step by step saves no task either`() async throws {
    let gate = Gate()
    let runs = Locked<[String: Int]>([:])
    let store = FailingCheckpointStore(MemoryCheckpointStore(), after: 1_000)
    let runner = makeRunner(try graph(gate, runs), store: store)
    let handle = try await runner.start(
      run: "r1",
      thread: "t1",
      input: [:],
      options: StartOptions(durability: .exit)
    )
    while runs.current.count < 2 { await Task.yield() }
    gate.open()
    #expect(try await handle.outcome().record.status == .finished)
    #expect(store.writes == 2)
  }
}
