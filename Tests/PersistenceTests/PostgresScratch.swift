import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Persistence
import PostgresKit
import StateGraph
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test, with a message, where the server's package is absent.
  static var needsPostgreSQL: Self {
    .enabled(if: TemporaryPostgreSQL.isAvailable, Comment(rawValue: TemporaryPostgreSQL.absence))
  }
}

/// Our schema on the shared server, and tenants nobody else has.
enum PostgresScratch {
  static let start = Date(timeIntervalSince1970: 1_750_000_000)

  private static let sharedDatabase = Task {
    let database = try await TemporaryPostgreSQL.shared().makeDatabase()
    return try await open(database.member, owner: database.owner)
  }
  private static let tenants = Locked(0)

  /// One schema for all tests, whose users are those of an installation with an owner of its own.
  static func database() async throws -> PostgresMetadataDatabase { try await sharedDatabase.value }

  static func open(
    _ user: PostgresConfiguration,
    owner: PostgresConfiguration? = nil,
    connections: Int = 4
  ) async throws -> PostgresMetadataDatabase {
    try await PostgresMetadataDatabase(
      user,
      owner: owner,
      limits: PostgresPool.Limits(connections: connections, waiting: .seconds(300)),
      clock: .fixed(at: start)
    )
  }

  /// A tenant without any rows.
  static func newTenant() -> TenantID {
    let number = tenants.withLock { count in
      count += 1
      return count
    }
    return TenantID("tenant-\(number)")
  }

  static func time(_ seconds: Double) -> Date { start + seconds }

  static func begin(
    _ run: RunID,
    thread: ThreadID = "t1",
    owner: String = "a",
    key: String? = nil,
    base: CheckpointReference? = nil
  ) -> RunStart {
    var record = RunRecord(
      run: run,
      thread: thread,
      graph: "g",
      graphHash: "h",
      owner: owner,
      leaseExpires: time(30),
      createdAt: start
    )
    record.lastSequence = 1
    record.idempotencyKey = key
    record.base = base
    return RunStart(
      record: record,
      changes: [ChannelChange("log", .append([0]))],
      frontier: Frontier(due: ["a"]),
      events: [event(run, 1)]
    )
  }

  static func event(_ run: RunID, _ sequence: Int) -> RunEvent {
    RunEvent(run: run, sequence: sequence, type: "note", data: .int(sequence), time: time(Double(sequence)))
  }

  /// A superstep with one item of the log and two events.
  static func step(after record: RunRecord, status: RunStatus = .running, item: JSONValue? = nil) -> SuperstepCommit {
    var next = record
    next.step += 1
    next.revision += 1
    next.status = status
    next.lastSequence += 2
    if status.isTerminal { next.endedAt = start }
    return SuperstepCommit(
      record: next,
      expectedRevision: record.revision,
      changes: [ChannelChange("log", .append([item ?? .int(next.revision)]))],
      finishedTasks: [FinishedTask(node: "a", step: next.step, attempts: 1, durationMilliseconds: 1.5)],
      frontier: Frontier(due: ["a"]),
      events: [event(record.run, record.lastSequence + 1), event(record.run, record.lastSequence + 2)]
    )
  }
}

/// Counts how often each outcome came.
func tally<Key: Hashable & Sendable>(
  _ count: Int,
  _ body: @escaping @Sendable (Int) async -> Key
) async -> [Key: Int] {
  await withTaskGroup(of: Key.self) { group in
    for number in 0..<count { group.addTask { await body(number) } }
    return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

/// Passes the time between two looks at a condition without keeping a core busy.
func pause() async { try? await Task.sleep(for: .milliseconds(1)) }
