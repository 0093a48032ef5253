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

  func head() async throws(HTTPFailure) -> ResponseHead {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { channel.awaitHead($0) }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  func nextChunk(isolation: isolated (any Actor)?) async throws(HTTPFailure) -> [UInt8]? {
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
