/// A response whose head has come and whose body is still to be read.
public struct HTTPResponse: Sendable {
  /// The status code; a redirect (3xx) is an answer like any other, it is not followed.
  public let status: Int
  /// The header fields.
  public let headers: HTTPHeaders
  /// The body, to be read once.
  public let body: HTTPBody

  /// Makes a response, for a transport.
  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// The status and the header fields: all that comes before the body.
struct ResponseHead: Sendable {
  var status: Int
  var headers: HTTPHeaders
}
