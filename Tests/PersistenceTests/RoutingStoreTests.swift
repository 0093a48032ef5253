import CoachTesting
import CoachVocabulary
import FoundationEssentials
import ModelRouting
import Persistence
import Testing

@Suite struct RoutingStoreTests {
  private func outcome(_ run: RunID, _ number: Int, after seconds: Double, isKept: Bool? = nil) -> GateOutcome {
    GateOutcome(
      run: run,
      number: number,
      kind: "open, known words, easy",
      model: "m",
      verdict: .repairable,
      isExecuted: true,
      isSane: false,
      isKept: isKept,
      recordedAt: Date(timeIntervalSince1970: 1_750_000_000 + seconds)
    )
  }

  /// Both stores must keep the same promises.
  private func stores() async throws -> [any RoutingStore] {
    var stores: [any RoutingStore] = [MemoryRoutingStore(), try await MetadataDatabase(path: ":memory:").routing]
    // Where the server's package is absent, the tests of PostgreSQL's other stores say so.
    if TemporaryPostgreSQL.isAvailable {
      let users = try await TemporaryPostgreSQL.shared().makeDatabase()
      stores.append(try await PostgresScratch.open(users.member, owner: users.owner, connections: 2).routing)
    }
    return stores
  }

  @Test func `outcomes come back oldest first, the newest of them, each once`() async throws {
    for store in try await stores() {
      for second in [3.0, 1, 2] { try await store.record(outcome("r", Int(second), after: second), of: .local) }
      try await store.record(outcome("r", 2, after: 2, isKept: true), of: .local)
      #expect(try await store.outcomes(of: .local, last: 10).map(\.number) == [1, 2, 3])
      #expect(try await store.outcomes(of: .local, last: 2).map(\.number) == [2, 3])
      #expect(try await store.outcomes(of: .local, last: 0).isEmpty)
      #expect(try await store.outcomes(of: .local, last: 10)[1] == outcome("r", 2, after: 2, isKept: true))
    }
  }

  @Test func `a user's word goes to every statement of the run and of no other`() async throws {
    for store in try await stores() {
      for number in 1...2 { try await store.record(outcome("r", number, after: 1), of: .local) }
      try await store.record(outcome("q", 1, after: 2), of: .local)
      try await store.record(outcome("r", 1, after: 1), of: "other")
      try await store.mark("r", isKept: false, of: .local)
      #expect(try await store.outcomes(of: .local, last: 10).map(\.isKept) == [false, false, nil])
      #expect(try await store.outcomes(of: "other", last: 10).map(\.isKept) == [nil])
    }
  }

  @Test func `a tenant's traffic comes back as it was`() async throws {
    for store in try await stores() {
      #expect(try await store.window(of: .local) == nil)
      var window = TrafficWindow(start: [0, 1])
      window.add(0.25, toCloud: true)
      try await store.save(window, of: .local)
      window.add(0.75, toCloud: false)
      try await store.save(window, of: .local)
      #expect(try await store.window(of: .local) == window)
      #expect(try await store.window(of: "other") == nil)
    }
  }

  @Test func `it survives reopening, and a closed database says so`() async throws {
    let folder = try TemporaryFolder()
    let first = try await folder.open()
    try await first.routing.record(outcome("r", 1, after: 1), of: .local)
    try await first.routing.save(TrafficWindow(start: [0.5]), of: .local)
    await first.close()
    let second = try await folder.open()
    #expect(try await second.routing.outcomes(of: .local, last: 9) == [outcome("r", 1, after: 1)])
    #expect(try await second.routing.window(of: .local) == TrafficWindow(start: [0.5]))
    await second.close()
    await #expect(throws: RoutingStoreFailure.self) { try await second.routing.window(of: .local) }
  }
}
