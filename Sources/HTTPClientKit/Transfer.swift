import CCurl
import Glibc

/// One request on its way: owns a libcurl handle and everything that libcurl points at.
///
/// It lives on the loop's thread alone. It must not move or end while libcurl can call it, so the loop takes the
/// handle out of the multi handle before it lets go of the transfer.
final class Transfer {
  let easy: UnsafeMutableRawPointer
  let id: TransferID
  private(set) var deadlines: TransferDeadlines

  private let target: RequestTarget
  private let channel: BodyChannel
  private let policy: AddressPolicy
  private let maximumBodyBytes: Int?
  private let errorText: UnsafeMutablePointer<CChar>
  private let opening: UnsafeMutablePointer<ccurl_opening>
  private var headerLines: UnsafeMutablePointer<curl_slist>?
  private var head: ResponseHeadParser
  private var received = 0
  private let news: TransferNews
  private var isNews = false
  /// What this side decided, which outranks the code that libcurl makes of it.
  private var verdict: HTTPFailure?
  private var wasAddressRefused = false

  init(
    _ order: TransferOrder,
    settings: HTTPClient.Settings,
    news: TransferNews,
    now: ContinuousClock.Instant
  ) throws(HTTPFailure) {
    guard let easy = curl_easy_init() else { throw HTTPFailure(.other, "libcurl has no memory for a transfer") }
    self.easy = easy
    id = order.id
    deadlines = TransferDeadlines(order.request.limits, start: now)
    target = order.target
    channel = order.channel
    self.news = news
    policy = settings.addressPolicy
    maximumBodyBytes = order.request.maximumBodyBytes
    head = ResponseHeadParser(maximumBytes: settings.maximumHeadBytes)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    opening = .allocate(capacity: 1)
    opening.initialize(to: ccurl_opening(opener: openSocket, context: nil))
    try configure(order.request, settings)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerLines)
    errorText.deallocate()
    opening.deallocate()
  }

  // MARK: What the loop tells it

  func goOn(at now: ContinuousClock.Instant) {
    deadlines.resume(at: now)
    curl_easy_pause(easy, 0)  // 0 is CURLPAUSE_CONT, a macro of macros that Swift does not import
  }

  func end(by deadline: ContinuousClock.Instant) { deadlines.end(by: deadline) }

  /// Hands the reader what came; true if there is room for more.
  func deliver() -> Bool {
    isNews = false
    return channel.deliver()
  }

  /// Lets the end of this transfer close its connection, unless others use it.
  ///
  /// For an HTTP/2 stream libcurl 7.88 only queues the reset, and sends it with the next request: until then the peer
  /// would work on for nobody.
  func forbidReuse() {
    ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
  }

  /// Ends the response as libcurl's code says, unless this side had decided.
  func finish(_ code: CURLcode) {
    if let verdict { return channel.finish(.failure(verdict)) }
    channel.finish(code == CURLE_OK ? .success(()) : .failure(failure(for: code)))
  }

  func fail(_ kind: HTTPFailure.Kind, _ what: String) {
    channel.finish(.failure(HTTPFailure(kind, "\(what) (\(target.origin))")))
  }

  // MARK: What libcurl tells it

  fileprivate func takeHeadLine(_ line: UnsafeRawBufferPointer) -> Int {
    switch head.take(line) {
    case .more: return line.count
    case .complete(let head):
      channel.receive(head)
      noteNews()
      return line.count
    case .tooLarge:
      verdict = HTTPFailure(.headTooLarge, "the response's head is too long (\(target.origin))")
      return 0
    }
  }

  fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    if let maximumBodyBytes, received + bytes.count > maximumBodyBytes {
      verdict = HTTPFailure(.bodyTooLarge, "the body is longer than \(maximumBodyBytes) bytes (\(target.origin))")
      return 0
    }
    noteNews()
    switch channel.offer(bytes) {
    case .taken:
      received += bytes.count
      deadlines.bytesArrived(at: .now)
      return bytes.count
    case .full:
      deadlines.pause()
      return Int(CURL_WRITEFUNC_PAUSE)
    case .abandoned:
      return 0
    }
  }

  private func noteNews() {
    if !isNews { news.add(self) }
    isNews = true
  }

  fileprivate func open(_ address: UnsafePointer<sockaddr>, _ family: Int32, _ kind: Int32, _ proto: Int32) -> Int32 {
    guard !policy.refuses(AddressPolicy.bytes(of: address, family: family)) else {
      wasAddressRefused = true
      return ccurl_no_socket()
    }
    return socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), proto)
  }

  // MARK: Setting up

  private func configure(_ request: HTTPRequest, _ settings: HTTPClient.Settings) throws(HTTPFailure) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    opening.pointee.context = context
    try set(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
    try set(ccurl_set_body_sink(easy, receiveBody, context))
    try set(ccurl_set_header_sink(easy, receiveHeadLine, context))
    try set(ccurl_set_socket_opener(easy, opening))
    try configureConnection(request, settings)
    try configureTrust(settings)
    try configureMessage(request, settings)
  }

  private func configureConnection(_ request: HTTPRequest, _ settings: HTTPClient.Settings) throws(HTTPFailure) {
    try set(ccurl_set_string(easy, CURLOPT_URL, target.url))
    try set(ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
    try set(ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0))
    try set(ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1))
    // Without it, ending a transfer waits for a name server that does not answer.
    try set(ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1))
    try set(ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)))
    try set(ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
    try set(ccurl_set_long(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 250))
    // The empty text also switches off the proxies of the environment: what counts is in the settings.
    try set(ccurl_set_string(easy, CURLOPT_PROXY, settings.proxy ?? ""))
    try set(ccurl_set_string(easy, CURLOPT_NOPROXY, settings.proxyExceptions.joined(separator: ",")))
    let connect = request.limits.connect?.wholeMilliseconds ?? Int(Int32.max)
    try set(ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connect))
  }

  private func configureTrust(_ settings: HTTPClient.Settings) throws(HTTPFailure) {
    try set(ccurl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)))
    guard let file = settings.certificateAuthorityFile else { return }
    try set(ccurl_set_string(easy, CURLOPT_CAINFO, file))
    try set(ccurl_set_string(easy, CURLOPT_PROXY_CAINFO, file))
  }

  private func configureMessage(_ request: HTTPRequest, _ settings: HTTPClient.Settings) throws(HTTPFailure) {
    let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil)
    if let body {
      try set(body.withUnsafeBytes { ccurl_set_body(easy, $0.baseAddress ?? UnsafeRawPointer(errorText), $0.count) })
    }
    if request.method == "HEAD" { try set(ccurl_set_long(easy, CURLOPT_NOBODY, 1)) }
    try set(ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method))
    if let agent = settings.userAgent { try set(ccurl_set_string(easy, CURLOPT_USERAGENT, agent)) }
    for (name, value) in request.headers {
      // libcurl reads "Name:" as "leave it out" and "Name;" as "send it empty".
      try append(value.allSatisfy(\.isWhitespace) ? "\(name);" : "\(name): \(value)")
    }
    // libcurl would call any body a web form.
    if body != nil, !request.hasHeader("content-type") { try append("Content-Type:") }
    try set(ccurl_set_header_lines(easy, headerLines))
  }

  private func append(_ line: String) throws(HTTPFailure) {
    guard let longer = curl_slist_append(headerLines, line) else {
      throw HTTPFailure(.other, "libcurl has no memory for a header")
    }
    headerLines = longer
  }

  private func set(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else { throw failure(for: code) }
  }

  // MARK: Failures

  private func failure(for code: CURLcode) -> HTTPFailure {
    let kind = HTTPFailure.Kind(code, wasAddressRefused: wasAddressRefused)
    var what = String(cString: curl_easy_strerror(code))
    // Of libcurl's longer texts only those about TLS are told: the others may quote what was sent.
    if kind == .tls, errorText.pointee != 0 { what = String(cString: errorText) }
    let errorNumber = Int32(clamping: ccurl_get_long(easy, CURLINFO_OS_ERRNO))
    if kind == .connectionRefused, errorNumber != 0, let text = strerror(errorNumber) {
      what += ": " + String(cString: text)
    }
    if kind == .addressRefused { what = "the address policy refuses this address" }
    return HTTPFailure(kind, "\(what) (\(target.origin))")
  }
}

