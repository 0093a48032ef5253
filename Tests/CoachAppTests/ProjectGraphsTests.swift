import CoachAPI
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import StateGraph
import Testing

@testable import CoachApp

@Suite struct ProjectGraphsTests {
  /// Asks whether something may be done, in a graph of its own.
  private static let approval = """
    graph: approval
    state:
      decision: {type: bool, default: false}
    nodes:
      approve:
        use: person.ask
        with: {question: "Send it?", writes: decision, expires_after: 2d, otherwise: false}
    edges:
      - {from: start, to: approve}
      - {from: approve, to: end}
    """

  /// Calls the other one.
  private static let letter = """
    graph: letter
    state:
      decision: {type: bool, default: false}
    nodes:
      ask: {graph: approval}
    edges:
      - {from: start, to: ask}
      - {from: ask, to: end}
    """

  private static let both: [String: String?] = ["graphs/approval.yaml": approval, "graphs/letter.yaml": letter]

  private func load(_ files: [String: String?]) throws -> (tools: GraphTools?, findings: [String]) {
    let root = try Shipped.copy(changing: files)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (tools, diagnostics) = GraphTools.load(root: root)
    let (_, all) = Installation.load(.init(root: root), environment: [:])
    #expect(all.filter { $0.position.file.hasPrefix("graphs") } == diagnostics)
    return (tools, diagnostics.map(\.description))
  }

  // MARK: - Files

  @Test func `graphs of one project call one another, whatever the order of their files`() throws {
    let (tools, findings) = try load(Self.both)
    #expect(findings == [])
    #expect(tools?.names == ["approval", "coach", "investigate", "letter", "plan_goals"])
    #expect(try tools?.drawing(of: "letter").contains("ask") == true)
    let nodes = try tools?.description(of: "letter")["nodes"]?.arrayValue
    #expect(nodes?.first?["graph"] == "approval")
  }

