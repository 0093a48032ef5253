public import CoachVocabulary
public import FoundationEssentials

/// Where the runs of one tenant are kept.
///
/// Every method that writes does so wholly or not at all, whether or not the calling task is cancelled. `CoachTesting` holds the suite that each implementation passes.
public protocol CheckpointStore: Sendable {
  /// Saves a new run with its first state and events, and makes it the run its thread works on.
  ///
  /// A start with a base begins with the state saved there, to which the changes apply.
  ///
  /// - Throws: `runExists` for a known run or idempotency key, `threadBusy` when the thread's run is not at its end,
  ///   `noSuchRun` for an unknown base, `headMoved` when the start continues the thread and the run ahead has saved
  ///   more since its base was read.
  func create(_ start: RunStart) async throws(CheckpointFailure)

  /// Saves the outcome of a superstep: state changes, events, finished tasks, what is next, and the record.
  ///
  /// - Throws: `headMoved` unless the run is the one its thread works on and its saved revision is the expected one.
  func commit(_ commit: SuperstepCommit) async throws(CheckpointFailure)

  /// Saves what tasks gave whose siblings are still at work, with the events so far, so that they are not executed again
  /// after a crash.
  ///
  /// ``load(_:)`` adds it to what is next, until the next commit, which holds it or drops it. The record keeps its
  /// revision; the number of its last event moves. Saving the same again changes nothing.
  ///
  /// - Throws: `headMoved` when another process has taken the run over since the revision.
  func commit(_ partial: PartialCommit) async throws(CheckpointFailure)

  /// Saves the result of an effect inside a node at once, so that it is not repeated after a crash.
  ///
  /// - Throws: `headMoved` when another process has taken the run over since `revision`.
  func record(_ effect: RecordedEffect, revision: Int) async throws(CheckpointFailure)

  /// Takes a run over to work on it: sets it running, moves its revision so that a former owner cannot save any more,
  /// makes it the run its thread works on, and counts a recovery if it was running (`RunRecord.claim` does the counting).
  ///
  /// - Throws: `noSuchRun`, `leaseHeld` when another owner's lease has not expired, `alreadyFinished`, `threadBusy`.
  func claim(
    _ run: RunID,
    for owner: String,
    until expiry: Date,
    at now: Date
  ) async throws(CheckpointFailure)
    -> RunRecord

  /// Prolongs the lease of those of the runs that are running and belong to the owner.
  func renewLeases(of runs: [RunID], for owner: String, until expiry: Date) async throws(CheckpointFailure)

  /// Puts a start at the end of the line of its thread; one that is in line already keeps its place.
  func enqueue(_ start: QueuedStart) async throws(CheckpointFailure)

  /// The starts in line for a thread, or for all when none is given, in the order in which they came.
  func queue(of thread: ThreadID?) async throws(CheckpointFailure) -> [QueuedStart]

  /// Takes a start out of its line, if it is there.
  func dequeue(_ run: RunID) async throws(CheckpointFailure)

  /// All that is needed to go on with a run; nil for an unknown run.
  func load(_ run: RunID) async throws(CheckpointFailure) -> SavedRun?

  /// The record of a run; nil for an unknown run.
  func record(of run: RunID) async throws(CheckpointFailure) -> RunRecord?

  /// Records that match a query, newest first.
  func records(matching query: RunQuery) async throws(CheckpointFailure) -> [RunRecord]

  /// Runs that are interrupted, runs left running by an owner whose lease has expired or who bears the given name, and
  /// waiting runs whose time has come; oldest first.
  func recoverable(by owner: String, at now: Date) async throws(CheckpointFailure) -> [RunRecord]

  /// The saved events of a run with numbers above `sequence`, in order, at most `limit`.
  func events(of run: RunID, after sequence: Int, limit: Int) async throws(CheckpointFailure) -> [RunEvent]

  /// The run a thread works on or did last; nil for an unknown thread.
  func head(of thread: ThreadID) async throws(CheckpointFailure) -> RunID?

  /// The run that was started with an idempotency key; nil when none was.
  func run(startedWith key: String) async throws(CheckpointFailure) -> RunID?

  /// A run as it was saved at a revision, without effects; nil for an unknown run or a revision that is not kept.
  func load(_ run: RunID, at revision: Int) async throws(CheckpointFailure) -> SavedRun?

  /// How the state changed in the kept checkpoints of a run above one revision and up to another, oldest first.
  func changes(
    of run: RunID,
    after revision: Int,
    through last: Int
  ) async throws(CheckpointFailure) -> [CheckpointChanges]

  /// The kept checkpoints of a run with revisions below `revision`, newest first.
  func checkpoints(
    of run: RunID,
    before revision: Int,
    limit: Int
  ) async throws(CheckpointFailure) -> [CheckpointSummary]

