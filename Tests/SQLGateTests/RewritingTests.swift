import CoachVocabulary
import SQLSyntax
import Testing

@testable import SQLGate

@Suite struct `Writing a statement anew` {
  private static func policy(_ dialect: SQLDialect, tenant: TenantScope.Value? = .number(7)) -> GatePolicy {
    GatePolicy(
      dialect: dialect,
      relations: [
        GateRelation(name: "t", columns: ["id", "owner", "x"], hiddenColumns: ["y"]),
        GateRelation(name: "open", columns: ["code"], isComplete: true),
        GateRelation(name: "shared", columns: ["code"]),
        GateRelation(
          name: "masked",
          columns: ["id", "name", "mail"],
          masks: ["name": .null, "mail": .text("it's hidden")]
        ),
        GateRelation(
          name: "filtered",
          columns: ["id"],
          rowFilters: ["kind <> 'draft' OR id < 3"],
          filterColumns: ["kind"]
        ),
        GateRelation(name: "broken", columns: ["id"], rowFilters: ["id = 1) OR (1 = 1; DROP TABLE t"]),
        GateRelation(schema: "stock", name: "item", columns: ["id", "owner"], key: ["id"]),
      ],
      tenant: TenantScope(column: "owner", value: tenant),
      rowLimit: 9
    )
  }

  private func rewritten(_ sql: String, _ policy: GatePolicy) async -> String {
    switch await SQLGate(policy: policy).decide(sql).verdict {
    case .pass(let gated): gated.sql
    case .repairable(let refusal), .forbidden(let refusal): refusal.reason.rawValue
    }
  }

