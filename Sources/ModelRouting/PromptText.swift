/// A prompt taken apart for scoring: lower case, white space and trailing signs forgotten, words, numbers and signs found.
///
/// Two prompts that differ only in case, white space or trailing punctuation give the same tokens.
struct PromptText {
  /// One word, number or sign.
  struct Token {
    enum Kind: UInt8 {
      case word
      case number
      case sign
    }

    let kind: Kind
    /// Where its bytes are in ``PromptText/bytes``.
    let start: Int
    let end: Int
    /// FNV-1a over its bytes.
    let hash: UInt64

    var length: Int { end - start }
  }

  /// How much of a prompt is read; what is beyond changes no score.
  static let byteLimit = 16_384

  /// The normalised text.
  let bytes: [UInt8]
  let tokens: [Token]

  init(_ text: String) {
    bytes = Self.normalised(text)
    tokens = Self.tokens(of: bytes)
  }

  /// The text of a token.
  func text(of token: Token) -> String { String(decoding: bytes[token.start..<token.end], as: UTF8.self) }

  // MARK: - Normalising

  private static func normalised(_ text: String) -> [UInt8] {
    var folded = FoldedBytes(capacity: min(byteLimit, text.utf8.count))
    for scalar in text.unicodeScalars {
      if folded.isFull { break }
      if scalar.value < 0x80 {
        folded.append(UInt8(scalar.value))
      } else {
        append(scalar, to: &folded)
      }
    }
    var bytes = folded.bytes
    while let last = bytes.last, !isWordByte(last) { bytes.removeLast() }
    return bytes
  }

  /// Bytes in lower case with single blanks; only what is no blank counts towards the limit, so that blanks move no cut.
  private struct FoldedBytes {
    private(set) var bytes: [UInt8] = []
    private var signs = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity + 8) }

    var isFull: Bool { signs >= byteLimit }

    mutating func append(_ byte: UInt8) {
      if byte <= 0x20 {
        if let last = bytes.last, last != 0x20 { bytes.append(0x20) }
      } else {
        signs += 1
        bytes.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
      }
    }

    mutating func append(word: some Sequence<UInt8>) {
      for byte in word {
        signs += 1
        bytes.append(byte)
      }
    }
  }

  /// Letters in lower case, every white space as a blank, typographic signs as their ASCII relatives.
  private static func append(_ scalar: Unicode.Scalar, to bytes: inout FoldedBytes) {
    switch scalar.value {
    case 0x2018, 0x2019: bytes.append(UInt8(ascii: "'"))
    case 0x201C, 0x201D, 0xAB, 0xBB: bytes.append(UInt8(ascii: "\""))
    case 0x2010...0x2015, 0x2212: bytes.append(UInt8(ascii: "-"))
    case 0x2026: bytes.append(UInt8(ascii: "."))
    case 0xD7: bytes.append(UInt8(ascii: "*"))
    case 0xF7: bytes.append(UInt8(ascii: "/"))
    default:
      let properties = scalar.properties
      if properties.isWhitespace {
        bytes.append(UInt8(ascii: " "))
      } else if properties.isAlphabetic || properties.numericType != nil {
        // Up and down again, so that letters whose two cases are not pairs meet as well.
        bytes.append(word: properties.uppercaseMapping.lowercased().utf8)
      } else {
        bytes.append(otherSign)
      }
    }
  }

  /// Stands for any sign beyond ASCII.
  private static let otherSign = UInt8(ascii: "~")

  // MARK: - Tokens

  static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x80 || (0x61...0x7A).contains(byte) }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func tokens(of bytes: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(bytes.count / 5 + 4)
    var index = 0
    bytes.withUnsafeBufferPointer { bytes in
      while index < bytes.count {
        let byte = bytes[index]
        if isLetter(byte) {
          tokens.append(token(.word, in: bytes, at: &index) { isLetter($0) || $0 == UInt8(ascii: "'") })
        } else if isDigit(byte) {
          tokens.append(token(.number, in: bytes, at: &index, while: isDigit))
        } else if byte > 0x20 {
          let hash = (0xCBF2_9CE4_8422_2325 ^ UInt64(byte)) &* 0x100_0000_01B3
          tokens.append(Token(kind: .sign, start: index, end: index + 1, hash: hash))
          index += 1
        } else {
          index += 1
        }
      }
    }
    return tokens
  }

  private static func token(
    _ kind: Token.Kind,
    in bytes: UnsafeBufferPointer<UInt8>,
    at index: inout Int,
    while belongs: (UInt8) -> Bool
  ) -> Token {
    let start = index
    var end = index
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    while index < bytes.count {
      let byte = bytes[index]
      if !belongs(byte) {
        // A decimal point or a comma between digits belongs to the number.
        let isInside = kind == .number && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: ","))
        guard isInside, index + 1 < bytes.count, isDigit(bytes[index + 1]) else { break }
      }
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      index += 1
      end = index
    }
    return Token(kind: kind, start: start, end: end, hash: hash)
  }
}

/// FNV-1a over the bytes of a text.
func stableHash(_ text: some Sequence<UInt8>) -> UInt64 {
  text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
