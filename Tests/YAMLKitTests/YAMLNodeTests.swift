import Testing
import YAMLKit

@Suite struct `A YAML text` {
  @Test func `becomes a tree with the place of every value`() throws {
    let root = try YAMLNode.parse(
      """
      # a graph
      name: report
      steps:
        - id: "one"
          next: {ok: two, 'bad': [a, b]}
        -   two
      """
    )
    #expect(root.line == 2)
    #expect(root.column == 1)
    #expect(root.entries?.map(\.name) == ["name", "steps"])
    #expect(root.entries?.map(\.key.line) == [2, 3])
    #expect(root["name"] == YAMLNode(.scalar("report", style: .plain), line: 2, column: 7))
    let steps = try #require(root["steps"]?.items)
    #expect(steps.map(\.line) == [4, 6])
    #expect(steps.map(\.column) == [5, 7])
    #expect(steps[0]["id"] == YAMLNode(.scalar("one", style: .quoted), line: 4, column: 9))
    #expect(steps[0]["next"]?["bad"]?.items?.map(\.text) == ["a", "b"])
    #expect(steps[0]["next"]?["bad"]?.items?.last?.column == 32)
    #expect(steps[1].text == "two")
    #expect(steps[1]["id"] == nil)
    #expect(root["missing"] == nil)
  }

  @Test func `keeps the lines of a block and folds those of a folded one`() throws {
    let root = try YAMLNode.parse("a: |\n  one\n    two\n\n  three\nb: >-\n  one\n  two\n\n  three\nc: |+\n  x\n\n")
    #expect(root["a"]?.text == "one\n  two\n\nthree\n")
    #expect(root["b"]?.text == "one two\nthree")
    #expect(root["c"]?.text == "x\n\n")
    #expect(root["a"]?.scalar == .string("one\n  two\n\nthree\n"))
    #expect(root["b"]?.line == 6)
  }

  @Test(arguments: ["ä: 1", "\u{FEFF}ä: 1", "---\nä: 1\n...\n", "%YAML 1.2\n---\nä: 1\n", "ä: 1\r\n"])
  func `may begin and end as the format allows`(text: String) throws {
    #expect(try YAMLNode.parse(text)["ä"]?.scalar == .int(1))
  }

  @Test func `counts columns in Unicode scalars`() throws {
    #expect(try YAMLNode.parse("äöü: x")["äöü"]?.column == 6)
  }

  @Test(arguments: ["5", "[]", "{}", "\"\"", "!!seq []", "!!map {}", "! {}"])
  func `may be any single value`(text: String) throws {
    #expect(try YAMLNode.parse(text).line == 1)
  }
}

@Suite struct `YAML aliases and merge keys` {
  @Test func `repeat what they refer to, with its place`() throws {
    let root = try YAMLNode.parse("base: &b {x: 1}\nuse: *b\nlist: [*b, &n 5, *n]\n*n : key")
    #expect(root["use"] == root["base"])
    #expect(root["use"]?.line == 1)
    #expect(root["list"]?.items?.map(\.text) == [nil, "5", "5"])
    #expect(root["5"]?.text == "key")
  }

  @Test func `fill in what a mapping does not say itself`() throws {
    let root = try YAMLNode.parse(
      """
      one: &one {x: 1, y: 1}
      two: &two {y: 2, z: 2}
      both:
        <<: [*one, *two]
        x: 0
      single: {<<: *two}
      quoted: {"<<": *two}
      """
    )
    let both = try #require(root["both"]?.entries)
    #expect(both.map(\.name) == ["x", "y", "z"])
    #expect(both.map(\.value.text) == ["0", "1", "2"])
    #expect(root["single"]?.entries?.map(\.name) == ["y", "z"])
    #expect(root["quoted"]?["<<"]?["z"]?.text == "2")
  }

