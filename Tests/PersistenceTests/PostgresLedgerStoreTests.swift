import CoachTesting
import CoachVocabulary
import Ledger
import Persistence
import Testing

@Suite(.needsPostgreSQL) struct PostgresLedgerStoreTests {
  /// Attempts are known by their operation alone, so that each test has a schema of its own.
  private func ledger() async throws -> PostgresLedgerStore {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    return try await PostgresScratch.open(users.member, owner: users.owner, connections: 2).ledger
  }

  @Test(arguments: LedgerStoreConformance.all)
  func `the PostgreSQL store does what a ledger store must`(check: LedgerStoreConformance) async throws {
    try await check.check(ledger())
  }
}
