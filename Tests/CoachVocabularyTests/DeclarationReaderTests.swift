import CoachVocabulary
import Testing

@Suite struct `A declaration reader` {
  private let collector = DiagnosticCollector()

  private func place(_ line: Int) -> SourcePosition { SourcePosition(file: "a.yaml", line: line) }

  private func scalar(_ value: JSONValue, _ text: String, _ line: Int) -> DeclarationTree {
    DeclarationTree(.scalar(value, text: text), at: place(line))
  }

  private func mapping(_ members: [(String, DeclarationTree)]) -> DeclarationTree {
    DeclarationTree(
      .mapping(members.map { .init(key: $0.0, position: $0.1.position, value: $0.1) }),
      at: place(1)
    )
  }

  private var messages: [String] { collector.diagnostics.map(\.description) }

  @Test func `gives values of the asked kind`() {
    let items = DeclarationTree(.list([scalar("x", "x", 5), scalar(1, "1", 5)]), at: place(5))
    let reader = DeclarationReader(
      mapping([
        ("name", scalar("n", "n", 2)), ("size", scalar(7, "7", 3)), ("on", scalar(true, "yes", 4)), ("tags", items),
        ("share", scalar(0.5, "0.5", 6)), ("none", scalar(nil, "null", 7)),
      ]),
      as: "the thing",
      reporting: collector
    )
    #expect(reader.requiredString("name") == "n")
    #expect(reader.int("size", in: 1...10) == 7)
    #expect(reader.double("size") == 7 && reader.double("share") == 0.5)
    #expect(reader.bool("on") == true)
    #expect(reader.strings("tags") == ["x", "1"])
    #expect(reader.strings("name") == ["n"])
    #expect(reader.string("none") == nil && reader.string("missing") == nil)
    #expect(reader.position(of: "share").line == 6)
    reader.finish()
    #expect(messages == [])
  }

  @Test func `reports every fault with its place`() {
    let reader = DeclarationReader(
      mapping([
        ("name", scalar(" ", " ", 2)), ("size", scalar(70, "70", 3)), ("on", scalar("maybe", "maybe", 4)),
        ("color", scalar("pink", "pink", 5)), ("list", scalar("x", "x", 6)),
        ("typo", DeclarationTree(.mapping([]), at: place(7))),
      ]),
      as: "the thing",
      reporting: collector
    )
    _ = reader.requiredString("name")
    _ = reader.int("size", in: 1...10)
    _ = reader.bool("on")
    _ = reader.choice("color", of: Color.self)
    _ = reader.list("list")
    _ = reader.requiredTree("missing")
    reader.finish()
    #expect(
      messages == [
        "a.yaml:2: error: 'name' of the thing is empty",
        "a.yaml:3: error: 'size' of the thing must be from 1 to 10, not 70",
        "a.yaml:4: error: 'on' of the thing must be true or false, not text",
        "a.yaml:5: error: 'color' of the thing must be one of red, blue, not 'pink'",
        "a.yaml:6: error: 'list' of the thing must be a list, not text",
        "a.yaml:1: error: the thing needs 'missing'",
        "a.yaml:7: error: unknown key 'typo' in the thing; known keys: color, list, missing, name, on, size",
      ]
    )
  }

  @Test func `reads what is no mapping as an empty one`() {
    let reader = DeclarationReader(scalar(3, "3", 9), as: "the thing", reporting: collector)
    #expect(reader.allMembers().isEmpty)
    #expect(messages == ["a.yaml:9: error: the thing must be a mapping, not a whole number"])
  }

  @Test func `gives all members in the order of the file and then knows them`() {
    let tree = mapping([("b", scalar(1, "1", 2)), ("a", scalar(2, "2", 3))])
    let reader = DeclarationReader(tree, as: "the thing", reporting: collector)
    #expect(reader.allMembers().map(\.key) == ["b", "a"])
    reader.finish()
    #expect(!collector.hasErrors)
    #expect(tree.json == ["a": 2, "b": 1])
  }

  private enum Color: String, CaseIterable {
    case red
    case blue
  }
}
