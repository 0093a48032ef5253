import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import Persistence
import Testing

struct SQLiteLedgerStoreTests {
  @Test(arguments: LedgerStoreConformance.all)
  func `the SQLite store does what a ledger store must`(check: LedgerStoreConformance) async throws {
    let folder = try TemporaryFolder()
    try await check.check(folder.open().ledger)
  }

  @Test(arguments: LedgerStoreConformance.all)
  func `so does one in memory`(check: LedgerStoreConformance) async throws {
    try await check.check(MemoryLedgerStore())
  }

  @Test func `rows survive reopening, and a closed store says so`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let attempt = ModelAttempt(
      key: AttemptKey(operation: "o1", number: 1),
      tier: .cloud,
      endpoint: "e",
      model: "m",
      startedAt: Date(timeIntervalSince1970: 1_750_000_000)
    )
    try await database.ledger.begin(attempt, within: [])
    await database.close()
    #expect(try await folder.open().ledger.attempts(in: LedgerScope(.everything), limit: 10) == [attempt])
    await #expect(throws: LedgerFailure.self) {
      try await database.ledger.totals(in: LedgerScope(.everything), at: attempt.startedAt)
    }
  }
}
