import CoachVocabulary
import Testing

@testable import StateGraph

struct ConditionTests {
  private static let position = SourcePosition(file: "g.yaml", line: 1)
  private static let table = ChannelTable([
    Channel("outcome", .string, allowedTexts: ["sure", "unsure"], position: position),
    Channel("name", .string, position: position),
    Channel("attempts", .int, defaultValue: 0, position: position),
    Channel("score", .double, isOptional: true, position: position),
    Channel("done", .bool, position: position),
    Channel("frame", .object, isOptional: true, position: position),
    Channel("notes", .list(of: .string), kind: .append, position: position),
    Channel("extra", .any, isOptional: true, position: position),
  ])

  private func holds(_ text: String, _ values: [String: JSONValue]) throws -> Bool {
    var slots = Self.table.initialSlots
    for (name, value) in values { slots[try #require(Self.table.index[name])] = value }
    return try ConditionParser.parse(text, channels: Self.table).holds(in: slots)
  }

  @Test(arguments: [
    (#"outcome == "sure""#, true), ("outcome == 'unsure'", false), ("outcome != 'unsure'", true),
    ("attempts < 3", true), ("attempts<=2 and attempts>=2", true), ("attempts > 2", false), ("attempts == 2.0", true),
    ("not done", false), ("done", true), ("not (done and attempts > 5)", true), ("not not done", true),
    ("false or false or done", true), ("done and false or true", true), ("done and (false or true)", true),
    ("true or done and false", true), ("score == null", true), ("score != null", false),
    ("frame.metrics.first == 'revenue'", true), ("frame.nothing.there == null", true),
    ("extra.kind == 'x'", false), ("name < 'b'", true), ("name >= 'b'", false), ("-1 < attempts", true),
    ("attempts < 1e3", true), (#"name == "a\"b""#, false), ("(((done)))", true), ("done == true", true),
    ("extra == 7 or done", true),
  ])
  func `a condition holds or not`(text: String, expected: Bool) throws {
    let values: [String: JSONValue] = [
      "outcome": "sure", "name": "a", "attempts": 2, "done": true, "frame": ["metrics": ["first": "revenue"]],
    ]
    #expect(try holds(text, values) == expected)
  }

  @Test(arguments: [
    ("outcom == 'sure'", 0, "no channel 'outcom'"), ("outcome == 'shure'", 11, "never \"shure\""),
    ("outcome = 'sure'", 8, "no comparison"), ("outcome == ", 11, "found the end"), ("", 0, "found the end"),
    ("attempts", 0, "needs true or false"), ("not attempts", 4, "needs true or false"),
    ("attempts == 'x'", 9, "cannot compare"), ("done < true", 5, "cannot compare"),
    ("attempts == null", 9, "never null"), ("null == null", 5, "cannot compare"),
    ("done and and done", 9, "expected a value"), ("(done", 5, "expected ')'"), ("done)", 4, "expected the end"),
    ("1 < 2 < 3", 6, "expected 'and' or 'or'"), ("name == 'open", 8, "no closing quote"),
    ("name.first == 'x'", 0, "no member 'first'"), ("frame. == 1", 0, "dot needs a name"),
    ("done & done", 5, "means nothing"), ("attempts < 1.2.3", 11, "no number"), ("done done", 5, "expected the end"),
    ("outcome == 'sure' and attempts", 22, "needs true or false"), ("notes == 'x'", 6, "cannot compare"),
    ("otherwise and done", 0, "expected a value"),
  ])
  func `a fault is found with its place`(text: String, offset: Int, message: String) throws {
    let failure = #expect(throws: ConditionParser.Failure.self) {
      try ConditionParser.parse(text, channels: Self.table)
    }
    #expect(failure?.offset == offset)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: ["name == 'x'", "score < 3", "extra < 3", "extra or done"])
  func `what has no answer fails`(text: String) throws {
    #expect(throws: ConditionFailure.self) { try holds(text, ["done": true, "extra": "text"]) }
  }

  @Test func `depth and length have limits`() {
    let deep = String(repeating: "(", count: 65) + "done" + String(repeating: ")", count: 65)
    #expect(throws: ConditionParser.Failure.self) { try ConditionParser.parse(deep, channels: Self.table) }
    let negated = String(repeating: "not ", count: 65) + "done"
    #expect(throws: ConditionParser.Failure.self) { try ConditionParser.parse(negated, channels: Self.table) }
    let long = String(repeating: "done or ", count: 250) + "done"
    #expect(throws: ConditionParser.Failure.self) { try ConditionParser.parse(long, channels: Self.table) }
  }
}
