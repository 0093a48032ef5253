/// A place in the text, counted from 1.
struct Place {
  let line: Int
  let column: Int
}

/// What the parser meets next, copied out of the library's memory.
struct Event {
  enum Content {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
  }

  let content: Content
  let anchor: String?
  let tag: String?
  let place: Place

  func failure(_ message: String) -> YAMLFailure {
    YAMLFailure(line: place.line, column: place.column, message: message)
  }
}
