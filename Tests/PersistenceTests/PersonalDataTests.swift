import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Ledger
import PostgresKit
import StateGraph
import Testing

@testable import Persistence

/// What is kept about people, on both kinds of store.
@Suite struct PersonalDataTests {
  enum Kind: String, CaseIterable, Sendable { case file, server }
  private static let kinds = Kind.allCases.filter { $0 == .file || TemporaryPostgreSQL.isAvailable }
  private static let canary = "CANARY-7319"

  private func open(_ kind: Kind, _ folder: TemporaryFolder) async throws -> MetadataStore {
    switch kind {
    case .file: return try await .open(.file(folder.file("coach.db")), clock: .fixed(at: PostgresScratch.start))
    case .server:
      let users = try await TemporaryPostgreSQL.shared().makeDatabase()
      let server = ServerStore(users.member, owner: users.owner, connections: 2)
      return try await .open(.server(server), clock: .fixed(at: PostgresScratch.start))
    }
  }

  /// A conversation of a user with its run, statement and call of a model.
  private func talk(
    _ store: MetadataStore,
    _ tenant: TenantID,
    _ user: UserID,
    _ name: String,
    saying text: String,
    at time: Date = PostgresScratch.start
  ) async throws {
    let session = ChatSession(id: SessionID(name), title: text, domain: "dealer", createdAt: time)
    var start = PostgresScratch.begin(RunID("run-\(name)"), thread: ThreadID(name))
    start.changes = [ChannelChange("log", .append([.string(text)]))]
    let message = ChatMessage(
      id: MessageID("m-\(name)"),
      session: session.id,
      role: .user,
      text: text,
      createdAt: time,
      run: start.record.run
    )
    try await store.sessions(of: tenant).ask(message, in: session, starting: start)
    var commit = PostgresScratch.step(after: start.record, status: .finished, item: .string(text))
    commit.record.endedAt = time
    try await store.checkpoints(of: tenant).commit(commit)
    try await store.record(
      AuditedStatement(
        run: start.record.run,
        number: 1,
        session: session.id,
        domain: "dealer",
        model: "m",
        statement: "SELECT '\(text)'\u{0}",
        verdict: "pass",
        trail: [["text", "passed"]],
        judgedAt: time
      ),
      of: tenant
    )
    try await store.complete(
      start.record.run,
      1,
      rows: 3,
      problem: nil,
      duration: .milliseconds(5),
      of: tenant
    )
    try await store.ledger.begin(
      ModelAttempt(
        key: AttemptKey(operation: OperationID("\(tenant)-\(name)"), number: 1),
        tenant: tenant,
        user: user,
        run: start.record.run,
        session: session.id,
        tier: .cloud,
        endpoint: "e",
        model: "m",
        startedAt: time
      ),
      within: []
    )
  }

  private func fill(_ store: MetadataStore) async throws {
    try await talk(store, "one", "ada", "a1", saying: "Ada says \(Self.canary)")
    try await talk(store, "one", "ada", "a2", saying: "Ada says \(Self.canary) again")
    try await talk(store, "one", "bob", "b1", saying: "Bob speaks")
    try await talk(store, "two", "ada", "a1", saying: "Another Ada")
  }

  private func everything(_ store: MetadataStore, _ tenant: TenantID) async throws -> String {
    let lines = Locked<[String]>([])
    _ = try await PersonalData(store).export(.tenant(tenant)) { line in lines.withLock { $0.append(line.text) } }
    return lines.withLock(\.self).sorted().joined(separator: "\n")
  }

  @Test(arguments: kinds) func `a user's data is given out whole, and nobody else's`(_ kind: Kind) async throws {
    let store = try await open(kind, try TemporaryFolder())
    try await fill(store)
    let lines = Locked<[JSONValue]>([])
    let listings = try await PersonalData(store).export(.user("ada", of: "one")) { line in
      lines.withLock { $0.append(line) }
    }
    let found = lines.withLock(\.self)
    let counts = Dictionary(grouping: found) { $0["table"]?.stringValue ?? "" }.mapValues(\.count)
    #expect(counts["session"] == 2 && counts["message"] == 2 && counts["run"] == 2 && counts["statement_audit"] == 2)
    #expect(counts["model_attempt"] == 2 && (counts["checkpoint"] ?? 0) >= 2)
    #expect(listings.reduce(0) { $0 + $1.rows } == found.count)
    let text = found.map(\.text).joined()
    #expect(text.contains(Self.canary) && !text.contains("Bob") && !text.contains("Another"))
    await store.close()
  }

