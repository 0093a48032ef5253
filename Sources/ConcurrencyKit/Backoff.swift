/// How long to wait before each new attempt: growing, capped and spread.
///
/// Jitter only shortens a delay, so no delay exceeds `maximum`.
public struct Backoff: Hashable, Sendable {
  /// The delay before the first retry, without jitter.
  public let initial: Duration
  /// The factor from one delay to the next, at least 1.
  public let multiplier: Double
  /// The longest delay.
  public let maximum: Duration
  /// The share of a delay that is random, from 0 (none) to 1 (all of it).
  public let jitter: Double

  /// Makes a policy; values outside their range are moved to its nearest end.
  public init(initial: Duration, multiplier: Double = 2, maximum: Duration, jitter: Double = 0.5) {
    self.maximum = max(.zero, maximum)
    self.initial = min(max(.zero, initial), self.maximum)
    self.multiplier = multiplier.isFinite ? max(1, multiplier) : 1
    self.jitter = jitter.isFinite ? min(max(0, jitter), 1) : 0
  }

  /// The delay before retry number `retry` (1 is the first), without jitter.
  public func ceiling(beforeRetry retry: Int) -> Duration {
    let cap = maximum / .seconds(1)
    var seconds = initial / .seconds(1)
    guard seconds > 0, multiplier > 1 else { return initial }
    for _ in 0..<max(0, retry - 1) {
      seconds *= multiplier
      if seconds >= cap { return maximum }
    }
    return min(.seconds(seconds), maximum)
  }

  /// The delay before retry number `retry` (1 is the first), drawn from `generator`.
  public func delay(beforeRetry retry: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let ceiling = ceiling(beforeRetry: retry)
    guard jitter > 0 else { return ceiling }
    return ceiling * (1 - jitter * Double.random(in: 0...1, using: &generator))
  }
}
