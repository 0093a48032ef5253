import CoachVocabulary

/// Writes a plan as SQL for SQLite.
struct QueryWriter {
  let plan: QueryPlan
  let compiler: FrameCompiler
  private var parameters: [JSONValue] = []
  private var frame: Frame { plan.frame }

  init(plan: QueryPlan, compiler: FrameCompiler) {
    self.plan = plan
    self.compiler = compiler
  }

  /// One side of a comparison.
  private enum Leg: String {
    case current
    case previous
  }

  mutating func write() throws(CompileFailure) -> CompiledQuery {
    let isFlat = plan.facts.count == 1 && frame.comparison == nil
    var sql = isFlat ? try flatStatement() : try joinedStatement()
    var columns = valueColumns()
    if let average = frame.average { (sql, columns) = averaged(sql, columns, over: average) }
    sql = try narrowed(sql, columns: columns)
    let unordered = sql
    if !frame.limitsPerGroup {
      sql += "\nORDER BY " + orderTerms(columns).joined(separator: ", ")
      if keyColumns(columns).isEmpty { sql = unordered }
      if let limit = frame.limit, !keyColumns(columns).isEmpty { sql += "\nLIMIT \(limit)" }
    } else {
      sql += "\nORDER BY " + groupedOrderTerms(columns).joined(separator: ", ")
    }
    return CompiledQuery(
      sql: sql,
      parameters: parameters,
      columns: columns,
      countSQL: frame.limit == nil || frame.limitsPerGroup ? nil : "SELECT COUNT(*) FROM (\(unordered))",
      interpretation: Interpretation(plan: plan, compiler: compiler).text
    )
  }

  // MARK: Columns

  private func keyColumns(_ columns: [ResultColumn]) -> [ResultColumn] {
    columns.filter { $0.role == .dimension || $0.role == .time }
  }

  /// The grouping keys: time first, then dimensions.
  private func groupKeys() -> [ResultColumn] {
    var keys: [ResultColumn] = []
    if let grain = frame.grain {
      keys.append(Self.timeColumn(grain))
    }
    if case .grain(let grain)? = frame.average, frame.grain != grain { keys.append(Self.timeColumn(grain)) }
    keys += groupDimensions().map {
      ResultColumn(
        name: $0.name,
        label: $0.label.capitalizedFirst,
        role: .dimension,
        unit: nil,
        format: $0.kind == .time ? .date : .text,
        member: $0.name
      )
    }
    return keys
  }

  private static func timeColumn(_ grain: TimeGrain) -> ResultColumn {
    let name = grain.rawValue
    return ResultColumn(
      name: name,
      label: name.spaced.capitalizedFirst,
      role: .time,
      unit: nil,
      format: .date,
      member: name
    )
  }

  /// The frame's dimensions and the one an average is taken over.
  private func groupDimensions() -> [Dimension] {
    var dimensions = plan.dimensions
    if case .dimension(let name)? = frame.average, let dimension = compiler.model.dimension(name),
      !dimensions.contains(dimension)
    {
      dimensions.append(dimension)
    }
    return dimensions
  }

  private func valueColumns() -> [ResultColumn] {
    var columns = groupKeys()
    for metric in plan.metrics {
      func column(_ suffix: String, _ label: String, _ role: ResultColumn.Role) -> ResultColumn {
        ResultColumn(
          name: metric.name + suffix,
          label: label,
          role: role,
          unit: role == .changePercent || role == .share ? "percent" : metric.unit,
          format: role == .changePercent || role == .share ? .percent : metric.format,
          member: metric.name
        )
      }
      columns.append(column("", metric.label, .metric))
      if frame.comparison != nil {
        columns.append(column("_previous", "\(metric.label), before", .comparison))
        columns.append(column("_change", "Change", .change))
        if metric.format != .percent { columns.append(column("_change_pct", "Change %", .changePercent)) }
      }
      if frame.share { columns.append(column("_share", "Share", .share)) }
    }
    return columns
  }

  // MARK: Statements

