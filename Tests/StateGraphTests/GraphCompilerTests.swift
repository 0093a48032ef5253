import CoachVocabulary
import StateGraph
import Testing

struct GraphCompilerTests {
  private static func registry() -> NodeRegistry {
    var registry = NodeRegistry()
    registry.register("work") { _, _ in [:] }
    registry.register("needy", reads: ["question"], writes: ["answer"]) { _, _ in [:] }
    registry.register(agent: "writer") { _, _ in [:] }
    registry.register(type: "Frame", as: .object)
    return registry
  }

  private func compile(_ text: String) throws -> (graph: Graph?, findings: [String]) {
    let diagnostics = DiagnosticCollector()
    let definition = GraphDefinition(reading: try JSONDeclaration.tree(text), diagnostics: diagnostics)
    let graph = GraphCompiler.compile(definition, registry: Self.registry(), diagnostics: diagnostics)
    return (graph, diagnostics.diagnostics.map(\.description))
  }

  @Test func `a graph file becomes a definition`() throws {
    let diagnostics = DiagnosticCollector()
    let tree = try JSONDeclaration.tree(
      """
      {graph: answer, summary: "Answers.", step_limit: 7,
       state: {
        question: string,
        frame: {type: Frame, optional: true},
        attempts: {type: int, reduce: sum, default: 0},
        notes: {type: [string], append: true},
        flash: {type: any, ephemeral: true},
        secret: {type: string, untracked: true},
        outcome: {type: string, values: [sure, unsure]}},
       nodes: {
        parse: {use: work, with: {strict: true}},
        write: {agent: writer, retry: {attempts: 2, delay: 50ms, max_delay: 1m}, timeout: 30s}},
       edges: [
        {from: start, to: [parse, write]},
        {from: [parse, write], to: end},
        {from: parse, to: write, when: "attempts < 3"}]}
      """
    )
    let graph = GraphDefinition(reading: tree, diagnostics: diagnostics)
    #expect(diagnostics.diagnostics.isEmpty)
    #expect(graph.name == "answer")
    #expect(graph.summary == "Answers.")
    #expect(graph.stepLimit == 7)
    #expect(
      graph.channels.map(\.type)
        == [.string, .named("Frame"), .int, .list(of: .string), .any, .string, .string]
    )
    #expect(graph.channels.map(\.kind) == [.last, .last, .reduce(.sum), .append, .ephemeral, .untracked, .last])
    #expect(graph.channels.map(\.isOptional) == [false, true, false, false, false, false, false])
    #expect(graph.channels[2].defaultValue == 0)
    #expect(graph.channels[6].allowedTexts == ["sure", "unsure"])
    #expect(graph.nodes.map(\.work) == [.function("work"), .agent("writer")])
    #expect(graph.nodes[0].parameters == ["strict": true])
    #expect(
      graph.nodes[1].retry
        == RetryPolicy(attempts: 2, delay: .milliseconds(50), maximumDelay: .seconds(60))
    )
    #expect(graph.nodes[1].timeout == .seconds(30))
    #expect(graph.nodes[1].position.line == 12)
    #expect(graph.edges.map(\.sources) == [["start"], ["parse", "write"], ["parse"]])
    #expect(graph.edges.map(\.targets) == [["parse", "write"], ["end"], ["write"]])
    #expect(graph.edges[2].condition == "attempts < 3")
  }

  @Test func `every option of a graph file is read`() throws {
    let diagnostics = DiagnosticCollector()
    let tree = try JSONDeclaration.tree(
      """
      {graph: g, input: [question], output: [chat], concurrency: 8, state_version: 3,
       breakpoints: {before: [b], after: a},
       state: {question: string, chat: {type: [object], messages: true}, own: {type: int, private: true}},
       nodes: {
        a: {use: work, send: b, goto: [b, end], on_error: c, concurrency: 4, idle_timeout: 5s,
            cache: {lifetime: 1h, key: question}, deferred: true},
        b: {graph: other, memory: persistent},
        c: {use: work}},
       edges: []}
      """
    )
    let graph = GraphDefinition(reading: tree, diagnostics: diagnostics)
    #expect(diagnostics.diagnostics.isEmpty)
    #expect(
      graph.options
        == GraphOptions(
          input: ["question"],
          output: ["chat"],
          concurrency: 8,
          breakBefore: ["b"],
          breakAfter: ["a"],
          stateVersion: 3
        )
    )
    #expect(graph.channels.map(\.kind) == [.last, .messages, .last])
    #expect(graph.channels.map(\.isPrivate) == [false, false, true])
    #expect(
      graph.nodes[0].options
        == NodeOptions(
          idleTimeout: .seconds(5),
          concurrency: 4,
          cache: CachePolicy(lifetime: .seconds(3_600), key: ["question"]),
          goto: ["b", "end"],
          send: ["b"],
          errorHandler: "c",
          isDeferred: true
        )
    )
    #expect(graph.nodes[1].work == .graph("other"))
    #expect(graph.nodes[1].options.memory == .persistent)
  }

  private static func calling(_ name: String, _ other: String?) throws -> GraphDefinition {
    let work = other.map { "{graph: \($0)}" } ?? "{use: work}"
    let text = """
      {graph: \(name), state: {x: {type: int, optional: true}}, nodes: {n: \(work)},
       edges: [{from: start, to: n}, {from: n, to: end}]}
      """
    return GraphDefinition(reading: try JSONDeclaration.tree(text), diagnostics: DiagnosticCollector())
  }

  @Test func `graphs that call one another compile in any order, a circle is a fault`() throws {
    let diagnostics = DiagnosticCollector()
    let chain = try [Self.calling("a", "b"), Self.calling("b", "c"), Self.calling("c", nil)]
    let graphs = GraphCompiler.compile(all: chain, registry: Self.registry(), diagnostics: diagnostics)
    #expect(graphs.map(\.name) == ["c", "b", "a"])
    #expect(diagnostics.diagnostics.isEmpty)
    let circle = try [Self.calling("a", "b"), Self.calling("b", "a")]
    #expect(GraphCompiler.compile(all: circle, registry: Self.registry(), diagnostics: diagnostics).isEmpty)
    #expect(diagnostics.diagnostics.map(\.message).contains { $0.contains("'a' calls itself") })
  }

  private static let head = "{graph: g, state: {done: bool, answer: string, question: string},\n nodes: {\n"

  /// Faults of a graph whose nodes begin on line 3, each with the line and a part of its message.
  @Test(arguments: [
    ("a: {use: work}, end: {use: work}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "'end' is reserved"),
    ("'a b': {use: work}}, edges: []}", 3, "cannot be a node name"),
    ("a: {use: play}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "function 'play', which is not"),
    ("a: {agent: poet}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "agent 'poet', which does not"),
    ("a: {use: work, agent: writer}}, edges: []}", 3, "either 'use' or 'agent'"),
    ("a: {use: work, timeout: 30}}, edges: []}", 3, "must be a duration"),
    ("a: {use: work, timeout: 0s}}, edges: []}", 3, "must be a duration"),
    ("a: {use: work, retry: {attempts: 0}}}, edges: []}", 3, "must be from 1 to 100"),
    ("a: {use: work, tiemout: 3s}}, edges: []}", 3, "unknown key 'tiemout'"),
    (
      "a: {use: work, goto: [b]}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3,
      "'goto' of node 'a' names 'b'"
    ),
    ("a: {use: work, send: b}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "'send' of node 'a' names 'b'"),
    ("a: {use: work, on_error: b}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "'on_error' of node 'a'"),
    ("a: {use: work, on_error: a}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "its own error handler"),
    ("a: {use: work, cache: {}}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "needs 'key'"),
    ("a: {use: work, cache: {key: x}}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "names channel 'x'"),
    ("a: {use: work, concurrency: 0}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "must be from 1"),
    ("a: {graph: other}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "graph 'other', which is not"),
    ("a: {use: work, memory: some}}, edges: [{from: start, to: a}, {from: a, to: end}]}", 3, "must be one of call"),
    (
      "a: {use: work, goto: [end]}, b: {use: work}, c: {use: work}},\nedges: [{from: start, to: [a, b]},\n"
        + "{from: [a, b], to: c}, {from: c, to: end}]}", 5, "can starve"
    ),
    ("a: {use: work}}, breakpoints: {before: x}, edges: [{from: start, to: a}, {from: a, to: end}]}", 1, "names 'x'"),
    ("a: {use: work}}, input: [x], edges: [{from: start, to: a}, {from: a, to: end}]}", 1, "'input' names channel 'x'"),
    ("a: {use: work}},\nedges: [{from: start, to: b}]}", 4, "leads to 'b', which is no node"),
    ("a: {use: work}},\nedges: [{from: b, to: a}]}", 4, "leaves 'b', which is no node"),
    ("a: {use: work}},\nedges: [{from: a, to: start}]}", 4, "no edge can lead to 'start'"),
    ("a: {use: work}},\nedges: [{from: end, to: a}]}", 4, "no edge can leave 'end'"),
    ("a: {use: work}},\nedges: [{from: start}]}", 4, "needs 'to'"),
    ("a: {use: work}},\nedges: [{from: start, to: a},\n{from: start, to: a}]}", 5, "declared twice"),
    (
      "a: {use: work},\nb: {use: work}}, edges: [{from: start, to: a}, {from: a, to: end}, {from: b, to: end}]}", 4,
      "'b' cannot be reached"
    ),
    ("a: {use: work}}, edges: [{from: start, to: a}]}", 3, "no edge leaves node 'a'"),
    (
      "a: {use: work},\nb: {use: work}}, edges: [{from: start, to: a}, {from: a, to: b}, {from: b, to: a}]}", 4,
      "'b' can never reach end"
    ),
    ("a: {use: work}},\nedges: [{from: start, to: a}, {from: a, to: end, when: 'dune'}]}", 4, "no channel 'dune'"),
    (
      "a: {use: work}},\nedges: [{from: start, to: a}, {from: a, to: end, when: otherwise}]}", 4,
      "'otherwise' needs another edge"
    ),
    (
      "a: {use: work}, b: {use: work}},\nedges: [{from: start, to: [a, b]},\n{from: [a, b], to: end}]}", 5,
      "a join must lead to nodes"
    ),
    (
      "a: {use: work}, b: {use: work}, c: {use: work}},\nedges: [{from: start, to: [a, b]}, {from: c, to: end},\n"
        + "{from: [a, b], to: c, when: 'done'}]}", 5, "a join cannot have a condition"
    ),
    (
      "a: {use: work}, b: {use: work}},\nedges: [{from: start, to: a}, {from: b, to: end},\n{from: [a, a], to: b}]}", 5,
      "names a node twice"
    ),
    (
      "a: {use: work}, b: {use: work}, c: {use: work}},\nedges: [{from: start, to: a}, {from: a, to: end},\n"
        + "{from: start, to: b, when: 'done'}, {from: c, to: end},\n{from: [a, b], to: c}]}", 6, "can starve"
    ),
    (
      "a: {use: work}, b: {use: work}, c: {use: work}},\nedges: [{from: start, to: a}, {from: b, to: end},\n"
        + "{from: [start, a], to: b}]}", 5, "'start' cannot be part of a join"
    ),
  ])
  func `a fault is reported with its line`(rest: String, line: Int, message: String) throws {
    let (graph, findings) = try compile(Self.head + rest)
    #expect(graph == nil, "a graph came out")
    #expect(
      findings.contains { $0.hasPrefix("g.yaml:\(line): error: ") && $0.contains(message) },
      "\(findings)"
    )
  }

  @Test(arguments: [
    ("x: {type: strng}", "unknown type 'strng'"), ("x: {type: Farme}", "unregistered type 'Farme'"),
    ("x: {type: [a, b]}", "a word or a list of one word"), ("x: {type: string, append: true}", "must be a list"),
    ("x: {type: string, reduce: sum}", "must be int or double"), ("x: {type: int, reduce: merge}", "must be object"),
    ("x: {type: int, reduce: median}", "must be one of sum, max, min, merge"),
    ("x: {type: int, default: no}", "the default of channel 'x' is string, not int"),
    ("x: {type: int, values: [a]}", "must be string"), ("x: {type: [int], append: true, ephemeral: true}", "one of"),
    ("and: {type: int}", "a word of the condition language"), ("'a-b': {type: int}", "cannot be a channel name"),
    ("x: {optional: true}", "needs 'type'"), ("x: {type: int, defualt: 1}", "unknown key 'defualt'"),
    ("x: {type: string, values: [a, b], default: c}", "one of a, b"),
  ])
  func `a faulty channel is reported with its line`(channel: String, message: String) throws {
    let text = """
      {graph: g, state: {
      \(channel)}, nodes: {a: {use: work}}, edges: [{from: start, to: a}, {from: a, to: end}]}
      """
    let (graph, findings) = try compile(text)
    #expect(graph == nil)
    #expect(findings.contains { $0.hasPrefix("g.yaml:2: error: ") && $0.contains(message) }, "\(findings)")
  }

  @Test func `all faults come at once`() throws {
    let (_, findings) = try compile(
      """
      {graph: 'g g', state: {x: {type: strng}, y: {type: int, reduce: merge}},
       nodes: {a: {use: play}, b: {use: needy}},
       edges: [{from: start, to: nowhere}, {from: a, to: b, when: 'z == 1'}], colour: red}
      """
    )
    for part in [
      "graph name", "strng", "must be object", "'play'", "reads channel 'question'", "writes channel 'answer'",
      "'nowhere'", "no channel 'z'", "unknown key 'colour'",
    ] {
      #expect(findings.contains { $0.contains(part) }, "\(part) in \(findings)")
    }
  }

  @Test func `the column of a condition's fault is given`() throws {
    let tree = try JSONDeclaration.tree(
      "{graph: g, nodes: {a: {use: work}}, edges: [{from: start, to: a},\n{from: a, to: end, when: 'true or x'}]}"
    )
    let found = DiagnosticCollector()
    _ = GraphCompiler.compile(
      GraphDefinition(reading: tree, diagnostics: found),
      registry: Self.registry(),
      diagnostics: found
    )
    let finding = try #require(found.diagnostics.first)
    #expect(finding.message.contains("character 9: no channel 'x'"))
    #expect(finding.position == SourcePosition(file: "g.yaml", line: 2, column: 26 + 8))
  }

  @Test func `a join behind one condition is sound`() throws {
    let (graph, findings) = try compile(
      """
      {graph: g, state: {done: bool}, nodes: {d: {use: work}, a: {use: work}, b: {use: work}, c: {use: work}},
       edges: [{from: start, to: d, when: done}, {from: start, to: c, when: otherwise},
        {from: d, to: [a, b]}, {from: [a, b], to: c}, {from: c, to: end}]}
      """
    )
    #expect(findings == [])
    #expect(graph != nil)
  }

  @Test func `a graph built in Swift reports the line that declared the fault`() throws {
    var builder = GraphBuilder("g", file: "Coach/Graph.swift", line: 10)
    builder.channel("x", .string, .append, file: "Coach/Graph.swift", line: 11)
    builder.node("a", file: "Coach/Graph.swift", line: 12) { _, _ in [:] }
    builder.node("a", file: "Coach/Graph.swift", line: 13) { _, _ in [:] }
    builder.edge(from: "start", to: "a", file: "Coach/Graph.swift", line: 14)
    let faults = #expect(throws: GraphFaults.self) { try builder.compile() }
    #expect(
      faults?.diagnostics.map(\.position.line) == [11, 13]
    )
    #expect(faults?.description.contains("Coach/Graph.swift:13: error: node 'a' is declared twice") == true)
  }

  @Test func `a name registered twice is a fault`() throws {
    var registry = Self.registry()
    registry.register("work") { _, _ in [:] }
    var builder = GraphBuilder("g", registry: registry)
    builder.node("a", .function("work"))
    builder.edge(from: "start", to: "a")
    builder.edge(from: "a", to: "end")
    let faults = #expect(throws: GraphFaults.self) { try builder.compile() }
    #expect(faults?.description.contains("function 'work' is registered twice") == true)
  }

  @Test func `the fingerprint follows the meaning, not the place`() throws {
    func hash(limit: Int, line: Int, condition: String? = nil) throws -> String {
      var builder = GraphBuilder("g", stepLimit: limit, line: line)
      builder.channel("done", .bool)
      builder.node("a", line: line) { _, _ in [:] }
      builder.edge(from: "start", to: "a")
      builder.edge(from: "a", to: "end", when: condition)
      return try builder.compile().hash
    }
    #expect(try hash(limit: 5, line: 1) == hash(limit: 5, line: 2))
    #expect(try hash(limit: 5, line: 1) != hash(limit: 6, line: 1))
    #expect(try hash(limit: 5, line: 1) != hash(limit: 5, line: 1, condition: "done"))
    #expect(try hash(limit: 5, line: 1).count == 16)
  }

  @Test func `the drawing shows every node, edge, condition and join`() throws {
    var builder = GraphBuilder("g")
    for name in ["a", "b", "c"] { builder.node(name) { _, _ in [:] } }
    builder.node("w", .agent("writer"))
    builder.edge(from: "start", to: "a", "b")
    builder.join(["a", "b"], to: "c")
    builder.edge(from: "c", to: "w", when: "x == \"<y>\"")
    builder.edge(from: "c", to: "end", when: "otherwise")
    #expect(
      Mermaid.drawing(of: builder.definition) == """
        flowchart TD
          start([start])
          finish([end])
          n0["a"]
          n1["b"]
          n2["c"]
          n3["w (agent writer)"]
          start --> n0
          start --> n1
          j1{{"all of"}}
          n0 --> j1
          n1 --> j1
          j1 --> n2
          n2 -->|"x == #quot;#lt;y#gt;#quot;"| n3
          n2 -->|"otherwise"| finish

        """
    )
  }
}