  /// Drops all checkpoints of a run but the last ones; what is kept can be loaded as before, and so can runs based on it.
  func compact(_ run: RunID, keepingLast count: Int) async throws(CheckpointFailure)

  /// Deletes a run at its end with all that belongs to it; runs based on it keep their state.
  ///
  /// - Throws: `threadBusy` for a run that is not at its end.
  func delete(_ run: RunID) async throws(CheckpointFailure)
}

/// How one checkpoint changed the state.
public struct CheckpointChanges: Hashable, Sendable {
  /// The revision that was saved.
  public var revision: Int
  /// The changes, in order.
  public var changes: [ChannelChange]

  /// Makes an entry.
  public init(revision: Int, changes: [ChannelChange]) {
    self.revision = revision
    self.changes = changes
  }
}

/// One entry in the history of a run.
public struct CheckpointSummary: Hashable, Sendable {
  /// Which one.
  public var reference: CheckpointReference
  /// How many supersteps were merged.
  public var step: Int
  /// What came next.
  public var frontier: Frontier
  /// The tasks that finished just before.
  public var finishedTasks: [FinishedTask]
  /// When it was saved.
  public var savedAt: Date

  /// Makes an entry.
  public init(
    reference: CheckpointReference,
    step: Int,
    frontier: Frontier,
    finishedTasks: [FinishedTask],
    savedAt: Date
  ) {
    self.reference = reference
    self.step = step
    self.frontier = frontier
    self.finishedTasks = finishedTasks
    self.savedAt = savedAt
  }
}

/// A run as it is first saved.
public struct RunStart: Hashable, Sendable {
  /// Its record, with revision 0.
  public var record: RunRecord
  /// The input as state.
  public var changes: [ChannelChange]
  /// Which nodes come first.
  public var frontier: Frontier
  /// Its first events.
  public var events: [RunEvent]
  /// Whether its base has to be the last checkpoint of its thread when it is saved; without a base the thread has none.
  public var continuesThread: Bool

  /// Makes a start.
  public init(
    record: RunRecord,
    changes: [ChannelChange],
    frontier: Frontier,
    events: [RunEvent],
    continuesThread: Bool = false
  ) {
    self.record = record
    self.changes = changes
    self.frontier = frontier
    self.events = events
    self.continuesThread = continuesThread
  }
}

/// What one superstep changed.
public struct SuperstepCommit: Hashable, Sendable {
  /// The record after it; its revision is one above the expected one.
  public var record: RunRecord
  /// The revision that must be saved at present.
  public var expectedRevision: Int
  /// The state changes; empty when the superstep could not be merged.
  public var changes: [ChannelChange]
  /// The nodes that finished in it.
  public var finishedTasks: [FinishedTask]
  /// What comes next.
  public var frontier: Frontier
  /// Everything that happened since the last commit.
  public var events: [RunEvent]

  /// Makes a commit.
  public init(
    record: RunRecord,
    expectedRevision: Int,
    changes: [ChannelChange],
    finishedTasks: [FinishedTask],
    frontier: Frontier,
    events: [RunEvent]
  ) {
    self.record = record
    self.expectedRevision = expectedRevision
    self.changes = changes
    self.finishedTasks = finishedTasks
    self.frontier = frontier
    self.events = events
  }
}

/// What tasks of a superstep gave before all of its tasks were done.
public struct PartialCommit: Hashable, Sendable {
  /// The run.
  public var run: RunID
  /// The revision that must be saved at present; it stays.
  public var revision: Int
  /// What the tasks gave, by superstep.
  public var results: [Frontier.StepResults]
  /// The tasks.
  public var finishedTasks: [FinishedTask]
  /// Everything that happened since the last commit, whole or partial; never empty, as each task says when it is done.
  public var events: [RunEvent]

  /// Makes a partial commit.
  public init(
    run: RunID,
    revision: Int,
    results: [Frontier.StepResults],
    finishedTasks: [FinishedTask],
    events: [RunEvent]
  ) {
    self.run = run
    self.revision = revision
    self.results = results
    self.finishedTasks = finishedTasks
    self.events = events
  }
}

/// How one channel changed in a superstep.
public struct ChannelChange: Hashable, Sendable {
  /// The ways to change.
  public enum Operation: Hashable, Sendable {
    /// The channel now has this value.
    case set(JSONValue)
    /// These items were added at the end of its list.
    case append([JSONValue])
    /// These items were merged into its list by id; see ``Messages``.
    case merge([JSONValue])
    /// The channel lost its value.
    case clear
  }

  /// The channel.
  public var channel: String
  /// What happened to it.
  public var operation: Operation

  /// Makes a change.
  public init(_ channel: String, _ operation: Operation) {
    self.channel = channel
    self.operation = operation
  }

