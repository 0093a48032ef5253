import SQLiteKit
import Testing

@Suite struct `The examination of a statement` {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    var actions: [SQLiteAction]?
    var denied: SQLiteAction?
    var isEmpty = false
    var isReadOnly = true
    var isExplain = false
    var hasMore = false
    var parameters = 0
    var columns: [String] = []

    var testDescription: String { sql }
  }

  private static func read(_ table: String, _ column: String, in accessor: String? = nil) -> SQLiteAction {
    .read(table: table, column: column, database: "main", accessor: accessor)
  }

  static let readings = [
    Example(sql: "SELECT 1 AS one", actions: [.select], columns: ["one"]),
    Example(sql: "SELECT text FROM note", actions: [.select, read("note", "text")], columns: ["text"]),
    Example(
      sql: "SELECT id FROM main.note",  // the row number is no stored column, so the presence of rows is asked for, too
      actions: [.select, read("note", "id"), read("note", "")],
      columns: ["id"]
    ),
    Example(
      sql: "SELECT count(*) FROM note",
      actions: [.select, .function(name: "count"), .read(table: "note", column: "", database: nil, accessor: nil)],
      columns: ["count(*)"]
    ),
    Example(
      sql: "SELECT upper(text) FROM note WHERE id = ?1 OR id = :other",
      actions: [.select, .function(name: "upper"), read("note", "text"), read("note", "id"), read("note", "id")],
      parameters: 2,
      columns: ["upper(text)"]
    ),
    Example(
      sql: "SELECT text FROM short",
      actions: [.select, read("note", "text", in: "short"), read("short", "text"), .select],
      columns: ["text"]
    ),
    Example(sql: "EXPLAIN QUERY PLAN SELECT 1", actions: [.select], isExplain: true),
    Example(sql: "SELECT 1; ; -- the end\n /* of it */ ;", actions: [.select], columns: ["1"]),
    Example(sql: "SELECT 1 AS one /* open", actions: [.select], columns: ["one"]),
    Example(sql: "SELECT 1; SELECT 2", actions: [.select], hasMore: true, columns: ["1"]),
    Example(sql: "SELECT 1; DROP TABLE note", actions: [.select], hasMore: true, columns: ["1"]),
    Example(sql: "SELECT 1; /* a */ -- b\n x", actions: [.select], hasMore: true, columns: ["1"]),
    Example(sql: "", actions: [], isEmpty: true, isReadOnly: false),
    Example(sql: " \n-- nothing\n/* at all */ ;", actions: [], isEmpty: true, isReadOnly: false),
    Example(sql: ";; SELECT 1 AS one", actions: [.select], columns: ["one"]),
    Example(
      sql: "SELECT value FROM json_each('[1]')",
      actions: [.select, read("json_each", "value")],
      columns: ["value"]
    ),
    Example(
      sql: "SELECT load_extension('x') AS x",
      actions: [.select, .function(name: "load_extension")],
      columns: ["x"]
    ),
  ]

  static let denials = [
    Example(sql: "INSERT INTO note VALUES (1, 'a')", denied: .insert(table: "note", database: "main")),
    Example(sql: "REPLACE INTO note VALUES (1, 'a')", denied: .insert(table: "note", database: "main")),
    Example(sql: "UPDATE note SET text = 'b'", denied: .update(table: "note", column: "text", database: "main")),
    Example(sql: "DELETE FROM note", denied: .delete(table: "note", database: "main")),
    Example(
      sql: "WITH old AS (SELECT id FROM note) DELETE FROM note WHERE id IN (SELECT id FROM old)",
      denied: .delete(table: "note", database: "main")
    ),
    Example(
      sql: "WITH x AS (SELECT 1) INSERT INTO note SELECT 1, 'a' FROM x RETURNING id",
      denied: .insert(table: "note", database: "main")
    ),
    Example(sql: "CREATE TABLE other (id)", denied: .insert(table: "sqlite_master", database: "main")),
    Example(
      sql: "CREATE TEMP TABLE other AS SELECT * FROM note",
      denied: .insert(table: "sqlite_temp_master", database: "temp")
    ),
    Example(sql: "CREATE VIEW other AS SELECT 1", denied: .insert(table: "sqlite_master", database: "main")),
    Example(sql: "DROP TABLE note", denied: .delete(table: "sqlite_master", database: "main")),
    Example(sql: "ALTER TABLE note RENAME TO other", denied: .alterTable(name: "note", database: "main")),
    Example(sql: "PRAGMA query_only = 0", denied: .pragma(name: "query_only", argument: "0", database: nil)),
    Example(
      sql: "PRAGMA main.table_info(note)",
      denied: .pragma(name: "table_info", argument: "note", database: "main")
    ),
    Example(sql: "ATTACH 'other.db' AS other", denied: .attach(file: "other.db")),
    Example(sql: "ATTACH 'a' || 'b' AS other", denied: .attach(file: nil)),
    Example(sql: "DETACH main", denied: .detach(database: "main")),
    Example(sql: "BEGIN", denied: .transaction(operation: "BEGIN")),
    Example(sql: "COMMIT", denied: .transaction(operation: "COMMIT")),
    Example(sql: "SAVEPOINT a", denied: .savepoint(operation: "BEGIN", name: "a")),
    Example(sql: "ANALYZE note", denied: .insert(table: "sqlite_master", database: "main")),
    Example(sql: "REINDEX note", denied: .reindex(name: "note_text")),
  ]

  private func examine(_ sql: String) throws(SQLiteFailure) -> SQLiteExamination {
    try SQLiteDatabase.inMemory(
      """
      CREATE TABLE note (id INTEGER PRIMARY KEY, text); CREATE INDEX note_text ON note (text);
      CREATE VIEW short AS SELECT text FROM note;
      """
    ).session.examine(sql)
  }

  @Test(arguments: readings)
  func `lists what a reading statement does`(_ example: Example) throws {
    let examination = try examine(example.sql)
    #expect(examination.actions == example.actions)
    #expect(examination.denied == nil)
    #expect(examination.isEmpty == example.isEmpty)
    #expect(examination.isReadOnly == example.isReadOnly)
    #expect(examination.isExplain == example.isExplain)
    #expect(examination.hasMoreStatements == example.hasMore)
    #expect(examination.parameterCount == example.parameters)
    if !example.isExplain { #expect(examination.columnNames == example.columns) }
    #expect(examination.columnCount == examination.columnNames.count)
  }

  @Test(arguments: denials)
  func `stops at what is more than reading`(_ example: Example) throws {
    let examination = try examine(example.sql)
    #expect(examination.denied == example.denied)
    #expect(examination.denied.map(examination.actions.contains) == true)
    #expect(!examination.isReadOnly)
    #expect(!examination.isEmpty)
  }

  @Test func `sees recursion`() throws {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 3"
    #expect(try examine(sql).actions.contains(.recursive))
  }

  @Test func `changes nothing`() throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (id); INSERT INTO note VALUES (1)")
    _ = try database.session.examine("DELETE FROM note")
    _ = try database.session.examine("PRAGMA foreign_keys = OFF")
    #expect(try database.query("SELECT count(*) FROM note").scalar == 1)
    #expect(try database.query("PRAGMA foreign_keys").scalar == 1)
    try database.execute("DELETE FROM note")  // the authorizer is gone
  }

  @Test(arguments: [
    ("SELEC 1", SQLiteFailure.Kind.syntax), ("SELECT x FROM note", .syntax), ("SELECT 1 FROM missing", .syntax),
    ("SELECT 'open", .syntax), ("SELECT 1\0; DROP TABLE note", .syntax),
    ("SELECT '" + String(repeating: "a", count: 100_000) + "'", .tooBig),
  ])
  func `refuses what it cannot understand`(sql: String, kind: SQLiteFailure.Kind) {
    #expect(thrown { () throws(SQLiteFailure) in try examine(sql) }?.kind == kind)
  }
}
