import SQLGate
import SQLSyntax

/// What joins by `USING` and `NATURAL` may read without SQLite's authorizer being asked.
///
/// SQLite compares the columns of such joins, and returns them from a `FULL JOIN`, but asks leave for at most one side.
/// So whatever relation the text could name counts as read.
struct UnreportedReads {
  let catalogue: SQLiteCatalogue

  /// The reads that a statement may make unseen; none without such a join.
  func accesses(in tokens: [SQLToken]) -> [Access] {
    let isNatural = tokens.contains { $0.isKeyword("NATURAL") }
    let joined = columnsJoinedByName(in: tokens)
    guard isNatural || !joined.isEmpty else { return [] }
    let names = Set(tokens.filter(\.canBeName).map(\.text.asciiLowercased)).filter(catalogue.isRelation).sorted()
    return names.flatMap { name in
      if catalogue.isTableFunction(name) { return [Access.mayRead(relation: name, column: nil)] }
      let columns = catalogue.columns[name] ?? []
      let read = isNatural ? columns : columns.intersection(joined)
      return [.mayRead(relation: name, column: nil)] + read.sorted().map { .mayRead(relation: name, column: $0) }
    }
  }

  /// The names in the brackets after each `USING`.
  private func columnsJoinedByName(in tokens: [SQLToken]) -> Set<String> {
    var names: Set<String> = []
    for index in tokens.indices where tokens[index].isKeyword("USING") {
      let list = tokens[(index + 1)...].prefix { !$0.isSymbol(")") }
      names.formUnion(list.filter(\.canBeName).map(\.text.asciiLowercased))
    }
    return names
  }
}
