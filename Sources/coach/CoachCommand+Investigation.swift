import CoachAPI
import CoachAgents
import CoachApp
import CoachVocabulary
import SemanticLayer

/// `coach investigate`, `coach forecast`, `coach anomalies`.
extension CoachCommand {
  static let investigateUsage = """
    coach investigate explains what a metric did: whether it is unusual, where it happened, what it is made of.

    Usage: coach investigate "QUESTION" [options]

      --as-of DAY          what counts as today (YYYY-MM-DD)
      --sql                every query, in the order of asking
      --json               the whole report as one JSON object
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach investigate "why did revenue drop in November 2025"
      coach investigate "why did the discount rate rise in March 2026" --sql
      coach investigate --json "why did units sold fall in the first quarter of 2025" > report.json

    Every number comes from a query of the report; no model is asked. Exit status: 0 done, 2 wrong command line, 3 failure,
    4 the question names no metric that the data has.
    """

  static func investigate(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(words, options: commonOptions.union(["as-of"]), flags: ["json", "sql", "timing"])
    let question = arguments.rest.joined(separator: " ")
    guard !question.allSatisfy(\.isWhitespace) else {
      throw Arguments.Fault(
        description: "investigate needs a question: coach investigate \"why did revenue drop in May\""
      )
    }
    return try await withEvidence(arguments) { desk in
      let report = try await desk.investigate(question)
      if arguments.flags.contains("json") {
        output(try JSONValue(encoding: report).text)
      } else {
        show(report, withSQL: arguments.flags.contains("sql"))
      }
    }
  }

  static let forecastUsage = """
    coach forecast says what a metric will probably do, with bands that were calibrated on its own past.

    Usage: coach forecast METRIC [options]

      --steps N            how many periods (default: 6 months, 8 weeks or 28 days)
      --by PERIOD          day, week, month (default) or quarter
      --as-of DAY          what counts as today (YYYY-MM-DD)
      --json               one JSON object
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach forecast revenue
      coach forecast "units sold in Germany" --by week --steps 12
      coach forecast csi --json

    Four in five futures lie between 'likely from' and 'to', nineteen in twenty between 'wide from' and 'to'.
    """

