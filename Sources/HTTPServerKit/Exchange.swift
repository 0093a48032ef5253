import ConcurrencyKit

/// One request and its response: where libmicrohttpd's thread and the handler's task meet.
///
/// Rules that keep both sides safe. The connection's pointer is used only under the lock and only until
/// libmicrohttpd says that the request is complete. A connection is suspended and resumed under the lock, so neither
/// can overtake the other. Waiters are resumed outside the lock.
final class Exchange: Sendable {
  enum Phase: Sendable {
    case receiving
    case handling
    case answered(HTTPServerResponse)
    case sending
  }

  struct State: Sendable {
    var connection: Connection?
    var phase = Phase.receiving
    var body: [UInt8] = []
    /// The file that takes the body, with the most bytes it may have.
    var spool: (file: HTTPBodyFile, limit: Int)?
    var hasNoRoom = false
    var discardedBytes = 0
    var isSuspended = false
    var watch: (DisconnectWatcher.Watch, socket: Int32)?
    var task: Task<Void, Never>?
    var hasTaskEnded = true
    /// The client is gone or the server lets go: nothing may be suspended or sent any more.
    var isOver = false
    var stream = StreamState()
  }

  let core: ServerCore
  let rawTarget: String
  let state: Locked<State>

  init(core: ServerCore, rawTarget: String) {
    self.core = core
    self.rawTarget = rawTarget
    state = Locked(State())
  }

  // MARK: The handler's side

  /// Runs the handler and, if it answered with a stream, the stream's closure.
  func run(_ request: HTTPServerRequest) async {
    let response = await core.handler(request)
    let isWanted = state.withLock { state in
      guard !state.isOver else { return false }
      state.phase = .answered(response)
      resumeIfSuspended(&state)
      return true
    }
    if isWanted, case .stream(let body) = response.body, response.hasBody(for: request.method) {
      do {
        try await body.write(HTTPStreamWriter(self))
        endStream(.complete)
      } catch {
        endStream(.broken)
      }
    }
    taskEnded()
  }

  private func taskEnded() {
    let isComplete = state.withLock { state in
      state.hasTaskEnded = true
      return state.connection == nil
    }
    if isComplete { core.forget(self) }
  }

  func cancelTask() {
    state.withLock { $0.task }?.cancel()
  }

  /// The client is gone, or is treated so: the task is cancelled, writers fail, libmicrohttpd gets its connection back.
  func giveUp() {
    let (task, waiters) = state.withLock { state -> (Task<Void, Never>?, [StreamState.Waiter]) in
      state.isOver = true
      resumeIfSuspended(&state)
      return (state.task, state.stream.takeWaiters())
    }
    task?.cancel()
    for waiter in waiters { waiter.resume(returning: .failure(.clientGone)) }
  }

  // MARK: Suspending

  /// Takes the connection out of libmicrohttpd's loop, on its thread and in one of its callbacks.
  func suspend(_ state: inout State) {
    guard let connection = state.connection, !state.isSuspended else { return }
    connection.suspend()
    state.isSuspended = true
    let socket = connection.socket
    state.watch = (core.watcher.watch(socket) { [weak self] in self?.giveUp() }, socket)
  }

  func resumeIfSuspended(_ state: inout State) {
    guard state.isSuspended, let connection = state.connection else { return }
    if let (watch, socket) = state.watch.take() { core.watcher.end(watch, of: socket) }
    state.isSuspended = false
    connection.resume()
  }
}