  /// One fact, one period: a plain grouped statement.
  private mutating func flatStatement() throws(CompileFailure) -> String {
    let fact = plan.facts[0]
    let measures = uniqueMeasures(of: fact)
    let source = try factSource(fact, measures: measures, leg: .current)
    let keys = try keyExpressions(fact, leg: .current)
    let hoisted = sharedFilter(measures)
    var items = keys.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
    for metric in plan.metrics {
      let value = Self.value(of: metric.formula) { aggregate($0, hoisted: hoisted, fact: fact) }
      items.append("\(value) AS \(SQLName.quoted(metric.name))")
      if frame.share {
        let total = keys.isEmpty ? value : "SUM(\(value)) OVER ()"
        items.append("100.0 * \(value) / NULLIF(\(total), 0) AS \(SQLName.quoted(metric.name + "_share"))")
      }
    }
    var sql = "SELECT " + items.joined(separator: ",\n       ") + "\n" + source
    if !keys.isEmpty { sql += "\nGROUP BY " + (1...keys.count).map(String.init).joined(separator: ", ") }
    return sql
  }

  /// Several facts or periods: each is aggregated alone, then they are joined on the keys.
  private mutating func joinedStatement() throws(CompileFailure) -> String {
    var parts: [(name: String, sql: String)] = []
    let legs: [Leg] = frame.comparison == nil ? [.current] : [.current, .previous]
    for leg in legs {
      for fact in plan.facts {
        parts.append((Self.partName(fact, leg), try aggregatedPart(fact, leg: leg)))
      }
    }
    let keys = groupKeys().map { SQLName.quoted($0.name) }
    var sql = "WITH " + parts.map { "\($0.name) AS (\n\($0.sql)\n)" }.joined(separator: ",\n")
    if !keys.isEmpty {
      let union = parts.map { "SELECT \(keys.joined(separator: ", ")) FROM \($0.name)" }.joined(separator: " UNION ")
      sql += ",\nall_keys AS (\(union))"
    }
    var items = keys.map { "all_keys.\($0) AS \($0)" }
    for metric in plan.metrics { items += joinedItems(metric) }
    sql += "\nSELECT " + items.joined(separator: ",\n       ") + "\nFROM "
    if keys.isEmpty {
      sql += parts.map(\.name).joined(separator: " CROSS JOIN ")
    } else {
      sql += "all_keys"
      for part in parts {
        let condition = keys.map { "\(part.name).\($0) IS all_keys.\($0)" }.joined(separator: " AND ")
        sql += "\nLEFT JOIN \(part.name) ON \(condition)"
      }
    }
    return sql
  }

  private func joinedItems(_ metric: PlannedMetric) -> [String] {
    func value(_ leg: Leg) -> String {
      Self.value(of: metric.formula) { measure in
        guard let fact = plan.facts.first(where: { $0.name == measure.fact }) else { return "NULL" }
        let number = (uniqueMeasures(of: fact).firstIndex(of: measure) ?? 0) + 1
        let reference = "\(Self.partName(fact, leg)).value_\(number)"
        let counts = measure.aggregate == .count || measure.aggregate == .countDistinct
        return counts ? "COALESCE(\(reference), 0)" : reference
      }
    }
    func item(_ sql: String, _ suffix: String) -> String { "\(sql) AS \(SQLName.quoted(metric.name + suffix))" }
    let current = value(.current)
    var items = [item(current, "")]
    if frame.comparison != nil {
      let previous = value(.previous)
      items.append(item(previous, "_previous"))
      // A group that exists in one period only counts as 0 in the other when its values add up.
      let zero = metric.formula.isAdditive ? "0" : nil
      let left = zero.map { "COALESCE(\(current), \($0))" } ?? current
      let right = zero.map { "COALESCE(\(previous), \($0))" } ?? previous
      items.append(item("\(left) - \(right)", "_change"))
      if metric.format != .percent {
        items.append(item("100.0 * (\(left) - \(right)) / NULLIF(\(previous), 0)", "_change_pct"))
      }
    }
    if frame.share {
      let total = groupKeys().isEmpty ? current : "SUM(\(current)) OVER ()"
      items.append(item("100.0 * \(current) / NULLIF(\(total), 0)", "_share"))
    }
    return items
  }

  private mutating func aggregatedPart(_ fact: Dataset, leg: Leg) throws(CompileFailure) -> String {
    let measures = uniqueMeasures(of: fact)
    let source = try factSource(fact, measures: measures, leg: leg)
    let keys = try keyExpressions(fact, leg: leg)
    let hoisted = sharedFilter(measures)
    var items = keys.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
    for (index, measure) in measures.enumerated() {
      items.append("\(aggregate(measure, hoisted: hoisted, fact: fact)) AS value_\(index + 1)")
    }
    var sql = "  SELECT " + items.joined(separator: ", ") + "\n  " + source
    if !keys.isEmpty { sql += "\n  GROUP BY " + (1...keys.count).map(String.init).joined(separator: ", ") }
    return sql
  }

