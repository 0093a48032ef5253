import CCurl

/// The transfers under way, on the loop's thread: who they are, what libcurl says of them, how long to sleep.
struct TransferTable {
  private let multi: UnsafeMutableRawPointer
  private let settings: HTTPClient.Settings
  private var running: [TransferID: Transfer] = [:]
  private var names: [UnsafeMutableRawPointer: TransferID] = [:]

  init(multi: UnsafeMutableRawPointer, settings: HTTPClient.Settings) {
    self.multi = multi
    self.settings = settings
  }

  mutating func start(_ order: TransferOrder) {
    do throws(HTTPFailure) {
      let transfer = try Transfer(order, settings: settings, now: .now)
      guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
        throw HTTPFailure(.other, "libcurl did not accept the transfer")
      }
      running[order.id] = transfer
      names[transfer.easy] = order.id
    } catch {
      order.channel.finish(.failure(error))
    }
  }

  /// The reader has left and was told already.
  mutating func cancel(_ id: TransferID) {
    _ = breakOff(id)
  }

  func resume(_ id: TransferID) {
    running[id]?.goOn(at: .now)
  }

  /// Moves what can be moved, then lets go of what has ended or run out of time.
  mutating func move() {
    var active: Int32 = 0
    curl_multi_perform(multi, &active)
    reapFinished()
    reapExpired(at: .now)
  }

  mutating func closeAll() {
    for id in Array(running.keys) { breakOff(id)?.fail(.closed, "the HTTP client was shut down") }
  }

  /// Milliseconds until a limit runs out, a minute at most; libcurl shortens it for timers of its own.
  func wait(at now: ContinuousClock.Instant) -> Int32 {
    var next: ContinuousClock.Instant?
    for transfer in running.values {
      guard let instant = transfer.deadlines.next else { continue }
      next = next.map { min($0, instant) } ?? instant
    }
    guard let next else { return 60_000 }
    let left = now.duration(to: next)
    guard left > .zero else { return 0 }
    guard left < .seconds(60) else { return 60_000 }
    return Int32(left / .milliseconds(1)) + 1
  }

  private mutating func reapFinished() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result  // read before the handle is removed, which frees the message
      if let id = names[easy] { remove(id)?.finish(code) }
    }
  }

  private mutating func reapExpired(at now: ContinuousClock.Instant) {
    for (id, transfer) in running {
      guard let kind = transfer.deadlines.expired(at: now) else { continue }
      breakOff(id)?.fail(kind, "the peer took too long")
    }
  }

  /// Takes out a transfer that has not ended.
  private mutating func breakOff(_ id: TransferID) -> Transfer? {
    running[id]?.forbidReuse()
    return remove(id)
  }

  private mutating func remove(_ id: TransferID) -> Transfer? {
    guard let transfer = running.removeValue(forKey: id) else { return nil }
    names[transfer.easy] = nil
    curl_multi_remove_handle(multi, transfer.easy)
    return transfer
  }
}
