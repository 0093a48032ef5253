public import Ledger

/// Keeps calls away from an endpoint that fails, and lets one through now and then to see whether it works again.
struct CircuitBreaker: Hashable, Sendable {
  typealias Instant = ContinuousClock.Instant

  private enum State: Hashable, Sendable {
    case closed(failures: Int)
    case open(until: Instant, pause: Duration)
    case probing(pause: Duration)
  }

  private let failuresToOpen: Int
  private let firstPause: Duration
  private let longestPause: Duration
  private var state = State.closed(failures: 0)

  init(_ policy: RoutingPolicy) {
    failuresToOpen = max(1, policy.breakerFailures)
    firstPause = policy.breakerPause
    longestPause = max(policy.breakerPause, policy.breakerLongestPause)
  }

  /// Whether a call could be let through now.
  func allows(at now: Instant) -> Bool {
    switch state {
    case .closed: true
    case .open(let until, pause: _): now >= until
    case .probing: false
    }
  }

  /// The state in one word.
  func name(at now: Instant) -> EndpointHealth.State {
    switch state {
    case .closed: .closed
    case .open(let until, pause: _): now >= until ? .halfOpen : .open
    case .probing: .halfOpen
    }
  }

  /// Takes the right to call; the first call after a pause is the probe, and there is one at a time.
  mutating func admit(at now: Instant) -> Bool {
    guard allows(at: now) else { return false }
    if case .open(until: _, let pause) = state { state = .probing(pause: pause) }
    return true
  }

  /// A call went well.
  mutating func succeeded() { state = .closed(failures: 0) }

  /// A call failed in a way that says something about the endpoint; it asked for a pause of its own, or not.
  mutating func failed(at now: Instant, asking wanted: Duration? = nil) {
    switch state {
    case .closed(let failures):
      if let wanted {
        open(for: min(wanted, longestPause), at: now, pause: firstPause)
      } else if failures + 1 >= failuresToOpen {
        open(for: firstPause, at: now, pause: firstPause)
      } else {
        state = .closed(failures: failures + 1)
      }
    case .probing(let pause):
      let longer = min(longestPause, pause * 2)
      open(for: max(longer, min(wanted ?? .zero, longestPause)), at: now, pause: longer)
    case .open: break  // a call that was under way when the breaker opened says nothing new
    }
  }

  /// A call ended without telling anything about the endpoint, for instance because the caller stopped it.
  mutating func gaveUp(at now: Instant) {
    // The next call may be the probe at once.
    if case .probing(let pause) = state { state = .open(until: now, pause: pause) }
  }

  private mutating func open(for time: Duration, at now: Instant, pause: Duration) {
    state = .open(until: now + time, pause: pause)
  }
}

/// How an endpoint does.
public struct EndpointHealth: Hashable, Sendable {
  /// Whether calls are let through.
  public enum State: String, Hashable, Sendable {
    /// All of them.
    case closed
    /// None at the moment.
    case open
    /// One, to see whether it works again.
    case halfOpen = "half_open"
  }

  /// The endpoint.
  public var endpoint: String
  /// Where its model runs.
  public var tier: ModelTier
  /// The model.
  public var model: String
  /// Whether calls are let through.
  public var state: State
}
