import CoachVocabulary
import ConcurrencyKit
import Testing

@testable import Persistence

struct JSONTextTests {
  private static func random(_ depth: Int, _ generator: inout SplitMix64) -> JSONValue {
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
    case 0: return nil
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .int(Int(truncatingIfNeeded: generator.next()))
    case 3:
      let number = Double(bitPattern: generator.next())
      return .double(number.isFinite ? number : 1)
    case 4: return .string(text(&generator))
    case 5: return .array((0..<3).map { _ in random(depth - 1, &generator) })
    default:
      var members: [String: JSONValue] = [:]
      for _ in 0..<3 { members[text(&generator)] = random(depth - 1, &generator) }
      return .object(members)
    }
  }

  private static func text(_ generator: inout SplitMix64) -> String {
    let pool: [Unicode.Scalar] = [
      "\u{0}", "\u{1F}", "\n", "\"", "\\", "/", "a", "é", "\u{2028}", "\u{1F600}", "\u{7F}",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      text.unicodeScalars.append(pool.randomElement(using: &generator) ?? "a")
    }
    return text
  }

  @Test(arguments: UInt64(1)...200)
  func `what is written is read back, and is JSON to others`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let value = Self.random(4, &generator)
    let text = JSONText.encode(value)
    #expect(try JSONText.decode(text) == value)
    #expect(throws: Never.self) { try JSONValue(parsing: text) }
  }

  @Test(
    arguments: [
      (.double(2), "2.0"), (.int(2), "2"), (.double(1e300), "1e+300"), (.double(.nan), "null"), (.double(-0.0), "-0.0"),
      (["b": 1, "a": ["x", nil]], #"{"a":["x",null],"b":1}"#), ("\u{1}\n\"", #""\u0001\n\"""#),
    ] as [(JSONValue, String)]
  )
  func `values have one stored form`(value: JSONValue, text: String) {
    #expect(JSONText.encode(value) == text)
  }

  @Test func `JSON of others is read, too`() throws {
    let text = " { \"a\" : [ 1 , -2.5e3, true,false , null ] , \"b\\u00e9\\t\\/\" : \"\\r\\b\\f\" } "
    #expect(try JSONText.decode(text) == ["a": [1, -2500.0, true, false, nil], "bé\t/": "\r\u{8}\u{C}"])
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "\"open", "\"\\", "\"\\u12", "\"\\ud800\"",
    "\"\\x\"",
    "tru", "1 2", "1.2.3", "-", "+", "nul", "[1}", "\u{FEFF}1", String(repeating: "[", count: 600),
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(throws: StoredValueFailure.self) { try JSONText.decode(text) }
  }
}
