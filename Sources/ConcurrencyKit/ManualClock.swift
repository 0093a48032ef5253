public import FoundationEssentials

/// A wall clock that moves only when it is told to.
public final class ManualClock: Sendable {
  private let moment: Locked<Date>

  /// Makes a clock that stands at `start`.
  public init(_ start: Date) {
    moment = Locked(start)
  }

  /// The moment at which the clock stands.
  public var now: Date { moment.current }

  /// This clock in the form that production code takes.
  public var wallClock: WallClock { WallClock { self.now } }

  /// Puts the clock to another moment, earlier or later.
  public func set(_ now: Date) {
    moment.withLock { $0 = now }
  }

  /// Moves the clock by `duration`, which may be negative.
  public func advance(by duration: Duration) {
    moment.withLock { $0 += duration / .seconds(1) }
  }
}