  private static func partName(_ fact: Dataset, _ leg: Leg) -> String {
    SQLName.quoted(fact.name + "_" + leg.rawValue)
  }

  // MARK: Parts of a statement

  private func uniqueMeasures(of fact: Dataset) -> [PlannedMeasure] {
    var unique: [PlannedMeasure] = []
    for measure in plan.metrics.flatMap(\.formula.measures)
    where measure.fact == fact.name && !unique.contains(measure) {
      unique.append(measure)
    }
    return unique
  }

  /// The filter that all measures share, which then limits the rows instead of each aggregate.
  private func sharedFilter(_ measures: [PlannedMeasure]) -> SQLExpression? {
    guard let filter = measures.first?.filter, measures.allSatisfy({ $0.filter?.text == filter.text }) else {
      return nil
    }
    return filter
  }

  private func aggregate(_ measure: PlannedMeasure, hoisted: SQLExpression?, fact: Dataset) -> String {
    let condition = hoisted == nil ? measure.filter.map { $0.rendered(alias: measure.fact) } : nil
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
    }
  }

  private static func value(of formula: PlannedMetric.Formula, _ measure: (PlannedMeasure) -> String) -> String {
    switch formula {
    case .measure(let one): return measure(one)
    case .ratio(let numerator, let denominator, let scale):
      let factor = scale == scale.rounded() ? "\(Int(scale)).0" : "\(scale)"
      return "\(factor) * \(value(of: numerator, measure)) / NULLIF(\(value(of: denominator, measure)), 0)"
    }
  }

  /// FROM, JOIN and WHERE of one fact.
  private mutating func factSource(
    _ fact: Dataset,
    measures: [PlannedMeasure],
    leg: Leg
  ) throws(CompileFailure) -> String {
    var needed: [Dimension] = groupDimensions()
    var conditions: [String] = []
    if let hoisted = sharedFilter(measures) { conditions.append("(\(hoisted.rendered(alias: fact.name)))") }
    for filter in rowFilters() {
      guard let dimension = compiler.model.dimension(filter.dimension) else { throw .unknownMember(filter.dimension) }
      needed.append(dimension)
      conditions.append(condition(for: filter, on: dimension))
    }
    for name in frame.namedFilters {
      guard let filter = compiler.model.filter(name) else { throw .unknownMember(name) }
      guard filter.dataset == fact.name else {
        throw .unreachable(metric: plan.metrics[0].label, dimension: filter.label)
      }
      conditions.append("(\(filter.expression.rendered(alias: fact.name)))")
    }
    conditions += timeConditions(fact, leg: leg)
    var targets = needed.map { ($0.dataset, $0.label) }
    targets += measures.map { ($0.expressionDataset, $0.expressionDataset) }
    var sql = "FROM \(Self.source(fact))"
    sql += try joinClauses(from: fact, to: targets)
    if !conditions.isEmpty { sql += "\nWHERE " + conditions.joined(separator: "\n  AND ") }
    return sql
  }

  private static func source(_ dataset: Dataset) -> String {
    dataset.table == dataset.name
      ? SQLName.quoted(dataset.table) : "\(SQLName.quoted(dataset.table)) AS \(SQLName.quoted(dataset.name))"
  }

  private func joinClauses(from fact: Dataset, to targets: [(String, String)]) throws(CompileFailure) -> String {
    var joined: Set<String> = [fact.name]
    var sql = ""
    for (target, label) in targets {
      switch compiler.joins.path(from: fact.name, to: target) {
      case .none: throw .unreachable(metric: plan.metrics[0].label, dimension: label)
      case .ambiguous: throw .ambiguousJoin(metric: plan.metrics[0].label, dimension: label)
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

  private mutating func condition(for filter: FrameFilter, on dimension: Dimension) -> String {
    let column = "\(SQLName.quoted(dimension.dataset)).\(SQLName.quoted(dimension.column))"
    return condition(column, filter)
  }

  private mutating func condition(_ column: String, _ filter: FrameFilter) -> String {
    let places = filter.values.map { bind(.string($0)) }
    let test = places.count == 1 ? "= \(places[0])" : "IN (\(places.joined(separator: ", ")))"
    guard filter.excludes else { return "\(column) \(test)" }
    let negated = places.count == 1 ? "<> \(places[0])" : "NOT \(test)"
    return "(\(column) \(negated) OR \(column) IS NULL)"
  }

  private mutating func bind(_ value: JSONValue) -> String {
    parameters.append(value)
    return "?\(parameters.count)"
  }

  // MARK: Time

  private mutating func timeConditions(_ fact: Dataset, leg: Leg) -> [String] {
    guard let time = fact.time else { return [] }
    let column = "\(SQLName.quoted(fact.name)).\(SQLName.quoted(time))"
    let range = leg == .previous ? frame.comparison?.range : frame.time?.range
    if let rule = fact.semiAdditive { return [snapshotCondition(fact, column, rule, range: range)] }
    guard let range else { return [] }
    return [within(column, from: range.start, to: range.end)]
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
      let bucket = Self.bucket(time, grain, calendar: compiler.calendar, months: 0, days: 0)
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

  private mutating func keyExpressions(
    _ fact: Dataset,
    leg: Leg
  ) throws(CompileFailure) -> [(name: String, sql: String)] {
    var keys: [(name: String, sql: String)] = []
    for column in groupKeys() {
      if column.role == .time, let grain = TimeGrain(rawValue: column.name), let time = fact.time {
        let expression = "\(SQLName.quoted(fact.name)).\(SQLName.quoted(time))"
        let shifted = leg == .previous ? frame.comparison : nil
        keys.append(
          (
            column.name,
            Self.bucket(
              expression,
              grain,
              calendar: compiler.calendar,
              months: shifted?.shiftMonths ?? 0,
              days: shifted?.shiftDays ?? 0
            )
          )
        )
      } else if let dimension = compiler.model.dimension(column.name) {
        keys.append((column.name, "\(SQLName.quoted(dimension.dataset)).\(SQLName.quoted(dimension.column))"))
      }
    }
    return keys
  }

  /// The bucket a day falls in, as text that sorts by time; an earlier period is shifted onto the current one.
  static func bucket(
    _ column: String,
    _ grain: TimeGrain,
    calendar: BusinessCalendar,
    months: Int,
    days: Int
  ) -> String {
    var modifiers = ""
    if months != 0 {
      // Whole months are counted from the first, since 31 March has no day in February.
      modifiers += grain == .day || grain == .week ? ", '+\(months) months'" : ", 'start of month', '+\(months) months'"
    }
    if days != 0 { modifiers += ", '+\(days) days'" }
    switch grain {
    case .day: return "date(\(column)\(modifiers))"
    case .week: return "date(\(column)\(modifiers), '-6 days', 'weekday \(calendar.weekStart % 7)')"
    case .month: return "strftime('%Y-%m', \(column)\(modifiers))"
    case .year: return "strftime('%Y', \(column)\(modifiers))"
    case .quarter: return quarter(column, modifiers, prefix: "", yearShift: 0)
    case .fiscalQuarter, .fiscalYear:
      let back = calendar.fiscalStartMonth - 1
      let shifted = back == 0 ? modifiers : modifiers + ", 'start of month', '-\(back) months'"
      let yearShift = back == 0 ? 0 : 1
      if grain == .fiscalYear { return "'FY' || (CAST(strftime('%Y', \(column)\(shifted)) AS INTEGER) + \(yearShift))" }
      return quarter(column, shifted, prefix: "FY", yearShift: yearShift)
    }
  }

  private static func quarter(_ column: String, _ modifiers: String, prefix: String, yearShift: Int) -> String {
    let year =
      yearShift == 0
      ? "strftime('%Y', \(column)\(modifiers))"
      : "(CAST(strftime('%Y', \(column)\(modifiers)) AS INTEGER) + \(yearShift))"
    let lead = prefix.isEmpty ? "" : "'\(prefix)' || "
    return "\(lead)\(year) || '-Q' || ((CAST(strftime('%m', \(column)\(modifiers)) AS INTEGER) + 2) / 3)"
  }

  // MARK: After grouping

  private func averaged(
    _ sql: String,
    _ columns: [ResultColumn],
    over unit: AverageUnit
  ) -> (String, [ResultColumn]) {
    let unitName =
      switch unit {
      case .grain(let grain): grain.rawValue
      case .dimension(let name): name
      }
    let keys = keyColumns(columns).filter { $0.name != unitName }
    let metrics = columns.filter { $0.role == .metric }
    var items = keys.map { SQLName.quoted($0.name) }
    items += metrics.map { "AVG(\(SQLName.quoted($0.name))) AS \(SQLName.quoted("average_" + $0.name))" }
    var outer = "SELECT \(items.joined(separator: ", "))\nFROM (\(sql))"
    if !keys.isEmpty { outer += "\nGROUP BY " + (1...keys.count).map(String.init).joined(separator: ", ") }
    let renamed = metrics.map { column in
      var copy = column
      copy.name = "average_" + column.name
      copy.label = "Average \(column.label.lowercasedFirst) per \(unitName.spaced)"
      return copy
    }
    return (outer, keys + renamed)
  }

  /// Conditions on groups: thresholds, the groups a share is asked for, ranks within groups.
  private mutating func narrowed(_ sql: String, columns: [ResultColumn]) throws(CompileFailure) -> String {
    var tests: [String] = []
    for condition in frame.conditions {
      guard let column = columns.first(where: { $0.member == condition.metric && $0.role == .metric }) else {
        throw .unknownMember(condition.metric)
      }
      tests.append("\(SQLName.quoted(column.name)) \(condition.relation.rawValue) \(bind(.double(condition.value)))")
    }
    if frame.share {
      for filter in frame.filters where frame.dimensions.contains(filter.dimension) {
        tests.append(condition(SQLName.quoted(filter.dimension), filter))
      }
    }
    var result = sql
    let names = columns.map { SQLName.quoted($0.name) }.joined(separator: ", ")
    if !tests.isEmpty { result = "SELECT \(names)\nFROM (\(result))\nWHERE " + tests.joined(separator: " AND ") }
    if frame.limitsPerGroup, let limit = frame.limit {
      let keys = keyColumns(columns)
      let partition = keys.dropLast().map { SQLName.quoted($0.name) }.joined(separator: ", ")
      let rank = "ROW_NUMBER() OVER (PARTITION BY \(partition) ORDER BY \(orderTerms(columns).joined(separator: ", ")))"
      result =
        "SELECT \(names)\nFROM (SELECT *, \(rank) AS rank_in_group FROM (\(result)))\nWHERE rank_in_group <= \(limit)"
    }
    return result
  }

  private func orderTerms(_ columns: [ResultColumn]) -> [String] {
    let keys = keyColumns(columns)
    var terms: [String] = []
    let order = frame.order ?? defaultOrder(columns)
    if let order, let column = orderColumn(order.key, columns) {
      terms.append("\(SQLName.quoted(column.name)) \(order.descending ? "DESC" : "ASC") NULLS LAST")
    }
    for key in keys where !terms.contains(where: { $0.hasPrefix(SQLName.quoted(key.name) + " ") }) {
      terms.append(SQLName.quoted(key.name))
    }
    return terms.isEmpty ? ["1"] : terms
  }

  private func groupedOrderTerms(_ columns: [ResultColumn]) -> [String] {
    let leading = keyColumns(columns).dropLast().map { SQLName.quoted($0.name) }
    return leading + orderTerms(columns).filter { !leading.contains($0) }
  }

  private func defaultOrder(_ columns: [ResultColumn]) -> FrameOrder? {
    if columns.contains(where: { $0.role == .time }) { return FrameOrder(by: .time, descending: false) }
    guard let metric = plan.metrics.first else { return nil }
    return FrameOrder(by: .metric(metric.name), descending: true)
  }

  private func orderColumn(_ key: FrameOrder.Key, _ columns: [ResultColumn]) -> ResultColumn? {
    switch key {
    case .time: return columns.first { $0.role == .time }
    case .metric(let name):
      let member = plan.metrics.first { Frame.distinctCount(of: String($0.name.dropLast("_count".count))) == name }
      return columns.first { $0.member == (member?.name ?? name) && $0.role == .metric }
    case .change(let name): return columns.first { $0.member == name && $0.role == .change }
    case .changePercent(let name):
      return columns.first { $0.member == name && $0.role == .changePercent }
        ?? columns.first { $0.member == name && $0.role == .change }
    }
  }
}

extension PlannedMetric.Formula {
  /// Whether sums over groups give the total.
  var isAdditive: Bool {
    guard case .measure(let measure) = self else { return false }
    return measure.aggregate == .sum || measure.aggregate == .count
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
  /// The text with its first letter in lower case, unless it begins with an abbreviation.
  var lowercasedFirst: String {
    dropFirst().first?.isUppercase == true ? self : prefix(1).lowercased() + dropFirst()
  }
  /// The text with underscores as spaces.
  var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}
