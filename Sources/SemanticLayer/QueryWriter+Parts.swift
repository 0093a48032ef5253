import CoachVocabulary

/// Aggregates one fact over one period.
extension QueryWriter {
  func uniqueMeasures(of fact: Dataset) -> [PlannedMeasure] {
    var unique: [PlannedMeasure] = []
    for measure in plan.metrics.flatMap(\.formula.measures)
    where measure.fact == fact.name && !unique.contains(measure) {
      unique.append(measure)
    }
    return unique
  }

  /// The filter that all measures share, which then limits the rows instead of each aggregate.
  func sharedFilter(_ measures: [PlannedMeasure]) -> SQLExpression? {
    guard let filter = measures.first?.filter, measures.allSatisfy({ $0.filter?.text == filter.text }) else {
      return nil
    }
    return filter
  }

  mutating func statement(of part: Part, portion: String?) throws(CompileFailure) -> String {
    if let measure = part.measures.first, let percent = measure.percent {
      return try percentile(measure, percent, of: part)
    }
    let source = try factSource(part.fact, measures: part.measures, leg: part.leg)
    let keys = try keyExpressions(part.fact, leg: part.leg)
    let hoisted = sharedFilter(part.measures)
    var items = keys.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
    for (index, measure) in part.measures.enumerated() {
      let value = aggregate(measure, hoisted: hoisted, fact: part.fact, portion: portion)
      items.append("\(value) AS value_\(index + 1)")
    }
    var sql = "  SELECT " + items.joined(separator: ", ") + "\n  " + source
    if !keys.isEmpty { sql += "\n  GROUP BY " + (1...keys.count).map(String.init).joined(separator: ", ") }
    return sql
  }

  /// The rows of a group in order, and the two around the place of the percentile, each by its nearness to it.
  ///
  /// The continuous percentile of SQL:2003 (`percentile_cont`), written so that every engine with window functions
  /// can compute it.
  private mutating func percentile(
    _ measure: PlannedMeasure,
    _ percent: Int,
    of part: Part
  ) throws(CompileFailure) -> String {
    let source = try factSource(part.fact, measures: [measure], leg: part.leg)
    let keys = try keyExpressions(part.fact, leg: part.leg)
    let value = measure.expression.map { $0.rendered(alias: measure.expressionDataset) } ?? "1"
    let names = keys.map { SQLName.quoted($0.name) }
    let partition = keys.isEmpty ? "" : "PARTITION BY \(keys.map(\.sql).joined(separator: ", "))"
    var items = keys.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
    items.append("(\(value)) AS row_value")
    items.append("ROW_NUMBER() OVER (\(partition) ORDER BY \(value)) AS row_place")
    items.append("COUNT(*) OVER (\(partition)) AS row_total")
    let inner = "SELECT \(items.joined(separator: ", "))\n  \(source)" + also("(\(value)) IS NOT NULL", source)
    let distance = "ABS(row_place - 1 - \(percent) * (row_total - 1) / 100.0)"
    let weighted = "SUM(CASE WHEN \(distance) < 1 THEN row_value * (1 - \(distance)) ELSE 0 END)"
    var sql = "  SELECT \((names + ["\(weighted) AS value_1"]).joined(separator: ", "))\n  FROM (\(inner)) AS placed"
    sql += names.isEmpty ? "\n  HAVING COUNT(*) > 0" : "\n  GROUP BY \(names.joined(separator: ", "))"
    return sql
  }

  /// A further condition behind those of a source.
  private func also(_ condition: String, _ source: String) -> String {
    source.contains("\nWHERE ") ? "\n  AND \(condition)" : "\nWHERE \(condition)"
  }

  func aggregate(_ measure: PlannedMeasure, hoisted: SQLExpression?, fact: Dataset, portion: String?) -> String {
    var conditions: [String] = []
    if hoisted == nil, let filter = measure.filter { conditions.append(filter.rendered(alias: measure.fact)) }
    if measure.isPortion, let portion { conditions.append(portion) }
    let condition = conditions.isEmpty ? nil : conditions.map { "(\($0))" }.joined(separator: " AND ")
    let value = measure.expression.map { $0.rendered(alias: measure.expressionDataset) }
    func guarded(_ value: String) -> String { condition.map { "CASE WHEN \($0) THEN \(value) END" } ?? value }
    switch measure.aggregate {
    case .count:
      if value == nil, condition == nil { return "COUNT(*)" }
      return "COUNT(\(guarded(value ?? "1")))"
    case .sum:
      let sum = "SUM(\(guarded(value ?? "1")))"
      guard fact.semiAdditive == .average, let time = fact.time else { return sum }
      return "\(sum) * 1.0 / NULLIF(COUNT(DISTINCT \(SQLName.quoted(fact.name)).\(SQLName.quoted(time))), 0)"
    case .countDistinct: return "COUNT(DISTINCT \(guarded(value ?? "1")))"
    case .average: return "AVG(\(guarded(value ?? "1")))"
    case .min: return "MIN(\(guarded(value ?? "1")))"
    case .max: return "MAX(\(guarded(value ?? "1")))"
    // Percentiles have parts of their own.
    case .median, .percentile: return "NULL"
    }
  }

