import CoachTesting
import CoachVocabulary
import Goals
import Persistence
import Testing

@Suite struct GoalStoreTests {
  @Test(arguments: GoalStoreConformance.all)
  func `the SQLite store does what a goal store must`(check: GoalStoreConformance) async throws {
    try await check.check(try await MetadataDatabase(path: ":memory:").goals)
  }

  @Test func `goals survive a restart`() async throws {
    let folder = try TemporaryFolder()
    let first = try await folder.open()
    try await GoalStoreConformance.all[0].check(first.goals)
    let before = try await first.goals.goals(of: "a", domain: nil, openOnly: true, limit: 5)
    await first.close()
    let second = try await folder.open()
    #expect(try await second.goals.goals(of: "a", domain: nil, openOnly: true, limit: 5) == before)
    #expect(before.count == 1)
  }
}

@Suite(.needsPostgreSQL) struct PostgresGoalStoreTests {
  @Test(arguments: GoalStoreConformance.all)
  func `the PostgreSQL store does what a goal store must`(check: GoalStoreConformance) async throws {
    let users = try await TemporaryPostgreSQL.shared().makeDatabase()
    try await check.check(PostgresScratch.open(users.member, owner: users.owner, connections: 2).goals)
  }
}
