/// A moment of monotonic time by which something has to be done.
public struct Deadline: Hashable, Comparable, Sendable {
  /// The last moment.
  public let instant: ContinuousClock.Instant

  /// Makes a deadline at an instant.
  public init(at instant: ContinuousClock.Instant) {
    self.instant = instant
  }

  /// A deadline that lies `duration` after `start`, which is now unless given.
  public static func after(_ duration: Duration, from start: ContinuousClock.Instant = .now) -> Deadline {
    Deadline(at: start.advanced(by: duration))
  }

  /// The time left, zero when the deadline has passed.
  public var remaining: Duration { remaining(at: .now) }

  /// Whether no time is left.
  public var hasPassed: Bool { hasPassed(at: .now) }

  /// The time left at `instant`, zero when the deadline has passed.
  public func remaining(at now: ContinuousClock.Instant) -> Duration {
    max(.zero, now.duration(to: instant))
  }

  /// Whether no time is left at `now`.
  public func hasPassed(at now: ContinuousClock.Instant) -> Bool {
    now >= instant
  }

  /// Orders deadlines by time.
  public static func < (earlier: Deadline, later: Deadline) -> Bool {
    earlier.instant < later.instant
  }
}