  // MARK: FROM, JOIN and WHERE

  mutating func factSource(
    _ fact: Dataset,
    measures: [PlannedMeasure],
    leg: Leg
  ) throws(CompileFailure) -> String {
    var needed: [Dimension] = groupDimensions()
    var conditions: [String] = []
    if let hoisted = sharedFilter(measures) { conditions.append("(\(hoisted.rendered(alias: fact.name)))") }
    for filter in rowFilters() {
      guard let dimension = compiler.dimension(filter.dimension) else { throw .unknownMember(filter.dimension) }
      needed.append(dimension)
      conditions.append(condition(column(of: dimension, fact: fact), filter))
    }
    needed += frame.portion.compactMap { compiler.dimension($0.dimension) }
    for name in frame.namedFilters {
      guard let filter = compiler.model.filter(name) else { throw .unknownMember(name) }
      guard filter.dataset == fact.name else {
        throw .unreachable(metric: plan.metrics.first?.label ?? fact.label, dimension: filter.label)
      }
      conditions.append("(\(filter.expression.rendered(alias: fact.name)))")
    }
    var targets = needed.map { ($0.dataset, $0.label) }
    targets += measures.map { ($0.expressionDataset, $0.expressionDataset) }
    for row in frame.rowConditions {
      let (text, dataset, label) = try rowCondition(row)
      conditions.append(text)
      targets.append((dataset, label))
    }
    conditions += timeConditions(fact, leg: leg)
    var sql = "FROM \(Self.source(fact))"
    sql += try joinClauses(from: fact, to: targets.filter { !$0.0.isEmpty })
    if !conditions.isEmpty { sql += "\nWHERE " + conditions.joined(separator: "\n  AND ") }
    return sql
  }

  static func source(_ dataset: Dataset) -> String {
    dataset.table == dataset.name
      ? SQLName.quoted(dataset.table) : "\(SQLName.quoted(dataset.table)) AS \(SQLName.quoted(dataset.name))"
  }

  func joinClauses(from fact: Dataset, to targets: [(String, String)]) throws(CompileFailure) -> String {
    var joined: Set<String> = [fact.name]
    var sql = ""
    let metric = plan.metrics.first?.label ?? fact.label
    for (target, label) in targets {
      switch compiler.joins.path(from: fact.name, to: target) {
      case .none: throw .unreachable(metric: metric, dimension: label)
      case .ambiguous: throw .ambiguousJoin(metric: metric, dimension: label)
      case .found(let chain):
        for step in chain where joined.insert(step.toDataset).inserted {
          guard let dataset = compiler.model.dataset(step.toDataset) else { throw .unknownMember(step.toDataset) }
          let left = "\(SQLName.quoted(step.fromDataset)).\(SQLName.quoted(step.fromColumn))"
          let right = "\(SQLName.quoted(step.toDataset)).\(SQLName.quoted(step.toColumn))"
          // A left join keeps facts without a partner, so that adding a dimension never changes a total.
          sql += "\nLEFT JOIN \(Self.source(dataset)) ON \(left) = \(right)"
        }
      }
    }
    return sql
  }

  /// The filters that limit rows; a share keeps all rows and limits its groups afterwards.
  private func rowFilters() -> [FrameFilter] {
    frame.filters.filter { !(frame.share && frame.dimensions.contains($0.dimension)) }
  }

  /// What a dimension is in the rows of a fact.
  func column(of dimension: Dimension, fact: Dataset) -> String {
    if dimension == .weekday, let time = fact.time {
      return dialect.weekday("\(SQLName.quoted(fact.name)).\(SQLName.quoted(time))")
    }
    return "\(SQLName.quoted(dimension.dataset)).\(SQLName.quoted(dimension.column))"
  }

  mutating func condition(_ column: String, _ filter: FrameFilter) -> String {
    let places = filter.values.map { bind(.string($0)) }
    let test = places.count == 1 ? "= \(places[0])" : "IN (\(places.joined(separator: ", ")))"
    guard filter.excludes else { return "\(column) \(test)" }
    let negated = places.count == 1 ? "<> \(places[0])" : "NOT \(test)"
    return "(\(column) \(negated) OR \(column) IS NULL)"
  }

  /// The condition of the rows whose part is asked for; bound once, used in each part.
  mutating func portionCondition() throws(CompileFailure) -> String? {
    guard !frame.portion.isEmpty else { return nil }
    var tests: [String] = []
    for filter in frame.portion {
      guard let dimension = compiler.dimension(filter.dimension), let fact = plan.facts.first else {
        throw .unknownMember(filter.dimension)
      }
      tests.append(condition(column(of: dimension, fact: fact), filter))
    }
    return tests.joined(separator: " AND ")
  }

