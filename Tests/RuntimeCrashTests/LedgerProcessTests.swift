import CoachVocabulary
import FoundationEssentials
import Ledger
import StateGraph
import Testing

extension ProcessTests {
  /// Two processes that spend under the same caps.
  struct LedgerProcessTests {
    private static let cap = NanoDollars(10_000_000)
    /// `COACH_LEDGER_ROUNDS=1000` for the long form.
    private static let rounds = ProcessInfo.processInfo.environment["COACH_LEDGER_ROUNDS"].flatMap { Int($0) } ?? 25

    @Test(arguments: StoreKind.available)
    func `sixty four calls at once from two processes never pass a cap`(kind: StoreKind) async throws {
      let scene = try await CrashScene(kind, "ledger")
      // Both find the tables there.
      try await scene.withLedger { _, _ in }
      let spenders = [
        try scene.spender("first", rounds: Self.rounds, calls: 32),
        try scene.spender("second", rounds: Self.rounds, calls: 32),
      ]
      for spender in spenders { #expect(try await spender.end() == .ended(code: 0), "\(spender.lines)") }
      try await scene.withLedger { store, tenant in
        let later = Date() + 3_600
        var sum = LedgerTotals.zero
        for round in 0..<Self.rounds {
          let scope = LedgerScope(tenant: tenant, .session(SessionID("round-\(round)")))
          let totals = try await store.totals(in: scope, at: later)
          #expect(totals.committed <= Self.cap, "round \(round)")
          #expect(totals.reserved == .zero)
          let rows = try await store.attempts(in: scope, limit: 1_000)
          #expect(totals == LedgerTotals(of: rows, at: later))
          sum = sum + totals
        }
        #expect(try await store.totals(in: LedgerScope(tenant: tenant, .everything), at: later) == sum)
        // The test can fail: most rounds come near their cap, and some attempts are lost.
        #expect(sum.committed.amount > Self.cap.amount * Int64(Self.rounds) / 2)
        #expect(sum.lost > 0)
      }
    }

    @Test(arguments: StoreKind.available)
    func `a process that dies between reserving and settling loses its lease, and the late bill counts once`(
      kind: StoreKind
    ) async throws {
      let scene = try await CrashScene(kind, "ledger")
      try await scene.withLedger { _, _ in }
      let dead = try scene.spender("first", rounds: 1, calls: 1, holds: true)
      try await dead.wait(forLine: "begun")
      #expect(try await dead.killNow() == .killed)
      try await scene.withLedger { store, tenant in
        let scope = LedgerScope(tenant: tenant, .everything)
        let row = try #require(try await store.attempts(in: scope, limit: 10).first)
        let after = row.leaseExpires + 1
        let lost = try await store.totals(in: scope, at: after)
        #expect([lost.open, lost.lost] == [0, 1])
        #expect([lost.reserved, lost.lostReserved] == [.zero, row.reserved])
        let late = AttemptSettlement(
          key: row.key,
          tokens: TokenCounts(input: 1),
          usageSource: .reported,
          cost: NanoDollars(1_000),
          priceVersion: "v",
          duration: .seconds(9),
          outcome: .answered
        )
        for _ in 0..<2 { _ = try await store.settle(late) }
        let settled = try await store.totals(in: scope, at: after)
        #expect(settled.committed == NanoDollars(1_000))
        #expect(settled.attempts == 1)
      }
    }
  }
}
