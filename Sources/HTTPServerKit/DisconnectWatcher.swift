import CMicroHTTPD  // for epoll and eventfd, which the Glibc module lacks
import ConcurrencyKit
import Glibc

/// Notices that a client has hung up while its connection is suspended, when libmicrohttpd does not look at it.
///
/// One thread waits in epoll for the hang-ups of all suspended connections; it reads nothing from them. Half a close
/// counts as a hang-up: a client that has said that it will send no more is taken to have left.
final class DisconnectWatcher: Sendable {
  /// Names one watch; never used twice.
  struct Watch: Hashable, Sendable {
    fileprivate var number: UInt64
  }

  private struct Table {
    var lastNumber: UInt64 = 0
    var actions: [UInt64: @Sendable () -> Void] = [:]
    var isClosed = false
  }

  private static let wakeUp: UInt64 = 0

  private let table = Locked(Table())
  private let poller: Int32
  private let alarm: Int32

  init() throws(HTTPServerFailure) {
    poller = epoll_create1(Int32(EPOLL_CLOEXEC))
    alarm = eventfd(0, Int32(EFD_CLOEXEC))
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.wakeUp))
    guard poller >= 0, alarm >= 0, epoll_ctl(poller, EPOLL_CTL_ADD, alarm, &event) == 0, startThread() else {
      Glibc.close(poller)
      Glibc.close(alarm)
      throw .cannotListen(host: "", port: 0, reason: "no descriptors or threads are left")
    }
  }

  /// Calls `action` once, on the watcher's thread, when the peer of the socket hangs up.
  func watch(_ socket: Int32, _ action: @escaping @Sendable () -> Void) -> Watch {
    table.withLock { table in
      table.lastNumber += 1
      let number = table.lastNumber
      guard !table.isClosed else { return Watch(number: number) }
      let kinds = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLONESHOT.rawValue
      var event = epoll_event(events: kinds, data: epoll_data_t(u64: number))
      if epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) == 0 { table.actions[number] = action }
      return Watch(number: number)
    }
  }

  /// Ends a watch; its action may still be running, but will not start after this.
  func end(_ watch: Watch, of socket: Int32) {
    table.withLock { table in
      guard !table.isClosed else { return }
      table.actions[watch.number] = nil
      var ignored = epoll_event()
      epoll_ctl(poller, EPOLL_CTL_DEL, socket, &ignored)
    }
  }

  /// Ends the thread, which closes the descriptors.
  func close() {
    table.withLock { table in
      guard !table.isClosed else { return }
      table.isClosed = true
      table.actions = [:]
      eventfd_write(alarm, 1)
    }
  }

  private func startThread() -> Bool {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    guard pthread_create(&thread, nil, runWatcher, context.toOpaque()) == 0 else {
      context.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  fileprivate func run() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    while !table.withLock({ $0.isClosed }) {
      let count = epoll_wait(poller, &events, Int32(events.count), -1)
      for event in events.prefix(Int(max(0, count))) {
        let action = table.withLock { $0.actions.removeValue(forKey: event.data.u64) }
        action?()
      }
    }
    Glibc.close(poller)
    Glibc.close(alarm)
  }
}

private func runWatcher(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { Unmanaged<DisconnectWatcher>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}
