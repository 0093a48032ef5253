/// What is left in a text after a statement.
enum SQLText {
  /// Whether `text` holds something besides blanks, comments and semicolons.
  ///
  /// A block comment without an end reaches to the end of the text, as in SQLite.
  static func hasStatement(_ text: some Collection<UInt8>) -> Bool {
    var rest = text[...]
    while let first = rest.first {
      if isBlank(first) || first == UInt8(ascii: ";") {
        rest = rest.dropFirst()
      } else if rest.starts(with: "--".utf8) {
        rest = rest.drop { $0 != UInt8(ascii: "\n") }
      } else if rest.starts(with: "/*".utf8) {
        rest = afterBlockComment(rest.dropFirst(2))
      } else {
        return true
      }
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B
  }

  private static func afterBlockComment<Bytes: Collection<UInt8>>(_ text: Bytes) -> Bytes.SubSequence {
    var rest = text[...]
    while !rest.isEmpty {
      if rest.starts(with: "*/".utf8) { return rest.dropFirst(2) }
      rest = rest.dropFirst()
    }
    return rest
  }
}
