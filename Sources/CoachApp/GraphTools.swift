import CoachAgents
public import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import Persistence
import StateGraph

/// The graphs of a project's folder, read and checked without anything else of the project.
public struct GraphTools: Sendable {
  private let graphs: [String: Graph]

  /// The JSON Schema of graph files.
  public static var schema: String { GraphGrammar.text }

  /// The names of the graphs, sorted.
  public var names: [String] { graphs.keys.sorted() }

  /// Reads and checks every file below `graphs/`.
  ///
  /// - Parameter root: the project's folder.
  /// - Returns: the graphs, nil when a file has an error, and every finding with file and line.
  public static func load(root: String) -> (tools: GraphTools?, diagnostics: [Diagnostic]) {
    let (folder, findings) = DeclarationFolder.load(root: FileRoot(path: root))
    let collector = DiagnosticCollector()
    collector.add(findings.filter { $0.position.file.hasPrefix("graphs") })
    let project = ProjectGraphs(folder.graphs, registry: registry(folder), reporting: collector)
    if folder.graphs.isEmpty, !collector.hasErrors {
      collector.error(
        "there is no graph; describe one in graphs/<name>.yaml",
        at: SourcePosition(file: "graphs", line: 1)
      )
    }
    return (collector.hasErrors ? nil : GraphTools(graphs: project.graphs), collector.diagnostics)
  }

  /// The graph as a Mermaid flowchart.
  ///
  /// - Throws: ``GraphToolFailure`` for an unknown graph.
  public func drawing(of name: String) throws(GraphToolFailure) -> String {
    Mermaid.drawing(of: try graph(name).definition)
  }

  /// Everything a graph declares, and its fingerprint.
  ///
  /// - Throws: ``GraphToolFailure`` for an unknown graph.
  public func description(of name: String) throws(GraphToolFailure) -> JSONValue {
    let graph = try graph(name)
    let definition = graph.definition
    return [
      "graph": .string(graph.name), "summary": .string(definition.summary), "hash": .string(graph.hash),
      "step_limit": .int(definition.stepLimit), "state_version": .int(definition.options.stateVersion),
      "input": .array(graph.inputNames.map { .string($0) }), "output": .array(graph.outputNames.map { .string($0) }),
      "breakpoints": [
        "before": .array(definition.options.breakBefore.map { .string($0) }),
        "after": .array(definition.options.breakAfter.map { .string($0) }),
      ],
      "channels": .array(definition.channels.map(\.summary)),
      "nodes": .array(definition.nodes.map(\.summary)),
      "edges": .array(definition.edges.map(\.summary)),
    ]
  }

  /// Checks one graph file that need not lie in the project, against the project's nodes, agents and other graphs.
  ///
  /// - Parameters:
  ///   - path: the file; its name without `.yaml` must be the graph's.
  ///   - root: the project's folder.
  /// - Returns: every finding with file and line.
  public static func check(file path: String, root: String) -> [Diagnostic] {
    let collector = DiagnosticCollector()
    let url = URL(filePath: path)
    do throws(FileRootFailure) {
      let text = try FileRoot(path: url.deletingLastPathComponent().path).text(of: url.lastPathComponent)
      if let tree = tree(of: text, file: path, reporting: collector) {
        let (folder, _) = DeclarationFolder.load(root: FileRoot(path: root))
        let all = DiagnosticCollector()
        let trees = folder.graphs.merging([Installation.stem(path): tree]) { $1 }
        _ = ProjectGraphs(trees, registry: registry(folder), reporting: all)
        collector.add(all.diagnostics.filter { $0.position.file == path })
      }
    } catch {
      collector.error("cannot be read: \(error.reason)", at: SourcePosition(file: path, line: error.line))
    }
    return collector.diagnostics
  }

  /// Nodes without services are enough: nothing runs here.
  private static func registry(_ folder: DeclarationFolder) -> NodeRegistry {
    ProjectGraphs.registry(.none(agents: folder.agents))
  }

  /// A graph file as a tree; nil when it is no YAML.
  static func tree(of text: String, file: String, reporting diagnostics: DiagnosticCollector) -> DeclarationTree? {
    DeclarationTree.reading(yaml: text.utf8, file: file, reporting: diagnostics)
  }

  private func graph(_ name: String) throws(GraphToolFailure) -> Graph {
    guard let graph = graphs[name] else {
      throw GraphToolFailure(message: "there is no graph '\(name)'; there are: \(names.joined(separator: ", "))")
    }
    return graph
  }
}

/// Why a graph or a run cannot be worked with.
public struct GraphToolFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong and how to mend it.
  public var message: String

  /// The message.
  public var description: String { message }
}

// MARK: - Runs

