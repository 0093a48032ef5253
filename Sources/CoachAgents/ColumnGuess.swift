import CoachVocabulary
import SemanticLayer
import Warehouse

/// Says what the columns of a statement written by a model probably are.
///
/// A column named like a metric of the model is taken for it; everything else is told by its name and values.
struct ColumnGuess {
  let model: SemanticModel

  func columns(of table: ResultTable) -> [ResultColumn] {
    table.columns.enumerated().map { index, name in
      column(name, values: table.rows.lazy.map { $0[index] }.filter { !$0.isNull }.prefix(200).map { $0 })
    }
  }

  private func column(_ name: String, values: [JSONValue]) -> ResultColumn {
    let lower = name.lowercased()
    let label = name.split(separator: "_").joined(separator: " ")
    func result(_ role: ResultColumn.Role, _ format: ResultColumn.Format, unit: String? = nil) -> ResultColumn {
      ResultColumn(
        name: name,
        label: label.prefix(1).uppercased() + label.dropFirst(),
        role: role,
        unit: unit,
        format: format,
        member: name
      )
    }
    let isNumber = !values.isEmpty && values.allSatisfy { $0.doubleValue != nil }
    guard isNumber else {
      let isTime = !values.isEmpty && values.allSatisfy { $0.stringValue.map(Self.isBucket) ?? false }
      return result(isTime ? .time : .dimension, isTime ? .date : .text)
    }
    if Self.timeNames.contains(lower) { return result(.time, .date) }
    if lower == "id" || lower.hasSuffix("_id") { return result(.dimension, .text) }
    if let metric = model.metrics.first(where: { $0.name == lower || $0.label.lowercased() == label.lowercased() }) {
      return result(.metric, ResultColumn.Format(metric), unit: metric.unit)
    }
    let isPercent = lower.contains("pct") || lower.contains("percent")
    return result(.metric, isPercent ? .percent : .number, unit: isPercent ? "percent" : nil)
  }

  private static let timeNames: Set<String> = ["year", "quarter", "month", "week", "day", "weekday", "hour"]

  /// Whether a text is a day, month or quarter.
  private static func isBucket(_ text: String) -> Bool {
    CivilDate(text) != nil || CivilDate(text + "-01") != nil || BucketText.name(text, grain: nil) != text
  }
}

extension ResultColumn.Format {
  fileprivate init(_ metric: Metric) {
    self =
      switch metric.format {
      case .currency: .currency
      case .number: .number
      case .percent: .percent
      }
  }
}

extension ResultColumn {
  /// The members that prompts may use; a missing unit is null, since templates want every name.
  var promptMembers: JSONValue { ["label": .string(label), "unit": unit.map { .string($0) } ?? .null] }
}

extension CompiledQuery {
  /// The query with the difference of two percentages in points, not in percent.
  var withPoints: CompiledQuery {
    var copy = self
    for index in copy.columns.indices
    where copy.columns[index].role == .change && copy.columns[index].format == .percent {
      copy.columns[index].unit = "points"
    }
    return copy
  }
}
