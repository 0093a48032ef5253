/// The clock work of one transfer: which limit runs out next, and which has run out.
///
/// The limit on connecting is left to libcurl, which alone knows when the connection stands.
struct TransferDeadlines: Sendable {
  private var limits: HTTPTimeLimits
  private let start: ContinuousClock.Instant
  private var lastByte: ContinuousClock.Instant?
  private var isReaderSlow = false

  init(_ limits: HTTPTimeLimits, start: ContinuousClock.Instant) {
    self.limits = limits
    self.start = start
  }

  mutating func bytesArrived(at now: ContinuousClock.Instant) {
    lastByte = now
  }

  /// The reader makes the peer wait, so the peer's silence does not count.
  mutating func pause() {
    isReaderSlow = true
  }

  mutating func resume(at now: ContinuousClock.Instant) {
    isReaderSlow = false
    lastByte = now
  }

  /// The whole exchange must end by then, if not before.
  mutating func end(by deadline: ContinuousClock.Instant) {
    let total = start.duration(to: deadline)
    limits.total = limits.total.map { min($0, total) } ?? total
  }

  /// The next moment at which a limit runs out.
  var next: ContinuousClock.Instant? { earliest?.instant }

  /// The limit that has run out, the earliest first.
  func expired(at now: ContinuousClock.Instant) -> HTTPFailure.Kind? {
    guard let earliest, earliest.instant <= now else { return nil }
    return earliest.kind
  }

  /// Asked for every transfer at every turn of the loop, so it allocates nothing.
  private var earliest: (instant: ContinuousClock.Instant, kind: HTTPFailure.Kind)? {
    let total = limits.total.map { (instant: start + $0, kind: HTTPFailure.Kind.totalTimeout) }
    let silence: (instant: ContinuousClock.Instant, kind: HTTPFailure.Kind)? =
      if let lastByte {
        isReaderSlow ? nil : limits.idle.map { (lastByte + $0, .idleTimeout) }
      } else {
        limits.firstByte.map { (start + $0, .firstByteTimeout) }
      }
    guard let total, let silence else { return total ?? silence }
    return silence.instant < total.instant ? silence : total
  }
}
