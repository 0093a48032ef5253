import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

struct GraphRunnerTests {
  // MARK: - Channels

  @Test func `each kind of channel merges as declared`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("last", .string)
    builder.channel("sum", .int, .reduce(.sum), defaultValue: 10)
    builder.channel("max", .double, .reduce(.max))
    builder.channel("min", .int, .reduce(.min))
    builder.channel("merge", .object, .reduce(.merge))
    builder.channel("list", .list(of: .int), .append, defaultValue: [0])
    builder.node("a", function: writing(["sum": 1, "max": 2, "min": 5, "merge": ["x": 1, "y": 1], "list": [1, 2]]))
    builder.node("b", function: writing(["sum": 2, "max": 1.5, "min": 7, "merge": ["y": 2], "list": [3], "last": "b"]))
    builder.edge(from: "start", to: "b", "a")
    builder.edge(from: "a", to: "end")
    builder.edge(from: "b", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.record.status == .finished)
    #expect(
      outcome.state.values == [
        "last": "b", "sum": 13, "max": 2.0, "min": 5, "merge": ["x": 1, "y": 2], "list": [0, 1, 2, 3],
      ]
    )
  }

  @Test func `an ephemeral value lives for one superstep`() async throws {
    let key = StateKey<String>("flash")
    var builder = GraphBuilder("g")
    builder.channel("flash", .string, .ephemeral, isOptional: true)
    builder.channel("seen", .list(of: .any), .append)
    builder.node("a", function: writing(["flash": "now"]))
    for name in ["b", "c"] {
      builder.node(name) { state, _ in ["seen": [.string(try state[key] ?? "gone")]] }
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "b")
    builder.edge(from: "b", to: "c")
    builder.edge(from: "c", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(try outcome.state["seen"] == ["now", "gone"])
    #expect(try outcome.state["flash"] == nil)
  }

  @Test func `an untracked value is seen but never saved`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("token", .string, .untracked)
    builder.channel("length", .int)
    builder.node("a") { state, _ in ["length": .int(try state.required(StateKey<String>("token")).count)] }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let store = MemoryCheckpointStore()
    let outcome = try await makeRunner(builder.compile(), store: store).run(["token": "hidden"])
    #expect(try outcome.state["length"] == 6)
    #expect(try await store.load("r1")?.values == ["length": 6])
  }

  @Test func `typed keys carry Swift values through the state`() async throws {
    struct Frame: Codable, Sendable, Equatable {
      var metrics: [String]
      var limit: Int?
    }
    let frame = StateKey<Frame>("frame")
    let frames = StateKey<[Frame]>("frames")
    var builder = GraphBuilder("g")
    builder.channel("frame", .object, isOptional: true)
    builder.channel("frames", .list(of: .object), .append)
    builder.node("a") { _, _ in
      var update = StateUpdate()
      try update.set(frame, Frame(metrics: ["revenue"], limit: 5))
      try update.append(frames, Frame(metrics: ["a"]))
      try update.append(frames, Frame(metrics: ["b"]))
      return update
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(try outcome.state[frame] == Frame(metrics: ["revenue"], limit: 5))
    #expect(try outcome.state.required(frames) == [Frame(metrics: ["a"]), Frame(metrics: ["b"])])
    #expect(throws: StateFailure.undeclared(channel: "farme")) { try outcome.state["farme"] }
    #expect(throws: StateFailure.self) { try outcome.state[StateKey<Int>("frame")] }
  }

  private static let faultyWrites: [([String: JSONValue], RunError.Code, String)] = [
    (["outcom": "x"], .undeclaredKey, "'outcom'"),
    (["text": 5], .typeClash, "int to channel 'text', which holds string"),
    (["text": nil], .typeClash, "null"),
    (["number": 1.5], .typeClash, "double"),
    (["list": ["a", 1]], .typeClash, "list"),
    (["list": "a"], .typeClash, "string"),
    (["word": "c"], .typeClash, "one of a, b"),
    (["ratio": .double(.nan)], .typeClash, "double"),
  ]

  @Test(arguments: faultyWrites)
  func `an undeclared key or a wrong type fails the node`(
    writes: [String: JSONValue],
    code: RunError.Code,
    part: String
  ) async throws {
    var builder = GraphBuilder("g")
    builder.channel("text", .string)
    builder.channel("number", .int)
    builder.channel("ratio", .double, isOptional: true)
    builder.channel("word", .string, allowedTexts: ["a", "b"])
    builder.channel("list", .list(of: .string), .append)
    builder.node("a", retry: RetryPolicy(attempts: 3), function: writing(writes))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.record.status == .failed)
    let error = try #require(outcome.record.error)
    #expect(error.code == code)
    #expect(error.node == "a")
    #expect(error.message.contains(part), "\(error.message)")
  }

  @Test func `two writes to a channel that takes one are a conflict, and the thread stays readable`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("answer", .string)
    builder.channel("log", .list(of: .string), .append)
    builder.node("first", function: writing(["log": ["ran"]]))
    builder.node("a", function: writing(["answer": "a"]))
    builder.node("b", function: writing(["answer": "b"]))
    builder.edge(from: "start", to: "first")
    builder.edge(from: "first", to: "a", "b")
    builder.edge(from: "a", to: "end")
    builder.edge(from: "b", to: "end")
    let runner = makeRunner(try builder.compile())
    let outcome = try await runner.run()
    #expect(outcome.record.error?.code == .writeConflict)
    #expect(outcome.record.error?.message.contains("'a' and 'b' both wrote channel 'answer'") == true)
    let saved = try await runner.outcome(of: "r1")
    #expect(saved?.state.values == ["log": ["ran"]])
    #expect(saved?.record.step == 1)
  }

  @Test func `an input the graph does not take is refused before anything is saved`() async throws {
    var builder = GraphBuilder("g")
    builder.node("a", function: writing([:]))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try builder.compile(), store: store)
    await #expect(throws: RunError.self) { try await runner.run(["x": 1]) }
    #expect(try await store.record(of: "r1") == nil)
  }

  // MARK: - Edges

  /// A graph whose nodes write their name to `path`.
  private func tracing(
    _ nodes: [String],
    stepLimit: Int = 100,
    _ edges: (inout GraphBuilder) -> Void
  ) throws -> Graph {
    var builder = GraphBuilder("g", stepLimit: stepLimit)
    builder.channel("path", .list(of: .string), .append)
    builder.channel("count", .int, .reduce(.sum))
    builder.channel("choice", .string)
    for name in nodes { builder.node(name, function: writing(["path": [.string(name)], "count": 1])) }
    edges(&builder)
    return try builder.compile()
  }

  @Test func `a join waits for all of its nodes, however long their paths`() async throws {
    let graph = try tracing(["a", "b1", "b2", "b3", "c"]) { builder in
      builder.edge(from: "start", to: "a", "b1")
      builder.edge(from: "b1", to: "b2")
      builder.edge(from: "b2", to: "b3")
      builder.join(["a", "b3"], to: "c")
      builder.edge(from: "c", to: "end")
    }
    let outcome = try await makeRunner(graph).run()
    #expect(try outcome.state["path"] == ["a", "b1", "b2", "b3", "c"])
    #expect(outcome.record.step == 4)
  }

  @Test func `a join fires again in a loop`() async throws {
    let graph = try tracing(["s", "a", "b", "c"]) { builder in
      builder.edge(from: "start", to: "s")
      builder.edge(from: "s", to: "a", "b")
      builder.join(["a", "b"], to: "c")
      builder.edge(from: "c", to: "s", when: "count < 8")
      builder.edge(from: "c", to: "end", when: "otherwise")
    }
    let outcome = try await makeRunner(graph).run()
    #expect(try outcome.state["path"] == ["s", "a", "b", "c", "s", "a", "b", "c"])
  }

  @Test func `a join left half full fails the run by name`() async throws {
    let graph = try tracing(["a", "b", "c"]) { builder in
      builder.edge(from: "start", to: "a", "b")
      builder.join(["a", "b"], to: "c")
      builder.edge(from: "c", to: "a", when: "count < 4")
      builder.edge(from: "c", to: "end", when: "otherwise")
    }
    let outcome = try await makeRunner(graph).run()
    #expect(outcome.record.error?.code == .stalledJoin)
    #expect(outcome.record.error?.message.contains("'c' waits for b") == true)
  }

  @Test(arguments: [
    ("x", ["s", "a"]), ("y", ["s", "b", "c"]), ("z", ["s", "d"]),
  ])
  func `conditions choose the way, otherwise takes the rest`(choice: String, path: [String]) async throws {
    let graph = try tracing(["s", "a", "b", "c", "d"]) { builder in
      builder.edge(from: "start", to: "s")
      builder.edge(from: "s", to: "a", when: "choice == 'x'")
      builder.edge(from: "s", to: "b", when: "choice == 'y'")
      builder.edge(from: "s", to: "c", when: "choice > 'x' and choice < 'z'")
      builder.edge(from: "s", to: "d", when: "otherwise")
      for name in ["a", "b", "c", "d"] { builder.edge(from: name, to: "end") }
    }
    let outcome = try await makeRunner(graph).run(["choice": .string(choice)])
    #expect(try outcome.state["path"] == .array(path.map { .string($0) }))
  }

  @Test func `unconditional edges fire beside conditional ones`() async throws {
    let graph = try tracing(["s", "a", "b"]) { builder in
      builder.edge(from: "start", to: "s")
      builder.edge(from: "s", to: "a")
      builder.edge(from: "s", to: "b", when: "choice == 'x'")
      builder.edge(from: "a", to: "end")
      builder.edge(from: "b", to: "end")
    }
    #expect(try await makeRunner(graph).run(["choice": "x"]).state["path"] == ["s", "a", "b"])
    #expect(try await makeRunner(graph).run(["choice": "y"]).state["path"] == ["s", "a"])
  }

  @Test func `a node none of whose conditions holds fails the run by name`() async throws {
    let graph = try tracing(["s"]) { builder in
      builder.edge(from: "start", to: "s")
      builder.edge(from: "s", to: "end", when: "choice == 'x'")
    }
    let failed = try await makeRunner(graph).run(["choice": "y"])
    #expect(failed.record.error?.code == .noEdgeHeld)
    #expect(failed.record.error?.node == "s")
    let unset = try await makeRunner(graph).run()
    #expect(unset.record.error?.code == .conditionFailed)
    #expect(unset.record.error?.message.contains("'choice', which has no value") == true)
  }

  @Test(arguments: [(3, RunStatus.finished), (2, .failed)])
  func `a chain of three passes a limit of three`(limit: Int, status: RunStatus) async throws {
    let graph = try tracing(["a", "b", "c"], stepLimit: limit) { builder in
      builder.edge(from: "start", to: "a")
      builder.edge(from: "a", to: "b")
      builder.edge(from: "b", to: "c")
      builder.edge(from: "c", to: "end")
    }
    let runner = makeRunner(graph)
    let outcome = try await runner.run()
    #expect(outcome.record.status == status)
    #expect(outcome.record.step == limit)
    guard status == .failed else { return }
    #expect(outcome.record.error?.code == .stepLimit)
    let resumed = try await runner.resume("r1").outcome()
    #expect(resumed.record.status == .finished)
    #expect(try resumed.state["path"] == ["a", "b", "c"])
  }

  @Test func `a loop ends by its condition`() async throws {
    let graph = try tracing(["a"]) { builder in
      builder.edge(from: "start", to: "a")
      builder.edge(from: "a", to: "a", when: "count < 70")
      builder.edge(from: "a", to: "end", when: "otherwise")
    }
    #expect(try await makeRunner(graph).run().state["count"] == 70)
  }

  @Test func `more than 64 nodes work`() async throws {
    let names = (0..<200).map { "n\($0)" }
    let graph = try tracing(names + ["last"], stepLimit: 3) { builder in
      for name in names { builder.edge(from: "start", to: name) }
      builder.join(names, to: "last")
      builder.edge(from: "last", to: "end")
    }
    let outcome = try await makeRunner(graph).run()
    #expect(outcome.record.status == .finished)
    #expect(try outcome.state["count"] == 201)
    #expect(try outcome.state["path"] == .array((names + ["last"]).map { .string($0) }))
  }

  // MARK: - Failure

  /// One node between start and end.
  private func single(
    retry: RetryPolicy = .once,
    timeout: Duration? = nil,
    _ function: @escaping NodeFunction
  ) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("x", .int, .reduce(.sum))
    builder.node("a", retry: retry, timeout: timeout, function: function)
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    return try builder.compile()
  }

  @Test func `a node is tried as often as its policy says`() async throws {
    let graph = try single(retry: RetryPolicy(attempts: 3)) { _, context in
      if context.attempt < 3 { throw Broken() }
      return ["x": .int(context.attempt)]
    }
    let runner = makeRunner(graph)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    #expect(try await handle.outcome().state["x"] == 3)
    let retried = try await handle.events.all().filter { $0.type == RunEvent.nodeRetried }
    #expect(retried.map { $0.data["attempt"] } == [1, 2])
    #expect(retried.first?.data["error"] == "it broke")
  }

  @Test func `a node that always fails fails the run with its error`() async throws {
    let outcome = try await makeRunner(single(retry: RetryPolicy(attempts: 2)) { _, _ in throw Broken() }).run()
    #expect(outcome.record.status == .failed)
    #expect(outcome.record.error == RunError(.nodeFailed, "it broke", node: "a"))
    #expect(outcome.record.endedAt != nil)
  }

  @Test func `an error that says so is not tried again`() async throws {
    let attempts = Locked(0)
    let graph = try single(retry: RetryPolicy(attempts: 5)) { _, _ in
      attempts.withLock { $0 += 1 }
      throw Hopeless()
    }
    _ = try await makeRunner(graph).run()
    #expect(attempts.current == 1)
  }

  @Test func `an attempt beyond its timeout is cut off and tried again`() async throws {
    let graph = try single(retry: RetryPolicy(attempts: 2), timeout: .milliseconds(30)) { _, context in
      #expect(context.deadline != nil)
      if context.attempt == 1 { try await Task.sleep(for: .seconds(60)) }
      return ["x": 1]
    }
    #expect(try await makeRunner(graph).run().record.status == .finished)
    let slow = try single(timeout: .milliseconds(10)) { _, _ in
      try await Task.sleep(for: .seconds(60))
      return [:]
    }
    let outcome = try await makeRunner(slow).run()
    #expect(outcome.record.error?.code == .nodeTimeout)
    #expect(outcome.record.error?.node == "a")
  }

  @Test func `a run beyond its time limit fails`() async throws {
    let graph = try single { _, context in
      #expect(context.deadline != nil)
      try await Task.sleep(for: .seconds(60))
      return [:]
    }
    let outcome = try await makeRunner(graph).run(timeLimit: .milliseconds(30))
    #expect(outcome.record.status == .failed)
    #expect(outcome.record.error?.code == .timeLimit)
  }

  /// `good` finishes at once, `bad` fails as long as `isBroken` says so; both lead to `last` by a join.
  private func halfBroken(_ isBroken: Locked<Bool>, _ goodRuns: Locked<Int>) throws -> Graph {
    var builder = GraphBuilder("g")
    builder.channel("list", .list(of: .string), .append)
    builder.node("bad") { _, _ in
      if isBroken.current { throw Broken() }
      return ["list": ["bad"]]
    }
    builder.node("good") { _, _ in
      goodRuns.withLock { $0 += 1 }
      return ["list": ["good"]]
    }
    builder.node("last") { state, _ in ["list": ["last"]] }
    builder.edge(from: "start", to: "bad", "good")
    builder.join(["bad", "good"], to: "last")
    builder.edge(from: "last", to: "end")
    return try builder.compile()
  }

  @Test func `a failing node does not lose what its siblings finished`() async throws {
    let isBroken = Locked(true)
    let goodRuns = Locked(0)
    let graph = try halfBroken(isBroken, goodRuns)
    let store = MemoryCheckpointStore()
    let failed = try await makeRunner(graph, store: store).run()
    #expect(failed.record.error?.node == "bad")
    #expect(failed.record.step == 0)
    #expect(
      try await store.load("r1")?.frontier.pending == [Frontier.Pending(node: "good", writes: ["list": ["good"]])]
    )
    isBroken.withLock { $0 = false }
    let resumed = try await makeRunner(graph, store: store).resume("r1").outcome()
    #expect(try resumed.state["list"] == ["bad", "good", "last"])
    #expect(goodRuns.current == 1)
  }

  @Test func `of two failing siblings the one declared first is reported`() async throws {
    var builder = GraphBuilder("g")
    let second = Gate()
    builder.node("a") { _, _ in
      await second.wait()
      throw Broken()
    }
    builder.node("b") { _, _ in
      second.open()
      throw Hopeless()
    }
    builder.edge(from: "start", to: "a", "b")
    builder.edge(from: "a", to: "end")
    builder.edge(from: "b", to: "end")
    let outcome = try await makeRunner(builder.compile()).run()
    #expect(outcome.record.error?.node == "a")
  }

  // MARK: - Stopping

  @Test func `stopping cancels the nodes at work and keeps what finished`() async throws {
    let began = Gate()
    var builder = GraphBuilder("g")
    builder.channel("list", .list(of: .string), .append)
    builder.node("quick", function: writing(["list": ["quick"]]))
    builder.node("slow") { _, context in
      began.open()
      if context.attempt == 1 { try await Task.sleep(for: .seconds(60)) }
      #expect(context.isCancelled)
      return [:]
    }
    builder.edge(from: "start", to: "quick", "slow")
    builder.edge(from: "quick", to: "end")
    builder.edge(from: "slow", to: "end")
    let store = MemoryCheckpointStore()
    let runner = makeRunner(try builder.compile(), store: store)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    await began.wait()
    #expect(try await runner.stop("r1"))
    let outcome = try await handle.outcome()
    #expect(outcome.record.status == .stopped)
    #expect(outcome.record.error == nil)
    #expect(try await handle.events.all().last?.type == RunEvent.runStopped)
    #expect(try await runner.stop("r1") == false)
  }

  @Test func `stopping a run that nobody works on frees its thread`() async throws {
    let graph = try single(writing(["x": 1]))
    let store = MemoryCheckpointStore()
    let clock = ManualClock(Date(timeIntervalSince1970: 1_750_000_000))
    let start = Date(timeIntervalSince1970: 1_750_000_000)
    let record = RunRecord(
      run: "r0",
      thread: "t1",
      graph: "g",
      graphHash: graph.hash,
      owner: "dead",
      leaseExpires: start,
      createdAt: start
    )
    try await store.create(RunStart(record: record, changes: [], frontier: Frontier(due: ["a"]), events: []))
    let runner = makeRunner(graph, store: store, clock: clock.wallClock)
    await #expect(throws: CheckpointFailure.threadBusy("t1", run: "r0")) { try await runner.run() }
    #expect(try await runner.stop("r0"))
    #expect(try await runner.events(of: "r0").all().map(\.type) == [RunEvent.runStopped])
    #expect(try await runner.run().record.status == .finished)
  }

  @Test func `a second run on a busy thread is refused`() async throws {
    let gate = Gate()
    let graph = try single { _, _ in
      await gate.wait()
      return [:]
    }
    let runner = makeRunner(graph)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    await #expect(throws: CheckpointFailure.threadBusy("t1", run: "r1")) {
      try await runner.start(run: "r2", thread: "t1", input: [:])
    }
    await #expect(throws: RunnerFailure.alreadyActive("r1")) {
      try await runner.start(run: "r1", thread: "t2", input: [:])
    }
    gate.open()
    #expect(try await handle.outcome().record.status == .finished)
    #expect(try await runner.start(run: "r2", thread: "t1", input: [:]).outcome().record.status == .finished)
  }

  @Test func `draining puts runs aside after the superstep, and another process goes on`() async throws {
    let gate = Gate()
    let began = Gate()
    let graph = try tracing(["b"]) { builder in
      builder.node("a") { _, _ in
        began.open()
        await gate.wait()
        return ["path": ["a"]]
      }
      builder.edge(from: "start", to: "a")
      builder.edge(from: "a", to: "b")
      builder.edge(from: "b", to: "end")
    }
    let store = MemoryCheckpointStore()
    let runner = makeRunner(graph, store: store)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    await began.wait()
    async let drained: Void = runner.drain()
    while true {
      do {
        _ = try await runner.start(run: "r9", thread: "t9", input: [:])
      } catch RunnerFailure.draining {
        break
      } catch {}
      await Task.yield()
    }
    gate.open()
    await drained
    #expect(try await handle.outcome().record.status == .interrupted)
    let other = makeRunner(graph, store: store, owner: "other")
    let waiting = try await other.recoverable().map(\.run)
    #expect(waiting.contains("r1"))
    let outcome = try await other.resume("r1").outcome()
    #expect(try outcome.state["path"] == ["a", "b"])
    #expect(outcome.record.recoveries == 0)
  }

  // MARK: - Choosing graphs

  @Test func `a run saved under another form of the graph is not resumed`() async throws {
    let store = MemoryCheckpointStore()
    let failing = try single { _, _ in throw Broken() }
    _ = try await makeRunner(failing, store: store).run()
    var builder = GraphBuilder("g")
    builder.node("other", function: writing([:]))
    builder.edge(from: "start", to: "other")
    builder.edge(from: "other", to: "end")
    let edited = makeRunner(try builder.compile(), store: store)
    await #expect(throws: RunnerFailure.graphChanged("r1", graph: "g")) { try await edited.resume("r1") }
    await #expect(throws: CheckpointFailure.noSuchRun("r7")) { try await edited.resume("r7") }
    await #expect(throws: RunnerFailure.noSuchGraph("h", known: ["g"])) {
      try await edited.start(run: "r2", thread: "t1", graph: "h", input: [:])
    }
  }

  @Test func `resuming a finished run gives its outcome and runs nothing`() async throws {
    let runs = Locked(0)
    let graph = try single { _, _ in
      runs.withLock { $0 += 1 }
      return ["x": 1]
    }
    let runner = makeRunner(graph)
    _ = try await runner.run()
    let again = try await runner.resume("r1").outcome()
    #expect(again.record.status == .finished)
    #expect(try again.state["x"] == 1)
    #expect(runs.current == 1)
  }

  @Test func `a caller may save more together with the start`() async throws {
    let graph = try single(writing(["x": 1]))
    let store = MemoryCheckpointStore()
    let saved = Locked<[RunID]>([])
    let runner = makeRunner(graph, store: store)
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:]) { start in
      saved.withLock { $0.append(start.record.run) }
      try await store.create(start)
    }
    #expect(try await handle.outcome().record.status == .finished)
    #expect(saved.current == ["r1"])
    await #expect(throws: Broken.self) {
      try await runner.start(run: "r2", thread: "t1", input: [:]) { _ in throw Broken() }
    }
    #expect(try await runner.start(run: "r2", thread: "t1", input: [:]).outcome().record.status == .finished)
  }

  @Test func `parameters, notes and identity reach the node and the events`() async throws {
    var registry = NodeRegistry()
    registry.register("show") { _, context in
      #expect(context.parameters == ["outcome": "decline"])
      #expect(context.idempotencyKey == "r1/1/a")
      #expect(context.thread == "t1")
      return StateUpdate([:], note: "showed it")
    }
    var builder = GraphBuilder("g", registry: registry)
    builder.node("a", .function("show"), parameters: ["outcome": "decline"])
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let runner = makeRunner(try builder.compile())
    let handle = try await runner.start(run: "r1", thread: "t1", input: [:])
    _ = try await handle.outcome()
    let finished = try await handle.events.all().first { $0.type == RunEvent.nodeFinished }
    #expect(finished?.data["note"] == "showed it")
    #expect(finished?.data["duration_ms"]?.doubleValue != nil)
  }
}
