import CCurl

/// The transfers to which something came in this turn of the loop, on the loop's thread.
final class TransferNews {
  private var transfers: [Transfer] = []

  func add(_ transfer: Transfer) { transfers.append(transfer) }

  func take() -> [Transfer] {
    defer { transfers.removeAll(keepingCapacity: true) }
    return transfers
  }
}

/// The transfers under way, on the loop's thread: who they are, what libcurl says of them, how long to sleep.
struct TransferTable {
  private let multi: UnsafeMutableRawPointer
  private let settings: HTTPClient.Settings
  private var running: [TransferID: Transfer] = [:]
  private var names: [UnsafeMutableRawPointer: TransferID] = [:]
  private let news = TransferNews()
  /// No limit runs out before; nil when there is none.
  private var nextLimit: ContinuousClock.Instant?

  init(multi: UnsafeMutableRawPointer, settings: HTTPClient.Settings) {
    self.multi = multi
    self.settings = settings
  }

  mutating func start(_ order: TransferOrder) {
    do throws(HTTPFailure) {
      let transfer = try Transfer(order, settings: settings, news: news, now: .now)
      guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
        throw HTTPFailure(.other, "libcurl did not accept the transfer")
      }
      running[order.id] = transfer
      names[transfer.easy] = order.id
      heed(transfer.deadlines)
    } catch {
      order.channel.finish(.failure(error))
    }
  }

  /// The reader has left and was told already.
  mutating func cancel(_ id: TransferID) {
    _ = breakOff(id)
  }

  mutating func resume(_ id: TransferID) {
    guard let transfer = running[id] else { return }
    transfer.goOn(at: .now)
    heed(transfer.deadlines)
  }

  mutating func discard(_ id: TransferID, until deadline: ContinuousClock.Instant) {
    guard let transfer = running[id] else { return }
    transfer.end(by: deadline)
    resume(id)
  }

  /// Moves what can be moved, then lets go of what has ended or run out of time.
  mutating func move() {
    var active: Int32 = 0
    curl_multi_perform(multi, &active)
    reapFinished()
    deliver()
    reapExpired(at: .now)
  }

  mutating func closeAll() {
    for id in Array(running.keys) { breakOff(id)?.fail(.closed, "the HTTP client was shut down") }
  }

  /// Milliseconds until a limit may run out, a minute at most; libcurl shortens it for timers of its own.
  func wait(at now: ContinuousClock.Instant) -> Int32 {
    guard let nextLimit else { return 60_000 }
    let left = now.duration(to: nextLimit)
    guard left > .zero else { return 0 }
    guard left < .seconds(60) else { return 60_000 }
    return Int32(left / .milliseconds(1)) + 1
  }

  /// Wakes the readers of all to whom something came.
  private mutating func deliver() {
    for transfer in news.take() {
      if transfer.deliver() { transfer.goOn(at: .now) }
      heed(transfer.deadlines)
    }
  }

  private mutating func heed(_ deadlines: TransferDeadlines) {
    guard let next = deadlines.next else { return }
    nextLimit = nextLimit.map { min($0, next) } ?? next
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
    // Limits mostly move away before they run out, so that all are looked at only now and then.
    guard let earliest = nextLimit, earliest <= now else { return }
    nextLimit = nil
    for (id, transfer) in running {
      if let kind = transfer.deadlines.expired(at: now) {
        breakOff(id)?.fail(kind, "the peer took too long")
      } else {
        heed(transfer.deadlines)
      }
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
