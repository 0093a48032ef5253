import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

/// The Swift snippets of `docs/state-graph.md`, compiled and run; a test holds the two texts equal.
@Suite struct GuideTests {
  private static let root: String = {
    var url = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  private static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(name)")), as: UTF8.self)
  }

  /// The lines between fences, or between marks, without what all of them are indented by.
  private static func blocks(of text: String, from start: String, to end: String) -> [String] {
    var blocks: [String] = []
    var lines: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      if let open = lines, trimmed == end {
        let indent = open.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        blocks.append(open.map { $0.dropFirst(indent) }.joined(separator: "\n"))
        lines = nil
      } else if lines != nil {
        lines?.append(line)
      } else if trimmed == start {
        lines = []
      }
    }
    return blocks
  }

  @Test func `every Swift snippet of the guide is one of this file`() throws {
    let guide = Self.blocks(of: try Self.text("docs/state-graph.md"), from: "```swift", to: "```")
    let source = try Self.text("Tests/StateGraphTests/GuideTests.swift")
    let here = Self.blocks(of: source, from: "// guide", to: "// end of guide")
    #expect(guide.count >= 8)
    #expect(guide == here)
  }

  @Test func `a graph is declared, compiled and run`() async throws {
    // guide
    var builder = GraphBuilder("greeting", stepLimit: 10)
    builder.channel("name", .string)
    builder.channel("words", .list(of: .string), .append)
    builder.node("hello", reads: ["name"], writes: ["words"]) { state, _ in
      let name = try state.required(StateKey<String>("name"))
      var update = StateUpdate()
      try update.append(StateKey<[String]>("words"), "Hello, \(name)")
      return update
    }
    builder.node("ask_back", writes: ["words"]) { _, _ in ["words": ["How are you?"]] }
    builder.edge(from: "start", to: "hello")
    builder.edge(from: "hello", to: "ask_back", when: "name != \"\"")
    builder.edge(from: "hello", to: "end", when: "otherwise")
    builder.edge(from: "ask_back", to: "end")
    let graph = try builder.compile()

    let runner = GraphRunner(graphs: [graph], store: MemoryCheckpointStore(), configuration: .init(owner: "main"))
    let handle = try await runner.start(run: "r1", thread: "t1", input: ["name": "Ada"])
    let outcome = try await handle.outcome()
    let words = outcome.output["words"]
    // end of guide
    #expect(words == ["Hello, Ada", "How are you?"])
    #expect(outcome.record.status == .finished)
  }

  @Test func `work is spread over sends and joined`() async throws {
    // guide
    var builder = GraphBuilder("spread")
    builder.channel("total", .int, .reduce(.sum))
    builder.channel("report", .string, defaultValue: "")
    builder.node("plan", options: NodeOptions(send: ["count"])) { _, _ in
      var update = StateUpdate()
      for text in ["one", "three", "eleven"] { update.send("count", .string(text)) }
      return update
    }
    builder.node("count", options: NodeOptions(concurrency: 2)) { _, context in
      ["total": .int(context.input.stringValue?.count ?? 0)]
    }
    builder.node("report", options: NodeOptions(isDeferred: true)) { state, _ in
      ["report": .string("\(try state["total"]?.intValue ?? 0) letters")]
    }
    builder.edge(from: "start", to: "plan", "report")
    builder.edge(from: "plan", to: "end")
    builder.edge(from: "count", to: "end")
    builder.edge(from: "report", to: "end")
    // end of guide
    let outcome = try await makeRunner(try builder.compile()).run()
    #expect(outcome.output == ["total": 14, "report": "14 letters"])
  }

  @Test func `quick branches run ahead of slow siblings`() async throws {
    let gate = Gate()
    let slow: @Sendable () async -> Void = { await gate.wait() }
    // guide
    var builder = GraphBuilder("report", options: GraphOptions(runAhead: true))
    builder.channel("forecast", .string, defaultValue: "")
    builder.channel("rows", .int, .reduce(.sum))
    builder.channel("page", .string, defaultValue: "")
    builder.node("forecast", reads: ["forecast"], writes: ["forecast"]) { _, _ in
      await slow()
      return ["forecast": "rain"]
    }
    builder.node("query", reads: ["rows"], writes: ["rows"]) { _, _ in ["rows": 40] }
    builder.node("refine", reads: ["rows"], writes: ["rows"]) { _, _ in ["rows": 2] }
    builder.node("write", reads: ["forecast", "rows"], writes: ["page"]) { state, _ in
      ["page": .string("\(try state["rows"]?.intValue ?? 0) rows, \(try state["forecast"]?.stringValue ?? "")")]
    }
    builder.edge(from: "start", to: "forecast", "query")
    builder.edge(from: "query", to: "refine")
    builder.join(["forecast", "refine"], to: "write")
    builder.edge(from: "write", to: "end")
    // end of guide
    let store = MemoryCheckpointStore()
    let handle = try await makeRunner(builder.compile(), store: store).start(run: "r1", thread: "t1", input: [:])
    while try await store.load("r1")?.finishedTasks.map(\.node) != ["query", "refine"] { await Task.yield() }
    gate.open()
    #expect(try await handle.outcome().state["page"] == "42 rows, rain")
  }

  @Test func `a node goes elsewhere, and a failure goes to its handler`() async throws {
    // guide
    var builder = GraphBuilder("careful")
    builder.channel("route", .string)
    builder.channel("note", .string, defaultValue: "")
    builder.node("choose", options: NodeOptions(goto: ["risky", "end"])) { state, _ in
      var update = StateUpdate()
      update.goto(try state["route"] == "risky" ? "risky" : "end")
      return update
    }
    builder.node(
      "risky",
      retry: RetryPolicy(attempts: 3, delay: .milliseconds(200), maximumDelay: .seconds(5)),
      timeout: .seconds(30),
      options: NodeOptions(idleTimeout: .seconds(5), errorHandler: "repair")
    ) { _, _ in throw RunError(.nodeFailed, "the service is away") }
    builder.node("repair") { _, context in ["note": .string(context.errors.first?.message ?? "")] }
    builder.edge(from: "start", to: "choose")
    builder.edge(from: "risky", to: "end")
    builder.edge(from: "repair", to: "end")
    // end of guide
    let outcome = try await makeRunner(try builder.compile()).run(["route": "risky"])
    #expect(outcome.record.status == .finished)
    #expect(outcome.output["note"]?.stringValue?.contains("the service is away") == true)
  }

  @Test func `one graph calls another`() async throws {
    // guide
    var inner = GraphBuilder("detail")
    inner.channel("notes", .list(of: .string), .append)
    inner.channel("scratch", .object, isOptional: true, isPrivate: true)
    inner.node("look") { _, _ in ["notes": ["looked"], "scratch": ["seen": true]] }
    inner.edge(from: "start", to: "look")
    inner.edge(from: "look", to: "end")

    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    var outer = GraphBuilder("outer", registry: registry)
    outer.channel("notes", .list(of: .string), .append)
    outer.node("detail", .graph("detail"), options: NodeOptions(memory: .persistent))
    outer.edge(from: "start", to: "detail")
    outer.edge(from: "detail", to: "end")
    // end of guide
    let outcome = try await makeRunner(try outer.compile()).run(["notes": ["before"]])
    #expect(outcome.output == ["notes": ["before", "looked"]])
  }

  @Test func `a person is asked, and an effect happens once`() async throws {
    let sent = Locked(0)
    let send: @Sendable () -> Int = {
      sent.withLock { count in
        count += 1
        return count
      }
    }
    // guide
    var builder = GraphBuilder("approval")
    builder.channel("done", .bool, defaultValue: false)
    builder.node("approve") { _, context in
      let letter = try await context.once("letter") { send() }
      let answer = try await context.ask(
        "approve",
        prompt: ["text": .string("Send letter \(letter)?")],
        schema: ValueSchema(.bool),
        expiresAfter: .seconds(86_400),
        otherwise: false
      )
      return ["done": answer]
    }
    builder.edge(from: "start", to: "approve")
    builder.edge(from: "approve", to: "end")

    let graph = try builder.compile()
    let runner = GraphRunner(graphs: [graph], store: MemoryCheckpointStore(), configuration: .init(owner: "main"))
    let paused = try await runner.start(run: "r1", thread: "t1", input: [:]).outcome()
    let wanted = paused.questions.map(\.name)
    let outcome = try await runner.answer("r1", ["approve": true]).outcome()
    // end of guide
    #expect(paused.record.status == .waiting)
    #expect(wanted == ["approve"])
    #expect(outcome.output == ["done": true])
    #expect(sent.withLock(\.self) == 1)
  }

  @Test func `history is read, edited and forked`() async throws {
    var builder = GraphBuilder("count")
    builder.channel("total", .int, .reduce(.sum))
    builder.node("first") { _, _ in ["total": 1] }
    builder.node("second") { _, _ in ["total": 10] }
    builder.edge(from: "start", to: "first")
    builder.edge(from: "first", to: "second")
    builder.edge(from: "second", to: "end")
    let runner = makeRunner(try builder.compile())
    _ = try await runner.run()
    // guide
    let entries = try await runner.history(of: "r1")
    let early = CheckpointReference(run: "r1", revision: entries[1].reference.revision)
    let then = try await runner.outcome(at: early)
    let fork = try await runner.fork(
      from: early,
      as: "r2",
      thread: "other",
      edits: [StateEdit(["total": 100])]
    )
    let outcome = try await fork.outcome()
    // end of guide
    #expect(then.output == ["total": 1])
    #expect(outcome.output == ["total": 111])
    // guide
    let deleted = try await runner.retain(lastCheckpoints: 1, runsFor: .seconds(30 * 86_400))
    // end of guide
    #expect(deleted == 0)
    #expect(try await runner.history(of: "r1").count == 1)
  }

  @Test func `events are followed from a number on`() async throws {
    var builder = GraphBuilder("told")
    builder.channel("done", .bool, defaultValue: false)
    builder.node("tell") { _, context in
      context.emit("progress", ["share": 0.5])
      return ["done": true]
    }
    builder.edge(from: "start", to: "tell")
    builder.edge(from: "tell", to: "end")
    let runner = makeRunner(try builder.compile())
    let run = RunID("r1")
    let handle = try await runner.start(run: run, thread: "t1", input: [:])
    // guide
    var types: [String] = []
    for try await event in runner.events(of: run, after: 1) {
      types.append("\(event.sequence) \(event.type)")
    }
    // end of guide
    _ = try await handle.outcome()
    #expect(types == ["2 node_started", "3 progress", "4 node_finished", "5 step_finished", "6 run_finished"])
  }

  @Test func `a run is shown in the modes that its reader asks for`() async throws {
    var builder = GraphBuilder("shown")
    builder.channel("words", .list(of: .string), .append)
    builder.node("say") { _, context in
      context.emit(token: "Good ")
      context.emit(token: "day")
      return ["words": ["Good day"]]
    }
    builder.edge(from: "start", to: "say")
    builder.edge(from: "say", to: "end")
    let runner = makeRunner(try builder.compile())
    let run = RunID("r1")
    _ = try await runner.run()
    // guide
    var lines: [String] = []
    for try await item in runner.stream(run, modes: [.updates, .values, .tokens], after: 0) {
      switch item.content {
      case .step(let number, let updates, let values):
        let nodes = (updates ?? []).map(\.node).joined(separator: " ")
        lines.append("\(number) [\(nodes)] \(values?["words"]?.text ?? "")")
      case .token(let data): lines.append(data["text"]?.stringValue ?? "")
      case .task, .custom: break
      }
    }
    // end of guide
    #expect(lines == ["0 [] ", "Good ", "day", "1 [say] [\"Good day\"]"])
  }

  @Test func `a state of an older version is migrated`() throws {
    // guide
    let migration = StateMigration(graph: "approval", from: 1) { values, frontier in
      values["decision"] = values.removeValue(forKey: "done")
      frontier.due = frontier.due.map { $0 == "approve" ? "decide" : $0 }
    }
    // end of guide
    #expect(migration.graph == "approval")
    #expect(migration.from == 1)
  }

  @Test func `runs start by the clock`() async throws {
    var builder = GraphBuilder("nightly")
    builder.channel("done", .bool, defaultValue: false)
    builder.node("work", function: writing(["done": true]))
    builder.edge(from: "start", to: "work")
    builder.edge(from: "work", to: "end")
    let runner = makeRunner(try builder.compile())
    // guide
    let schedule = RunSchedule(
      name: "nightly",
      cron: try CronSchedule("30 2 * * 1-5"),
      zone: .utc,
      graph: "nightly",
      overlap: .skip
    )
    let scheduler = GraphScheduler(runner, schedules: [schedule])
    // end of guide
    let time = try #require(schedule.cron.next(after: Date(timeIntervalSince1970: 1_750_000_000)))
    let firing = try await scheduler.fire(schedule, at: time)
    #expect(firing == .started(RunID("schedule-nightly-\(Int(time.timeIntervalSince1970))")))
    #expect(time.formatted(.iso8601) == "2025-06-16T02:30:00Z")
  }
}
