import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import Persistence
import Testing

struct SQLiteLedgerStoreTests {
  private static let start = Date(timeIntervalSince1970: 1_750_000_000)

  private static func attempt(
    _ operation: OperationID,
    _ number: Int = 1,
    tenant: TenantID = .local,
    reserved: Int64 = 0
  ) -> ModelAttempt {
    ModelAttempt(
      key: AttemptKey(operation: operation, number: number),
      tenant: tenant,
      run: "r1",
      session: "s1",
      node: "generate",
      agent: nil,
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: start,
      reserved: NanoDollars(reserved)
    )
  }

  private static func settlement(
    _ operation: OperationID,
    _ number: Int = 1,
    cost: Int64? = 5,
    source: UsageSource = .reported
  ) -> AttemptSettlement {
    AttemptSettlement(
      key: AttemptKey(operation: operation, number: number),
      tokens: TokenCounts(input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5),
      usageSource: source,
      cost: cost.map { NanoDollars($0) },
      priceVersion: cost.map { _ in "2026-01" },
      duration: .milliseconds(1_234),
      firstTokenTime: .microseconds(56_789),
      outcome: .answered
    )
  }

  @Test func `a row is begun and settled once, and survives reopening`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let ledger = database.ledger
    try await ledger.begin(Self.attempt("o1"), within: [])
    try await ledger.begin(Self.attempt("o1"), within: [])
    let settled = try await ledger.settle(Self.settlement("o1"))
    #expect(settled == Self.attempt("o1").settled(by: Self.settlement("o1")))
    #expect(try await ledger.settle(Self.settlement("o1", cost: 99)) == settled)
    await database.close()
    let reopened = try await folder.open().ledger
    #expect(try await reopened.attempts(in: LedgerScope(.run("r1")), limit: 10) == [settled])
    #expect(try await reopened.totals(in: LedgerScope(.session("s1"))) == LedgerTotals(of: settled))
    #expect(try await reopened.totals(in: LedgerScope(tenant: "other", .everything)) == .zero)
  }

  @Test func `reported usage replaces an estimate, and unpriced stays apart from free`() async throws {
    let folder = try TemporaryFolder()
    let ledger = try await folder.open().ledger
    try await ledger.begin(Self.attempt("o1"), within: [])
    _ = try await ledger.settle(Self.settlement("o1", cost: nil, source: .estimated))
    #expect(try await ledger.totals(in: LedgerScope(.everything)).unpriced == 1)
    _ = try await ledger.settle(Self.settlement("o1", cost: 7))
    let totals = try await ledger.totals(in: LedgerScope(.everything))
    #expect(totals.cost == NanoDollars(7))
    #expect(totals.unpriced == 0)
    #expect(totals.estimated == 0)
  }

  @Test func `faults are named`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let ledger = database.ledger
    let key = AttemptKey(operation: "o1", number: 1)
    await #expect(throws: LedgerFailure.unknownAttempt(key)) { try await ledger.settle(Self.settlement("o1")) }
    try await ledger.begin(Self.attempt("o1"), within: [])
    await #expect(throws: LedgerFailure.alreadyBegun(key)) {
      try await ledger.begin(Self.attempt("o1", tenant: "other"), within: [])
    }
    await database.close()
    await #expect(throws: LedgerFailure.self) { try await ledger.totals(in: LedgerScope(.everything)) }
  }

  @Test func `a cap holds however many attempts begin at once`() async throws {
    let folder = try TemporaryFolder()
    let ledger = try await folder.open().ledger
    let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(100))
    let allowed = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          do {
            try await ledger.begin(Self.attempt(OperationID("o\(number)"), reserved: 10), within: [cap])
            return true
          } catch {
            return false
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(allowed == 10)
    #expect(try await ledger.totals(in: LedgerScope(.session("s1"))).reserved == NanoDollars(100))
  }

  @Test(arguments: UInt64(1)...8)
  func `it answers as the store in memory does`(seed: UInt64) async throws {
    let folder = try TemporaryFolder()
    let stored = try await folder.open().ledger
    let memory = MemoryLedgerStore()
    var random = SplitMix64(seed: seed)
    for _ in 0..<80 {
      let operation = OperationID("o\(Int.random(in: 0..<12, using: &random))")
      let number = Int.random(in: 1...3, using: &random)
      if Bool.random(using: &random) {
        var attempt = Self.attempt(operation, number, reserved: Int64.random(in: 0...50, using: &random))
        attempt.tenant = Bool.random(using: &random) ? .local : "other"
        attempt.session = Bool.random(using: &random) ? "s1" : nil
        attempt.run = Bool.random(using: &random) ? "r1" : nil
        attempt.startedAt = Self.start + Double.random(in: 0...100, using: &random).rounded()
        let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(300))
        #expect(
          await Self.failure { () throws(LedgerFailure) in try await stored.begin(attempt, within: [cap]) }
            == Self.failure { () throws(LedgerFailure) in try await memory.begin(attempt, within: [cap]) }
        )
      } else {
        let cost = Bool.random(using: &random) ? Int64.random(in: 0...40, using: &random) : nil
        let source = UsageSource.allCases.randomElement(using: &random) ?? .unknown
        let settlement = Self.settlement(operation, number, cost: cost, source: source)
        #expect(
          await Self.failure { () throws(LedgerFailure) in _ = try await stored.settle(settlement) }
            == Self.failure { () throws(LedgerFailure) in _ = try await memory.settle(settlement) }
        )
      }
    }
    for tenant in ["local", "other"] as [TenantID] {
      for part in [.everything, .session("s1"), .run("r1"), .operation("o3")] as [LedgerScope.Part] {
        for since in [nil, Self.start + 50] {
          let scope = LedgerScope(tenant: tenant, part, since: since)
          #expect(try await stored.totals(in: scope) == memory.totals(in: scope))
          #expect(try await stored.attempts(in: scope, limit: 5) == memory.attempts(in: scope, limit: 5))
        }
      }
    }
  }

  private static func failure(_ body: () async throws(LedgerFailure) -> Void) async -> LedgerFailure? {
    do {
      try await body()
      return nil
    } catch {
      return error
    }
  }
}
