/// A response whose head has come and whose body is still to be read.
public struct HTTPResponse: Sendable {
  /// The status code; a redirect (3xx) is an answer like any other, it is not followed.
  public let status: Int
  /// The header fields.
  public let headers: HTTPHeaders
  /// The body, to be read once.
  public let body: HTTPBody
}

/// The status and the header fields: all that comes before the body.
struct ResponseHead: Sendable {
  var status: Int
  var headers: HTTPHeaders
}
