import SQLSyntax
import Testing

@Suite struct `Cutting SQL into tokens` {
  struct Example: Sendable, CustomTestStringConvertible {
    let sql: String
    let texts: [String]
    var testDescription: String { sql }
  }

  static let examples = [
    Example(sql: "SELECT a.b,1", texts: ["SELECT", "a", ".", "b", ",", "1"]),
    Example(sql: "'it''s' \"a \"\"b\"\"\" `c` [d e]", texts: ["it's", "a \"b\"", "c", "d e"]),
    Example(sql: "a--b\nc/*d*/e /* f", texts: ["a", "c", "e"]),
    Example(sql: "'-- no comment' /* ' */ x", texts: ["-- no comment", "x"]),
    Example(sql: "1.5e-3-.5 0x1F 2e+1", texts: ["1.5e-3", "-", ".5", "0x1F", "2e+1"]),
    Example(sql: "?1 :day @x ?", texts: ["?1", ":day", "@x", "?"]),
    Example(sql: "größe \u{212A}", texts: ["größe", "\u{212A}"]),
    Example(sql: "'open", texts: ["open"]),
    Example(sql: "[open", texts: ["open"]),
    Example(sql: "a->>'$.b'", texts: ["a", "-", ">", ">", "$.b"]),
    Example(sql: "", texts: []),
    Example(sql: " \t\n-- only a comment", texts: []),
  ]

  @Test(arguments: examples)
  func `keeps SQLite's rules for quotes, comments and numbers`(_ example: Example) {
    #expect(SQLToken.tokens(of: example.sql).map(\.text) == example.texts)
  }

  @Test func `says where each token stands`() {
    let sql = "é 'x' /**/ y"
    let pieces = SQLToken.tokens(of: sql).map { String(decoding: Array(sql.utf8)[$0.range], as: UTF8.self) }
    #expect(pieces == ["é", "'x'", "y"])
  }

  @Test func `knows a keyword only without quotes`() {
    let tokens = SQLToken.tokens(of: "limit \"limit\" 'limit'")
    #expect(tokens.map { $0.isKeyword("LIMIT") } == [true, false, false])
  }
}
