import SQLSyntax

/// Sees whether a common table expression that refers to itself comes to an end.
///
/// Two shapes do. A counter: the next row is the last one plus something, and a condition says how far it may go. A walk
/// along the rows of a table: each step joins a table by equality of a column that the step itself replaces, as in a
/// hierarchy of employees; it ends with the data, and with the time limit should they run in a circle.
struct Recursion {
  private let table: SQLCommonTable
  private let policy: GatePolicy
  private let first: SQLQuery
  private let step: SQLSelect
  private let isDistinct: Bool
  private let limit: Double?

  init(_ table: SQLCommonTable, _ policy: GatePolicy) throws(Refusal) {
    guard case .set(.union, let isAll, let first, let right) = table.query.body, case .select(let step) = right.body,
      right.with == nil, right.limit == nil, right.offset == nil
    else { throw .recursion(at: table.offset) }
    self.table = table
    self.policy = policy
    self.first = first
    self.step = step
    isDistinct = !isAll
    limit = table.query.limit?.wholeNumber.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// How deep hierarchies of data are thought to be.
  private static let levels = 30.0

  private var refusal: Refusal { .recursion(at: table.offset) }

  /// How far it goes, by a guess where the data decide.
  func end() throws(Refusal) -> (rows: Double, steps: Double) {
    guard step.groupBy.isEmpty, step.having == nil, step.distinct == .no, !first.mentions(table.name) else {
      throw refusal
    }
    let own = try ownAlias()
    let others = step.from.flatMap(\.leaves).count - 1
    let end = try counterEnd(own)
    if others == 0 {
      // SQLite stops a recursion at its own LIMIT.
      guard let rows = end ?? limit ?? (consumes(own) ? 5_000 : nil), rows <= policy.limits.recursionSteps else {
        throw refusal
      }
      return (rows, rows)
    }
    guard isJoined(own), end != nil || walks(own) else { throw refusal }
    return (VolumeRule.tableRows, min(end ?? Self.levels, Self.levels))
  }

  /// What the statement calls itself in the step: it must stand there once, and not inside of a subquery or outer join.
  private func ownAlias() throws(Refusal) -> String {
    let leaves = step.from.flatMap(\.leaves)
    let own = leaves.compactMap { $0.alias(of: table.name) }
    var mentions = 0
    step.visit { node in
      if case .source(.relation(let relation)) = node, relation.path == [table.name] { mentions += 1 }
    }
    guard own.count == 1, mentions == 1, step.from.allSatisfy(\.hasOnlyInnerJoins) else { throw refusal }
    return own[0]
  }

  private var conditions: [SQLExpression] {
    (step.filter?.conjuncts ?? []) + step.from.flatMap(\.conditions)
  }

  /// The step's value for each column of the table.
  private var values: [String: SQLExpression] {
    let names = firstNames
    var values: [String: SQLExpression] = [:]
    for (index, item) in step.items.enumerated() where index < names.count {
      if case .value(let value, _, _) = item { values[policy.dialect.key(names[index])] = value }
    }
    return values
  }

  private var firstNames: [String] {
    var query = first
    while case .set(_, _, let left, _) = query.body { query = left }
    let own: [String]
    switch query.body {
    case .select(let select):
      own = select.items.map { item in
        guard case .value(let value, let alias, let text) = item else { return "" }
        return alias ?? ResultNames.name(of: value, written: text, in: policy.dialect)
      }
    case .values(let rows): own = (rows.first ?? []).indices.map { "column\($0 + 1)" }
    case .set: own = []
    }
    return table.columns + own.dropFirst(table.columns.count)
  }
}

// MARK: - Counters

extension Recursion {
  /// How many steps a counter allows; nil when there is none.
  private func counterEnd(_ own: String) throws(Refusal) -> Double? {
    for condition in conditions {
      guard let (counter, bound, isUpper) = condition.comparison(withColumnOf: own) else { continue }
      guard let value = values[policy.dialect.key(counter)], let stride = value.stride(of: counter, in: own),
        stride.isRising == isUpper
      else { continue }
      guard let end = bound.number, stride.size > 0 else { return 5_000 }  // a date, or a number that the data give
      guard abs(end) / stride.size <= policy.limits.recursionSteps else { throw refusal }
      return abs(end) / stride.size + 1
    }
    return nil
  }
}

extension SQLExpression {
  /// A comparison of a column of a source with a bound: the column, the bound and whether it is an upper one.
  fileprivate func comparison(withColumnOf source: String) -> (String, SQLExpression, isUpper: Bool)? {
    switch kind {
    case .binary(let name, let left, let right):
      guard ["<", "<=", ">", ">="].contains(name) else { return nil }
      if let column = left.counter(of: source), !right.names(source) { return (column, right, name.hasPrefix("<")) }
      if let column = right.counter(of: source), !left.names(source) { return (column, left, name.hasPrefix(">")) }
      return nil
    case .between(let value, _, let high, isNegated: false, isSymmetric: false):
      guard let column = value.counter(of: source), !high.names(source) else { return nil }
      return (column, high, true)
    default: return nil
    }
  }

  /// The column of a source that a value follows: itself, with another type, or moved by a constant.
  fileprivate func counter(of source: String) -> String? {
    switch kind {
    case .column(let path, _): return path.count == 2 && path[0] == source ? path[1] : nil
    case .cast(let value, _): return value.counter(of: source)
    case .binary("+", let value, let step), .binary("-", let value, let step):
      return step.isWrittenOut ? value.counter(of: source) : nil
    case .call(let call) where ["date", "datetime", "strftime", "julianday"].contains(call.name.asciiLowercased):
      return call.arguments.compactMap { $0.value.counter(of: source) }.first
    default: return nil
    }
  }

