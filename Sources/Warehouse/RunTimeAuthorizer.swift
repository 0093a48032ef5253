import SQLGate
import SQLSyntax
import SQLiteKit

/// Answers SQLite's questions while a gated statement is prepared and run.
///
/// It trusts neither the gate nor the facts of the examination, only the policy.
struct RunTimeAuthorizer: Sendable {
  let policy: GatePolicy
  let catalogue: SQLiteCatalogue

  /// Whether the statement may do this.
  func allows(_ action: SQLiteAction) -> Bool {
    switch action {
    case .select: true
    case .function(let name): policy.allows(function: name)
    case .recursive: policy.allowsRecursion
    case .read(let table, let column, let database, accessor: _):
      database ?? "main" == "main" && allowsReading(table, column)
    default: false
    }
  }

  /// Whether the joins in a text, of which SQLite does not ask, keep to the policy.
  func allowsJoins(in sql: String) -> Bool {
    UnreportedReads(catalogue: catalogue).accesses(in: SQLToken.tokens(of: sql)).allSatisfy { access in
      guard case .mayRead(let relation, let column) = access else { return false }
      if catalogue.isTableFunction(relation) { return policy.allows(tableFunction: relation) }
      return policy.allows(relation: relation, column: column)
    }
  }

  private func allowsReading(_ table: String, _ column: String) -> Bool {
    if catalogue.isTableFunction(table) { return policy.allows(tableFunction: table) }
    if column.isEmpty, !catalogue.isRelation(table) { return true }  // a common table expression of the statement
    return policy.allows(relation: table, column: column.isEmpty ? nil : column)
  }
}
