/// A word, number or date of a question.
struct Token: Hashable, Sendable {
  /// The text as it was asked.
  var original: String
  /// Lower case, without accents.
  var folded: String
  /// The base form that is compared: "dealers" and "dealer" are one.
  var lemma: String
  /// The value when it is a number; "50k" is 50,000.
  var number: Double?
  /// Whether a comma or the like stands before it.
  var followsPause = false
  /// Whether a dash stands before it, as in "Jan-Mar".
  var followsDash = false
  /// Whether an apostrophe stands before it, as in "May '24".
  var followsApostrophe = false
  /// Whether spelling was corrected, and from what.
  var correctedFrom: String?

  /// Whether the number is a whole one.
  var wholeNumber: Int? { number.flatMap { Int(exactly: $0) } }
}

/// Splits questions into tokens.
enum Tokenizer {
  private struct Piece {
    var folded = ""
    var original = ""
    var followsPause = false
    var followsDash = false
    var followsApostrophe = false
  }

  /// The longest question that is read, in characters.
  static let longest = 4_000

  /// The tokens of a text, at most 400.
  static func tokens(of text: String) -> [Token] {
    var tokens: [Token] = []
    for piece in pieces(of: String(text.prefix(longest))) {
      var expanded = expand((piece.folded, piece.original))
      if !expanded.isEmpty {
        expanded[0].followsPause = piece.followsPause
        expanded[0].followsDash = piece.followsDash
        expanded[0].followsApostrophe = piece.followsApostrophe
      }
      tokens += expanded
      if tokens.count >= 400 { break }
    }
    return tokens
  }

  /// Lower case without accents; typographic marks become plain ones.
  static func fold(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.lowercased().unicodeScalars { result += fold(scalar) }
    return result
  }

  /// A character in its plain form; the common ones are looked up.
  private static func folded(_ character: Character) -> String {
    guard let byte = character.asciiValue, character.utf8.count == 1 else { return fold(String(character)) }
    return plainCharacters[Int(byte)]
  }

  private static let plainCharacters: [String] = (0..<128).map { fold(String(Character(Unicode.Scalar(UInt8($0))))) }

  private static func fold(_ scalar: Unicode.Scalar) -> String {
    if scalar.isASCII { return scalar == "`" ? "'" : String(Character(scalar)) }
    if scalar.properties.canonicalCombiningClass != .notReordered { return "" }
    if let plain = Vocabulary.plainForms[scalar] { return plain }
    // The Unicode name tells the letter below the accent: "LATIN SMALL LETTER E WITH ACUTE".
    let marker = "LATIN SMALL LETTER "
    if let name = scalar.properties.name, name.hasPrefix(marker) {
      let letter = name.dropFirst(marker.count).prefix { $0 != " " }
      if letter.count == 1 { return letter.lowercased() }
    }
    return String(Character(scalar))
  }

  /// The lemmas of a name, for comparison with a question.
  static func lemmas(of name: String) -> [String] { plainLemmas(of: name) ?? tokens(of: name).map(\.lemma) }

