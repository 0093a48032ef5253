import CoachVocabulary
import ConcurrencyKit
import StateGraph
import Testing

/// Faults of LangGraph 1.2 that show when a run is cut off, gone on with, or started twice.
///
/// The numbers are those of its issues. Each test is named after what it protects.
struct ReferenceFaultTests {
  private typealias Counts = Locked<[String: Int]>

  // MARK: - Questions

  @Test func `a question is no error that a node could swallow`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("answer", .any, isOptional: true)
    builder.node("a") { _, context in
      do {
        return ["answer": try await context.ask("go")]
      } catch {
        return ["answer": "swallowed"]
      }
    }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let asked = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    #expect(asked.record.status == .waiting)
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["go": "yes"]).outcome() }
    #expect(try done.state["answer"] == "yes")
  }

  @Test func `an answer stays with its question though the order of questions changed over a restart`() async throws {
    func graph(_ order: [String]) throws -> Graph {
      var builder = GraphBuilder("g")
      builder.channel("answers", .object)
      builder.node("a") { _, context in
        var answers: [String: JSONValue] = [:]
        for name in order { answers[name] = try await context.ask(name) }
        return ["answers": .object(answers)]
      }
      builder.line("a")
      return try builder.compile()
    }
    let scene = try RestartableRunner()
    let names = try await scene.process(try graph(["one", "two"])) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome().questions.map(\.name)
    }
    #expect(names == ["one"])
    let changed = try graph(["two", "one"])
    let half = try await scene.process(changed) { runner, _ in try await runner.answer("r", ["one": 1]).outcome() }
    #expect(half.questions.map(\.name) == ["two"])
    let done = try await scene.process(changed) { runner, _ in try await runner.answer("r", ["two": 2]).outcome() }
    #expect(try done.state["answers"] == ["one": 1, "two": 2])
  }

  @Test func `two questions of one task have names of their own, #6626`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("answers", .list(of: .any), .append)
    builder.node("a") { _, context in
      async let first = context.ask("first")
      async let second = context.ask("second")
      return ["answers": [try await first, try await second]]
    }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let asked = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    #expect(Set(asked.questions.map(\.id)) == ["a/first", "a/second"])
    let half = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["second": 2]).outcome() }
    #expect(half.questions.map(\.id) == ["a/first"])
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["first": 1]).outcome() }
    #expect(try done.state["answers"] == [1, 2])
  }

  @Test func `a node whose question is open is not executed again for the answer to another, #6208 #5952`() async throws
  {
    let counts = Counts([:])
    var builder = GraphBuilder("g")
    builder.channel("answers", .list(of: .any), .append)
    for name in ["a", "b"] {
      builder.node(name) { _, context in
        counts.withLock { $0[name, default: 0] += 1 }
        return ["answers": [try await context.ask("go")]]
      }
    }
    builder.edge(from: "start", to: "a", "b")
    for name in ["a", "b"] { builder.edge(from: name, to: "end") }
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    _ = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    _ = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["a/go": 1]).outcome() }
    #expect(counts.current == ["a": 2, "b": 1])
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["b/go": 2]).outcome() }
    #expect(counts.current == ["a": 2, "b": 2])
    #expect(try done.state["answers"] == [1, 2])
  }

  @Test func `null answers, no answer changes nothing, and a run that never was cannot be answered`() async throws {
    var builder = GraphBuilder("g")
    builder.channel("answer", .any, isOptional: true)
    builder.node("a") { _, context in ["answer": try await context.ask("go")] }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    try await scene.process(graph) { runner, store in
      await #expect(throws: CheckpointFailure.noSuchRun("r")) { try await runner.answer("r", ["go": 1]) }
      #expect(try await store.records(matching: RunQuery()).isEmpty)
      _ = try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let still = try await scene.process(graph) { runner, _ in try await runner.answer("r", [:]).outcome() }
    #expect(still.record.status == .waiting)
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["go": nil]).outcome() }
    #expect(done.record.status == .finished)
    #expect(try done.state["answer"] == .some(.null))
    let again = try await scene.process(graph) { runner, _ in try await runner.resume("r").outcome() }
    #expect(again.record.revision == done.record.revision)
  }

  // MARK: - Joins and finished nodes

  @Test func `a join that could stay half full is refused before anything runs, #6735 #7727`() throws {
    var builder = GraphBuilder("g")
    for name in ["pick", "a", "b", "c"] { builder.node(name) { _, _ in [:] } }
    builder.channel("way", .string)
    builder.edge(from: "start", to: "pick")
    builder.edge(from: "pick", to: "a", when: "way == \"a\"")
    builder.edge(from: "pick", to: "b", when: "otherwise")
    builder.join(["a", "b"], to: "c")
    builder.edge(from: "c", to: "end")
    let faults = #expect(throws: GraphFaults.self) { try builder.compile() }
    #expect(faults.map { "\($0)".contains("can starve") } == true)
  }

  @Test func `a join that is half full when a run is stopped does not fire in the next, #7727`() async throws {
    let counts = Counts([:])
    var builder = GraphBuilder("g")
    builder.channel("x", .int, isOptional: true)
    for name in ["a", "before", "b", "c"] {
      builder.node(name) { _, context in
        counts.withLock { $0[name, default: 0] += 1 }
        if name == "b" { _ = try await context.ask("go") }
        return [:]
      }
    }
    builder.edge(from: "start", to: "a", "before")
    builder.edge(from: "before", to: "b")
    builder.join(["a", "b"], to: "c")
    builder.edge(from: "c", to: "end")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let options = StartOptions(continuesThread: true)
    try await scene.process(graph) { runner, _ in
      let first = try await runner.start(run: "r1", thread: "t", input: [:], options: options).outcome()
      #expect(first.record.status == .waiting)
      _ = try await runner.stop("r1")
    }
    let second = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r2", thread: "t", input: [:], options: options).outcome()
    }
    #expect(second.record.status == .waiting)
    #expect(counts.current["c"] == nil)
    try await scene.process(graph) { runner, _ in try await runner.answer("r2", ["go": 1]).outcome() }
    #expect(counts.current == ["a": 2, "before": 2, "b": 3, "c": 1])
  }

  @Test(arguments: [false, true])
  func `what finished beside a failure is kept, with an edit in between or without, and the join fires`(
    isEdited: Bool
  ) async throws {
    let counts = Counts([:])
    let isMended = Locked(false)
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .string), .append)
    for name in ["good", "bad", "last"] {
      builder.node(name) { _, _ in
        counts.withLock { $0[name, default: 0] += 1 }
        if name == "bad", !isMended.current { throw Broken() }
        return ["log": [.string(name)]]
      }
    }
    builder.edge(from: "start", to: "good", "bad")
    builder.join(["good", "bad"], to: "last")
    builder.edge(from: "last", to: "end")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let failed = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    #expect(failed.record.status == .failed)
    isMended.withLock { $0 = true }
    if isEdited {
      try await scene.process(graph) { runner, _ in try await runner.edit("r", [StateEdit(["log": ["edit"]])]) }
    }
    let done = try await scene.process(graph) { runner, _ in try await runner.resume("r").outcome() }
    #expect(try done.state["log"] == (isEdited ? ["edit", "good", "bad", "last"] : ["good", "bad", "last"]))
    #expect(counts.current == ["good": 1, "bad": 2, "last": 1])
  }

  @Test func `a conflict of writes does not lock the run`() async throws {
    let isMended = Locked(false)
    var builder = GraphBuilder("g")
    builder.channel("x", .int, isOptional: true)
    for name in ["a", "b"] {
      builder.node(name) { _, _ in name == "b" && isMended.current ? [:] : ["x": 1] }
      builder.edge(from: "start", to: name)
      builder.edge(from: name, to: "end")
    }
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let failed = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    #expect(failed.record.error?.code == .writeConflict)
    let read = try await scene.process(graph) { runner, _ in try await runner.outcome(of: "r") }
    #expect(read?.record.error?.code == .writeConflict)
    isMended.withLock { $0 = true }
    let done = try await scene.process(graph) { runner, _ in try await runner.resume("r").outcome() }
    #expect(try done.state["x"] == 1)
  }

  // MARK: - Attempts, limits, handlers

  @Test func `attempts go on counting over a restart`() async throws {
    let attempts = Locked<[Int]>([])
    var builder = GraphBuilder("g")
    builder.channel("x", .any, isOptional: true)
    builder.node("a", retry: RetryPolicy(attempts: 3)) { _, context in
      attempts.withLock { $0.append(context.attempt) }
      if context.attempt < 2 { throw Broken() }
      return ["x": try await context.ask("go")]
    }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    _ = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["go": 1]).outcome() }
    #expect(done.record.status == .finished)
    #expect(attempts.current == [1, 2, 2])
  }

  @Test func `a start and a resume each take as many steps as the limit says, #5548`() async throws {
    let steps = Locked(0)
    var builder = GraphBuilder("g", stepLimit: 5)
    builder.channel("n", .int, .reduce(.sum))
    builder.node("a") { _, _ in
      steps.withLock { $0 += 1 }
      return ["n": 1]
    }
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "a", when: "n < 15")
    builder.edge(from: "a", to: "end", when: "otherwise")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let first = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    #expect(first.record.error?.code == .stepLimit)
    #expect(steps.current == 5)
    let second = try await scene.process(graph) { runner, _ in try await runner.resume("r").outcome() }
    #expect(second.record.error?.code == .stepLimit)
    #expect(steps.current == 10)
    let last = try await scene.process(graph) { runner, _ in try await runner.resume("r").outcome() }
    #expect(last.record.status == .finished)
    #expect(steps.current == 15)
  }

  @Test func `a restart goes on with the error handler, not with its node, and the error keeps its kind`() async throws
  {
    let counts = Counts([:])
    var builder = GraphBuilder("g")
    builder.channel("seen", .list(of: .string), .append)
    builder.node("bad", options: NodeOptions(errorHandler: "mend")) { _, _ in
      counts.withLock { $0["bad", default: 0] += 1 }
      throw Broken()
    }
    builder.node("mend") { _, context in
      counts.withLock { $0["mend", default: 0] += 1 }
      _ = try await context.ask("go")
      return ["seen": .array(context.errors.map { .string("\($0.code.rawValue) \($0.node ?? "")") })]
    }
    builder.line("bad")
    builder.edge(from: "mend", to: "end")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    _ = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["go": 1]).outcome() }
    #expect(try done.state["seen"] == ["node_failed bad"])
    #expect(counts.current == ["bad": 1, "mend": 2])
  }

  // MARK: - Effects and duplicates

  @Test func `results of effects stay with their names though their order changed over a restart`() async throws {
    func graph(_ order: [String]) throws -> Graph {
      var builder = GraphBuilder("g")
      builder.channel("results", .object)
      builder.node("a") { _, context in
        var results: [String: JSONValue] = [:]
        for name in order { results[name] = .string(try await context.once(name) { "\(name) of \(order[0]) first" }) }
        _ = try await context.ask("go")
        return ["results": .object(results)]
      }
      builder.line("a")
      return try builder.compile()
    }
    let scene = try RestartableRunner()
    _ = try await scene.process(try graph(["x", "y"])) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let done = try await scene.process(try graph(["y", "x"])) { runner, _ in
      try await runner.answer("r", ["go": 1]).outcome()
    }
    #expect(try done.state["results"] == ["x": "x of x first", "y": "y of x first"])
  }

  @Test func `effects of many tasks at once are all kept, #8115`() async throws {
    let effects = Locked(0)
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .int), .append)
    builder.node("split", options: NodeOptions(send: ["work"])) { _, _ in
      var update = StateUpdate()
      for number in 0..<100 { update.send("work", .int(number)) }
      return update
    }
    builder.node("work") { _, context in
      let value: Int = try await context.once("effect") {
        effects.withLock { $0 += 1 }
        return context.input.intValue ?? -1
      }
      _ = try await context.ask("go", expiresAfter: .zero, otherwise: 0)
      return ["log": [.int(value)]]
    }
    builder.node("hold") { _, context in ["log": [try await context.ask("go")]] }
    builder.edge(from: "start", to: "split")
    builder.edge(from: "split", to: "hold")
    for name in ["work", "hold"] { builder.edge(from: name, to: "end") }
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    _ = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let done = try await scene.process(graph) { runner, _ in try await runner.answer("r", ["hold/go": -7]).outcome() }
    let numbers = try done.state["log"]?.arrayValue?.compactMap(\.intValue) ?? []
    #expect(numbers.sorted() == [-7] + Array(0..<100))
    #expect(effects.current == 100)
  }

  @Test func `a start that is sent again after a restart gives the first run, #8464 #8702`() async throws {
    let counts = Counts([:])
    var builder = GraphBuilder("g")
    builder.channel("x", .int)
    builder.node("a") { _, _ in
      counts.withLock { $0["a", default: 0] += 1 }
      return ["x": 1]
    }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    let options = StartOptions(idempotencyKey: "order 7")
    for run in ["r1", "r2"] {
      let outcome = try await scene.process(graph) { runner, _ in
        try await runner.start(run: RunID(run), thread: ThreadID(run), input: [:], options: options).outcome()
      }
      #expect(outcome.record.run == "r1")
    }
    #expect(counts.current == ["a": 1])
  }

  @Test func `a superstep is saved before the next begins, #7094 #8039`() async throws {
    let database = Locked<(any CheckpointStore)?>(nil)
    var builder = GraphBuilder("g")
    builder.channel("log", .list(of: .int), .append)
    for name in ["a", "b", "c"] {
      builder.node(name) { _, context in
        let saved = try await database.current?.load(context.run)
        return ["log": [.int(saved?.record.step ?? -1), .int(saved?.values["log"]?.arrayValue?.count ?? -1)]]
      }
    }
    builder.line("a", "b", "c")
    let graph = try builder.compile()
    let done = try await RestartableRunner().process(graph) { runner, store in
      database.withLock { $0 = store }
      return try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    // Before anything is written the channel holds its empty list, which need not be saved.
    #expect(try done.state["log"]?.arrayValue?.suffix(4) == [1, 2, 2, 4])
  }

  @Test func `a failure is not kept in the cache over a restart`() async throws {
    let counts = Counts([:])
    var builder = GraphBuilder("g")
    builder.channel("x", .int)
    builder.node("a", options: NodeOptions(cache: CachePolicy(key: ["x"]))) { _, _ in
      let count = counts.withLock { counts in
        counts["a", default: 0] += 1
        return counts["a", default: 0]
      }
      if count == 1 { throw Broken() }
      return ["x": 2]
    }
    builder.line("a")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    var statuses: [RunStatus] = []
    for run in ["r1", "r2", "r3"] {
      statuses.append(
        try await scene.process(graph) { runner, _ in
          try await runner.start(run: RunID(run), thread: "t", input: ["x": 1]).outcome().record.status
        }
      )
    }
    #expect(statuses == [.failed, .finished, .finished])
    #expect(counts.current == ["a": 2])
  }

  // MARK: - Other

  @Test func `a subgraph does not outlive a run that is stopped, #5682 #8302`() async throws {
    let (entered, entry) = AsyncStream<Void>.makeStream()
    let hasGoneOn = Locked(false)
    var inner = GraphBuilder("inner")
    inner.channel("x", .int, isOptional: true)
    inner.node("long") { _, _ in
      entry.yield()
      try await Task.sleep(for: .seconds(30))
      hasGoneOn.withLock { $0 = true }
      return [:]
    }
    inner.line("long")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var builder = GraphBuilder("g", registry: registry)
    builder.channel("x", .int, isOptional: true)
    builder.node("call", .graph("inner"))
    builder.line("call")
    let graph = try builder.compile()
    let statuses = try await RestartableRunner().process(graph) { runner, store in
      let handle = try await runner.start(run: "r", thread: "t", input: [:])
      for await _ in entered { break }
      _ = try await runner.stop("r")
      _ = try await handle.outcome()
      await runner.drain()
      return try await store.records(matching: RunQuery()).map(\.status)
    }
    #expect(statuses.count == 2)
    #expect(statuses.allSatisfy { $0 == .stopped })
    #expect(!hasGoneOn.current)
  }

  @Test func `a node that is renamed while its question is open loses no answer, docs#3843`() async throws {
    func graph(_ name: String) throws -> Graph {
      var builder = GraphBuilder("g")
      builder.channel("answer", .any, isOptional: true)
      builder.node(name) { _, context in ["answer": try await context.ask("go")] }
      builder.line(name)
      return try builder.compile()
    }
    let scene = try RestartableRunner()
    _ = try await scene.process(try graph("old")) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    try await scene.process(try graph("new")) { runner, _ in
      await #expect(throws: RunnerFailure.graphChanged("r", graph: "g")) { try await runner.answer("r", ["go": 1]) }
    }
    let done = try await scene.process(try graph("old")) { runner, _ in
      try await runner.answer("r", ["go": 1]).outcome()
    }
    #expect(try done.state["answer"] == 1)
  }

  @Test(arguments: [0, 1, 4])
  func `a reader that comes back after a restart gets every event once, #7778`(seen: Int) async throws {
    var builder = GraphBuilder("g")
    builder.channel("x", .any, isOptional: true)
    builder.node("a") { _, context in
      for number in 0..<3 { context.emit("tick", .int(number)) }
      return [:]
    }
    builder.node("b") { _, context in ["x": try await context.ask("go")] }
    builder.line("a", "b")
    let graph = try builder.compile()
    let scene = try RestartableRunner()
    _ = try await scene.process(graph) { runner, _ in
      try await runner.start(run: "r", thread: "t", input: [:]).outcome()
    }
    let sequences = try await scene.process(graph) { runner, _ in
      _ = try await runner.answer("r", ["go": 1])
      var sequences: [Int] = []
      for try await event in runner.events(of: "r", after: seen) { sequences.append(event.sequence) }
      return sequences
    }
    #expect(sequences.count > 5)
    #expect(sequences == Array((seen + 1)...(seen + sequences.count)))
  }
}
