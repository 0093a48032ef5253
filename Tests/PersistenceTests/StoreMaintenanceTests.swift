import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import PostgresKit
import SQLiteKit
import StateGraph
import Testing

@testable import Persistence

/// Backups, restores and migrations, on both kinds of store.
@Suite struct StoreMaintenanceTests {
  enum Kind: String, CaseIterable, Sendable { case file, server }

  /// A store of its own, whose maintenance is by an owner and whose work by a user.
  private struct Scene {
    let folder: TemporaryFolder
    let location: StoreLocation
    var maintenance: StoreMaintenance { StoreMaintenance(location, clock: .fixed(at: PostgresScratch.start)) }

    init(_ kind: Kind) async throws {
      folder = try TemporaryFolder()
      switch kind {
      case .file: location = .file(folder.file("coach.db"))
      case .server:
        let users = try await TemporaryPostgreSQL.shared().makeDatabase()
        location = .server(ServerStore(users.member, owner: users.owner, connections: 2))
      }
    }

    func open() async throws -> MetadataStore {
      try await MetadataStore.open(location, clock: .fixed(at: PostgresScratch.start))
    }
  }

  private static let kinds = Kind.allCases.filter { $0 == .file || TemporaryPostgreSQL.isAvailable }

  /// Runs of two tenants with all that belongs to them, and sessions with texts that are hard to write down.
  private func fill(_ store: MetadataStore, from first: Int = 1) async throws {
    for tenant in [TenantID.local, "second \"tenant\"\n"] {
      let checkpoints = store.checkpoints(of: tenant)
      for number in first..<(first + 3) {
        let start = PostgresScratch.begin(RunID("r\(number)"), thread: ThreadID("t\(number)"))
        try await checkpoints.create(start)
        var record = start.record
        for step in 1...3 {
          let commit = PostgresScratch.step(
            after: record,
            status: step == 3 ? .finished : .running,
            item: ["odd": .string("\u{1F980} \\ \" \t tenant \(tenant) \(step)"), "none": .null]
          )
          try await checkpoints.commit(commit)
          record = commit.record
        }
        let session = ChatSession(
          id: SessionID("s\(number)"),
          title: "Title\u{0}with 'quotes'",
          domain: "dealer",
          createdAt: PostgresScratch.start
        )
        try await store.sessions(of: tenant).create(session)
      }
      try await checkpoints.enqueue(
        QueuedStart(
          run: RunID("q\(first)"),
          thread: "t1",
          graph: "g",
          input: ["x": 1],
          options: StartOptions(),
          timeLimit: nil,
          deadline: nil
        )
      )
    }
  }

  /// All that can be read of the filled store.
  private func contents(_ store: MetadataStore) async throws -> [AnyHashable] {
    var found: [AnyHashable] = []
    for tenant in [TenantID.local, "second \"tenant\"\n"] {
      let checkpoints = store.checkpoints(of: tenant)
      for record in try await checkpoints.records(matching: RunQuery()) {
        found.append(try await checkpoints.load(record.run))
        found.append(try await checkpoints.events(of: record.run, after: 0, limit: 100))
        found.append(try await checkpoints.checkpoints(of: record.run, before: .max, limit: 100))
      }
      found.append(try await store.sessions(of: tenant).sessions(after: nil, limit: 100).sessions)
      found.append(try await checkpoints.queue(of: nil).map(\.run))
    }
    return found
  }

  @Test(arguments: kinds)
  func `a backup put in the place of other data gives back everything, and what follows goes on`(
    _ kind: Kind
  ) async throws {
    let scene = try await Scene(kind)
    let store = try await scene.open()
    try await fill(store)
    let before = try await contents(store)
    let file = scene.folder.file("first.backup")
    let backedUp = try await scene.maintenance.backUp(to: file)
    #expect(backedUp.rows["run"] == 6)
    #expect(backedUp.rows["queued_start"] == 2)
    try await fill(store, from: 10)
    #expect(try await contents(store) != before)
    await store.close()

    let restored = try await scene.maintenance.restore(from: file, overwrites: true)
    #expect(restored == backedUp)
    let again = try await scene.open()
    #expect(try await contents(again) == before)
    // Numbers that the store gives go on after those that were put in.
    try await fill(again, from: 20)
    #expect(try await again.checkpoints(of: .local).queue(of: nil).map(\.run) == ["q1", "q20"])
    await again.close()
  }

  @Test(arguments: kinds)
  func `a backup is of one moment, while others go on to write`(_ kind: Kind) async throws {
    let scene = try await Scene(kind)
    let store = try await scene.open()
    // Each step adds a row to two tables in one transaction, so a backup in between would show different counts.
    try await store.checkpoints(of: .local).create(PostgresScratch.begin("long"))
    let writing = Task {
      var record = PostgresScratch.begin("long").record
      while !Task.isCancelled {
        let commit = PostgresScratch.step(after: record)
        try await store.checkpoints(of: .local).commit(commit)
        record = commit.record
      }
      return record.revision
    }
    var seen: Set<Int> = []
    for number in 1...5 {
      let rows = try await scene.maintenance.backUp(to: scene.folder.file("\(number).backup")).rows
      seen.insert(rows["checkpoint"] ?? 0)
      if kind == .server { #expect(rows["checkpoint"] == rows["run_event"]) }
    }
    writing.cancel()
    #expect(try await writing.value > 5)
    #expect(seen.count > 1, "nothing was written meanwhile")
    await store.close()
  }

  @Test(arguments: kinds)
  func `neither a file nor data is overwritten without leave`(_ kind: Kind) async throws {
    let scene = try await Scene(kind)
    let store = try await scene.open()
    try await fill(store)
    let before = try await contents(store)
    await store.close()
    let file = scene.folder.file("a.backup")
    _ = try await scene.maintenance.backUp(to: file)
    let size = FileSize.of(file)
    await #expect(throws: PersistenceFailure.alreadyExists("the file \(file)")) {
      try await scene.maintenance.backUp(to: file)
    }
    #expect(FileSize.of(file) == size)
    let failure = await #expect(throws: PersistenceFailure.self) { try await scene.maintenance.restore(from: file) }
    guard case .alreadyExists? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    let again = try await scene.open()
    #expect(try await contents(again) == before)
    await again.close()
  }

