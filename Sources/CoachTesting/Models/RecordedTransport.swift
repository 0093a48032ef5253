import ConcurrencyKit
public import HTTPClientKit

/// A transport that gives every request the same prepared response, and remembers the requests.
public final class RecordedTransport: HTTPTransport {
  private let status: Int
  private let headers: HTTPHeaders
  private let chunks: [[UInt8]]
  private let failure: HTTPFailure?
  private let received = Locked<[HTTPRequest]>([])

  /// Makes a transport.
  ///
  /// - Parameters:
  ///   - status: the response's status.
  ///   - headers: its header fields.
  ///   - chunks: its body, cut as the network is to cut it.
  ///   - failure: what ends the body, or the exchange when there are no chunks; nil lets the body end well.
  public init(
    status: Int = 200,
    headers: HTTPHeaders = HTTPHeaders(),
    chunks: [[UInt8]] = [],
    failure: HTTPFailure? = nil
  ) {
    self.status = status
    self.headers = headers
    self.chunks = chunks
    self.failure = failure
  }

  /// The requests so far, in order.
  public var requests: [HTTPRequest] { received.current }

  /// Gives the prepared response.
  public func stream(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    received.withLock { $0.append(request) }
    if chunks.isEmpty, let failure { throw failure }
    return HTTPResponse(
      status: status,
      headers: headers,
      body: HTTPBody(recorded: chunks, endingWith: failure)
    )
  }
}
