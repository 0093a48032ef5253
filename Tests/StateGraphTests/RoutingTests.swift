import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct RoutingTests {
  // MARK: - Sends

  private func mapReduce(_ count: Int, most: Int? = nil, worker: @escaping NodeFunction) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("done", .list(of: .int), .append)
    builder.channel("total", .int)
    builder.node("plan", options: NodeOptions(send: ["work"])) { _, _ in
      var update = StateUpdate()
      for number in 0..<count { update.send("work", .int(number)) }
      return update
    }
    builder.node("work", options: NodeOptions(concurrency: most), function: worker)
    builder.node("sum") { state, _ in ["total": .int(try state.required(StateKey<[Int]>("done")).reduce(0, +))] }
    builder.edge(from: "start", to: "plan")
    builder.edge(from: "plan", to: "end")
    builder.edge(from: "work", to: "sum")
    builder.edge(from: "sum", to: "end")
    return try builder.compile()
  }

  @Test func `results of sends merge in the order of sending, and the next node runs once`() async throws {
    let graph = try mapReduce(50) { _, context in
      for _ in 0..<((50 - (context.input.intValue ?? 0)) % 7) { await Task.yield() }
      return ["done": [context.input]]
    }
    let outcome = try await makeRunner(graph).run()
    #expect(try outcome.state["done"] == .array((0..<50).map { .int($0) }))
    #expect(try outcome.state["total"] == 1_225)
    #expect(outcome.record.step == 3)
  }

  @Test func `no more tasks of a node run at once than its concurrency allows`() async throws {
    let running = Locked((now: 0, most: 0))
    let graph = try mapReduce(30, most: 3) { _, context in
      running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      for _ in 0..<5 { await Task.yield() }
      running.withLock { $0.now -= 1 }
      return ["done": [context.input]]
    }
    let outcome = try await makeRunner(graph).run()
    #expect(outcome.record.status == .finished)
    #expect((1...3).contains(running.withLock { $0.most }))
  }

  @Test func `a failing send keeps what the others finished, and only it runs again`() async throws {
    let runs = Locked<[Int: Int]>([:])
    let isBroken = Locked(true)
    let graph = try mapReduce(6) { _, context in
      let number = context.input.intValue ?? -1
      runs.withLock { $0[number, default: 0] += 1 }
      if number == 4, isBroken.current { throw Broken() }
      return ["done": [context.input]]
    }
    let store = MemoryCheckpointStore()
    #expect(try await makeRunner(graph, store: store).run().record.status == .failed)
    isBroken.withLock { $0 = false }
    let outcome = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(try outcome.state["done"] == [0, 1, 2, 3, 4, 5])
    #expect(runs.current == [0: 1, 1: 1, 2: 1, 3: 1, 4: 2, 5: 1])
  }

  // MARK: - Going

  private func going(_ targets: [String], declared: [String] = ["b", "end"]) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("path", .list(of: .string), .append)
    builder.node("a", options: NodeOptions(goto: declared)) { _, _ in
      var update: StateUpdate = ["path": ["a"]]
      for target in targets { update.goto(target) }
      return update
    }
    for name in ["b", "c"] { builder.node(name, function: writing(["path": [.string(name)]])) }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "c")
    builder.edge(from: "b", to: "end")
    builder.edge(from: "c", to: "end")
    return try builder.compile()
  }

  @Test(arguments: [([], ["a", "c"]), (["b"], ["a", "b"]), (["end"], ["a"])])
  func `going replaces the edges of the node`(targets: [String], path: [JSONValue]) async throws {
    let outcome = try await makeRunner(going(targets)).run()
    #expect(outcome.record.status == .finished)
    #expect(try outcome.state["path"] == .array(path))
  }

  @Test(arguments: [("nowhere", "no node of this graph"), ("c", "not declared under its 'goto'")])
  func `going where nothing is or nothing was declared fails the node`(target: String, part: String) async throws {
    let outcome = try await makeRunner(going([target])).run()
    #expect(outcome.record.error?.code == .unknownTarget)
    #expect(outcome.record.error?.message.contains(part) == true)
  }

  @Test func `two deferred nodes in a row run once each, when nothing else is due`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("path", .list(of: .string), .append)
    for name in ["a", "a2", "a3"] { builder.node(name, function: writing(["path": [.string(name)]])) }
    for name in ["d1", "d2"] {
      builder.node(name, options: NodeOptions(isDeferred: true), function: writing(["path": [.string(name)]]))
    }
    builder.edge(from: "start", to: "a", "d1")
    builder.edge(from: "a", to: "a2")
    builder.edge(from: "a2", to: "a3")
    builder.edge(from: "a3", to: "end")
    builder.edge(from: "d1", to: "d2")
    builder.edge(from: "d2", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(try outcome.state["path"] == ["a", "a2", "a3", "d1", "d2"])
  }

  // MARK: - Failing

  @Test func `an error handler takes over while a sibling runs on, and a resume runs the handler only`() async throws {
    let runs = Locked<[String]>([])
    let isBroken = Locked(true)
    var builder = GraphBuilder("g")
    builder.channel("path", .list(of: .string), .append)
    builder.node("bad", options: NodeOptions(errorHandler: "mend")) { _, _ in
      runs.withLock { $0.append("bad") }
      throw Broken()
    }
    builder.node("good", function: writing(["path": ["good"]]))
    builder.node("mend") { _, context in
      runs.withLock { $0.append("mend") }
      if isBroken.current { throw Hopeless() }
      return ["path": [.string(context.errors.map(\.description).joined())]]
    }
    builder.node("never", function: writing(["path": ["never"]]))
    builder.edge(from: "start", to: "bad", "good")
    builder.edge(from: "good", to: "end")
    builder.edge(from: "bad", to: "never")
    builder.edge(from: "never", to: "end")
    builder.edge(from: "mend", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    #expect(try await makeRunner(graph, store: store).run().record.error?.node == "mend")
    isBroken.withLock { $0 = false }
    let outcome = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(outcome.record.status == .finished)
    #expect(try outcome.state["path"] == ["good", "node 'bad': it broke"])
    #expect(runs.current == ["bad", "mend", "mend"])
  }

  @Test func `attempts go on counting after a crash`() async throws {
    let attempts = Locked<[Int]>([])
    var builder = GraphBuilder("g")
    builder.node("a", retry: RetryPolicy(attempts: 3)) { _, context in
      attempts.withLock { $0.append(context.attempt) }
      throw Broken()
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let graph = try builder.compile()
    let store = MemoryCheckpointStore()
    // Two attempts were made before the process died.
    let now = Date(timeIntervalSince1970: 1_750_000_000)
    let record = RunRecord(
      run: "r1",
      thread: "t1",
      graph: "g",
      graphHash: graph.hash,
      owner: "test",
      leaseExpires: now,
      createdAt: now
    )
    try await store.create(RunStart(record: record, changes: [], frontier: Frontier(due: ["a"]), events: []))
    try await store.record(RecordedEffect(run: "r1", step: 1, node: "a", name: "$attempts", value: 2), revision: 0)
    #expect(try await makeRunner(graph, store: store).resume("r1").outcome().record.status == .failed)
    #expect(attempts.current == [3])
    // Resumed by hand after it failed for good, it gets all attempts anew, and their numbers go on.
    _ = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(attempts.current == [3, 4, 5, 6])
  }

  @Test func `signs of life keep a node from its idle timeout, silence does not`() async throws {
    func graph(_ body: @escaping NodeFunction) throws -> Graph {
      var builder = GraphBuilder("g")
      builder.node("a", options: NodeOptions(idleTimeout: .seconds(3)), function: body)
      builder.edge(from: "start", to: "a")
      builder.edge(from: "a", to: "end")
      return try builder.compile()
    }
    let lively = try graph { _, context in
      for _ in 0..<9 {
        try await Task.sleep(for: .milliseconds(500))
        context.heartbeat()
      }
      return [:]
    }
    #expect(try await makeRunner(lively).run().record.status == .finished)
    let silent = try graph { _, _ in
      try await Task.sleep(for: .seconds(60))
      return [:]
    }
    #expect(try await makeRunner(silent).run().record.error?.code == .idleTimeout)
  }

  // MARK: - Cache

  private func cached(_ runs: Locked<Int>, fails: Locked<Bool> = Locked(false)) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("question", .string)
    builder.channel("answers", .list(of: .string), .append)
    builder.node("plan", options: NodeOptions(send: ["look"])) { _, _ in
      var update = StateUpdate()
      for _ in 0..<4 { update.send("look", "same") }
      return update
    }
    let policy = CachePolicy(lifetime: .seconds(60), key: ["question"])
    builder.node("look", options: NodeOptions(cache: policy)) { state, _ in
      runs.withLock { $0 += 1 }
      if fails.current { throw Broken() }
      return ["answers": [.string(try state.required(StateKey<String>("question")))]]
    }
    builder.edge(from: "start", to: "plan")
    builder.edge(from: "plan", to: "end")
    builder.edge(from: "look", to: "end")
    return try builder.compile()
  }

  @Test func `equal keys in one superstep run once, and later runs not at all until the time is over`() async throws {
    let runs = Locked(0)
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    let runner = makeRunner(try cached(runs), clock: clock.wallClock)
    #expect(try await runner.run(["question": "q"], run: "r1").state["answers"] == ["q", "q", "q", "q"])
    #expect(runs.current == 1)
    let second = try await runner.start(run: "r2", thread: "t1", input: ["question": "q"])
    #expect(try await second.outcome().state["answers"] == ["q", "q", "q", "q"])
    #expect(try await second.events.all().contains { $0.type == RunEvent.nodeCached })
    #expect(runs.current == 1)
    #expect(
      try await runner.run(["question": "other"], run: "r3").state["answers"]
        == .array(["other", "other", "other", "other"])
    )
    #expect(runs.current == 2)
    clock.advance(by: .seconds(61))
    _ = try await runner.run(["question": "q"], run: "r4")
    #expect(runs.current == 3)
  }

  @Test func `failures are never cached`() async throws {
    let runs = Locked(0)
    let fails = Locked(true)
    let runner = makeRunner(try cached(runs, fails: fails))
    #expect(try await runner.run(["question": "q"]).record.status == .failed)
    fails.withLock { $0 = false }
    let outcome = try await runner.resume("r1").outcome()
    #expect(try outcome.state["answers"] == ["q", "q", "q", "q"])
    #expect(runs.current == 2)
  }

  // MARK: - Channels

  @Test func `an overwrite replaces the value and loses nothing that siblings append`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("list", .list(of: .int), .append, defaultValue: [1, 2])
    builder.node("a", function: writing(["list": [3]]))
    builder.node("b") { _, _ in
      var update = StateUpdate()
      update.overwrite("list", [0])
      return update
    }
    builder.node("c", function: writing(["list": [4]]))
    builder.edge(from: "start", to: "a", "b", "c")
    for name in ["a", "b", "c"] { builder.edge(from: name, to: "end") }
    let store = MemoryCheckpointStore()
    let outcome = try await makeRunner(builder.compile(), store: store).run()
    #expect(try outcome.state["list"] == [0, 3, 4])
    #expect(try await store.load("r1")?.values["list"] == [0, 3, 4])
  }

  private func chat(_ writes: [JSONValue]) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("chat", .list(of: .object), .messages)
    builder.node("a", function: writing(["chat": [["id": "m1", "text": "one"], ["id": "m2", "text": "two"]]]))
    builder.node("b", function: writing(["chat": .array(writes)]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "end")
    return try builder.compile()
  }

  @Test(
    arguments: [
      ([["id": "m1", "text": "new"]], ["m1:new", "m2:two"]),
      ([["text": "three"]], ["m1:one", "m2:two", "r1/2/b/chat/0:three"]),
      ([Messages.removal(of: "m1")], ["m2:two"]),
      ([Messages.removalOfAll, ["id": "m9", "text": "nine"]], ["m9:nine"]),
    ] as [([JSONValue], [String])]
  )
  func `messages merge by id`(writes: [JSONValue], expected: [String]) async throws {
    let store = MemoryCheckpointStore()
    let outcome = try await makeRunner(chat(writes), store: store).run()
    func texts(_ list: JSONValue?) -> [String] {
      (list?.arrayValue ?? []).map { "\($0["id"]?.stringValue ?? "-"):\($0["text"]?.stringValue ?? "-")" }
    }
    #expect(texts(try outcome.state["chat"]) == expected)
    #expect(texts(try await store.load("r1")?.values["chat"]) == expected)
  }

  @Test func `removing a message that is not there is an error that leaves the run readable`() async throws {
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try chat([Messages.removal(of: "m7")]), store: store)
    #expect(try await runner.run().record.error?.message.contains("'m7', which is not in the list") == true)
    #expect(try await runner.outcome(of: "r1")?.record.step == 1)
  }

  @Test func `a graph takes its input, gives its output and hides what is private`() async throws {
    var builder = GraphBuilder("g", options: GraphOptions(input: ["question"], output: ["answer"]))
    builder.channel("question", .string)
    builder.channel("answer", .string, isOptional: true)
    builder.channel("scratch", .string, isOptional: true, isPrivate: true)
    builder.node("a", function: writing(["answer": "42", "scratch": "x"]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    let outcome = try await runner.run(["question": "why"])
    #expect(outcome.output == ["answer": "42"])
    await #expect(throws: RunError.self) { try await runner.run(["answer": "given"], run: "r2") }
  }
}
