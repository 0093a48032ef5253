import CoachVocabulary

/// What happens to the groups of a statement: averages over them, conditions on them, their order.
extension QueryWriter {
  func averaged(
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
    var outer = "SELECT \(items.joined(separator: ", "))\nFROM (\(sql)) AS units"
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
  mutating func narrowed(_ sql: String, columns: [ResultColumn]) throws(CompileFailure) -> String {
    let tests = try groupTests(columns)
    var result = sql
    let names = columns.map { SQLName.quoted($0.name) }.joined(separator: ", ")
    if !tests.isEmpty {
      result = "SELECT \(names)\nFROM (\(result)) AS groups_all\nWHERE " + tests.joined(separator: " AND ")
    }
    if frame.limitsPerGroup, let limit = frame.limit {
      let keys = keyColumns(columns)
      let partition = keys.dropLast().map { SQLName.quoted($0.name) }.joined(separator: ", ")
      let rank = "ROW_NUMBER() OVER (PARTITION BY \(partition) ORDER BY \(orderTerms(columns).joined(separator: ", ")))"
      let first = frame.offset ?? 0
      let place = first == 0 ? "" : "rank_in_group > \(first) AND "
      result =
        "SELECT \(names)\nFROM (SELECT groups_ranked.*, \(rank) AS rank_in_group FROM (\(result)) AS groups_ranked)"
        + " AS groups_placed\nWHERE \(place)rank_in_group <= \(first + limit)"
    }
    return result
  }

  private mutating func groupTests(_ columns: [ResultColumn]) throws(CompileFailure) -> [String] {
    var tests: [String] = []
    for condition in frame.conditions {
      guard let column = metricColumn(condition.metric, columns) else { throw .unknownMember(condition.metric) }
      let limit = dialect.numeric(bind(.double(condition.value)))
      tests.append("\(SQLName.quoted(column.name)) \(condition.relation.rawValue) \(limit)")
    }
    if frame.share {
      for filter in frame.filters where frame.dimensions.contains(filter.dimension) {
        tests.append(condition(SQLName.quoted(filter.dimension), filter))
      }
    }
    if frame.countsGroups { tests += countTests(columns) }
    // The buckets before the period only fed the rolling window.
    if let window = frame.window, window.reach > 0, let grain = frame.grain, let start = frame.time?.range.start {
      let first = compiler.calendar.bucketText(grain, holding: start)
      tests.append("\(SQLName.quoted(grain.rawValue)) >= \(bind(.string(first)))")
    }
    return tests
  }

  /// A group that is counted has a name, and something in it.
  private func countTests(_ columns: [ResultColumn]) -> [String] {
    let keys = keyColumns(columns).map { "\(SQLName.quoted($0.name)) IS NOT NULL" }
    guard frame.conditions.isEmpty else { return keys }
    return keys + columns.filter { $0.role == .metric }.map { "\(SQLName.quoted($0.name)) <> 0" }
  }

  /// The column of a metric as the frame names it.
  private func metricColumn(_ key: String, _ columns: [ResultColumn]) -> ResultColumn? {
    guard let metric = plan.metrics.first(where: { $0.key == key }) else { return nil }
    return columns.first { $0.member == metric.name && $0.role == .metric }
  }

  // MARK: Order

  func orderTerms(_ columns: [ResultColumn]) -> [String] {
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

  func groupedOrderTerms(_ columns: [ResultColumn]) -> [String] {
    let leading = keyColumns(columns).dropLast().map { SQLName.quoted($0.name) }
    return leading + orderTerms(columns).filter { !leading.contains($0) }
  }

  private func defaultOrder(_ columns: [ResultColumn]) -> FrameOrder? {
    if columns.contains(where: { $0.role == .time }) { return FrameOrder(by: .time, descending: false) }
    guard let metric = plan.metrics.first else { return nil }
    return FrameOrder(by: .metric(metric.key), descending: true)
  }

  private func orderColumn(_ key: FrameOrder.Key, _ columns: [ResultColumn]) -> ResultColumn? {
    func column(_ name: String, _ role: ResultColumn.Role) -> ResultColumn? {
      let member = plan.metrics.first { $0.key == name }?.name ?? name
      return columns.first { $0.member == member && $0.role == role }
    }
    switch key {
    case .time: return columns.first { $0.role == .time }
    case .metric(let name): return column(name, .metric)
    case .change(let name): return column(name, .change)
    case .changePercent(let name): return column(name, .changePercent) ?? column(name, .change)
    }
  }

  // MARK: What is not there

  /// The values of the frame's dimension that have no row of the metric's fact.
  mutating func absent() throws(CompileFailure) -> CompiledQuery {
    guard let dimension = plan.dimensions.first, let home = compiler.model.dataset(dimension.dataset),
      let fact = plan.facts.first, plan.facts.count == 1
    else { throw .incompatible("nothing lists what has no rows") }
    guard home.name != fact.name else {
      throw .incompatible("only \(fact.label) themselves record \(dimension.label)")
    }
    let isName = home.labelColumn == dimension.column
    let key = isName ? home.primaryKey ?? dimension.column : dimension.column
    let name = SQLName.quoted(dimension.name)
    var targets: [(String, String)] = []
    var conditions: [String] = []
    for filter in frame.filters {
      guard let other = compiler.model.dimension(filter.dimension), compiler.reaches(other, from: home.name) else {
        continue
      }
      targets.append((other.dataset, other.label))
      conditions.append(condition(column(of: other, fact: home), filter))
    }
    let place = "\(SQLName.quoted(home.name)).\(SQLName.quoted(key))"
    let source = try factSource(fact, measures: uniqueMeasures(of: fact), leg: .current)
    let present = "SELECT \(place) \(source)"
    conditions.append("\(place) NOT IN (SELECT * FROM (\(present)) AS present WHERE \(SQLName.quoted(key)) IS NOT NULL)")
    conditions.append("\(column(of: dimension, fact: home)) IS NOT NULL")
    let joins = try joinClauses(from: home, to: targets)
    let distinct = isName && !frame.countsGroups ? "" : "DISTINCT "
    let sql = """
      SELECT \(distinct)\(column(of: dimension, fact: home)) AS \(name)
      FROM \(Self.source(home))\(joins)
      WHERE \(conditions.joined(separator: "\n  AND "))
      """
    return finished(sql, name: name)
  }

  private func finished(_ sql: String, name: String) -> CompiledQuery {
    let columns = groupKeys()
    if frame.countsGroups { return absentCount(sql, columns[0]) }
    var text = sql + "\nORDER BY \(name)"
    if let limit = frame.limit { text += "\nLIMIT \(limit)" }
    return CompiledQuery(
      sql: text,
      parameters: parameters,
      columns: columns,
      countSQL: frame.limit == nil ? nil : "SELECT COUNT(*) FROM (\(sql)) AS everything",
      interpretation: Interpretation(plan: plan, compiler: compiler).text
    )
  }

  private func absentCount(_ sql: String, _ key: ResultColumn) -> CompiledQuery {
    let name = "\(key.name)_count"
    return CompiledQuery(
      sql: "SELECT COUNT(*) AS \(SQLName.quoted(name))\nFROM (\(sql)) AS groups_missing",
      parameters: parameters,
      columns: [
        ResultColumn(
          name: name,
          label: "Number of \(key.label.lowercasedFirst) values",
          role: .metric,
          unit: nil,
          format: .number,
          member: name
        )
      ],
      countSQL: nil,
      interpretation: Interpretation(plan: plan, compiler: compiler).text
    )
  }
}
