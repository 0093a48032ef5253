import SQLiteKit
import Testing

@Suite struct `A SQLite database` {
  private static let values: [SQLiteValue] = [
    nil, 0, -1, .integer(.max), .integer(.min), 0.1, .real(-.infinity), "", "Grüße 👋", "a\0b", .blob([]),
    .blob([0, 255, 1]),
  ]

  @Test(arguments: values)
  func `gives back the value it was given`(value: SQLiteValue) throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (value)")
    try database.execute("INSERT INTO note VALUES (?)", [value])
    #expect(try database.query("SELECT value FROM note") == SQLiteRows(columns: ["value"], rows: [[value]]))
  }

  @Test func `stores a NaN as null`() throws {
    #expect(try SQLiteDatabase.inMemory().query("SELECT ?", [.real(.nan)]).scalar == .null)
  }

  @Test func `tells the row number and how many rows changed`() throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (id INTEGER PRIMARY KEY, text)")
    try database.transaction { session in
      try session.execute("INSERT INTO note (id, text) VALUES (?, ?), (8, 'b')", [7, "a"])
      #expect(session.lastInsertRowID == 8)
      try session.execute("UPDATE note SET text = 'c'")
      #expect(session.changes == 2)
    }
  }

  @Test func `keeps all of a transaction or nothing`() throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (id INTEGER PRIMARY KEY)")
    let failure = thrown { () throws(SQLiteFailure) in
      try database.transaction { session throws(SQLiteFailure) in
        try session.execute("INSERT INTO note VALUES (1)")
        try session.execute("INSERT INTO note VALUES (1)")
      }
    }
    #expect(failure?.kind == .constraint(.primaryKey))
    #expect(try database.query("SELECT count(*) FROM note").scalar == 0)
    try database.transaction { session in try session.execute("INSERT INTO note VALUES (2)") }
    #expect(try database.query("SELECT id FROM note").scalar == 2)
  }

  @Test func `rolls back on an error of the caller's own`() throws {
    struct Refusal: Error {}
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (id)")
    #expect(throws: Refusal.self) {
      try database.transaction { session in
        try session.execute("INSERT INTO note VALUES (1)")
        throw Refusal()
      }
    }
    #expect(try database.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `ends a transaction whose commit fails`() throws {
    let database = try SQLiteDatabase.inMemory(
      """
      CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
      """
    )
    let failure = thrown { () throws(SQLiteFailure) in
      try database.transaction { session throws(SQLiteFailure) in try session.execute("INSERT INTO child VALUES (1)") }
    }
    #expect(failure?.kind == .constraint(.foreignKey))
    #expect(try database.query("SELECT count(*) FROM child").scalar == 0)
    try database.transaction { session in try session.execute("INSERT INTO parent VALUES (1)") }
  }

  @Test func `refuses to write while it reads`() throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (id)")
    let failure = thrown { () throws(SQLiteFailure) in
      try database.read { session throws(SQLiteFailure) in try session.execute("INSERT INTO note VALUES (1)") }
    }
    #expect(failure?.kind == .readOnly)
    #expect(try database.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `streams rows until it is told to stop`() throws {
    let database = try SQLiteDatabase.inMemory()
    var seen: [SQLiteValue] = []
    try database.session.forEachRow("SELECT value, 'x' FROM json_each('[1, 2, 3]')") { row throws(SQLiteFailure) in
      #expect(row.columnCount == 2)
      #expect(row.values[1] == "x")
      #expect(row[9] == .null)
      seen.append(row[0])
      return seen.count == 2 ? .stop : .next
    }
    #expect(seen == [1, 2])
  }

  @Test func `stops streaming at an error of the caller's own`() throws {
    struct Refusal: Error {}
    var seen = 0
    #expect(throws: Refusal.self) {
      try SQLiteDatabase.inMemory().session.forEachRow("SELECT value FROM json_each('[1, 2, 3]')") { _ in
        seen += 1
        throw Refusal()
      }
    }
    #expect(seen == 1)
  }

  @Test func `runs a query inside the same query`() throws {
    let database = try SQLiteDatabase.inMemory()
    let sql = "SELECT value FROM json_each('[1, 2, 3]')"
    var pairs = 0
    try database.session.forEachRow(sql) { _ throws(SQLiteFailure) in
      try database.session.forEachRow(sql) { _ throws(SQLiteFailure) in
        pairs += 1
        return .next
      }
      return .next
    }
    #expect(pairs == 9)
  }

  @Test func `writes many rows with one statement`() throws {
    let scratch = try Scratch()
    let database = try SQLiteDatabase(path: scratch.path(), configuration: .ours)
    try database.execute("CREATE TABLE sale (id INTEGER PRIMARY KEY, amount REAL, product TEXT)")
    try database.transaction { session in
      let rows = (1...20_000).lazy.map { number -> [SQLiteValue] in
        [.integer(Int64(number)), .real(Double(number) / 2), .text("product \(number % 10)")]
      }
      try session.execute("INSERT INTO sale VALUES (?, ?, ?)", forEach: rows)
    }
    let totals = try database.query("SELECT count(*), sum(amount), count(DISTINCT product) FROM sale")
    #expect(totals.rows == [[20_000, 100_005_000.0, 10]])
  }

  @Test(arguments: [
    ("SELECT 1; SELECT 2", SQLiteFailure.Kind.misuse), ("-- nothing", .misuse), ("", .misuse), ("SELECT ?", .misuse),
    ("SELEC 1", .syntax), ("SELECT * FROM missing", .syntax), ("SELECT \"missing\"", .syntax), ("SELECT 1\0", .syntax),
    ("INSERT INTO note VALUES (1, NULL)", .constraint(.notNull)),
    ("INSERT INTO note VALUES (9, 9)", .constraint(.check)),
    ("INSERT INTO note VALUES (NULL, 1), (NULL, 1)", .constraint(.unique)),
    ("SELECT abs(-9223372036854775808)", .other), ("SELECT json('{')", .other),
  ])
  func `names the kind of each failure`(sql: String, kind: SQLiteFailure.Kind) throws {
    let database = try SQLiteDatabase.inMemory(
      "CREATE TABLE note (id INTEGER PRIMARY KEY, place INTEGER UNIQUE NOT NULL CHECK (place < 5))"
    )
    let failure = thrown { () throws(SQLiteFailure) in try database.execute(sql) }
    #expect(failure?.kind == kind)
    #expect(failure?.sql == sql)
  }

  @Test func `says what is wrong, where, and how to mend it`() throws {
    let database = try SQLiteDatabase.inMemory()
    let failure = try #require(thrown { () throws(SQLiteFailure) in try database.query("SELECT missing") })
    #expect(failure.offset == 7)
    #expect(failure.extendedCode == 1)
    #expect(
      failure.description
        == "SQLite: no such column: missing (code 1) in: SELECT missing at byte 7. "
        + "Correct the statement; check the names against the schema."
    )
  }

  @Test func `keeps bound values out of its failures`() throws {
    let database = try SQLiteDatabase.inMemory("CREATE TABLE note (secret UNIQUE)")
    let insert = { () throws(SQLiteFailure) in try database.execute("INSERT INTO note VALUES (?)", ["hunter2"]) }
    try insert()
    let failure = try #require(thrown(by: insert))
    #expect(!"\(failure) \(String(reflecting: failure))".contains("hunter2"))
  }

  @Test func `runs all statements of a script and stops at the first failure`() throws {
    let database = try SQLiteDatabase.inMemory(
      "CREATE TABLE note (id);; /* ; */ INSERT INTO note VALUES (1); -- done\n INSERT INTO note VALUES (';'); "
    )
    #expect(try database.query("SELECT count(*) FROM note").scalar == 2)
    let failure = thrown { () throws(SQLiteFailure) in
      try database.session.executeScript("DELETE FROM note; oops; CREATE TABLE other (id)")
    }
    #expect(failure?.kind == .syntax)
    #expect(try database.session.tables().map(\.name) == ["note"])
    #expect(try database.query("SELECT count(*) FROM note").scalar == 0)
  }

  @Test func `keeps no more statements than its cache holds and stays right`() throws {
    let database = try SQLiteDatabase.inMemory()
    for number in 0..<300 {
      #expect(try database.query("SELECT \(number), ?", [1]).rows == [[.integer(Int64(number)), 1]])
    }
  }

  @Test func `describes its tables and their columns`() throws {
    let session = try SQLiteDatabase.inMemory(
      """
      CREATE TABLE sale (shop TEXT NOT NULL, day, amount DECIMAL(10,2), gross AS (amount * 2), PRIMARY KEY (day, shop));
      CREATE VIEW daily AS SELECT day, sum(amount) AS total FROM sale GROUP BY day;
      CREATE VIRTUAL TABLE search USING fts5(body);
      """
    ).session
    let tables = try session.tables()
    #expect(
      tables == [
        SQLiteTable(name: "daily", kind: .view), SQLiteTable(name: "sale", kind: .table),
        SQLiteTable(name: "search", kind: .virtual),
      ]
    )
    let columns = try session.columns(of: "sale")
    #expect(columns.map(\.name) == ["shop", "day", "amount", "gross"])
    #expect(columns.map(\.declaredType) == ["TEXT", "", "DECIMAL(10,2)", ""])
    #expect(columns.map(\.isNotNull) == [true, false, false, false])
    #expect(columns.map(\.primaryKeyPosition) == [2, 1, nil, nil])
    #expect(try session.columns(of: "daily").map(\.name) == ["day", "total"])
    #expect(try session.columns(of: "missing").isEmpty)
  }
}