  /// The lemmas of a name of ASCII words and whole numbers with spaces between, as most are: no marks or accents to look
  /// at one by one.
  private static func plainLemmas(of name: String) -> [String]? {
    var name = name
    return name.withUTF8 { bytes -> [String]? in
      var words: [String] = []
      var start = 0
      var kinds: UInt8 = 0
      for index in 0...bytes.count {
        let byte = index < bytes.count ? bytes[index] : UInt8(ascii: " ")
        if byte == UInt8(ascii: " ") {
          if index > start {
            guard kinds != 3, let word = plainLemma(bytes[start..<index], isNumber: kinds == 2) else { return nil }
            words.append(word)
          }
          (start, kinds) = (index + 1, 0)
        } else if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) {
          kinds |= 1
        } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
          kinds |= 2
        } else {
          return nil
        }
      }
      return words
    }
  }

  private static func plainLemma(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, isNumber: Bool) -> String? {
    if isNumber { return String(decoding: bytes, as: UTF8.self) }
    let word = String(decoding: bytes.lazy.map { $0 | 0x20 }, as: UTF8.self)
    return Vocabulary.contractions[word] == nil ? lemma(of: word) : nil
  }

  /// The base form of a folded word.
  static func lemma(of word: String) -> String {
    if let known = Vocabulary.irregular[word] { return known }
    // Every rule below takes off an "s".
    guard word.utf8.last == UInt8(ascii: "s"), word.count > 3,
      word.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic })
    else { return word }
    if word.hasSuffix("ies"), word.count > 4 { return String(word.dropLast(3)) + "y" }
    for ending in ["sses", "shes", "ches", "xes", "zes"] where word.hasSuffix(ending) {
      return String(word.dropLast(2))
    }
    if word.hasSuffix("s"), !["ss", "us", "is"].contains(where: word.hasSuffix) { return String(word.dropLast()) }
    return word
  }

  /// Runs of letters and digits with the marks that belong inside them.
  private static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var current = Piece()
    let characters = text.map { (original: $0, folded: folded($0)) }
    func flush() {
      if !current.folded.isEmpty {
        pieces.append(current)
        current = Piece()
      }
    }
    for (index, character) in characters.enumerated() {
      let previous = index > 0 ? characters[index - 1].original : " "
      let next = index + 1 < characters.count ? characters[index + 1].original : " "
      if belongs(character.original, character.folded, between: previous, and: next, in: current.folded) {
        current.folded += character.folded
        current.original.append(character.original)
      } else {
        flush()
        if ",;:".contains(character.original) { current.followsPause = true }
        if character.folded == "-" { current.followsDash = true }
        if character.folded == "'" { current.followsApostrophe = true }
        if Vocabulary.signs[character.folded] != nil {
          pieces.append(Piece(folded: character.folded, original: String(character.original)))
        }
      }
    }
    flush()
    return pieces
  }

  /// Whether a character continues the word so far.
  private static func belongs(
    _ character: Character,
    _ folded: String,
    between previous: Character,
    and next: Character,
    in word: String
  ) -> Bool {
    if character.isLetter || character.isNumber { return true }
    guard !word.isEmpty else { return false }
    if folded == "'" { return previous.isLetter && next.isLetter }
    if ".,-/".contains(folded) {
      if previous.isNumber, next.isNumber { return true }
      return folded == "/" && word.count == 1 && previous.isLetter && next.isLetter
    }
    return false
  }

  private static func expand(_ piece: (folded: String, original: String)) -> [Token] {
    let word = piece.folded
    if let parts = Vocabulary.contractions[word] { return parts.map { plain($0, piece.original) } }
    if word.hasSuffix("'s") { return expand((String(word.dropLast(2)), String(piece.original.dropLast(2)))) }
    if word.hasSuffix("n't") {
      return [plain(String(word.dropLast(3)), piece.original), plain("not", piece.original)]
    }
    if let sign = Vocabulary.signs[word] { return [plain(sign, piece.original)] }
    if word.first?.isNumber == true { return numeric(word, piece.original) }
    return [plain(word, piece.original)]
  }

  private static func plain(_ word: String, _ original: String) -> Token {
    Token(original: original, folded: word, lemma: lemma(of: word), number: Vocabulary.numberWords[word])
  }

  /// Numbers, dates and ordinals; a list such as `3-5` is split.
  private static func numeric(_ word: String, _ original: String) -> [Token] {
    let grouped = word.split(separator: ",", omittingEmptySubsequences: false)
    let isGrouped = grouped.count > 1 && grouped.dropFirst().allSatisfy { $0.prefix { $0.isNumber }.count == 3 }
    let text = isGrouped ? grouped.joined() : word
    if let value = Double(text) { return [Token(original: original, folded: text, lemma: text, number: value)] }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let suffix = text.dropFirst(digits.count)
    if let value = Double(digits), !suffix.isEmpty {
      if let factor = Vocabulary.magnitudes[String(suffix)] {
        return [Token(original: original, folded: text, lemma: text, number: value * factor)]
      }
      if ["st", "nd", "rd", "th"].contains(suffix) {
        return [Token(original: original, folded: text, lemma: text, number: nil)]
      }
    }
    if text.contains(",") {
      return text.split(separator: ",").flatMap { numeric(String($0), String($0)) }
    }
    return [Token(original: original, folded: text, lemma: lemma(of: text), number: nil)]
  }
}
