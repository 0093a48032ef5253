import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import PostgresKit
import StateGraph
import Testing

@testable import Persistence

/// Two tenants at work at once, with the same identifiers: whatever one does, it sees and changes nothing of the other.
@Suite struct TenantPropertyTests {
  enum Kind: String, CaseIterable, Sendable { case file, server }
  private static let kinds = Kind.allCases.filter { $0 == .file || TemporaryPostgreSQL.isAvailable }
  /// For both tenants together.
  private static let operations = 10_000

  @Test(arguments: kinds, [UInt64(20_261_121)])
  func `ten thousand random operations of two tenants never meet`(_ kind: Kind, seed: UInt64) async throws {
    let folder = try TemporaryFolder()
    let location: StoreLocation
    switch kind {
    case .file: location = .file(folder.file("coach.db"))
    case .server:
      let users = try await TemporaryPostgreSQL.shared().makeDatabase()
      location = .server(ServerStore(users.member, owner: users.owner, connections: 4))
    }
    let store = try await MetadataStore.open(location, clock: .fixed(at: PostgresScratch.start))
    // Each tenant has several workers, so that operations of both lie between one another on the same connections.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        let tenant = TenantID(worker % 2 == 0 ? "left" : "right")
        group.addTask {
          var player = Player(store, tenant, lane: worker / 2, seed: seed &+ UInt64(worker))
          for _ in 0..<(Self.operations / 8) { try await player.play() }
          try await player.expectAllOfItsOwn()
        }
      }
      try await group.waitForAll()
    }
    for tenant in ["left", "right"] as [TenantID] {
      let foreign = tenant == "left" ? "right" : "left"
      let found = Locked(0)
      let leaks = Locked<[String]>([])
      _ = try await PersonalData(store).export(.tenant(tenant)) { line in
        found.withLock { $0 += 1 }
        if line.text.contains("of \(foreign)") || line["row"]?["tenant"]?.stringValue != tenant.rawValue {
          leaks.withLock { $0.append(line.text) }
        }
      }
      #expect(leaks.withLock(\.self) == [])
      #expect(found.withLock(\.self) > 500, "hardly anything was written")
    }
    await store.close()
  }
}

/// One worker of a tenant: it uses identifiers that the other tenant uses as well, and knows what it should find.
private struct Player {
  private let store: MetadataStore
  private let tenant: TenantID
  private let lane: Int
  private var chance: SplitMix64
  private var runs: [RunID: RunRecord] = [:]
  private var sessions: [SessionID: Int] = [:]
  private var attempts = 0
  private var steps = 0

  init(_ store: MetadataStore, _ tenant: TenantID, lane: Int, seed: UInt64) {
    self.store = store
    self.tenant = tenant
    self.lane = lane
    chance = SplitMix64(seed: seed)
  }

  private var mark: String { "of \(tenant)" }

  mutating func play() async throws {
    steps += 1
    switch Int.random(in: 0..<12, using: &chance) {
    case 0: try await start()
    case 1, 2, 3: try await commit()
    case 4: try await load()
    case 5: try await createSession()
    case 6: try await say()
    case 7: try await readMessages()
    case 8: try await spend()
    case 9: try await audit()
    case 10: try await cache()
    default: try await meddle()
    }
  }

  private func item() -> JSONValue { .string("\(mark) \(lane) \(steps)") }

  private mutating func start() async throws {
    guard runs.count < 40 else { return }
    let run = RunID("run-\(lane)-\(runs.count)")
    var start = PostgresScratch.begin(run, thread: ThreadID("thread-\(lane)-\(runs.count)"))
    start.changes = [ChannelChange("log", .append([item()]))]
    try await store.checkpoints(of: tenant).create(start)
    runs[run] = start.record
  }

  private mutating func someRun() -> RunRecord? {
    runs.values.sorted { $0.run < $1.run }.randomElement(using: &chance)
  }

  private mutating func commit() async throws {
    guard let record = someRun(), !record.status.isTerminal else { return }
    let ends = Int.random(in: 0..<30, using: &chance) == 0
    let commit = PostgresScratch.step(after: record, status: ends ? .finished : .running, item: item())
    try await store.checkpoints(of: tenant).commit(commit)
    runs[record.run] = commit.record
  }

