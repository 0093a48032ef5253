import CMicroHTTPD
import ConcurrencyKit
import Dispatch
import Glibc

/// What lives as long as libmicrohttpd's thread: the handler, the settings, and the exchanges under way.
final class ServerCore: Sendable {
  private struct Registry {
    var exchanges: [ObjectIdentifier: Exchange] = [:]
    var isStopping = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  let settings: HTTPServer.Settings
  let handler: HTTPServer.Handler
  let watcher: DisconnectWatcher
  private let registry = Locked(Registry())

  init(_ settings: HTTPServer.Settings, _ handler: @escaping HTTPServer.Handler) throws(HTTPServerFailure) {
    self.settings = settings
    self.handler = handler
    watcher = try DisconnectWatcher()
  }

  deinit { watcher.close() }

  var isStopping: Bool { registry.withLock { $0.isStopping } }

  func errorResponse(_ fault: RequestFault) -> HTTPServerResponse {
    let response = settings.errorResponse(fault.status, fault.reason)
    // Nobody would write the stream, for there is no handler's task.
    if case .stream = response.body { return .text(fault.reason, status: fault.status) }
    return response
  }

  // MARK: The exchanges under way

  func begin(_ rawTarget: String) -> Exchange {
    let exchange = Exchange(core: self, rawTarget: rawTarget)
    registry.withLock { $0.exchanges[ObjectIdentifier(exchange)] = exchange }
    return exchange
  }

  /// Called when both libmicrohttpd and the handler's task are done with the exchange.
  func forget(_ exchange: Exchange) {
    let waiters = registry.withLock { registry -> [CheckedContinuation<Void, Never>] in
      registry.exchanges[ObjectIdentifier(exchange)] = nil
      guard registry.exchanges.isEmpty else { return [] }
      defer { registry.waiters = [] }
      return registry.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  // MARK: Stopping

  /// From now on requests are answered with 503; the tasks of all handlers are cancelled.
  func beginStopping() {
    let exchanges = registry.withLock { registry in
      registry.isStopping = true
      return Array(registry.exchanges.values)
    }
    for exchange in exchanges { exchange.cancelTask() }
  }

  /// Returns when no exchange is under way any more, or when the time is up.
  func waitUntilIdle(atMost limit: Duration) async {
    let timer = Task {
      try? await Task.sleep(for: limit)
      wakeWaiters()
    }
    await withCheckedContinuation { waiter in
      let isIdle = registry.withLock { registry in
        if !registry.exchanges.isEmpty { registry.waiters.append(waiter) }
        return registry.exchanges.isEmpty
      }
      if isIdle { waiter.resume() }
    }
    timer.cancel()
  }

  private func wakeWaiters() {
    let waiters = registry.withLock { registry in
      defer { registry.waiters = [] }
      return registry.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Gives every connection back, so that none is suspended when the daemon stops: libmicrohttpd would abort.
  func giveUpAll() {
    for exchange in registry.withLock({ Array($0.exchanges.values) }) { exchange.giveUp() }
  }
}
