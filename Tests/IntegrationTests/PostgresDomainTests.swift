import CoachTesting
import CoachVocabulary
import FoundationEssentials
import PostgresKit
import SQLiteKit
import Testing

/// Questions on the demo company when its tables are in PostgreSQL, or in CSV files.
@Suite(.timeLimit(.minutes(5)))
struct PostgresDomainTests {
  private static let questions = [
    "What was revenue last month?", "top 5 dealers by units sold this year", "revenue by region last quarter",
    "revenue by month this year", "units sold by week in May 2026", "average discount by brand last year",
    "gross margin by model line last month", "revenue last month compared to the month before",
    "revenue by quarter last year", "warranty claims by component this year", "stock value by dealer",
    "share of revenue by region last year", "units sold in Germany last month", "revenue by day in June 2026",
    "bottom 3 dealers by revenue last quarter", "revenue growth by month this year",
  ]

  /// A domain file like the shipped one, but for its database.
  private static func project(_ database: String) throws -> ProjectCopy {
    let project = try ProjectCopy()
    let file = project.folder.file("config/domains/dealer.yaml")
    var lines = text(of: file).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let start = lines.firstIndex(where: { $0.hasPrefix("database:") }) {
      let end = lines[(start + 1)...].firstIndex { !$0.hasPrefix(" ") } ?? lines.count
      lines.removeSubrange(start..<end)
    }
    lines.append(database)
    try project.folder.write(lines.joined(separator: "\n"), to: "config/domains/dealer.yaml")
    return project
  }

  private static func answers(_ coach: Coach) async throws -> [String: JSONValue] {
    let lines = questions.map { JSONValue.object(["id": .string($0), "question": .string($0)]).text }
    let result = try await coach.run(
      "eval",
      "questions",
      "--domain",
      "dealer",
      input: lines.joined(separator: "\n"),
      within: .seconds(300)
    )
    #expect(result.status == 0, "\(result.errors)")
    var answers: [String: JSONValue] = [:]
    for line in result.output.split(separator: "\n") {
      let answer = try JSONValue(parsing: String(line))
      answers[answer["id"]?.stringValue ?? ""] = answer
    }
    return answers
  }

  private static func expectEqual(_ found: [String: JSONValue], _ wanted: [String: JSONValue]) {
    #expect(wanted.count == questions.count)
    for question in questions {
      let (found, wanted) = (found[question] ?? .null, wanted[question] ?? .null)
      #expect(found["rows"]?.comparable == wanted["rows"]?.comparable, "\(question): \(found.text) and \(wanted.text)")
      #expect(found["outcome"] == wanted["outcome"], "\(question)")
    }
    let answered = questions.filter { wanted[$0]?["rows"]?.arrayValue?.isEmpty == false }
    #expect(answered.count > questions.count * 3 / 4, "hardly any question has rows: \(answered)")
  }

  @Test(.needsPostgreSQL) func `the demo company in PostgreSQL gives the same answers as in SQLite`() async throws {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    try await Self.load(into: database)
    var coach = try Coach.withoutData()
    coach.project = try Self.project("database: {engine: postgres, address_env: COACH_DEALER_DATABASE, schema: shop}")
    coach.environment["COACH_DEALER_DATABASE"] = database.memberAddress
    let found = try await Self.answers(coach)
    Self.expectEqual(found, try await Self.answers(try await Coach.withDemo()))
    let doctor = try await coach.run("doctor")
    #expect(doctor.output.contains("domain dealer: postgresql://\(database.member.user)@"), "\(doctor.output)")
  }

