import CYAML

/// Reads events from bytes: it owns the parser of the C library and the bytes that it reads.
final class EventReader {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let isReady: Bool

  init(_ text: [UInt8]) {
    bytes = .allocate(capacity: text.count)
    _ = bytes.initialize(from: text)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    isReady = yaml_parser_initialize(parser) == 1
    guard isReady else { return }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    if isReady { yaml_parser_delete(parser) }
    parser.deallocate()
    bytes.deallocate()
  }

  /// The next event; the stream's end is the last.
  func next() throws(YAMLFailure) -> Event {
    guard isReady else { throw YAMLFailure(line: 1, column: 1, message: "no memory is left for the parser") }
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return Event(event)
  }

  private func failure() -> YAMLFailure {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "the text is no YAML"
    if state.error == YAML_READER_ERROR {
      let place = place(ofByte: state.problem_offset)
      return YAMLFailure(line: place.line, column: place.column, message: "\(problem); save the file as UTF-8 text")
    }
    let context = state.context.map { String(cString: $0) + ", " } ?? ""
    let place = Place(state.problem_mark)
    return YAMLFailure(line: place.line, column: place.column, message: context + problem)
  }

  /// The reader knows its faults by byte only.
  private func place(ofByte offset: Int) -> Place {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let newlines = before.count { $0 == UInt8(ascii: "\n") }
    return Place(
      line: newlines + 1,
      column: String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
    )
  }
}

extension Place {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}

extension Event {
  fileprivate init(_ event: yaml_event_t) {
    let place = Place(event.start_mark)
    let data = event.data
    switch event.type {
    case YAML_SCALAR_EVENT:
      let text = String(
        decoding: UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length),
        as: UTF8.self
      )
      let content = Content.scalar(text, isPlain: data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
      self.init(copying: content, data.scalar.anchor, data.scalar.tag, place)
    case YAML_SEQUENCE_START_EVENT:
      let start = data.sequence_start
      self.init(copying: .sequenceStart, start.anchor, start.tag, place)
    case YAML_MAPPING_START_EVENT:
      let start = data.mapping_start
      self.init(copying: .mappingStart, start.anchor, start.tag, place)
    case YAML_ALIAS_EVENT:
      self.init(content: .alias(String(data.alias.anchor)), anchor: nil, tag: nil, place: place)
    default:
      self.init(content: Content(mark: event.type), anchor: nil, tag: nil, place: place)
    }
  }

  private init(
    copying content: Content,
    _ anchor: UnsafeMutablePointer<UInt8>?,
    _ tag: UnsafeMutablePointer<UInt8>?,
    _ place: Place
  ) {
    self.init(content: content, anchor: anchor.map { String($0) }, tag: tag.map { String($0) }, place: place)
  }
}

extension Event.Content {
  /// Makes the content of an event that has nothing but a type.
  fileprivate init(mark type: yaml_event_type_t) {
    self =
      switch type {
      case YAML_STREAM_START_EVENT: .streamStart
      case YAML_DOCUMENT_START_EVENT: .documentStart
      case YAML_DOCUMENT_END_EVENT: .documentEnd
      case YAML_SEQUENCE_END_EVENT: .sequenceEnd
      case YAML_MAPPING_END_EVENT: .mappingEnd
      default: .streamEnd
      }
  }
}

extension String {
  /// The text at an address, up to its NUL.
  fileprivate init(_ start: UnsafeMutablePointer<UInt8>) {
    self.init(cString: UnsafePointer(start))
  }
}
