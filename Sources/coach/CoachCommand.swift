import CoachApp
import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence

/// The commands of `coach`.
enum CoachCommand {
  static let usage = """
    coach answers questions about a company's data.

    Usage: coach COMMAND [options]

      demo                 write the demo company's database
      check                check agents, prompts, graphs and settings; exit 1 on an error
      ask "QUESTION"       answer one question
      investigate "QUESTION"
                           why a metric moved, with the evidence; see 'coach investigate --help'
      forecast METRIC      what a metric will probably do; see 'coach forecast --help'
      anomalies [METRIC]   what was unusual lately; see 'coach anomalies --help'
      plan "WISH"          goals for a wish, with probabilities; see 'coach plan --help'
      goals COMMAND        list, show, approve, checkin, close; see 'coach goals --help'
      chat                 a conversation in the terminal
      serve                the page and the API on 127.0.0.1
      data COMMAND         bring tables of your own; see 'coach data --help'
      domain draft         a first description of a database; see 'coach domain --help'
      dumps COMMAND        answers computed before anybody asks; see 'coach dumps --help'
      graph COMMAND        look at graphs and their runs, run them; see 'coach graph --help'
      ledger               what calls of models cost; see 'coach ledger --help'
      router COMMAND       which model is asked and why; see 'coach router --help'
      models check         call each endpoint of config/models.yaml once: what works, how fast, at what price
      migrate              bring the coach's own data to this program's version; see 'coach migrate --help'
      backup FILE          write the coach's own data into a file, while servers go on
      restore FILE         put a backup in the place of the coach's own data
      privacy COMMAND      give out, delete or let expire what is kept about people; see 'coach privacy --help'
      doctor               what is set up, and what is wrong
      eval questions|time|route|gate
                           answer JSON Lines from standard input, for measurement; see 'coach help eval'
      eval localize|correlate|forecast|goals|detect DIR
                           find causes or drivers, forecast, or find anomalies in a folder of samples, for measurement
      testing model        a scripted model server (OpenAI and Anthropic), for trying things out
      version              print the version

    Options of most commands:
      --root DIR           the project's folder (default: the working directory, or COACH_ROOT)
      --data-folder DIR    where databases lie (default: config/server.yaml, or COACH_DATA)
      --domain NAME|FILE   which domain; a path to a .yaml file is read as well
      --data FILE          the domain's database, instead of the one in its file
      --json               one JSON object on standard output

    Examples:
      coach demo && coach ask "What was revenue last month?"
      coach ask --json "top 5 dealers by units sold this year"
      coach ask "revenue by region and month this year" --xlsx revenue.xlsx --csv revenue.csv --svg revenue.svg
      coach ask --private "which dealer's complaints mention brakes?"   (no model outside the house sees it)
      coach serve --port 8080
      coach eval questions --domain dealer < questions.jsonl > answers.jsonl

    Exit status: 0 done, 1 a fault was found, 2 wrong command line, 3 failure, 4 no answer (declined or unclear).
    """

  private static let helpTexts = [
    "graph": graphUsage, "ledger": ledgerUsage, "router": routerUsage, "migrate": storeUsage, "backup": storeUsage,
    "data": dataUsage,
    "restore": storeUsage, "investigate": investigateUsage, "forecast": forecastUsage, "anomalies": anomaliesUsage,
    "eval": evaluationUsage, "plan": planUsage, "goals": goalsUsage, "dumps": dumpsUsage, "privacy": privacyUsage,
    "domain": domainUsage,
  ]

  static func run(_ words: [String]) async -> ExitStatus {
    guard let command = words.first else {
      message(usage)
      return .usage
    }
    if ["help", "--help", "-h"].contains(command) || words.contains("--help") || words.contains("-h") {
      let topic = ["help", "--help", "-h"].contains(command) ? words.dropFirst().first ?? "" : command
      output(helpTexts[topic] ?? usage)
      return .success
    }
    do {
      return try await run(command, Array(words.dropFirst()))
    } catch let fault as Arguments.Fault {
      message("coach: \(fault)\nTry 'coach help'.")
      return .usage
    } catch let failure as StartFailure {
      message("coach: \(failure)")
      return .failure
    } catch let refused as Refused {
      message(refused.text)
      return refused.status
    } catch {
      message("coach: \(error)")
      return .failure
    }
  }

