import SQLGate
import SQLSyntax

/// One piece of a statement in the plain SQL that all engines cut alike.
///
/// What engines cut in different ways, such as comments, escapes in texts and dollar quotes, is refused, so that nobody
/// reads a statement otherwise than the engine does.
struct PlainToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// A keyword or a name without quotes.
    case word
    /// A name in double quotes.
    case quotedName
    case text
    case number
    /// A place for a bound value; 0 when it has no number.
    case parameter(Int)
    case symbol
  }

  let kind: Kind
  /// Words in small letters, quoted names and texts without their quotes.
  let text: String
  let offset: Int

  func isWord(_ word: String) -> Bool { kind == .word && text == word }
  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
  var isName: Bool { kind == .word || kind == .quotedName }

  /// Cuts a statement.
  ///
  /// - Throws: `ExaminationFailure.syntax` for anything beyond plain SQL, with its place.
  static func tokens(of sql: String) throws(ExaminationFailure) -> [PlainToken] {
    var cutter = Cutter(bytes: Array(sql.utf8))
    return try cutter.tokens()
  }
}

private struct Cutter {
  let bytes: [UInt8]
  var place = 0

  mutating func tokens() throws(ExaminationFailure) -> [PlainToken] {
    var found: [PlainToken] = []
    while place < bytes.count {
      if Self.blanks.contains(bytes[place]) {
        place += 1
      } else {
        found.append(try next())
      }
    }
    return found
  }

  private static let blanks = Set(" \t\n\r".utf8)
  private static let pairs: Set<String> = ["::", "||", "<=", ">=", "<>", "!="]
  private static let symbols = Set("()+-*/%=<>,.;".utf8)

  private func byte(_ ahead: Int = 0) -> UInt8? { place + ahead < bytes.count ? bytes[place + ahead] : nil }

  private mutating func next() throws(ExaminationFailure) -> PlainToken {
    let start = place
    let first = bytes[place]
    switch first {
    case UInt8(ascii: "'"): return PlainToken(kind: .text, text: try quoted(first), offset: start)
    case UInt8(ascii: "\""): return PlainToken(kind: .quotedName, text: try quoted(first), offset: start)
    case UInt8(ascii: "$"):
      place += 1
      guard let number = Int(take { $0.isDigit }), number > 0 else { throw fault("a '$' without a number", start) }
      return PlainToken(kind: .parameter(number), text: "$", offset: start)
    case UInt8(ascii: "?"):
      place += 1
      return PlainToken(kind: .parameter(Int(take { $0.isDigit }) ?? 0), text: "?", offset: start)
    case _ where first.isLetter:
      let word = take { $0.isLetter || $0.isDigit }
      // E'…', U&'…' and their like read what follows in ways of their own.
      if let follower = byte(), follower == UInt8(ascii: "'") || follower == UInt8(ascii: "\"") {
        throw fault("a quote directly behind a word", place)
      }
      return PlainToken(kind: .word, text: word.asciiLowercased, offset: start)
    case _ where first.isDigit: return PlainToken(kind: .number, text: try number(), offset: start)
    default: return try symbol()
    }
  }

  private mutating func take(while belongs: (UInt8) -> Bool) -> String {
    let start = place
    while let byte = byte(), belongs(byte) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func quoted(_ quote: UInt8) throws(ExaminationFailure) -> String {
    let start = place
    var text: [UInt8] = []
    place += 1
    while let next = byte() {
      place += 1
      if next == UInt8(ascii: "\\") || next == 0 { throw fault("a backslash in quotes", place - 1) }
      if next == quote {
        guard byte() == quote else { return String(decoding: text, as: UTF8.self) }
        place += 1
      }
      text.append(next)
    }
    throw fault("a quote without its end", start)
  }

  private mutating func number() throws(ExaminationFailure) -> String {
    let start = place
    var text = take { $0.isDigit || $0 == UInt8(ascii: ".") }
    if let next = byte(), next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      text += "e"
      if let sign = byte(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        place += 1
        text += sign == UInt8(ascii: "-") ? "-" : "+"
      }
      text += take { $0.isDigit }
    }
    if let next = byte(), next.isLetter { throw fault("a letter directly behind a number", place) }
    guard Double(text) != nil else { throw fault("'\(text)' is no number", start) }
    return text
  }

  private mutating func symbol() throws(ExaminationFailure) -> PlainToken {
    let start = place
    if let second = byte(1) {
      let pair = String(decoding: [bytes[place], second], as: UTF8.self)
      if pair == "--" || pair == "/*" { throw fault("a comment", place) }
      if Self.pairs.contains(pair) {
        place += 2
        return PlainToken(kind: .symbol, text: pair, offset: start)
      }
    }
    guard Self.symbols.contains(bytes[place]) else {
      throw fault("a sign that has no place in a question", place)
    }
    place += 1
    return PlainToken(kind: .symbol, text: String(decoding: [bytes[start]], as: UTF8.self), offset: start)
  }

  private func fault(_ message: String, _ offset: Int) -> ExaminationFailure {
    .syntax(message: "there is \(message)", offset: offset)
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
  fileprivate var isLetter: Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= self || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self
      || self == UInt8(ascii: "_")
  }
}