extension HTTPFailure.Kind {
  fileprivate init(_ code: CURLcode, wasAddressRefused: Bool) {
    self =
      switch code {
      case CURLE_COULDNT_CONNECT: wasAddressRefused ? .addressRefused : .connectionRefused
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .couldNotResolve
      // The only limit that libcurl keeps for us is the one on connecting.
      case CURLE_OPERATION_TIMEDOUT: .connectTimeout
      case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
        .tls
      case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
        CURLE_HTTP2_STREAM:
        .connectionLost
      case CURLE_URL_MALFORMAT: .malformedURL
      default: .other
      }
  }
}

extension Duration {
  /// At least 1, for libcurl takes 0 as "the default".
  fileprivate var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let milliseconds = seconds.multipliedReportingOverflow(by: 1_000)
    let most = Int64(Int32.max)
    guard !milliseconds.overflow, milliseconds.partialValue < most else { return Int(most) }
    return Int(max(1, milliseconds.partialValue + attoseconds / 1_000_000_000_000_000))
  }
}

// MARK: - Callbacks, called by libcurl on the loop's thread while the transfer is alive

private func receiveBody(
  bytes: UnsafeMutablePointer<CChar>?,
  one: Int,
  count: Int,
  context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: one * count))
}

private func receiveHeadLine(
  bytes: UnsafeMutablePointer<CChar>?,
  one: Int,
  count: Int,
  context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.takeHeadLine(UnsafeRawBufferPointer(start: bytes, count: one * count))
}

private func openSocket(
  context: UnsafeMutableRawPointer?,
  address: UnsafePointer<sockaddr>?,
  family: Int32,
  kind: Int32,
  proto: Int32
) -> Int32 {
  guard let context, let address else { return ccurl_no_socket() }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.open(address, family, kind, proto)
}