  static func forecast(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: commonOptions.union(["as-of", "steps", "by"]),
      flags: ["json", "timing"]
    )
    let metric = arguments.rest.joined(separator: " ")
    guard !metric.isEmpty else { throw Arguments.Fault(description: "forecast needs a metric: coach forecast revenue") }
    let steps = try arguments.number("steps", in: 1...104)
    let grain = try grain(arguments.value("by"), among: [.day, .week, .month, .quarter])
    return try await withEvidence(arguments) { desk in
      let forecast = try await desk.forecast(metric, steps: steps, grain: grain)
      guard !arguments.flags.contains("json") else { return output(try JSONValue(encoding: forecast).text) }
      say(forecast.text)
      for note in forecast.notes { message("  note: \(note)") }
      say("from        expected      likely from   to            wide from     to")
      for step in forecast.steps {
        let numbers = [step.expected] + step.likely + step.wide
        say("\(step.start)  " + numbers.map(rounded).map { $0.padded(to: 14) }.joined())
      }
    }
  }

  static let anomaliesUsage = """
    coach anomalies looks through the latest weeks or months for segments that did something unusual.

    Usage: coach anomalies [METRIC ...] [options]

      --last N             how many complete periods are looked at, 1 to 104 (default: 8)
      --by PERIOD          week or month (default: week where facts are recorded daily)
      --as-of DAY          what counts as today (YYYY-MM-DD)
      --json               one JSON object
      --root, --data-folder, --domain, --data as for other commands

    Examples:
      coach anomalies
      coach anomalies revenue units_sold --last 26
      coach anomalies "customer satisfaction" --by month --last 12 --json

    Exit status: 0 done (with or without findings), 2 wrong command line, 3 failure, 4 unknown metric.
    """

  static func anomalies(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: commonOptions.union(["as-of", "last", "by"]),
      flags: ["json", "timing"]
    )
    let last = try arguments.number("last", in: 1...104) ?? 8
    let grain = try grain(arguments.value("by"), among: [.week, .month])
    return try await withEvidence(arguments) { desk in
      let reports = try await desk.anomalies(of: arguments.rest, last: last, grain: grain)
      guard !arguments.flags.contains("json") else {
        return output(JSONValue.object(["reports": try JSONValue(encoding: reports)]).text)
      }
      for report in reports {
        if let problem = report.problem { message("\(report.metric): \(problem)") }
        for incident in report.incidents {
          say("[\(incident.severity.rawValue)] \(incident.text)")
          for event in incident.events { say("  known event: \(event)") }
        }
      }
      let looked = reports.filter { $0.problem == nil }
      let alarmed = looked.reduce(0) { $0 + $1.alarmed }
      message(
        "\(looked.count) metrics, \(looked.reduce(0) { $0 + $1.periods }) periods, \(alarmed) with something unusual"
      )
    }
  }

  private static func grain(_ text: String?, among known: [TimeGrain]) throws -> TimeGrain? {
    guard let text else { return nil }
    guard let grain = known.first(where: { $0.rawValue == text }) else {
      let names = known.map(\.rawValue).joined(separator: ", ")
      throw Arguments.Fault(description: "--by must be one of \(names), not '\(text)'")
    }
    return grain
  }

  private static func rounded(_ value: Double) -> String {
    if abs(value) >= 1_000 { return "\(Int(value.rounded()))" }
    return "\((value * 100).rounded() / 100)"
  }

  /// Opens the data without the conversation's own database, since nothing is kept.
  static func withEvidence(
    _ arguments: Arguments,
    _ body: (EvidenceDesk) async throws -> Void
  ) async throws -> ExitStatus {
    let asOf = try day(arguments)
    let surroundings = Surroundings.machine
    let (installation, domain) = try load(arguments, surroundings)
    let application = try await CoachApplication(
      installation,
      surroundings: surroundings,
      owner: "evidence-\(surroundings.random())",
      metadata: nil
    )
    let start = ContinuousClock.now
    do {
      try await body(try application.evidence(on: domain, asOf: asOf))
    } catch let refusal as EvidenceDesk.Refusal {
      await application.shutdown()
      throw Refused(text: "\(refusal)", status: .unanswered)
    } catch {
      await application.shutdown()
      throw error
    }
    if arguments.flags.contains("timing") {
      message("\(((ContinuousClock.now - start) / .milliseconds(1) * 10).rounded() / 10) ms")
    }
    await application.shutdown()
    return .success
  }

  /// What counts as today, when the command line says so.
  static func day(_ arguments: Arguments) throws -> CivilDate? {
    guard let text = arguments.value("as-of") else { return nil }
    guard let day = CivilDate(text) else { throw Arguments.Fault(description: "--as-of must be a day: YYYY-MM-DD") }
    return day
  }

  private static func show(_ report: InvestigationReport, withSQL: Bool) {
    say(report.headline)
    for claim in report.claims {
      say("")
      say(claim.kind.mark + claim.title)
      say("  \(claim.text)")
      for text in claim.evidenceFor { say("  + \(text)") }
      for text in claim.evidenceAgainst { say("  - \(text)") }
      if let query = claim.query { say("  [\(query)]") }
    }
    if !report.ruledOut.isEmpty {
      say("")
      say("Looked at, and explains nothing:")
      for claim in report.ruledOut { say("  \(claim.title): \(claim.text)") }
    }
    say("")
    say("Confidence: \(report.confidence.rawValue). \(report.confidenceReason)")
    if !report.next.isEmpty {
      say("Ask next:")
      for question in report.next { say("  \(question)") }
    }
    guard withSQL else { return }
    for query in report.queries {
      say("")
      say("[\(query.id)] \(query.purpose), \(query.rowCount) rows")
      say(query.sql)
      if let last = query.runs.last { say("-- parameters: \(JSONValue.array(last.parameters).text)") }
    }
  }

  // What comes from data must not steer the terminal.
  static func say(_ text: String) { output(text.withoutControls) }
}

extension Claim.Kind {
  /// What stands before a claim in a list.
  fileprivate var mark: String {
    switch self {
    case .change, .band, .split: ""
    case .quality: "[data] "
    case .segment, .global: "[where] "
    case .calendar: "[calendar] "
    case .event: "[event] "
    case .related: "[related] "
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