  @Test(.needsPostgreSQL) func `a server that is away is told, and so is an address without its variable`() async throws
  {
    var coach = try Coach.withoutData()
    coach.project = try Self.project("database: {engine: postgres, address_env: COACH_DEALER_DATABASE}")
    let unset = try await coach.run("ask", Self.questions[0])
    #expect(unset.status == 3)
    #expect(unset.errors.contains("COACH_DEALER_DATABASE"), "\(unset.errors)")
    coach.environment["COACH_DEALER_DATABASE"] = "postgres://reader:hunter2secret@127.0.0.1:1/shop"
    let away = try await coach.run("ask", Self.questions[0])
    #expect(away.status == 3)
    #expect(away.errors.contains("cannot be reached"), "\(away.errors)")
    #expect(!(away.errors + away.output).contains("hunter2secret"))
    coach.project = try Self.project("database: {engine: postgres}")
    let check = try await coach.run("check")
    #expect(check.status == 1)
    #expect(check.output.contains("a server needs 'address' or 'address_env'"))
  }

  @Test func `the demo company in CSV files gives the same answers as in SQLite`() async throws {
    var coach = try Coach.withoutData()
    let source = try SQLiteDatabase(
      path: try await DemoDatabase.path(),
      configuration: SQLiteConfiguration(mode: .readOnly)
    )
    for table in try source.session.tables() {
      let rows = try source.query("SELECT * FROM \(table.name)")
      let lines = [rows.columns.joined(separator: ",")] + rows.rows.map { $0.map(\.csvText).joined(separator: ",") }
      try coach.folder.write(lines.joined(separator: "\n"), to: "data/shop/\(table.name).csv")
    }
    coach.project = try Self.project("database: {engine: csv, path: shop}")
    Self.expectEqual(try await Self.answers(coach), try await Self.answers(try await Coach.withDemo()))
  }

  // MARK: - Loading

  /// Copies the demo company's tables; days become days, and numbers keep their kind.
  private static func load(into database: TemporaryPostgreSQL.Database) async throws {
    let source = try SQLiteDatabase(
      path: try await DemoDatabase.path(),
      configuration: SQLiteConfiguration(mode: .readOnly)
    )
    let owner = try await PostgresConnection.open(database.owner)
    try await run("CREATE SCHEMA shop", on: owner)
    for table in try source.session.tables() {
      let columns = try source.session.columns(of: table.name)
      let types = columns.map { column in
        if column.name.hasSuffix("_date") || column.name.hasSuffix("_on") { return "date" }
        return ["INTEGER": "bigint", "REAL": "double precision"][column.declaredType] ?? "text"
      }
      let list = zip(columns, types).map { "\($0.name) \($1)" }.joined(separator: ", ")
      try await run("CREATE TABLE shop.\(table.name) (\(list))", on: owner)
      let rows = try source.query("SELECT * FROM \(table.name)").rows
      for start in stride(from: 0, to: rows.count, by: 5_000) {
        let part = rows[start..<min(start + 5_000, rows.count)]
        let parts = types.enumerated().map { "$\($0 + 1)::text[]::\($1)[]" }.joined(separator: ", ")
        let values = columns.indices.map { column in PostgresValue.array(part.map { $0[column].postgresText }) }
        try await owner.pipeline([
          PostgresStatement("INSERT INTO shop.\(table.name) SELECT * FROM unnest(\(parts))", values, isKept: false)
        ])
      }
    }
    try await run("GRANT USAGE ON SCHEMA shop TO \(database.member.user)", on: owner)
    try await run("GRANT SELECT ON ALL TABLES IN SCHEMA shop TO \(database.member.user)", on: owner)
    await owner.close()
  }

  private static func run(_ sql: String, on connection: PostgresConnection) async throws {
    try await connection.pipeline([PostgresStatement(sql, isKept: false)])
  }
}

extension SQLiteValue {
  fileprivate var postgresText: PostgresValue {
    switch self {
    case .null: .null
    case .integer(let number): .text("\(number)")
    case .real(let number): .text("\(number)")
    case .text(let text): .text(text)
    case .blob: .null
    }
  }

  fileprivate var csvText: String {
    guard let text = postgresText.string else { return "" }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension JSONValue {
  /// Numbers rounded to what two engines agree on, whatever the order in which they add.
  fileprivate var comparable: String {
    if let number = doubleValue { return "\((number * 1_000_000).rounded() / 1_000_000)" }
    if let items = arrayValue { return "[" + items.map(\.comparable).joined(separator: ", ") + "]" }
    return text
  }
}
