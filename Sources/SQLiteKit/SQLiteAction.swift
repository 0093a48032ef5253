import CSQLite

/// Something that SQLite asks leave for while it prepares a statement.
public enum SQLiteAction: Hashable, Sendable {
  /// A kind of object in the schema.
  public enum SchemaObject: Hashable, Sendable {
    /// An index on a table.
    case index
    /// A table.
    case table
    /// A trigger on a table or view.
    case trigger
    /// A stored query.
    case view
    /// A table that a module provides.
    case virtualTable
  }

  /// A `SELECT`, the outer one or one inside.
  case select
  /// A value is read. An empty column means that only the presence of rows counts, as in `count(*)`.
  ///
  /// `database` is `nil` for an empty column, unless the statement names the database. `accessor` is the view, trigger or common table expression that reads, `nil` for the statement itself.
  case read(table: String, column: String, database: String?, accessor: String?)
  /// A function is called.
  case function(name: String)
  /// A common table expression refers to itself.
  case recursive
  /// Another database file is attached; the file is unknown when it is computed.
  case attach(file: String?)
  /// An attached database is detached.
  case detach(database: String)
  /// A pragma is read or set.
  case pragma(name: String, argument: String?, database: String?)
  /// Rows are inserted.
  case insert(table: String, database: String?)
  /// A column is updated.
  case update(table: String, column: String, database: String?)
  /// Rows are deleted.
  case delete(table: String, database: String?)
  /// A schema object is created.
  case create(SchemaObject, name: String, isTemporary: Bool)
  /// A schema object is dropped.
  case drop(SchemaObject, name: String, isTemporary: Bool)
  /// A table is altered.
  case alterTable(name: String, database: String?)
  /// An index is built anew.
  case reindex(name: String)
  /// Statistics are collected.
  case analyze(name: String)
  /// A transaction begins or ends: `BEGIN`, `COMMIT` or `ROLLBACK`.
  case transaction(operation: String)
  /// A savepoint begins or ends: `BEGIN`, `RELEASE` or `ROLLBACK`.
  case savepoint(operation: String, name: String)
  /// Any other action, by SQLite's number for it.
  case other(code: Int)
}

extension SQLiteAction {
  /// Whether a statement can do this and still only read.
  public var isReading: Bool {
    switch self {
    case .select, .read, .function, .recursive: true
    default: false
    }
  }

  /// Makes an action of what SQLite hands to its authorizer.
  ///
  /// Which text means what for which code is listed at https://www.sqlite.org/c3ref/c_alter_table.html.
  init(code: Int32, _ first: String?, _ second: String?, database: String?, accessor: String?) {
    let name = first ?? ""
    self =
      switch code {
      case SQLITE_SELECT: .select
      case SQLITE_READ: .read(table: name, column: second ?? "", database: database, accessor: accessor)
      case SQLITE_FUNCTION: .function(name: second ?? "")
      case SQLITE_RECURSIVE: .recursive
      case SQLITE_ATTACH: .attach(file: first)
      case SQLITE_DETACH: .detach(database: name)
      case SQLITE_PRAGMA: .pragma(name: name, argument: second, database: database)
      case SQLITE_INSERT: .insert(table: name, database: database)
      case SQLITE_UPDATE: .update(table: name, column: second ?? "", database: database)
      case SQLITE_DELETE: .delete(table: name, database: database)
      case SQLITE_ALTER_TABLE: .alterTable(name: second ?? "", database: first)
      case SQLITE_REINDEX: .reindex(name: name)
      case SQLITE_ANALYZE: .analyze(name: name)
      case SQLITE_TRANSACTION: .transaction(operation: name)
      case SQLITE_SAVEPOINT: .savepoint(operation: name, name: second ?? "")
      default: Self.schemaChange(code: code, name: name) ?? .other(code: Int(code))
      }
  }

  private static func schemaChange(code: Int32, name: String) -> SQLiteAction? {
    switch code {
    case SQLITE_CREATE_INDEX: .create(.index, name: name, isTemporary: false)
    case SQLITE_CREATE_TABLE: .create(.table, name: name, isTemporary: false)
    case SQLITE_CREATE_TRIGGER: .create(.trigger, name: name, isTemporary: false)
    case SQLITE_CREATE_VIEW: .create(.view, name: name, isTemporary: false)
    case SQLITE_CREATE_VTABLE: .create(.virtualTable, name: name, isTemporary: false)
    case SQLITE_CREATE_TEMP_INDEX: .create(.index, name: name, isTemporary: true)
    case SQLITE_CREATE_TEMP_TABLE: .create(.table, name: name, isTemporary: true)
    case SQLITE_CREATE_TEMP_TRIGGER: .create(.trigger, name: name, isTemporary: true)
    case SQLITE_CREATE_TEMP_VIEW: .create(.view, name: name, isTemporary: true)
    case SQLITE_DROP_INDEX: .drop(.index, name: name, isTemporary: false)
    case SQLITE_DROP_TABLE: .drop(.table, name: name, isTemporary: false)
    case SQLITE_DROP_TRIGGER: .drop(.trigger, name: name, isTemporary: false)
    case SQLITE_DROP_VIEW: .drop(.view, name: name, isTemporary: false)
    case SQLITE_DROP_VTABLE: .drop(.virtualTable, name: name, isTemporary: false)
    case SQLITE_DROP_TEMP_INDEX: .drop(.index, name: name, isTemporary: true)
    case SQLITE_DROP_TEMP_TABLE: .drop(.table, name: name, isTemporary: true)
    case SQLITE_DROP_TEMP_TRIGGER: .drop(.trigger, name: name, isTemporary: true)
    case SQLITE_DROP_TEMP_VIEW: .drop(.view, name: name, isTemporary: true)
    default: nil
    }
  }
}
