import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct WaitingTests {
  private static let now = Date(timeIntervalSince1970: 1_750_000_000)

  /// Two nodes that ask side by side, and one that joins them.
  private func twins(_ runs: Locked<[String: Int]>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("answers", .list(of: .any), .append)
    for name in ["a", "b"] {
      builder.node(name) { _, context in
        runs.withLock { $0[name, default: 0] += 1 }
        let schema = ValueSchema(.string, isOptional: true, allowedTexts: ["yes", "no"])
        let answer = try await context.ask("go", prompt: "Go on?", schema: schema)
        return ["answers": [[.string(name), answer]]]
      }
    }
    builder.node("c", function: writing(["answers": ["c"]]))
    builder.edge(from: "start", to: "a", "b")
    builder.join(["a", "b"], to: "c")
    builder.edge(from: "c", to: "end")
    return try builder.compile()
  }

  @Test func `an answer survives a restart, null is one, and who waits on is not run again`() async throws {
    let runs = Locked<[String: Int]>([:])
    let graph = try twins(runs)
    let store = MemoryCheckpointStore()
    let first = try await makeRunner(graph, store: store).run()
    #expect(first.record.status == .waiting)
    #expect(first.questions.map(\.id) == ["a/go", "b/go"])
    let runner = makeRunner(graph, store: store, owner: "later")
    let half = try await runner.answer("r1", ["b/go": nil]).outcome()
    #expect(half.record.status == .waiting)
    #expect(runs.current == ["a": 1, "b": 2])
    let done = try await runner.answer("r1", ["go": "yes"]).outcome()
    #expect(done.record.status == .finished)
    #expect(try done.state["answers"] == [["a", "yes"], ["b", nil], "c"])
    #expect(runs.current == ["a": 2, "b": 2])
  }

  @Test func `answers that nobody asked for or that do not fit change nothing`() async throws {
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try twins(Locked([:])), store: store)
    _ = try await runner.run()
    let before = try await store.load("r1")
    for answers: [String: JSONValue] in [["go": "yes"], ["a/stop": "yes"], ["a/go": "maybe"], ["a/go": 5]] {
      await #expect(throws: RunnerFailure.self, "\(answers)") { try await runner.answer("r1", answers) }
    }
    #expect(try await store.load("r1") == before)
    await #expect(throws: CheckpointFailure.threadBusy("t1", run: "r1")) { try await runner.run(run: "r2") }
  }

  @Test func `a pause cannot be swallowed`() async throws {
    let effects = Locked(0)
    var builder = GraphBuilder("g")
    builder.channel("x", .any)
    builder.node("a", retry: RetryPolicy(attempts: 3)) { _, context in
      do {
        return ["x": try await context.ask("name")]
      } catch {
        _ = try? await context.once("call") {
          effects.withLock { $0 += 1 }
          return 1
        }
        return ["x": "swallowed"]
      }
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    #expect(try await runner.run().record.status == .waiting)
    #expect(effects.current == 0)
    #expect(try await runner.answer("r1", ["name": "Ada"]).outcome().state["x"] == "Ada")
  }

  @Test func `answers are found by name though the order of questions changes`() async throws {
    let isReversed = Locked(false)
    var builder = GraphBuilder("g")
    builder.channel("x", .list(of: .any), .append)
    builder.node("a") { _, context in
      let names = isReversed.current ? ["second", "first"] : ["first", "second"]
      var answers: [String: JSONValue] = [:]
      for name in names { answers[name] = try await context.ask(name) }
      return ["x": [answers["first"] ?? nil, answers["second"] ?? nil]]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    _ = try await runner.run()
    isReversed.withLock { $0 = true }
    #expect(try await runner.answer("r1", ["first": 1]).outcome().record.status == .waiting)
    #expect(try await runner.answer("r1", ["second": 2]).outcome().state["x"] == [1, 2])
  }

  @Test(arguments: [nil, "late"] as [JSONValue?])
  func `a question expires with its fallback or as an error`(fallback: JSONValue?) async throws {
    let clock = ManualClock(Self.now)
    var builder = GraphBuilder("g")
    builder.channel("x", .any)
    builder.node("a") { _, context in
      ["x": try await context.ask("name", expiresAfter: .seconds(3_600), otherwise: fallback)]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    let first = makeRunner(graph, store: store, clock: clock.wallClock)
    #expect(try await first.run().record.wakeAt == Self.now + 3_600)
    let later = makeRunner(graph, store: store, owner: "later", clock: clock.wallClock)
    #expect(try await later.recoverable() == [])
    clock.advance(by: .seconds(3_600))
    #expect(try await later.recoverable().map(\.run) == ["r1"])
    await #expect(throws: RunnerFailure.self) { try await later.answer("r1", ["name": "too late"]) }
    let outcome = try await later.resume("r1").outcome()
    #expect(outcome.record.error?.code == (fallback == nil ? .questionExpired : nil))
    #expect(try outcome.state["x"] == fallback)
  }

  @Test func `a sleep survives a restart and ends when its time has come`() async throws {
    let clock = ManualClock(Self.now)
    let runs = Locked(0)
    var builder = GraphBuilder("g")
    builder.channel("x", .int)
    builder.node("a") { _, context in
      runs.withLock { $0 += 1 }
      try await context.sleep(for: .seconds(100))
      return ["x": 1]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    #expect(try await makeRunner(graph, store: store, clock: clock.wallClock).run().record.status == .waiting)
    let later = makeRunner(graph, store: store, owner: "later", clock: clock.wallClock)
    clock.advance(by: .seconds(90))
    #expect(try await later.recoverable() == [])
    #expect(try await later.resume("r1").outcome().record.status == .waiting)
    #expect(runs.current == 1)
    clock.advance(by: .seconds(10))
    #expect(try await later.recoverable().map(\.run) == ["r1"])
    #expect(try await later.resume("r1").outcome().state["x"] == 1)
  }

  @Test func `a breakpoint holds the run before and after its node, once each`() async throws {
    let options = GraphOptions(breakBefore: ["b"], breakAfter: ["b"])
    var builder = GraphBuilder("g", options: options)
    builder.channel("path", .list(of: .string), .append)
    for name in ["a", "b", "c"] { builder.node(name, function: writing(["path": [.string(name)]])) }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "c")
    builder.edge(from: "c", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    var outcome = try await makeRunner(graph, store: store).run()
    #expect(try outcome.state["path"] == ["a"])
    #expect(try await makeRunner(graph, store: store).recoverable() == [])
    outcome = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(outcome.record.status == .waiting)
    #expect(try outcome.state["path"] == ["a", "b"])
    outcome = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(outcome.record.status == .finished)
  }

  // MARK: - Subgraphs

  @Test func `a breakpoint inside a subgraph holds the whole run until somebody resumes it`() async throws {
    let clock = ManualClock(Self.now)
    let runs = Locked<[String: Int]>([:])
    var inner = GraphBuilder("inner", options: GraphOptions(breakBefore: ["y"]))
    inner.channel("path", .list(of: .string), .append)
    for name in ["x", "y"] {
      inner.node(name) { _, _ in
        runs.withLock { $0[name, default: 0] += 1 }
        return ["path": [.string(name)]]
      }
    }
    inner.edge(from: "start", to: "x")
    inner.edge(from: "x", to: "y")
    inner.edge(from: "y", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("path", .list(of: .string), .append)
    builder.node("sub", .graph("inner"))
    builder.node("sleeper") { _, context in
      try await context.sleep(for: .seconds(10))
      return ["path": ["sleeper"]]
    }
    builder.node("after", function: writing(["path": ["after"]]))
    builder.edge(from: "start", to: "sub", "sleeper")
    builder.join(["sub", "sleeper"], to: "after")
    builder.edge(from: "after", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    let held = try await makeRunner(graph, store: store, clock: clock.wallClock).run()
    #expect(held.record.status == .waiting)
    #expect(held.record.wakeAt == Self.now + 10)
    clock.advance(by: .seconds(10))
    let later = makeRunner(graph, store: store, owner: "later", clock: clock.wallClock)
    for handle in try await later.recover() {
      let outcome = try await handle.outcome()
      #expect(outcome.record.status == .waiting)
      #expect(outcome.record.wakeAt == nil)
    }
    #expect(runs.current == ["x": 1])
    #expect(try await later.recoverable() == [])
    let events = try await store.events(of: "r1", after: 0, limit: 100)
    #expect(events.last?.data["reason"] == "breakpoint")
    let done = try await later.resume("r1").outcome()
    #expect(try done.state["path"] == ["x", "y", "sleeper", "after"])
    #expect(runs.current == ["x": 1, "y": 1])
  }

  @Test func `the step limit counts over waits and recoveries, and anew when an ended run is resumed`() async throws {
    var builder = GraphBuilder("g", stepLimit: 4)
    builder.channel("turns", .int, .reduce(.sum))
    builder.node("turn") { _, context in
      _ = try await context.ask("go")
      return ["turns": 1]
    }
    builder.edge(from: "start", to: "turn")
    builder.edge(from: "turn", to: "turn", when: "turns < 100")
    builder.edge(from: "turn", to: "end", when: "otherwise")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    var outcome = try await makeRunner(graph, store: store).run()
    for _ in 0..<4 {
      #expect(outcome.record.status == .waiting)
      outcome = try await makeRunner(graph, store: store).answer("r1", ["go": nil]).outcome()
    }
    #expect(outcome.record.error?.code == .stepLimit)
    #expect(outcome.record.step == 4)
    outcome = try await makeRunner(graph, store: store).resume("r1").outcome()
    for _ in 0..<4 {
      #expect(outcome.record.status == .waiting)
      outcome = try await makeRunner(graph, store: store).answer("r1", ["go": nil]).outcome()
    }
    #expect(outcome.record.error?.code == .stepLimit)
    #expect(outcome.record.step == 8)
  }

  private func nested(_ memory: SubgraphMemory, calls: Int = 1) throws -> Graph {
    var inner = GraphBuilder("inner", options: GraphOptions(input: ["notes"], output: ["notes", "count"]))
    inner.channel("notes", .list(of: .string), .append)
    inner.channel("count", .int, .reduce(.sum))
    inner.node("x", function: writing(["notes": ["inner"], "count": 1]))
    inner.edge(from: "start", to: "x")
    inner.edge(from: "x", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("notes", .list(of: .string), .append)
    builder.channel("count", .int)
    builder.channel("turns", .int, .reduce(.sum))
    builder.node("first", function: writing(["notes": ["outer"], "turns": 1]))
    builder.node("sub", .graph("inner"), options: NodeOptions(memory: memory))
    builder.edge(from: "start", to: "first")
    builder.edge(from: "first", to: "sub")
    builder.edge(from: "sub", to: "first", when: "turns < \(calls)")
    builder.edge(from: "sub", to: "end", when: "otherwise")
    return try builder.compile()
  }

  @Test(arguments: SubgraphMemory.allCases)
  func `a subgraph adds to shared lists once and remembers as declared`(memory: SubgraphMemory) async throws {
    let store = MemoryCheckpointStore()
    let outcome = try await makeRunner(nested(memory, calls: 3), store: store).run()
    #expect(outcome.record.status == .finished, "\(String(describing: outcome.record.error))")
    #expect(try outcome.state["notes"] == ["outer", "inner", "outer", "inner", "outer", "inner"])
    #expect(try outcome.state["count"] == (memory == .persistent ? 3 : 1))
    #expect(try await store.records(matching: RunQuery()).count == (memory == .none ? 1 : 4))
  }

  @Test func `a question inside a subgraph is asked and answered through the run that called it`() async throws {
    let runs = Locked(0)
    var inner = GraphBuilder("inner")
    inner.channel("x", .any, isOptional: true)
    inner.node("before") { _, _ in
      runs.withLock { $0 += 1 }
      return [:]
    }
    inner.node("asks") { _, context in ["x": try await context.ask("name", schema: ValueSchema(.string))] }
    inner.edge(from: "start", to: "before")
    inner.edge(from: "before", to: "asks")
    inner.edge(from: "asks", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("x", .any, isOptional: true)
    builder.node("sub", .graph("inner"))
    builder.edge(from: "start", to: "sub")
    builder.edge(from: "sub", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    let first = try await makeRunner(graph, store: store).run()
    #expect(first.record.status == .waiting)
    #expect(first.questions.map(\.id) == ["sub/asks/name"])
    let later = makeRunner(graph, store: store, owner: "later")
    await #expect(throws: RunnerFailure.self) { try await later.answer("r1", ["asks/name": 5]) }
    #expect(try await later.answer("r1", ["asks/name": "Ada"]).outcome().state["x"] == "Ada")
    #expect(runs.current == 1)
  }

  @Test func `a subgraph may write to its caller and choose where the caller goes`() async throws {
    var inner = GraphBuilder("inner")
    inner.channel("x", .int, isOptional: true)
    inner.node("tell") { _, _ in
      var update = StateUpdate()
      update.parent = StateUpdate.ParentCommand(writes: ["told": "yes"], goto: ["b"])
      return update
    }
    inner.node("never", function: writing(["x": 1]))
    inner.edge(from: "start", to: "tell")
    inner.edge(from: "tell", to: "never")
    inner.edge(from: "never", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("x", .int, isOptional: true)
    builder.channel("told", .string, isOptional: true)
    builder.channel("path", .list(of: .string), .append)
    builder.node("sub", .graph("inner"), options: NodeOptions(goto: ["b"]))
    for name in ["a", "b"] { builder.node(name, function: writing(["path": [.string(name)]])) }
    builder.edge(from: "start", to: "sub")
    builder.edge(from: "sub", to: "a")
    builder.edge(from: "a", to: "end")
    builder.edge(from: "b", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.state.values == ["told": "yes", "path": ["b"]])
  }
}
