import CoachApp
import CoachVocabulary
import FoundationEssentials
import ModelRouting

/// `coach router …` and `coach eval route`: which model is asked, and why.
extension CoachCommand {
  static let routerUsage = """
    coach router says which model is asked and why.

    Usage: coach router COMMAND [options]

      explain "PROMPT"         the score of a prompt, with what each feature adds
      report                   what the gates have taught about the models, and how traffic was shared
      fit --data FILE          fit the weights to outcomes of a weak and a strong model; '-' reads standard input

    Options:
      --output FILE            fit: where the weights go (default: config/router.json below the root)
      --scores FILE            fit: id,score of each prompt by weights that had not seen it
      --seed N                 fit: where the cutting into parts starts (default 1)
      --folds N                fit: into how many parts (default 5)
      --json                   explain, report: one JSON object on standard output
      --root, --data-folder as for other commands

    Data are CSV with a head: prompt, weak, strong, and optionally id, benchmark, category, contaminated.

    Examples:
      coach router explain "Why did margin fall in the West in May?"
      gunzip -c outcomes.csv.gz | coach router fit --data - --scores unseen.csv
    """

  static func router(_ words: [String]) async throws -> ExitStatus {
    let rest = Array(words.dropFirst())
    switch words.first {
    case "explain": return try await explainRoute(rest)
    case "report": return try await reportRoutes(rest)
    case "fit": return try fitRouter(rest)
    default: throw Arguments.Fault(description: "router knows: explain, report, fit; see 'coach router --help'")
    }
  }

  private static func routerTools(_ arguments: Arguments) throws -> RouterTools {
    let surroundings = Surroundings.machine
    let options = try options(arguments, surroundings)
    if !FileManager.default.fileExists(atPath: "\(options.root)/\(Installation.difficultyFile)") {
      message("there is no \(Installation.difficultyFile) below \(options.root): only length is scored; see --root")
    }
    return try RouterTools(options, surroundings: surroundings)
  }

  private static func explainRoute(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    guard arguments.rest.count == 1, let prompt = arguments.rest.first else {
      throw Arguments.Fault(description: "router explain needs one prompt, in quotation marks")
    }
    let tools = try routerTools(arguments)
    if arguments.flags.contains("json") {
      output(await tools.explanation(of: prompt).text)
    } else {
      output(await tools.explanationText(of: prompt))
    }
    return .success
  }

  private static func reportRoutes(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: ["json"])
    let surroundings = Surroundings.machine
    let (installation, _) = try load(arguments, surroundings)
    let report = try await RouterTools.report(
      installation,
      store: installation.store,
      surroundings: surroundings
    )
    output(arguments.flags.contains("json") ? report.json.text : report.text)
    return .success
  }

  private static func fitRouter(_ words: [String]) throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: commonOptions.union(["output", "scores", "seed", "folds"]),
      flags: []
    )
    // `--data` is a database elsewhere, and here the outcomes.
    guard let data = arguments.value("data") else { throw Arguments.Fault(description: "router fit needs --data FILE") }
    var configuration = RouterTraining.Configuration()
    configuration.seed = UInt64(try arguments.number("seed", in: 0...Int.max) ?? 1)
    configuration.folds = try arguments.number("folds", in: 2...50) ?? configuration.folds
    let options = try options(arguments, Surroundings.machine)
    let bytes = try data == "-" ? InputBytes.standardInput() : [UInt8](Data(contentsOf: URL(filePath: data)))
    let source = data == "-" ? "standard input" : URL(filePath: data).lastPathComponent
    message("fitting; this takes about half a minute")
    let fitted = try RouterTools.fit(bytes, source: source, configuration: configuration)
    let file = arguments.value("output") ?? "\(options.root)/\(Installation.difficultyFile)"
    try Data(fitted.weights.utf8).write(to: URL(filePath: file), options: .atomic)
    if let scores = arguments.value("scores") {
      try Data(fitted.unseenScores.utf8).write(to: URL(filePath: scores), options: .atomic)
    }
    output(fitted.summary)
    message("wrote \(file)")
    return .success
  }

  static func evaluateRoute(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions, flags: [])
    let tools = try routerTools(arguments)
    for line in InputLines() where !line.isEmpty { output(await tools.answer(line).text) }
    return .success
  }
}
