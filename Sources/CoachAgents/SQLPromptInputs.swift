import CoachVocabulary
import SemanticLayer
import Warehouse

/// What the SQL generator is told about a domain: the tables, metrics and dimensions that matter for a question.
struct SQLPromptInputs {
  let domain: Domain

  func values(
    question: String,
    asOf: CivilDate,
    refusal: String,
    previousError: String?,
    history: [String]
  ) -> [String: JSONValue] {
    [
      "question": .string(question),
      "schema": .array(domain.model.datasets.compactMap(dataset)),
      "metrics": .array(domain.model.metrics.map(metric)),
      "dimensions": .array(domain.model.dimensions.filter { !$0.isPersonal }.map(dimension)),
      "as_of": .string(asOf.description),
      "dialect": .string(domain.model.database.engine.rawValue),
      "frame_refusal": .string(refusal),
      "previous_error": previousError.map { .string($0) } ?? .null,
      "history": .array(history.suffix(10).map { .string($0) }),
    ]
  }

  private func dataset(_ dataset: Dataset) -> JSONValue? {
    guard let table = domain.schema.table(dataset.table) else { return nil }
    let personal = domain.model.personalColumns(of: dataset.table)
    let columns = table.columns.filter { !personal.contains($0.name.lowercased()) }.map { column -> JSONValue in
      [
        "name": .string(column.name), "type": .string(column.declaredType),
        "description": .string(describe(column.name, of: dataset)),
      ]
    }
    let joins = domain.model.relationships.filter { $0.fromDataset == dataset.name }.compactMap { step -> JSONValue? in
      guard let target = domain.model.dataset(step.toDataset) else { return nil }
      return .string("\(dataset.table).\(step.fromColumn) = \(target.table).\(step.toColumn)")
    }
    return [
      "dataset": .string(dataset.name), "table": .string(dataset.table), "columns": .array(columns),
      "joins": .array(joins),
    ]
  }

  private func describe(_ column: String, of dataset: Dataset) -> String {
    if column == dataset.time { return "when it happened (text, YYYY-MM-DD)" }
    if column == dataset.primaryKey { return "primary key" }
    return domain.model.dimensions.first { $0.dataset == dataset.name && $0.column == column }?.label ?? ""
  }

  private func metric(_ metric: Metric) -> JSONValue {
    [
      "name": .string(metric.name), "label": .string(metric.label),
      "expression": .string(expression(metric.formula)), "unit": metric.unit.map { .string($0) } ?? .null,
    ]
  }

  private func expression(_ formula: Metric.Formula) -> String {
    switch formula {
    case .simple(let measure):
      let table = domain.model.dataset(measure.dataset)?.table ?? measure.dataset
      let value = measure.expression?.rendered(alias: table) ?? "*"
      let call =
        switch measure.aggregate {
        case .countDistinct: "COUNT(DISTINCT \(value))"
        case .average: "AVG(\(value))"
        default: "\(measure.aggregate.rawValue.uppercased())(\(value))"
        }
      return measure.filter.map { "\(call) where \($0.rendered(alias: table))" } ?? call
    case .ratio(let numerator, let denominator, let scale):
      return "\(scale == 1 ? "" : "\(Int(scale)) * ")(\(expression(numerator))) / (\(expression(denominator)))"
    }
  }

  private func dimension(_ dimension: Dimension) -> JSONValue {
    let table = domain.model.dataset(dimension.dataset)?.table ?? dimension.dataset
    return [
      "name": .string(dimension.name), "label": .string(dimension.label),
      "column": .string("\(table).\(dimension.column)"),
      "values": .array((domain.values[dimension.name] ?? []).prefix(12).map { .string($0) }),
    ]
  }
}
