import CoachVocabulary
import FoundationEssentials
import Ledger
import Testing

@Suite struct `The ledger in memory` {
  private struct Chance: RandomNumberGenerator {
    var state: UInt64

    /// Marsaglia's xorshift64.
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private static let windows: [Double?] = [nil, 0, 20, 40, 60, 80, 90, 95]

  private static func attempt(_ step: Int, _ chance: inout Chance) -> ModelAttempt {
    ModelAttempt(
      key: AttemptKey(operation: OperationID("o\(step)"), number: 1),
      tenant: ["a", "b"].randomElement(using: &chance) ?? "a",
      user: ["u", "v", nil].randomElement(using: &chance) ?? nil,
      run: ["r", nil].randomElement(using: &chance) ?? nil,
      session: ["s", "t", nil].randomElement(using: &chance) ?? nil,
      agent: ["x", nil].randomElement(using: &chance) ?? nil,
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: Date(timeIntervalSince1970: Double.random(in: 0...100, using: &chance).rounded()),
      reserved: NanoDollars(Int64.random(in: 0...20, using: &chance))
    )
  }

  private static func cap(_ chance: inout Chance) -> SpendingCap {
    let parts: [LedgerScope.Part] = [.everything, .user("u"), .session("s"), .session("t"), .agent("x"), .run("r")]
    let since = (windows.randomElement(using: &chance) ?? nil).map { Date(timeIntervalSince1970: $0) }
    return SpendingCap(
      LedgerScope(
        tenant: ["a", "b"].randomElement(using: &chance) ?? "a",
        parts.randomElement(using: &chance) ?? .everything,
        since: since
      ),
      most: NanoDollars(Int64.random(in: 0...400, using: &chance))
    )
  }

  @Test(arguments: UInt64(1)...12)
  func `allows and refuses by the rows themselves, whatever was asked before`(seed: UInt64) async throws {
    var chance = Chance(state: seed)
    let store = MemoryLedgerStore()
    var rows: [ModelAttempt] = []
    for step in 0..<300 {
      if step % 3 == 2, let index = rows.indices.randomElement(using: &chance) {
        rows[index] = try await store.settle(
          AttemptSettlement(
            key: rows[index].key,
            tokens: .zero,
            usageSource: [.reported, .estimated, .unknown].randomElement(using: &chance) ?? .unknown,
            cost: [nil, NanoDollars(Int64.random(in: 0...20, using: &chance))].randomElement(using: &chance) ?? nil,
            priceVersion: nil,
            duration: .zero,
            outcome: .answered
          )
        )
      }
      let attempt = Self.attempt(step, &chance)
      let caps = (0..<3).map { _ in Self.cap(&chance) }
      let expected = caps.lazy.compactMap { cap in
        let committed = LedgerTotals(of: rows.filter(cap.scope.contains), at: attempt.startedAt).committed
        return cap.refusal(of: attempt, committed: committed)
      }.first
      var refusal: LedgerFailure?
      do throws(LedgerFailure) {
        try await store.begin(attempt, within: caps)
        rows.append(attempt)
      } catch {
        refusal = error
      }
      #expect(refusal == expected)
    }
    #expect(rows.count > 30)
  }
}
