import CoachApp
import CoachVocabulary

/// The commands about models.
extension CoachCommand {
  static func models(_ words: [String]) async throws -> ExitStatus {
    guard words.first == "check" else { throw Arguments.Fault(description: "models knows: check") }
    let arguments = try Arguments(
      Array(words.dropFirst()),
      options: commonOptions.union(["endpoint"]),
      flags: ["json"]
    )
    let (installation, _) = try load(arguments, Surroundings.machine)
    let findings = try await ModelsCheck(installation).run(only: arguments.value("endpoint"))
    if let name = arguments.value("endpoint"), findings.isEmpty {
      throw Refused(text: "there is no endpoint '\(name)' in config/models.yaml", status: .usage)
    }
    if arguments.flags.contains("json") {
      output(try JSONValue(encoding: findings).text)
    } else {
      for line in table(findings) { output(line) }
    }
    return findings.contains(where: \.isFaulty) ? .faulty : .success
  }

  /// One line for each endpoint, then what went wrong.
  private static func table(_ findings: [ModelsCheck.Finding]) -> [String] {
    let columns = [
      "endpoint", "tier", "model", "stream", "json", "tools", "embeddings", "usage", "first token", "total", "cost",
    ]
    let rows = findings.map(row)
    let widths = columns.indices.map { column in ([columns] + rows).map { $0[column].count }.max() ?? 0 }
    var lines = ([columns] + rows).map { row in
      let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
      var line = Substring(cells.joined(separator: "  "))
      while line.hasSuffix(" ") { line.removeLast() }
      return String(line)
    }
    for finding in findings { lines += finding.problems.map { "\(finding.endpoint): \($0)" } }
    return lines
  }

  private static func row(_ finding: ModelsCheck.Finding) -> [String] {
    func time(_ milliseconds: Int?) -> String { milliseconds.map { "\($0) ms" } ?? "-" }
    let usage = finding.usage == .fails ? "estimated" : word(finding.usage)
    let price = finding.cost.map { "$\($0)" } ?? "unpriced"
    var cells = [finding.endpoint, finding.tier, finding.model]
    cells += [finding.stream, finding.json, finding.tools, finding.embeddings].map(word) + [usage]
    cells += [time(finding.firstTokenMilliseconds), time(finding.totalMilliseconds)]
    cells.append(finding.stream == .untried ? "-" : price)
    return cells
  }

  private static func word(_ outcome: ModelsCheck.Finding.Outcome) -> String {
    switch outcome {
    case .works: "yes"
    case .fails: "no"
    case .untried: "-"
    }
  }
}
