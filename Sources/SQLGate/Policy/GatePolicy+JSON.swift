public import CoachVocabulary
public import SQLSyntax

/// What is wrong with a policy that is written as JSON.
public struct GatePolicyFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key and what is wrong with its value.
  public var description: String

  /// Says what is wrong.
  public init(description: String) { self.description = description }
}

extension TenantScope.Value {
  /// A number or a text.
  public init?(_ value: JSONValue) {
    switch value {
    case .int(let number): self = .number(number)
    case .string(let name): self = .name(name)
    default: return nil
    }
  }
}

extension GatePolicy {
  /// Reads a policy from JSON.
  ///
  /// `allowed_relations` has the readable columns of each table, in the table's own order. The other keys may be missing:
  /// `forbidden_columns` (by table, those that are there and hidden), `forbidden_relations` (a list of `name`,
  /// `schema.name` or `schema.*`), `tenant_column` and `caller_tenant` (a number or a text), `row_filters` (by table, a
  /// list of conditions in SQL), `masks` (by table and column, null or a text), `keys` (by table, the primary key's
  /// columns), `row_limit`.
  ///
  /// - Parameters:
  ///   - declaration: the policy.
  ///   - dialect: the engine.
  ///   - tenant: who asks; without it the policy's own `caller_tenant`.
  /// - Throws: ``GatePolicyFault`` naming the key.
  public init(
    declaration: JSONValue,
    dialect: SQLDialect,
    tenant: TenantScope.Value? = nil
  ) throws(GatePolicyFault) {
    let reader = PolicyReader(declaration)
    let columns = try reader.lists("allowed_relations")
    guard !columns.isEmpty else { throw GatePolicyFault(description: "'allowed_relations' names no relation") }
    let hidden = try reader.lists("forbidden_columns")
    let filters = try reader.lists("row_filters")
    let keys = try reader.lists("keys")
    let masks = try reader.masks()
    let relations = columns.sorted { $0.key < $1.key }.map { path, columns in
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      return GateRelation(
        schema: parts.count > 1 ? parts[0] : nil,
        name: parts.last ?? path,
        columns: columns,
        hiddenColumns: Set(hidden[path] ?? []),
        masks: masks[path] ?? [:],
        rowFilters: filters[path] ?? [],
        key: keys[path] ?? []
      )
    }
    let caller = tenant ?? declaration["caller_tenant"].flatMap { TenantScope.Value($0) }
    self.init(
      dialect: dialect,
      relations: relations,
      forbiddenRelations: Set(try reader.list("forbidden_relations")),
      tenant: try reader.text("tenant_column").map { TenantScope(column: $0, value: caller) },
      rowLimit: try reader.number("row_limit") ?? 10_000
    )
  }
}

/// Reads the parts of a policy.
private struct PolicyReader {
  private let declaration: JSONValue

  init(_ declaration: JSONValue) { self.declaration = declaration }

  /// A map of lists of texts; empty when it is missing.
  func lists(_ key: String) throws(GatePolicyFault) -> [String: [String]] {
    guard let value = declaration[key] else { return [:] }
    guard let map = value.objectValue else { throw fault(key, "an object of lists") }
    var lists: [String: [String]] = [:]
    for (name, value) in map { lists[name] = try texts(value, "\(key).\(name)") }
    return lists
  }

  func list(_ key: String) throws(GatePolicyFault) -> [String] {
    guard let value = declaration[key] else { return [] }
    return try texts(value, key)
  }

  func text(_ key: String) throws(GatePolicyFault) -> String? {
    guard let value = declaration[key] else { return nil }
    guard let text = value.stringValue else { throw fault(key, "a text") }
    return text
  }

  func number(_ key: String) throws(GatePolicyFault) -> Int? {
    guard let value = declaration[key] else { return nil }
    guard let number = value.intValue, number > 0 else { throw fault(key, "a number above 0") }
    return number
  }

  func masks() throws(GatePolicyFault) -> [String: [String: GateRelation.Mask]] {
    guard let value = declaration["masks"] else { return [:] }
    guard let map = value.objectValue else { throw fault("masks", "an object") }
    var masks: [String: [String: GateRelation.Mask]] = [:]
    for (relation, columns) in map {
      guard let columns = columns.objectValue else { throw fault("masks.\(relation)", "an object") }
      for (column, mask) in columns {
        switch mask {
        case .null: masks[relation, default: [:]][column] = .null
        case .string(let text): masks[relation, default: [:]][column] = .text(text)
        default: throw fault("masks.\(relation).\(column)", "null or a text")
        }
      }
    }
    return masks
  }

  private func texts(_ value: JSONValue, _ key: String) throws(GatePolicyFault) -> [String] {
    guard let values = value.arrayValue, values.allSatisfy({ $0.stringValue != nil }) else {
      throw fault(key, "a list of texts")
    }
    return values.compactMap(\.stringValue)
  }

  private func fault(_ key: String, _ wanted: String) -> GatePolicyFault {
    GatePolicyFault(description: "'\(key)' must be \(wanted)")
  }
}
