public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials

/// What the program takes from the machine; everything below gets it from here.
public struct Surroundings: Sendable {
  /// The environment variables.
  public var environment: [String: String]
  /// The time of day.
  public var clock: WallClock
  /// 64 random bits at each call.
  public var random: @Sendable () -> UInt64
  /// Waits for a length of time by the clock, or throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// Takes a line for the operator; never a secret or a prompt.
  public var log: @Sendable (String) -> Void

  /// Puts surroundings together; the machine waits and the log is dropped unless given.
  public init(
    environment: [String: String],
    clock: WallClock,
    random: @escaping @Sendable () -> UInt64,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.environment = environment
    self.clock = clock
    self.random = random
    self.sleep = sleep
    self.log = log
  }

  /// The machine's own.
  public static var machine: Surroundings {
    Surroundings(
      environment: ProcessInfo.processInfo.environment,
      clock: .system,
      random: { UInt64.random(in: .min ... .max) }
    )
  }

  /// Makes identifiers by this clock and this chance.
  public var identifiers: IdentifierSource {
    let clock = clock
    return IdentifierSource(
      milliseconds: { UInt64(max(0, clock.now.timeIntervalSince1970 * 1_000)) },
      random: random
    )
  }
}
