import CoachVocabulary

/// Finds what the metrics of a frame are computed from.
struct MetricPlanner {
  let frame: Frame
  let compiler: FrameCompiler

  func plan(_ name: String) throws(CompileFailure) -> PlannedMetric {
    var planned = try plan(MetricTerm(name), key: name)
    guard !frame.portion.isEmpty else { return planned }
    planned.formula = .ratio(planned.formula.portion, planned.formula, scale: 100)
    let parts = frame.portion.map { $0.values.joined(separator: " or ") }.joined(separator: ", ")
    planned.label = "Share of \(parts) in \(planned.label.lowercasedFirst)"
    planned.name += "_share"
    planned.unit = "percent"
    planned.format = .percent
    return planned
  }

  private func plan(_ term: MetricTerm, key: String) throws(CompileFailure) -> PlannedMetric {
    switch term {
    case .metric(let name): try plan(metric: name)
    case .distinct(let name): try planDistinct(name)
    case .statistic(let statistic, of: let name): try planStatistic(statistic, of: name, key: key)
    case .ratio(let one, let other): try planRatio(one, other, key: key, scale: 1)
    case .percent(let one, of: let other): try planRatio(one, other, key: key, scale: 100)
    case .difference(let one, let other): try planDifference(one, other, key: key)
    case .firstDate(of: let name): try planDate(.min, of: name, key: key, word: "first")
    case .lastDate(of: let name): try planDate(.max, of: name, key: key, word: "last")
    }
  }

  private func metric(_ name: String) throws(CompileFailure) -> Metric {
    guard let metric = compiler.model.metric(name) else { throw .unknownMember(name) }
    return metric
  }

  private func plan(metric name: String) throws(CompileFailure) -> PlannedMetric {
    let metric = try metric(name)
    return PlannedMetric(
      key: name,
      name: metric.name,
      label: metric.label,
      formula: overriding(metric),
      unit: metric.unit,
      format: ResultColumn.Format(metric.format),
      filterNote: overridesFilter(of: metric) ? nil : metric.filterNote
    )
  }

  // MARK: Default filters

  /// The formula without its default filter when the frame itself says which values of that column count.
  private func overriding(_ metric: Metric) -> PlannedMetric.Formula {
    guard overridesFilter(of: metric), case .simple(var measure) = metric.formula else {
      return Self.planned(metric.formula)
    }
    measure.filter = nil
    return Self.planned(.simple(measure))
  }

