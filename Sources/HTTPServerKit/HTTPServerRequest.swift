/// A request that has come in whole and whose target was found to be well formed.
public struct HTTPServerRequest: Sendable {
  /// The method as it was sent, for instance `GET`.
  public var method: String
  /// The path, percent-decoded and judged.
  ///
  /// It is valid UTF-8, begins with `/`, and holds no control character and no `.` or `..` segment. It is `*` for `OPTIONS *`.
  public var path: String
  /// The target as it was sent, with its query.
  public var rawTarget: String
  /// The names and values of the query, decoded, in order; a name without `=` has an empty value.
  public var query: [(String, String)]
  /// The header fields.
  public var headers: HTTPServerHeaders
  /// The body; empty when there is none.
  public var body: [UInt8]
  /// The body where it was written to a file; `body` is empty then.
  public var bodyFile: HTTPBodyFile?
  /// The client's address without its port, for instance `127.0.0.1`; empty when it is not known.
  public var remoteAddress: String

  /// Makes a request; servers do it for their handlers, tests for theirs.
  public init(
    method: String = "GET",
    path: String,
    rawTarget: String? = nil,
    query: [(String, String)] = [],
    headers: [(String, String)] = [],
    body: [UInt8] = [],
    remoteAddress: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.rawTarget = rawTarget ?? path
    self.query = query
    self.headers = HTTPServerHeaders(headers)
    self.body = body
    self.remoteAddress = remoteAddress
  }

  /// The first value of this name in the query.
  public func queryValue(_ name: String) -> String? {
    query.first { $0.0 == name }?.1
  }
}
