import Testing

@testable import SQLSyntax

@Suite struct `PostgreSQL's SQL` {
  /// A statement and how it is written anew.
  static let examples = [
    (
      "select a, b as c from t where a = 1 and b like 'x%'",
      #"SELECT "a", "b" AS "c" FROM "t" WHERE ("a" = 1) AND ("b" LIKE 'x%')"#
    ),
    ("TABLE t", #"SELECT * FROM "t""#),
    ("select -3, - -2, -(4), -/* 9 */5, -0, 0, 99999999999, .5", #"SELECT -3, 2, -4, -5, 0, 0, 99999999999, .5"#),
    ("select 3 - -2", "SELECT 3 - (-2)"),
    (#"select 'it''s', E'a\\b', U&'\0041', $$x$$"#, #"SELECT 'it''s', E'a\\b', 'A', 'x'"#),
    (#"select "A b", c."d""e" from c"#, #"SELECT "A b", "c"."d""e" FROM "c""#),
    ("select count(*) filter (where a) from t", #"SELECT "count"(*) FILTER (WHERE "a") FROM "t""#),
    (
      "select sum(a) over (w rows between 2 preceding and current row exclude ties) from t window w as (order by b desc nulls last)",
      #"SELECT "sum"("a") OVER ("w" ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM "t" WINDOW "w" AS ( ORDER BY "b" DESC NULLS LAST)"#
    ),
    (
      "select extract(year from d), trim(x), a at time zone 'UTC'",
      #"SELECT "pg_catalog"."extract"('year', "d"), "pg_catalog"."btrim"("x"), "pg_catalog"."timezone"('UTC', "a")"#
    ),
    (
      "select a::int, '1 day'::interval",
      #"SELECT CAST("a" AS "pg_catalog"."int4"), CAST('1 day' AS "pg_catalog"."interval")"#
    ),
    (
      "select a between 1 and 2, a not in (1, 2), a is distinct from b",
      #"SELECT "a" BETWEEN 1 AND 2, "a" NOT IN (1, 2), "a" IS DISTINCT FROM "b""#
    ),
    (
      "select (select 1), exists (select 1), array(select 1), a = any (select 1)",
      #"SELECT (SELECT 1), EXISTS (SELECT 1), ARRAY(SELECT 1), "a" = ANY (SELECT 1)"#
    ),
    ("select 1 union all (select 2 limit 1) order by 1", "SELECT 1 UNION ALL (SELECT 2 LIMIT 1) ORDER BY 1"),
    (
      "with recursive a(x) as materialized (select 1) select * from a",
      #"WITH RECURSIVE "a"("x") AS MATERIALIZED (SELECT 1) SELECT * FROM "a""#
    ),
    (
      "select * from a left join b using (x), lateral (select 1) c",
      #"SELECT * FROM "a" LEFT JOIN "b" USING ("x"), LATERAL (SELECT 1) AS "c""#
    ),
    ("select a from t group by rollup (a, b), ()", #"SELECT "a" FROM "t" GROUP BY ROLLUP ("a", "b"), ()"#),
    ("select distinct on (a) a from t fetch first 2 rows with ties", nil),
    (
      "select case a when 1 then 'x' else 'y' end, coalesce(a, b), nullif(a, 0)",
      #"SELECT CASE "a" WHEN 1 THEN 'x' ELSE 'y' END, COALESCE("a", "b"), NULLIF("a", 0)"#
    ),
    ("select (array[1, 2])[1:2], x['a'], row(1), (1, 2)", #"SELECT (ARRAY[1, 2])[1:2], ("x")['a'], ROW(1), (1, 2)"#),
    ("select count(c.*) from c", #"SELECT "count"("c"."*") FROM "c""#),
    ("values (1, 'a'), (2, 'b') offset 1", "VALUES (1, 'a'), (2, 'b') OFFSET 1"),
    (
      "select a from generate_series(1, 3) with ordinality as g(a, n)",
      #"SELECT "a" FROM "generate_series"(1, 3) WITH ORDINALITY AS "g"("a", "n")"#
    ),
  ]

  @Test(arguments: examples.compactMap { text, printed in printed.map { (text, $0) } })
  func `is read into a tree and written anew`(_ text: String, _ printed: String) throws {
    #expect(try SQLParser.parse(text, dialect: .postgres).sql(for: .postgres) == printed)
  }

  @Test(arguments: examples.compactMap(\.1).filter { !$0.contains(#""*""#) })
  func `reads what it writes as the same tree`(_ printed: String) throws {
    #expect(try SQLParser.parse(printed, dialect: .postgres).sql(for: .postgres) == printed)
  }

  static let refused: [(String, SyntaxFault.Kind)] = [
    ("", .empty), ("  -- nothing", .empty), ("select", .empty), ("select 1; select 2", .multipleStatements),
    ("delete from t", .notAQuestion), ("select 1 into x", .notAQuestion), ("select 1 from t for update", .notAQuestion),
    ("with x as (delete from t returning 1) select 1", .notAQuestion), ("explain select 1", .notAQuestion),
    ("selec 1", .grammar), ("select 'open", .grammar), ("select 1\0", .grammar),
    ("select (a).b from t", .notAllowed), ("select * from only t", .notAllowed), ("select b'1'", .notAllowed),
    ("select current_user", .notAllowed), ("select * from t tablesample system (1)", .notAllowed),
    ("select xmlelement(name a)", .notAllowed), ("select a from t order by a using <", .notAllowed),
    ("select 1 operator(s.+) 2", .notAllowed), ("select * from (a join b on true) as j", .notAllowed),
  ]

  @Test(arguments: refused)
  func `is refused when it is no plain question`(_ text: String, _ kind: SyntaxFault.Kind) {
    let fault = #expect(throws: SyntaxFault.self) { try SQLParser.parse(text, dialect: .postgres) }
    #expect(fault?.kind == kind)
  }
}

/// Texts that exhaust the stack of a parser that calls itself, as long as a statement may be.
@Suite struct `Deep nesting` {
  static let forms: [(String, String, String)] = [
    ("1", "+1", ""), ("1", "||1", ""), ("", "NOT ", "1"), ("", "- ", "1"), ("", "(", "1"), ("", "(SELECT ", "1"),
    ("a", " UNION SELECT 1", ""), ("", "/*", ""), ("", "CASE WHEN ", "1"), ("", "coalesce(", "1"), ("", "ARRAY[", "1"),
    ("", "a.", "b"), ("1", "::int", ""), ("a", "[1]", ""), ("1", " COLLATE \"C\"", ""), ("1", " IS NULL", ""),
    ("1", " = 1", ""), ("1", " BETWEEN 1 AND 2", ""), ("(SELECT 1", " ORDER BY 1, (SELECT 1", ""), ("1", " AND 1", ""),
  ]

  @Test(arguments: forms, SQLDialect.allCases)
  func `is answered and does not end the process`(_ form: (String, String, String), _ dialect: SQLDialect) {
    for length in [3_000, 16_000] {
      let count = (length - 8 - form.0.utf8.count - form.2.utf8.count) / form.1.utf8.count
      let text = "SELECT " + form.0 + String(repeating: form.1, count: count) + form.2
      _ = try? SQLParser.parse(text, dialect: dialect)
    }
  }

  @Test(arguments: SQLDialect.allCases)
  func `is refused where brackets close again`(_ dialect: SQLDialect) {
    let levels = 400
    let text = String(repeating: "(SELECT ", count: levels) + "1" + String(repeating: ")", count: levels)
    let fault = #expect(throws: SyntaxFault.self) { try SQLParser.parse("SELECT \(text)", dialect: dialect) }
    #expect(fault?.kind == .tooDeep)
  }

  @Test(arguments: SQLDialect.allCases)
  func `is refused beyond the longest text`(_ dialect: SQLDialect) {
    let text = "SELECT '\(String(repeating: "x", count: SQLParser.maximumBytes))'"
    let fault = #expect(throws: SyntaxFault.self) { try SQLParser.parse(text, dialect: dialect) }
    #expect(fault?.kind == .tooLong)
  }
}