  /// Applies the change to a value.
  public func apply(to value: inout JSONValue?) {
    switch operation {
    case .set(let new): value = new
    case .append(let items): value = .array((value?.arrayValue ?? []) + items)
    case .merge(let items):
      // What was merged once can be merged again; a list that was damaged since keeps what it has.
      if let list = try? Messages.merged(value?.arrayValue ?? [], with: items) { value = .array(list) }
    case .clear: value = nil
    }
  }
}

/// A node that finished.
public struct FinishedTask: Hashable, Sendable, Codable {
  /// The node.
  public var node: String
  /// The superstep, from 1.
  public var step: Int
  /// How many attempts it took.
  public var attempts: Int
  /// How long it took, retries included.
  public var durationMilliseconds: Double

  /// Makes an entry.
  public init(node: String, step: Int, attempts: Int, durationMilliseconds: Double) {
    self.node = node
    self.step = step
    self.attempts = attempts
    self.durationMilliseconds = durationMilliseconds
  }
}

/// The result of an effect inside a node.
public struct RecordedEffect: Hashable, Sendable {
  /// The run.
  public var run: RunID
  /// The superstep in which the node runs, from 1.
  public var step: Int
  /// The node, with `#` and a number for a task that was sent for.
  public var node: String
  /// The name of the effect within the node.
  public var name: String
  /// What it gave.
  public var value: JSONValue

  /// Makes an entry.
  public init(run: RunID, step: Int, node: String, name: String, value: JSONValue) {
    self.run = run
    self.step = step
    self.node = node
    self.name = name
    self.value = value
  }
}

/// A run as it was last saved.
public struct SavedRun: Hashable, Sendable {
  /// Its record.
  public var record: RunRecord
  /// The channels that have a value.
  public var values: [String: JSONValue]
  /// What comes next.
  public var frontier: Frontier
  /// The effects recorded in supersteps that are still to come.
  public var effects: [RecordedEffect]
  /// Tasks that finished since the last checkpoint, while their siblings were at work.
  public var finishedTasks: [FinishedTask]

  /// Makes a saved run.
  public init(
    record: RunRecord,
    values: [String: JSONValue],
    frontier: Frontier,
    effects: [RecordedEffect],
    finishedTasks: [FinishedTask] = []
  ) {
    self.record = record
    self.values = values
    self.frontier = frontier
    self.effects = effects
    self.finishedTasks = finishedTasks
  }

  /// Adds what a partial commit saved after the checkpoint at hand; stores do so in ``CheckpointStore/load(_:)``.
  public mutating func include(_ results: [Frontier.StepResults], _ tasks: [FinishedTask]) {
    frontier.include(results, after: record.step)
    finishedTasks += tasks
  }
}

/// Which runs to list.
public struct RunQuery: Hashable, Sendable {
  /// Only runs of this thread.
  public var thread: ThreadID?
  /// Only runs with one of these statuses; empty for all.
  public var statuses: Set<RunStatus>
  /// Only runs whose identifier sorts below this one: the cursor of the next page.
  public var before: RunID?
  /// The most records.
  public var limit: Int

  /// Makes a query for all runs, 50 at most.
  public init(thread: ThreadID? = nil, statuses: Set<RunStatus> = [], before: RunID? = nil, limit: Int = 50) {
    self.thread = thread
    self.statuses = statuses
    self.before = before
    self.limit = limit
  }
}

/// Why a checkpoint store refused or failed.
public enum CheckpointFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// A run with this identifier is already saved.
  case runExists(RunID)
  /// No run with this identifier is saved.
  case noSuchRun(RunID)
  /// The run has finished and cannot go on.
  case alreadyFinished(RunID)
  /// Another run of the thread is running or interrupted.
  case threadBusy(ThreadID, run: RunID)
  /// Another process has worked on the run meanwhile.
  case headMoved(RunID)
  /// Another owner works on the run.
  case leaseHeld(RunID, owner: String)
  /// What is saved cannot be read.
  case damaged(String)
  /// The store cannot be reached or written.
  case unavailable(String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .runExists(let run): "run \(run) exists already; choose a new identifier"
    case .noSuchRun(let run): "there is no run \(run)"
    case .alreadyFinished(let run): "run \(run) has finished; start a new one"
    case .threadBusy(let thread, let run): "thread \(thread) is busy with run \(run); wait for it, resume it or stop it"
    case .headMoved(let run): "another process has taken over run \(run); this one gave it up"
    case .leaseHeld(let run, let owner): "run \(run) is being worked on by \(owner)"
    case .damaged(let message): "the saved run cannot be read: \(message)"
    case .unavailable(let message): "runs cannot be saved: \(message)"
    }
  }
}
