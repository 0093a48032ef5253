/// The clock work of one transfer: which limit runs out next, and which has run out.
///
/// The limit on connecting is left to libcurl, which alone knows when the connection stands.
struct TransferDeadlines: Sendable {
  private let limits: HTTPTimeLimits
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

  /// The next moment at which a limit runs out.
  var next: ContinuousClock.Instant? { candidates.map(\.instant).min() }

  /// The limit that has run out, the earliest first.
  func expired(at now: ContinuousClock.Instant) -> HTTPFailure.Kind? {
    candidates.filter { $0.instant <= now }.min { $0.instant < $1.instant }?.kind
  }

  private var candidates: [(instant: ContinuousClock.Instant, kind: HTTPFailure.Kind)] {
    var found: [(instant: ContinuousClock.Instant, kind: HTTPFailure.Kind)] = []
    if let total = limits.total { found.append((start + total, .totalTimeout)) }
    if let lastByte {
      if !isReaderSlow, let idle = limits.idle { found.append((lastByte + idle, .idleTimeout)) }
    } else if let firstByte = limits.firstByte {
      found.append((start + firstByte, .firstByteTimeout))
    }
    return found
  }
}