  @Test func `a fault is told once where it is, not again in the graphs that call it`() throws {
    let faulty = Self.approval.replacing("from: approve,", with: "from: aprove,")
    let (tools, findings) = try load(["graphs/approval.yaml": faulty, "graphs/letter.yaml": Self.letter])
    #expect(tools == nil)
    #expect(!findings.isEmpty)
    #expect(findings.allSatisfy { $0.hasPrefix("graphs/approval.yaml:") }, "\(findings)")
    #expect(
      findings.contains { $0.hasPrefix("graphs/approval.yaml:10: error: ") && $0.contains("aprove") },
      "\(findings)"
    )
  }

  @Test func `a graph that is not there is named with the line of the node`() throws {
    let (_, findings) = try load(["graphs/letter.yaml": Self.letter])
    #expect(findings.count == 1)
    #expect(findings.first?.hasPrefix("graphs/letter.yaml:5: error: node 'ask' uses graph 'approval'") == true)
  }

  @Test func `graphs that call each other in a circle are refused, each in its file`() throws {
    let circle = Self.approval.replacing("use: person.ask", with: "graph: letter")
      .replacing(
        "    with: {question: \"Send it?\", writes: decision, expires_after: 2d, otherwise: false}\n",
        with: ""
      )
    let (tools, findings) = try load(["graphs/approval.yaml": circle, "graphs/letter.yaml": Self.letter])
    #expect(tools == nil)
    #expect(findings.count == 2, "\(findings)")
    #expect(findings.first?.hasPrefix("graphs/approval.yaml:1: error: graph 'approval' calls itself") == true)
    #expect(findings.last?.hasPrefix("graphs/letter.yaml:1: error: graph 'letter' calls itself") == true)
  }

  @Test func `a graph must be called like its file`() throws {
    let (_, findings) = try load(["graphs/note.yaml": Self.approval])
    #expect(findings == ["graphs/note.yaml:1: error: the graph must be called 'note', like its file, not 'approval'"])
  }

  @Test func `a file outside the project may call the project's graphs`() throws {
    let root = try Shipped.copy(changing: ["graphs/approval.yaml": Self.approval])
    let draft = Shipped.temporary("draft.yaml")
    let name = String(try #require(draft.split(separator: "/").last).dropLast(".yaml".count))
    let text = Self.letter.replacing("graph: letter", with: "graph: \(name)")
    try Data(text.utf8).write(to: URL(filePath: draft))
    #expect(GraphTools.check(file: draft, root: root).map(\.description) == [])
    #expect(GraphTools.check(file: draft, root: Shipped.root).map(\.position.line) == [5])
  }

  @Test(arguments: [
    ("question: \"Send it?\", ", "", "needs 'question'"),
    ("writes: decision, ", "", "needs 'writes'"),
    ("writes: decision", "writes: verdict", "channel 'verdict', which is not declared"),
    ("decision, expires_after: 2d, otherwise: false", "decision, answer: string", "cannot hold"),
    ("writes: decision", "writes: decision, answer: wishes", "not 'wishes'"),
    ("writes: decision", "writes: decision, optional: true", "cannot hold"),
    ("writes: decision", "writes: decision, optional: perhaps", "must be true or false"),
    ("writes: decision", "writes: decision, values: [yes, no]", "needs 'answer: string'"),
    ("writes: decision", "writes: decision, tone: kind", "knows no 'tone'"),
    ("expires_after: 2d", "expires_after: soon", "must be a time such as"),
    ("expires_after: 2d", "expires_after: 9999d", "must be a time such as"),
    ("otherwise: false", "otherwise: 3", "'otherwise' must be bool"),
  ])
  func `a question that cannot be asked is refused before anything runs`(
    _ old: String,
    _ new: String,
    _ wanted: String
  ) throws {
    #expect(Self.approval.contains(old))
    let (_, findings) = try load(["graphs/approval.yaml": Self.approval.replacing(old, with: new)])
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.hasPrefix("graphs/approval.yaml:5: error: node 'approve': ") == true, "\(findings)")
    #expect(findings.first?.contains(wanted) == true, "\(findings)")
  }

  @Test(arguments: ["{}", "{for: ever}", "{for: 0s}", "{until: 2h}"])
  func `a wait without a time is refused before anything runs`(_ parameters: String) throws {
    let graph = """
      graph: pause
      nodes:
        rest: {use: time.wait, with: \(parameters)}
      edges:
        - {from: start, to: rest}
        - {from: rest, to: end}
      """
    let (_, findings) = try load(["graphs/pause.yaml": graph])
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.hasPrefix("graphs/pause.yaml:3: error: node 'rest': ") == true, "\(findings)")
  }

  // MARK: - Runs

  @Test func `a question of an inner graph is answered over the service, and wrong answers change nothing`()
    async throws
  {
    let root = try Shipped.copy(changing: Self.both)
    let application = try await RunningCoach(root: root).application
    let waiting = try await application.runGraph("letter", input: [:], domain: "dealer")
    #expect(waiting["status"] == "waiting")
    let run = RunID(try #require(waiting["run"]?.stringValue))
    let asked = try await application.questions(of: run)
    #expect(asked["status"] == "waiting")
    let question = try #require(asked["questions"]?.arrayValue?.first)
    #expect(question["prompt"] == ["text": "Send it?"])
    #expect(question["wanted"] == "bool")
    #expect(try await application.graphHistory(of: run)["questions"] == asked["questions"])
    let name = try #require(question["name"]?.stringValue)

    await #expect(throws: CoachProblem.unknownQuestion("price", open: [question["id"]?.stringValue ?? ""])) {
      try await application.answer(run, ["price": 3])
    }
    await #expect(throws: CoachProblem.answerDoesNotFit(name, wanted: "bool")) {
      try await application.answer(run, [name: "yes"])
    }
    await #expect(throws: CoachProblem.unknownRun("r9")) { try await application.answer("r9", [name: true]) }
    await #expect(throws: CoachProblem.unknownRun("r9")) { _ = try await application.questions(of: "r9") }
    #expect(try await application.questions(of: run) == asked)

    try await application.answer(run, [name: true])
    try await eventually { try await application.graphHistory(of: run)["status"] == "finished" }
    #expect(try await application.resumeRun(run)["state"] == ["decision": true])
    #expect(try await application.questions(of: run)["questions"] == [])
    await #expect(throws: CoachProblem.notWaiting(run)) { try await application.answer(run, [name: true]) }
    #expect(application.activeRuns.withLock(\.self) == 0)
    await application.shutdown()
  }

  @Test func `results of nodes are kept over a restart`() async throws {
    let graph = try Shipped.text("graphs/coach.yaml").replacing(
      "{use: questions.parse}",
      with: "{use: questions.parse, cache: {lifetime: 1h, key: [message, as_of]}}"
    )
    let root = try Shipped.copy(changing: ["graphs/coach.yaml": graph])
    let metadata = Shipped.temporary("cached.db")
    var parsed: [[String]] = []
    for _ in 1...2 {
      let application = try await RunningCoach(metadata: metadata, root: root).application
      let lines = Lines()
      let outcome = try await application.runGraph(
        "coach",
        input: ["message": "What was revenue in May 2026?"],
        domain: "dealer",
        step: { lines.add($0) }
      )
      #expect(outcome["state"]?["outcome"] == "sure")
      parsed.append(lines.all.filter { $0.hasPrefix("step 2  parse") })
      await application.shutdown()
    }
    #expect(parsed.first?.first?.contains(" ms") == true, "\(parsed)")
    #expect(parsed.last == ["step 2  parse  from the cache"])
  }

  @Test func `a node that is silent for long is named`() async throws {
    let lines = Lines()
    let progress = RunProgressLines { lines.add($0) }
    progress.tell(
      RunEvent(run: "r", sequence: 1, type: RunEvent.nodeStarted, data: ["node": "slow", "step": 1], time: Date())
    )
    let telling = Task { try await progress.tellWhatIsAtWork() }
    try await eventually { !lines.all.isEmpty }
    telling.cancel()
    #expect(lines.all.first?.hasPrefix("at work: slow (") == true)
  }
}
