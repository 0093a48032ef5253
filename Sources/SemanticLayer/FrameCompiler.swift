/// Turns frames into one SQL statement each, with bound values.
///
/// Facts are aggregated one dataset at a time and joined afterwards, so a join never multiplies a sum; a ratio is
/// the sum of its numerator over the sum of its denominator; balances obey their dataset's semi-additive rule.
public struct FrameCompiler: Sendable {
  /// The model frames speak about.
  public let model: SemanticModel
  /// The calendar in force.
  public let calendar: BusinessCalendar
  let joins: JoinGraph

  /// Makes a compiler for a model at a moment.
  public init(model: SemanticModel, calendar: BusinessCalendar) {
    self.model = model
    self.calendar = calendar
    joins = JoinGraph(model.relationships)
  }

  /// The statement that answers a frame.
  ///
  /// - Throws: ``CompileFailure`` when the frame cannot be answered from this model.
  public func compile(_ frame: Frame) throws(CompileFailure) -> CompiledQuery {
    let plan = try QueryPlan(frame, compiler: self)
    var writer = QueryWriter(plan: plan, compiler: self)
    return try writer.write()
  }

  /// Whether a frame can be answered, without writing it out.
  public func failure(of frame: Frame) -> CompileFailure? {
    do throws(CompileFailure) {
      _ = try compile(frame)
      return nil
    } catch {
      return error
    }
  }

  /// Whether rows of a dataset know a dimension.
  public func reaches(_ dimension: Dimension, from dataset: String) -> Bool {
    if case .found = joins.path(from: dataset, to: dimension.dataset) { true } else { false }
  }

  /// Whether all facts of a metric know a dimension.
  public func reaches(_ dimension: Dimension, from metric: Metric) -> Bool {
    metric.measures.allSatisfy { reaches(dimension, from: $0.dataset) }
  }
}

// MARK: - Plan

/// An aggregate with the dataset it runs over; its expression may live in a joined dataset.
struct PlannedMeasure: Hashable {
  var fact: String
  var aggregate: SimpleMeasure.Aggregate
  var expression: SQLExpression?
  var expressionDataset: String
  var filter: SQLExpression?
}

