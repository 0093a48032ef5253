import CoachVocabulary
import SemanticLayer

/// Sentences about groups that are counted or missing, about growth, and answers to yes-or-no questions.
extension AnswerWriter {
  // MARK: Counted and missing groups

  /// "12 dealers had more than 50 warranty claims in 2024."
  var countedGroups: String? {
    guard let frame, frame.countsGroups, let count = rows.first?.first?.intValue else { return nil }
    let label = model.dimension(frame.dimensions.first ?? "")?.label.loweredFirst ?? "group"
    if frame.isAbsent { return "\(English.counted(count, label)) had no \(metricName)\(periodContext)." }
    let have = frame.time == nil ? (count == 1 ? "has" : "have") : "had"
    return "\(English.counted(count, label)) \(have) \(conditionWords(frame))\(periodContext)."
  }

  /// "3 dealers had no warranty claims in May 2025: A, B and C."
  var missingGroups: String? {
    guard let frame, frame.isAbsent, !frame.countsGroups, let key = columns.first else { return nil }
    let label = key.label.loweredFirst
    guard !rows.isEmpty else { return "Every \(label) had \(metricName)\(periodContext)." }
    let names = rows.prefix(12).map { $0[0].stringValue ?? $0[0].intValue.map(String.init) ?? "(none)" }
    let rest = rows.count > names.count ? ["\(rows.count - names.count) more"] : []
    let count = totalRows ?? rows.count
    return "\(English.counted(count, label)) had no \(metricName)\(periodContext): \(English.list(names + rest))."
  }

  private var metricName: String {
    frame?.metrics.first.flatMap { model.metric(MetricTerm($0).metrics.first ?? $0) }?.label.loweredFirst ?? "rows"
  }

  private func conditionWords(_ frame: Frame) -> String {
    guard !frame.conditions.isEmpty else { return metricName }
    return English.list(frame.conditions.map(words))
  }

  /// "warranty claims above 50".
  func words(_ condition: MetricCondition) -> String {
    let metric = model.metric(MetricTerm(condition.metric).metrics.first ?? condition.metric)
    let format = metric.map { ResultColumn.Format($0.format) } ?? .number
    let value = ValueText.text(condition.value, format: format, unit: metric?.unit)
    let relation =
      switch condition.relation {
      case .above: "above"
      case .atLeast: "of at least"
      case .below: "below"
      case .atMost: "of at most"
      case .equal: "of exactly"
      }
    return "\(metric?.label.loweredFirst ?? condition.metric) \(relation) \(value)"
  }

  // MARK: Yes or no

  /// "Yes: " or "No: " before the number that a question holds against a threshold.
  var verdict: String {
    guard let test = frame?.test, let place = columns.firstIndex(where: { $0.role == .metric }), rows.count == 1,
      let value = rows[0][place].doubleValue
    else { return "" }
    let holds =
      switch test.relation {
      case .above: value > test.value
      case .atLeast: value >= test.value
      case .below: value < test.value
      case .atMost: value <= test.value
      case .equal: value == test.value
      }
    return holds ? "Yes: " : "No: "
  }

  // MARK: Growth

  /// "month", "quarter".
  var bucket: String { String((frame?.grain?.rawValue ?? "period").map { $0 == "_" ? " " : $0 }) }

  /// "Against the month before, the change was highest in Mar 2024 (+12.0 %) and lowest in Jul 2024 (−8.0 %)."
  func growth(of metric: Int, name: ([JSONValue]) -> String) -> String {
    guard frame?.comparison?.kind == .previousBucket,
      let place = columns.firstIndex(where: { $0.member == columns[metric].member && $0.role == .changePercent })
        ?? columns.firstIndex(where: { $0.member == columns[metric].member && $0.role == .change })
    else { return "" }
    let known = rows.filter { $0[place].doubleValue != nil }
    func change(_ row: [JSONValue]) -> Double { row[place].doubleValue ?? 0 }
    guard let most = known.max(by: { change($0) < change($1) }), let least = known.min(by: { change($0) < change($1) }),
      known.count > 1
    else { return "" }
    let up = ValueText.change(change(most), in: columns[place])
    let down = ValueText.change(change(least), in: columns[place])
    return " Against the \(bucket) before, the change was highest \(name(most)) (\(up)) and lowest \(name(least))"
      + " (\(down))."
  }
}