  static let postgres: [(String, String)] = [
    (
      "SELECT x FROM t",
      #"SELECT "t"."x" FROM (SELECT "id", "owner", "x" FROM "public"."t" WHERE "owner" = 7) AS "t" LIMIT 10"#
    ),
    (
      "SELECT a.x FROM public.t a",
      #"SELECT "a"."x" FROM (SELECT "id", "owner", "x" FROM "public"."t" WHERE "owner" = 7) AS "a" LIMIT 10"#
    ),
    ("SELECT code FROM open", #"SELECT "open"."code" FROM "public"."open" AS "open" LIMIT 10"#),
    (
      "SELECT code FROM shared",
      #"SELECT "shared"."code" FROM (SELECT "code" FROM "public"."shared") AS "shared" LIMIT 10"#
    ),
    (
      "SELECT name FROM masked",
      #"SELECT "masked"."name" FROM (SELECT "id", NULL AS "name", CAST('it''s hidden' AS "pg_catalog"."text") AS "mail" FROM "public"."masked") AS "masked" LIMIT 10"#
    ),
    (
      "SELECT id FROM filtered",
      #"SELECT "filtered"."id" FROM (SELECT "id" FROM "public"."filtered" WHERE ("kind" <> 'draft') OR ("id" < 3)) AS "filtered" LIMIT 10"#
    ),
    (
      "SELECT id FROM stock.item",
      #"SELECT "item"."id" FROM (SELECT "id", "owner" FROM "stock"."item" WHERE "owner" = 7) AS "item" LIMIT 10"#
    ),
    (
      "SELECT id, owner FROM stock.item GROUP BY id",
      #"SELECT "item"."id", "item"."owner" FROM (SELECT "id", "owner" FROM "stock"."item" WHERE "owner" = 7) AS "item" GROUP BY "item"."id", "item"."owner" LIMIT 10"#
    ),
    // A name means the nearest thing of that name, and the engine cannot take it for anything else.
    (
      "WITH t AS (SELECT 1 AS z) SELECT z FROM t",
      #"WITH "cte_1_t" AS (SELECT 1 AS "z") SELECT "t"."z" FROM "cte_1_t" AS "t" LIMIT 10"#
    ),
    (
      "WITH t AS (SELECT x FROM t) SELECT x FROM t",
      #"WITH "cte_1_t" AS (SELECT "t"."x" FROM (SELECT "id", "owner", "x" FROM "public"."t" WHERE "owner" = 7) AS "t") SELECT "t"."x" FROM "cte_1_t" AS "t" LIMIT 10"#
    ),
    ("SELECT count(*) FROM open", #"SELECT "pg_catalog"."count"(*) FROM "public"."open" AS "open" LIMIT 10"#),
    (
      "SELECT code::text FROM open",
      #"SELECT CAST("open"."code" AS "pg_catalog"."text") FROM "public"."open" AS "open" LIMIT 10"#
    ),
    // A condition that can fail makes the filter a barrier.
    (
      "SELECT id FROM t WHERE x::int = 1",
      #"SELECT "t"."id" FROM (SELECT "id", "owner", "x" FROM "public"."t" WHERE "owner" = 7 OFFSET 0) AS "t" WHERE CAST("t"."x" AS "pg_catalog"."int4") = 1 LIMIT 10"#
    ),
    ("SELECT y FROM t", "forbiddenColumn"), ("SELECT * FROM t", "forbiddenColumn"),
    ("SELECT t FROM t", "forbiddenColumn"),
    ("SELECT id FROM broken", "unavailable"), ("SELECT id FROM item", "unknownRelation"),
    ("SELECT kind FROM filtered", "unknownColumn"), ("SELECT 1 FROM \"T\"", "unknownRelation"),
    ("SELECT 1 FROM db.public.t", "unknownRelation"), ("SELECT 1 FROM pg_temp.t", "forbiddenRelation"),
  ]

  @Test(arguments: postgres)
  func `puts the caller's part in place of each relation in PostgreSQL`(_ sql: String, _ expected: String) async {
    #expect(await rewritten(sql, Self.policy(.postgres)) == expected)
  }

  static let sqlite: [(String, String)] = [
    (
      "SELECT X FROM T",
      #"SELECT "t"."x" FROM (SELECT "id", "owner", "x" FROM "main"."t" WHERE "owner" = 7) AS "t" LIMIT 10"#
    ),
    (
      "SELECT [x] FROM 'main'.`t`",
      #"SELECT "t"."x" FROM (SELECT "id", "owner", "x" FROM "main"."t" WHERE "owner" = 7) AS "t" LIMIT 10"#
    ),
    ("SELECT code, rowid FROM open", #"SELECT "open"."code", "open"."rowid" FROM "main"."open" AS "open" LIMIT 10"#),
    (
      "SELECT name FROM masked",
      #"SELECT "masked"."name" FROM (SELECT "id", NULL AS "name", 'it''s hidden' AS "mail" FROM "main"."masked") AS "masked" LIMIT 10"#
    ),
    (
      "SELECT id FROM t WHERE json_extract(x, '$.a') = 1",
      #"SELECT "t"."id" FROM (SELECT "id", "owner", "x" FROM "main"."t" WHERE "owner" = 7 LIMIT -1 OFFSET 0) AS "t" WHERE "json_extract"("t"."x", '$.a') = 1 LIMIT 10"#
    ),
    (
      "SELECT count(*) n FROM (SELECT id FROM t) NATURAL JOIN masked",
      #"SELECT "count"(*) AS "n" FROM (SELECT "t"."id" FROM (SELECT "id", "owner", "x" FROM "main"."t" WHERE "owner" = 7) AS "t") JOIN (SELECT "id", NULL AS "name", 'it''s hidden' AS "mail" FROM "main"."masked") AS "masked" USING ("id") LIMIT 10"#
    ),
    ("SELECT rowid FROM t", "unknownColumn"), ("SELECT \"y\" FROM t", "forbiddenColumn"),
    ("SELECT 'T'.'Y' FROM t", "forbiddenColumn"), ("SELECT id FROM t NATURAL JOIN masked", "forbiddenColumn"),
    ("SELECT 1 FROM temp.t", "unknownRelation"),
    (
      "SELECT 1 FROM stock.item",
      #"SELECT 1 AS "1" FROM (SELECT "id", "owner" FROM "stock"."item" WHERE "owner" = 7) AS "item" LIMIT 10"#
    ),
  ]

  @Test(arguments: sqlite)
  func `puts the caller's part in place of each relation in SQLite`(_ sql: String, _ expected: String) async {
    #expect(await rewritten(sql, Self.policy(.sqlite)) == expected)
  }

  @Test(arguments: SQLDialect.allCases)
  func `shows nothing of a tenant's relations to nobody`(_ dialect: SQLDialect) async {
    #expect(await rewritten("SELECT id FROM t", Self.policy(dialect, tenant: nil)) == "noTenant")
    #expect(await rewritten("SELECT code FROM shared", Self.policy(dialect, tenant: nil)).contains("shared"))
  }

  @Test func `writes a tenant's name as a text`() async {
    let sql = await rewritten("SELECT x FROM t", Self.policy(.postgres, tenant: .name("o'neill\\")))
    #expect(sql.contains(#"WHERE "owner" = E'o''neill\\'"#))
  }
}

@Suite struct `Nesting that would keep the gate busy` {
  private static func nested(_ levels: Int, _ form: (String) -> String) -> String {
    (0..<levels).reduce("SELECT 1 AS n") { inner, _ in form(inner) }
  }

  static let statements = [
    nested(24) { "WITH RECURSIVE t(n) AS (\($0) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t" },
    nested(24) {
      "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + (\($0) LIMIT 1) - 1 + 1 FROM t WHERE n < 5) SELECT n FROM t"
    },
    nested(24) {
      "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5 AND n IN (\($0))) SELECT n FROM t"
    },
    nested(30) { "SELECT n FROM (\($0)) x" },
  ]

  /// Without a bound it would be years.
  @Test(.timeLimit(.minutes(10)), arguments: statements, SQLDialect.allCases)
  func `is judged before long`(_ sql: String, _ dialect: SQLDialect) async {
    let decision = await SQLGate(policy: GatePolicy(dialect: dialect, relations: [])).decide(sql)
    #expect(decision.verdict.gated != nil || decision.verdict.refusal?.reason.isRepairable ?? false)
  }
}

@Suite struct `A policy in JSON` {
  static let faults: [(JSONValue, String)] = [
    ([:], "'allowed_relations' names no relation"),
    (["allowed_relations": [1]], "'allowed_relations' must be an object of lists"),
    (["allowed_relations": ["t": [1]]], "'allowed_relations.t' must be a list of texts"),
    (["allowed_relations": ["t": ["a"]], "tenant_column": 1], "'tenant_column' must be a text"),
    (["allowed_relations": ["t": ["a"]], "row_limit": 0], "'row_limit' must be a number above 0"),
    (["allowed_relations": ["t": ["a"]], "masks": ["t": ["a": 1]]], "'masks.t.a' must be null or a text"),
  ]

  @Test(arguments: faults)
  func `says what is wrong with it`(_ declaration: JSONValue, _ description: String) {
    let fault = #expect(throws: GatePolicyFault.self) {
      try GatePolicy(declaration: declaration, dialect: .postgres)
    }
    #expect(fault?.description == description)
  }

  @Test func `names everything that a policy can say`() throws {
    let policy = try GatePolicy(
      declaration: [
        "allowed_relations": ["s.t": ["a", "b"]], "forbidden_columns": ["s.t": ["c"]], "forbidden_relations": ["v"],
        "tenant_column": "b", "caller_tenant": 3, "row_filters": ["s.t": ["a > 1"]], "masks": ["s.t": ["a": nil]],
        "keys": ["s.t": ["a"]], "row_limit": 5,
      ],
      dialect: .postgres,
      tenant: .name("x")
    )
    let relation = GateRelation(
      schema: "s",
      name: "t",
      columns: ["a", "b"],
      hiddenColumns: ["c"],
      masks: ["a": .null],
      rowFilters: ["a > 1"],
      key: ["a"]
    )
    #expect(policy.relations == [relation])
    #expect(policy.tenant == TenantScope(column: "b", value: .name("x")))
    #expect(policy.rowLimit == 5)
    #expect(policy.forbiddenRelations == ["v"])
  }
}
