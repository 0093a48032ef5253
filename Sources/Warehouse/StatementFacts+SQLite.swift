import SQLGate
import SQLSyntax
import SQLiteKit

extension StatementFacts {
  /// Says SQLite's examination in the words of the gate.
  init(_ examination: SQLiteExamination, of sql: String, catalogue: SQLiteCatalogue) {
    let reported = examination.actions.compactMap { Access($0, catalogue: catalogue) }
    let unreported = UnreportedReads(catalogue: catalogue).accesses(in: SQLToken.tokens(of: sql))
    self.init(
      sql: sql,
      accesses: reported + unreported.map { $0.asTableFunction(in: catalogue) },
      isSingle: !examination.hasMoreStatements,
      isReadOnly: examination.isReadOnly,
      isEmpty: examination.isEmpty,
      isExplain: examination.isExplain,
      parameterCount: examination.parameterCount,
      columnNames: examination.columnNames
    )
  }
}

extension Access {
  /// The action in the words of the gate; nothing for what needs no leave.
  fileprivate init?(_ action: SQLiteAction, catalogue: SQLiteCatalogue) {
    switch action {
    case .select: return nil
    case .function(let name): self = .function(name: name)
    case .recursive: self = .recursion
    case .read(let table, let column, let database, accessor: _):
      guard database ?? "main" == "main" else {
        self = .reads(relation: "\(database ?? "").\(table)", column: nil)
        return
      }
      if catalogue.isTableFunction(table) {
        self = .tableFunction(name: table)
      } else if column.isEmpty {
        guard catalogue.isRelation(table) else { return nil }  // a common table expression of the statement
        self = .reads(relation: table, column: nil)
      } else {
        self = .reads(relation: table, column: column)
      }
    default: self = Self.other(action)
    }
  }

  fileprivate func asTableFunction(in catalogue: SQLiteCatalogue) -> Access {
    guard case .mayRead(let relation, _) = self, catalogue.isTableFunction(relation) else { return self }
    return .tableFunction(name: relation)
  }

  private static func other(_ action: SQLiteAction) -> Access {
    switch action {
    case .attach: .other(kind: "attach", name: "")
    case .detach(let database): .other(kind: "detach", name: database)
    case .pragma(let name, argument: _, database: _): .other(kind: "pragma", name: name)
    case .insert(let table, database: _): .other(kind: "insert", name: table)
    case .update(let table, column: _, database: _): .other(kind: "update", name: table)
    case .delete(let table, database: _): .other(kind: "delete", name: table)
    case .create(_, let name, isTemporary: _): .other(kind: "create", name: name)
    case .drop(_, let name, isTemporary: _): .other(kind: "drop", name: name)
    case .alterTable(let name, database: _): .other(kind: "alter", name: name)
    case .reindex(let name): .other(kind: "reindex", name: name)
    case .analyze(let name): .other(kind: "analyze", name: name)
    case .transaction(let operation): .other(kind: "transaction", name: operation)
    case .savepoint(let operation, name: _): .other(kind: "savepoint", name: operation)
    default: .other(kind: "unknown action", name: "")
    }
  }
}
