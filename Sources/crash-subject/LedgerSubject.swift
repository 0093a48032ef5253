import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import Ledger
import Persistence

/// A process that makes calls of models in the ledger, without any model, and leaves some of them unsettled.
///
/// Words: the store, the tenant, its name, how many rounds, how many calls at once in each, and `go`, or `hold` to stay
/// between reserving and settling until it is killed. Each round spends under a cap of its own, which the calls of other
/// processes in the same round share.
struct LedgerSubject {
  /// What each round may cost.
  static let cap = NanoDollars(10_000_000)

  private let store: any LedgerStore
  private let tenant: TenantID
  private let name: String
  private let rounds: Int
  private let calls: Int
  private let holds: Bool

  init(_ words: [String]) async throws {
    guard words.count == 6, let rounds = Int(words[3]), let calls = Int(words[4]) else {
      throw SubjectFailure("store, tenant, name, rounds, calls and go or hold are wanted")
    }
    store =
      words[0].hasPrefix("host=")
      ? try await Subject.server(at: words[0]).ledger : try await MetadataDatabase(path: words[0]).ledger
    tenant = TenantID(words[1])
    name = words[2]
    self.rounds = rounds
    self.calls = calls
    holds = words[5] == "hold"
  }

  func work() async throws {
    let price = TokenPrices(input: NanoDollars(1_000_000_000), output: NanoDollars(2_000_000_000))
    let ledger = Ledger(store: store, prices: PriceTable(["e": [PriceList(prices: price)]]), now: { Date() })
    for round in 0..<rounds {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<calls {
          group.addTask { try await call(number, in: round, ledger) }
        }
        try await group.waitForAll()
      }
    }
    Subject.say("done")
  }

  private func call(_ number: Int, in round: Int, _ ledger: Ledger) async throws {
    var random = SplitMix64(seed: UInt64(round * 1_000 + number) ^ (name == "first" ? 0 : 1 << 40))
    let scope = LedgerScope(tenant: tenant, .session(SessionID("round-\(round)")))
    let operation = OperationID("\(tenant)-\(name)-\(round)-\(number)")
    let reservation: Reservation
    do {
      reservation = try await ledger.begin(
        attempt(operation, round, lease: Bool.random(using: &random) ? 0 : 600),
        expecting: TokenCounts(input: 200, output: Int.random(in: 100...900, using: &random)),
        within: [SpendingCap(scope, most: Self.cap)]
      )
    } catch {
      guard error.isAboutMoney else { throw error }
      return
    }
    if holds {
      Subject.say("begun \(operation)")
      while true { try await Task.sleep(for: .seconds(60)) }
    }
    try await end(reservation, of: ledger, &random)
  }

  /// Settles as luck will have it: whole, broken off without usage, refused by the provider, twice, or not at all.
  private func end(_ reservation: Reservation, of ledger: Ledger, _ random: inout SplitMix64) async throws {
    let row = reservation.attempt
    let output = Int.random(in: 0...(reservation.outputLimit ?? 0), using: &random)
    let kind = Int.random(in: 0..<6, using: &random)
    if kind == 0, row.leaseExpires <= row.startedAt { return }
    let (source, outcome): (UsageSource, AttemptOutcome) =
      switch kind {
      case 1: (.estimated, .cut)
      case 2: (.unused, .connection)
      default: (.reported, .answered)
      }
    for _ in 0..<(kind == 3 ? 2 : 1) {
      _ = try await ledger.settle(
        row,
        tokens: TokenCounts(input: 200, output: output),
        source: source,
        duration: .milliseconds(5),
        outcome: outcome
      )
    }
  }

  private func attempt(_ operation: OperationID, _ round: Int, lease seconds: Double) -> ModelAttempt {
    let now = Date()
    return ModelAttempt(
      key: AttemptKey(operation: operation, number: 1),
      tenant: tenant,
      session: SessionID("round-\(round)"),
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: now,
      leaseExpires: now + seconds
    )
  }
}
