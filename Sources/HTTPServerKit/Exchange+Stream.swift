import CMicroHTTPD
import ConcurrencyKit

/// What has been written to a stream and not yet been sent.
struct StreamState: Sendable {
  typealias Waiter = CheckedContinuation<Result<Void, HTTPServerFailure>, Never>

  enum End: Sendable {
    case complete
    case broken
  }

  private var bytes: [UInt8] = []
  private var sent = 0
  private var waiters: [Int: Waiter] = [:]
  private var lastWaiter = 0
  var end: End?

  var count: Int { bytes.count - sent }

  mutating func append(_ more: [UInt8]) {
    bytes += more
  }

  /// Moves bytes out; the rest moves to the front only when half the storage is spent, so that each byte moves little.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = min(buffer.count, count)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + taken])) }
    sent += taken
    if sent * 2 >= bytes.count {
      bytes.removeFirst(sent)
      sent = 0
    }
    return taken
  }

  mutating func newWaiterNumber() -> Int {
    lastWaiter += 1
    return lastWaiter
  }

  mutating func wait(_ number: Int, _ waiter: Waiter) {
    waiters[number] = waiter
  }

  mutating func takeWaiter(_ number: Int) -> Waiter? {
    waiters.removeValue(forKey: number)
  }

  mutating func takeWaiters() -> [Waiter] {
    defer { waiters = [:] }
    return Array(waiters.values)
  }
}

extension Exchange {
  // MARK: The writer's side

  func write(_ bytes: [UInt8]) async throws(HTTPServerFailure) {
    let number = try state.withLock { state throws(HTTPServerFailure) -> Int? in
      if Task.isCancelled { throw state.isOver ? .clientGone : .cancelled }
      guard !state.isOver, state.stream.end == nil else { throw .clientGone }
      state.stream.append(bytes)
      resumeIfSuspended(&state)
      return state.stream.count > core.settings.streamBuffer ? state.stream.newWaiterNumber() : nil
    }
    guard let number else { return }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { waitForRoom(number, $0) }
    } onCancel: {
      let waiter = state.withLock { $0.stream.takeWaiter(number) }
      waiter?.resume(returning: .failure(.cancelled))
    }
    try result.get()
  }

  private func waitForRoom(_ number: Int, _ waiter: StreamState.Waiter) {
    let known = state.withLock { state -> Result<Void, HTTPServerFailure>? in
      if state.isOver { return .failure(.clientGone) }
      if state.stream.count <= core.settings.streamBuffer { return .success(()) }
      // Under the lock: a cancellation from here on finds the waiter, one before is seen here.
      if Task.isCancelled { return .failure(.cancelled) }
      state.stream.wait(number, waiter)
      return nil
    }
    if let known { waiter.resume(returning: known) }
  }

  func endStream(_ end: StreamState.End) {
    state.withLock { state in
      state.stream.end = end
      resumeIfSuspended(&state)
    }
  }

  // MARK: libmicrohttpd's side

  /// Fills the buffer with what was written; with nothing there, the connection sleeps until something is.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let (answer, waiters) = state.withLock { state -> (Int, [StreamState.Waiter]) in
      if state.stream.count > 0, !state.isOver {
        let taken = state.stream.take(into: buffer)
        let hasRoom = state.stream.count <= core.settings.streamBuffer
        return (taken, hasRoom ? state.stream.takeWaiters() : [])
      }
      if state.isOver || state.stream.end == .broken { return (cmhd_end_with_error(), []) }
      if state.stream.end == .complete { return (cmhd_end_of_stream(), []) }
      suspend(&state)
      return (0, [])
    }
    for waiter in waiters { waiter.resume(returning: .success(())) }
    return answer
  }
}
