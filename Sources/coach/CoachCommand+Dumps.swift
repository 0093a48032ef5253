import CoachAPI
import CoachApp
import CoachVocabulary

extension CoachCommand {
  static let dumpsUsage = """
    coach dumps computes answers before anybody asks; config/dumps.yaml says which, and when.

    Usage: coach dumps COMMAND [options]

      run [CATEGORY]       compute the questions of a category, or all; exit 1 when one cannot be computed
      list [CATEGORY]      the questions with their state: ready, stale (data or model are others now) or missing
      show NAME            one computed answer: {query_name, data, chart_config, …}
      test [CATEGORY]      try each question: its words find it, words that ask something else do not; exit 1 on a fault

    Options: --root, --data-folder, --domain, --data as everywhere; --json for programs.

    Examples:
      coach dumps run sales
      coach dumps list --json
      coach dumps show sales_revenue_by_month
      coach dumps test

    A running server computes by itself; 'coach dumps run' writes dumps.json of the data folder, which a server reads when it
    starts. To compute in a running server: curl -X POST http://127.0.0.1:8080/api/v1/coach/dumps/run
    """

  static func dumps(_ words: [String]) async throws -> ExitStatus {
    guard let command = words.first else { throw Arguments.Fault(description: "dumps knows: run, list, show, test") }
    let arguments = try Arguments(Array(words.dropFirst()), options: commonOptions, flags: ["json"])
    guard ["run", "list", "show", "test"].contains(command) else {
      throw Arguments.Fault(description: "dumps knows no '\(command)'; it knows: run, list, show, test")
    }
    guard arguments.rest.count <= 1, command != "show" || arguments.rest.count == 1 else {
      throw Arguments.Fault(
        description: "dumps \(command) takes \(command == "show" ? "a name" : "at most one category")"
      )
    }
    var surroundings = Surroundings.machine
    surroundings.log = { message($0.withoutControls) }
    let (installation, _) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "dumps-\(surroundings.random())",
      store: installation.store
    )
    do throws(CoachProblem) {
      let status = try await dumps(command, arguments.rest.first, arguments, application)
      await application.shutdown()
      return status
    } catch {
      await application.shutdown()
      throw Refused(text: "coach: \(error)", status: .failure)
    }
  }

  private static func dumps(
    _ command: String,
    _ name: String?,
    _ arguments: Arguments,
    _ application: CoachApplication
  ) async throws(CoachProblem) -> ExitStatus {
    let asJSON = arguments.flags.contains("json")
    switch command {
    case "run":
      let job = try await application.runDumps(category: name)
      tell(job, asJSON: asJSON) {
        "computed \(job["computed"]?.intValue ?? 0), failed \(job["failed"]?.intValue ?? 0), "
          + "\(job["duration_ms"]?.text ?? "0") ms"
      }
      return job["failed"] == 0 ? .success : .faulty
    case "list":
      let list = try await application.dumps(category: name)
      tell(list, asJSON: asJSON) {
        (list["dumps"]?.arrayValue ?? []).map { dump in
          ["category", "query_name", "state", "computed_at", "question"].map { dump[$0]?.stringValue ?? "-" }
            .joined(separator: "  ")
        }.joined(separator: "\n")
      }
      return .success
    case "show":
      guard let dump = application.dump(named: name ?? "", domain: arguments.value("domain")) else {
        message("there is no computed answer '\(name ?? "")'; 'coach dumps list' shows what there is")
        return .unanswered
      }
      output(dump.text)
      return .success
    default:
      let findings = try await DumpTest(application).run(category: name)
      let faulty = findings.filter { !$0.faults.isEmpty }
      let variants = findings.reduce(0) { $0 + $1.variants }
      tell((try? JSONValue(encoding: findings)) ?? .null, asJSON: asJSON) {
        (faulty.flatMap { finding in finding.faults.map { "\(finding.name): \($0)" } }
          + ["\(findings.count) questions, \(variants) others held against them, \(faulty.count) with faults"])
          .joined(separator: "\n")
      }
      return faulty.isEmpty ? .success : .faulty
    }
  }

  private static func tell(_ value: JSONValue, asJSON: Bool, inWords: () -> String) {
    output(asJSON ? value.text : inWords().withoutControls)
  }
}