  private func overridesFilter(of metric: Metric) -> Bool {
    guard case .simple(let measure) = metric.formula, let filter = measure.filter else { return false }
    let names = frame.dimensions + (frame.filters + frame.portion).map(\.dimension)
    let named = names.compactMap(compiler.model.dimension)
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
          percent: measure.percentile,
          expression: measure.expression,
          expressionDataset: measure.dataset,
          filter: measure.filter
        )
      )
    case .ratio(let numerator, let denominator, let scale):
      .ratio(planned(numerator), planned(denominator), scale: scale)
    }
  }

  // MARK: Terms

  private func planRatio(
    _ one: String,
    _ other: String,
    key: String,
    scale: Double
  ) throws(CompileFailure) -> PlannedMetric {
    let (top, low) = (try plan(metric: one), try plan(metric: other))
    let isPercent = scale == 100
    return PlannedMetric(
      key: key,
      name: isPercent ? "\(one)_percent_of_\(other)" : "\(one)_per_\(other)",
      label: isPercent
        ? "\(top.label) in % of \(low.label.lowercasedFirst)" : "\(top.label) per \(low.label.lowercasedFirst)",
      formula: .ratio(top.formula, low.formula, scale: scale),
      unit: isPercent ? "percent" : top.unit,
      format: isPercent ? .percent : top.format,
      filterNote: top.filterNote == low.filterNote ? top.filterNote : nil
    )
  }

  private func planDifference(_ one: String, _ other: String, key: String) throws(CompileFailure) -> PlannedMetric {
    let (first, second) = (try plan(metric: one), try plan(metric: other))
    guard first.format == second.format, first.unit == second.unit else {
      throw .incompatible("\(first.label) and \(second.label) are of different kinds, so they have no difference")
    }
    return PlannedMetric(
      key: key,
      name: "\(one)_minus_\(other)",
      label: "\(first.label) minus \(second.label.lowercasedFirst)",
      formula: .difference(first.formula, second.formula),
      unit: first.unit,
      format: first.format,
      filterNote: first.filterNote == second.filterNote ? first.filterNote : nil
    )
  }

  private func planStatistic(
    _ statistic: RowStatistic,
    of name: String,
    key: String
  ) throws(CompileFailure) -> PlannedMetric {
    var planned = try plan(metric: name)
    let isBalance = planned.formula.measures.contains { compiler.model.dataset($0.fact)?.semiAdditive != nil }
    guard case .measure(var measure) = planned.formula, measure.expression != nil, measure.aggregate != .countDistinct,
      measure.aggregate != .count, !isBalance
    else { throw .incompatible("\(planned.label) has no value on each single row") }
    switch statistic {
    case .average: measure.aggregate = .average
    case .minimum: measure.aggregate = .min
    case .maximum: measure.aggregate = .max
    case .percentile(let percent): (measure.aggregate, measure.percent) = (.percentile, percent)
    }
    let bare = planned.label.hasPrefix("Average ") ? String(planned.label.dropFirst(8)) : planned.label.lowercasedFirst
    planned.key = key
    planned.label = "\(statistic.label) \(bare)"
    planned.name = "\(statistic.word)_\(name)"
    if case .percentile(let percent) = statistic, percent != 50 { planned.name = "p\(percent)_\(name)" }
    planned.formula = .measure(measure)
    return planned
  }

  private func planDate(
    _ aggregate: SimpleMeasure.Aggregate,
    of name: String,
    key: String,
    word: String
  ) throws(CompileFailure) -> PlannedMetric {
    let base = try plan(metric: name)
    guard let first = base.formula.measures.first, let dataset = compiler.model.dataset(first.fact) else {
      throw .unknownMember(name)
    }
    guard let time = dataset.time else { throw .timeless(metric: base.label) }
    let measure = PlannedMeasure(
      fact: first.fact,
      aggregate: aggregate,
      expression: try Self.column(time, of: dataset.name),
      expressionDataset: dataset.name,
      filter: first.filter
    )
    return PlannedMetric(
      key: key,
      name: "\(word)_\(name)",
      label: "\(word.capitalizedFirst) day of \(base.label.lowercasedFirst)",
      formula: .measure(measure),
      unit: nil,
      format: .date,
      filterNote: base.filterNote
    )
  }

  private static func column(_ name: String, of dataset: String) throws(CompileFailure) -> SQLExpression {
    do throws(SQLExpression.Failure) {
      return try SQLExpression("\"\(name)\"", dataset: dataset)
    } catch {
      throw .incompatible(error.message)
    }
  }

  /// Counts the values of a dimension: in its own table when the frame allows, else among the facts.
  private func planDistinct(_ name: String) throws(CompileFailure) -> PlannedMetric {
    guard let dimension = compiler.model.dimension(name), let home = compiler.model.dataset(dimension.dataset) else {
      throw .unknownMember(name)
    }
    let needsTime = frame.time != nil || frame.grain != nil
    let others = (frame.dimensions + frame.filters.map(\.dimension)).compactMap(compiler.dimension)
    func serves(_ dataset: Dataset) -> Bool {
      (!needsTime || dataset.time != nil) && compiler.reaches(dimension, from: dataset.name)
        && others.allSatisfy { compiler.reaches($0, from: dataset.name) }
    }
    guard let fact = ([home] + compiler.model.datasets).first(where: serves) else {
      throw .incompatible("nothing records \(dimension.label) in that way")
    }
    let column = home.labelColumn == dimension.column ? home.primaryKey ?? dimension.column : dimension.column
    let measure = PlannedMeasure(
      fact: fact.name,
      aggregate: .countDistinct,
      expression: try Self.column(column, of: home.name),
      expressionDataset: home.name,
      filter: nil
    )
    return PlannedMetric(
      key: Frame.distinctCount(of: name),
      name: "\(dimension.name)_count",
      label: "Number of different \(dimension.label) values",
      formula: .measure(measure),
      unit: nil,
      format: .number,
      filterNote: nil
    )
  }
}
