import SQLSyntax

/// Bounds what a statement makes out of nothing: rows, texts, numbers and products of sources.
///
/// It works on the bound statement, where each column says which source it comes from, and carries a bound for each column
/// through subqueries and common table expressions. Tables count as ten thousand rows, so that what is refused is the
/// shape of a statement and not the size of the data; that is for the limits of the execution.
final class VolumeRule {
  let policy: GatePolicy
  let limits: GateLimits

  /// The queries looked at so far: recursions inside of recursions are looked at many times.
  private var looks = 0
  private static let mostLooks = 20_000

  /// What is known of a query's result.
  struct Volume {
    var rows: Double
    var columns: [(name: String, bound: Bound)]
    /// The rows that its own sources come to, before grouping and limits.
    var work = 1.0
    /// Whether the rows come from no table.
    var isGenerated = false
  }

  init(policy: GatePolicy) {
    self.policy = policy
    limits = policy.limits
  }

  static let name = "volume"
  static let tableRows = 10_000.0
  static let groupRows = 400.0
  static let elementRows = 100.0
  /// The most steps of a recursion whose bounds are followed one by one.
  static let followedSteps = 64.0

  func judge(_ query: SQLQuery) throws(Refusal) {
    _ = try volume(of: query, [:], nil)
  }

  func tooLarge(_ message: String, at offset: Int) -> Refusal {
    Refusal(.tooLarge, message, hint: "Use smaller numbers that are written out.", offset: offset)
  }
}

// MARK: - Queries

extension VolumeRule {
  typealias Tables = [String: Volume]

  func volume(of query: SQLQuery, _ tables: Tables, _ outer: VolumeScope?) throws(Refusal) -> Volume {
    looks += 1
    guard looks <= Self.mostLooks else { throw .tooComplex("Recursions stand inside of one another.") }
    var tables = tables
    for table in query.with?.tables ?? [] { tables[table.name] = try volume(of: table, tables, outer) }
    var volume: Volume
    switch query.body {
    case .select(let select): volume = try self.volume(of: select, query.orderBy, tables, outer)
    case .values(let rows): volume = try values(rows, tables, outer)
    case .set(let operation, _, let left, let right):
      let first = try self.volume(of: left, tables, outer)
      let second = try self.volume(of: right, tables, outer)
      let columns = first.columns.enumerated().map { index, column in
        let other = index < second.columns.count ? second.columns[index].bound : column.bound
        return (name: column.name, bound: column.bound.or(other))
      }
      volume = Volume(rows: operation == .union ? first.rows + second.rows : first.rows, columns: columns)
    }
    let beside = VolumeScope(parent: outer)
    for value in [query.limit, query.offset].compactMap(\.self) { _ = try bound(of: value, tables, beside, rows: 1) }
    if let limit = query.limit?.wholeNumber, limit >= 0 { volume.rows = min(volume.rows, limit) }
    return volume
  }

  private func values(_ rows: [[SQLExpression]], _ tables: Tables, _ outer: VolumeScope?) throws(Refusal) -> Volume {
    let scope = VolumeScope(parent: outer)
    var columns: [(name: String, bound: Bound)] = []
    for row in rows {
      for (index, value) in row.enumerated() {
        let bound = try bound(of: value, tables, scope, rows: 1)
        if index < columns.count {
          columns[index].bound = columns[index].bound.or(bound)
        } else {
          columns.append(("column\(index + 1)", bound))
        }
      }
    }
    return Volume(rows: Double(rows.count), columns: columns, isGenerated: true)
  }

  private func volume(
    of select: SQLSelect,
    _ orderBy: [SQLSortKey],
    _ tables: Tables,
    _ outer: VolumeScope?
  ) throws(Refusal) -> Volume {
    let scope = VolumeScope(parent: outer)
    var product = SourceProduct(policy)
    for source in select.from { try add(source, tables, scope, to: &product) }
    for condition in select.filter?.conjuncts ?? [] { product.connect(by: condition) }
    let rows = product.rows
    guard rows <= limits.combinedRows, product.generatedRows <= limits.generatedProduct else {
      throw Refusal(
        .crossProduct,
        "The sources of the statement multiply to too many rows.",
        hint: "Join each table to the others by equality of keys (JOIN … ON a.id = b.a_id).",
        offset: select.from.first?.offset
      )
    }
    var columns: [(name: String, bound: Bound)] = []
    for item in select.items {
      switch item {
      case .star(let path, _): columns += product.columns(of: path.first)
      case .value(let value, let alias, let text):
        let name = alias ?? ResultNames.name(of: value, written: text, in: policy.dialect)
        columns.append((name, try bound(of: value, tables, scope, rows: rows)))
      }
    }
    var others = [select.filter, select.having].compactMap(\.self) + orderBy.map(\.expression)
    if case .on(let values) = select.distinct { others += values }
    for part in select.groupBy { others += part.values }
    for window in select.windows { others += window.window.values }
    for value in others { _ = try bound(of: value, tables, scope, rows: rows) }
    return Volume(rows: resultRows(select, rows), columns: columns, work: rows)
  }

