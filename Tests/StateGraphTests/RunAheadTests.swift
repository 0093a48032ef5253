import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct RunAheadTests {
  // MARK: - A slow sibling

  /// `slow` waits at the gate; the branch `x`, `y`, `z` is quick; both are joined.
  private static func branches(_ gate: Gate, _ order: Locked<[String]>, ahead: Bool = true) throws -> Graph {
    var builder = GraphBuilder("g", options: GraphOptions(runAhead: ahead))
    builder.channel("slow", .string)
    builder.channel("log", .list(of: .string), .append)
    builder.channel("sum", .int, .reduce(.sum))
    builder.node("slow", reads: ["sum"], writes: ["slow", "log"]) { _, _ in
      await gate.wait()
      order.withLock { $0.append("slow") }
      return ["slow": "done", "log": ["slow"]]
    }
    for name in ["x", "y", "z"] {
      builder.node(name, reads: ["sum"], writes: ["sum", "log"]) { state, context in
        order.withLock { $0.append(name) }
        let sum = try state.required(StateKey<Int>("sum"))
        return ["sum": 1, "log": [.string("\(name)\(sum)@\(context.step)")]]
      }
    }
    builder.node("out", reads: ["slow", "log"], writes: ["log"]) { state, _ in
      order.withLock { $0.append("out") }
      return ["log": [.string("out after \(try state["log"]?.arrayValue?.count ?? 0)")]]
    }
    builder.edge(from: "start", to: "slow", "x")
    builder.edge(from: "x", to: "y")
    builder.edge(from: "y", to: "z", when: "sum == 2")
    builder.edge(from: "y", to: "end", when: "otherwise")
    builder.edge(from: "slow", to: "out", when: "slow == \"done\"")
    builder.edge(from: "slow", to: "end", when: "otherwise")
    builder.edge(from: "z", to: "end")
    builder.edge(from: "out", to: "end")
    return try builder.compile()
  }

  @Test func `a quick branch does not wait for a slow sibling, and the state is the one of a run step by step`()
    async throws
  {
    let gate = Gate()
    let order = Locked<[String]>([])
    let store = MemoryCheckpointStore()
    let handle = try await makeRunner(Self.branches(gate, order), store: store)
      .start(run: "r1", thread: "t1", input: [:])
    while order.current.count < 3 { await Task.yield() }
    #expect(order.current == ["x", "y", "z"])
    // What ran ahead is saved, though no superstep is over.
    while try await store.load("r1")?.finishedTasks.count != 3 { await Task.yield() }
    #expect(try await store.load("r1")?.record.step == 0)
    gate.open()
    let outcome = try await handle.outcome()
    let open = Gate()
    open.open()
    let stepped = try await makeRunner(Self.branches(open, Locked([]), ahead: false)).run()
    #expect(outcome.state.values == stepped.state.values)
    #expect(outcome.record.step == stepped.record.step)
    #expect(try outcome.state["log"] == ["slow", "x0@1", "y1@2", "out after 2", "z2@3"])
  }

  @Test func `what ran ahead is not executed again after a crash`() async throws {
    let gate = Gate()
    let order = Locked<[String]>([])
    let graph = try Self.branches(gate, order)
    let store = MemoryCheckpointStore()
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    let lost = try await makeRunner(graph, store: store, owner: "lost", clock: clock.wallClock)
      .start(run: "r1", thread: "t1", input: [:])
    while try await store.load("r1")?.finishedTasks.count != 3 { await Task.yield() }
    clock.advance(by: .seconds(31))
    let handle = try await makeRunner(graph, store: store, owner: "next", clock: clock.wallClock).resume("r1")
    gate.open()
    let outcome = try await handle.outcome()
    #expect(outcome.record.status == .finished)
    #expect(order.current.filter { $0 != "slow" } == ["x", "y", "z", "out"])
    let tasks = try await makeRunner(graph, store: store).history(of: "r1").flatMap(\.finishedTasks).map(\.node)
    #expect(tasks.sorted() == ["out", "slow", "x", "y", "z"])
    _ = try? await lost.outcome()
  }

  // MARK: - Any graph

  /// A random graph with joins, loops, conditions, sends, gotos, deferred nodes, and questions if wanted; nodes read what
  /// they see and write something made of it.
  private static func randomGraph(seed: UInt64, ahead: Bool, asking: Bool, pauses: Locked<SplitMix64>) throws -> Graph {
    var random = SplitMix64(seed: seed)
    var builder = GraphBuilder("g\(seed)", stepLimit: 200, options: GraphOptions(runAhead: ahead))
    builder.channel("trace", .list(of: .int), .append)
    builder.channel("bag", .object, .reduce(.merge))
    builder.channel("turns", .int, .reduce(.sum))
    let sums = ["s0", "s1", "s2"]
    for name in sums { builder.channel(name, .int, .reduce(.sum)) }
    builder.channel("flash", .list(of: .int), .append)
    builder.node("sent", reads: ["s0"], writes: ["trace", "s2"]) { state, context in
      for _ in 0..<pauses.withLock({ Int.random(in: 0..<20, using: &$0) }) { await Task.yield() }
      let seen = (try state.required(StateKey<Int>("s0")) &* 7 &+ (context.input.intValue ?? 0)) % 10_007
      return ["trace": [.int(seen)], "s2": .int(seen)]
    }
    let layers = (0..<Int.random(in: 2...5, using: &random)).map { layer in
      (0..<Int.random(in: 1...4, using: &random)).map { "n\(layer)_\($0)" }
    }
    for name in layers.joined() {
      let salt = Int.random(in: 1...1_000, using: &random)
      let read = sums[Int.random(in: 0..<3, using: &random)]
      let write = sums[Int.random(in: 0..<3, using: &random)]
      let sends = salt % 4 == 0
      let asks = asking && salt % 5 == 0
      let options = NodeOptions(send: sends ? ["sent"] : [], isDeferred: salt % 11 == 0)
      builder.node(name, options: options, reads: [read], writes: ["trace", write, "bag"]) { state, context in
        for _ in 0..<pauses.withLock({ Int.random(in: 0..<20, using: &$0) }) { await Task.yield() }
        if asks { _ = try await context.ask("go") }
        let seen = (try state.required(StateKey<Int>(read)) &* 31 &+ salt &+ context.step) % 10_007
        var update: StateUpdate = ["trace": [.int(seen)], "bag": [name: .int(seen), "last": .int(seen)]]
        update.set(write, .int(seen))
        if sends { for number in 0..<(seen % 4) { update.send("sent", .int(number)) } }
        return update
      }
    }
    builder.node("turn", reads: ["turns"], writes: ["turns"], function: writing(["turns": 1]))
    builder.node("out", reads: ["trace"], writes: ["bag"]) { state, _ in
      ["bag": ["seen": .int(try state["trace"]?.arrayValue?.count ?? 0)]]
    }
    for name in layers[0] { builder.edge(from: "start", to: name) }
    for (upper, lower) in zip(layers, layers.dropFirst()) {
      for name in lower {
        let source = upper[Int.random(in: 0..<upper.count, using: &random)]
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where upper.count > 1: builder.join(upper, to: name)
        case 1: builder.edge(from: source, to: name, when: "s1 >= 0")
        default: builder.edge(from: source, to: name)
        }
      }
    }
    for name in layers.dropLast().joined() { builder.edge(from: name, to: "end") }
    for name in layers[layers.count - 1] { builder.edge(from: name, to: "turn") }
    builder.edge(from: "sent", to: "end")
    for name in layers[0] { builder.edge(from: "turn", to: name, when: "turns < 3") }
    builder.edge(from: "turn", to: "out", when: "otherwise")
    builder.edge(from: "out", to: "end")
    return try builder.compile()
  }

  /// The run with every question answered, each time in a new process.
  private static func finish(_ graph: Graph, concurrency: Int, store: MemoryCheckpointStore) async throws -> RunOutcome
  {
    var outcome = try await makeRunner(graph, store: store, concurrency: concurrency).run()
    while outcome.record.status == .waiting {
      let runner = makeRunner(graph, store: store, concurrency: concurrency)
      outcome = try await runner.answer("r1", [outcome.questions[0].id: "yes"]).outcome()
    }
    return outcome
  }

  @Test(arguments: UInt64(1)...60)
  func `a run that goes ahead ends like one that goes step by step, whoever is slow`(seed: UInt64) async throws {
    let pauses = Locked(SplitMix64(seed: seed))
    guard
      let stepping = try? Self.randomGraph(seed: seed, ahead: false, asking: seed % 3 == 0, pauses: pauses)
    else { return }  // A join that may starve is refused either way.
    let alone = try await Self.finish(stepping, concurrency: 1, store: MemoryCheckpointStore())
    #expect(alone.record.status == .finished, "\(String(describing: alone.record.error))")
    let ahead = try Self.randomGraph(seed: seed, ahead: true, asking: seed % 3 == 0, pauses: pauses)
    for concurrency in [1, 2, 16] {
      let store = MemoryCheckpointStore()
      let outcome = try await Self.finish(ahead, concurrency: concurrency, store: store)
      #expect(outcome.record.status == .finished, "\(String(describing: outcome.record.error))")
      #expect(outcome.state.values == alone.state.values)
      #expect(outcome.record.step == alone.record.step)
      let tasks = try await makeRunner(ahead, store: store).history(of: "r1", limit: 1_000).flatMap(\.finishedTasks)
      let names = tasks.map { "\($0.step)/\($0.node)" }
      #expect(names.count == Set(names).count)
      let events = try await store.events(of: "r1", after: 0, limit: 100_000)
      #expect(events.map(\.sequence) == Array(1...events.count))
    }
  }

  @Test(arguments: [UInt64(2), 4, 7, 9], FailingCheckpointStore.Moment.allCases)
  func `a run that goes ahead and is killed at any write ends the same`(
    seed: UInt64,
    moment: FailingCheckpointStore.Moment
  ) async throws {
    let pauses = Locked(SplitMix64(seed: seed))
    guard let graph = try? Self.randomGraph(seed: seed, ahead: true, asking: false, pauses: pauses) else { return }
    let expected = try await makeRunner(graph).run()
    var writes = 1
    while writes < 40 {
      let memory = MemoryCheckpointStore()
      let store = FailingCheckpointStore(memory, after: writes, dying: moment)
      _ = try? await makeRunner(graph, store: store).run()
      guard store.isDead else { break }
      let second = makeRunner(graph, store: memory)
      for handle in try await second.recover() { _ = try await handle.outcome() }
      let outcome = try #require(try await second.outcome(of: "r1"))
      #expect(outcome.record.status == .finished, "after \(writes) writes")
      #expect(outcome.state.values == expected.state.values, "after \(writes) writes")
      writes += 3
    }
    #expect(writes > 1)
  }

  // MARK: - Failures and limits

  @Test func `after a failure nothing runs that would not have run step by step, and a resume goes on`() async throws {
    let gate = Gate()
    let isBroken = Locked(true)
    let order = Locked<[String]>([])
    var builder = GraphBuilder("g", options: GraphOptions(runAhead: true))
    builder.channel("log", .list(of: .string), .append)
    builder.channel("unused", .string, isOptional: true)
    for name in ["slow", "after", "x", "y", "z"] {
      builder.node(name, reads: ["unused"], writes: ["log"]) { _, _ in
        if name == "slow" { await gate.wait() }
        order.withLock { $0.append(name) }
        if name == "y", isBroken.current { throw Broken() }
        return ["log": [.string(name)]]
      }
    }
    builder.edge(from: "start", to: "slow", "x")
    builder.edge(from: "x", to: "y")
    builder.edge(from: "y", to: "z")
    builder.edge(from: "slow", to: "after")
    for name in ["z", "after"] { builder.edge(from: name, to: "end") }
    let runner = makeRunner(try builder.compile())
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    while !order.current.contains("y") { await Task.yield() }
    gate.open()
    let outcome = try await handle.outcome()
    #expect(outcome.record.error?.node == "y")
    #expect(outcome.record.step == 1)
    #expect(order.current.sorted() == ["after", "slow", "x", "y"])
    isBroken.withLock { $0 = false }
    let done = try await runner.resume("r1").outcome()
    #expect(try done.state["log"] == ["slow", "x", "after", "y", "z"])
    #expect(order.current.filter { $0 != "y" }.count == 4)
  }

  @Test func `an effect of a node that runs ahead is saved though the run is saved meanwhile`() async throws {
    var builder = GraphBuilder("g", options: GraphOptions(runAhead: true))
    builder.channel("log", .list(of: .int), .append)
    for name in ["a", "b"] {
      builder.node(name, reads: ["log"], writes: ["log"]) { _, context in
        for number in 0..<20 {
          _ = try await context.once("call\(number)") { number }
          await Task.yield()
        }
        return ["log": [1]]
      }
    }
    for number in 0..<10 {
      builder.channel("c\(number)", .int, isOptional: true)
      builder.node("n\(number)", reads: ["c\(number)"], writes: ["c\(number)"], function: writing(["c\(number)": 1]))
      builder.edge(from: number == 0 ? "start" : "n\(number - 1)", to: "n\(number)")
    }
    builder.edge(from: "n9", to: "end")
    builder.edge(from: "start", to: "a", "b")
    builder.edge(from: "a", to: "end")
    builder.edge(from: "b", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.record.status == .finished, "\(String(describing: outcome.record.error))")
  }

  @Test(arguments: ["reads", "writes"])
  func `a node that touches what it does not say fails by name`(verb: String) async throws {
    var builder = GraphBuilder("g", options: GraphOptions(runAhead: true))
    builder.channel("x", .int, isOptional: true)
    builder.channel("y", .int, isOptional: true)
    builder.node("a", reads: ["x"], writes: ["x"]) { state, _ in
      if verb == "reads" { _ = try state["y"] }
      return ["y": 1]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let error = try await makeRunner(builder.compile()).run().record.error
    #expect(error?.node == "a")
    #expect(error?.message.contains("'y'") == true)
    #expect(error?.message.contains("'\(verb)'") == true)
  }

  @Test func `what cannot be combined with running ahead is refused with names`() throws {
    let text = """
      {graph: g, run_ahead: true, breakpoints: {before: [a]}, state: {x: int}, nodes: {a: {use: silent}, b: {use: frank}},
      edges: [{from: start, to: [a, b]}, {from: a, to: end}, {from: b, to: end}]}
      """
    var registry = NodeRegistry()
    registry.register("silent", writing([:]))
    registry.register("frank", reads: ["x"], writing([:]))
    let diagnostics = DiagnosticCollector()
    let definition = GraphDefinition(reading: try JSONDeclaration.tree(text), diagnostics: diagnostics)
    #expect(definition.options.runAhead)
    #expect(GraphCompiler.compile(definition, registry: registry, diagnostics: diagnostics) == nil)
    let messages = diagnostics.diagnostics.map(\.message)
    #expect(messages.count == 2)
    #expect(messages.contains { $0.contains("breakpoint at 'a'") })
    #expect(messages.contains { $0.contains("node 'a' does not say") })
  }
}
