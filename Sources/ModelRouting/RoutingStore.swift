public import CoachVocabulary
import ConcurrencyKit

/// Why what the router remembers could not be read or written.
public struct RoutingStoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public var message: String

  /// Makes a failure.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { "what the router remembers is out of reach: \(message)" }
}

/// Where the router of each tenant keeps what it must remember across restarts.
public protocol RoutingStore: Sendable {
  /// The recent traffic of a tenant; nil when none is kept.
  func window(of tenant: TenantID) async throws(RoutingStoreFailure) -> TrafficWindow?

  /// Keeps the recent traffic of a tenant, in place of what was kept.
  func save(_ window: TrafficWindow, of tenant: TenantID) async throws(RoutingStoreFailure)

  /// The newest outcomes of a tenant, oldest first.
  func outcomes(of tenant: TenantID, last limit: Int) async throws(RoutingStoreFailure) -> [GateOutcome]

  /// Keeps an outcome; one of the same run and number is replaced.
  func record(_ outcome: GateOutcome, of tenant: TenantID) async throws(RoutingStoreFailure)

  /// Keeps whether the user kept the answer of a run.
  func mark(_ run: RunID, isKept: Bool, of tenant: TenantID) async throws(RoutingStoreFailure)
}

/// Remembers as long as the process lives.
public final class MemoryRoutingStore: RoutingStore {
  private struct Contents {
    var windows: [TenantID: TrafficWindow] = [:]
    var outcomes: [TenantID: [GateOutcome]] = [:]
  }

  private let contents = Locked(Contents())

  /// Makes an empty store.
  public init() {}

  /// The recent traffic of a tenant.
  public func window(of tenant: TenantID) -> TrafficWindow? { contents.withLock { $0.windows[tenant] } }

  /// Keeps the recent traffic of a tenant.
  public func save(_ window: TrafficWindow, of tenant: TenantID) {
    contents.withLock { $0.windows[tenant] = window }
  }

  /// The newest outcomes of a tenant, oldest first.
  public func outcomes(of tenant: TenantID, last limit: Int) -> [GateOutcome] {
    contents.withLock { contents in
      let sorted = (contents.outcomes[tenant] ?? []).sorted {
        ($0.recordedAt, $0.run.rawValue, $0.number) < ($1.recordedAt, $1.run.rawValue, $1.number)
      }
      return Array(sorted.suffix(max(0, limit)))
    }
  }

  /// Keeps an outcome.
  public func record(_ outcome: GateOutcome, of tenant: TenantID) {
    contents.withLock { contents in
      contents.outcomes[tenant, default: []].removeAll { $0.run == outcome.run && $0.number == outcome.number }
      contents.outcomes[tenant, default: []].append(outcome)
    }
  }

  /// Keeps whether the user kept the answer of a run.
  public func mark(_ run: RunID, isKept: Bool, of tenant: TenantID) {
    contents.withLock { contents in
      contents.outcomes[tenant] = contents.outcomes[tenant]?.map { outcome in
        var outcome = outcome
        if outcome.run == run { outcome.isKept = isKept }
        return outcome
      }
    }
  }
}
