import CoachVocabulary

/// Reads JSON into a declaration tree with the place of each part, so that tests need no YAML.
struct JSONDeclaration {
  private let characters: [Character]
  private let file: String
  private var place = 0
  private var line = 1
  private var column = 1

  static func tree(_ text: String, file: String = "g.yaml") throws -> DeclarationTree {
    var reader = JSONDeclaration(text: text, file: file)
    return try reader.value()
  }

  private init(text: String, file: String) {
    characters = Array(text)
    self.file = file
  }

  private struct Unreadable: Error {
    let line: Int
  }

  private var position: SourcePosition { SourcePosition(file: file, line: line, column: column) }

  private mutating func advance() {
    if characters[place] == "\n" {
      line += 1
      column = 0
    }
    place += 1
    column += 1
  }

  private mutating func skipSpace() {
    while place < characters.count, characters[place].isWhitespace || ",:".contains(characters[place]) { advance() }
  }

  private mutating func value() throws -> DeclarationTree {
    skipSpace()
    guard place < characters.count else { throw Unreadable(line: line) }
    switch characters[place] {
    case "{": return try mapping()
    case "[": return try list()
    case "\"", "'":
      let start = position
      let text = try string()
      return DeclarationTree(.scalar(.string(text), text: text), at: start)
    default: return try scalar()
    }
  }

  private mutating func mapping() throws -> DeclarationTree {
    let start = position
    var members: [DeclarationTree.Member] = []
    advance()
    while true {
      skipSpace()
      guard place < characters.count else { throw Unreadable(line: line) }
      if characters[place] == "}" { break }
      let keyPosition = position
      let key = try value().json.text.filter { $0 != "\"" }
      members.append(DeclarationTree.Member(key: key, position: keyPosition, value: try value()))
    }
    advance()
    return DeclarationTree(.mapping(members), at: start)
  }

  private mutating func list() throws -> DeclarationTree {
    let start = position
    var items: [DeclarationTree] = []
    advance()
    while true {
      skipSpace()
      guard place < characters.count else { throw Unreadable(line: line) }
      if characters[place] == "]" { break }
      items.append(try value())
    }
    advance()
    return DeclarationTree(.list(items), at: start)
  }

  private mutating func string() throws -> String {
    let quote = characters[place]
    var text = ""
    advance()
    while place < characters.count, characters[place] != quote {
      text.append(characters[place])
      advance()
    }
    guard place < characters.count else { throw Unreadable(line: line) }
    advance()
    return text
  }

  private mutating func scalar() throws -> DeclarationTree {
    let start = position
    var text = ""
    while place < characters.count, !characters[place].isWhitespace, !",:]}".contains(characters[place]) {
      text.append(characters[place])
      advance()
    }
    let value: JSONValue =
      switch text {
      case "true": true
      case "false": false
      case "null": nil
      default: Int(text).map { .int($0) } ?? Double(text).map { .double($0) } ?? .string(text)
      }
    return DeclarationTree(.scalar(value, text: text), at: start)
  }
}
