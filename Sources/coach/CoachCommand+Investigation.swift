import CoachAPI
import CoachAgents
import CoachApp
import CoachVocabulary

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
      throw Arguments.Fault(description: "investigate needs a question: coach investigate \"why did revenue drop in May\"")
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

  /// Opens the data without the conversation's own database, since nothing is kept.
  static func withEvidence(
    _ arguments: Arguments,
    _ body: (EvidenceDesk) async throws -> Void
  ) async throws -> ExitStatus {
    var asOf: CivilDate?
    if let text = arguments.value("as-of") {
      guard let day = CivilDate(text) else { throw Arguments.Fault(description: "--as-of must be a day: YYYY-MM-DD") }
      asOf = day
    }
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
