import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// What the router remembers of each tenant while it runs: recent traffic, fates of answers, warm conversations.
///
/// The store is read once for each tenant. What cannot be read or written is no reason to leave a call unanswered: the
/// router then goes on with what it has.
final class RoutingMemory: Sendable {
  private struct Tenant {
    var window: TrafficWindow
    var rates: SuccessRates
    var unsaved = 0
    var lastSave: ContinuousClock.Instant?
  }

  private struct Warmth {
    var endpoint: String
    var since: ContinuousClock.Instant
  }

  private struct State {
    var tenants: [TenantID: Tenant] = [:]
    var warm: [SessionID: Warmth] = [:]
  }

  private let start: [Double]
  private let store: any RoutingStore
  private let state = Locked(State())

  /// After so many calls the window is saved, though not more often than ``timeBetweenSaves`` allows.
  static let callsBetweenSaves = 10
  /// How long a save is put off at most when calls come fast.
  static let timeBetweenSaves = Duration.seconds(1)
  /// How many outcomes are read.
  static let outcomeLimit = 5_000
  /// How many conversations may be warm; beyond, all are forgotten.
  private static let warmLimit = 10_000

  init(start: [Double], store: any RoutingStore) {
    self.start = start
    self.store = store
  }

  /// Reads what is kept of a tenant, once.
  func prepare(_ tenant: TenantID) async {
    if state.withLock({ $0.tenants[tenant] != nil }) { return }
    let window = (try? await store.window(of: tenant)).flatMap { $0 } ?? TrafficWindow(start: start)
    let outcomes = (try? await store.outcomes(of: tenant, last: Self.outcomeLimit)) ?? []
    state.withLock { state in
      if state.tenants[tenant] == nil {
        state.tenants[tenant] = Tenant(window: window, rates: SuccessRates(outcomes))
      }
    }
  }

  func window(of tenant: TenantID) -> TrafficWindow {
    state.withLock { $0.tenants[tenant]?.window } ?? TrafficWindow(start: start)
  }

  func rates(of tenant: TenantID) -> SuccessRates {
    state.withLock { $0.tenants[tenant]?.rates } ?? SuccessRates()
  }

  /// Decides under the lock, so that calls at the same time count one another, and adds the call to the traffic.
  ///
  /// - Parameters:
  ///   - tenant: whose call it is.
  ///   - now: the moment.
  ///   - decide: given the tenant's window and rates; gives the score and where the score sent the call, nil for a call
  ///     that the score did not send.
  /// - Returns: the decision, and the window when it is time to save it.
  func decide<Decision>(
    _ tenant: TenantID,
    now: ContinuousClock.Instant,
    _ decide: (TrafficWindow, SuccessRates) -> (decision: Decision, traffic: (score: Double, isCloud: Bool)?)
  ) -> (decision: Decision, toSave: TrafficWindow?) {
    state.withLock { state in
      // Taken out while it is changed, so that its arrays are not copied.
      var known =
        state.tenants.removeValue(forKey: tenant)
        ?? Tenant(window: TrafficWindow(start: start), rates: SuccessRates())
      defer { state.tenants[tenant] = known }
      let (decision, traffic) = decide(known.window, known.rates)
      guard let traffic else { return (decision, nil) }
      known.window.add(traffic.score, toCloud: traffic.isCloud)
      known.unsaved += 1
      let isDue =
        known.unsaved >= Self.callsBetweenSaves
        && known.lastSave.map { $0.duration(to: now) >= Self.timeBetweenSaves } ?? true
      if isDue {
        known.unsaved = 0
        known.lastSave = now
      }
      return (decision, isDue ? known.window : nil)
    }
  }

  func save(_ window: TrafficWindow, of tenant: TenantID) async { try? await store.save(window, of: tenant) }

  /// Keeps every window that has changed since it was saved.
  func saveAll() async {
    let changed = state.withLock { state in
      let changed = state.tenants.filter { $0.value.unsaved > 0 }.mapValues(\.window)
      for tenant in changed.keys { state.tenants[tenant]?.unsaved = 0 }
      return changed
    }
    for (tenant, window) in changed { await save(window, of: tenant) }
  }

  func record(_ outcome: GateOutcome, of tenant: TenantID) async throws(RoutingStoreFailure) {
    await prepare(tenant)
    try await store.record(outcome, of: tenant)
    state.withLock { $0.tenants[tenant]?.rates.add(outcome) }
  }

  func mark(_ run: RunID, isKept: Bool, of tenant: TenantID) async throws(RoutingStoreFailure) {
    await prepare(tenant)
    try await store.mark(run, isKept: isKept, of: tenant)
    state.withLock { $0.tenants[tenant]?.rates.mark(run, isKept: isKept) }
  }

  // MARK: - Warm conversations

  func warm(_ session: SessionID?, at endpoint: String, now: ContinuousClock.Instant) {
    guard let session else { return }
    state.withLock { state in
      if state.warm.count >= Self.warmLimit { state.warm = [:] }
      state.warm[session] = Warmth(endpoint: endpoint, since: now)
    }
  }

  /// The endpoint that answered a conversation last, unless that is too long ago.
  func warmEndpoint(of session: SessionID?, now: ContinuousClock.Instant, within time: Duration) -> String? {
    guard let session, let warmth = state.withLock({ $0.warm[session] }) else { return nil }
    return now - warmth.since < time ? warmth.endpoint : nil
  }
}
