import SQLSyntax
import Testing

@testable import SQLGate

@Suite struct `The row limit` {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    var dialect = SQLDialect.sqlite
    /// The text to run, or nothing when it stays as it is.
    let limited: String?
    var testDescription: String { sql }
  }

  static let examples = [
    Example(sql: "SELECT 1 AS a", limited: #"SELECT 1 AS "a" LIMIT 101"#),
    Example(sql: "SELECT 1 AS a ORDER BY 1;", limited: #"SELECT 1 AS "a" ORDER BY 1 LIMIT 101"#),
    Example(sql: "SELECT 1 AS a OFFSET 3", dialect: .postgres, limited: #"SELECT 1 AS "a" LIMIT 101 OFFSET 3"#),
    Example(
      sql: "SELECT 1 AS a LIMIT 102",
      limited: #"SELECT * FROM (SELECT 1 AS "a" LIMIT 102) AS "limited" LIMIT 101"#
    ),
    Example(
      sql: "SELECT 1 AS a LIMIT -1",
      limited: #"SELECT * FROM (SELECT 1 AS "a" LIMIT (-1)) AS "limited" LIMIT 101"#
    ),
    Example(
      sql: "SELECT 1 AS a LIMIT 5 + 5",
      limited: #"SELECT * FROM (SELECT 1 AS "a" LIMIT (5 + 5)) AS "limited" LIMIT 101"#
    ),
    Example(
      sql: "SELECT 1 AS a ORDER BY 1 FETCH FIRST 5 ROWS WITH TIES",
      dialect: .postgres,
      limited: #"SELECT * FROM (SELECT 1 AS "a" ORDER BY 1 FETCH FIRST (5) ROWS WITH TIES) AS "limited" LIMIT 101"#
    ),
    Example(sql: "VALUES (1)", limited: #"SELECT * FROM (VALUES (1)) AS "limited" LIMIT 101"#),
    Example(sql: "VALUES (1)", dialect: .postgres, limited: "VALUES (1) LIMIT 101"),
    Example(
      sql: "SELECT 1 AS a UNION VALUES (2)",
      limited: #"SELECT * FROM (SELECT 1 AS "a" UNION VALUES (2)) AS "limited" LIMIT 101"#
    ),
    Example(sql: "SELECT 1 AS a LIMIT 101", limited: nil),
    Example(sql: "SELECT 1 AS a ORDER BY a limit 5 offset 1000", limited: nil),
    Example(sql: "SELECT 1 AS a LIMIT 1000, 5", limited: nil),
    Example(sql: "SELECT 1 AS a LIMIT ALL", dialect: .postgres, limited: #"SELECT 1 AS "a" LIMIT 101"#),
  ]

  @Test(arguments: examples)
  func `bounds every statement that does not clearly bound itself`(_ example: Example) throws {
    let query = try SQLParser.parse(example.sql, dialect: example.dialect)
    let policy = GatePolicy(dialect: example.dialect, relations: [], rowLimit: 100)
    #expect(RowLimit(policy).applied(to: query)?.sql(for: example.dialect) == example.limited)
  }
}
