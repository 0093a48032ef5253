import CoachVocabulary

/// An aggregate with the dataset it runs over; its expression may live in a joined dataset.
struct PlannedMeasure: Hashable {
  var fact: String
  var aggregate: SimpleMeasure.Aggregate
  /// The percentile of an aggregate of that kind, 1 to 99.
  var percent: Int?
  var expression: SQLExpression?
  var expressionDataset: String
  var filter: SQLExpression?
  /// Whether only the rows of the frame's portion count.
  var isPortion = false

  /// Whether the values of groups give the total.
  var isAdditive: Bool { aggregate == .sum || aggregate == .count }
}

/// A metric of the frame, resolved.
struct PlannedMetric {
  indirect enum Formula {
    case measure(PlannedMeasure)
    case ratio(Formula, Formula, scale: Double)
    case difference(Formula, Formula)

    var measures: [PlannedMeasure] {
      switch self {
      case .measure(let measure): [measure]
      case .ratio(let one, let other, scale: _), .difference(let one, let other): one.measures + other.measures
      }
    }

    /// Whether sums over groups give the total.
    var isAdditive: Bool {
      switch self {
      case .measure(let measure): measure.isAdditive
      case .ratio: false
      case .difference(let one, let other): one.isAdditive && other.isAdditive
      }
    }

    /// The formula with only the rows of the frame's portion.
    var portion: Formula {
      switch self {
      case .measure(var measure):
        measure.isPortion = true
        return .measure(measure)
      case .ratio(let one, let other, let scale): return .ratio(one.portion, other.portion, scale: scale)
      case .difference(let one, let other): return .difference(one.portion, other.portion)
      }
    }
  }

  /// What the frame calls it.
  var key: String
  /// The name of its column.
  var name: String
  var label: String
  var formula: Formula
  var unit: String?
  var format: ResultColumn.Format
  var filterNote: String?
}

/// A frame with all names resolved and all joins found.
struct QueryPlan {
  var frame: Frame
  var metrics: [PlannedMetric]
  var dimensions: [Dimension]
  /// The datasets that are aggregated, in the order of use.
  var facts: [Dataset]

  init(_ frame: Frame, compiler: FrameCompiler) throws(CompileFailure) {
    guard !frame.metrics.isEmpty || !frame.dimensions.isEmpty else { throw .noMetric }
    self.frame = frame
    var dimensions: [Dimension] = []
    for name in frame.dimensions {
      guard let dimension = compiler.dimension(name) else { throw .unknownMember(name) }
      dimensions.append(dimension)
    }
    self.dimensions = dimensions
    let planner = MetricPlanner(frame: frame, compiler: compiler)
    var metrics: [PlannedMetric] = []
    for name in frame.metrics { metrics.append(try planner.plan(name)) }
    self.metrics = metrics
    var facts: [Dataset] = []
    for measure in metrics.flatMap(\.formula.measures) where !facts.contains(where: { $0.name == measure.fact }) {
      guard let dataset = compiler.model.dataset(measure.fact) else { throw .unknownMember(measure.fact) }
      facts.append(dataset)
    }
    if metrics.isEmpty { facts = [try Self.listingSource(frame, dimensions: dimensions, compiler: compiler)] }
    self.facts = facts
    try checkTimes()
    try checkParts()
  }

  /// A frame without a metric lists the values of its dimensions, from the smallest table that knows them all.
  private static func listingSource(
    _ frame: Frame,
    dimensions: [Dimension],
    compiler: FrameCompiler
  ) throws(CompileFailure) -> Dataset {
    let all = dimensions + frame.filters.compactMap { compiler.model.dimension($0.dimension) }
    let homes = dimensions.compactMap { compiler.model.dataset($0.dataset) }
    let candidates = homes + compiler.model.datasets
    guard
      let source = candidates.first(where: { dataset in all.allSatisfy { compiler.reaches($0, from: dataset.name) } })
    else { throw .incompatible("nothing records \(dimensions.map(\.label).joined(separator: " and ")) together") }
    return source
  }

  private func checkTimes() throws(CompileFailure) {
    let usesWeekdays =
      dimensions.contains(.weekday) || frame.filters.contains { $0.dimension == Dimension.weekday.name }
    let needsTime = frame.time != nil || frame.grain != nil || frame.comparison != nil || usesWeekdays
    if needsTime, let timeless = facts.first(where: { $0.time == nil }) {
      throw .timeless(metric: metrics.first { $0.formula.measures.contains { $0.fact == timeless.name } }?.label ?? "")
    }
    if frame.comparison != nil, frame.comparison?.kind != .previousBucket, frame.time == nil {
      throw .incompatible("a comparison needs a period to compare")
    }
    if frame.comparison?.kind == .previousBucket, frame.grain == nil {
      throw .incompatible("a comparison of buckets needs a series")
    }
    if frame.comparison != nil, frame.average != nil {
      throw .incompatible("an average cannot be compared with another period in one step")
    }
  }

  /// What does not go together with the parts that change the meaning of a number.
  private func checkParts() throws(CompileFailure) {
    let measures = metrics.flatMap(\.formula.measures)
    func isBalance(_ measure: PlannedMeasure) -> Bool {
      facts.contains { $0.name == measure.fact && $0.semiAdditive != nil }
    }
    if frame.window != nil {
      guard frame.grain != nil else { throw .incompatible("a running total needs a series") }
      guard measures.allSatisfy({ $0.isAdditive && !isBalance($0) }) else {
        throw .incompatible("only figures that add up can be added up along a series")
      }
      guard frame.average == nil, !frame.share else {
        throw .incompatible("an average or a share of running totals is too much at once")
      }
    }
    if !frame.portion.isEmpty {
      guard measures.allSatisfy({ ($0.isAdditive || $0.aggregate == .countDistinct) && !isBalance($0) }),
        metrics.count == 1, !frame.share, frame.average == nil, frame.window == nil
      else { throw .incompatible("a part of the whole can only be taken of a figure that adds up") }
    }
    if frame.isAbsent || frame.countsGroups {
      guard dimensions.count == 1, frame.grain == nil, frame.comparison == nil, frame.average == nil, !frame.share
      else {
        throw .incompatible("only the values of one dimension can be counted or found missing")
      }
    }
    if !frame.rowConditions.isEmpty, measures.contains(where: isBalance) {
      throw .incompatible("a balance has no single rows to choose among")
    }
  }
}

extension Dimension {
  /// The day of the week of a fact, which every dataset with a time knows.
  static let weekday = Dimension(
    name: "weekday",
    dataset: "",
    column: "weekday",
    kind: .categorical,
    label: "weekday",
    synonyms: ["day of the week", "day of week"],
    aliases: [:],
    indexesValues: false,
    isPersonal: false,
    position: SourcePosition(file: "", line: 1)
  )
}

extension FrameCompiler {
  /// The dimension of a name: one of the model, or the weekday.
  public func dimension(_ name: String) -> Dimension? {
    model.dimension(name) ?? (name == Dimension.weekday.name ? .weekday : nil)
  }
}
