/// Whatever sends a request and gives back its response as it comes: the network, or a recording in its place.
public protocol HTTPTransport: Sendable {
  /// Sends the request and returns when the head of the response has come; the body follows as it is read.
  ///
  /// - Throws: ``HTTPFailure``; any status is a response, not a failure.
  func stream(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}

extension HTTPClient: HTTPTransport {}

extension HTTPTransport {
  /// Sends the request and returns the whole response.
  ///
  /// - Throws: ``HTTPFailure``, with ``HTTPFailure/Kind/bodyTooLarge`` past the request's limit.
  public func send(
    _ request: HTTPRequest
  ) async throws(HTTPFailure) -> (status: Int, headers: HTTPHeaders, body: [UInt8]) {
    var capped = request
    let limit = request.maximumBodyBytes ?? HTTPClient.sendLimit
    capped.maximumBodyBytes = limit
    let response = try await stream(capped)
    return (response.status, response.headers, try await response.body.collect(upTo: limit))
  }
}
