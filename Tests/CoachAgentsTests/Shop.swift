import CoachVocabulary
import Declarations
import SemanticLayer

@testable import CoachAgents

/// A small domain of a bookshop, for wordings.
enum Shop {
  static let yaml = """
    domain: shop
    description: A bookshop.
    currency: EUR
    database: {engine: sqlite, path: shop.sqlite}
    calendar: {as_of: 2026-06-17}
    datasets:
      - {name: sales, table: sales, primary_key: sale_id, time: sold_on}
      - {name: stores, table: stores, primary_key: store_id}
    relationships:
      - {from: sales.store_id, to: stores.store_id}
    dimensions:
      - {name: city, expr: stores.city, kind: geo}
      - {name: clerk, expr: sales.clerk, label: salesperson}
      - {name: email, expr: sales.buyer_email, pii: true}
    metrics:
      - {name: revenue, dataset: sales, aggregate: sum, expr: amount, unit: EUR, format: currency, label: Net revenue}
      - {name: cost, dataset: sales, aggregate: sum, expr: cost, unit: EUR, format: currency, label: Cost of sales}
      - {name: orders, dataset: sales, aggregate: count, unit: orders, label: Orders}
      - {name: books, dataset: sales, aggregate: sum, expr: pieces, unit: books, label: Books sold}
      - {name: cost_share, numerator: cost, denominator: revenue, scale: 100, unit: percent, format: percent, label: Cost share}
    filters:
      - {name: large, dataset: sales, expr: "pieces > 10", label: large orders}
    language:
      starters: [What was net revenue last month?]

    """

  static func model(_ text: String = yaml) throws -> SemanticModel {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree.reading(yaml: text.utf8, file: "config/domains/shop.yaml", reporting: collector)
    guard let tree, let model = SemanticModel(reading: tree, reporting: collector) else {
      throw JSONFailure(message: "\(collector.diagnostics)")
    }
    return model
  }

  static let asOf = date("2026-06-17")

  static func date(_ text: String) -> CivilDate {
    guard let date = CivilDate(text) else { preconditionFailure("\(text) is no date") }
    return date
  }

  static func range(_ start: String, _ end: String) -> DateRange { DateRange(start: date(start), end: date(end)) }

  static let may = TimeSelection(range("2026-05-01", "2026-06-01"), unit: .month)

  /// Columns as the compiler would write them for a frame.
  static func columns(of frame: Frame) throws -> [ResultColumn] { try query(frame).columns }

  static func query(_ frame: Frame) throws -> CompiledQuery {
    let calendar = BusinessCalendar(asOf: asOf, weekStart: 1, fiscalStartMonth: 1)
    return try FrameCompiler(model: model(), calendar: calendar).compile(frame).withPoints
  }

  /// The words for rows of a frame.
  static func text(_ frame: Frame, _ rows: [[JSONValue]], totalRows: Int? = nil) throws -> String {
    let writer = AnswerWriter(
      model: try model(),
      asOf: asOf,
      frame: frame,
      columns: try columns(of: frame),
      rows: rows,
      totalRows: totalRows
    )
    return writer.text
  }

  static func column(
    _ name: String,
    _ role: ResultColumn.Role,
    unit: String? = nil,
    format: ResultColumn.Format = .text
  ) -> ResultColumn {
    ResultColumn(name: name, label: name, role: role, unit: unit, format: format, member: name)
  }
}
