/// Sends HTTP requests: one thread for all of them, connections kept and shared.
///
/// HTTP/1.1, and HTTP/2 where a TLS peer offers it. Redirects are answers, not followed. Nothing is taken from the
/// environment: proxies and authorities are in the settings.
public final class HTTPClient: Sendable {
  /// The most bytes of body that ``HTTPTransport/send(_:)`` gathers when the request does not say: 16 MiB.
  public static let sendLimit = 16 << 20

  private let loop: TransferLoop
  private let settings: Settings

  /// Starts the client's thread.
  ///
  /// - Throws: ``HTTPFailure`` when libcurl or the system has no means for it.
  public init(settings: Settings = Settings()) throws(HTTPFailure) {
    self.settings = settings
    loop = try TransferLoop(settings)
  }

  deinit { loop.close() }

  /// Sends the request and returns when the head of the response has come; the body follows as it is read.
  ///
  /// - Throws: ``HTTPFailure``; any status is a response, not a failure.
  public func stream(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    try request.validate()
    let target = try RequestTarget(request.url)
    guard !settings.addressPolicy.refuses(host: target.host) else {
      throw HTTPFailure(.addressRefused, "the address policy refuses this address (\(target.origin))")
    }
    let channel = BodyChannel(mark: settings.bufferMark)
    let id = try loop.start(request, target, channel)
    let transfer = TransferHandle(id: id, channel: channel, loop: loop, client: self)
    let head = try await transfer.head()
    return HTTPResponse(status: head.status, headers: head.headers, body: HTTPBody(transfer))
  }

  /// Ends every transfer with ``HTTPFailure/Kind/closed`` and returns when the thread has let go of its sockets.
  public func shutdown() async {
    loop.close()
    await loop.waitUntilClosed()
  }
}

extension HTTPClient {
  /// What holds for all requests of a client.
  public struct Settings: Hashable, Sendable {
    /// A proxy's URL, for instance `http://proxy.example:3128`; `nil` connects directly.
    public var proxy: String?
    /// Host names that are reached without the proxy; a name covers its subdomains.
    public var proxyExceptions: [String] = []
    /// A PEM file of the authorities to trust; `nil` trusts those of the system.
    public var certificateAuthorityFile: String?
    /// The `User-Agent` to send; `nil` sends none.
    public var userAgent: String?
    /// Which addresses may be connected to.
    public var addressPolicy = AddressPolicy()
    /// The most connections to one host; 0 means no limit.
    public var maximumConnectionsPerHost = 0
    /// How many idle connections are kept for reuse.
    public var idleConnections = 32
    /// The most bytes of a response's head.
    public var maximumHeadBytes = 256 << 10
    /// Bytes of an unread body past which the sender has to wait.
    public var bufferMark = 256 << 10

    /// Makes settings: a direct connection, the system's authorities, no metadata addresses.
    public init() {}
  }
}
