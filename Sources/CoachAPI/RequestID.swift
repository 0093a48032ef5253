public import CoachVocabulary
import HTTPServerKit

/// Marks identifiers of HTTP requests.
public enum RequestKind {}
/// One HTTP request; clients see it as `X-Request-Id`, the log has it too.
public typealias RequestID = Identifier<RequestKind>

extension Identifier where Kind == RequestKind {
  /// The id that the client sent along, when it is short and plain, or a new one.
  init(of request: HTTPServerRequest, else source: IdentifierSource) {
    let sent = request.headers.values(of: "x-request-id")
    if sent.count == 1, sent[0].isPlainIdentifier { self = RequestID(sent[0]) } else { self = source.next() }
  }
}

extension String {
  /// Whether the text may be an identifier: 1 to 64 letters, digits, `-`, `_` or `.`, all ASCII.
  var isPlainIdentifier: Bool {
    (1...64).contains(utf8.count)
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.".utf8.contains(byte)
        }
      }
  }
}