  /// Rows after grouping: few groups, and one when there is only an aggregate.
  private func resultRows(_ select: SQLSelect, _ rows: Double) -> Double {
    if !select.groupBy.isEmpty || select.distinct != .no { return min(rows, Self.groupRows) }
    let isAggregate = select.items.contains { item in
      if case .value(let value, _, _) = item { value.hasAggregate } else { false }
    }
    return isAggregate ? 1 : rows
  }
}

// MARK: - Recursion

extension VolumeRule {
  private func volume(
    of table: SQLCommonTable,
    _ tables: Tables,
    _ outer: VolumeScope?
  ) throws(Refusal) -> Volume {
    guard table.query.names(table.name, in: .postgres), case .set(_, _, let first, _) = table.query.body else {
      return named(try volume(of: table.query, tables, outer), table.columns)
    }
    let end = try Recursion(table, policy).end()
    var known = tables
    for inner in table.query.with?.tables ?? [] { known[inner.name] = try volume(of: inner, known, outer) }
    let start = named(try volume(of: first, known, outer), table.columns)
    if end.steps <= Self.followedSteps {
      var result = start
      for _ in 0..<Int(end.steps.rounded(.up)) { result = try step(table, result, known, outer) }
      result.rows = end.rows
      return result
    }
    // How the bounds grow by one step and by the next one: as a sum they may, as a product they grow beyond all bounds.
    let one = try step(table, start, known, outer)
    let two = try step(table, one, known, outer)
    var result = start
    result.rows = end.rows
    for index in start.columns.indices {
      let bounds = [start, one, two].map { $0.columns[index].bound }
      result.columns[index].bound = Bound(
        length: Self.grown(bounds.map(\.length), steps: end.steps),
        magnitude: Self.grown(bounds.map(\.magnitude), steps: end.steps)
      )
    }
    return named(try step(table, result, known, outer, replacing: result), table.columns)
  }

  private static func grown(_ values: [Double], steps: Double) -> Double {
    let first = values[1] - values[0]
    guard values[2] - values[1] <= max(0, first) * 1.000_1 else { return .infinity }
    return max(values[0], values[0] + max(0, first) * steps)
  }

  /// The bounds after one step; the result also has those before it.
  private func step(
    _ table: SQLCommonTable,
    _ before: Volume,
    _ tables: Tables,
    _ outer: VolumeScope?,
    replacing fixed: Volume? = nil
  ) throws(Refusal) -> Volume {
    var known = tables
    known[table.name] = before
    guard case .set(_, _, _, let right) = table.query.body else { return before }
    let after = try volume(of: right, known, outer)
    if let fixed { return fixed }
    var result = before
    for index in before.columns.indices where index < after.columns.count {
      result.columns[index].bound = before.columns[index].bound.or(after.columns[index].bound)
    }
    return result
  }

  func named(_ volume: Volume, _ names: [String]) -> Volume {
    var volume = volume
    for (index, name) in names.enumerated() where index < volume.columns.count { volume.columns[index].name = name }
    return volume
  }
}

// MARK: - Sources

extension VolumeRule {
  private func add(
    _ source: SQLSource,
    _ tables: Tables,
    _ scope: VolumeScope,
    to product: inout SourceProduct
  ) throws(Refusal) {
    switch source {
    case .relation(let relation):
      let name = relation.alias?.name ?? relation.path.last ?? ""
      let known = relation.path.count == 1 ? tables[relation.path[0]] : nil
      add(named(known ?? table(relation), relation.alias?.columns ?? []), name, scope, to: &product)
    case .query(let query, let alias, let isLateral, _):
      let volume = named(try volume(of: query, tables, isLateral ? scope : scope.parent), alias?.columns ?? [])
      let name = alias?.name ?? " \(product.count)"
      add(volume, name, scope, to: &product)
      if isLateral { product.connect(name, toAllNamedIn: query) }
    case .function(let function):
      let volume = try rows(of: function, tables, scope)
      let name = function.alias?.name ?? function.call.name
      add(volume, name, scope, to: &product)
      product.connect(name, toAllNamedIn: function.call)
    case .join(let join):
      try add(join.left, tables, scope, to: &product)
      let before = product.count
      try add(join.right, tables, scope, to: &product)
      switch join.condition {
      case .none, .natural: break
      case .using(let columns): product.connectByName(columns, at: before)
      case .on(let condition):
        _ = try bound(of: condition, tables, scope, rows: 1)
        for part in condition.conjuncts { product.connect(by: part) }
      }
    }
  }

