public import FoundationEssentials

/// The time of day, injected: what a person or a database calls "now".
///
/// For durations use `ContinuousClock` or `Deadline`, since the wall clock can jump.
public struct WallClock: Sendable {
  private let read: @Sendable () -> Date

  /// Makes a clock that answers with what `read` returns.
  public init(_ read: @escaping @Sendable () -> Date) {
    self.read = read
  }

  /// The present moment.
  public var now: Date { read() }

  /// The clock of this machine.
  public static let system = WallClock { Date() }

  /// A clock that stands still at one moment.
  public static func fixed(at moment: Date) -> WallClock {
    WallClock { moment }
  }
}
