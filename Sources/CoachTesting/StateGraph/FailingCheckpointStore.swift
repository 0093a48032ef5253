public import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials
public import StateGraph

/// A checkpoint store that dies at a chosen write, before or after it is done, and stays dead until it is revived.
public final class FailingCheckpointStore: CheckpointStore {
  /// On which side of the write the process dies.
  public enum Moment: Hashable, Sendable, CaseIterable {
    /// The write is lost.
    case before
    /// The write is done, but the caller does not learn of it.
    case after
  }

  private struct Plan: Sendable {
    var writesLeft: Int?
    var isDead = false
    var writes = 0
  }

  private let inner: any CheckpointStore
  private let moment: Moment
  private let plan: Locked<Plan>

  /// Makes a store that lets `writes` writes through (creations, commits, partial ones too, and effects) and dies at the next.
  public init(_ inner: any CheckpointStore, after writes: Int, dying moment: Moment = .before) {
    self.inner = inner
    self.moment = moment
    plan = Locked(Plan(writesLeft: writes))
  }

  /// Whether the store has died.
  public var isDead: Bool { plan.current.isDead }

  /// How many writes were asked for since the store was made or revived.
  public var writes: Int { plan.current.writes }

  /// Lets everything through from now on.
  public func revive() { plan.withLock { $0 = Plan(writesLeft: nil) } }

  private static let death = CheckpointFailure.unavailable("the store died, as the test wants")

  private func write<Value>(
    _ body: () async throws(CheckpointFailure) -> Value
  ) async throws(CheckpointFailure) -> Value {
    let diesNow = try plan.withLock { plan throws(CheckpointFailure) in
      if plan.isDead { throw Self.death }
      plan.writes += 1
      guard let left = plan.writesLeft else { return false }
      plan.writesLeft = left - 1
      plan.isDead = left == 0
      return plan.isDead
    }
    if diesNow, moment == .before { throw Self.death }
    let value = try await body()
    if diesNow { throw Self.death }
    return value
  }

  /// Passes a creation on, unless dead.
  public func create(_ start: RunStart) async throws(CheckpointFailure) {
    try await write { () throws(CheckpointFailure) in try await inner.create(start) }
  }

  /// Passes a commit on, unless dead.
  public func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure) {
    try await write { () throws(CheckpointFailure) in try await inner.commit(commit) }
  }

  /// Passes a partial commit on, unless dead.
  public func commit(_ partial: PartialCommit) async throws(CheckpointFailure) {
    try await write { () throws(CheckpointFailure) in try await inner.commit(partial) }
  }

  /// Passes an effect on, unless dead.
  public func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure) {
    try await write { () throws(CheckpointFailure) in try await inner.record(effect, revision: revision) }
  }

  /// Passes a claim on.
  public func claim(
    _ run: RunID,
    for owner: String,
    until expiry: Date,
    at now: Date
  ) async throws(CheckpointFailure) -> RunRecord {
    try await inner.claim(run, for: owner, until: expiry, at: now)
  }

  /// Passes a start in line on.
  public func enqueue(_ start: QueuedStart) async throws(CheckpointFailure) { try await inner.enqueue(start) }

  /// Passes a question on.
  public func queue(of thread: ThreadID?) async throws(CheckpointFailure) -> [QueuedStart] {
    try await inner.queue(of: thread)
  }

  /// Passes the end of a wait on.
  public func dequeue(_ run: RunID) async throws(CheckpointFailure) { try await inner.dequeue(run) }

  /// Passes a renewal on.
  public func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) async throws(CheckpointFailure) {
    try await inner.renewLeases(of: runs, for: owner, until: expiry)
  }

  /// Passes a question on.
  public func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun? { try await inner.load(run) }

  /// Passes a question on.
  public func record(of run: RunID) async throws(CheckpointFailure) -> RunRecord? { try await inner.record(of: run) }

  /// Passes a question on.
  public func records(matching query: RunQuery) async throws(CheckpointFailure) -> [RunRecord] {
    try await inner.records(matching: query)
  }

  /// Passes a question on.
  public func recoverable(by owner: String, at now: Date) async throws(CheckpointFailure) -> [RunRecord] {
    try await inner.recoverable(by: owner, at: now)
  }

  /// Passes a question on.
  public func events(of run: RunID, after sequence: Int, limit: Int) async throws(CheckpointFailure) -> [RunEvent] {
    try await inner.events(of: run, after: sequence, limit: limit)
  }

  /// Passes a question on.
  public func head(of thread: ThreadID) async throws(CheckpointFailure) -> RunID? {
    try await inner.head(of: thread)
  }

  /// Passes a question on.
  public func run(startedWith key: String) async throws(CheckpointFailure) -> RunID? {
    try await inner.run(startedWith: key)
  }

  /// Passes a question on.
  public func load(_ run: RunID, at revision: Int) async throws(CheckpointFailure) -> SavedRun? {
    try await inner.load(run, at: revision)
  }

  /// Passes a question on.
  public func changes(
    of run: RunID,
    after revision: Int,
    through last: Int
  ) async throws(CheckpointFailure) -> [CheckpointChanges] {
    try await inner.changes(of: run, after: revision, through: last)
  }

  /// Passes a question on.
  public func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int
  ) async throws(CheckpointFailure) -> [CheckpointSummary] {
    try await inner.checkpoints(of: run, before: revision, limit: limit)
  }

  /// Passes a compaction on.
  public func compact(_ run: RunID, keepingLast count: Int) async throws(CheckpointFailure) {
    try await inner.compact(run, keepingLast: count)
  }

  /// Passes a deletion on.
  public func delete(_ run: RunID) async throws(CheckpointFailure) { try await inner.delete(run) }
}