  private func add(_ volume: Volume, _ name: String, _ scope: VolumeScope, to product: inout SourceProduct) {
    scope.add(Dictionary(volume.columns.map { ($0.name, $0.bound) }) { $0.or($1) }, named: name)
    product.add(name, volume)
  }

  private func table(_ relation: SQLRelation) -> Volume {
    let columns = policy.relation(relation.path)?.columns ?? []
    return Volume(rows: Self.tableRows, columns: columns.map { ($0, .data) })
  }

  /// The rows that a function gives.
  private func rows(of function: SQLTableFunction, _ tables: Tables, _ scope: VolumeScope) throws(Refusal) -> Volume {
    let call = function.call
    var bounds: [Bound] = []
    for argument in call.arguments { bounds.append(try bound(of: argument.value, tables, scope, rows: 1)) }
    let name = function.alias?.name ?? call.name
    let known = SQLFunctions.tableFunctions(of: policy.dialect)[call.name.asciiLowercased] ?? []
    var names = function.columns.map(\.name)
    if names.isEmpty { names = known.isEmpty ? [name] : known }
    if function.withOrdinality { names.append("ordinality") }
    let isSeries = call.name == "generate_series"
    let rows = isSeries ? try seriesRows(call, bounds) : Self.elementRows
    let longest = bounds.map(\.length).max() ?? 0
    let magnitude = max(10_000, bounds.map(\.magnitude).max() ?? 0)
    guard isSeries || longest <= limits.textLength else {
      throw tooLarge("'\(call.name)' takes a text apart that is made too long.", at: call.offset)
    }
    var volume = Volume(
      rows: rows,
      columns: names.map { ($0, Bound(length: isSeries ? 64 : longest, magnitude: magnitude)) }
    )
    volume.isGenerated = isSeries
    return named(volume, function.alias?.columns ?? [])
  }

  /// The rows of a series, which must be seen to be few.
  func seriesRows(_ call: SQLCall, _ bounds: [Bound]) throws(Refusal) -> Double {
    let rows = SeriesLength(call, bounds).rows
    guard rows <= limits.generatedRows else {
      throw tooLarge("'\(call.name)' may give more than \(Int(limits.generatedRows)) rows.", at: call.offset)
    }
    return rows
  }
}

extension SQLSource {
  var offset: Int? {
    switch self {
    case .relation(let relation): relation.offset
    case .query(_, _, _, let offset): offset
    case .function(let function): function.call.offset
    case .join(let join): join.left.offset
    }
  }
}

extension SQLGrouping {
  fileprivate var values: [SQLExpression] {
    switch self {
    case .value(let value): [value]
    case .empty: []
    case .sets(_, let parts): parts.flatMap(\.values)
    }
  }
}

extension SQLWindow {
  var values: [SQLExpression] { partitionBy + orderBy.map(\.expression) }
}

extension SQLExpression {
  /// The parts of a condition that all have to be true.
  var conjuncts: [SQLExpression] {
    if case .and(let parts) = kind { parts.flatMap(\.conjuncts) } else { [self] }
  }

  /// A whole number that is written out.
  var wholeNumber: Double? {
    switch kind {
    case .literal(.integer(let digits)): Double(digits)
    case .prefix("-", let value): value.wholeNumber.map { -$0 }
    case .cast(let value, _): value.wholeNumber
    default: nil
    }
  }

  /// Whether an aggregate of this query stands in the value.
  var hasAggregate: Bool {
    if case .call(let call) = kind, call.over == nil, SQLFunctions.aggregates.contains(call.name.asciiLowercased) {
      // In SQLite, max and min of several values are plain functions.
      return !(["max", "min"].contains(call.name.asciiLowercased) && call.arguments.count > 1)
    }
    if case .call(let call) = kind { return call.arguments.contains { $0.value.hasAggregate } }
    return parts.contains(where: \.hasAggregate)
  }
}
