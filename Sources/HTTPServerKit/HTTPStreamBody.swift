/// A body that a closure writes while it is sent; the closure's return is the body's end.
///
/// A closure that throws breaks the connection off, so the client can tell that the body is not complete.
public struct HTTPStreamBody: Sendable {
  let write: @Sendable (HTTPStreamWriter) async throws -> Void

  /// Makes a body; `write` runs once, in the task of the handler, after the handler has returned.
  public init(_ write: @escaping @Sendable (HTTPStreamWriter) async throws -> Void) {
    self.write = write
  }
}

/// The writing end of a body that is being sent.
public struct HTTPStreamWriter: Sendable {
  private let exchange: Exchange

  init(_ exchange: Exchange) {
    self.exchange = exchange
  }

  /// Hands on bytes, and returns when the client has taken enough of what was written before.
  ///
  /// Memory holds at most ``HTTPServer/Settings/streamBuffer`` bytes and one write of each task that writes.
  ///
  /// - Throws: ``HTTPServerFailure/clientGone`` when nobody reads any more, ``HTTPServerFailure/cancelled`` when the
  ///   task was cancelled.
  public func write(_ bytes: [UInt8]) async throws(HTTPServerFailure) {
    try await exchange.write(bytes)
  }
}
