import CoachVocabulary

/// Writes a plan as one SQL statement.
struct QueryWriter {
  let plan: QueryPlan
  let compiler: FrameCompiler
  var parameters: [JSONValue] = []
  var frame: Frame { plan.frame }
  var dialect: SQLDialect { compiler.dialect }

  init(plan: QueryPlan, compiler: FrameCompiler) {
    self.plan = plan
    self.compiler = compiler
  }

  /// One side of a comparison.
  enum Leg: String {
    case current
    case previous
  }

  /// One aggregated statement: the plain measures of a fact, or one percentile.
  struct Part {
    var name: String
    var fact: Dataset
    var leg: Leg
    var measures: [PlannedMeasure]
  }

  mutating func write() throws(CompileFailure) -> CompiledQuery {
    if frame.isAbsent { return try absent() }
    var sql = isFlat ? try flatStatement() : try joinedStatement()
    var columns = valueColumns()
    if let average = frame.average { (sql, columns) = averaged(sql, columns, over: average) }
    sql = try narrowed(sql, columns: columns)
    if frame.countsGroups { return counted(sql, columns) }
    return ordered(sql, columns)
  }

  /// The statement with its order and its cut.
  private func ordered(_ unordered: String, _ columns: [ResultColumn]) -> CompiledQuery {
    var sql = unordered
    let hasKeys = !keyColumns(columns).isEmpty
    if frame.limitsPerGroup {
      sql += "\nORDER BY " + groupedOrderTerms(columns).joined(separator: ", ")
    } else if hasKeys {
      sql += "\nORDER BY " + orderTerms(columns).joined(separator: ", ")
      if let limit = frame.limit { sql += "\nLIMIT \(limit)" }
      if frame.limit != nil, let offset = frame.offset { sql += " OFFSET \(offset)" }
    }
    return CompiledQuery(
      sql: sql,
      parameters: parameters,
      columns: columns,
      countSQL: frame.limit == nil || frame.limitsPerGroup ? nil : "SELECT COUNT(*) FROM (\(unordered)) AS everything",
      interpretation: Interpretation(plan: plan, compiler: compiler).text
    )
  }

  /// The number of groups instead of the groups.
  private func counted(_ sql: String, _ columns: [ResultColumn]) -> CompiledQuery {
    let key = keyColumns(columns)[0]
    let column = ResultColumn(
      name: "\(key.name)_count",
      label: "Number of \(key.label.lowercasedFirst) values",
      role: .metric,
      unit: nil,
      format: .number,
      member: "\(key.name)_count"
    )
    return CompiledQuery(
      sql: "SELECT COUNT(*) AS \(SQLName.quoted(column.name))\nFROM (\(sql)) AS groups_found",
      parameters: parameters,
      columns: [column],
      countSQL: nil,
      interpretation: Interpretation(plan: plan, compiler: compiler).text
    )
  }

  // MARK: Columns

  func keyColumns(_ columns: [ResultColumn]) -> [ResultColumn] {
    columns.filter { $0.role == .dimension || $0.role == .time }
  }