  @Test func `cannot blow up`() throws {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      lines.append("a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]")
    }
    let failure = #expect(throws: YAMLFailure.self) { try YAMLNode.parse(lines.joined(separator: "\n")) }
    #expect(failure?.line == 6)
    #expect(failure?.message.contains("200000 values") == true)
  }

  @Test func `cannot blow up by long texts`() throws {
    let long = String(repeating: "x", count: 500_000)
    let text = "a: &a \(long)\nb: [*a, *a, *a, *a, *a, *a, *a,\n *a, *a]"
    let failure = #expect(throws: YAMLFailure.self) { try YAMLNode.parse(text) }
    #expect(failure?.line == 3)
  }

  @Test func `count with the depth of what they repeat`() throws {
    var limits = YAMLLimits()
    limits.depth = 4
    #expect(throws: Never.self) { try YAMLNode.parse("a: &a [[5]]\nb: [*a]", limits: limits) }
    let failure = #expect(throws: YAMLFailure.self) { try YAMLNode.parse("a: &a [[5]]\nb: [[*a]]", limits: limits) }
    #expect(failure?.line == 2)
  }
}

@Suite struct `A wrong YAML text` {
  struct Example: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let column: Int
    let says: String

    var testDescription: String { text }
  }

  static let examples = [
    Example(text: "", line: 1, column: 1, says: "empty"),
    Example(text: "# nothing\n\n", line: 3, column: 1, says: "empty"),
    Example(text: "a: 1\nb: [1, 2\nc: 3\n", line: 3, column: 2, says: "expected"),
    Example(text: "a: 1\n\tb: 2", line: 2, column: 1, says: "tab"),
    Example(text: "a: \"open\nb: 2", line: 2, column: 5, says: "quoted scalar"),
    Example(text: "a: b: c", line: 1, column: 5, says: "mapping values are not allowed"),
    Example(text: "a: 1\nb: 2\na: 3", line: 3, column: 1, says: "the key a is there already, on line 1"),
    Example(text: "1: x\n\"1\": y", line: 2, column: 1, says: "already"),
    Example(text: "<<: {a: 1}\n<<: {b: 1}", line: 2, column: 1, says: "already"),
    Example(text: "a:\n  <<: 5", line: 2, column: 7, says: "merge key"),
    Example(text: "a: {<<: [{}, 5]}", line: 1, column: 14, says: "merge key"),
    Example(text: "? [a]\n: 1", line: 1, column: 3, says: "key has to be a single value"),
    Example(text: "a: 1\n: 2", line: 2, column: 1, says: "did not find expected key"),
    Example(text: "a: 1\n?\n: 2", line: 2, column: 2, says: "key is missing"),
    Example(text: "a: 1\n---\nb: 2", line: 2, column: 1, says: "second document"),
    Example(text: "a: *b", line: 1, column: 4, says: "anchor &b"),
    Example(text: "a: &a [*a]", line: 1, column: 8, says: "anchor &a"),
    Example(text: "a: !secret x", line: 1, column: 4, says: "!secret"),
    Example(text: "a: !!int x", line: 1, column: 4, says: "does not fit"),
    Example(text: "a: !!binary eA==", line: 1, column: 4, says: "unknown"),
    Example(text: "a: !!set {}", line: 1, column: 4, says: "unknown"),
    Example(text: "a: !!map []", line: 1, column: 4, says: "does not fit"),
    Example(text: "a: 1\nb: x\u{1}y", line: 2, column: 5, says: "control characters"),
  ]

  @Test(arguments: examples)
  func `is refused with the place of its fault`(_ example: Example) throws {
    let failure = try #require(throws: YAMLFailure.self) { try YAMLNode.parse(example.text) }
    #expect(failure.line == example.line)
    #expect(failure.column == example.column)
    #expect(failure.message.contains(example.says), "\(failure.message)")
    #expect("\(failure)".hasPrefix("line \(failure.line), column \(failure.column): "))
  }

  @Test(
    arguments: [[0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]]
      as [[UInt8]]
  )
  func `in another encoding is refused`(bytes: [UInt8]) throws {
    let failure = try #require(throws: YAMLFailure.self) {
      try YAMLNode.parse(utf8: Array("ä: 1\nb: ".utf8) + bytes)
    }
    #expect(failure.line == 2)
    #expect(failure.column == 4)
    #expect(failure.message.contains("UTF-8"))
  }

  @Test func `in UTF-16 is refused`() {
    #expect(throws: YAMLFailure.self) { try YAMLNode.parse(utf8: [0xFF, 0xFE, 0x61, 0x00]) }
  }

  @Test func `is refused for its length before it is read`() throws {
    let text = String(repeating: "- x\n", count: (1 << 18) + 1)
    let failure = try #require(throws: YAMLFailure.self) { try YAMLNode.parse(text) }
    #expect(failure.message.contains("1048576"))
  }

  @Test func `is refused for its number of values`() throws {
    #expect(throws: Never.self) { try YAMLNode.parse(String(repeating: "- x\n", count: 199_999)) }
    let failure = try #require(throws: YAMLFailure.self) {
      try YAMLNode.parse(String(repeating: "- x\n", count: 200_000))
    }
    #expect(failure.line == 200_000)
  }

  @Test(arguments: ["[", "{a: ", "- "])
  func `is refused for its depth`(opening: String) throws {
    let failure = try #require(throws: YAMLFailure.self) {
      try YAMLNode.parse(String(repeating: opening, count: 100_000))
    }
    #expect(failure.line == 1)
    #expect(failure.column == 64 * opening.count + 1)
    #expect(failure.message.contains("deeper than 64"))
  }

  @Test func `may be 64 levels deep`() throws {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try YAMLNode.parse(text) }
  }
}

