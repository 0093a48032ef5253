import SQLSyntax

/// A source as the names of a statement see it.
struct BoundSource {
  /// What it is called in the statement, as it is printed; a subquery of SQLite's may have no name.
  var name: String?
  /// The schema and name of the relation, when columns may be named by them as well.
  var path: [String] = []
  /// The columns in order.
  var columns: [String]
  /// The relation when it is one of the policy.
  var relation: GateRelation?
  /// Whether the relation stands there as it is, with SQLite's numbers of rows.
  var hasRowNumbers = false
}

/// What names mean at one place of a statement.
final class Scope {
  let parent: Scope?
  let dialect: SQLDialect
  private(set) var sources: [BoundSource] = []
  private var columnsBySource: [Set<String>] = []
  /// Columns that a join has made one of two.
  private(set) var merged: Set<String> = []
  /// Names of results, where they may be used instead of columns.
  var results: Set<String> = []

  init(parent: Scope?, dialect: SQLDialect) {
    self.parent = parent
    self.dialect = dialect
  }

  func add(_ sources: [BoundSource]) {
    self.sources += sources
    columnsBySource += sources.map { Set($0.columns.map(dialect.key)) }
  }

  func merge(_ columns: some Sequence<String>) { merged.formUnion(columns.map(dialect.key)) }

  /// The sources with a column of this name.
  func sources(withColumn name: String) -> [BoundSource] {
    let key = dialect.key(name)
    return sources.indices.filter { has(key, at: $0) }.map { sources[$0] }
  }

  /// The sources of a name; with a schema only those that have not been given another name.
  func sources(named path: [String]) -> [BoundSource] {
    let keys = path.map(dialect.key)
    return sources.filter { source in
      keys.count == 1 ? source.name.map(dialect.key) == keys[0] : source.path.map(dialect.key) == keys
    }
  }

  /// A column of a source as it is spelled there.
  func column(_ name: String, of source: BoundSource) -> String? {
    let key = dialect.key(name)
    if let column = source.columns.first(where: { dialect.key($0) == key }) { return column }
    return source.hasRowNumbers && Self.rowNumbers.contains(key) ? key : nil
  }

  private func has(_ key: String, at index: Int) -> Bool {
    columnsBySource[index].contains(key) || sources[index].hasRowNumbers && Self.rowNumbers.contains(key)
  }

  private static let rowNumbers: Set<String> = ["rowid", "oid", "_rowid_"]
}

/// The common table expressions that can be named at one place.
struct CommonTables {
  struct Entry {
    /// The name under which it is printed, which no relation has.
    var name: String
    /// Its columns in order.
    var columns: [String]
    /// How many sources the engine looks at for it.
    var weight: Int
  }

  private let dialect: SQLDialect
  private var entries: [String: Entry] = [:]

  init(_ dialect: SQLDialect) { self.dialect = dialect }

  subscript(name: String) -> Entry? {
    get { entries[dialect.key(name)] }
    set { entries[dialect.key(name)] = newValue }
  }
}
