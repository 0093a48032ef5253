import SQLSyntax

/// The sources of one `SELECT` and how they are joined, for a guess of how many rows they multiply to.
///
/// Sources joined by equality are as many rows as the largest of them; a condition of another kind, such as `a.x < b.x`,
/// takes a tenth away; sources that nothing connects multiply.
struct SourceProduct {
  private let dialect: SQLDialect
  /// A column whose value is the same in every row that a statement sees.
  private let constantColumn: String?
  private var sources: [(name: String, volume: VolumeRule.Volume)] = []
  /// The group of each source; sources of one group are joined by equality.
  private var groups: [Int] = []
  private var weakPairs: Set<[Int]> = []

  init(_ policy: GatePolicy) {
    dialect = policy.dialect
    constantColumn = policy.tenant.map { policy.dialect.key($0.column) }
  }

  var count: Int { sources.count }

  mutating func add(_ name: String, _ volume: VolumeRule.Volume) {
    groups.append(sources.count)
    sources.append((name, volume))
  }

  /// The columns of one source, or of all.
  func columns(of name: String?) -> [(name: String, bound: Bound)] {
    sources.filter { name == nil || $0.name == name }.flatMap(\.volume.columns)
  }

  /// The rows that the sources multiply to.
  var rows: Double {
    let members = Dictionary(grouping: sources.indices) { groups[$0] }
    let product = members.values.reduce(1.0) { product, members in
      product * max(1, members.map { sources[$0].volume.rows }.max() ?? 1)
    }
    let weak = Set(weakPairs.map { pair in Set(pair.map { groups[$0] }) }).filter { $0.count > 1 }
    return weak.reduce(product) { rows, _ in rows * 0.1 }
  }
}

extension SourceProduct {
  /// The rows that sources without a table multiply to, which are exact and no guess.
  var generatedRows: Double {
    let members = Dictionary(grouping: sources.indices) { groups[$0] }
    return members.values.reduce(1.0) { product, members in
      guard members.allSatisfy({ sources[$0].volume.isGenerated }) else { return product }
      return product * max(1, members.map { sources[$0].volume.rows }.max() ?? 1)
    }
  }
}

// MARK: - Joins

extension SourceProduct {
  /// Joins the sources that a condition compares.
  mutating func connect(by condition: SQLExpression) {
    let named = sourcesNamed(in: condition)
    guard named.count > 1 else { return }
    if let (left, right) = condition.comparedForEquality, left.isPlainKey, right.isPlainKey {
      let first = sourcesNamed(in: left)
      let second = sourcesNamed(in: right)
      if first.count == 1, second.count == 1, first != second, !isConstant(left), !isConstant(right) {
        return unite(first.union(second))
      }
    }
    let all = named.sorted()
    for (first, second) in zip(all, all.dropFirst()) { weakPairs.insert([first, second]) }
  }

  /// Joins the sources before a place with those after it by columns of the same names.
  mutating func connectByName(_ columns: [String], at place: Int) {
    guard columns.contains(where: { dialect.key($0) != constantColumn }) else { return }
    for right in place..<sources.count where has(columns, right) {
      for left in 0..<place where has(columns, left) { unite([left, right]) }
    }
  }

  private func has(_ columns: [String], _ source: Int) -> Bool {
    sources[source].volume.columns.contains { column in columns.contains { dialect.key($0) == dialect.key(column.name) }
    }
  }

  /// Joins a lateral query to the sources that it names.
  mutating func connect(_ name: String, toAllNamedIn query: SQLQuery) {
    var named: Set<Int> = []
    query.visit { node in
      if case .expression(let value) = node { named.formUnion(sourceNamed(by: value)) }
    }
    connect(name, to: named)
  }

  /// Joins a function to the sources that its arguments name.
  mutating func connect(_ name: String, toAllNamedIn call: SQLCall) {
    var named: Set<Int> = []
    call.visitParts { node in
      if case .expression(let value) = node { named.formUnion(sourceNamed(by: value)) }
    }
    connect(name, to: named)
  }

  private mutating func connect(_ name: String, to named: Set<Int>) {
    guard let own = sources.lastIndex(where: { $0.name == name }), !named.subtracting([own]).isEmpty else { return }
    unite(named.union([own]))
  }

  private mutating func unite(_ members: Set<Int>) {
    guard let first = members.min() else { return }
    let merged = Set(members.map { groups[$0] })
    for index in groups.indices where merged.contains(groups[index]) { groups[index] = groups[first] }
  }

  private func isConstant(_ value: SQLExpression) -> Bool {
    var isConstant = false
    value.visit { node in
      if case .expression(let part) = node, case .column(let path, _) = part.kind,
        path.last.map(dialect.key) == constantColumn
      {
        isConstant = true
      }
    }
    return isConstant
  }

  private func sourcesNamed(in value: SQLExpression) -> Set<Int> {
    var named: Set<Int> = []
    value.visit { node in
      if case .expression(let part) = node { named.formUnion(sourceNamed(by: part)) }
    }
    return named
  }

  private func sourceNamed(by value: SQLExpression) -> [Int] {
    guard case .column(let path, _) = value.kind, path.count == 2 else { return [] }
    return sources.lastIndex { $0.name == path[0] }.map { [$0] } ?? []
  }
}

extension SQLExpression {
  /// The two sides of an equality.
  fileprivate var comparedForEquality: (SQLExpression, SQLExpression)? {
    switch kind {
    case .binary("=", let left, let right): (left, right)
    case .distinct(let left, let right, let isNegated): isNegated ? (left, right) : nil
    default: nil
    }
  }

  /// Whether the value tells rows apart as its column does, and is not made constant on the way.
  var isPlainKey: Bool {
    switch kind {
    case .column: return true
    case .cast(let value, _), .collate(let value, _): return value.isPlainKey
    case .binary("+", let left, let right), .binary("-", let left, let right), .binary("||", let left, let right):
      return [left, right].filter(\.isPlainKey).count == 1 && [left, right].contains(where: \.isWrittenOut)
    case .binary("->>", let left, _), .binary("->", let left, _): return left.isPlainKey
    case .call(let call):
      let names: Set<String> = [
        "date_trunc", "date", "datetime", "strftime", "extract", "date_part", "to_char", "lower", "upper", "trim",
        "btrim",
        "coalesce", "ifnull", "substr", "substring", "left", "right", "julianday", "timezone", "split_part",
        "json_extract",
      ]
      return names.contains(call.name.asciiLowercased)
        && call.arguments.filter { $0.value.isPlainKey }.count == 1
        && call.arguments.allSatisfy { $0.value.isPlainKey || $0.value.isWrittenOut }
    default: return false
    }
  }

  /// Whether the value is a literal, perhaps with a type or sign.
  var isWrittenOut: Bool {
    switch kind {
    case .literal, .parameter: true
    case .cast(let value, _), .prefix(_, let value): value.isWrittenOut
    default: false
    }
  }
}
