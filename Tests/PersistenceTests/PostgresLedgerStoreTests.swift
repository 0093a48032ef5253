import CoachTesting
import Ledger
import Persistence
import Testing

@Suite(.needsPostgreSQL) struct PostgresLedgerStoreTests {
  /// Attempts are known by their operation alone, so that each check has a schema of its own.
  @Test(arguments: LedgerStoreConformance.all)
  func `the PostgreSQL store does what a ledger store must`(check: LedgerStoreConformance) async throws {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    let database = try await PostgresScratch.open(users.member, owner: users.owner, connections: 2)
    try await check.check(database.ledger)
    await database.close()
  }
}
