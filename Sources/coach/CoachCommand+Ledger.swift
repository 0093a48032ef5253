import CoachApp
import CoachVocabulary
import FoundationEssentials
import Ledger

/// `coach ledger`: what calls of models cost.
extension CoachCommand {
  static let ledgerUsage = """
    coach ledger says what calls of models cost, from the ledger of the project's data folder.

    Usage: coach ledger [options]

      --by WHAT                one line for each session, user, agent, model (default), endpoint, tier or day
      --session ID             only the calls of one session; --user, --agent, --run likewise
      --since DAY              only calls of this day (2026-11-01) and later
      --rows                   the calls themselves, oldest first, instead of sums
      --csv                    comma-separated values with a header
      --json                   one JSON object
      --root, --data-folder as for other commands

    Examples:
      coach ledger
      coach ledger --by day --since 2026-11-01
      coach ledger --session 01J9ZK3E8Q --rows --csv > calls.csv

    'saved' is what the answers of the local tier would have cost at the first cloud endpoint that has prices. Budgets
    stand in config/budgets.yaml. Exit status: 0 done, 2 wrong command line, 3 failure.
    """

  static func ledger(_ words: [String]) async throws -> ExitStatus {
    let arguments = try Arguments(
      words,
      options: ["root", "data-folder", "by", "session", "user", "agent", "run", "since"],
      flags: ["json", "csv", "rows"]
    )
    guard arguments.rest.isEmpty else { throw Arguments.Fault(description: "ledger takes options only") }
    let query = try ledgerQuery(arguments)
    let surroundings = Surroundings.machine
    let (installation, _) = try load(arguments, surroundings)
    let tools = try await LedgerTools(
      installation,
      store: installation.store,
      clock: surroundings.clock
    )
    if arguments.flags.contains("rows") {
      let rows = try await tools.rows(query)
      show(rows.map(\.values), named: ModelAttempt.columns, arguments) { .array(rows.map(\.json)) }
    } else {
      let report = try await tools.report(query)
      let columns = Self.reportColumns(arguments)
      let lines = report.lines + [report.total]
      show(lines.map { line in columns.map { line.json[$0] ?? .null } }, named: columns, arguments) { report.json }
      if !arguments.flags.contains("json"), !arguments.flags.contains("csv") {
        for (cap, spent) in try await tools.budgets() {
          message("\(cap); $\(spent.dollarText) is spent or reserved.")
        }
      }
    }
    return .success
  }

  private static func ledgerQuery(_ arguments: Arguments) throws(Arguments.Fault) -> LedgerTools.Query {
    let scopes: [LedgerScope.Part] = [
      arguments.value("session").map { .session(SessionID($0)) }, arguments.value("user").map { .user(UserID($0)) },
      arguments.value("agent").map { .agent($0) }, arguments.value("run").map { .run(RunID($0)) },
    ].compactMap(\.self)
    guard scopes.count <= 1 else {
      throw Arguments.Fault(description: "ledger takes one of --session, --user, --agent and --run")
    }
    var query = LedgerTools.Query(scopes.first ?? .everything)
    if let word = arguments.value("by") {
      guard let grouping = LedgerReport.Grouping(rawValue: word) else {
        let known = LedgerReport.Grouping.allCases.map(\.rawValue).joined(separator: ", ")
        throw Arguments.Fault(description: "--by knows \(known), not '\(word)'")
      }
      query.grouping = grouping
    }
    if let text = arguments.value("since") {
      guard let day = CivilDate(text) else {
        throw Arguments.Fault(description: "--since needs a day such as 2026-11-01, not '\(text)'")
      }
      query.since = day
    }
    return query
  }

  /// All columns for programs, the ones that matter most for people.
  private static func reportColumns(_ arguments: Arguments) -> [String] {
    let main = ["group", "calls", "input_tokens", "output_tokens", "cost_usd", "saved_usd", "local_share", "failures"]
    let more = [
      "attempts", "open", "lost", "cached_input_tokens", "cache_write_tokens", "reasoning_tokens", "notional_cost_usd",
      "reserved_usd", "lost_usd", "unpriced_attempts", "estimated_attempts",
    ]
    let times = ["p50_ms", "p95_ms"]
    return arguments.flags.contains("csv") ? main + more + times : main + times
  }

  private static func show(
    _ rows: [[JSONValue]],
    named columns: [String],
    _ arguments: Arguments,
    json: () -> JSONValue
  ) {
    if arguments.flags.contains("json") {
      output(json().text)
    } else if arguments.flags.contains("csv") {
      for row in [columns.map { .string($0) }] + rows { output(row.map(\.csvField).joined(separator: ",")) }
    } else {
      output(alignedColumns([columns] + rows.map { $0.map(\.plainText) }))
    }
  }

  /// Lines with columns two spaces apart; the first to the left, the others to the right.
  private static func alignedColumns(_ rows: [[String]]) -> String {
    let widths = rows.first.map { $0.indices.map { column in rows.map { $0[column].count }.max() ?? 0 } } ?? []
    return rows.map { row in
      let cells = row.enumerated().map { index, text in
        let space = String(repeating: " ", count: widths[index] - text.count)
        return index == 0 ? text + space : space + text
      }
      return cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension JSONValue {
  fileprivate var plainText: String { stringValue ?? (isNull ? "-" : text) }

  /// The value as a field of RFC 4180; a text that a spreadsheet would take for a formula begins with an apostrophe.
  fileprivate var csvField: String {
    if isNull { return "" }
    guard var text = stringValue else { return self.text }
    let isNumber = Double(text) != nil
    if !isNumber, let first = text.first, "=+-@\t\r".contains(first) { text = "'" + text }
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
