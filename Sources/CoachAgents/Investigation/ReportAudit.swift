import CoachVocabulary
import SemanticLayer
import Warehouse

/// Walks all numbers of a report: each must be a figure, and each figure must follow from its query.
///
/// Cells are read again from the database, computed figures are computed again, and estimates are compared with those
/// of a second investigation of the same data.
struct ReportAudit {
  let domain: Domain
  let report: InvestigationReport

  /// What is wrong, claim by claim; nothing when every number traces.
  func faults() async throws -> [String] {
    var faults: [String] = []
    let claims = report.claims + report.ruledOut
    for claim in claims {
      for sentence in claim.sentences {
        for number in untraced(in: sentence, of: claim.figures) {
          faults.append("'\(number)' in \"\(sentence)\" is no figure of the claim")
        }
      }
      if let query = claim.query, report.query(query) == nil { faults.append("there is no query \(query)") }
      for figure in claim.figures { faults += try await self.faults(of: figure, in: claim) }
    }
    for text in [report.headline, report.confidenceReason] {
      for number in untraced(in: text, of: claims.flatMap(\.figures)) {
        faults.append("'\(number)' in \"\(text)\" is no figure of any claim")
      }
    }
    return faults
  }

  /// The numbers of a text that are neither figures nor parts of names and dates.
  func untraced(in text: String, of figures: [Figure]) -> [String] {
    var rest = text
    let known = figures.map(\.text) + names
    for phrase in known.sorted(by: { $0.count > $1.count }) where phrase.contains(where: \.isNumber) {
      rest = rest.split(separator: phrase, omittingEmptySubsequences: false).joined(separator: " ")
    }
    return NumberScanner.numbers(in: rest).map(\.written)
  }

  /// Texts with digits that are no measurements: periods, names of members, values and events.
  private var names: [String] {
    var names = [PeriodText.name(report.period), PeriodText.name(report.comparison)]
    let labels = domain.model.metrics.map(\.label)
    names +=
      labels + labels.map(\.loweredFirst) + domain.model.dimensions.map(\.label) + domain.model.events.map(\.label)
    names += (report.claims + report.ruledOut).flatMap(\.segment).map(\.value)
    for range in [report.period, report.comparison] {
      names += (0...range.dayCount).map { DateText.day(range.start.adding(days: $0)) }
    }
    return names
  }

  private func faults(of figure: Figure, in claim: Claim) async throws -> [String] {
    switch figure.origin {
    case .cells:
      let value = try await cells(of: figure)
      return Self.isSame(value, figure.value)
        ? [] : ["\(claim.title): \(figure.id) is \(figure.value), the query gives \(value)"]
    case .computed:
      guard let operation = figure.operation else { return ["\(claim.title): \(figure.id) has no operation"] }
      let operands = figure.operands.compactMap { name in claim.figures.first { $0.id == name }?.value }
      guard operands.count == figure.operands.count, let value = Figure.compute(operation, operands) else {
        return ["\(claim.title): \(figure.id) cannot be computed"]
      }
      return Self.isSame(value, figure.value) ? [] : ["\(claim.title): \(figure.id) is \(figure.value), not \(value)"]
    case .estimated:
      guard figure.method?.isEmpty == false, figure.query.flatMap(report.query) != nil else {
        return ["\(claim.title): \(figure.id) names no method or no query"]
      }
      return []
    }
  }

  /// The sum of the cells that a figure names, read again.
  private func cells(of figure: Figure) async throws -> Double {
    guard let query = figure.query.flatMap(report.query), let run = figure.run, query.runs.indices.contains(run) else {
      return .nan
    }
    let table = try await domain.read(query.sql, parameters: query.runs[run].parameters)
    guard let column = table.columns.firstIndex(where: { $0 == figure.column }) else { return .nan }
    var sum = 0.0
    for row in table.rows {
      let holds = figure.rows.allSatisfy { condition in
        table.columns.firstIndex { $0 == condition.dimension }.map { SegmentCube.name(row[$0]) == condition.value }
          ?? false
      }
      if holds { sum += row[column].doubleValue ?? 0 }
    }
    return sum
  }

  private static func isSame(_ left: Double, _ right: Double) -> Bool {
    abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1)
  }
}
