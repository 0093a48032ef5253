import Testing

@testable import SQLSyntax

@Suite struct `SQLite's SQL` {
  static let examples = [
    (
      "select a, b c from t where a=1 and b like 'x%' escape '!'",
      #"SELECT "a", "b" AS "c" FROM "t" WHERE ("a" = 1) AND ("b" LIKE 'x%' ESCAPE '!')"#
    ),
    ("select a+1, count( * ) from t", #"SELECT "a" + 1 AS "a+1", "count"(*) AS "count( * )" FROM "t""#),
    ("select 1 /* why */ from t", #"SELECT 1 AS "1 /* why */" FROM "t""#),
    (
      "select 1 or 2 and 3 = 4 < 5 | 6 + 7 * 8 || 9",
      #"SELECT 1 OR (2 AND (3 = (4 < (5 | (6 + (7 * (8 || 9))))))) AS "1 or 2 and 3 = 4 < 5 | 6 + 7 * 8 || 9""#
    ),
    ("select -a, - - 2, not a = b, ~1", nil),
    ("select a is null, a isnull, a not null, a notnull, a is not null from t", nil),
    (
      "select a is b as x, a is not b as y, a is not distinct from b as z",
      #"SELECT "a" IS "b" AS "x", "a" IS NOT "b" AS "y", "a" IS "b" AS "z""#
    ),
    ("select 'a' as x, \"b\", [c], `d`, x'0f' as y", #"SELECT 'a' AS "x", "b", "c", "d", x'0f' AS "y""#),
    (
      "select * from a, b left join c on a.x = c.x natural join d",
      #"SELECT * FROM "a" JOIN "b" LEFT JOIN "c" ON "a"."x" = "c"."x" NATURAL JOIN "d""#
    ),
    ("select * from (a join b using (x)), (c)", #"SELECT * FROM "a" JOIN "b" USING ("x") JOIN "c""#),
    (
      "select * from main.t as x indexed by i, json_each('[]') j",
      #"SELECT * FROM "main"."t" AS "x" JOIN "json_each"('[]') AS "j""#
    ),
    (
      "select 1 union select 2 union all select 3 order by 1 limit 2, 5",
      #"SELECT 1 AS "1" UNION SELECT 2 AS "2" UNION ALL SELECT 3 AS "3" ORDER BY 1 LIMIT 5 OFFSET 2"#
    ),
    (
      "with a(x) as not materialized (values (1), (2)) select x from a",
      #"WITH "a"("x") AS NOT MATERIALIZED (VALUES (1), (2)) SELECT "x" FROM "a""#
    ),
    ("select ?, ?3, ?, :a, :b, :a", #"SELECT ?1 AS "?", ?3 AS "?3", ?4 AS "?", ?5 AS ":a", ?6 AS ":b", ?5 AS ":a""#),
    ("select cast(a as decimal(10, 2)) as x from t", #"SELECT CAST("a" AS "decimal"(10, 2)) AS "x" FROM "t""#),
    (
      "select sum(a) filter (where b) over (partition by c order by d groups 2 preceding) as x from t",
      #"SELECT "sum"("a") FILTER (WHERE "b") OVER ( PARTITION BY "c" ORDER BY "d" GROUPS 2 PRECEDING) AS "x" FROM "t""#
    ),
    (
      "select (1, 2) in (values (1, 2)) as x, a in () as y, a between 1 and 2 and b as z from t",
      #"SELECT (1, 2) IN (VALUES (1, 2)) AS "x", "a" IN () AS "y", ("a" BETWEEN 1 AND 2) AND "b" AS "z" FROM "t""#
    ),
    (
      "select a -> 'x' ->> 'y' as v, a->>b as w from t",
      #"SELECT ("a" -> 'x') ->> 'y' AS "v", "a" ->> "b" AS "w" FROM "t""#
    ),
    ("select key, value, type, end1, desc from t", nil),
    (
      "select case a when 1 then 2 end as x, exists (select 1) as y, (select 1) as z",
      #"SELECT CASE "a" WHEN 1 THEN 2 END AS "x", EXISTS (SELECT 1 AS "1") AS "y", (SELECT 1 AS "1") AS "z""#
    ),
  ]

  @Test(arguments: examples.compactMap { text, printed in printed.map { (text, $0) } })
  func `is read into a tree and written anew`(_ text: String, _ printed: String) throws {
    #expect(try SQLParser.parse(text, dialect: .sqlite).sql(for: .sqlite) == printed)
  }

  @Test(arguments: examples.map(\.0))
  func `reads what it writes as the same SQL`(_ text: String) throws {
    let printed = try SQLParser.parse(text, dialect: .sqlite).sql(for: .sqlite)
    #expect(try SQLParser.parse(printed, dialect: .sqlite).sql(for: .sqlite) == printed)
  }

  static let refused: [(String, SyntaxFault.Kind)] = [
    ("", .empty), (";", .empty), ("/* SELECT 1", .empty), ("select 1; select 2", .multipleStatements),
    ("delete from t", .notAQuestion), ("pragma x", .notAQuestion), ("attach 'x' as y", .notAQuestion),
    ("explain select 1", .notAQuestion), ("with x as (delete from t) select 1", .notAQuestion),
    ("with x as (select 1) delete from t", .grammar), ("select 'open", .grammar), ("select \"open", .grammar),
    ("select [open", .grammar), ("select 1\0", .grammar), ("select", .grammar), ("select 1 from", .grammar),
    ("select 1abc", .grammar), ("select 0x", .grammar), ("select 1e", .grammar), ("select 1.2.3", .grammar),
    ("select x'0'", .grammar), ("select a b c from t", .grammar), ("select 1)", .grammar), ("select (1", .grammar),
    ("select case end", .grammar), ("select ?0", .grammar), ("select #1", .grammar),
    ("select 1 from t for update", .grammar), ("select 1 in t", .notAllowed),
    ("select a match 'x' from t", .notAllowed),
    ("select a regexp 'x' from t", .notAllowed), ("select raise(abort, 'x')", .notAllowed),
    ("select * from main.f(1)", .notAllowed), ("select * from (a join b) as j", .notAllowed),
  ]

  @Test(arguments: refused)
  func `is refused when it is no plain question`(_ text: String, _ kind: SyntaxFault.Kind) {
    let fault = #expect(throws: SyntaxFault.self) { try SQLParser.parse(text, dialect: .sqlite) }
    #expect(fault?.kind == kind)
  }
}
