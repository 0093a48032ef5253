import CMicroHTTPD
import Glibc

/// libmicrohttpd's daemon and its thread; it is stopped exactly once, by its owner.
struct Daemon: @unchecked Sendable {  // The pointer is only given to functions that may be called from any thread.
  private let pointer: OpaquePointer
  private let core: ServerCore
  let port: Int

  init(core: ServerCore) throws(HTTPServerFailure) {
    let settings = core.settings
    let address = try SocketAddress(host: settings.host, port: settings.port)
    // libmicrohttpd holds the core by this context until the daemon has stopped.
    let context = Unmanaged.passRetained(core)
    let (started, errorNumber) = address.withPointer { pointer in
      var choices = cmhd_settings()
      choices.address = pointer
      choices.connection_limit = UInt32(clamping: settings.maximumConnections)
      choices.connection_limit_per_address = UInt32(clamping: settings.maximumConnectionsPerAddress)
      choices.timeout_seconds = UInt32(clamping: settings.connectionTimeout.components.seconds)
      choices.connection_memory = max(4 << 10, settings.headLimit)
      choices.context = context.toOpaque()
      choices.target = beginExchange
      choices.answer = answerExchange
      choices.completed = completeExchange
      return (cmhd_start(Self.flags(isIPv6: address.isIPv6), &choices), errno)
    }
    guard let started else {
      context.release()
      let reason = strerror(errorNumber).map { String(cString: $0) } ?? "error \(errorNumber)"
      throw .cannotListen(host: settings.host, port: settings.port, reason: reason)
    }
    pointer = started
    port = Int(cmhd_port(started))
    self.core = core
  }

  private static func flags(isIPv6: Bool) -> UInt32 {
    let base = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    return base | (isIPv6 ? MHD_USE_IPv6.rawValue : 0)
  }

  /// Takes no more connections; returns the listening socket, which is to be closed after ``stop(closing:)``.
  func quiesce() -> Int32 {
    MHD_quiesce_daemon(pointer)
  }

  /// Ends the thread and closes every connection; blocks until it is done.
  func stop(closing listener: Int32) {
    core.giveUpAll()
    MHD_stop_daemon(pointer)
    if listener >= 0 { close(listener) }
    Unmanaged.passUnretained(core).release()
  }
}

// MARK: - Callbacks, called by libmicrohttpd on its thread

/// The target as it was sent; what this returns is the request's context from here on.
private func beginExchange(
  context: UnsafeMutableRawPointer?,
  target: UnsafePointer<CChar>?,
  connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let context, let target else { return nil }
  let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
  return Unmanaged.passRetained(core.begin(String(cString: target))).toOpaque()
}

private func answerExchange(
  context: UnsafeMutableRawPointer?,
  connection: OpaquePointer?,
  url: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?,
  version: UnsafePointer<CChar>?,
  upload: UnsafePointer<CChar>?,
  uploadCount: UnsafeMutablePointer<Int>?,
  exchangeContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let connection, let method, let uploadCount, let pointer = exchangeContext?.pointee else { return .NO }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  return exchange.answer(
    Connection(pointer: connection),
    method: String(cString: method),
    upload: upload,
    uploadCount: uploadCount
  )
}

private func completeExchange(
  context: UnsafeMutableRawPointer?,
  connection: OpaquePointer?,
  exchangeContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  reason: MHD_RequestTerminationCode
) {
  guard let pointer = exchangeContext?.pointee else { return }
  exchangeContext?.pointee = nil
  Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().completed()
}
