import PostgresKit
import Testing

@Suite(.needsPostgreSQL) struct `PostgreSQL values` {
  @Test(
    arguments: [
      ("bool", true), ("bool", false), ("int8", 0), ("int8", .integer(.min)), ("int8", .integer(.max)), ("int4", -7),
      ("int2", 7), ("float8", 0.1), ("float8", -1e300), ("float8", .real(.infinity)), ("float8", .real(-.infinity)),
      ("float8", .real(.leastNonzeroMagnitude)), ("float4", 0.5), ("text", ""), ("text", "NULL"),
      ("text", "\u{1}\u{1F} \" \\ ' $1 ; \u{2028} é 🇫🇷 \n\t"), ("varchar", "x"), ("bytea", .bytes([])),
      ("bytea", .bytes(Array(0...255))), ("text", .null), ("int8", .null), ("text[]", .array([])),
      ("text[]", .array(["a", "", "NULL", .null, "b\"c\\d,e{f}", " x "])), ("int8[]", .array([1, .null, -3])),
      ("float8[]", .array([0.5, .real(.infinity)])), ("bool[]", .array([true, .null, false])),
      ("bytea[]", .array([.bytes([0, 255]), .bytes([])])),
    ] as [(String, PostgresValue)]
  )
  func `come back as they were sent`(type: String, value: PostgresValue) async throws {
    let connection = try await openConnection()
    #expect(try await connection.query("SELECT $1::\(type)", [value]).rows == [[value]])
  }

  @Test func `that are not a number come back, too`() async throws {
    let connection = try await openConnection()
    #expect(try await connection.query("SELECT $1::float8", [.real(.nan)]).scalar?.double?.isNaN == true)
  }

  @Test(
    arguments: [
      ("1.10::numeric", "1.10"), ("DATE '2025-02-28'", "2025-02-28"),
      ("TIMESTAMPTZ '2025-02-28 12:00:00.5+02'", "2025-02-28 10:00:00.5+00"),
      (#"'{"b": 1, "a": 2.0}'::json"#, #"{"b": 1, "a": 2.0}"#), ("INTERVAL '1 day 2 hours'", "P1DT2H"),
      ("ARRAY[[1,2],[3,4]]", "{{1,2},{3,4}}"), ("ARRAY[1.5, 2]::numeric[]", .array(["1.5", "2"])),
      ("ARRAY[DATE '2025-01-01']", .array(["2025-01-01"])),
    ] as [(String, PostgresValue)]
  )
  func `of other types come as PostgreSQL writes them`(sql: String, value: PostgresValue) async throws {
    let connection = try await openConnection()
    #expect(try await connection.query("SELECT \(sql)").scalar == value)
  }

  @Test func `are told by their kind`() {
    #expect(PostgresValue(3 as Int?).int == 3)
    #expect(PostgresValue(3 as Int?).double == 3)
    #expect(PostgresValue(nil as Int?).isNull)
    #expect(PostgresValue("x" as String?).string == "x")
    #expect(PostgresValue("x" as String?).int == nil)
    #expect(PostgresValue(true as Bool?).bool == true)
    #expect(PostgresValue([1] as [UInt8]?).bytes == [1])
    #expect(PostgresValue(0.5 as Double?).double == 0.5)
    #expect(PostgresValue.array([1]).array == [1])
  }

  @Test func `are named by their columns`() async throws {
    let connection = try await openConnection()
    let rows = try await connection.query("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (number, letter)")
    #expect(rows.columns == ["number", "letter"])
    #expect(rows.values(of: "letter") == ["a", "b"])
    #expect(rows.values(of: "none") == nil)
    #expect(rows.count == 2)
  }

  @Test func `with a NUL character are refused before anything is sent`() async throws {
    let connection = try await openConnection()
    let met = await failure { try await connection.query("SELECT $1::text", ["a\u{0}b"]) }
    #expect(met?.kind == .invalidValue)
    #expect(await failure { try await connection.query("SELECT $1::text[]", [.array(["\u{0}"])]) } != nil)
    #expect(await failure { try await connection.query("SELECT 1\u{0}") }?.kind == .misuse)
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `are no more than the protocol can count`() async throws {
    let connection = try await openConnection()
    let binds = [PostgresValue](repeating: 1, count: 65_536)
    #expect(await failure { try await connection.query("SELECT 1", binds) }?.kind == .misuse)
  }

  @Test func `of many megabytes pass in both directions`() async throws {
    let connection = try await openConnection()
    let text = String(repeating: "0123456789abcdef", count: 1 << 17)
    let rows = try await connection.pipeline(
      (0..<3).map { _ in PostgresStatement("SELECT $1::text", [.text(text)]) }
    )
    #expect(rows.map(\.scalar) == [.text(text), .text(text), .text(text)])
  }
}
