/// What a handler answers.
public struct HTTPServerResponse: Sendable {
  /// The bytes to send, at once or as they come.
  public enum Body: Sendable {
    /// The whole body.
    case bytes([UInt8])
    /// A body that is written while it is sent.
    case stream(HTTPStreamBody)
  }

  /// The status code, 200 to 999; any other is sent as 500.
  public var status: Int
  /// Header names and values.
  ///
  /// `Content-Length` and `Transfer-Encoding` are the server's and are passed over, and so is
  /// a field that holds a line break.
  public var headers: [(String, String)]
  /// The body; it is not sent to `HEAD` and not with the statuses 204 and 304.
  public var body: Body

  /// Makes a response.
  public init(status: Int = 200, headers: [(String, String)] = [], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A response of plain text.
  public static func text(_ text: String, status: Int = 200) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status,
      headers: [("Content-Type", "text/plain; charset=utf-8")],
      body: .bytes(Array(text.utf8))
    )
  }
}
