import CoachApp
import CoachVocabulary
import ConcurrencyKit
import Glibc

/// `coach graph …`: looks at the declared graphs and at what ran on them.
extension CoachCommand {
  static let graphUsage = """
    coach graph looks at the declared graphs, runs them, and looks at their runs.

    Usage: coach graph COMMAND [options]

      check [FILE…]            check graph files (default: all of the project); exit 1 on an error
      schema                   the JSON Schema of graph files, for editors
      draw NAME                the graph as a Mermaid flowchart
      draw --run RUN           the graph of a run, with the nodes that ran and how often
      show NAME                channels, nodes, edges and the fingerprint
      run NAME --input JSON    run a graph; steps on standard error, the final state on standard output
      history RUN              the saved steps of a run, newest first
      fork RUN --at STEP       go on from a step of a run in a new one; the other stays as it is
      resume RUN               go on with a run that failed, was stopped or interrupted, or waits
      cancel RUN               stop a run that no other process works on
      schedules                the runs that 'coach serve' starts by the clock (config/schedules.yaml)

    Options:
      --json                   one JSON object on standard output (check: a list)
      --thread ID              run, fork: the thread of the new run (default: one of its own)
      --set JSON               fork: what is written to the state first, an object by channel
      --as NODE                fork: the due node that is taken to have written it
      --answers JSON           resume: answers to open questions, an object by name
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach graph check
      coach graph draw coach > coach.mmd
      coach graph run coach --input '{"message": "What was revenue last month?"}'
      coach graph history 01J9ZK3E8Q && coach graph fork 01J9ZK3E8Q --at 1 --as parse --set '{"outcome": "decline"}'
      coach graph resume 01J9ZK3E8Q --answers '{"approve": true}'

    Exit status: 0 done, 1 a fault was found, 2 wrong command line, 3 failure or a failed run, 4 the run waits,
    130 Ctrl-C put the run aside.
    """

  static func graph(_ words: [String]) async throws -> ExitStatus {
    let rest = Array(words.dropFirst())
    switch words.first {
    case "check": return try checkGraphs(rest)
    case "schema": return try graphSchema(rest)
    case "draw": return try await drawGraph(rest)
    case "show": return try showGraph(rest)
    case "run": return try await runGraph(rest)
    case "history": return try await graphHistory(rest)
    case "fork": return try await forkRun(rest)
    case "resume": return try await resumeRun(rest)
    case "cancel": return try await cancelRun(rest)
    case "schedules": return try listSchedules(rest)
    default:
      throw Arguments.Fault(
        description:
          "graph knows: check, schema, draw, show, run, history, fork, resume, cancel, schedules; "
          + "see 'coach graph --help'"
      )
    }
  }

  // MARK: - Graphs

  private static func checkGraphs(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let root = try options(arguments, .machine).root
    let findings =
      arguments.rest.isEmpty
      ? GraphTools.load(root: root).diagnostics : arguments.rest.flatMap { GraphTools.check(file: $0, root: root) }
    return tell(findings, asJSON: arguments.flags.contains("json"))
  }

