import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Persistence
import StateGraph
import Testing

@testable import CoachApp

@Suite struct GraphToolsTests {
  private static let small = """
    graph: small
    state:
      question: {type: string}
      attempts: {type: int, reduce: sum, default: 0}
    nodes:
      one: {use: coach.decline, timeout: 30s, retry: {attempts: 2, delay: 10ms}}
    edges:
      - {from: start, to: one}
      - {from: one, to: end}
    """

  private func load(_ files: [String: String?]) throws -> (tools: GraphTools?, findings: [String]) {
    let root = try Shipped.copy(changing: files)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (tools, diagnostics) = GraphTools.load(root: root)
    return (tools, diagnostics.map(\.description))
  }

  // MARK: - Files

  @Test func `faults of graphs are told with file and line, those of other files are left out`() throws {
    let graph = try Shipped.text("graphs/coach.yaml").replacing("use: gate.check", with: "use: gate.czech")
    let (tools, findings) = try load(["graphs/coach.yaml": graph, "config/server.yaml": "prot: 1\n"])
    let line = try #require(
      graph.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("czech") }
    )
    #expect(tools == nil)
    #expect(findings.count == 1)
    #expect(findings.first?.hasPrefix("graphs/coach.yaml:\(line + 1): error: ") == true, "\(findings)")
    #expect(findings.first?.contains("gate.czech") == true)
  }

  @Test func `a graph is drawn and shown without opening any database`() throws {
    let tools = try #require(GraphTools.load(root: Shipped.root).tools)
    #expect(tools.names == ["coach", "investigate", "plan_goals"])
    #expect(try tools.drawing(of: "coach").hasPrefix("flowchart TD\n"))
    let shown = try tools.description(of: "coach")
    #expect(shown["step_limit"] == 40)
    #expect(shown["hash"]?.stringValue?.isEmpty == false)
    let nodes = shown["nodes"]?.arrayValue ?? []
    #expect(nodes.first { $0["name"] == "generate" }?["agent"] == "sql_generator")
    #expect(nodes.first { $0["name"] == "generate" }?["timeout_ms"] == .double(90_000))
    let attempts = shown["channels"]?.arrayValue?.first { $0["name"] == "attempts" }
    #expect(attempts?["kind"] == "reduce sum")
    #expect(attempts?["place"]?.stringValue?.hasPrefix("graphs/coach.yaml:") == true)
    let failure = try #require(throws: GraphToolFailure.self) { try tools.drawing(of: "couch") }
    #expect(failure.description == "there is no graph 'couch'; there are: coach, investigate, plan_goals")
  }

  @Test func `a file outside the project is checked against the project's nodes`() throws {
    let path = Shipped.temporary("draft.yaml")
    let name = String(try #require(path.split(separator: "/").last).dropLast(".yaml".count))
    func check(_ text: String) throws -> [String] {
      try Data(text.utf8).write(to: URL(filePath: path))
      return GraphTools.check(file: path, root: Shipped.root).map(\.description)
    }
    let graph = try Shipped.text("graphs/coach.yaml").replacing("graph: coach", with: "graph: \(name)")
    #expect(try check(graph) == [])
    let line =
      1
      + (graph.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("gate.check") } ?? -1)
    let faulty = try check(graph.replacing("use: gate.check", with: "use: gate.czech"))
    #expect(faulty.count == 1)
    #expect(faulty.first?.hasPrefix("\(path):\(line): ") == true, "\(faulty)")
    #expect(GraphTools.check(file: "\(path).missing", root: Shipped.root).count == 1)
  }

  // MARK: - Schema and reader

  private func judges(_ yaml: String) throws -> (reader: Bool, schema: [String]) {
    let collector = DiagnosticCollector()
    let tree = try #require(GraphTools.tree(of: yaml, file: "graphs/small.yaml", reporting: collector))
    _ = GraphDefinition(reading: tree, diagnostics: collector)
    let schema = SchemaJudge(GraphGrammar.schema)
    return (!collector.hasErrors, schema.faults(of: tree.json))
  }

  @Test func `the shipped graph and a small one please both the schema and the reader`() throws {
    for yaml in [try Shipped.text("graphs/coach.yaml"), Self.small] {
      let (reader, schema) = try judges(yaml)
      #expect(reader)
      #expect(schema == [])
    }
  }

  @Test(arguments: [
    ("graph: small", "grap: small"),
    ("graph: small", "graph: small\nstep_limit: 0"),
    ("graph: small", "graph: small\nstep_limit: many"),
    ("graph: small", "graph: small\nconcurrency: true"),
    ("graph: small", "graph: small\ninput: {a: b}"),
    ("graph: small", "graph: small\nbreakpoints: {during: [one]}"),
    ("type: string", "type: strng"),
    ("type: string", "type: [string, int]"),
    ("{type: string}", "{optional: true}"),
    ("{type: string}", "[string]"),
    ("reduce: sum", "reduce: product"),
    ("reduce: sum", "reduce: sum, append: true"),
    ("reduce: sum", "messages: true, untracked: true"),
    ("use: coach.decline", "use: coach.decline, agent: sql_generator"),
    ("use: coach.decline", "deferred: true"),
    ("use: coach.decline", "use: coach.decline, memory: long"),
    ("use: coach.decline", "use: coach.decline, colour: blue"),
    ("use: coach.decline", "use: coach.decline, with: 3"),
    ("use: coach.decline", "use: coach.decline, cache: {lifetime: soon}"),
    ("timeout: 30s", "timeout: 30"),
    ("timeout: 30s", "timeout: 0s"),
    ("attempts: 2", "attempts: 101"),
    ("from: one", "form: one"),
    ("from: one, ", ""),
    ("to: one", "to: {one: 1}"),
  ])
  func `what the schema can tell, both refuse`(_ old: String, _ new: String) throws {
    #expect(Self.small.contains(old))
    let (reader, schema) = try judges(Self.small.replacing(old, with: new, maxReplacements: 1))
    #expect(!reader)
    #expect(schema != [])
  }

  @Test(arguments: [
    ("graph: small", "graph: small\nsummary:"),
    ("graph: small", "graph: small\nsummary: 12"),
    ("graph: small", "graph: small\ninput: question\noutput: [attempts]\nconcurrency: 4"),
    ("{type: string}", "Frame"),
    ("{type: string}", "{type: [string]}"),
    ("type: string", "type: [Frame], append: true, default: [{}]"),
    ("reduce: sum", "append: false, reduce: sum"),
    ("use: coach.decline", "graph: inner, memory: persistent, deferred: true"),
    ("use: coach.decline", "use: f, goto: [one, end], send: one, on_error: one, cache: {lifetime: 1h, key: question}"),
    ("from: one", "from: [one, one]"),
    ("to: end", "to: [end], when: otherwise"),
  ])
  func `what the reader takes, the schema takes`(_ old: String, _ new: String) throws {
    let (reader, schema) = try judges(Self.small.replacing(old, with: new, maxReplacements: 1))
    #expect(reader)
    #expect(schema == [])
  }

  @Test func `the graph file of the guide is sound and uses every key`() throws {
    let guide = try Shipped.text("docs/state-graph.md")
    let block = try #require(guide.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
    let (reader, schema) = try judges(String(block))
    #expect(reader)
    #expect(schema == [])
    func keys(_ place: String...) -> [String] {
      var schema: JSONValue? = GraphGrammar.schema
      for step in place { schema = Int(step).flatMap { schema?.arrayValue?[$0] } ?? schema?[step] }
      return schema?["properties"]?.objectValue?.keys.sorted() ?? []
    }
    let all = keys() + keys("$defs", "channel", "anyOf", "2") + keys("$defs", "node") + keys("$defs", "edge")
    #expect(all.count > 30)
    for key in all { #expect(block.contains("\(key):"), "\(key)") }
    #expect(try faults(ofGuide: String(block)) == [])
  }

  /// Compiles the graph of the guide with functions that do nothing.
  private func faults(ofGuide yaml: String) throws -> [String] {
    var inner = GraphBuilder("detail")
    inner.channel("notes", .list(of: .string), .append)
    inner.node("look") { _, _ in [:] }
    inner.edge(from: "start", to: "look")
    inner.edge(from: "look", to: "end")
    var registry = NodeRegistry()
    registry.register(graph: try inner.compile())
    for name in ["questions.parse", "repair", "prepare", "plan", "look", "sum_up"] {
      registry.register(name) { _, _ in [:] }
    }
    registry.register(agent: "sql_generator") { _, _ in [:] }
    let collector = DiagnosticCollector()
    let tree = try #require(GraphTools.tree(of: yaml, file: "guide", reporting: collector))
    let definition = GraphDefinition(reading: tree, diagnostics: collector)
    _ = GraphCompiler.compile(definition, registry: registry, diagnostics: collector)
    return collector.diagnostics.map(\.description)
  }

  // MARK: - Runs

  @Test func `a graph is run, looked at, drawn and forked`() async throws {
    try await RunningCoach.run { coach in
      let lines = Lines()
      let outcome = try await coach.application.runGraph(
        "coach",
        input: ["message": "What was revenue in May 2026?"],
        domain: "dealer",
        step: { lines.add($0) }
      )
      #expect(outcome["status"] == "finished")
      #expect(outcome["state"]?["outcome"] == "sure")
      let run = RunID(try #require(outcome["run"]?.stringValue))
      #expect(lines.all.first?.hasPrefix("run \(run) of graph 'coach'") == true)
      #expect(lines.all.contains { $0.contains("execute") })

      let history = try await coach.application.graphHistory(of: run)
      let checkpoints = try #require(history["checkpoints"]?.arrayValue)
      #expect(checkpoints.last?["step"] == 0)
      #expect(checkpoints.last?["next"] == ["intake"])
      #expect(checkpoints.first?["next"] == [])

      let (drawing, isOutdated) = try await coach.application.graphDrawing(of: run)
      #expect(!isOutdated)
      #expect(drawing.contains("[\"execute ×1\"]"))
      #expect(drawing.contains("[\"clarify\"]"))

      let forked = try await coach.application.forkRun(
        run,
        at: 1,
        changes: ["outcome": "decline", "reason": "for a try"],
        as: "parse"
      )
      #expect(forked["status"] == "finished", "\(forked)")
      #expect(forked["run"] != outcome["run"])
      #expect(forked["base"]?["run"] == outcome["run"])
      let other = try await coach.application.graphDrawing(of: RunID(try #require(forked["run"]?.stringValue)))
      #expect(other.drawing.contains("[\"decline ×1\"]"))
      #expect(!other.drawing.contains("[\"intake ×1\"]"))

      #expect(try await coach.application.cancelRun(run) == false)
      let resumed = try await coach.application.resumeRun(run)
      #expect(resumed["state"] == outcome["state"])
    }
  }

  @Test func `what is not there is named`() async throws {
    try await RunningCoach.run { coach in
      let application = coach.application
      let unknown = await #expect(throws: GraphToolFailure.self) { try await application.graphHistory(of: "r9") }
      #expect(unknown?.message.contains("'r9'") == true)
      let graph = await #expect(throws: RunnerFailure.self) {
        try await application.runGraph("couch", input: [:], domain: "dealer")
      }
      #expect(graph == .noSuchGraph("couch", known: ["coach", "investigate", "plan_goals"]))
      let list = await #expect(throws: GraphToolFailure.self) {
        try await application.runGraph("coach", input: [1], domain: "dealer")
      }
      #expect(list?.message.contains("JSON object") == true)
      let outcome = try await application.runGraph("coach", input: ["message": "hello"], domain: "dealer")
      let run = RunID(try #require(outcome["run"]?.stringValue))
      let step = await #expect(throws: GraphToolFailure.self) { try await application.forkRun(run, at: 99) }
      #expect(step?.message.contains("step 99; kept are: 0, 1") == true)
      let answer = await #expect(throws: RunnerFailure.self) {
        try await application.resumeRun(run, answers: ["approve": true])
      }
      #expect(answer == .notWaiting(run))
    }
  }

  @Test func `a run that waits at a breakpoint is resumed`() async throws {
    let graph = try Shipped.text("graphs/coach.yaml")
    let halted = graph.replacing("step_limit: 40", with: "step_limit: 40\nbreakpoints: {before: [gate]}")
    let root = try Shipped.copy(changing: ["graphs/coach.yaml": halted])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let application = try await RunningCoach(root: root).application
    let lines = Lines()
    let input: JSONValue = ["message": "What was revenue in May 2026?"]
    let waiting = try await application.runGraph("coach", input: input, domain: "dealer", step: { lines.add($0) })
    #expect(waiting["status"] == "waiting")
    #expect(lines.all.last == "waiting: breakpoint")
    let run = RunID(try #require(waiting["run"]?.stringValue))
    #expect(try await application.graphDrawing(of: run).drawing.contains("[\"gate\"]"))
    let more = Lines()
    let outcome = try await application.resumeRun(run, step: { more.add($0) })
    #expect(outcome["status"] == "finished")
    #expect(more.all.first == "run \(run) goes on after step 3")
    #expect(try await application.graphDrawing(of: run).drawing.contains("[\"gate ×1\"]"))
    await application.shutdown()
  }

  @Test func `a run that nobody works on is cancelled once`() async throws {
    try await RunningCoach.run { coach in
      let now = Date(timeIntervalSince1970: 0)
      let record = RunRecord(
        run: "orphan",
        thread: "t",
        graph: "coach",
        graphHash: try #require(coach.application.runner.graphs["coach"]).hash,
        owner: "gone",
        leaseExpires: now,
        createdAt: now
      )
      let start = RunStart(record: record, changes: [], frontier: Frontier(due: ["intake"]), events: [])
      try await coach.application.database.checkpoints(of: .local).create(start)
      #expect(try await coach.application.cancelRun("orphan"))
      #expect(try await coach.application.graphHistory(of: "orphan")["status"] == "stopped")
      #expect(try await coach.application.cancelRun("orphan") == false)
    }
  }
}

/// Judges values by those words of JSON Schema that the graph schema uses; another word is a fault of its own.
private struct SchemaJudge {
  private let root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  func faults(of value: JSONValue) -> [String] { faults(value, root, "$") }

  private func fits(_ value: JSONValue, _ schema: JSONValue) -> Bool { faults(value, schema, "").isEmpty }

  private func faults(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    (schema.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { word, wanted in
      if ["properties", "additionalProperties", "propertyNames", "items"].contains(word) {
        return nested(value, schema, word, wanted, place)
      }
      return holds(value, word, wanted) ? [] : ["\(place): \(word)"]
    }
  }

  private func holds(_ value: JSONValue, _ word: String, _ wanted: JSONValue) -> Bool {
    let parts = wanted.arrayValue ?? []
    switch word {
    case "$schema", "title", "description", "$defs": return true
    case "$ref":
      let name = wanted.stringValue.map { String($0.dropFirst("#/$defs/".count)) } ?? ""
      return root["$defs"]?[name].map { fits(value, $0) } ?? false
    case "type": return (wanted.arrayValue ?? [wanted]).contains { Self.isOf(value, $0.stringValue ?? "") }
    case "enum": return parts.contains(value)
    case "const": return wanted == value
    case "anyOf": return parts.contains { fits(value, $0) }
    case "allOf": return parts.allSatisfy { fits(value, $0) }
    case "oneOf": return parts.filter { fits(value, $0) }.count == 1
    case "not": return !fits(value, wanted)
    case "required":
      return value.objectValue.map { object in parts.allSatisfy { object[$0.stringValue ?? ""] != nil } } ?? true
    case "minimum": return value.doubleValue.map { $0 >= wanted.doubleValue ?? 0 } ?? true
    case "maximum": return value.doubleValue.map { $0 <= wanted.doubleValue ?? 0 } ?? true
    case "minItems": return value.arrayValue.map { $0.count >= wanted.intValue ?? 0 } ?? true
    case "maxItems": return value.arrayValue.map { $0.count <= wanted.intValue ?? 0 } ?? true
    case "maxLength": return value.stringValue.map { $0.count <= wanted.intValue ?? 0 } ?? true
    case "pattern":
      guard let text = value.stringValue, let pattern = try? Regex(wanted.stringValue ?? "(") else {
        return value.stringValue == nil
      }
      return text.firstMatch(of: pattern) != nil
    default: return false
    }
  }

  private func nested(
    _ value: JSONValue,
    _ schema: JSONValue,
    _ word: String,
    _ wanted: JSONValue,
    _ place: String
  ) -> [String] {
    if word == "items" { return (value.arrayValue ?? []).flatMap { faults($0, wanted, "\(place)[]") } }
    return (value.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { key, member -> [String] in
      let known = schema["properties"]?[key]
      switch word {
      case "properties": return known.map { faults(member, $0, "\(place).\(key)") } ?? []
      case "propertyNames": return faults(.string(key), wanted, "\(place).\(key)")
      default:
        guard known == nil else { return [] }
        return wanted == false ? ["\(place): unknown \(key)"] : faults(member, wanted, "\(place).\(key)")
      }
    }
  }

  private static func isOf(_ value: JSONValue, _ type: String) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object): true
    case ("integer", .int), ("number", .int), ("number", .double): true
    default: false
    }
  }
}
