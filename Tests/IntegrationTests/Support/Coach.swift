import CoachVocabulary
import FoundationEssentials

/// The `coach` program with a data folder of its own.
struct Coach: Sendable {
  /// What a finished command said.
  struct Result: Sendable {
    var ending: ChildProcess.Ending
    var output: String
    var errors: String

    /// The exit status; nil when a signal ended it.
    var status: Int32? { if case .exited(let status) = ending { status } else { nil } }

    /// Standard output, which must be one JSON value.
    func json() throws -> JSONValue { try JSONValue(parsing: output) }
  }

  let folder: TemporaryFolder
  /// Declarations of its own; nil takes the project's.
  var project: ProjectCopy?
  /// Variables besides those of the machine.
  var environment: [String: String] = [:]

  /// Where databases lie.
  var dataFolder: String { folder.file("data") }
  /// The coach's own data.
  var metadata: String { "\(dataFolder)/coach.db" }

  /// Makes a data folder that holds nothing.
  static func withoutData() throws -> Coach {
    let coach = Coach(folder: try TemporaryFolder())
    try FileManager.default.createDirectory(atPath: coach.dataFolder, withIntermediateDirectories: true)
    return coach
  }

  /// Makes a data folder that holds the demo company.
  static func withDemo() async throws -> Coach {
    let coach = try withoutData()
    let demo = try await DemoDatabase.path()
    try FileManager.default.createSymbolicLink(
      atPath: "\(coach.dataFolder)/dealer.sqlite",
      withDestinationPath: demo
    )
    return coach
  }

  /// Starts a command.
  func start(_ arguments: [String], input: String? = nil) throws -> ChildProcess {
    try start(bytes: arguments.map { Array($0.utf8) }, input: input.map { Array($0.utf8) })
  }

  /// Starts a command whose words need not be text.
  func start(bytes arguments: [[UInt8]], input: [UInt8]? = nil) throws -> ChildProcess {
    var variables = ProcessInfo.processInfo.environment.filter { name, _ in
      !name.hasPrefix("COACH_") && name != "OPENAI_API_KEY"
    }
    variables["COACH_ROOT"] = project?.path ?? Project.root
    variables["COACH_DATA"] = dataFolder
    variables.merge(environment) { $1 }
    return try ChildProcess(
      try Project.binary(),
      arguments,
      environment: variables,
      input: input,
      needing: [folder] + (project.map { [$0.folder] } ?? [])
    )
  }

  /// Runs a command to its end.
  func run(
    _ arguments: String...,
    input: String? = nil,
    within limit: Duration = .seconds(60)
  ) async throws -> Result {
    try await finish(try start(arguments, input: input), within: limit)
  }

  /// Waits for a command and gathers what it said.
  func finish(_ process: ChildProcess, within limit: Duration = .seconds(60)) async throws -> Result {
    let ending = try await process.ending(within: limit)
    return Result(ending: ending, output: process.output, errors: process.errors)
  }
}
