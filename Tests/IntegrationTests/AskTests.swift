import CoachVocabulary
import FoundationEssentials
import SQLiteKit
import Testing

@Suite(.timeLimit(.minutes(3)))
struct AskTests {
  private static let revenue = "What was revenue last month?"

  @Test func `the number is the one that the tables give`() async throws {
    let answer = try await Coach.withDemo().run("ask", "--json", Self.revenue)
    #expect(answer.status == 0)
    let value = try #require(try answer.json()["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue)
    let expected = try await DemoDatabase.lastMonthsRevenue()
    #expect(abs(value - expected) <= expected * 1e-9)
  }

  @Test func `the JSON object has every member of the contract`() async throws {
    let answer = try await Coach.withDemo().run("ask", "--json", Self.revenue).json()
    let members = [
      "run_id", "session_id", "message_id", "outcome", "question", "text", "interpretation", "columns", "rows",
      "rows_note", "sql", "parameters", "frame", "chart_config", "options", "missing", "suggestions", "steps",
      "written_by", "notes", "usage", "session_usage", "latency_ms", "as_of",
    ]
    for member in members { #expect(answer[member] != nil, "\(member)") }
    #expect(answer["outcome"] == "answer")
    #expect(answer["question"] == .string(Self.revenue))
    #expect(answer["chart_config"] == JSONValue.null)
    #expect(answer["written_by"] == "template")
    #expect(answer["usage"]?["total_tokens"] == 0)
    #expect(answer["usage"]?["cost_usd"] == "0")
    #expect(answer["as_of"] == "2026-06-30")
    for member in ["input_tokens", "output_tokens", "calls"] { #expect(answer["session_usage"]?[member] == 0) }
  }

  @Test func `the answer's own statement gives the answer's rows`() async throws {
    let answer = try await Coach.withDemo().run("ask", "--json", "Top 5 dealers by units sold this year").json()
    let sql = try #require(answer["sql"]?.stringValue)
    let binds = (answer["parameters"]?.arrayValue ?? []).map { value -> SQLiteValue in
      value.stringValue.map { .text($0) } ?? SQLiteValue(value.doubleValue)
    }
    let database = try SQLiteDatabase(
      path: try await DemoDatabase.path(),
      configuration: SQLiteConfiguration(mode: .readOnly)
    )
    let names = try database.query(sql, binds).rows.map { $0.first?.string }
    #expect(names.count == 5)
    #expect(answer["rows"]?.arrayValue?.map { $0.arrayValue?.first?.stringValue } == names)
  }

  @Test func `on the terminal words and a table are on standard output, the rest is not`() async throws {
    let answer = try await Coach.withDemo().run("ask", "--sql", "Revenue by region last month")
    #expect(answer.status == 0)
    let lines = answer.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("Net revenue by region in May 2026") == true)
    #expect(lines.count == 10)
    #expect(Set(lines.dropFirst().map(\.count)).count == 1, "the table is not aligned: \(lines)")
    #expect(answer.errors.contains("SELECT"))
    #expect(answer.errors.contains("0 tokens, $0"))
  }

  @Test func `a session goes on in a later call`() async throws {
    let coach = try await Coach.withDemo()
    let first = try await coach.run("ask", "--json", Self.revenue).json()
    let session = try #require(first["session_id"]?.stringValue)
    let second = try await coach.run("ask", "--json", "--session", session, "and by region?").json()
    #expect(second["session_id"]?.stringValue == session)
    let parts = (second["rows"]?.arrayValue ?? []).compactMap { $0.arrayValue?.last?.doubleValue }
    let expected = try await DemoDatabase.lastMonthsRevenue()
    #expect(parts.count > 1)
    #expect(abs(parts.reduce(0, +) - expected) <= expected * 1e-9)
  }

  // MARK: - Exit statuses

  struct Wrong: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var status: Int32
    var says: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  @Test(arguments: [
    Wrong(arguments: ["ask", "qwfp zxcv blorg"], status: 4, says: ""),
    Wrong(arguments: ["ask", "How is performance?"], status: 4, says: ""),
    Wrong(arguments: ["ask", "--json", "What is the weather?"], status: 4, says: ""),
    Wrong(arguments: ["ask"], status: 2, says: "ask needs a question"),
    Wrong(arguments: ["ask", ""], status: 2, says: "ask needs a question"),
    Wrong(arguments: ["ask", " \n\t "], status: 2, says: "ask needs a question"),
    Wrong(arguments: ["ask", "--colour", "red", "revenue"], status: 2, says: "unknown option --colour"),
    Wrong(arguments: ["ask", "revenue", "--domain"], status: 2, says: "--domain needs a value"),
    Wrong(arguments: ["ask", "--json=yes", "revenue"], status: 2, says: "--json takes no value"),
    Wrong(arguments: ["ask", "--domain", "nowhere", "revenue last month"], status: 3, says: "known: dealer"),
    Wrong(arguments: ["ask", "--session", "nobody", "revenue last month"], status: 3, says: "no chat with this id"),
    Wrong(arguments: ["ask", "--domain", "/nowhere/x.yaml", "revenue"], status: 1, says: "/nowhere/x.yaml:1: error: "),
    Wrong(arguments: ["ask", "--data", "/nowhere/x.sqlite", "revenue"], status: 3, says: "/nowhere/x.sqlite"),
    Wrong(arguments: [], status: 2, says: "Usage: coach COMMAND"),
    Wrong(arguments: ["sing"], status: 2, says: "unknown command 'sing'"),
    Wrong(arguments: ["eval", "dreams"], status: 2, says: "eval knows: questions"),
    Wrong(arguments: ["testing", "model"], status: 2, says: "needs --script"),
    Wrong(arguments: ["testing", "model", "--script", "/nowhere/s.jsonl"], status: 3, says: "/nowhere/s.jsonl"),
    Wrong(arguments: ["demo", "--seed", "many"], status: 2, says: "--seed must be a number"),
  ])
  func `each kind of failure has its own status and says what is wrong`(_ wrong: Wrong) async throws {
    let result = try await Coach.withDemo().finish(try Coach.withDemo().start(wrong.arguments))
    #expect(result.status == wrong.status)
    #expect(result.errors.contains(wrong.says), "it said: \(result.errors)")
    if wrong.status != 4 { #expect(result.output.isEmpty) }
  }

  @Test func `without a database it says how to get one`() async throws {
    let coach = try Coach.withoutData()
    let result = try await coach.run("ask", Self.revenue)
    #expect(result.status == 3)
    #expect(result.errors.contains("\(coach.dataFolder)/dealer.sqlite"))
    #expect(result.errors.contains("coach demo"))
  }

  @Test(arguments: [4_001, 100_000])
  func `a question that is too long is refused with the limit`(length: Int) async throws {
    let result = try await Coach.withDemo().run("ask", String(repeating: "revenue ", count: length / 8 + 1))
    #expect(result.status == 3)
    #expect(result.errors.contains("4000"))
  }

  @Test func `a mebibyte of a question over standard input is refused, and the chat goes on`() async throws {
    // One argument of a process cannot be this long.
    let long = String(repeating: "a", count: 1 << 20)
    let result = try await Coach.withDemo().run("chat", input: "\(long)\n\(Self.revenue)\n")
    #expect(result.status == 0)
    #expect(result.errors.contains("longer than 4000"))
    #expect(result.output.hasPrefix("Net revenue was "))
  }

  @Test(
    arguments: [
      [0xFF, 0xFE], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x1B, 0x5B, 0x32, 0x4A],
    ] as [[UInt8]]
  )
  func `bytes that are no text do no harm`(bytes: [UInt8]) async throws {
    let coach = try await Coach.withDemo()
    let question = Array("revenue ".utf8) + bytes + Array(" last month".utf8)
    let result = try await coach.finish(try coach.start(bytes: [Array("ask".utf8), Array("--json".utf8), question]))
    #expect([0, 4].contains(result.status))
    #expect(try result.json()["question"]?.stringValue?.hasPrefix("revenue ") == true)
  }

  @Test func `what somebody typed cannot steer the terminal`() async throws {
    let result = try await Coach.withDemo().run("ask", "\u{1B}[2Jqwfp \u{9B}31m \u{07}")
    #expect(result.status == 4)
    #expect(result.output.contains("qwfp"))
    let controls = (result.output + result.errors).unicodeScalars.filter {
      $0.properties.generalCategory == .control && $0 != "\n"
    }
    #expect(controls.isEmpty)
  }

  @Test func `a database that is none is named`() async throws {
    let coach = try Coach.withoutData()
    try coach.folder.write(String(repeating: "no database ", count: 1_000), to: "data/dealer.sqlite")
    let result = try await coach.run("ask", Self.revenue)
    #expect(result.status == 3)
    #expect(result.errors.contains("dealer.sqlite"))
  }

  @Test func `a metadata file that is none is named and left as it is`() async throws {
    let coach = try await Coach.withDemo()
    let content = String(repeating: "no database ", count: 1_000)
    try coach.folder.write(content, to: "data/coach.db")
    let result = try await coach.run("ask", Self.revenue)
    #expect(result.status == 3)
    #expect(result.errors.contains("coach.db"))
    #expect(text(of: coach.metadata) == content)
  }
}
