import ConcurrencyKit
import Testing

@testable import HTTPClientKit

@Suite(.timeLimit(.minutes(1))) struct `The channel of a body` {
  private static let head = ResponseHead(status: 200, headers: HTTPHeaders())
  private static let cut = HTTPFailure(.connectionLost, "cut")

  private static func offer(_ text: String, to channel: BodyChannel) -> BodyChannel.Offer {
    Array(text.utf8).withUnsafeBytes { channel.offer($0) }
  }

  private static func next(_ channel: BodyChannel) async -> Result<[UInt8]?, HTTPFailure> {
    await withCheckedContinuation { _ = channel.awaitChunk($0) }
  }

  /// A reader that waits already, as far as can be told from outside.
  private static func waitingReader(of channel: BodyChannel) async -> Task<Result<[UInt8]?, HTTPFailure>, Never> {
    let isWaiting = Locked(false)
    let reader = Task {
      await withCheckedContinuation { waiter in
        _ = channel.awaitChunk(waiter)
        isWaiting.withLock { $0 = true }
      }
    }
    while !isWaiting.current { await Task.yield() }
    return reader
  }

  @Test(arguments: [false, true])
  func `never lets an end overtake the bytes before it`(isDelivered: Bool) async throws {
    for pieces in [["abc"], ["a", "bc"]] {
      for isReaderFirst in [false, true] {
        let channel = BodyChannel(mark: 100)
        let reader = isReaderFirst ? await Self.waitingReader(of: channel) : nil
        channel.receive(Self.head)
        for piece in pieces { _ = Self.offer(piece, to: channel) }
        if isDelivered { _ = channel.deliver() }
        channel.finish(.failure(Self.cut))
        let first = if let reader { await reader.value } else { await Self.next(channel) }
        #expect(try first.get() == Array("abc".utf8))
        #expect(await Self.next(channel) == .failure(Self.cut))
        #expect(await Self.next(channel) == .failure(Self.cut))
      }
    }
  }

  @Test func `wakes a reader once for all that came together`() async throws {
    let channel = BodyChannel(mark: 100)
    let reader = await Self.waitingReader(of: channel)
    for piece in ["a", "b", "c"] { #expect(Self.offer(piece, to: channel) == .taken) }
    #expect(!channel.deliver())
    #expect(try await reader.value.get() == Array("abc".utf8))
    #expect(channel.takeChunk().chunk == nil)
  }

  @Test func `gives the head also when the end came with it`() async throws {
    let channel = BodyChannel(mark: 100)
    channel.receive(Self.head)
    channel.finish(.success(()))
    let head = await withCheckedContinuation { channel.awaitHead($0) }
    #expect(try head.get().status == 200)
    #expect(try await Self.next(channel).get() == nil)
  }

  @Test func `makes the sender wait past the mark and go on when there is room`() async throws {
    let channel = BodyChannel(mark: 3)
    #expect(Self.offer("abcd", to: channel) == .taken)
    #expect(Self.offer("e", to: channel) == .full)
    let (chunk, shouldResume) = channel.takeChunk()
    #expect(try chunk?.get() == Array("abcd".utf8))
    #expect(shouldResume)
    #expect(Self.offer("e", to: channel) == .taken)
    #expect(!channel.takeChunk().shouldResume)
  }

  @Test func `lets the sender go on when a waiting reader is handed what was too much`() async throws {
    let channel = BodyChannel(mark: 3)
    let reader = await Self.waitingReader(of: channel)
    #expect(Self.offer("abcd", to: channel) == .taken)
    #expect(Self.offer("e", to: channel) == .full)
    #expect(channel.deliver())
    #expect(try await reader.value.get() == Array("abcd".utf8))
  }

  @Test func `forgets what comes after the reader wants no more and is not ended by the reader's leaving`() {
    let channel = BodyChannel(mark: 3)
    #expect(Self.offer("abcd", to: channel) == .taken)
    #expect(channel.discardRest())
    #expect(Self.offer("efgh", to: channel) == .taken)
    #expect(Self.offer("ijkl", to: channel) == .taken)
    #expect(channel.takeChunk().chunk == nil)
    #expect(!channel.abandon())
    #expect(Self.offer("mnop", to: channel) == .taken)
  }

  @Test func `has nothing to tell the sender once the body has ended`() {
    let channel = BodyChannel(mark: 3)
    channel.finish(.success(()))
    #expect(!channel.discardRest())
    #expect(!channel.abandon())
  }
}
