import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct RunStreamTests {
  private static func inner(asks: Bool) throws -> Graph {
    var inner = GraphBuilder("inner")
    inner.channel("log", .list(of: .string), .append)
    inner.node("x") { _, context in
      context.emit(token: "inside")
      return ["log": ["x"]]
    }
    inner.node("y") { _, context in
      if asks { _ = try await context.ask("go") }
      return ["log": ["y"]]
    }
    inner.edge(from: "start", to: "x")
    inner.edge(from: "x", to: "y")
    inner.edge(from: "y", to: "end")
    return try inner.compile()
  }

  /// Two nodes side by side, one that sends, and a subgraph.
  private static func graph(gate: Gate? = nil, asks: Bool = false) throws -> Graph {
    var registry = NodeRegistry()
    registry.register(graph: try inner(asks: asks))
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("log", .list(of: .string), .append)
    builder.channel("sum", .int, .reduce(.sum))
    builder.channel("secret", .string, .untracked, isOptional: true)
    builder.node("a") { _, context in
      context.emit(token: "Hel")
      context.emit(token: "lo")
      return ["log": ["a"], "sum": 2]
    }
    builder.node("b") { _, context in
      await gate?.wait()
      context.emit("note", ["from": "b"])
      return ["log": ["b"], "sum": 3, "secret": "hush"]
    }
    builder.node("c", options: NodeOptions(send: ["d"])) { _, _ in
      var update: StateUpdate = ["sum": 1]
      update.send("d", nil)
      update.overwrite("log", ["new"])
      return update
    }
    builder.node("d", function: writing(["sum": 1]))
    builder.node("sub", .graph("inner"))
    builder.edge(from: "start", to: "a", "b")
    builder.join(["a", "b"], to: "c")
    builder.edge(from: "c", to: "sub")
    builder.edge(from: "d", to: "end")
    builder.edge(from: "sub", to: "end")
    return try builder.compile()
  }

  private static let values: [[String: JSONValue]] = [
    ["log": [], "sum": 0], ["log": ["a", "b"], "sum": 5], ["log": ["new"], "sum": 6],
    ["log": ["new", "x", "y"], "sum": 7],
  ]

  private static func values(_ items: [StreamItem]) -> [[String: JSONValue]] {
    items.compactMap { item in
      guard item.path.isEmpty, case .step(_, _, let values?) = item.content else { return nil }
      // Channels that only have their starting value are not saved.
      return ["log": values["log"] ?? [], "sum": values["sum"] ?? 0]
    }
  }

  private static let updates: [[TaskUpdate]] = [
    [
      TaskUpdate(node: "a", writes: ["log": ["a"], "sum": 2]), TaskUpdate(node: "b", writes: ["log": ["b"], "sum": 3]),
    ],
    [TaskUpdate(node: "c", writes: ["log": ["new"], "sum": 1], overwritten: ["log"], sends: ["d": 1])],
    [TaskUpdate(node: "d", send: 0, writes: ["sum": 1]), TaskUpdate(node: "sub", writes: ["log": ["x", "y"]])],
  ]

  private static func updates(_ items: [StreamItem], in path: [String] = []) -> [[TaskUpdate]] {
    items.compactMap { item in
      guard item.path == path, case .step(_, let updates?, _) = item.content else { return nil }
      return updates.isEmpty ? nil : updates
    }
  }

  @Test func `each mode shows its part of a run, live and afterwards, here and in another process`() async throws {
    let gate = Gate()
    let graph = try Self.graph(gate: gate)
    let store = MemoryCheckpointStore()
    let runner = makeRunner(graph, store: store)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    async let live = runner.stream("r1").all()
    gate.open()
    let outcome = try await handle.outcome()
    #expect(outcome.record.status == .finished, "\(String(describing: outcome.record.error))")
    let items = try await live
    #expect(try await runner.stream("r1").all() == items)
    #expect(try await makeRunner(graph, store: store, owner: "other").stream("r1").all() == items)
    #expect(Self.values(items) == Self.values)
    #expect(Self.updates(items) == Self.updates)
    #expect(Self.updates(items, in: ["sub"]).map { $0.map(\.node) } == [["x"], ["y"]])
    let tokens = items.filter { if case .token = $0.content { true } else { false } }
    #expect(tokens.map(\.path) == [[], [], ["sub"]])
    let custom = items.filter { if case .custom = $0.content { true } else { false } }
    #expect(custom.map(\.content) == [.custom(type: "note", data: ["from": "b"])])
  }

  @Test(arguments: StreamMode.allCases)
  func `a reader may go on after any item and misses and repeats nothing`(mode: StreamMode) async throws {
    let runner = makeRunner(try Self.graph())
    _ = try await runner.run()
    let all = try await runner.stream("r1", modes: [mode]).all()
    #expect(!all.isEmpty)
    for (index, item) in all.enumerated() {
      let rest = try await runner.stream("r1", modes: [mode], after: item.sequence).all()
      #expect(rest == Array(all.dropFirst(index + 1)))
    }
  }

  @Test func `checkpoints that are not kept have no values, and the rest is shown`() async throws {
    let runner = makeRunner(try Self.graph())
    _ = try await runner.run()
    _ = try await runner.retain(lastCheckpoints: 2, runsFor: nil)
    let items = try await runner.stream("r1").all()
    #expect(Self.values(items) == Array(Self.values.suffix(2)))
    #expect(Self.updates(items).map { $0.map(\.node) } == [["a", "b"], ["c"], ["d", "sub"]])
  }

  /// A process that dies within the superstep of a subgraph loses what it had told of it; the log of the subgraph has it.
  @Test(arguments: 2...9)
  func `what happened in a subgraph is shown once, whenever the process dies`(writes: Int) async throws {
    let graph = try Self.graph(asks: true)
    let memory = MemoryCheckpointStore()
    let dying = FailingCheckpointStore(memory, after: writes)
    _ = try? await makeRunner(graph, store: dying).run()
    let runner = makeRunner(graph, store: memory)
    for handle in try await runner.recover() { _ = try await handle.outcome() }
    let outcome = try await runner.answer("r1", ["sub/y/go": "yes"]).outcome()
    #expect(outcome.record.status == .finished)
    let items = try await runner.stream("r1").all()
    #expect(Self.updates(items, in: ["sub"]).map { $0.map(\.node) } == [["x"], ["y"]])
    #expect(Self.values(items) == Self.values)
  }

  @Test func `the types of the runtime cannot be used by nodes`() async throws {
    var builder = GraphBuilder("g")
    builder.node("a") { _, context in
      context.emit("step_finished", nil)
      return [:]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    #expect(try await makeRunner(builder.compile()).run().record.status == .failed)
  }
}

extension RunStream {
  /// Every item until the end.
  fileprivate func all() async throws -> [StreamItem] {
    var items: [StreamItem] = []
    for try await item in self { items.append(item) }
    return items
  }
}
