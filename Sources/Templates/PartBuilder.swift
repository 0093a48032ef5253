/// Puts tokens together into nested parts.
struct PartBuilder {
  private struct Open {
    let reference: Reference
    let isInverted: Bool
    var parts: [Part] = []
  }

  private let depth: Int
  private var parts: [Part] = []
  private var open: [Open] = []

  init(depth: Int) { self.depth = depth }

  mutating func add(_ token: Token) throws(TemplateFailure) {
    switch token {
    case .text(let text): append(.text(text))
    case .variable(let reference): append(.variable(reference))
    case .open(let reference, let isInverted):
      guard open.count < depth else {
        throw reference.failure(.tooDeep, "sections are nested deeper than \(depth) levels; flatten them")
      }
      open.append(Open(reference: reference, isInverted: isInverted))
    case .close(let reference):
      guard let section = open.popLast() else {
        throw reference.failure(.syntax, "'{{/\(reference.name)}}' closes a section that was not opened")
      }
      guard section.reference.path == reference.path else {
        let opened = section.reference
        throw reference.failure(
          .syntax,
          "'{{/\(reference.name)}}' stands where the section '\(opened.name)' of line \(opened.line) must be closed"
        )
      }
      append(.section(section.reference, isInverted: section.isInverted, section.parts))
    }
  }

  func finish() throws(TemplateFailure) -> [Part] {
    if let section = open.last?.reference {
      throw section.failure(.syntax, "the section '\(section.name)' is not closed; add '{{/\(section.name)}}'")
    }
    return parts
  }

  private mutating func append(_ part: Part) {
    if open.isEmpty { parts.append(part) } else { open[open.count - 1].parts.append(part) }
  }
}

extension Reference {
  fileprivate func failure(_ kind: TemplateFailure.Kind, _ message: String) -> TemplateFailure {
    TemplateFailure(kind: kind, message: message, line: line, column: column)
  }
}
