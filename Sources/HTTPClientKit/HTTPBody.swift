/// The body of a response, chunk by chunk as it arrives; it can be read once.
///
/// A slow reader makes the sender wait, memory does not grow. Leaving the loop early, dropping the body or cancelling
/// the reading task ends the transfer and closes its socket. After the chunks that came before it, a failure is thrown.
public struct HTTPBody: AsyncSequence, Sendable {
  /// One or more bytes, cut wherever the network cut them.
  public typealias Element = [UInt8]
  /// Every way in which the rest of the body can fail to come.
  public typealias Failure = HTTPFailure

  private enum Source: Sendable {
    case transfer(TransferHandle)
    case recording([[UInt8]], HTTPFailure?)
  }

  private let source: Source

  init(_ transfer: TransferHandle) {
    source = .transfer(transfer)
  }

  /// A body that is known already, cut into these chunks.
  ///
  /// - Parameters:
  ///   - chunks: what each reading gives.
  ///   - failure: thrown after the last chunk; nil lets the body end well.
  public init(recorded chunks: [[UInt8]], endingWith failure: HTTPFailure? = nil) {
    source = .recording(chunks, failure)
  }

  /// Starts reading; ends the transfer when the iterator goes out of use.
  public func makeAsyncIterator() -> Iterator {
    switch source {
    case .transfer(let transfer): Iterator(source: .transfer(Reading(of: transfer)))
    case .recording(let chunks, let failure): Iterator(source: .recording(chunks[...], failure))
    }
  }

  /// Reads chunk after chunk.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate enum Source {
      case transfer(Reading)
      case recording(ArraySlice<[UInt8]>, HTTPFailure?)
    }

    fileprivate var source: Source

    /// The next chunk, or `nil` at the end of the body.
    ///
    /// - Throws: ``HTTPFailure``, also when the task is cancelled (``HTTPFailure/Kind/cancelled``).
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(HTTPFailure) -> [UInt8]? {
      switch source {
      case .transfer(let reading): return try await reading.transfer.nextChunk(isolation: actor)
      case .recording(var rest, let failure):
        if Task.isCancelled { throw HTTPFailure(.cancelled, "the reader left") }
        guard let chunk = rest.popFirst() else {
          if let failure { throw failure }
          return nil
        }
        source = .recording(rest, failure)
        return chunk
      }
    }

    /// Leaves what is still to come unread, without ending the transfer, so that its connection can be used again.
    ///
    /// For a body of which nothing matters any more and whose end is near.
    /// - Parameter limit: how long the rest may take to come; then the transfer ends.
    public func discardRest(within limit: Duration) {
      if case .transfer(let reading) = source { reading.transfer.discardRest(within: limit) }
    }
  }

  /// The life of one iteration: its end is the end of the transfer.
  fileprivate final class Reading: Sendable {
    let transfer: TransferHandle

    init(of transfer: TransferHandle) {
      self.transfer = transfer
    }

    deinit { transfer.cancel() }
  }

  /// The whole body.
  ///
  /// - Parameter limit: the most bytes to gather.
  /// - Returns: every byte that is still to come, none at the end.
  /// - Throws: ``HTTPFailure``, with ``HTTPFailure/Kind/bodyTooLarge`` past the limit.
  public func collect(upTo limit: Int) async throws(HTTPFailure) -> [UInt8] {
    var whole: [UInt8] = []
    for try await chunk in self {
      guard whole.count + chunk.count <= limit else {
        throw HTTPFailure(.bodyTooLarge, "the body is longer than \(limit) bytes")
      }
      whole += chunk
    }
    return whole
  }
}
