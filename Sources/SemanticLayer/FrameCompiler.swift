/// Turns frames into one SQL statement each, with bound values.
///
/// Facts are aggregated one dataset at a time and joined afterwards, so a join never multiplies a sum; a ratio is
/// the sum of its numerator over the sum of its denominator; balances obey their dataset's semi-additive rule.
public struct FrameCompiler: Sendable {
  /// The model frames speak about.
  public let model: SemanticModel
  /// The calendar in force.
  public let calendar: BusinessCalendar
  /// The kind of SQL to write.
  public let dialect: SQLDialect
  let joins: JoinGraph

  /// Makes a compiler for a model at a moment.
  public init(model: SemanticModel, calendar: BusinessCalendar, dialect: SQLDialect = .sqlite) {
    self.model = model
    self.calendar = calendar
    self.dialect = dialect
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
    if dimension.dataset.isEmpty { return model.dataset(dataset)?.time != nil }
    if case .found = joins.path(from: dataset, to: dimension.dataset) { return true }
    return false
  }

  /// Whether all facts of a metric know a dimension.
  public func reaches(_ dimension: Dimension, from metric: Metric) -> Bool {
    metric.measures.allSatisfy { reaches(dimension, from: $0.dataset) }
  }
}
