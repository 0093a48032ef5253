import CoachVocabulary
import SemanticLayer

/// An investigation as an answer of the conversation: words, the rows of the leading claim, and the whole report.
struct InvestigationAnswer {
  let report: InvestigationReport

  init(_ report: InvestigationReport) { self.report = report }

  func fill(_ answer: inout Answer) {
    answer.text = report.headline
    answer.investigation = report
    answer.suggestions = report.next
    let leading = report.hypotheses.first ?? report.claims.first
    guard let leading, let query = leading.query.flatMap(report.query) else { return }
    answer.interpretation = query.purpose.capitalizedStart
    answer.columns = query.columns
    answer.rows = query.rows
    answer.rowsNote = "\(query.rows.count) of \(query.rowCount) row\(query.rowCount == 1 ? "" : "s")"
    answer.sql = query.sql
    answer.parameters = query.runs.last?.parameters ?? []
    answer.chartConfig = leading.chart ?? report.claims.compactMap(\.chart).first
  }
}
