/// The reader's end of a transfer: dropping the last one ends the transfer.
final class TransferHandle: Sendable {
  private let id: TransferID
  private let channel: BodyChannel
  private let loop: TransferLoop
  // Held so that the client, whose end is the end of its loop, lives as long as the bodies that come through it.
  private let client: HTTPClient

  init(id: TransferID, channel: BodyChannel, loop: TransferLoop, client: HTTPClient) {
    self.id = id
    self.channel = channel
    self.loop = loop
    self.client = client
  }

  deinit { cancel() }

  /// Ends the transfer unless it has ended; whoever waits gets ``HTTPFailure/Kind/cancelled`` at once.
  func cancel() {
    if channel.abandon() { loop.cancel(id) }
  }

  /// Leaves the rest of the body unread, but lets it come for a while, so that the connection can be used again.
  func discardRest(within limit: Duration) {
    if channel.discardRest() { loop.discard(id, until: .now + limit) }
  }

  func head() async throws(HTTPFailure) -> ResponseHead {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { channel.awaitHead($0) }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  func nextChunk(isolation: isolated (any Actor)?) async throws(HTTPFailure) -> [UInt8]? {
    if !Task.isCancelled {
      let (chunk, shouldResume) = channel.takeChunk()
      if shouldResume { loop.resume(id) }
      if let chunk { return try chunk.get() }
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { reader in
        if channel.awaitChunk(reader) { loop.resume(id) }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }
}
