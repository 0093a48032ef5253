import CoachTesting
import PostgresKit
import Testing

@Suite(.needsPostgreSQL) struct `A PostgreSQL failure` {
  private static let schema = [
    "CREATE TEMP TABLE parent (id int PRIMARY KEY, name text NOT NULL CHECK (name <> 'secret'))",
    "CREATE TEMP TABLE child (parent int REFERENCES parent)",
    "INSERT INTO parent VALUES (1, 'one')",
  ].map { PostgresStatement($0, isKept: false) }

  @Test(
    arguments: [
      ("INSERT INTO parent VALUES (1, 'again')", .constraint(.unique(name: "parent_pkey")), "23505"),
      ("INSERT INTO child VALUES (9)", .constraint(.foreignKey(name: "child_parent_fkey")), "23503"),
      ("INSERT INTO parent VALUES (2, NULL)", .constraint(.notNull), "23502"),
      ("INSERT INTO parent VALUES (2, 'secret')", .constraint(.check(name: "parent_name_check")), "23514"),
      ("SELEKT 1", .syntax, "42601"), ("SELECT 1 + true", .syntax, "42883"),
      ("SELECT * FROM nowhere", .unknownName, "42P01"),
      ("SELECT nothing FROM parent", .unknownName, "42703"), ("SELECT 1 / 0", .invalidValue, "22012"),
      ("SELECT 'secret'::int", .invalidValue, "22P02"), ("SELECT 99999999999::int", .invalidValue, "22003"),
      ("CREATE TEMP TABLE parent (id int)", .duplicateName, "42P07"),
      ("DO $$ BEGIN RAISE 'on purpose'; END $$", .raised, "P0001"),
      ("DO $$ BEGIN RAISE 'ours' USING ERRCODE = 'CO001'; END $$", .raised, "CO001"),
      ("COPY parent TO STDOUT", .misuse, ""),
    ] as [(String, PostgresFailure.Kind, String)]
  )
  func `says what kind it is`(sql: String, kind: PostgresFailure.Kind, state: String) async throws {
    let connection = try await openConnection()
    try await connection.pipeline(Self.schema)
    let met = try #require(await failure { try await connection.query(sql) })
    #expect(met.kind == kind)
    #expect(met.sqlState == state)
    #expect(met.sql == nil || met.sql == sql)
  }

  @Test(
    arguments: [
      ("SELECT $1::int", "secret-token"), ("SELECT $1::date", "secret-token"), ("SELECT $1::json", "secret-token"),
      ("SELECT $1::int2", "123456789"), ("INSERT INTO parent VALUES ($1, 'x'), ($1, 'y')", "77001"),
      ("INSERT INTO child VALUES ($1)", "77001"), ("INSERT INTO parent VALUES (3, $1)", "secret"),
    ]
  )
  func `repeats no bound value`(sql: String, value: String) async throws {
    let connection = try await openConnection()
    try await connection.pipeline(Self.schema)
    let met = try #require(await failure { try await connection.query(sql, [.text(value)]) })
    #expect(!met.description.contains(value))
    #expect(!String(reflecting: met).contains(value))
    #expect(!met.description.isEmpty)
  }

  @Test func `tells where a statement is wrong and what the server advises`() async throws {
    let connection = try await openConnection()
    try await connection.pipeline(Self.schema)
    let met = try #require(await failure { try await connection.query("SELECT nam FROM parent") })
    #expect(met.position == 8)
    #expect(met.hint?.contains("parent.name") == true)
    #expect(met.description.contains("at character 8"))
  }

  @Test func `leaves the connection usable`() async throws {
    let connection = try await openConnection()
    for _ in 0..<3 { #expect(await failure { try await connection.query("SELECT 1 / 0") } != nil) }
    #expect(try await connection.query("SELECT 1").scalar == 1)
  }

  @Test func `of a wrong password is one of authentication and does not name it`() async throws {
    let server = try await TemporaryPostgreSQL.shared()
    let admin = try await openConnection()
    try await admin.pipeline([
      PostgresStatement("DROP ROLE IF EXISTS coach_locked", isKept: false),
      PostgresStatement("CREATE ROLE coach_locked LOGIN PASSWORD 'right horse'", isKept: false),
    ])
    let right = server.configuration.signingIn(as: "coach_locked", password: "right horse")
    #expect(try await PostgresConnection.open(right).query("SELECT current_user").scalar == "coach_locked")
    let wrong = server.configuration.signingIn(as: "coach_locked", password: "wrong horse")
    let met = try #require(await failure { try await PostgresConnection.open(wrong) })
    #expect(met.kind == .authentication)
    #expect(!met.description.contains("horse"))
  }

  @Test func `of opening says why`() async throws {
    let server = try await TemporaryPostgreSQL.shared()
    let nowhere = PostgresConfiguration(host: "/tmp/no-such-folder", database: "x", user: "y")
    #expect(await failure { try await PostgresConnection.open(nowhere) }?.kind == .unreachable)
    let missing = server.configuration.on(database: "missing")
    #expect(await failure { try await PostgresConnection.open(missing) }?.kind == .unknownName)
    let stranger = server.configuration.signingIn(as: "stranger")
    #expect(await failure { try await PostgresConnection.open(stranger) }?.kind == .authentication)
  }
}

struct `A PostgreSQL configuration` {
  @Test(arguments: [
    "postgresql://me:s3cret@db.example:6432/coach?sslmode=require",
    "host=db.example port=6432 dbname=coach user=me password=s3cret",
  ])
  func `is read from an address and shows no password`(address: String) throws {
    let configuration = try PostgresConfiguration(address: address)
    #expect(configuration.description == "postgresql://me@db.example:6432/coach")
    #expect(configuration.user == "me")
    #expect(configuration.database == "coach")
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("s3cret"))
  }

  @Test(arguments: [
    "postgresql://me:s3cret%zz@host/db", "mysql://x", "nonsense=s3cret", String(repeating: "x", count: 9_000),
    "host=a\u{0}b",
  ])
  func `refuses what is no address without repeating it`(address: String) {
    let failure = #expect(throws: PostgresFailure.self) { try PostgresConfiguration(address: address) }
    #expect(failure?.kind == .misuse)
    #expect(failure?.description.contains("s3cret") == false)
  }

  @Test func `quotes names`() {
    #expect(PostgresStatement.quoted("a\"b c") == "\"a\"\"b c\"")
  }
}
