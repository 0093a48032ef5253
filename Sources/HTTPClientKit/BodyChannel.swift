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
    /// Whether nobody reads what is still to come.
    var isDiscarding = false
    var end: Result<Void, HTTPFailure>?

    /// Whether the sender waits for room; asking once makes it go on.
    mutating func takeSender() -> Bool {
      defer { isSenderWaiting = false }
      return isSenderWaiting
    }

    /// What a reader can have now: first all bytes, then the end; nil when it has to wait.
    mutating func takeChunk() -> Result<[UInt8]?, HTTPFailure>? {
      guard !bytes.isEmpty else { return end?.map { nil } }
      defer { bytes = [] }
      return .success(bytes)
    }

    /// The waiters who can go on, each with what it gets.
    mutating func takeReady() -> Ready {
      var ready = Ready()
      if headWaiter != nil, let result = headResult { ready.head = headWaiter.take().map { ($0, result) } }
      if chunkWaiter != nil, let result = takeChunk() { ready.chunk = chunkWaiter.take().map { ($0, result) } }
      return ready
    }

    var headResult: Result<ResponseHead, HTTPFailure>? {
      if let head { return .success(head) }
      switch end {
      case nil: return nil
      case .success?: return .failure(HTTPFailure(.connectionLost, "the connection ended without a response"))
      case .failure(let failure)?: return .failure(failure)
      }
    }
  }

  /// Waiters to be resumed once the lock is free.
  private struct Ready {
    var head: (HeadWaiter, Result<ResponseHead, HTTPFailure>)?
    var chunk: (ChunkWaiter, Result<[UInt8]?, HTTPFailure>)?

    func resume() {
      if let (waiter, result) = head { waiter.resume(returning: result) }
      if let (waiter, result) = chunk { waiter.resume(returning: result) }
    }
  }

  private let mark: Int
  private let state = Locked(State())

  init(mark: Int) {
    self.mark = max(1, mark)
  }

  // MARK: The sender's side

  // Head and bytes are kept until the sender says ``deliver()``, so that a reader is woken once for all that came
  // together, and not for each of its pieces.

  func receive(_ head: ResponseHead) { state.withLock { $0.head = head } }

  /// Takes the bytes, or none of them.
  func offer(_ bytes: UnsafeRawBufferPointer) -> Offer {
    state.withLock { state in
      if state.end != nil { return .abandoned }
      if state.isDiscarding { return .taken }
      if state.bytes.count >= mark {
        state.isSenderWaiting = true
        return .full
      }
      state.bytes.append(contentsOf: bytes)
      return .taken
    }
  }

  /// Hands what is there to whoever waits; true if the sender should go on.
  func deliver() -> Bool {
    let (ready, shouldResume) = state.withLock { state in
      let ready = state.takeReady()
      return (ready, ready.chunk != nil && state.takeSender())
    }
    ready.resume()
    return shouldResume
  }

  /// Ends the body, behind the bytes that came; the first end counts.
  func finish(_ end: Result<Void, HTTPFailure>) {
    let ready = state.withLock { state in
      if state.end == nil { state.end = end }
      return state.takeReady()
    }
    ready.resume()
  }

  // MARK: The reader's side

  /// Ends the body from the reader's side and forgets what was not read; true if the sender has to be told.
  func abandon() -> Bool {
    let failure = HTTPFailure(.cancelled, "the reader left")
    let (isNews, ready) = state.withLock { state in
      if state.isDiscarding { return (false, Ready()) }
      let isNews = state.end == nil
      // What is lost here must not look like a body that is complete.
      if isNews || !state.bytes.isEmpty { state.end = .failure(failure) }
      state.bytes = []
      return (isNews, state.takeReady())
    }
    ready.resume()
    return isNews
  }

  /// Leaves the rest of the body unread without ending it; true if it has not ended and the sender has to be told.
  func discardRest() -> Bool {
    state.withLock { state in
      state.bytes = []
      guard state.end == nil else { return false }
      state.isDiscarding = true
      return true
    }
  }

  func awaitHead(_ waiter: HeadWaiter) {
    let known = state.withLock { state in
      let known = state.headResult
      if known == nil { state.headWaiter = waiter }
      return known
    }
    if let known { waiter.resume(returning: known) }
  }

  /// What is there, without waiting, and whether the sender should go on.
  func takeChunk() -> (chunk: Result<[UInt8]?, HTTPFailure>?, shouldResume: Bool) {
    state.withLock { state in
      let chunk = state.takeChunk()
      return (chunk, chunk != nil && state.takeSender())
    }
  }

  /// Hands the waiter what is there, or keeps it until something is; true if the sender should go on.
  func awaitChunk(_ waiter: ChunkWaiter) -> Bool {
    let (known, shouldResume) = state.withLock { state -> (Result<[UInt8]?, HTTPFailure>?, Bool) in
      if let chunk = state.takeChunk() { return (chunk, state.takeSender()) }
      guard state.chunkWaiter == nil else {
        return (.failure(HTTPFailure(.other, "a body can be read by one reader at a time")), false)
      }
      state.chunkWaiter = waiter
      return (nil, state.takeSender())
    }
    if let known { waiter.resume(returning: known) }
    return shouldResume
  }
}