  private mutating func load() async throws {
    guard let record = someRun() else { return }
    let saved = try #require(try await store.checkpoints(of: tenant).load(record.run))
    #expect(saved.record.revision == record.revision)
    let log = saved.values["log"]?.arrayValue ?? []
    #expect(log.count == record.revision + 1)
    #expect(log.allSatisfy { $0.stringValue?.contains(mark) == true }, "\(log)")
  }

  private mutating func createSession() async throws {
    guard sessions.count < 30 else { return }
    let id = SessionID("session-\(lane)-\(sessions.count)")
    let session = ChatSession(id: id, title: "title \(mark)", domain: "d", createdAt: PostgresScratch.start)
    try await store.sessions(of: tenant).create(session)
    sessions[id] = 0
  }

  private mutating func someSession() -> SessionID? { sessions.keys.sorted().randomElement(using: &chance) }

  private mutating func say() async throws {
    guard let session = someSession() else { return }
    let message = ChatMessage(
      id: MessageID("message-\(lane)-\(steps)"),
      session: session,
      role: .user,
      text: "text \(mark)",
      createdAt: PostgresScratch.start
    )
    try await store.sessions(of: tenant).append(message)
    sessions[session, default: 0] += 1
  }

  private mutating func readMessages() async throws {
    guard let session = someSession() else { return }
    let messages = try await store.sessions(of: tenant).messages(of: session, last: 10_000)
    #expect(messages.count == sessions[session])
    #expect(messages.allSatisfy { $0.text == "text \(mark)" })
  }

  private mutating func spend() async throws {
    attempts += 1
    let attempt = ModelAttempt(
      key: AttemptKey(operation: OperationID("\(tenant)-\(lane)-\(attempts)"), number: 1),
      tenant: tenant,
      user: UserID("user-\(lane)"),
      tier: .local,
      endpoint: "endpoint \(mark)",
      model: "m",
      startedAt: PostgresScratch.start
    )
    try await store.ledger.begin(attempt, within: [])
    let found = try await store.ledger.attempts(
      in: LedgerScope(tenant: tenant, .user(UserID("user-\(lane)"))),
      limit: 20
    )
    #expect(found.count == min(attempts, 20))
    #expect(found.allSatisfy { $0.endpoint == "endpoint \(mark)" })
  }

  private func audit() async throws {
    try await store.record(
      AuditedStatement(
        run: RunID("run-\(lane)-0"),
        number: steps,
        session: "s",
        domain: "d",
        model: "m",
        statement: "statement \(mark)",
        verdict: "pass",
        trail: [],
        judgedAt: PostgresScratch.start
      ),
      of: tenant
    )
    #expect(try await store.statements(of: tenant, limit: 20).allSatisfy { $0.statement == "statement \(mark)" })
  }

  private func cache() async throws {
    let cache = store.nodeCache(of: tenant)
    await cache.save(.string("value \(mark)"), for: "key", until: nil)
    let value = await cache.value(for: "key", at: PostgresScratch.start)
    #expect(value == .string("value \(mark)"))
  }

  /// Reaches for what only the other tenant has, and for what both have under one name.
  private mutating func meddle() async throws {
    let other: TenantID = tenant == "left" ? "right" : "left"
    let checkpoints = store.checkpoints(of: tenant)
    let foreign = RunID("run-\(lane)-\(runs.count)")
    #expect(try await checkpoints.record(of: foreign) == nil)
    await #expect(throws: CheckpointFailure.noSuchRun(foreign)) { try await checkpoints.delete(foreign) }
    try await store.requestStop(of: foreign, tenant: tenant)
    #expect(try await !store.stopRequests(of: tenant).contains(foreign))
    let session = SessionID("session-\(lane)-\(sessions.count)")
    #expect(try await store.sessions(of: tenant).session(session) == nil)
    let scope = LedgerScope(tenant: tenant, .user(UserID("\(other)")))
    #expect(try await store.ledger.attempts(in: scope, limit: 10) == [])
  }

  /// At the end, all runs and sessions are as this worker left them.
  func expectAllOfItsOwn() async throws {
    for record in runs.values {
      let saved = try await store.checkpoints(of: tenant).load(record.run)
      #expect(saved?.record.revision == record.revision)
    }
    for (session, count) in sessions {
      #expect(try await store.sessions(of: tenant).messages(of: session, last: 10_000).count == count)
    }
  }
}
