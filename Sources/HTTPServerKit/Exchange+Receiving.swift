import CMicroHTTPD
import ConcurrencyKit
import Glibc

extension Exchange {
  // MARK: What libmicrohttpd's thread tells it

  /// Called for the head, for each piece of the body, at the request's end, and again after each resumption.
  func answer(
    _ connection: Connection,
    method: String,
    upload: UnsafePointer<CChar>?,
    uploadCount: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    state.withLock { state in
      if state.isOver { return .NO }
      if state.connection == nil {
        state.connection = connection
        return beginBody(of: connection, method, &state)
      }
      if uploadCount.pointee > 0 {
        defer { uploadCount.pointee = 0 }
        return takeBody(UnsafeRawBufferPointer(start: upload, count: uploadCount.pointee), &state)
      }
      return goOn(connection, method, &state)
    }
  }

  /// libmicrohttpd is done with the request: its connection may go away.
  func completed() {
    let (task, waiters, hasTaskEnded) = state.withLock { state -> (Task<Void, Never>?, [StreamState.Waiter], Bool) in
      if let (watch, socket) = state.watch.take() { core.watcher.end(watch, of: socket) }
      state.connection = nil
      state.spool = nil
      state.isOver = true
      return (state.task.take(), state.stream.takeWaiters(), state.hasTaskEnded)
    }
    task?.cancel()
    for waiter in waiters { waiter.resume(returning: .failure(.clientGone)) }
    if hasTaskEnded { core.forget(self) }
  }

  // MARK: Receiving

  /// An announced body that is far too long is refused before it is sent; a somewhat longer one is read and dropped,
  /// for a client that is still sending when the connection closes may never see the answer.
  private func beginBody(of connection: Connection, _ method: String, _ state: inout State) -> MHD_Result {
    let announced = connection.header("Content-Length").flatMap { Int($0) } ?? 0
    let isWaiting = connection.header("Expect") != nil
    let spooled = spoolLimit(method)
    let limit = spooled ?? core.settings.bodyLimit
    if announced > limit, isWaiting || announced - limit > drainLimit(limit) {
      return queue(core.errorResponse(tooLong(limit)), method: method, on: connection)
    }
    if let spooled {
      state.spool = HTTPBodyFile(in: core.settings.spoolFolder).map { ($0, spooled) }
      state.hasNoRoom = state.spool == nil
    }
    return .YES
  }

  private func spoolLimit(_ method: String) -> Int? {
    (try? RequestTargetParser.parse(rawTarget)).flatMap { core.settings.spooledBodyLimit(method, $0.path) }
  }

  private func takeBody(_ bytes: UnsafeRawBufferPointer, _ state: inout State) -> MHD_Result {
    let limit = state.spool?.limit ?? core.settings.bodyLimit
    if state.discardedBytes == 0, !state.hasNoRoom {
      if let file = state.spool?.file, file.count + bytes.count <= limit {
        if file.append(bytes) { return .YES }
        state.hasNoRoom = true
      } else if state.spool == nil, state.body.count + bytes.count <= limit {
        state.body.append(contentsOf: bytes)
        return .YES
      }
    }
    state.body = []
    state.discardedBytes += bytes.count
    return state.discardedBytes > limit + drainLimit(limit) ? .NO : .YES
  }

  private func goOn(_ connection: Connection, _ method: String, _ state: inout State) -> MHD_Result {
    switch state.phase {
    case .receiving:
      return handle(connection, method, &state)
    case .handling, .sending:
      return .YES  // resumed without an answer: nothing is known to do it, and waiting on is right
    case .answered(let response):
      state.phase = .sending
      return queue(response, method: method, on: connection)
    }
  }

  private func handle(_ connection: Connection, _ method: String, _ state: inout State) -> MHD_Result {
    do throws(RequestFault) {
      if core.isStopping { throw RequestFault(status: 503, reason: "The server is stopping.") }
      if state.hasNoRoom { throw RequestFault(status: 503, reason: "There is no room for the body; try again later.") }
      if state.discardedBytes > 0 { throw tooLong(state.spool?.limit ?? core.settings.bodyLimit) }
      var request = try request(on: connection, method, body: state.body)
      request.bodyFile = state.spool?.file
      state.spool = nil
      state.body = []
      state.phase = .handling
      state.hasTaskEnded = false
      suspend(&state)
      state.task = Task { await run(request) }
      return .YES
    } catch {
      state.phase = .sending
      return queue(core.errorResponse(error), method: method, on: connection)
    }
  }

  private func request(
    on connection: Connection,
    _ method: String,
    body: [UInt8]
  ) throws(RequestFault) -> HTTPServerRequest {
    let (path, query) = try RequestTargetParser.parse(rawTarget)
    return HTTPServerRequest(
      method: method,
      path: path,
      rawTarget: rawTarget,
      query: query,
      headers: connection.headers,
      body: body,
      remoteAddress: connection.remoteAddress
    )
  }

  /// How much of a body that is too long is read and dropped.
  private func drainLimit(_ limit: Int) -> Int { min(limit, 4 << 20) + (64 << 10) }

  private func tooLong(_ limit: Int) -> RequestFault {
    RequestFault(status: 413, reason: "The body is longer than \(limit) bytes.")
  }

  // MARK: Answering

  private func queue(_ response: HTTPServerResponse, method: String, on connection: Connection) -> MHD_Result {
    guard let made = response.make(for: self, method: method) else { return .NO }
    defer { MHD_destroy_response(made) }
    for (name, value) in response.headers where !HTTPServerResponse.ownFields.contains(name.lowercased()) {
      _ = MHD_add_response_header(made, name, value)
    }
    return MHD_queue_response(connection.pointer, UInt32(response.sentStatus), made)
  }
}

extension HTTPServerResponse {
  fileprivate static let ownFields: Set<String> = ["content-length", "transfer-encoding"]

  fileprivate var sentStatus: Int { (200...999).contains(status) ? status : 500 }

  /// Whether the protocol lets this response have a body.
  func hasBody(for method: String) -> Bool {
    method != "HEAD" && sentStatus != 204 && sentStatus != 304
  }

  fileprivate func make(for exchange: Exchange, method: String) -> OpaquePointer? {
    switch body {
    case .bytes(let bytes):
      let sent = hasBody(for: method) || method == "HEAD" ? bytes : []
      return sent.withUnsafeBytes { raw in
        // libmicrohttpd copies and never writes, though its parameter is not `const`.
        MHD_create_response_from_buffer(
          raw.count,
          UnsafeMutableRawPointer(mutating: raw.baseAddress),
          .RESPMEM_MUST_COPY
        )
      }
    case .stream where !hasBody(for: method):
      return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    case .stream:
      let context = Unmanaged.passRetained(exchange)
      let made = cmhd_stream(32 << 10, readStream, context.toOpaque(), releaseStream)
      if made == nil { context.release() }
      return made
    }
  }
}

// MARK: - Callbacks, called by libmicrohttpd on its thread

private func readStream(
  context: UnsafeMutableRawPointer?,
  position: UInt64,
  buffer: UnsafeMutablePointer<CChar>?,
  count: Int
) -> Int {
  guard let context else { return cmhd_end_with_error() }
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return exchange.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
}

private func releaseStream(context: UnsafeMutableRawPointer?) {
  if let context { Unmanaged<Exchange>.fromOpaque(context).release() }
}
