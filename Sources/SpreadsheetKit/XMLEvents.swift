import CExpat

/// Reads XML by events through Expat: elements by their local names, no document types, limited depth.
///
/// A document type is refused, since nothing a workbook needs comes with one, and entities that blow up do.
final class XMLEvents {
  /// What is told of a document.
  struct Handler {
    var start: (_ name: String, _ attributes: [String: String]) -> Void = { _, _ in }
    var text: (_ text: UnsafeBufferPointer<UInt8>) -> Void = { _ in }
    var end: (_ name: String) -> Void = { _ in }
  }

  private static let deepest = 64

  private let parser: XML_Parser
  fileprivate var handler: Handler
  fileprivate var fault: String?
  fileprivate var depth = 0
  /// Called behind each element, for limits that a handler cannot hold by itself.
  var afterElement: () -> Void = {}
  /// Whether no more is wanted.
  private(set) var isStopped = false

  init(_ handler: Handler) throws(SpreadsheetFailure) {
    guard let parser = XML_ParserCreate(nil) else {
      throw SpreadsheetFailure(.file, "there is no memory for an XML parser")
    }
    self.parser = parser
    self.handler = handler
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(parser, startElement, endElement)
    XML_SetCharacterDataHandler(parser, characters)
    XML_SetStartDoctypeDeclHandler(parser, doctype)
  }

  deinit { XML_ParserFree(parser) }

  /// Reads a part of an archive.
  ///
  /// - Throws: ``SpreadsheetFailure`` `.format` for what is no XML or has a document type, and what the archive throws.
  func read(_ name: String, of archive: ZipArchive) throws(SpreadsheetFailure) {
    try archive.read(name) { [self] bytes, isLast throws(SpreadsheetFailure) in
      let status = XML_Parse(
        parser,
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(bytes.count),
        isLast ? 1 : 0
      )
      if isStopped { return .stop }
      guard status != XML_STATUS_ERROR else {
        let reason = fault ?? XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "damaged"
        throw SpreadsheetFailure(
          .format,
          "the part '\(name)' of the workbook cannot be read at line \(XML_GetCurrentLineNumber(parser)): \(reason)"
        )
      }
      return .goOn
    }
  }

  /// Ends the reading from within a handler.
  func stop() {
    isStopped = true
    XML_StopParser(parser, 0)
  }

  fileprivate func refuse(_ reason: String) {
    fault = reason
    XML_StopParser(parser, 0)
  }

  fileprivate func started(_ name: String, _ attributes: [String: String]) {
    depth += 1
    if depth > Self.deepest { refuse("it is nested deeper than \(Self.deepest) levels") }
    if fault == nil { handler.start(name, attributes) }
  }
}

/// The name behind the prefix of its name space.
private func localName(_ name: UnsafePointer<CChar>) -> String {
  let whole = String(cString: name)
  guard let colon = whole.utf8.lastIndex(of: UInt8(ascii: ":")) else { return whole }
  return String(whole[whole.utf8.index(after: colon)...])
}

private func events(_ context: UnsafeMutableRawPointer?) -> XMLEvents? {
  context.map { Unmanaged<XMLEvents>.fromOpaque($0).takeUnretainedValue() }
}

private func startElement(
  context: UnsafeMutableRawPointer?,
  name: UnsafePointer<CChar>?,
  attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) {
  guard let events = events(context), let name else { return }
  var found: [String: String] = [:]
  var index = 0
  while let attributes, let key = attributes[index], let value = attributes[index + 1] {
    found[localName(key)] = String(cString: value)
    index += 2
  }
  events.started(localName(name), found)
}

private func endElement(context: UnsafeMutableRawPointer?, name: UnsafePointer<CChar>?) {
  guard let events = events(context), let name, events.fault == nil else { return }
  events.depth -= 1
  events.handler.end(localName(name))
  events.afterElement()
}

private func characters(context: UnsafeMutableRawPointer?, text: UnsafePointer<CChar>?, count: Int32) {
  guard let events = events(context), let text, events.fault == nil else { return }
  text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
    events.handler.text(UnsafeBufferPointer(start: $0, count: Int(count)))
  }
}

private func doctype(
  context: UnsafeMutableRawPointer?,
  name: UnsafePointer<CChar>?,
  system: UnsafePointer<CChar>?,
  identifier: UnsafePointer<CChar>?,
  hasInternalSubset: Int32
) {
  events(context)?.refuse("it has a document type, which workbooks do not need")
}
