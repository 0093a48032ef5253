import CoachVocabulary
import FoundationEssentials
import Testing

@Suite struct `JSON text` {
  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "[,]", "[1 2]", "[1}", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1,}",
    "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "nul", "tru", "truex", "True", "NaN", "Infinity", "-Infinity",
    "-", "+1", ".5", "1.", "01", "-01", "1e", "1e+", "1.e3", "0x1", "1_000", "1 2", "1e400", "-1e400", "'a'", "\"",
    "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\t\"", "\"a\nb\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "// c\n1", "/* c */1", "\u{0C}1", "\u{A0}1", "1\u{0}", "\u{0}", "]", "}",
    ":",
  ])
  func `is refused unless the RFC allows it`(_ text: String) {
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: text) }
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: "{\"other\":\(text)}", keeping: ["one": .whole]) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x31, 0x00], [0xFF, 0xFE, 0x31, 0x00], [0x80],
    ] as [[UInt8]]
  )
  func `is refused when it is not UTF-8`(_ bytes: [UInt8]) {
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: bytes) }
    let wrapped = Array("{\"other\":".utf8) + bytes + Array("}".utf8)
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: wrapped, keeping: ["one": .whole]) }
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("1.0", 1), ("1e3", 1_000), ("0.1e1", 1), ("9223372036854775807", .int(.max)),
      ("-9223372036854775808", .int(.min)), ("9223372036854775808", .double(0x1p63)), ("1e17", .double(1e17)),
      ("-9007199254740991.0", -9_007_199_254_740_991), ("1.0000000000000001", 1), ("1e-400", 0),
      ("5e-324", .double(.leastNonzeroMagnitude)),
      ("2.5", 2.5), ("-1.5E-2", -0.015), ("\"\\u0000\"", "\0"), ("\"\\ud83d\\ude00\"", "😀"), ("\"\u{7F}\"", "\u{7F}"),
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), ("\u{FEFF}1", 1), ("\r\n\t [ ] ", []), (#"{"":""}"#, ["": ""]),
      (#"{"a":1,"a":2}"#, ["a": 1]), (#"{"\u0061":1,"a":2}"#, ["a": 1]), ("[true,false,null]", [true, false, nil]),
    ] as [(String, JSONValue)]
  )
  func `is read`(_ text: String, as value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(arguments: [
    ("[1,2", "not valid JSON: the text ends too early"), ("[1,x]", "not valid JSON: byte 4 cannot stand where it is"),
    ("[1e999]", "not valid JSON: the number at byte 2 is too large"),
  ])
  func `is refused with the place of the fault`(_ text: String, _ message: String) {
    #expect(throws: JSONFailure(message: message)) { try JSONValue(parsing: text) }
  }

  @Test(arguments: [("[1,]", [1]), ("{\"a\":[ ] , }", ["a": []]), ("[[1 , ],]", [[1]])] as [(String, JSONValue)])
  func `may have trailing commas where that is allowed`(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(parsing: text, allowsTrailingCommas: true) == value)
  }

  @Test(arguments: ["[,]", "[1,,]", "{,}", "1,"])
  func `may have only one trailing comma and only behind an element`(_ text: String) {
    #expect(throws: JSONFailure.self) { try JSONValue(parsing: text, allowsTrailingCommas: true) }
  }

  @Test func `gives only the members that are wanted`() throws {
    let text = #"{"a":{"x":1,"y":2},"b":[{"x":1,"z":{}},3,[{"x":4}]],"\u0063":5,"d":"\ud83d\ude00","e":[1,{"x":2}]}"#
    let value = try JSONValue(parsing: text, keeping: ["a": ["x": .whole], "b": ["x": .whole], "c": .whole])
    #expect(value == ["a": ["x": 1], "b": [["x": 1], 3, [["x": 4]]], "c": 5])
  }

  @Test func `counts levels also where nothing is kept`() {
    let text = "{\"other\":" + String(repeating: "[", count: 64) + String(repeating: "]", count: 64) + "}"
    #expect(throws: JSONFailure(message: "JSON is nested deeper than 64 levels; flatten it")) {
      try JSONValue(parsing: text, keeping: ["one": .whole])
    }
  }
}

