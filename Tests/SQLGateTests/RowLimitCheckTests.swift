import Testing

@testable import SQLGate

@Suite struct `The row limit` {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    /// The text to run, or nothing when it stays as it is.
    let limited: String?
    var testDescription: String { sql }
  }

  static func wrapped(_ sql: String, inside: String? = nil) -> Example {
    Example(sql: sql, limited: "SELECT * FROM (\(inside ?? sql)) AS limited LIMIT 101")
  }

  static let examples = [
    wrapped("SELECT 1"),
    wrapped("SELECT 1;", inside: "SELECT 1"),
    wrapped("-- first\nSELECT 1 ; -- last", inside: "SELECT 1"),
    wrapped("SELECT 1 /* open", inside: "SELECT 1"),
    wrapped("SELECT 1 --", inside: "SELECT 1"),
    wrapped("SELECT 'a;' ;;", inside: "SELECT 'a;'"),
    wrapped("SELECT a FROM t LIMIT 101"),
    wrapped("SELECT a FROM t LIMIT -1"),
    wrapped("SELECT a FROM t LIMIT 5 + 5"),
    wrapped("SELECT a FROM t LIMIT (5)"),
    wrapped("SELECT a FROM t LIMIT ?"),
    wrapped("SELECT a FROM t LIMIT 0x5"),
    wrapped("SELECT a FROM t LIMIT 5, 1000"),
    wrapped("SELECT a FROM t LIMIT 99999999999999999999"),
    wrapped("SELECT a FROM (SELECT a FROM t LIMIT 5)"),
    wrapped("SELECT (SELECT a FROM t LIMIT 1) FROM t"),
    wrapped("SELECT 'LIMIT 5', \"limit\" FROM t -- LIMIT 5", inside: "SELECT 'LIMIT 5', \"limit\" FROM t"),
    wrapped("WITH x AS (SELECT 1 LIMIT 1) SELECT * FROM x"),
    Example(sql: "SELECT a FROM t LIMIT 100", limited: nil),
    Example(sql: "SELECT a FROM t ORDER BY a limit 5 offset 1000", limited: nil),
    Example(sql: "SELECT a FROM t LIMIT 1000, 5", limited: nil),
    Example(sql: "SELECT a FROM t LIMIT 5; -- done", limited: "SELECT a FROM t LIMIT 5"),
  ]

  @Test(arguments: examples)
  func `bounds every statement that does not clearly bound itself`(_ example: Example) {
    let statement = CheckedStatement(facts: StatementFacts(sql: example.sql), parameters: [])
    let result = RowLimitCheck().judge(statement, under: shop)
    guard let limited = example.limited else {
      #expect(result == .pass)
      return
    }
    guard case .narrow(let sql, because: _) = result else {
      Issue.record("not narrowed: \(result)")
      return
    }
    #expect(sql == limited)
  }
}