@Suite struct `A YAML scalar` {
  @Test(arguments: [
    ("", YAMLScalar.null), ("~", .null), ("null", .null), ("true", .bool(true)), ("False", .bool(false)),
    ("no", .string("no")), ("on", .string("on")), ("yes", .string("yes")), ("tRue", .string("tRue")),
    ("0", .int(0)), ("-17", .int(-17)), ("+5", .int(5)), ("007", .int(7)), ("0x1F", .int(31)), ("0o17", .int(15)),
    ("0x", .string("0x")), ("0x-1", .string("0x-1")), ("0o8", .string("0o8")), ("-0x1", .string("-0x1")),
    ("1.5", .double(1.5)), (".5", .double(0.5)), ("1.", .double(1)), ("1e3", .double(1_000)),
    ("-1.5E-1", .double(-0.15)),
    ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
    (".inf", .double(.infinity)), ("-.INF", .double(-.infinity)), ("inf", .string("inf")), ("nan", .string("nan")),
    (".", .string(".")), ("-", .string("-")), ("1e", .string("1e")), ("1_000", .string("1_000")),
    ("12:30", .string("12:30")), ("2024-01-01", .string("2024-01-01")), ("0x1p3", .string("0x1p3")),
    ("1 2", .string("1 2")),
  ])
  func `without quotes has the type of its form`(text: String, scalar: YAMLScalar) {
    #expect(YAMLScalar(plain: text) == scalar)
  }

  @Test func `can be no number`() throws {
    guard case .double(let value) = YAMLScalar(plain: ".nan") else {
      Issue.record(".nan is a floating point number")
      return
    }
    #expect(value.isNaN)
  }

  @Test(arguments: [
    ("no", YAMLScalar.string("no")), ("5", .int(5)), ("'5'", .string("5")), ("\"true\"", .string("true")),
    ("!!str 5", .string("5")), ("! 5", .string("5")), ("!!int \"5\"", .int(5)), ("!!float 1.5", .double(1.5)),
    ("!!null ''", .null), ("!!bool true", .bool(true)), ("\"\\u00e9\\n\"", .string("é\n")),
  ])
  func `in a text has the type of its form, its quotes or its tag`(text: String, scalar: YAMLScalar) throws {
    #expect(try YAMLNode.parse(text).scalar == scalar)
  }

  @Test func `is no list`() throws {
    let list = try YAMLNode.parse("[1]")
    #expect(list.scalar == nil)
    #expect(list.text == nil)
    #expect(list.entries == nil)
    #expect(try YAMLNode.parse("1").items == nil)
  }
}