  /// The grouping keys: time first, then dimensions.
  func groupKeys() -> [ResultColumn] {
    var keys: [ResultColumn] = []
    if let grain = frame.grain { keys.append(Self.timeColumn(grain)) }
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
  func groupDimensions() -> [Dimension] {
    var dimensions = plan.dimensions
    if case .dimension(let name)? = frame.average, let dimension = compiler.dimension(name),
      !dimensions.contains(dimension)
    {
      dimensions.append(dimension)
    }
    return dimensions
  }

  func valueColumns() -> [ResultColumn] { groupKeys() + plan.metrics.flatMap(valueColumns) }

  private func valueColumns(of metric: PlannedMetric) -> [ResultColumn] {
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
    var columns = [column("", windowedLabel(metric.label), .metric)]
    if frame.comparison != nil {
      columns.append(column("_previous", "\(metric.label), before", .comparison))
      columns.append(column("_change", "Change", .change))
      if metric.format != .percent { columns.append(column("_change_pct", "Change %", .changePercent)) }
    }
    if frame.share { columns.append(column("_share", "Share", .share)) }
    return columns
  }

  private func windowedLabel(_ label: String) -> String {
    let unit = frame.grain?.rawValue.spaced ?? ""
    return switch frame.window {
    case .running: "Running total of \(label.lowercasedFirst)"
    case .rollingSum(let count): "\(count)-\(unit) total of \(label.lowercasedFirst)"
    case .rollingAverage(let count): "\(count)-\(unit) average of \(label.lowercasedFirst)"
    case nil: label
    }
  }

  // MARK: Statements

  private var isFlat: Bool {
    plan.facts.count == 1 && frame.comparison == nil && frame.window == nil
      && !plan.metrics.flatMap(\.formula.measures).contains { $0.percent != nil }
  }

  /// One fact, one period: a plain grouped statement.
  private mutating func flatStatement() throws(CompileFailure) -> String {
    let fact = plan.facts[0]
    let measures = uniqueMeasures(of: fact)
    let portion = try portionCondition()
    let source = try factSource(fact, measures: measures, leg: .current)
    let keys = try keyExpressions(fact, leg: .current)
    let hoisted = sharedFilter(measures)
    var items = keys.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
    for metric in plan.metrics {
      let value = Self.value(of: metric.formula) { aggregate($0, hoisted: hoisted, fact: fact, portion: portion) }
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
    let parts = self.parts()
    let portion = try portionCondition()
    var tables: [String] = []
    for part in parts { tables.append("\(part.name) AS (\n\(try statement(of: part, portion: portion))\n)") }
    let keys = groupKeys().map { SQLName.quoted($0.name) }
    if !keys.isEmpty { tables.append("all_keys AS (\(keyStatement(parts, keys: keys)))") }
    var items = keys.map { "all_keys.\($0) AS \($0)" }
    for metric in plan.metrics { items += joinedItems(metric, parts: parts) }
    var sql = "WITH " + tables.joined(separator: ",\n") + "\nSELECT " + items.joined(separator: ",\n       ") + "\nFROM "
    if keys.isEmpty { return sql + parts.map(\.name).joined(separator: " CROSS JOIN ") }
    sql += "all_keys"
    for part in parts {
      let condition = keys.map { dialect.same("\(part.name).\($0)", "all_keys.\($0)") }.joined(separator: " AND ")
      sql += "\nLEFT JOIN \(part.name) ON \(condition)"
    }
    return sql
  }

  /// All keys of all parts; without a period, the bucket after the last one is no bucket of the series.
  private func keyStatement(_ parts: [Part], keys: [String]) -> String {
    let isOpen = frame.comparison?.kind == .previousBucket && frame.time == nil
    return parts.filter { !isOpen || $0.leg == .current }
      .map { "SELECT \(keys.joined(separator: ", ")) FROM \($0.name)" }.joined(separator: " UNION ")
  }

  private func parts() -> [Part] {
    let legs: [Leg] = frame.comparison == nil ? [.current] : [.current, .previous]
    var parts: [Part] = []
    for leg in legs {
      for fact in plan.facts {
        let measures = uniqueMeasures(of: fact)
        let plain = measures.filter { $0.percent == nil }
        if !plain.isEmpty || measures.isEmpty {
          let name = SQLName.quoted(fact.name + "_" + leg.rawValue)
          parts.append(Part(name: name, fact: fact, leg: leg, measures: plain))
        }
        for (index, measure) in measures.filter({ $0.percent != nil }).enumerated() {
          let name = SQLName.quoted("\(fact.name)_\(leg.rawValue)_percentile_\(index + 1)")
          parts.append(Part(name: name, fact: fact, leg: leg, measures: [measure]))
        }
      }
    }
    return parts
  }

  private func joinedItems(_ metric: PlannedMetric, parts: [Part]) -> [String] {
    func value(_ leg: Leg) -> String {
      Self.value(of: metric.formula) { reference($0, in: parts, leg: leg) }
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

  /// The value of a measure in the joined statement.
  private func reference(_ measure: PlannedMeasure, in parts: [Part], leg: Leg) -> String {
    guard let part = parts.first(where: { $0.leg == leg && $0.measures.contains(measure) }),
      let number = part.measures.firstIndex(of: measure)
    else { return "NULL" }
    let value = "\(part.name).value_\(number + 1)"
    let counts = measure.aggregate == .count || measure.aggregate == .countDistinct
    return windowed(counts ? "COALESCE(\(value), 0)" : value)
  }

  /// A value added up along the series.
  private func windowed(_ value: String) -> String {
    guard let window = frame.window, let grain = frame.grain else { return value }
    let others = groupDimensions().map { "all_keys.\(SQLName.quoted($0.name))" }
    let partition = others.isEmpty ? "" : "PARTITION BY \(others.joined(separator: ", ")) "
    let key = "all_keys.\(SQLName.quoted(grain.rawValue))"
    switch window {
    case .running: return "SUM(\(value)) OVER (\(partition)ORDER BY \(key) ROWS UNBOUNDED PRECEDING)"
    case .rollingSum, .rollingAverage:
      // Buckets are counted, not rows, so that a month without rows does not let an earlier one in.
      let function = if case .rollingSum = window { "SUM" } else { "AVG" }
      let order = "ORDER BY \(dialect.number(of: key, grain))"
      return "\(function)(\(value)) OVER (\(partition)\(order) RANGE BETWEEN \(window.reach) PRECEDING AND CURRENT ROW)"
    }
  }

  private static func value(of formula: PlannedMetric.Formula, _ measure: (PlannedMeasure) -> String) -> String {
    switch formula {
    case .measure(let one): return measure(one)
    case .ratio(let numerator, let denominator, let scale):
      let factor = scale == scale.rounded() ? "\(Int(scale)).0" : "\(scale)"
      return "\(factor) * \(bracketed(numerator, measure)) / NULLIF(\(value(of: denominator, measure)), 0)"
    case .difference(let one, let other):
      let sides = [one, other].map { side in
        side.isAdditive ? "COALESCE(\(value(of: side, measure)), 0)" : value(of: side, measure)
      }
      return "\(sides[0]) - \(sides[1])"
    }
  }

  private static func bracketed(_ formula: PlannedMetric.Formula, _ measure: (PlannedMeasure) -> String) -> String {
    if case .difference = formula { "(\(value(of: formula, measure)))" } else { value(of: formula, measure) }
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