  private static func run(_ command: String, _ words: [String]) async throws -> ExitStatus {
    switch (command, words.first) {
    case ("version", _):
      output(CoachApplication.version)
      return .success
    case ("demo", _): return try demo(words)
    case ("check", _): return try check(words)
    case ("ask", _): return try await ask(words)
    case ("investigate", _): return try await investigate(words)
    case ("forecast", _): return try await forecast(words)
    case ("anomalies", _): return try await anomalies(words)
    case ("plan", _): return try await plan(words)
    case ("goals", _): return try await goals(words)
    case ("chat", _): return try await chat(words)
    case ("serve", _): return try await serve(words)
    case ("doctor", _): return try await doctor(words)
    case ("data", _): return try await data(words)
    case ("domain", "draft"): return try await draftDomain(Array(words.dropFirst()))
    case ("domain", _): throw Arguments.Fault(description: "domain knows: draft")
    case ("dumps", _): return try await dumps(words)
    case ("graph", _): return try await graph(words)
    case ("ledger", _): return try await ledger(words)
    case ("migrate", _): return try await migrate(words)
    case ("backup", _): return try await backUp(words)
    case ("restore", _): return try await restore(words)
    case ("privacy", _): return try await privacy(words)
    case ("models", _): return try await models(words)
    case ("eval", "questions"): return try await evaluateQuestions(Array(words.dropFirst()))
    case ("eval", "time"): return try evaluateTime(Array(words.dropFirst()))
    case ("eval", "route"): return try await evaluateRoute(Array(words.dropFirst()))
    case ("eval", "gate"): return try await evaluateGate(Array(words.dropFirst()))
    case ("eval", "localize"): return try evaluateLocalization(Array(words.dropFirst()))
    case ("eval", "correlate"): return try evaluateDrivers(Array(words.dropFirst()))
    case ("eval", "forecast"): return try evaluateForecasts(Array(words.dropFirst()))
    case ("eval", "goals"): return try evaluateGoals(Array(words.dropFirst()))
    case ("eval", "detect"): return try evaluateDetection(Array(words.dropFirst()))
    case ("eval", _):
      throw Arguments.Fault(
        description: "eval knows: questions, time, route, gate, localize, correlate, forecast, goals, detect"
      )
    case ("router", _): return try await router(words)
    case ("testing", "model"): return try await testingModel(Array(words.dropFirst()))
    case ("testing", _): throw Arguments.Fault(description: "testing knows: model")
    default: throw Arguments.Fault(description: "unknown command '\(command)'")
    }
  }

  /// A failure whose words are already for the person.
  struct Refused: Error, CustomStringConvertible {
    var text: String
    var status: ExitStatus
    var description: String { text }
  }

  // MARK: - Common parts

  static let commonOptions: Set<String> = ["root", "data-folder", "domain", "data"]

  static func options(_ arguments: Arguments, _ surroundings: Surroundings) throws -> Installation.Options {
    var options = Installation.Options(root: arguments.value("root") ?? surroundings.environment["COACH_ROOT"] ?? ".")
    options.dataFolder = arguments.value("data-folder")
    if let domain = arguments.value("domain"), domain.hasSuffix(".yaml") { options.domainFile = domain }
    return options
  }

  static func load(
    _ arguments: Arguments,
    _ surroundings: Surroundings
  ) throws -> (installation: Installation, domain: String) {
    let options = try options(arguments, surroundings)
    let (loaded, diagnostics) = Installation.load(options, environment: surroundings.environment)
    guard var installation = loaded else {
      throw Refused(text: diagnostics.map(\.description).joined(separator: "\n"), status: .faulty)
    }
    let named = options.domainFile == nil ? arguments.value("domain") : nil
    let domain = named ?? installation.defaultDomain
    if let data = arguments.value("data") { installation.options.databases[domain] = data }
    return (installation, domain)
  }

  // MARK: - Commands

