import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import PostgresKit
import SQLiteKit
import StateGraph
import Testing

@testable import Persistence

/// What happens to our own data when the disk is full, the file is held, or the server goes.
@Suite struct StoreFaultTests {
  /// Commits until it fails; returns what is known to be saved, and the failure.
  private func commit(
    _ store: any CheckpointStore,
    after record: RunRecord,
    atMost limit: Int,
    size: Int
  ) async throws -> (saved: RunRecord, failure: CheckpointFailure?) {
    var saved = record
    for _ in 0..<limit {
      let step = PostgresScratch.step(after: saved, item: .string(String(repeating: "x", count: size)))
      do throws(CheckpointFailure) {
        try await store.commit(step)
        saved = step.record
      } catch {
        return (saved, error)
      }
    }
    return (saved, nil)
  }

  /// Everything up to the last save is there, nothing after it, and the run can go on.
  private func expectWhole(_ store: any CheckpointStore, _ record: RunRecord) async throws {
    let loaded = try #require(try await store.load(record.run))
    #expect(loaded.record.revision == record.revision)
    #expect(loaded.values["log"]?.arrayValue?.count == record.revision + 1)
    #expect(
      try await store.events(of: record.run, after: 0, limit: 100_000).map(\.sequence) == Array(1...record.lastSequence)
    )
  }

  // MARK: - Disk

  @Test func `a full disk is told, keeps what was saved, and heals when there is room`() async throws {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let store = database.checkpoints(of: .local)
    let start = PostgresScratch.begin("r1")
    try await store.create(start)
    // A quota in place of a small disk: SQLite then meets the same fault at the same places.
    func allow(_ pages: Int) async throws {
      try await database.writer.withoutTransaction { session throws(SQLiteFailure) in
        _ = try session.query("PRAGMA max_page_count = \(pages)")
      }
    }
    try await allow(150)
    let (saved, failure) = try await commit(store, after: start.record, atMost: 1_000, size: 4_000)
    guard case .unavailable(let message)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(message.contains("full"), "\(message)")
    #expect(saved.revision > 3)
    try await expectWhole(store, saved)
    let again = await #expect(throws: CheckpointFailure.self) {
      try await store.commit(PostgresScratch.step(after: saved, item: .string(String(repeating: "x", count: 40_000))))
    }
    #expect(again != nil)
    try await allow(100_000)
    let healed = try await commit(store, after: saved, atMost: 20, size: 4_000)
    #expect(healed.failure == nil)
    try await expectWhole(store, healed.saved)
    await database.close()
    let reopened = try await folder.open()
    try await expectWhole(reopened.checkpoints(of: .local), healed.saved)
    await reopened.close()
  }

  @Test func `a backup that cannot be written leaves no half of a file`() async throws {
    let folder = try TemporaryFolder()
    try await (try folder.open("coach.db")).checkpoints(of: .local).create(PostgresScratch.begin("r1"))
    let maintenance = StoreMaintenance(.file(folder.file("coach.db")))
    let nowhere = folder.file("missing/backup")
    await #expect(throws: PersistenceFailure.self) { try await maintenance.backUp(to: nowhere) }
    #expect(FileSize.of(nowhere) == nil)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("partial") }
    #expect(left == [])
  }

  @Test(.enabled(if: SmallDisk.canBeMade, "only root may mount a small disk"))
  func `on a disk that is really full saves fail, backups leave nothing, and both go on when there is room`()
    async throws
  {
    let disk = try SmallDisk(megabytes: 2)
    let database = try await MetadataDatabase(path: "\(disk.path)/coach.db", clock: .fixed(at: PostgresScratch.start))
    let store = database.checkpoints(of: .local)
    let start = PostgresScratch.begin("r1")
    try await store.create(start)
    let filler = "\(disk.path)/filler"
    try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: filler))
    let (saved, failure) = try await commit(store, after: start.record, atMost: 2_000, size: 4_000)
    guard case .unavailable(let message)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(message.contains("full"), "\(message)")
    try await expectWhole(store, saved)
    let maintenance = StoreMaintenance(.file("\(disk.path)/coach.db"))
    await #expect(throws: PersistenceFailure.self) { try await maintenance.backUp(to: "\(disk.path)/backup") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).allSatisfy { !$0.contains("backup") })
    unlink(filler)
    let healed = try await commit(store, after: saved, atMost: 5, size: 4_000)
    #expect(healed.failure == nil)
    try await expectWhole(store, healed.saved)
    await database.close()
  }

  // MARK: - Locks

  @Test func `a file that another process holds is told after a while, and is written when it is free again`()
    async throws
  {
    let folder = try TemporaryFolder()
    let database = try await folder.open()
    let store = database.checkpoints(of: .local)
    let start = PostgresScratch.begin("r1")
    try await store.create(start)
    let other = try SQLiteConnection(path: folder.file("meta.sqlite"), configuration: .ours)
    try await other.withoutTransaction { session throws(SQLiteFailure) in try session.execute("BEGIN IMMEDIATE") }
    let blocked = try await commit(store, after: start.record, atMost: 1, size: 10)
    guard case .unavailable(let message)? = blocked.failure else {
      Issue.record("\(String(describing: blocked.failure))")
      return
    }
    #expect(message.contains("locked"), "\(message)")
    // Reading goes on meanwhile.
    try await expectWhole(store, start.record)
    try await other.withoutTransaction { session throws(SQLiteFailure) in try session.execute("ROLLBACK") }
    let free = try await commit(store, after: start.record, atMost: 3, size: 10)
    #expect(free.failure == nil)
    try await expectWhole(store, free.saved)
    await other.close()
    await database.close()
  }

  // MARK: - Servers

  @Test(.needsPostgreSQL)
  func `a server that is killed again and again loses nothing that was saved, and saves go on by themselves`()
    async throws
  {
    let server = try await TemporaryPostgreSQL(isDurable: true)
    let users = try await server.makeDatabase()
    let store = try await PostgresScratch.open(users.member, owner: users.owner)
    let starts = (0..<4).map { PostgresScratch.begin(RunID("r\($0)"), thread: ThreadID("t\($0)")) }
    for start in starts { try await store.checkpoints(of: .local).create(start) }
    let isOver = Locked(false)
    let writers = starts.map { start in
      Task {
        var saved = start.record
        while !isOver.withLock(\.self) {
          let step = PostgresScratch.step(after: saved)
          try await store.checkpoints(of: .local).commit(step)
          saved = step.record
        }
        return saved
      }
    }
    for _ in 0..<3 {
      try await Task.sleep(for: .milliseconds(300))
      try await server.kill()
      try await server.restart()
    }
    try await Task.sleep(for: .milliseconds(300))
    isOver.withLock { $0 = true }
    for writer in writers {
      let saved = try await writer.value
      #expect(saved.revision > 3)
      try await expectWhole(store.checkpoints(of: .local), saved)
    }
    await store.close()
    await server.stop()
  }
}

/// A disk in memory with little room; it goes with the value.
private final class SmallDisk: Sendable {
  let path: String

  /// Whether this process may mount one.
  static let canBeMade: Bool = (try? SmallDisk(megabytes: 1)) != nil

  init(megabytes: Int) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "coach-disk-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      rmdir(path)
      throw PersistenceFailure.unavailable("a small disk cannot be mounted")
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }
}