/// A metric of the frame, resolved.
struct PlannedMetric {
  indirect enum Formula {
    case measure(PlannedMeasure)
    case ratio(Formula, Formula, scale: Double)

    var measures: [PlannedMeasure] {
      switch self {
      case .measure(let measure): [measure]
      case .ratio(let numerator, let denominator, scale: _): numerator.measures + denominator.measures
      }
    }
  }

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
      guard let dimension = compiler.model.dimension(name) else { throw .unknownMember(name) }
      dimensions.append(dimension)
    }
    self.dimensions = dimensions
    var metrics: [PlannedMetric] = []
    for name in frame.metrics { metrics.append(try Self.plan(name, frame: frame, compiler: compiler)) }
    self.metrics = metrics
    var facts: [Dataset] = []
    for measure in metrics.flatMap(\.formula.measures) where !facts.contains(where: { $0.name == measure.fact }) {
      guard let dataset = compiler.model.dataset(measure.fact) else { throw .unknownMember(measure.fact) }
      facts.append(dataset)
    }
    if metrics.isEmpty { facts = [try Self.listingSource(frame, dimensions: dimensions, compiler: compiler)] }
    self.facts = facts
    try checkTimes()
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
    let needsTime = frame.time != nil || frame.grain != nil || frame.comparison != nil
    if needsTime, let timeless = facts.first(where: { $0.time == nil }) {
      throw .timeless(metric: metrics.first { $0.formula.measures.contains { $0.fact == timeless.name } }?.label ?? "")
    }
    if frame.comparison != nil, frame.time == nil {
      throw .incompatible("a comparison needs a period to compare")
    }
    if frame.comparison != nil, frame.average != nil {
      throw .incompatible("an average cannot be compared with another period in one step")
    }
  }

  private static func plan(
    _ name: String,
    frame: Frame,
    compiler: FrameCompiler
  ) throws(CompileFailure) -> PlannedMetric {
    if name.hasPrefix(Frame.distinctPrefix) {
      return try planDistinct(String(name.dropFirst(Frame.distinctPrefix.count)), frame: frame, compiler: compiler)
    }
    guard let metric = compiler.model.metric(name) else { throw .unknownMember(name) }
    return PlannedMetric(
      name: metric.name,
      label: metric.label,
      formula: overriding(metric, frame: frame, compiler: compiler),
      unit: metric.unit,
      format: ResultColumn.Format(metric.format),
      filterNote: overridesFilter(of: metric, frame: frame, compiler: compiler) ? nil : metric.filterNote
    )
  }

  /// The formula without its default filter when the frame itself says which values of that column count.
  private static func overriding(_ metric: Metric, frame: Frame, compiler: FrameCompiler) -> PlannedMetric.Formula {
    guard overridesFilter(of: metric, frame: frame, compiler: compiler), case .simple(var measure) = metric.formula
    else { return planned(metric.formula) }
    measure.filter = nil
    return planned(.simple(measure))
  }

  private static func overridesFilter(of metric: Metric, frame: Frame, compiler: FrameCompiler) -> Bool {
    guard case .simple(let measure) = metric.formula, let filter = measure.filter else { return false }
    let named = (frame.dimensions + frame.filters.map(\.dimension)).compactMap(compiler.model.dimension)
    let columns = Set(named.filter { $0.dataset == measure.dataset }.map { $0.column.lowercased() })
    return filter.columns.allSatisfy { columns.contains($0.lowercased()) }
  }

  private static func planned(_ formula: Metric.Formula) -> PlannedMetric.Formula {
    switch formula {
    case .simple(let measure):
      .measure(
        PlannedMeasure(
          fact: measure.dataset,
          aggregate: measure.aggregate,
          expression: measure.expression,
          expressionDataset: measure.dataset,
          filter: measure.filter
        )
      )
    case .ratio(let numerator, let denominator, let scale):
      .ratio(planned(numerator), planned(denominator), scale: scale)
    }
  }

  /// Counts the values of a dimension: in its own table when the frame allows, else among the facts.
  private static func planDistinct(
    _ name: String,
    frame: Frame,
    compiler: FrameCompiler
  ) throws(CompileFailure) -> PlannedMetric {
    guard let dimension = compiler.model.dimension(name),
      let home = compiler.model.dataset(dimension.dataset)
    else { throw .unknownMember(name) }
    let needsTime = frame.time != nil || frame.grain != nil
    let others = (frame.dimensions + frame.filters.map(\.dimension)).compactMap(compiler.model.dimension)
    func serves(_ dataset: Dataset) -> Bool {
      (!needsTime || dataset.time != nil) && compiler.reaches(dimension, from: dataset.name)
        && others.allSatisfy { compiler.reaches($0, from: dataset.name) }
    }
    guard let fact = ([home] + compiler.model.datasets).first(where: serves) else {
      throw .incompatible("nothing records \(dimension.label) in that way")
    }
    let column = home.labelColumn == dimension.column ? home.primaryKey ?? dimension.column : dimension.column
    let expression: SQLExpression
    do throws(SQLExpression.Failure) {
      expression = try SQLExpression("\"\(column)\"", dataset: home.name)
    } catch {
      throw .incompatible(error.message)
    }
    let measure = PlannedMeasure(
      fact: fact.name,
      aggregate: .countDistinct,
      expression: expression,
      expressionDataset: home.name,
      filter: nil
    )
    return PlannedMetric(
      name: "\(dimension.name)_count",
      label: "Number of different \(dimension.label) values",
      formula: .measure(measure),
      unit: nil,
      format: .number,
      filterNote: nil
    )
  }
}

extension ResultColumn.Format {
  /// How values of a metric with this format are shown.
  public init(_ format: Metric.Format) {
    self =
      switch format {
      case .currency: .currency
      case .number: .number
      case .percent: .percent
      }
  }
}