  @Test(arguments: kinds)
  func `a user's data is deleted with a proof, the ledger keeps its sums, and others keep all`(
    _ kind: Kind
  ) async throws {
    let folder = try TemporaryFolder()
    let store = try await open(kind, folder)
    try await fill(store)
    let other = try await everything(store, "two")
    let listings = try await PersonalData(store).delete(.user("ada", of: "one"))
    #expect(listings.allSatisfy { $0.remaining == 0 }, "\(listings)")
    #expect(listings.first { $0.table == "session" }?.rows == 2)
    #expect(listings.first { $0.table == "model_attempt" }?.action == .anonymised)
    let left = try await everything(store, "one")
    #expect(!left.contains(Self.canary) && !left.contains("ada"))
    #expect(left.contains("Bob speaks"))
    #expect(try await everything(store, "two") == other)
    let totals = try await store.ledger.totals(
      in: LedgerScope(tenant: "one", .everything),
      at: PostgresScratch.start
    )
    #expect(totals.attempts == 3)
    #expect(try await PersonalData(store).delete(.user("ada", of: "one")).allSatisfy { $0.rows == 0 })
    await store.close()
    if kind == .file {
      for suffix in ["", "-wal"] where FileSize.of(folder.file("coach.db" + suffix)) != nil {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("coach.db" + suffix)))
        #expect(bytes.firstRange(of: Array(Self.canary.utf8)) == nil, "the text is still in the file\(suffix)")
      }
    }
  }

  @Test(arguments: kinds) func `a tenant's data is deleted whole`(_ kind: Kind) async throws {
    let store = try await open(kind, try TemporaryFolder())
    try await fill(store)
    let other = try await everything(store, "two")
    let listings = try await PersonalData(store).delete(.tenant("one"))
    #expect(listings.allSatisfy { $0.remaining == 0 }, "\(listings)")
    #expect(Set(listings.map(\.table)).isSuperset(of: ["run", "session", "message", "statement_audit", "node_cache"]))
    #expect(try await store.checkpoints(of: "one").records(matching: RunQuery()) == [])
    #expect(try await everything(store, "two") == other)
    #expect(try await !everything(store, "one").contains("ada"))
    await store.close()
  }

  @Test(arguments: kinds) func `what is older than it may be goes, and a trial only counts it`(
    _ kind: Kind
  ) async throws {
    let store = try await open(kind, try TemporaryFolder())
    let day: Double = 86_400
    try await talk(store, .local, "ada", "old", saying: "long ago", at: PostgresScratch.start - 40 * day)
    try await talk(store, .local, "ada", "new", saying: "yesterday", at: PostgresScratch.start - day)
    let data = PersonalData(store, clock: .fixed(at: PostgresScratch.start))
    let month = Duration.seconds(30 * 86_400)
    let retention = PersonalData.Retention(runs: month, sessions: month, audit: month, ledgerNames: month)
    let before = try await everything(store, .local)
    let trial = try await data.expire(retention, of: .local, isTrial: true)
    #expect(try await everything(store, .local) == before)
    #expect(
      trial.filter { $0.rows > 0 }.map(\.table).sorted() == ["model_attempt", "run", "session", "statement_audit"]
    )
    let done = try await data.expire(retention, of: .local)
    #expect(done.allSatisfy { $0.remaining == 0 })
    let after = try await everything(store, .local)
    #expect(!after.contains("long ago") && after.contains("yesterday"))
    #expect(try await store.statements(of: .local, limit: 9).map(\.run) == ["run-new"])
    #expect(try await data.expire(PersonalData.Retention(), of: .local).allSatisfy { $0.rows == 0 })
    await store.close()
  }

  @Test(arguments: kinds) func `a statement is kept with its verdict and what came of it`(_ kind: Kind) async throws {
    let store = try await open(kind, try TemporaryFolder())
    try await talk(store, .local, "ada", "s", saying: "hello")
    let kept = try #require(try await store.statements(of: .local, limit: 5).first)
    #expect(kept.statement == "SELECT 'hello'\u{0}")
    #expect(kept.verdict == "pass" && kept.rows == 3 && kept.problem == nil && kept.duration == .milliseconds(5))
    #expect(kept.trail == [["text", "passed"]])
    #expect(try await store.statements(of: "other", limit: 5) == [])
    await store.close()
  }
}