  /// The condition on the value that a metric has on a single row.
  private mutating func rowCondition(
    _ row: MetricCondition
  ) throws(CompileFailure) -> (text: String, dataset: String, label: String) {
    guard let metric = compiler.model.metric(row.metric) else { throw .unknownMember(row.metric) }
    guard case .simple(let measure) = metric.formula, let expression = measure.expression,
      measure.aggregate != .countDistinct
    else { throw .incompatible("\(metric.label) has no value on each single row") }
    let value = expression.rendered(alias: measure.dataset)
    let limit = dialect.numeric(bind(.double(row.value)))
    return ("(\(value)) \(row.relation.rawValue) \(limit)", measure.dataset, metric.label)
  }

  mutating func bind(_ value: JSONValue) -> String {
    parameters.append(value)
    return dialect.parameter(parameters.count)
  }

  // MARK: Time

  private mutating func timeConditions(_ fact: Dataset, leg: Leg) -> [String] {
    guard let time = fact.time else { return [] }
    let column = "\(SQLName.quoted(fact.name)).\(SQLName.quoted(time))"
    let range = (leg == .previous ? frame.comparison?.range : frame.time?.range).map(reachingBack)
    if let rule = fact.semiAdditive { return [snapshotCondition(fact, column, rule, range: range)] }
    // Buckets without a period are compared over all of the data.
    guard let range, frame.time != nil else { return [] }
    return [within(column, from: range.start, to: range.end)]
  }

  /// A rolling window also needs the buckets before the period.
  private func reachingBack(_ range: DateRange) -> DateRange {
    guard let window = frame.window, window.reach > 0, let grain = frame.grain else { return range }
    let first = compiler.calendar.start(of: grain, holding: range.start)
    return DateRange(start: compiler.calendar.moving(first, by: -window.reach, grain), end: range.end)
  }

  /// Which snapshots of a balance count: one per bucket or period, or all for an average.
  private mutating func snapshotCondition(
    _ fact: Dataset,
    _ column: String,
    _ rule: Dataset.SemiAdditive,
    range: DateRange?
  ) -> String {
    let table = SQLName.quoted(fact.table)
    let time = SQLName.quoted(fact.time ?? "")
    let pick = rule == .last ? "MAX" : "MIN"
    var grain = frame.grain
    if case .grain(let unit)? = frame.average { grain = unit }
    let end = range?.end ?? compiler.calendar.asOf.adding(days: 1)
    if rule == .average { return within(column, from: range?.start, to: end) }
    if let grain {
      let bucket = dialect.bucket(time, grain, calendar: compiler.calendar, months: 0, days: 0)
      let scope = within(time, from: range?.start, to: end)
      return "\(column) IN (SELECT \(pick)(\(time)) FROM \(table) WHERE \(scope) GROUP BY \(bucket))"
    }
    // A balance holds until the next snapshot, so the last one before the end counts even from an earlier period.
    let scope = within(time, from: rule == .last ? nil : range?.start, to: end)
    return "\(column) = (SELECT \(pick)(\(time)) FROM \(table) WHERE \(scope))"
  }

  private mutating func within(_ column: String, from start: CivilDate?, to end: CivilDate) -> String {
    let lower = start.map { "\(column) >= \(bind(.string($0.description))) AND " } ?? ""
    return "\(lower)\(column) < \(bind(.string(end.description)))"
  }

  func keyExpressions(_ fact: Dataset, leg: Leg) throws(CompileFailure) -> [(name: String, sql: String)] {
    var keys: [(name: String, sql: String)] = []
    for key in groupKeys() {
      if key.role == .time, let grain = TimeGrain(rawValue: key.name), let time = fact.time {
        let expression = "\(SQLName.quoted(fact.name)).\(SQLName.quoted(time))"
        let shifted = leg == .previous ? frame.comparison : nil
        let bucket = dialect.bucket(
          expression,
          grain,
          calendar: compiler.calendar,
          months: shifted?.shiftMonths ?? 0,
          days: shifted?.shiftDays ?? 0
        )
        keys.append((key.name, bucket))
      } else if let dimension = compiler.dimension(key.name) {
        keys.append((key.name, countedColumn(dimension) ?? column(of: dimension, fact: fact)))
      }
    }
    return keys
  }

  /// Where groups are counted, two rows with one name are two.
  private func countedColumn(_ dimension: Dimension) -> String? {
    guard frame.countsGroups, let home = compiler.model.dataset(dimension.dataset),
      home.labelColumn == dimension.column, let key = home.primaryKey
    else { return nil }
    return "\(SQLName.quoted(home.name)).\(SQLName.quoted(key))"
  }
}
