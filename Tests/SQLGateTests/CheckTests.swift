import CoachVocabulary
import Testing

@testable import SQLGate

@Suite struct `Each check of the gate` {
  static let single = [
    CheckExample(),
    CheckExample(isEmpty: true, reason: .empty),
    CheckExample(isSingle: false, reason: .multipleStatements),
  ]

  @Test(arguments: single)
  func `lets one statement through`(_ example: CheckExample) {
    #expect(example.reason(of: SingleStatementCheck()) == example.reason)
  }

  static let questions = [
    CheckExample(sql: "SELECT 1"),
    CheckExample(sql: "/* why */ with x AS (SELECT 1) SELECT * FROM x"),
    CheckExample(sql: "VALUES (1)"),
    CheckExample(sql: "((SELECT 1) UNION SELECT 2) UNION SELECT 3"),
    CheckExample(sql: "EXPLAIN SELECT 1", isExplain: true, reason: .notASelect),
    CheckExample(sql: "EXPLAIN SELECT 1", reason: .notASelect),
    CheckExample(sql: "SELECT 1", isReadOnly: false, reason: .notASelect),
    CheckExample(
      sql: "WITH x AS (SELECT 1) SELECT 1",
      accesses: [.other(kind: "pragma", name: "x")],
      reason: .notASelect
    ),
    CheckExample(sql: "PRAGMA user_version", reason: .notASelect),
    CheckExample(sql: "'SELECT'", reason: .notASelect),
  ]

  @Test(arguments: questions)
  func `lets questions through and nothing else`(_ example: CheckExample) {
    #expect(example.reason(of: QuestionCheck()) == example.reason)
  }

  static let relations = [
    CheckExample(accesses: [.reads(relation: "SALES", column: "amount"), .reads(relation: "sales", column: nil)]),
    CheckExample(accesses: [.reads(relation: "sales", column: "ROWID")]),
    CheckExample(accesses: [.tableFunction(name: "json_each")]),
    CheckExample(accesses: [.reads(relation: "sales", column: "cost")], reason: .forbiddenColumn),
    CheckExample(accesses: [.reads(relation: "dealers", column: "amount")], reason: .forbiddenColumn),
    CheckExample(accesses: [.reads(relation: "vault", column: nil)], reason: .forbiddenRelation),
    CheckExample(accesses: [.reads(relation: "vault", column: "rowid")], reason: .forbiddenRelation),
    CheckExample(accesses: [.reads(relation: "sqlite_schema", column: "sql")], reason: .forbiddenRelation),
    CheckExample(accesses: [.reads(relation: "\u{212A}", column: nil)], reason: .forbiddenRelation),
    CheckExample(accesses: [.tableFunction(name: "pragma_table_info")], reason: .forbiddenRelation),
  ]

  @Test(arguments: relations)
  func `keeps reading to the policy's tables and columns`(_ example: CheckExample) {
    #expect(example.reason(of: RelationCheck()) == example.reason)
  }

  static let joins = [
    CheckExample(accesses: [.mayRead(relation: "Dealers", column: "ID"), .mayRead(relation: "dealers", column: nil)]),
    CheckExample(accesses: [.mayRead(relation: "dealers", column: "secret")], reason: .unsafeJoin),
    CheckExample(accesses: [.mayRead(relation: "vault", column: nil)], reason: .unsafeJoin),
  ]

  @Test(arguments: joins)
  func `refuses joins that could touch what is hidden`(_ example: CheckExample) {
    #expect(example.reason(of: JoinCheck()) == example.reason)
  }

  @Test func `refuses recursion when the policy does not allow it`() {
    let example = CheckExample(accesses: [.recursion])
    var policy = shop
    #expect(example.reason(of: RecursionCheck()) == nil)
    policy.allowsRecursion = false
    #expect(example.reason(of: RecursionCheck(), under: policy) == .recursion)
  }

  static let functions = [
    CheckExample(accesses: [.function(name: "SUM"), .function(name: "strftime"), .function(name: "->>")]),
    CheckExample(accesses: [.function(name: "sum"), .function(name: "randomblob")], reason: .forbiddenFunction),
    CheckExample(accesses: [.function(name: "zeroblob")], reason: .forbiddenFunction),
    CheckExample(accesses: [.function(name: "load_extension")], reason: .forbiddenFunction),
    CheckExample(accesses: [.function(name: "readfile")], reason: .forbiddenFunction),
    CheckExample(accesses: [.function(name: "fts3_tokenizer")], reason: .forbiddenFunction),
  ]

  @Test(arguments: functions)
  func `lets only known functions be called`(_ example: CheckExample) {
    #expect(example.reason(of: FunctionCheck()) == example.reason)
  }

  static func formatted(_ sql: String, _ reason: Refusal.Reason? = nil) -> CheckExample {
    CheckExample(sql: sql, accesses: [.function(name: "format")], reason: reason)
  }

  static let formats = [
    formatted("SELECT format('%.2f %5d %% %,d %-12s', 1, 2, 3, 'x')"),
    formatted("SELECT PRINTF ( /* narrow */ '%999d', 1)"),
    formatted("SELECT format('no field * here 123456')"),
    formatted("SELECT format('100%')"),
    formatted("SELECT printf('%1000d', 1)", .unsafeFormat),
    formatted("SELECT printf('%.1000f', 1)", .unsafeFormat),
    formatted("SELECT printf('%*d', 9, 1)", .unsafeFormat),
    formatted("SELECT printf('%,.*f', 9, 1)", .unsafeFormat),
    formatted("SELECT printf('%d ' || '%9999d', 1)", .unsafeFormat),
    formatted("SELECT \"printf\"(x, 1)", .unsafeFormat),
    formatted("SELECT [format](?, 1)", .unsafeFormat),
    formatted("SELECT printf()", .unsafeFormat),
    formatted("SELECT printf('%d', 1), printf('%9999d', 1)", .unsafeFormat),
    formatted("SELECT total FROM a_view", .unsafeFormat),
  ]

  @Test(arguments: formats)
  func `lets only narrow literal formats through`(_ example: CheckExample) {
    #expect(example.reason(of: FormatCheck()) == example.reason)
  }

  static let parameters = [
    CheckExample(parameterCount: 0),
    CheckExample(parameterCount: 2, parameters: [1, "a"]),
    CheckExample(parameterCount: 1, reason: .parameterCount),
    CheckExample(parameterCount: 0, parameters: [1], reason: .parameterCount),
  ]

  @Test(arguments: parameters)
  func `wants a value for each parameter`(_ example: CheckExample) {
    #expect(example.reason(of: ParameterCheck()) == example.reason)
  }
}
