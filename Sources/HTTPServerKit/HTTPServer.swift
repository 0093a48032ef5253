import ConcurrencyKit
import Dispatch

/// An HTTP/1.1 server: one thread moves the bytes, handlers run as tasks of Swift's pool.
///
/// A handler's task is cancelled when its client hangs up, also while it waits or streams.
public final class HTTPServer: Sendable {
  /// What answers a request; it runs on Swift's pool, several at once.
  public typealias Handler = @Sendable (HTTPServerRequest) async -> HTTPServerResponse

  private enum Phase {
    case ready
    case running(Daemon)
    case stopped
  }

  private let core: ServerCore
  private let phase = Locked(Phase.ready)

  /// Makes a server that does not listen yet.
  ///
  /// - Throws: ``HTTPServerFailure`` when no descriptors or threads are left.
  public init(settings: Settings = Settings(), handler: @escaping Handler) throws(HTTPServerFailure) {
    core = try ServerCore(settings, handler)
  }

  /// Stops a server that was not stopped, without waiting for its handlers.
  deinit {
    core.beginStopping()
    if let daemon = takeDaemon() { daemon.stop(closing: -1) }
  }

  /// The port that the server listens on; `nil` when it does not run.
  public var port: Int? {
    phase.withLock { if case .running(let daemon) = $0 { daemon.port } else { nil } }
  }

  /// Listens and begins to answer.
  ///
  /// - Throws: ``HTTPServerFailure``: the host is no address, the port is taken, or the server was started before.
  public func start() throws(HTTPServerFailure) {
    try phase.withLock { phase throws(HTTPServerFailure) in
      guard case .ready = phase else { throw .alreadyStarted }
      phase = .running(try Daemon(core: core))
    }
  }

  /// Takes no more requests, cancels the handlers, waits until they have ended and their answers are sent, and closes
  /// every connection.
  ///
  /// After ``Settings/stopGrace`` it waits no longer: what is still under way is cut off.
  public func stop() async {
    guard let daemon = takeDaemon() else { return }
    let listener = daemon.quiesce()
    core.beginStopping()
    await core.waitUntilIdle(atMost: core.settings.stopGrace)
    await withCheckedContinuation { done in
      // Stopping joins a thread, which must not block Swift's pool.
      DispatchQueue.global().async {
        daemon.stop(closing: listener)
        done.resume()
      }
    }
  }

  private func takeDaemon() -> Daemon? {
    phase.withLock { phase in
      defer { phase = .stopped }
      return if case .running(let daemon) = phase { daemon } else { nil }
    }
  }
}

extension HTTPServer {
  /// Where to listen and what to accept.
  public struct Settings: Sendable {
    /// An IPv4 or IPv6 address in text form, or `localhost`, which is 127.0.0.1.
    public var host = "127.0.0.1"
    /// The port; 0 takes any that is free, see ``HTTPServer/port``.
    public var port = 0
    /// The most bytes of a request's body; a longer one is answered with 413.
    public var bodyLimit = 1 << 20
    /// Which requests have their body written to a file while it comes in, and how many bytes of it are taken; nil for
    /// those whose body stays in memory within ``bodyLimit``.
    public var spooledBodyLimit: @Sendable (_ method: String, _ path: String) -> Int? = { _, _ in nil }
    /// The folder of those files.
    public var spoolFolder = "/tmp"
    /// The bytes of memory for a request's line and header fields; more is answered with 414 or 431.
    public var headLimit = 64 << 10
    /// The most connections at once; more are closed as they come.
    public var maximumConnections = 1_000
    /// The most connections at once from one address; 0 means no limit.
    public var maximumConnectionsPerAddress = 0
    /// How long a connection may do nothing, in whole seconds; a connection whose handler works is not counted.
    public var connectionTimeout = Duration.seconds(60)
    /// Bytes of a stream that wait for the client before the writer has to.
    public var streamBuffer = 64 << 10
    /// How long ``HTTPServer/stop()`` waits for handlers and answers.
    public var stopGrace = Duration.seconds(5)
    /// Makes the answer to a request that reaches no handler, from a status and a sentence for the caller; the body
    /// must be ``HTTPServerResponse/Body/bytes(_:)``.
    public var errorResponse: @Sendable (_ status: Int, _ reason: String) -> HTTPServerResponse = { status, reason in
      .text(reason + "\n", status: status)
    }

    /// Makes settings: the loopback, any free port, limits that suit an API.
    public init() {}
  }
}
