/// One request: what to send, how long to wait, how much to accept.
public struct HTTPRequest: Sendable {
  /// The method, for instance `GET`; it is sent as written.
  public var method: String
  /// An absolute `http` or `https` URL without credentials.
  public var url: String
  /// Header names and values; the length of the body is not among them, the client states it.
  public var headers: [(String, String)]
  /// The body; `nil` sends none.
  public var body: [UInt8]?
  /// How long each part may take.
  public var limits: HTTPTimeLimits
  /// The most bytes of body to accept; `nil` means ``HTTPClient/sendLimit`` in ``HTTPTransport/send(_:)`` and no limit in
  /// ``HTTPClient/stream(_:)``, whose memory is bounded anyway.
  public var maximumBodyBytes: Int?

  /// Makes a request.
  public init(
    method: String = "GET",
    url: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil,
    limits: HTTPTimeLimits = HTTPTimeLimits(),
    maximumBodyBytes: Int? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.limits = limits
    self.maximumBodyBytes = maximumBodyBytes
  }
}

extension HTTPRequest {
  /// Refuses what would change the meaning of the request on the wire.
  func validate() throws(HTTPFailure) {
    guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
      throw HTTPFailure(.malformedRequest, "the method is no HTTP token")
    }
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
        throw HTTPFailure(.malformedRequest, "a header name is no HTTP token")
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw HTTPFailure(.malformedRequest, "the value of header \(name) holds a control character")
      }
      guard !["content-length", "transfer-encoding"].contains(name.lowercased()) else {
        throw HTTPFailure(.malformedRequest, "leave header \(name) out: the client states the length of the body")
      }
    }
  }

  func hasHeader(_ name: String) -> Bool {
    headers.contains { $0.0.lowercased() == name }
  }

  /// RFC 9110, section 5.6.2: letters, digits and a few signs.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