  @Test(arguments: kinds, ["cut", "changed", "foreign", "missing"])
  func `a damaged backup is refused and leaves the store as it was`(_ kind: Kind, _ damage: String) async throws {
    let scene = try await Scene(kind)
    let store = try await scene.open()
    try await fill(store)
    let before = try await contents(store)
    await store.close()
    let file = scene.folder.file("a.backup")
    _ = try await scene.maintenance.backUp(to: file)
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
    switch damage {
    case "cut": bytes.removeLast(bytes.count / 3)
    case "changed":
      // SQLite tells damage of its structure, so that of a page's head is taken; the other form has a check sum.
      let place = kind == .file ? 4_096 : bytes.count / 2
      for index in place..<(place + 200) { bytes[index] = bytes[index] == 0x31 ? 0x32 : 0x31 }
    case "foreign": bytes = Array(String(repeating: "something else\n", count: 500).utf8)
    default: break
    }
    let damaged = scene.folder.file("b.backup")
    if damage != "missing" { try Data(bytes).write(to: URL(fileURLWithPath: damaged)) }
    await #expect(throws: PersistenceFailure.self) {
      try await scene.maintenance.restore(from: damaged, overwrites: true)
    }
    let again = try await scene.open()
    #expect(try await contents(again) == before)
    await again.close()
  }

  @Test(.needsPostgreSQL) func `a restore waits for nobody: it is refused while another coach is connected`()
    async throws
  {
    let scene = try await Scene(.server)
    let store = try await scene.open()
    try await fill(store)
    let file = scene.folder.file("a.backup")
    _ = try await scene.maintenance.backUp(to: file)
    let failure = await #expect(throws: PersistenceFailure.self) {
      try await scene.maintenance.restore(from: file, overwrites: true)
    }
    #expect(failure?.description.contains("stop them") == true)
    await store.close()
  }

  // MARK: - Migrations

  /// Takes a store back to the version before the last.
  private func age(_ scene: Scene) async throws {
    let last = Migration.all.count
    switch scene.location {
    case .file(let path):
      let connection = try SQLiteConnection(path: path, configuration: .ours)
      try await connection.execute("DELETE FROM schema_migration WHERE version = ?", [SQLiteValue(last)])
      for table in Self.newest { try await connection.execute("DROP TABLE \(table)") }
      await connection.close()
    case .server(let server):
      var owner = try #require(server.owner)
      owner.searchPath = ["coach"]
      let connection = try await PostgresConnection.open(owner)
      try await connection.execute("DELETE FROM schema_migration WHERE version = $1", [PostgresValue(last)])
      for table in Self.newest { try await connection.execute("DROP TABLE \(table)") }
      await connection.close()
    case .memory: break
    }
  }

  /// The tables that the last step makes.
  private static let newest = ["goal_check_in", "goal"]

  @Test(arguments: kinds)
  func `a trial shows the steps and keeps none, and then they are taken`(_ kind: Kind) async throws {
    let scene = try await Scene(kind)
    let store = try await scene.open()
    try await fill(store)
    let before = try await contents(store)
    await store.close()
    try await age(scene)
    let last = try #require(Migration.all.last)
    let expected = StoreMaintenance.Versions(found: last.version - 1, known: last.version, pending: [last.name])
    #expect(try await scene.maintenance.migrate(isTrial: true) == expected)
    #expect(try await scene.maintenance.versions() == expected)
    if kind == .server {
      // Replicas of the version before may be at work, so nothing is changed by the way.
      let known = last.version
      await #expect(throws: PersistenceFailure.olderDatabase(found: known - 1, known: known)) { try await scene.open() }
    }
    // A backup of the older version can be put back, and is brought up to date then.
    let file = scene.folder.file("old.backup")
    #expect(try await scene.maintenance.backUp(to: file).version == last.version - 1)
    #expect(try await scene.maintenance.migrate() == expected)
    #expect(try await scene.maintenance.versions().pending == [])
    #expect(try await scene.maintenance.restore(from: file, overwrites: true).version == last.version)
    let again = try await scene.open()
    #expect(try await contents(again) == before)
    await again.close()
  }

  @Test func `a file of an older version is copied beside itself before it is opened`() async throws {
    let scene = try await Scene(.file)
    let store = try await scene.open()
    try await fill(store)
    await store.close()
    try await age(scene)
    await (try await scene.open()).close()
    let copy = scene.folder.file("coach.db.version-\(Migration.all.count - 1)")
    #expect(try await MetadataDatabase.version(ofFile: copy) == Migration.all.count - 1)
    #expect(try await MetadataDatabase.version(ofFile: scene.folder.file("coach.db")) == Migration.all.count)
  }
}
