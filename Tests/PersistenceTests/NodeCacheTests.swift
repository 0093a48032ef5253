import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence
import StateGraph
import Testing

struct NodeCacheTests {
  private static let start = Date(timeIntervalSince1970: 1_750_000_000)

  @Test(arguments: NodeCacheConformance.all)
  func `the cache in memory does what a node cache must`(check: NodeCacheConformance) async throws {
    try await check.check(MemoryNodeCache())
  }

  @Test(arguments: NodeCacheConformance.all)
  func `the SQLite cache does what a node cache must`(check: NodeCacheConformance) async throws {
    let folder = try TemporaryFolder()
    try await check.check(folder.open().nodeCache(of: .local))
  }

  @Test(.needsPostgreSQL, arguments: NodeCacheConformance.all)
  func `the PostgreSQL cache does what a node cache must`(check: NodeCacheConformance) async throws {
    try await check.check(PostgresScratch.database().nodeCache(of: PostgresScratch.newTenant()))
  }

  @Test func `tenants do not see each other's results in SQLite`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    try await Self.checkTenants(database.nodeCache(of: "first"), database.nodeCache(of: "second"))
  }

  @Test(.needsPostgreSQL) func `tenants do not see each other's results in PostgreSQL`() async throws {
    let database = try await PostgresScratch.database()
    let caches = [PostgresScratch.newTenant(), PostgresScratch.newTenant()].map { database.nodeCache(of: $0) }
    try await Self.checkTenants(caches[0], caches[1])
  }

  private static func checkTenants(_ first: some NodeCache, _ second: some NodeCache) async throws {
    await first.save("first", for: "k", until: nil)
    #expect(await second.value(for: "k", at: start) == nil)
    await second.save("second", for: "k", until: nil)
    #expect(await first.value(for: "k", at: start) == "first")
    #expect(await second.value(for: "k", at: start) == "second")
  }

  @Test func `a full cache in memory keeps the newer half`() async throws {
    let cache = MemoryNodeCache(capacity: 4)
    for number in 1...5 { await cache.save(.int(number), for: "k\(number)", until: nil) }
    #expect(await cache.value(for: "k1", at: Self.start) == nil)
    #expect(await cache.value(for: "k4", at: Self.start) == 4)
    #expect(await cache.value(for: "k5", at: Self.start) == 5)
  }
}
