import CCurl
import ConcurrencyKit
import Glibc
import TransportSecurity

/// Names one transfer within its loop.
struct TransferID: Hashable, Sendable {
  var number: Int
}

/// What the loop needs to start a transfer.
struct TransferOrder: Sendable {
  var id: TransferID
  var request: HTTPRequest
  var target: RequestTarget
  var channel: BodyChannel
}

/// Many transfers, one thread: the thread owns every libcurl handle, callers own an inbox and a wake-up.
final class TransferLoop: Sendable {
  private enum Phase {
    case open
    case closing
    case closed
  }

  private struct Post {
    var starting: [TransferOrder] = []
    var cancelled: [TransferID] = []
    var resumed: [TransferID] = []
    var discarded: [(id: TransferID, deadline: ContinuousClock.Instant)] = []

    var isEmpty: Bool { starting.isEmpty && cancelled.isEmpty && resumed.isEmpty && discarded.isEmpty }
  }

  private struct Inbox {
    var phase = Phase.open
    var post = Post()
    var lastNumber = 0
    /// How many callers are about to wake the thread.
    var wakers = 0
    var closeWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let settings: HTTPClient.Settings
  private let inbox = Locked(Inbox())
  // Proof: outside the thread it is only woken (`curl_multi_wakeup` may be called from any thread) by callers that the
  // inbox counts while the phase is open; the thread frees the handle when it has seen another phase and no such caller.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  /// Starts the thread, which keeps the loop alive until ``close()``.
  init(_ settings: HTTPClient.Settings) throws(HTTPFailure) {
    guard Self.libraryIsReady, let multi = curl_multi_init() else {
      throw HTTPFailure(.other, "libcurl could not be set up")
    }
    self.settings = settings
    self.multi = multi
    ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.maximumConnectionsPerHost)
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.idleConnections)
    try startThread()
  }

  // MARK: What callers may do, from any thread

  func start(_ request: HTTPRequest, _ target: RequestTarget, _ channel: BodyChannel) throws(HTTPFailure) -> TransferID
  {
    let number = post { inbox in
      inbox.lastNumber += 1
      let id = TransferID(number: inbox.lastNumber)
      inbox.post.starting.append(TransferOrder(id: id, request: request, target: target, channel: channel))
    }
    guard let number else { throw .clientClosed }
    return TransferID(number: number)
  }

  func cancel(_ id: TransferID) {
    post { $0.post.cancelled.append(id) }
  }

  /// The reader has made room.
  func resume(_ id: TransferID) {
    post { $0.post.resumed.append(id) }
  }

  /// Nobody reads the rest, which may come until the deadline.
  func discard(_ id: TransferID, until deadline: ContinuousClock.Instant) {
    post { $0.post.discarded.append((id, deadline)) }
  }

  /// Lets the thread end; transfers fail with ``HTTPFailure/Kind/closed``.
  func close() {
    post { $0.phase = .closing }
  }

  /// Returns when the thread has let go of every socket.
  func waitUntilClosed() async {
    await withCheckedContinuation { waiter in
      let isClosed = inbox.withLock { inbox in
        if inbox.phase != .closed { inbox.closeWaiters.append(waiter) }
        return inbox.phase == .closed
      }
      if isClosed { waiter.resume() }
    }
  }

  /// Changes the inbox, if the loop is open, and wakes the thread, unless somebody did so since it looked; gives the
  /// number of the last transfer.
  ///
  /// The wake-up is behind the lock, on which the thread would otherwise wait at once.
  @discardableResult
  private func post(_ change: (inout Inbox) -> Void) -> Int? {
    let (number, mustWake) = inbox.withLock { inbox -> (Int?, Bool) in
      guard inbox.phase == .open else { return (nil, false) }
      let mustWake = inbox.post.isEmpty
      change(&inbox)
      if mustWake { inbox.wakers += 1 }
      return (inbox.lastNumber, mustWake)
    }
    guard mustWake else { return number }
    curl_multi_wakeup(multi)
    inbox.withLock { $0.wakers -= 1 }
    return number
  }

  // MARK: The thread

  /// `curl_global_init` must run once in a process, before any other call.
  private static let libraryIsReady =
    TransportSecurity.isReady && curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

  private func startThread() throws(HTTPFailure) {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, runLoop, context.toOpaque())
    guard code == 0 else {
      context.release()
      curl_multi_cleanup(multi)
      throw HTTPFailure(.other, "no thread for the HTTP client: error \(code)")
    }
    pthread_detach(thread)
  }

  /// The whole life of the thread: take the post, move the bytes, report the finished, sleep.
  fileprivate func run() {
    Self.blockSignals()
    var transfers = TransferTable(multi: multi, settings: settings)
    while let post = takePost() {
      for order in post.starting { transfers.start(order) }
      for id in post.cancelled { transfers.cancel(id) }
      for id in post.resumed { transfers.resume(id) }
      for (id, deadline) in post.discarded { transfers.discard(id, until: deadline) }
      transfers.move()
      curl_multi_poll(multi, nil, 0, transfers.wait(at: .now), nil)  // a wake-up cuts it short
    }
    transfers.closeAll()
    end()
  }

  private func takePost() -> Post? {
    inbox.withLock { inbox in
      guard inbox.phase == .open else { return nil }
      defer { inbox.post = Post() }
      return inbox.post
    }
  }

  private func end() {
    while inbox.withLock({ $0.wakers > 0 }) { sched_yield() }
    curl_multi_cleanup(multi)
    let (unstarted, waiters) = inbox.withLock { inbox -> ([TransferOrder], [CheckedContinuation<Void, Never>]) in
      inbox.phase = .closed
      defer {
        inbox.post = Post()
        inbox.closeWaiters = []
      }
      return (inbox.post.starting, inbox.closeWaiters)
    }
    for order in unstarted { order.channel.finish(.failure(.clientClosed)) }
    for waiter in waiters { waiter.resume() }
  }

  /// Signals are for the threads of the application; a broken pipe is read from the call's result.
  private static func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }
}

private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}

extension HTTPFailure {
  static var clientClosed: HTTPFailure { HTTPFailure(.closed, "the HTTP client was shut down") }
}
