/// What a template's text falls into.
enum Token: Hashable {
  case text(String)
  case variable(Reference)
  case open(Reference, isInverted: Bool)
  case close(Reference)
}

/// Cuts a template's text into tokens.
struct Tokenizer {
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var place = Place(line: 1, column: 1)
  /// Where `place` was counted last.
  private var counted = 0

  private struct Place {
    var line: Int
    var column: Int
  }

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The next token, or nil at the end; comments are skipped.
  mutating func next() throws(TemplateFailure) -> Token? {
    while index < scalars.count {
      let start = index
      guard let tag = find("{{", from: start) else { return rest() }
      if isStandalone(tag) {
        let line = lineStart(before: tag)
        if line > start {
          index = line
          return .text(text(start..<line))
        }
      } else if tag > start {
        index = tag
        return .text(text(start..<tag))
      }
      if let token = try readTag(at: tag) { return token }
    }
    return nil
  }

  private mutating func rest() -> Token {
    defer { index = scalars.count }
    return .text(text(index..<scalars.count))
  }
}

// MARK: - Tags

extension Tokenizer {
  /// Reads the tag at `start` and moves behind it; nil for a comment.
  private mutating func readTag(at start: Int) throws(TemplateFailure) -> Token? {
    let isStandalone = isStandalone(start)
    let isTriple = has("{{{", at: start)
    let end = isTriple ? "}}}" : "}}"
    let bodyStart = start + (isTriple ? 3 : 2)
    guard let bodyEnd = find(end, from: bodyStart) else {
      throw failure("the tag is not closed; add '\(end)'", at: start)
    }
    index = bodyEnd + end.unicodeScalars.count
    if isStandalone { index = lineEnd(after: index) ?? index }
    if isTriple { return .variable(try reference(bodyStart..<bodyEnd, tag: start)) }
    let sigilPlace = scalars[bodyStart..<bodyEnd].firstIndex { !$0.isBlank } ?? bodyStart
    let inside = (sigilPlace + 1)..<max(sigilPlace + 1, bodyEnd)
    switch sigilPlace < bodyEnd ? scalars[sigilPlace] : " " {
    case "!": return nil
    case "#": return .open(try reference(inside, tag: start), isInverted: false)
    case "^": return .open(try reference(inside, tag: start), isInverted: true)
    case "/": return .close(try reference(inside, tag: start))
    case "&": return .variable(try reference(inside, tag: start))
    case "=": throw failure("other delimiters than '{{' and '}}' are not supported", at: start)
    case ">": throw failure("partials are not supported; write the text in place", at: start)
    case "<", "$": throw failure("blocks and parents are not supported; write the text in place", at: start)
    default: return .variable(try reference(bodyStart..<bodyEnd, tag: start))
    }
  }

  private mutating func reference(_ range: Range<Int>, tag: Int) throws(TemplateFailure) -> Reference {
    let words = scalars[range].split(whereSeparator: \.isBlank)
    let at = position(of: tag)
    guard words.count == 1, let word = words.first else {
      throw failure(
        words.isEmpty ? "the tag names no value" : "'\(text(range))' is no name; a tag holds one name",
        at: tag
      )
    }
    if word.elementsEqual(["."]) { return Reference(path: [], line: at.line, column: at.column) }
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy(Self.isName) else {
      let name = String(String.UnicodeScalarView(word))
      throw failure("'\(name)' is no name; names are letters, digits and underscores with dots between them", at: tag)
    }
    let path = parts.map { String(String.UnicodeScalarView($0)) }
    return Reference(path: path, line: at.line, column: at.column)
  }

  private static func isName(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let first = scalars.first, first.isASCIILetter || first == "_" else { return false }
    return scalars.allSatisfy { $0.isASCIILetter || ("0"..."9").contains($0) || $0 == "_" || $0 == "-" }
  }
}

// MARK: - Lines

extension Tokenizer {
  /// Whether nothing but a section's tag or a comment stands on the lines of the tag at `start`.
  private func isStandalone(_ start: Int) -> Bool {
    guard !has("{{{", at: start), let end = find("}}", from: start + 2),
      let sigil = scalars[(start + 2)..<end].first(where: { !$0.isBlank }), ["#", "^", "/", "!"].contains(sigil)
    else { return false }
    let before = scalars[lineStart(before: start)..<start]
    return before.allSatisfy(\.isBlank) && lineEnd(after: end + 2) != nil
  }

  private func lineStart(before place: Int) -> Int {
    (scalars[..<place].lastIndex(of: "\n") ?? -1) + 1
  }

  /// Where the next line begins when only blanks follow on this one.
  private func lineEnd(after place: Int) -> Int? {
    var end = place
    while end < scalars.count, scalars[end].isBlank { end += 1 }
    if end == scalars.count { return end }
    if scalars[end] == "\n" { return end + 1 }
    return has("\r\n", at: end) ? end + 2 : nil
  }

  private func has(_ text: String, at place: Int) -> Bool { scalars[place...].starts(with: text.unicodeScalars) }

  private func find(_ text: String, from start: Int) -> Int? {
    guard let first = text.unicodeScalars.first else { return nil }
    var place = start
    while let next = scalars[min(place, scalars.count)...].firstIndex(of: first) {
      if has(text, at: next) { return next }
      place = next + 1
    }
    return nil
  }

  private func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }

  private mutating func position(of place: Int) -> Place {
    for scalar in scalars[min(counted, place)..<place] {
      if scalar == "\n" { self.place = Place(line: self.place.line + 1, column: 1) } else { self.place.column += 1 }
    }
    counted = max(counted, place)
    return self.place
  }

  private mutating func failure(_ message: String, at place: Int) -> TemplateFailure {
    let at = position(of: place)
    return TemplateFailure(kind: .syntax, message: message, line: at.line, column: at.column)
  }
}

extension Unicode.Scalar {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
  fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
