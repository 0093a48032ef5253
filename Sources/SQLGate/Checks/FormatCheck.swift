import SQLSyntax

/// Lets `printf` and `format` through only with a literal format and narrow fields.
///
/// SQLite builds a field of any width in one step that neither a time limit nor a limit on values ends.
struct FormatCheck: SQLCheck {
  let name = "formats"

  func refusal(of statement: CheckedStatement, under policy: GatePolicy) -> Refusal? {
    guard statement.facts.accesses.contains(where: \.isFormatting) else { return nil }
    let formats = literalFormats(in: statement.tokens)
    // A call that is nowhere in the text comes from a view, where its format cannot be seen.
    guard let formats, !formats.isEmpty, formats.allSatisfy(Self.isNarrow) else {
      return Refusal(
        .unsafeFormat,
        "printf and format need a literal format with fields of at most 999 characters and without *.",
        hint: "Write for example printf('%.2f', x), or use round(x, 2)."
      )
    }
    return nil
  }

  /// The formats of all calls, or nothing when one of them is no literal.
  private func literalFormats(in tokens: [SQLToken]) -> [String]? {
    var formats: [String] = []
    for (index, token) in tokens.enumerated() where token.canBeName && token.isFormattingName {
      guard index + 1 < tokens.count, tokens[index + 1].isSymbol("(") else { continue }
      guard index + 3 < tokens.count, tokens[index + 2].kind == .string,
        tokens[index + 3].isSymbol(",") || tokens[index + 3].isSymbol(")")
      else { return nil }
      formats.append(tokens[index + 2].text)
    }
    return formats
  }

  private static let fieldLetters = Set("-+ 0123456789,!#.l*".utf8)

  /// Whether every field has a width and precision of at most three digits, written out.
  private static func isNarrow(_ format: String) -> Bool {
    var rest = Array(format.utf8)[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "%")) {
      let field = rest[(start + 1)...].prefix { fieldLetters.contains($0) }
      if field.contains(UInt8(ascii: "*")) || longestNumber(in: field) > 3 { return false }
      rest = rest[field.endIndex...].dropFirst()
    }
    return true
  }

  private static func longestNumber(in field: ArraySlice<UInt8>) -> Int {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return field.split { !digits.contains($0) }.map(\.count).max() ?? 0
  }
}

extension SQLToken {
  fileprivate var isFormattingName: Bool { Access.function(name: text.asciiLowercased).isFormatting }
}

extension Access {
  fileprivate var isFormatting: Bool {
    guard case .function(let name) = self else { return false }
    return ["printf", "format"].contains(name.asciiLowercased)
  }
}