@Suite struct `JSON text beside the coders of Foundation` {
  @Test(arguments: UInt64(1)...300)
  func `is written and read alike`(seed: UInt64) throws {
    var made = MadeJSON(seed: seed)
    let value = made.value(5)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    #expect(value.text == text)
    #expect(try JSONValue(parsing: text) == JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
    #expect(try JSONValue(parsing: value.prettyText) == JSONValue(parsing: text))
  }

  /// Foundation also takes UTF-16, which shows in zeros, and trailing commas.
  @Test(arguments: UInt64(1)...300)
  func `is refused alike when it is spoilt`(seed: UInt64) {
    var made = MadeJSON(seed: seed)
    let bytes = made.value(4).bytes
    for _ in 0..<20 {
      let spoilt = made.spoilt(bytes)
      guard !spoilt.contains(0) else { continue }
      let theirs = try? JSONDecoder().decode(JSONValue.self, from: Data(spoilt))
      #expect((try? JSONValue(parsing: spoilt, allowsTrailingCommas: true)) == theirs, "\(spoilt)")
      // Whether parts are kept or not, the same is JSON.
      let isTaken = (try? JSONValue(parsing: spoilt, keeping: ["a": ["a": .whole]], allowsTrailingCommas: true)) != nil
      #expect(isTaken == (theirs != nil), "\(spoilt)")
    }
  }
}

/// Values and texts by chance, the same for the same seed.
private struct MadeJSON: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func value(_ depth: Int) -> JSONValue {
    switch Int.random(in: 0...(depth > 0 ? 8 : 4), using: &self) {
    case 0: return nil
    case 1: return .bool(Bool.random(using: &self))
    case 2: return .int(Int(truncatingIfNeeded: next()) >> Int.random(in: 0...63, using: &self))
    case 3: return .double(number())
    case 4: return .string(text())
    case 5, 6: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth - 1) })
    default:
      var members: [String: JSONValue] = [:]
      for _ in 0..<Int.random(in: 0...4, using: &self) { members[text()] = value(depth - 1) }
      return .object(members)
    }
  }

  /// Small ones, and of every size below 2^53 or above 2^63, where both sides call the same numbers whole.
  private mutating func number() -> Double {
    let small = Double(Int.random(in: -1_000_000...1_000_000, using: &self)) / 64
    let any = Double(bitPattern: next())
    return any.isFinite && !(0x1p53...0x1p64).contains(any.magnitude) && Bool.random(using: &self) ? any : small
  }

  private mutating func text() -> String {
    let pool: [Unicode.Scalar] = [
      "\u{0}", "\u{1F}", "\n", "\t", "\"", "\\", "/", "a", "b", "é", "\u{301}", "\u{2028}", "\u{1F600}", "\u{7F}",
      "\u{FFFF}",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &self) {
      text.unicodeScalars.append(pool.randomElement(using: &self) ?? "a")
    }
    return text
  }

  /// The bytes with one of them changed, doubled, left out, or swapped with another.
  mutating func spoilt(_ bytes: [UInt8]) -> [UInt8] {
    guard let place = bytes.indices.randomElement(using: &self) else { return bytes }
    var bytes = bytes
    switch Int.random(in: 0...4, using: &self) {
    case 0: bytes[place] = UInt8.random(in: 1...255, using: &self)
    case 1: bytes.insert(bytes[place], at: place)
    case 2: bytes.remove(at: place)
    case 3: bytes.swapAt(place, Int.random(in: bytes.indices, using: &self))
    default:
      bytes.insert(Array("{}[],:\"\\0e.-u \n".utf8).randomElement(using: &self) ?? 0x20, at: place)
    }
    return bytes
  }
}
