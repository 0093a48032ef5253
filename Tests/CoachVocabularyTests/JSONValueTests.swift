import CoachVocabulary
import Testing

@Suite struct `A JSON value` {
  @Test(arguments: [
    (#"{"a":[1,2.5,"x",true,null]}"#, #"{"a":[1,2.5,"x",true,null]}"#), (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
    (#""a/b""#, #""a/b""#), ("9007199254740993", "9007199254740993"), ("[]", "[]"), (" { } ", "{}"),
  ])
  func `is written with sorted keys and as read`(_ text: String, _ written: String) throws {
    #expect(try JSONValue(parsing: text).text == written)
  }

  @Test(arguments: ["", "{", "[1", "nul", "{\"a\":}", "'a'"])
  func `refuses what is no JSON`(_ text: String) {
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: text) }
  }

  @Test func `may nest 64 levels and not one more`() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue(parsing: nested(64))
    #expect(throws: JSONFailure(message: "JSON is nested deeper than 64 levels; flatten it")) {
      try JSONValue(parsing: nested(65))
    }
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: nested(100_000)) }
  }

  @Test func `does not count brackets in strings`() throws {
    let text = "\"" + String(repeating: "[", count: 200) + "\\\"[[[\""
    #expect(try JSONValue(parsing: text).stringValue?.count == 204)
  }

  @Test func `hands out only what it is`() {
    let value: JSONValue = ["n": 3, "d": 2.0, "f": 2.5, "s": "x", "b": true, "l": [1], "z": nil]
    #expect(value["n"]?.intValue == 3 && value["n"]?.doubleValue == 3)
    #expect(value["d"]?.intValue == 2 && value["f"]?.intValue == nil)
    #expect(value["s"]?.stringValue == "x" && value["s"]?.intValue == nil)
    #expect(value["b"]?.boolValue == true && value["b"]?.doubleValue == nil)
    #expect(value["l"]?.arrayValue == [1] && value["z"]?.isNull == true && value["none"] == nil)
  }

  @Test func `writes a number that JSON cannot say as null`() {
    #expect(JSONValue.array([.double(.infinity), .double(.nan)]).text == "[null,null]")
  }

  private struct Order: Codable {
    var name: String
    var count: Int
    var lines: [Line]
    struct Line: Codable { var price: Double }
  }

  @Test(arguments: [
    (#"{"count":1,"lines":[]}"#, "'name' is missing"), (#"{"name":1,"count":1,"lines":[]}"#, "'name' must be a string"),
    (#"{"name":"a","count":"x","lines":[]}"#, "'count' must be a whole number"),
    (#"{"name":"a","count":1,"lines":[{}]}"#, "'price' is missing in 'lines.[0]'"),
    (#"{"name":"a","count":1,"lines":[{"price":"x"}]}"#, "'lines.[0].price' must be a number"),
    (#"{"name":"a","count":1,"lines":3}"#, "'lines' must be a list"),
  ])
  func `explains which member does not fit`(_ text: String, _ message: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(throws: JSONFailure(message: message)) { try value.decoded(as: Order.self) }
  }
}

@Suite struct `A secret` {
  @Test func `shows itself in no description`() {
    let secret = Secret("hunter2")
    #expect("\(secret)" == "<secret>")
    #expect(String(reflecting: secret) == "<secret>")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("hunter2"))
    #expect(secret.reveal() == "hunter2")
  }
}

@Suite struct `Made identifiers` {
  @Test func `sort by time and have 26 letters`() {
    let source = IdentifierSource(milliseconds: { 1_700_000_000_000 }, random: { 0x0123_4567_89AB_CDEF })
    let later = IdentifierSource(milliseconds: { 1_700_000_000_001 }, random: { 0 })
    let first: RunID = source.next()
    let second: RunID = later.next()
    #expect(first.rawValue.count == 26)
    #expect(first < second)
    #expect(first == source.next())
  }
}
