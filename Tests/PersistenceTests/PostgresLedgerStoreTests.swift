import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import Persistence
import Testing

@Suite(.needsPostgreSQL) struct PostgresLedgerStoreTests {
  /// Attempts are known by their operation alone, so that each test has a schema of its own.
  private func ledger() async throws -> PostgresLedgerStore {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    return try await PostgresScratch.open(users.member, owner: users.owner, connections: 2).ledger
  }

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
      startedAt: PostgresScratch.start,
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

  @Test func `a row is begun and settled once`() async throws {
    let ledger = try await ledger()
    try await ledger.begin(Self.attempt("o1"), within: [])
    try await ledger.begin(Self.attempt("o1"), within: [])
    let settled = try await ledger.settle(Self.settlement("o1"))
    #expect(settled == Self.attempt("o1").settled(by: Self.settlement("o1")))
    #expect(try await ledger.settle(Self.settlement("o1", cost: 99)) == settled)
    #expect(try await ledger.attempts(in: LedgerScope(.run("r1")), limit: 10) == [settled])
    #expect(try await ledger.totals(in: LedgerScope(.session("s1"))) == LedgerTotals(of: settled))
    #expect(try await ledger.totals(in: LedgerScope(tenant: "other", .everything)) == .zero)
  }

  @Test func `faults are named`() async throws {
    let ledger = try await ledger()
    let key = AttemptKey(operation: "o1", number: 1)
    await #expect(throws: LedgerFailure.unknownAttempt(key)) { try await ledger.settle(Self.settlement("o1")) }
    try await ledger.begin(Self.attempt("o1"), within: [])
    await #expect(throws: LedgerFailure.alreadyBegun(key)) {
      try await ledger.begin(Self.attempt("o1", tenant: "other"), within: [])
    }
  }

  @Test func `a cap holds however many attempts begin at once`() async throws {
    let ledger = try await ledger()
    let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(100))
    let outcomes = await tally(40) { number in
      let attempt = Self.attempt(OperationID("o\(number)"), reserved: 10)
      return await Self.failure { () throws(LedgerFailure) in try await ledger.begin(attempt, within: [cap]) } == nil
    }
    #expect(outcomes == [true: 10, false: 30])
    #expect(try await ledger.totals(in: LedgerScope(.session("s1"))).reserved == NanoDollars(100))
  }

  @Test func `an attempt that many begin at once has one row`() async throws {
    let ledger = try await ledger()
    let outcomes = await tally(10) { _ in
      await Self.failure { () throws(LedgerFailure) in try await ledger.begin(Self.attempt("o1"), within: []) }
    }
    #expect(outcomes == [nil: 10])
    #expect(try await ledger.totals(in: LedgerScope(.everything)).attempts == 1)
  }

  @Test(arguments: UInt64(1)...3)
  func `it answers as the store in memory does`(seed: UInt64) async throws {
    let stored = try await ledger()
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
        attempt.startedAt = PostgresScratch.start + Double.random(in: 0...100, using: &random).rounded()
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
        for since in [nil, PostgresScratch.start + 50] {
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
