import ConcurrencyKit

/// The meeting point of the thread that receives a response and the task that reads it.
///
/// It holds at most the mark and one more write of libcurl's (16 KiB): past the mark it answers ``Offer/full``.
final class BodyChannel: Sendable {
  typealias HeadWaiter = CheckedContinuation<Result<ResponseHead, HTTPFailure>, Never>
  typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, HTTPFailure>, Never>

  /// What became of bytes that were offered.
  enum Offer: Sendable {
    case taken
    case full
    case abandoned
  }

  private struct State {
    var head: ResponseHead?
    var headWaiter: HeadWaiter?
    var bytes: [UInt8] = []
    var chunkWaiter: ChunkWaiter?
    var isSenderWaiting = false
    var end: Result<Void, HTTPFailure>?

    /// Whether the sender waits for room; asking once makes it go on.
    mutating func takeSender() -> Bool {
      defer { isSenderWaiting = false }
      return isSenderWaiting
    }
  }

  private let mark: Int
  private let state = Locked(State())

  init(mark: Int) {
    self.mark = max(1, mark)
  }

  // MARK: The sender's side

  func receive(_ head: ResponseHead) {
    let waiter = state.withLock { state in
      state.head = head
      return state.headWaiter.take()
    }
    waiter?.resume(returning: .success(head))
  }

  /// Takes the bytes, or none of them.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Offer {
    let (answer, waiter, chunk) = state.withLock { state -> (Offer, ChunkWaiter?, [UInt8]) in
      if state.end != nil { return (.abandoned, nil, []) }
      if let waiter = state.chunkWaiter.take() { return (.taken, waiter, Array(bytes)) }
      if state.bytes.count >= mark {
        state.isSenderWaiting = true
        return (.full, nil, [])
      }
      state.bytes.append(contentsOf: bytes)
      return (.taken, nil, [])
    }
    waiter?.resume(returning: .success(chunk))
    return answer
  }

  /// Ends the body; the first end counts.
  func finish(_ end: Result<Void, HTTPFailure>) {
    let (headWaiter, chunkWaiter) = state.withLock { state -> (HeadWaiter?, ChunkWaiter?) in
      guard state.end == nil else { return (nil, nil) }
      state.end = end
      return (state.headWaiter.take(), state.chunkWaiter.take())
    }
    headWaiter?.resume(returning: Self.headless(end))
    chunkWaiter?.resume(returning: end.map { nil })
  }

  // MARK: The reader's side

  /// Ends the body from the reader's side and forgets what was not read; false if the sender had ended before.
  func abandon() -> Bool {
    let failure = HTTPFailure(.cancelled, "the reader left")
    let hadEnded = state.withLock { state in
      defer { state.bytes = [] }
      guard state.end != nil else { return false }
      // What is lost here must not look like a body that is complete.
      if !state.bytes.isEmpty { state.end = .failure(failure) }
      return true
    }
    finish(.failure(failure))
    return !hadEnded
  }

  func awaitHead(_ waiter: HeadWaiter) {
    let known = state.withLock { state -> Result<ResponseHead, HTTPFailure>? in
      if let head = state.head { return .success(head) }
      if let end = state.end { return Self.headless(end) }
      state.headWaiter = waiter
      return nil
    }
    if let known { waiter.resume(returning: known) }
  }

  /// Hands the waiter what is there, or keeps it until something is; true if the sender should go on.
  func awaitChunk(_ waiter: ChunkWaiter) -> Bool {
    let (known, shouldResume) = state.withLock { state -> (Result<[UInt8]?, HTTPFailure>?, Bool) in
      if !state.bytes.isEmpty {
        let chunk = state.bytes
        state.bytes = []
        return (.success(chunk), state.takeSender())
      }
      if let end = state.end { return (end.map { nil }, false) }
      guard state.chunkWaiter == nil else {
        return (.failure(HTTPFailure(.other, "a body can be read by one reader at a time")), false)
      }
      state.chunkWaiter = waiter
      return (nil, state.takeSender())
    }
    if let known { waiter.resume(returning: known) }
    return shouldResume
  }

  private static func headless(_ end: Result<Void, HTTPFailure>) -> Result<ResponseHead, HTTPFailure> {
    switch end {
    case .success: .failure(HTTPFailure(.connectionLost, "the connection ended without a response"))
    case .failure(let failure): .failure(failure)
    }
  }
}
