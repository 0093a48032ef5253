import SQLGate
import SQLSyntax
import SQLiteKit

/// All names that a statement could read from, the hidden ones too.
struct SQLiteCatalogue: Hashable, Sendable {
  /// The columns of each table and view, by name; all in small letters.
  let columns: [String: Set<String>]
  /// The names under which SQLite makes tables by itself, in small letters.
  let modules: Set<String>

  /// Reads the catalogue of a connection.
  ///
  /// A view that cannot be read, for instance since its table is gone, has no columns here.
  init(of session: borrowing SQLiteSession) throws(SQLiteFailure) {
    let names = try session.query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").rows
    var columns: [String: Set<String>] = [:]
    for name in names.compactMap({ $0.first?.string }) {
      let found = (try? session.columns(of: name)) ?? []
      columns[name.asciiLowercased] = Set(found.map(\.name.asciiLowercased))
    }
    self.columns = columns
    let modules = try session.query("SELECT name FROM pragma_module_list").rows
    self.modules = Set(modules.compactMap { $0.first?.string?.asciiLowercased })
  }

  /// Whether SQLite provides a table under this name by itself, such as `sqlite_schema` or `pragma_table_info`.
  func isBuiltIn(_ name: String) -> Bool {
    let name = name.asciiLowercased
    return modules.contains(name) || name.hasPrefix("sqlite_") || name.hasPrefix("pragma_")
  }

  /// Whether the name is that of a function in place of a table, and not of a table in the file.
  func isTableFunction(_ name: String) -> Bool {
    modules.contains(name.asciiLowercased) && columns[name.asciiLowercased] == nil
  }

  /// Whether a table, view or built-in table has this name; if not, it belongs to a part of the statement itself.
  func isRelation(_ name: String) -> Bool {
    columns[name.asciiLowercased] != nil || isBuiltIn(name)
  }
}