  fileprivate func names(_ source: String) -> Bool {
    var isNamed = false
    visit { node in
      if case .expression(let value) = node, case .column(let path, _) = value.kind, path.count == 2, path[0] == source
      {
        isNamed = true
      }
    }
    return isNamed
  }

  /// By how much a value is more than a column: a number, or a time of unknown length as 0.
  fileprivate func stride(of column: String, in source: String) -> (size: Double, isRising: Bool)? {
    switch kind {
    case .cast(let value, _): return value.stride(of: column, in: source)
    case .binary(let name, let left, let right):
      guard name == "+" || name == "-" else { return nil }
      if left.counter(of: source) == column, let step = right.step {
        return (step.size, step.isRising == (name == "+"))
      }
      if name == "+", right.counter(of: source) == column, let step = left.step { return step }
      return nil
    case .call(let call) where ["date", "datetime", "strftime"].contains(call.name.asciiLowercased):
      let values = call.arguments.map(\.value)
      guard values.contains(where: { $0.counter(of: source) == column }) else { return nil }
      return values.compactMap(\.modifier).first
    case .call(let call) where call.name == "date_trunc":
      return call.arguments.last?.value.stride(of: column, in: source)
    default: return nil
    }
  }

  /// A step of a counter: a number or an interval that is written out and not nothing.
  private var step: (size: Double, isRising: Bool)? {
    if let number, number != 0, number.isFinite { return (abs(number), number > 0) }
    guard isWrittenOut, let text = literalText else { return nil }
    return Self.isMoving(text) ? (0, !text.contains("-")) : nil
  }

  /// A modifier of SQLite's dates, such as `+1 day`.
  private var modifier: (size: Double, isRising: Bool)? {
    guard case .literal(.text(let text)) = kind, let sign = text.first, sign == "+" || sign == "-" || sign.isNumber,
      text.contains(" "), Self.isMoving(text)
    else { return nil }
    return (0, sign != "-")
  }

  /// Whether an interval has a digit that is not 0.
  private static func isMoving(_ text: String) -> Bool {
    text.utf8.contains { (0x31...0x39).contains($0) }
  }
}

// MARK: - Texts

extension Recursion {
  /// Whether each step cuts a text shorter until nothing is left of it, as when a list in a text is taken apart.
  private func consumes(_ own: String) -> Bool {
    conditions.contains { condition in
      guard case .binary("<>", let left, let right) = condition.kind, right.literalText == "",
        case .column(let path, _) = left.kind, path.count == 2, path[0] == own,
        let next = values[policy.dialect.key(path[1])], case .call(let call) = next.kind
      else { return false }
      return ["substr", "substring"].contains(call.name.asciiLowercased) && call.arguments.count == 2
        && call.arguments[0].value.counter(of: own) == path[1] && call.arguments[1].value.wholeNumber ?? 2 > 1
    }
  }
}

// MARK: - Walks

extension Recursion {
  /// Whether every other source is joined to this one by equality.
  private func isJoined(_ own: String) -> Bool {
    var product = SourceProduct(policy)
    for leaf in step.from.flatMap(\.leaves) {
      product.add(leaf.name ?? "", VolumeRule.Volume(rows: 2, columns: []))
    }
    for condition in conditions { product.connect(by: condition) }
    return product.rows <= 2
  }

  /// Whether the column that joins is replaced in each step by another column of the table that is joined, or no row comes
  /// twice.
  private func walks(_ own: String) -> Bool {
    let columns = step.items.compactMap { item in
      if case .value(let value, _, _) = item { value } else { nil }
    }
    if isDistinct, columns.allSatisfy(\.isColumn) { return true }
    return conditions.contains { condition in
      guard case .binary("=", let left, let right) = condition.kind else { return false }
      return replaces(left, right, own) || replaces(right, left, own)
    }
  }

  private func replaces(_ mine: SQLExpression, _ other: SQLExpression, _ own: String) -> Bool {
    guard case .column(let path, _) = mine.kind, path.count == 2, path[0] == own,
      case .column(let joined, _) = other.kind,
      let next = values[policy.dialect.key(path[1])], case .column(let replacing, _) = next.kind
    else { return false }
    return replacing.first != own && replacing != joined
  }
}

extension SQLExpression {
  fileprivate var isColumn: Bool {
    switch kind {
    case .column, .literal: true
    case .cast(let value, _): value.isColumn
    default: false
    }
  }
}

extension SQLQuery {
  func mentions(_ name: String) -> Bool { names(name, in: .postgres) }
}

extension SQLSource {
  /// The sources that are joined, from left to right.
  var leaves: [SQLSource] {
    if case .join(let join) = self { join.left.leaves + join.right.leaves } else { [self] }
  }

  /// What the source is called, when it is the one of this name.
  fileprivate func alias(of name: String) -> String? {
    guard case .relation(let relation) = self, relation.path == [name] else { return nil }
    return relation.alias?.name ?? name
  }

  fileprivate var name: String? {
    switch self {
    case .relation(let relation): relation.alias?.name ?? relation.path.last
    case .query(_, let alias, _, _): alias?.name
    case .function(let function): function.alias?.name ?? function.call.name
    case .join: nil
    }
  }

  fileprivate var hasOnlyInnerJoins: Bool {
    guard case .join(let join) = self else { return true }
    return [.inner, .cross].contains(join.kind) && join.left.hasOnlyInnerJoins && join.right.hasOnlyInnerJoins
  }

  /// The conditions of its joins.
  fileprivate var conditions: [SQLExpression] {
    guard case .join(let join) = self else { return [] }
    let own = if case .on(let condition) = join.condition { condition.conjuncts } else { [SQLExpression]() }
    return join.left.conditions + join.right.conditions + own
  }
}
