import CoachVocabulary
import SemanticLayer

/// Collects the numbers of one claim while its sentences are written, so that none is written without its origin.
struct ClaimWriter {
  /// How values of the metric are written.
  let format: ResultColumn.Format
  /// The unit of the metric.
  let unit: String?
  private(set) var figures: [Figure] = []

  init(_ metric: Metric) {
    format = ResultColumn.Format(metric.format)
    unit = metric.unit
  }

  /// A cell, or the sum of cells, of one run of a query.
  mutating func cells(
    _ id: String,
    _ value: Double,
    in query: String,
    run: Int = 0,
    column: String,
    rows: [SegmentCondition] = [],
    as style: FigureStyle = .value
  ) -> String {
    add(
      Figure(
        id: id,
        value: value,
        text: text(value, style),
        origin: .cells,
        query: query,
        run: run,
        column: column,
        rows: rows,
        operation: nil,
        operands: [],
        method: nil
      )
    )
  }

  /// A number computed from figures that were added before.
  mutating func computed(
    _ id: String,
    _ operation: Figure.Operation,
    _ operands: [String],
    as style: FigureStyle
  ) -> String {
    let values = operands.compactMap { name in figures.first { $0.id == name }?.value }
    let value = Figure.compute(operation, values) ?? .nan
    return add(
      Figure(
        id: id,
        value: value,
        text: text(value, style),
        origin: .computed,
        query: nil,
        run: nil,
        column: nil,
        rows: [],
        operation: operation,
        operands: operands,
        method: nil
      )
    )
  }

  /// A number that a method estimates from a query's rows.
  mutating func estimated(
    _ id: String,
    _ value: Double,
    from query: String,
    by method: String,
    as style: FigureStyle = .value
  ) -> String {
    add(
      Figure(
        id: id,
        value: value,
        text: text(value, style),
        origin: .estimated,
        query: query,
        run: nil,
        column: nil,
        rows: [],
        operation: nil,
        operands: [],
        method: method
      )
    )
  }

  /// Takes over figures in another metric's unit.
  mutating func adopt(_ others: [Figure]) { figures += others }

  func value(_ id: String) -> Double? { figures.first { $0.id == id }?.value }

  private mutating func add(_ figure: Figure) -> String {
    if !figures.contains(where: { $0.id == figure.id }) { figures.append(figure) }
    return figure.text
  }

  private func text(_ value: Double, _ style: FigureStyle) -> String {
    guard value.isFinite else { return "an unknown amount" }
    switch style {
    case .value: return sensible(value)
    case .size: return sized(abs(value))
    case .change: return (value > 0 ? "+" : value < 0 ? "\u{2212}" : "\u{00B1}") + sized(abs(value))
    case .percent: return "\(ValueText.decimal(abs(value), places: 1)) %"
    case .signedPercent:
      return (value > 0 ? "+" : value < 0 ? "\u{2212}" : "\u{00B1}") + ValueText.decimal(abs(value), places: 1) + " %"
    case .wholePercent: return "\(ValueText.decimal(value, places: 0)) %"
    case .count(let what): return English.counted(Int(value), what)
    case .probability: return value < 0.001 ? "below 0.001" : ValueText.decimal(value, places: 3)
    }
  }

  private func sized(_ value: Double) -> String {
    if format == .percent { return ValueText.decimal(value, places: 1) + " points" }
    return sensible(value)
  }

  /// A number without decimals that nobody needs: 27,332.5 units are 27,333 units.
  private func sensible(_ value: Double) -> String {
    let rounds = format == .number && abs(value) >= 100
    return ValueText.text(rounds ? value.rounded() : value, format: format, unit: unit)
  }
}

/// How a figure is written.
enum FigureStyle {
  /// In the metric's unit.
  case value
  /// In the metric's unit, without a sign.
  case size
  /// In the metric's unit, with a sign.
  case change
  /// Percent without a sign.
  case percent
  /// Percent with a sign.
  case signedPercent
  /// Percent without decimals.
  case wholePercent
  /// A count of things.
  case count(String)
  /// A probability of chance.
  case probability
}

extension Figure {
  /// The result of an operation on values, nil when it has none.
  static func compute(_ operation: Operation, _ values: [Double]) -> Double? {
    switch (operation, values.count) {
    case (.size, 1): return abs(values[0])
    case (.difference, 2): return values[0] - values[1]
    case (.ratio, 2): return values[1] == 0 ? nil : values[0] / values[1]
    case (.percentOf, 2): return values[1] == 0 ? nil : 100 * values[0] / values[1]
    case (.percentChange, 2): return values[1] == 0 ? nil : 100 * (values[0] - values[1]) / abs(values[1])
    default: return nil
    }
  }
}