extension CoachApplication {
  /// Runs a declared graph with the coach's nodes, and waits for it.
  ///
  /// A graph that takes `message` and `session`, as the coach's own does, gets a conversation and the time of asking
  /// unless the input names them.
  ///
  /// - Parameters:
  ///   - name: the graph.
  ///   - input: what is written before the first node: an object by channel.
  ///   - domain: the domain that is asked, for graphs that take one.
  ///   - thread: the thread of the run; nil for one of its own.
  ///   - step: told in a line of each node that is done, and of how the run goes.
  /// - Returns: an object with `run`, `thread`, `graph`, `status`, `steps`, `state` and perhaps `error` and `questions`.
  /// - Throws: ``GraphToolFailure``, and what the runner throws.
  public func runGraph(
    _ name: String,
    input: JSONValue,
    domain: String,
    thread: String? = nil,
    step: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> JSONValue {
    let graph = try graph(named: name)
    guard let values = input.objectValue else {
      throw GraphToolFailure(message: "the input must be a JSON object by channel, such as {\"message\": \"hello\"}")
    }
    let run = surroundings.identifiers.next(RunKind.self)
    let start = prepare(graph, values, domain: domain, run: run)
    let place = thread ?? start.values["session"]?.stringValue ?? "graph-\(run)"
    let handle = try await runner.start(
      run: run,
      thread: ThreadID(place),
      graph: name,
      input: StateUpdate(start.values),
      timeLimit: installation.folder.server.runTimeLimit,
      saving: start.saving
    )
    return try await report(handle, step)
  }

  /// Goes on from a step of another run in a new one, and waits for it; the other run stays as it is.
  ///
  /// - Parameters:
  ///   - run: the other run.
  ///   - number: the superstep after which the new run goes on; 0 for its start.
  ///   - thread: the thread of the new run; nil for one of its own.
  ///   - changes: what is written to the state before it goes on, an object by channel; null for nothing.
  ///   - node: the due node that is taken to have written it; nil for none.
  ///   - step: told in a line of each node that is done, and of how the new run goes.
  /// - Returns: as ``runGraph(_:input:domain:thread:step:)``.
  /// - Throws: ``GraphToolFailure`` for a step that is not kept, and what the runner throws.
  public func forkRun(
    _ run: RunID,
    at number: Int,
    thread: String? = nil,
    changes: JSONValue = .null,
    as node: String? = nil,
    step: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> JSONValue {
    let place = try await checkpoint(of: run, at: number)
    let fork = surroundings.identifiers.next(RunKind.self)
    var edits: [StateEdit] = []
    if let writes = changes.objectValue {
      edits = [StateEdit(StateUpdate(writes), as: node)]
    } else if !changes.isNull {
      throw GraphToolFailure(message: "the changes must be a JSON object by channel")
    }
    let handle = try await runner.fork(
      from: place,
      as: fork,
      thread: ThreadID(thread ?? "graph-\(fork)"),
      edits: edits,
      timeLimit: installation.folder.server.runTimeLimit
    )
    return try await report(handle, step)
  }

  /// The last checkpoint that was saved at a step.
  private func checkpoint(of run: RunID, at number: Int) async throws -> CheckpointReference {
    _ = try await record(of: run)
    var cursor: Int?
    var kept: Set<Int> = []
    while true {
      let page = try await runner.history(of: run, before: cursor)
      guard let last = page.last else { break }
      if let entry = page.first(where: { $0.step == number }) { return entry.reference }
      kept.formUnion(page.map(\.step))
      cursor = last.reference.revision
    }
    let steps = kept.sorted().map(String.init).joined(separator: ", ")
    throw GraphToolFailure(message: "run \(run) keeps no checkpoint of step \(number); kept are: \(steps)")
  }

  /// Goes on with a run that was interrupted, failed, was stopped or waits, and waits for it.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - answers: answers to its open questions, an object by the question's name; null for none.
  ///   - step: told in a line of each node that is done, and of how the run goes.
  /// - Returns: as ``runGraph(_:input:domain:thread:step:)``.
  /// - Throws: ``GraphToolFailure``, and what the runner throws.
  public func resumeRun(
    _ run: RunID,
    answers: JSONValue = .null,
    step: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> JSONValue {
    let before = try await record(of: run)
    let handle: RunHandle
    if let answers = answers.objectValue {
      handle = try await runner.answer(run, answers, timeLimit: installation.folder.server.runTimeLimit)
    } else if answers.isNull {
      handle = try await runner.resume(run, timeLimit: installation.folder.server.runTimeLimit)
    } else {
      throw GraphToolFailure(message: "the answers must be a JSON object by question")
    }
    return try await report(handle, after: before.lastSequence, step)
  }

  /// Stops a run, or asks the process that works on it to do so, which takes it a few seconds at most.
  ///
  /// - Returns: whether there was anything to stop.
  /// - Throws: ``GraphToolFailure`` for an unknown run, and what the runner throws.
  public func cancelRun(_ run: RunID) async throws -> Bool {
    _ = try await record(of: run)
    return try await stopAnywhere(run)
  }

  /// Puts the runs of this process aside after the superstep at hand; they can be resumed.
  ///
  /// - Returns: the runs that did not come to rest within `stop_grace`; they can be resumed when their lease is over.
  public func interruptRuns() async -> [RunID] {
    await drain() ? [] : followedRuns.withLock { $0.sorted() }
  }

  /// The record and the kept checkpoints of a run.
  ///
  /// - Returns: an object with `run`, `thread`, `graph`, `status`, `checkpoints` (newest first: `step`, `revision`,
  ///   `saved_at`, `finished`, `next`) and perhaps `error`, `base`, `wake_at` and `questions`.
  /// - Throws: ``GraphToolFailure`` for an unknown run, and what the store throws.
  public func graphHistory(of run: RunID) async throws -> JSONValue {
    let record = try await record(of: run)
    var checkpoints: [JSONValue] = []
    var cursor: Int?
    while true {
      let page = try await runner.history(of: run, before: cursor)
      guard let last = page.last else { break }
      checkpoints += page.map(\.summary)
      cursor = last.reference.revision
    }
    var parts = record.summary
    parts["checkpoints"] = .array(checkpoints)
    if record.status == .waiting {
      let questions = try await runner.questions(of: run)
      if !questions.isEmpty { parts["questions"] = .array(questions.map(\.summary)) }
    }
    return .object(parts)
  }

  /// The graph of a run as a Mermaid flowchart that shows which nodes ran and how often.
  ///
  /// - Returns: the drawing, and whether the graph has been edited since the run was saved.
  /// - Throws: ``GraphToolFailure`` for an unknown run or graph, and what the store throws.
  public func graphDrawing(of run: RunID) async throws -> (drawing: String, isOutdated: Bool) {
    let record = try await record(of: run)
    let graph = try graph(named: record.graph)
    var tally = NodeTally()
    let store = database.checkpoints(of: .local)
    var seen = 0
    while true {
      let page = try await store.events(of: run, after: seen, limit: 500)
      guard let last = page.last else { break }
      for event in page { tally.count(event) }
      seen = last.sequence
    }
    return (tally.drawing(of: graph.definition), record.graphHash != graph.hash)
  }

  private func record(of run: RunID) async throws -> RunRecord {
    guard let record = try await database.checkpoints(of: .local).record(of: run) else {
      throw GraphToolFailure(message: "there is no run '\(run)' in this data folder")
    }
    return record
  }

  /// Follows a run to its end, or to where it pauses.
  private func report(
    _ handle: RunHandle,
    after sequence: Int = 0,
    _ step: @escaping @Sendable (String) -> Void
  ) async throws -> JSONValue {
    _ = followedRuns.withLock { $0.insert(handle.run) }
    defer { _ = followedRuns.withLock { $0.remove(handle.run) } }
    let events = runner.events(of: handle.run, after: sequence)
    let progress = RunProgressLines(step)
    let ticking = Task { try await progress.tellWhatIsAtWork() }
    defer { ticking.cancel() }
    let following = Task {
      for try await event in events {
        progress.tell(event)
        if Self.endings.contains(event.type) { return }
      }
    }
    let outcome: RunOutcome
    do {
      outcome = try await handle.outcome()
    } catch {
      following.cancel()
      throw error
    }
    // A run that had ended before has nothing more to tell.
    if outcome.record.lastSequence <= sequence { following.cancel() }
    _ = await following.result
    var parts = outcome.record.summary
    parts["state"] = .object(outcome.output)
    if !outcome.questions.isEmpty {
      parts["questions"] = .array(outcome.questions.map(\.summary))
    }
    return .object(parts)
  }

  private static let endings: Set<String> = [
    RunEvent.runFinished, RunEvent.runFailed, RunEvent.runStopped, RunEvent.runWaiting, RunEvent.runInterrupted,
  ]
}

/// How often the nodes of a run ran and failed.
private struct NodeTally {
  private var finished: [String: Int] = [:]
  private var failed: Set<String> = []

  mutating func count(_ event: RunEvent) {
    guard let node = event.data["node"]?.stringValue else { return }
    switch event.type {
    case RunEvent.nodeFinished, RunEvent.nodeCached:
      finished[node, default: 0] += 1
      failed.remove(node)
    case RunEvent.nodeFailed: failed.insert(node)
    default: break
    }
  }

  /// The drawing of the graph with a count in each box, and boxes that ran or failed set apart.
  func drawing(of definition: GraphDefinition) -> String {
    var lines = Mermaid.drawing(of: definition).split(separator: "\n").map(String.init)
    var classes: [String] = []
    for (index, node) in definition.nodes.enumerated() {
      let count = finished[node.name] ?? 0
      guard count > 0 || failed.contains(node.name) else { continue }
      if let line = lines.firstIndex(where: { $0.hasPrefix("  n\(index)[\"") && $0.hasSuffix("\"]") }), count > 0 {
        lines[line] = "\(lines[line].dropLast(2)) ×\(count)\"]"
      }
      classes.append("  class n\(index) \(failed.contains(node.name) ? "failed" : "ran")")
    }
    lines += ["  classDef ran stroke-width:3px", "  classDef failed stroke-width:3px,stroke-dasharray:6 3"]
    return (lines + classes).joined(separator: "\n") + "\n"
  }
}

// MARK: - As JSON

extension RunRecord {
  fileprivate var summary: [String: JSONValue] {
    var parts: [String: JSONValue] = [
      "run": .string(run.rawValue), "thread": .string(thread.rawValue), "graph": .string(graph),
      "hash": .string(graphHash), "status": .string(status.rawValue), "steps": .int(step),
    ]
    if let error {
      parts["error"] = ["code": .string(error.code.rawValue), "message": .string(error.description)]
    }
    if let wakeAt { parts["wake_at"] = .string(wakeAt.formatted(.iso8601)) }
    if let base { parts["base"] = ["run": .string(base.run.rawValue), "revision": .int(base.revision)] }
    return parts
  }
}

extension Frontier.Question {
  /// The question for clients and for the command line.
  var summary: JSONValue {
    var parts: [String: JSONValue] = [
      "id": .string(id), "name": .string(name), "node": .string(node), "prompt": prompt,
      "wanted": .string("\(schema)"),
    ]
    if let expiresAt { parts["expires_at"] = .string(expiresAt.formatted(.iso8601)) }
    return .object(parts)
  }
}

extension CheckpointSummary {
  fileprivate var summary: JSONValue {
    [
      "step": .int(step), "revision": .int(reference.revision),
      "saved_at": .string(savedAt.formatted(.iso8601)),
      "finished": .array(
        finishedTasks.map { task in
          [
            "node": .string(task.node), "attempts": .int(task.attempts),
            "duration_ms": .double(task.durationMilliseconds),
          ]
        }
      ),
      "next": .array((frontier.due + frontier.sends.map(\.node)).map { .string($0) }),
    ]
  }
}

extension Channel {
  fileprivate var summary: JSONValue {
    var parts: [String: JSONValue] = [
      "name": .string(name), "type": .string("\(type)"), "kind": .string(kindWord), "optional": .bool(isOptional),
      "private": .bool(isPrivate), "place": .string("\(position)"),
    ]
    if let defaultValue { parts["default"] = defaultValue }
    if let allowedTexts { parts["values"] = .array(allowedTexts.map { .string($0) }) }
    return .object(parts)
  }

  private var kindWord: String {
    switch kind {
    case .last: "last"
    case .reduce(let reducer): "reduce \(reducer.rawValue)"
    case .append: "append"
    case .messages: "messages"
    case .ephemeral: "ephemeral"
    case .untracked: "untracked"
    }
  }
}

extension NodeDeclaration {
  fileprivate var summary: JSONValue {
    var parts: [String: JSONValue] = ["name": .string(name), "place": .string("\(position)")]
    switch work {
    case .function(let name): parts["use"] = .string(name)
    case .agent(let id): parts["agent"] = .string(id)
    case .graph(let name):
      parts["graph"] = .string(name)
      parts["memory"] = .string(options.memory.rawValue)
    }
    if !parameters.isEmpty { parts["with"] = .object(parameters) }
    if retry.attempts > 1 { parts["attempts"] = .int(retry.attempts) }
    if let timeout { parts["timeout_ms"] = .double(timeout / .milliseconds(1)) }
    if let time = options.idleTimeout { parts["idle_timeout_ms"] = .double(time / .milliseconds(1)) }
    if let most = options.concurrency { parts["concurrency"] = .int(most) }
    if options.cache != nil { parts["cached"] = true }
    if !options.goto.isEmpty { parts["goto"] = .array(options.goto.map { .string($0) }) }
    if !options.send.isEmpty { parts["send"] = .array(options.send.map { .string($0) }) }
    if let handler = options.errorHandler { parts["on_error"] = .string(handler) }
    if options.isDeferred { parts["deferred"] = true }
    return .object(parts)
  }
}

extension EdgeDeclaration {
  fileprivate var summary: JSONValue {
    var parts: [String: JSONValue] = [
      "from": .array(sources.map { .string($0) }), "to": .array(targets.map { .string($0) }),
      "place": .string("\(position)"),
    ]
    if let condition { parts["when"] = .string(condition) }
    return .object(parts)
  }
}