  private static func demo(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["root", "data-folder", "out", "seed"], flags: ["force"])
    let seed = try arguments.number("seed", in: 0...Int.max) ?? 1
    let surroundings = Surroundings.machine
    let path: String
    if let out = arguments.value("out") {
      path = out
    } else {
      let (installation, _) = try load(arguments, surroundings)
      path = "\(installation.dataFolder)/dealer.sqlite"
    }
    if FileManager.default.fileExists(atPath: path), !arguments.flags.contains("force") {
      message("\(path) is already there; --force writes it anew")
      return .success
    }
    let start = ContinuousClock.now
    try Demo.write(to: path, seed: UInt64(seed)) { share in
      if isInteractive { message("writing \(path): \(Int(share * 100)) %") }
    }
    let seconds = ((ContinuousClock.now - start) / .seconds(1) * 10).rounded() / 10
    message("wrote \(path) in \(seconds) s")
    return .success
  }

  private static func check(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let surroundings = Surroundings.machine
    let options = try options(arguments, surroundings)
    let (_, diagnostics) = Installation.load(options, environment: surroundings.environment)
    return tell(diagnostics, asJSON: arguments.flags.contains("json"))
  }

  /// Prints findings.
  static func tell(_ diagnostics: [Diagnostic], asJSON: Bool) -> ExitStatus {
    if asJSON {
      output(
        JSONValue.array(
          diagnostics.map {
            [
              "severity": .string($0.severity.rawValue), "message": .string($0.message),
              "file": .string($0.position.file), "line": .int($0.position.line), "column": .int($0.position.column),
            ]
          }
        ).text
      )
    } else {
      for diagnostic in diagnostics { output("\(diagnostic)") }
    }
    let errors = diagnostics.filter { $0.severity == .error }.count
    message(errors == 0 ? "no errors" : "\(errors) error\(errors == 1 ? "" : "s")")
    return errors == 0 ? .success : .faulty
  }

  private static func doctor(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let surroundings = Surroundings.machine
    let findings = await Doctor(try options(arguments, surroundings), surroundings: surroundings).examine()
    if arguments.flags.contains("json") {
      output(try JSONValue(encoding: findings).text)
    } else {
      for finding in findings { output("[\(finding.state.rawValue)] \(finding.subject): \(finding.detail)") }
    }
    return findings.contains { $0.state == .problem } ? .faulty : .success
  }

  private static func serve(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["host", "port"]), flags: ["quiet"])
    let port = try arguments.number("port", in: 0...65_535)
    var surroundings = Surroundings.machine
    surroundings.log = { message($0) }
    let (installation, _) = try load(arguments, surroundings)
    // A file has one server; over a PostgreSQL server there may be many, each with a name of its own.
    let lock = installation.store.isShared ? nil : try FolderLock(installation.dataFolder)
    defer { lock?.release() }
    let name = "\(CoachApplication.replicaPrefix)\(ProcessInfo.processInfo.hostName)-\(surroundings.random())"
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: installation.store.isShared ? name : "serve",
      store: installation.store
    )
    for (_, detail) in application.unavailable.sorted(by: { $0.key < $1.key }) { message("warning: \(detail)") }
    let quiet = arguments.flags.contains("quiet")
    let serving = try Serving(application, host: arguments.value("host"), port: port) { line in
      if !quiet { message(line) }
    }
    let end = EndSignal()
    let started = try await serving.start()
    if started.resumed + started.failed > 0 {
      message("continued \(started.resumed) interrupted runs; \(started.failed) could not be continued")
    }
    output("Coach is ready at http://127.0.0.1:\(started.port)/")
    await end.wait()
    // What comes now may take a while; from here on a second signal has its usual effect.
    message("stopping")
    await serving.stop()
    return .success
  }

  private static func evaluateQuestions(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: [])
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "eval",
      store: .memory
    )
    let evaluation = try QuestionEvaluation(application, domain: domain)
    for line in InputLines() where !line.isEmpty { output(await evaluation.answer(line).text) }
    await application.shutdown()
    return .success
  }

  private static func evaluateTime(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["fiscal-start", "week-start"], flags: [])
    let month = try arguments.number("fiscal-start", in: 1...12) ?? 1
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    let day = arguments.value("week-start") ?? days[0]
    guard let index = days.firstIndex(of: day.lowercased()) else {
      throw Arguments.Fault(description: "--week-start must be a day such as monday, not '\(day)'")
    }
    let evaluation = TimeEvaluation(fiscalStartMonth: month, weekStart: index + 1)
    for line in InputLines() where !line.isEmpty { output(evaluation.answer(line).text) }
    return .success
  }

  private static func testingModel(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: ["script", "port"], flags: [])
    guard let script = arguments.value("script") else {
      throw Arguments.Fault(description: "testing model needs --script FILE")
    }
    let port = try arguments.number("port", in: 0...65_535) ?? 0
    let end = EndSignal()
    let playing = Task {
      try await ScriptedModelServer.run(scriptFile: script, port: port) { port in
        output("scripted model at http://127.0.0.1:\(port)/v1")
      }
    }
    let stopping = Task {
      await end.wait()
      playing.cancel()
    }
    defer { stopping.cancel() }
    try await playing.value
    return .success
  }
}
