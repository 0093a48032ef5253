import CoachVocabulary
import Testing

@testable import ModelProviders

@Suite struct JSONGrammarTests {
  /// The rules of a grammar that are its own, one a line.
  private func rules(_ schema: JSONValue) throws -> [String] {
    let lines = try JSONGrammar(schema).text.split(separator: "\n").map(String.init)
    return Array(lines.prefix { !$0.hasPrefix("ws ::=") })
  }

  private static let forms: [(JSONValue, [String])] = [
    (["type": "integer"], ["root ::= ws integer ws"]),
    ([:], ["root ::= ws value ws"]),
    (["enum": ["a\"b", 7, nil]], [#"root ::= ws ("\"a\\\"b\"" | "7" | "null") ws"#]),
    (["const": "x"], [#"root ::= ws ("\"x\"") ws"#]),
    (["type": ["string", "null"]], ["root ::= ws (string | null) ws"]),
    (["anyOf": [["type": "boolean"], ["type": "number"]]], ["root ::= ws (boolean | number) ws"]),
    (["type": "string", "minLength": 1, "maxLength": 9], [#"root ::= ws ("\"" char{1,9} "\"") ws"#]),
    (
      ["type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 3],
      ["root ::= ws r0 ws", #"r0 ::= "[" ws string (ws "," ws string){0,2} ws "]""#]
    ),
    (
      ["type": "array", "items": ["type": "number"]],
      ["root ::= ws r0 ws", #"r0 ::= "[" ws (number (ws "," ws number)*)? ws "]""#]
    ),
    (
      ["type": "object", "properties": ["b": ["type": "null"], "a": ["type": "null"]], "required": ["b"]],
      [
        "root ::= ws r2 ws", #"r0 ::= "\"a\"" ws ":" ws null"#, #"r1 ::= "\"b\"" ws ":" ws null"#,
        #"r2 ::= "{" ws r1 (ws "," ws r0)? ws "}""#,
      ]
    ),
    (
      ["type": "object", "properties": ["b": ["type": "null"], "a": ["type": "null"]]],
      [
        "root ::= ws r2 ws", #"r0 ::= "\"a\"" ws ":" ws null"#, #"r1 ::= "\"b\"" ws ":" ws null"#,
        #"r2 ::= "{" ws (r0 (ws "," ws r1)? | r1)? ws "}""#,
      ]
    ),
    (
      ["type": "object", "properties": ["b": ["type": "null"], "a": ["type": "null"]], "required": ["b", "a"]],
      [
        "root ::= ws r2 ws", #"r0 ::= "\"a\"" ws ":" ws null"#, #"r1 ::= "\"b\"" ws ":" ws null"#,
        #"r2 ::= "{" ws r0 ws "," ws r1 ws "}""#,
      ]
    ),
    (["type": "object"], ["root ::= ws object ws"]),
    (["type": "object", "additionalProperties": false], [#"root ::= ws ("{" ws "}") ws"#]),
    (
      ["type": "object", "additionalProperties": ["type": "integer"]],
      [
        "root ::= ws r0 ws",
        #"r0 ::= "{" ws (string ws ":" ws integer (ws "," ws string ws ":" ws integer)*)? ws "}""#,
      ]
    ),
  ]

  @Test(arguments: forms)
  func `a schema becomes rules`(schema: JSONValue, expected: [String]) throws {
    #expect(try rules(schema) == expected)
  }

  @Test func `a schema without a grammar is refused`() {
    #expect(throws: JSONFailure.self) { try JSONGrammar(["allOf": [["type": "string"]]]) }
    #expect(throws: JSONFailure.self) { try JSONGrammar(["type": "hologram"]) }
    let deep = (0..<100).reduce(["type": "string"] as JSONValue) { inner, _ in ["type": "array", "items": inner] }
    #expect(throws: JSONFailure.self) { try JSONGrammar(deep) }
  }
}
