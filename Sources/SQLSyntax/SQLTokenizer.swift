/// Cuts SQL text by the rules of SQLite's own tokenizer.
struct SQLTokenizer {
  private let bytes: [UInt8]
  private var place = 0

  init(_ sql: String) {
    bytes = Array(sql.utf8)
  }

  mutating func tokens() -> [SQLToken] {
    var tokens: [SQLToken] = []
    while let token = next() { tokens.append(token) }
    return tokens
  }

  private mutating func next() -> SQLToken? {
    skipBlanksAndComments()
    guard let first = byte(at: place) else { return nil }
    return switch first {
    case UInt8(ascii: "'"): quoted(by: first, as: .string)
    case UInt8(ascii: "\""), UInt8(ascii: "`"): quoted(by: first, as: .quotedName)
    case UInt8(ascii: "["): bracketedName()
    case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "#"):
      token(.parameter, while: Self.isWord)
    case _ where isNumberStart(first): number()
    case _ where Self.isWord(first): token(.word, while: Self.isWord)
    default: token(.symbol) { _ in false }
    }
  }
}

// MARK: - Kinds of tokens

extension SQLTokenizer {
  /// A token of the present byte and those after it that belong to it.
  private mutating func token(_ kind: SQLToken.Kind, while belongs: (UInt8) -> Bool) -> SQLToken {
    let start = place
    place += 1
    while let next = byte(at: place), belongs(next) { place += 1 }
    return SQLToken(kind: kind, text: text(start..<place), range: start..<place)
  }

  /// A text or name in quotes, in which the doubled quote stands for itself.
  private mutating func quoted(by quote: UInt8, as kind: SQLToken.Kind) -> SQLToken {
    let start = place
    var content: [UInt8] = []
    var isClosed = false
    place += 1
    while let next = byte(at: place) {
      place += 1
      if next == quote {
        guard byte(at: place) == quote else {
          isClosed = true
          break
        }
        place += 1
      }
      content.append(next)
    }
    let text = String(decoding: content, as: UTF8.self)
    return SQLToken(kind: kind, text: text, range: start..<place, isClosed: isClosed)
  }

  private mutating func bracketedName() -> SQLToken {
    let start = place
    while let next = byte(at: place), next != UInt8(ascii: "]") { place += 1 }
    let content = start + 1..<place
    let isClosed = place < bytes.count
    place = min(place + 1, bytes.count)
    return SQLToken(kind: .quotedName, text: text(content), range: start..<place, isClosed: isClosed)
  }

  private mutating func number() -> SQLToken {
    var last = UInt8(0)
    return token(.number) { next in
      defer { last = next }
      let isExponentSign =
        (next == UInt8(ascii: "+") || next == UInt8(ascii: "-")) && (last | 0x20) == UInt8(ascii: "e")
      return Self.isWord(next) || next == UInt8(ascii: ".") || isExponentSign
    }
  }
}

// MARK: - Bytes

extension SQLTokenizer {
  private mutating func skipBlanksAndComments() {
    while let first = byte(at: place) {
      if first == 0x20 || (0x09...0x0D).contains(first) {
        place += 1
      } else if first == UInt8(ascii: "-"), byte(at: place + 1) == UInt8(ascii: "-") {
        while let next = byte(at: place), next != UInt8(ascii: "\n") { place += 1 }
      } else if first == UInt8(ascii: "/"), byte(at: place + 1) == UInt8(ascii: "*") {
        skipBlockComment()
      } else {
        return
      }
    }
  }

  private mutating func skipBlockComment() {
    place += 2
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "*"), byte(at: place + 1) == UInt8(ascii: "/") {
        place += 2
        return
      }
      place += 1
    }
  }

  private func isNumberStart(_ first: UInt8) -> Bool {
    if Self.isDigit(first) { return true }
    return first == UInt8(ascii: ".") && byte(at: place + 1).map(Self.isDigit) ?? false
  }

  private func byte(at index: Int) -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Letters, digits, `_`, `$` and all that is not ASCII, as in SQLite.
  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
