import CoachTesting
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

  @Test(arguments: LedgerStoreConformance.all)
  func `the SQLite store does what a ledger store must`(check: LedgerStoreConformance) async throws {
    let folder = try TemporaryFolder()
    try await check.check(folder.open().ledger)
  }

  @Test(arguments: LedgerStoreConformance.all)
  func `the store in memory does what a ledger store must`(check: LedgerStoreConformance) async throws {
    try await check.check(MemoryLedgerStore())
  }

  @Test func `a closed database answers with an error`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    await database.close()
    await #expect(throws: LedgerFailure.self) { try await database.ledger.totals(in: LedgerScope(.everything)) }
  }
}