  private static func graphSchema(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: [], flags: ["json"])
    try expectNothing(arguments, "graph schema")
    outputPart(GraphTools.schema)
    return .success
  }

  private static func drawGraph(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["run"]), flags: ["json"])
    guard let run = arguments.value("run") else {
      let name = try word(arguments, "graph draw NAME, or graph draw --run RUN")
      return draw(try tools(arguments).drawing(of: name), arguments)
    }
    try expectNothing(arguments, "graph draw --run RUN")
    return try await withApplication(arguments) { application, _ in
      let (drawing, isOutdated) = try await application.graphDrawing(of: RunID(run))
      if isOutdated { message("the graph has been edited since the run was saved; this is the graph as it is now") }
      return draw(drawing, arguments)
    }
  }

  private static func draw(_ drawing: String, _ arguments: Arguments) -> ExitStatus {
    if arguments.flags.contains("json") {
      output(JSONValue.object(["mermaid": .string(drawing)]).text)
    } else {
      outputPart(drawing)
    }
    return .success
  }

  private static func showGraph(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let name = try word(arguments, "graph show NAME")
    let description = try tools(arguments).description(of: name)
    if arguments.flags.contains("json") {
      output(description.text)
      return .success
    }
    output("\(text(description["graph"])): \(text(description["summary"]))")
    output("fingerprint \(text(description["hash"])), at most \(text(description["step_limit"])) steps")
    for (title, key) in [("channels", "channels"), ("nodes", "nodes"), ("edges", "edges")] {
      output("\(title):")
      for entry in description[key]?.arrayValue ?? [] { output("  \(line(of: entry))") }
    }
    return .success
  }

  /// A channel, node or edge in one line.
  private static func line(of entry: JSONValue) -> String {
    var members = entry.objectValue ?? [:]
    members["place"] = JSONValue?.none
    if members["kind"] == "last" { members["kind"] = JSONValue?.none }
    if let value = members["default"] { members["default"] = .string(value.text) }
    var words: [String] = []
    if let name = members.removeValue(forKey: "name") { words.append(text(name)) }
    if let type = members.removeValue(forKey: "type") { words.append(text(type)) }
    if let from = members.removeValue(forKey: "from"), let to = members.removeValue(forKey: "to") {
      words.append("\(names(from)) -> \(names(to))")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != false {
      words.append(value == true ? key : "\(key): \(text(value))")
    }
    return words.joined(separator: "  ")
  }

  // MARK: - Runs

  private static func runGraph(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["input", "thread"]), flags: ["json"])
    let name = try word(arguments, "graph run NAME --input JSON")
    let input = try json(arguments, "input") ?? [:]
    return try await withApplication(arguments) { application, domain in
      try await follow(application, arguments) { step in
        try await application.runGraph(
          name,
          input: input,
          domain: domain,
          thread: arguments.value("thread"),
          step: step
        )
      }
    }
  }

  private static func forkRun(_ words: [String]) async throws -> ExitStatus {
    let options = commonOptions.union(["at", "thread", "set", "as"])
    let arguments = try Arguments(words, options: options, flags: ["json"])
    let run = try word(arguments, "graph fork RUN --at STEP")
    guard let step = try arguments.number("at", in: 0...Int.max) else {
      throw Arguments.Fault(description: "graph fork needs --at STEP; 'coach graph history \(run)' lists the steps")
    }
    let changes = try json(arguments, "set") ?? .null
    return try await withApplication(arguments) { application, _ in
      try await follow(application, arguments) { tell in
        try await application.forkRun(
          RunID(run),
          at: step,
          thread: arguments.value("thread"),
          changes: changes,
          as: arguments.value("as"),
          step: tell
        )
      }
    }
  }

  private static func resumeRun(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["answers"]), flags: ["json"])
    let run = try word(arguments, "graph resume RUN")
    let answers = try json(arguments, "answers") ?? .null
    return try await withApplication(arguments) { application, _ in
      try await follow(application, arguments) { step in
        try await application.resumeRun(RunID(run), answers: answers, step: step)
      }
    }
  }

  private static func cancelRun(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let run = try word(arguments, "graph cancel RUN")
    return try await withApplication(arguments) { application, _ in
      let isStopped = try await application.cancelRun(RunID(run))
      if arguments.flags.contains("json") {
        output(JSONValue.object(["run": .string(run), "stopped": .bool(isStopped)]).text)
      } else {
        message(isStopped ? "stopped run \(run)" : "run \(run) is at its end already")
      }
      return .success
    }
  }

  private static func graphHistory(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let run = try word(arguments, "graph history RUN")
    return try await withApplication(arguments) { application, _ in
      let history = try await application.graphHistory(of: RunID(run))
      if arguments.flags.contains("json") {
        output(history.text)
        return .success
      }
      message("run \(run) of graph '\(text(history["graph"]))', \(text(history["status"]))")
      for entry in history["checkpoints"]?.arrayValue ?? [] {
        let finished = (entry["finished"]?.arrayValue ?? []).map { text($0["node"]) }.joined(separator: ", ")
        let after = finished.isEmpty ? "" : "  after \(finished)"
        let next = names(entry["next"] ?? .null)
        output("step \(text(entry["step"]))  \(text(entry["saved_at"]))\(after)\(next.isEmpty ? "" : "  then \(next)")")
      }
      return .success
    }
  }

  private static func listSchedules(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    try expectNothing(arguments, "graph schedules")
    let surroundings = Surroundings.machine
    let schedules = try load(arguments, surroundings).installation.describeSchedules(now: surroundings.clock.now)
    if arguments.flags.contains("json") {
      output(schedules.text)
      return .success
    }
    for entry in schedules.arrayValue ?? [] {
      let when = "\(text(entry["cron"])) \(text(entry["zone"]))"
      output(
        "\(text(entry["name"]))  \(text(entry["graph"]))  \(when)  \(text(entry["overlap"]))  next \(text(entry["next"]))"
      )
    }
    if schedules.arrayValue?.isEmpty != false {
      message("there are no schedules; see config/schedules.yaml in the guide")
    }
    return .success
  }

  // MARK: - Common parts

  /// Prints what came of a run.
  private static func tell(_ outcome: JSONValue, _ arguments: Arguments) -> ExitStatus {
    if arguments.flags.contains("json") {
      output(outcome.text)
    } else {
      output((outcome["state"] ?? .null).prettyText)
      for question in outcome["questions"]?.arrayValue ?? [] {
        message("question \(text(question["id"])): \(text(question["prompt"])) (wanted: \(text(question["wanted"])))")
      }
    }
    switch outcome["status"] {
    case "finished": return .success
    case "waiting": return .unanswered
    default: return .failure
    }
  }

  /// How a run left this process.
  private enum Ending: Sendable {
    case done(Result<JSONValue, any Error>)
    /// It was to be put aside, and did not come to rest in time.
    case unfinished([String])
  }

  /// Follows a run to its end and prints what came of it.
  ///
  /// Ctrl-C puts the run aside after the step at hand, so that it can be resumed; a second one ends the process at once.
  private static func follow(
    _ application: CoachApplication,
    _ arguments: Arguments,
    _ work: @escaping @Sendable (_ step: @escaping @Sendable (String) -> Void) async throws -> JSONValue
  ) async throws -> ExitStatus {
    let (endings, continuation) = AsyncStream.makeStream(of: Ending.self)
    let interruption = Locked<Int32?>(nil)
    let sources = SignalSources([SIGINT, SIGTERM]) { number in
      let isFirst = interruption.withLock { signal in
        defer { signal = signal ?? number }
        return signal == nil
      }
      guard isFirst else { _exit(128 + number) }
      message("stopping after the step at hand; once more ends it now")
      Task {
        let left = await application.interruptRuns()
        if !left.isEmpty { continuation.yield(.unfinished(left.map(\.rawValue))) }
      }
    }
    defer { sources.cancel() }
    Task {
      do {
        continuation.yield(.done(.success(try await work { message($0.withoutControls) })))
      } catch {
        continuation.yield(.done(.failure(error)))
      }
    }
    let ending = await endings.first { _ in true }
    let signal = interruption.withLock(\.self)
    switch ending {
    case .done(.success(let outcome)):
      let status = tell(outcome, arguments)
      guard let signal, outcome["status"] == "interrupted" else { return status }
      return .interrupted(by: signal)
    case .done(.failure(let error)):
      guard let signal else { throw error }
      message("coach: \(error)")
      return .interrupted(by: signal)
    case .unfinished(let runs):
      for run in runs {
        message("run \(run) did not come to rest; `coach graph resume \(run)` goes on in half a minute")
      }
      return .interrupted(by: signal ?? SIGTERM)
    case nil: return .failure
    }
  }

  private static func withApplication(
    _ arguments: Arguments,
    _ body: (CoachApplication, String) async throws -> ExitStatus
  ) async throws -> ExitStatus {
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await sayingWhenSlow("opening the databases") {
      try await CoachApplication(
        installation,
        surroundings: surroundings,
        owner: "graph-\(surroundings.random())",
        store: installation.store
      )
    }
    do {
      let status = try await body(application, domain)
      await application.shutdown()
      return status
    } catch {
      await application.shutdown()
      throw error
    }
  }

  /// Says what is being done when it takes over two seconds.
  private static func sayingWhenSlow<Value>(
    _ text: String,
    _ body: () async throws -> Value
  ) async rethrows -> Value {
    let telling = Task {
      try await Task.sleep(for: .seconds(2))
      message(text)
    }
    defer { telling.cancel() }
    return try await body()
  }

  private static func tools(_ arguments: Arguments) throws -> GraphTools {
    let (tools, diagnostics) = GraphTools.load(root: try options(arguments, .machine).root)
    guard let tools else {
      throw Refused(text: diagnostics.map(\.description).joined(separator: "\n"), status: .faulty)
    }
    return tools
  }

  /// The one word that a command wants.
  private static func word(_ arguments: Arguments, _ form: String) throws -> String {
    guard arguments.rest.count == 1 else { throw Arguments.Fault(description: "the form is: coach \(form)") }
    return arguments.rest[0]
  }

  private static func expectNothing(_ arguments: Arguments, _ form: String) throws {
    guard arguments.rest.isEmpty else { throw Arguments.Fault(description: "the form is: coach \(form)") }
  }

  private static func json(_ arguments: Arguments, _ name: String) throws -> JSONValue? {
    guard let text = arguments.value(name) else { return nil }
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw Arguments.Fault(description: "--\(name) is no JSON: \(error.message)")
    }
  }

  private static func text(_ value: JSONValue?) -> String {
    guard let value, !value.isNull else { return "" }
    return (value.stringValue ?? value.text).withoutControls
  }

  private static func names(_ value: JSONValue) -> String {
    (value.arrayValue ?? []).map { text($0) }.joined(separator: ", ")
  }
}
