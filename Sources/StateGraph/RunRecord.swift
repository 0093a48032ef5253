public import CoachVocabulary
public import FoundationEssentials

/// Marks identifiers of threads.
public enum ThreadKind {}
/// A line of runs of which at most one goes on at a time, for instance one chat session.
public typealias ThreadID = Identifier<ThreadKind>

/// Where a run stands.
public enum RunStatus: String, Hashable, Sendable, Codable, CaseIterable {
  /// Some process works on it, or died while it did.
  case running
  /// It came to its end.
  case finished
  /// It cannot go on; see the record's error.
  case failed
  /// Somebody stopped it.
  case stopped
  /// It was put aside between two supersteps, for instance by a shutdown, and waits to be resumed.
  case interrupted
  /// It waits for answers, for a timer, or at a breakpoint, and holds its thread meanwhile.
  case waiting

  /// Whether nothing more happens to the run unless somebody resumes it by hand.
  public var isTerminal: Bool { self == .finished || self == .failed || self == .stopped }
}

/// A place in the history of a run.
public struct CheckpointReference: Hashable, Sendable, Codable {
  /// The run.
  public var run: RunID
  /// The revision that was saved there.
  public var revision: Int

  /// Names a place.
  public init(run: RunID, revision: Int) {
    self.run = run
    self.revision = revision
  }
}

/// What is known of one run, without its state.
public struct RunRecord: Hashable, Sendable, Codable {
  /// The run.
  public var run: RunID
  /// The thread it belongs to.
  public var thread: ThreadID
  /// The name of its graph.
  public var graph: String
  /// The fingerprint of its graph.
  public var graphHash: String
  /// Where it stands.
  public var status: RunStatus
  /// How many supersteps have been merged.
  public var step: Int
  /// How often it was saved; moves by compare-and-swap, so that one writer works on a run at a time.
  public var revision: Int
  /// The number of the last saved event, 0 for none.
  public var lastSequence: Int
  /// Why it failed.
  public var error: RunError?
  /// Who works on it or did last.
  public var owner: String
  /// Until when the owner is taken to be alive; renewed while it works.
  public var leaseExpires: Date
  /// How often in a row it had to be taken over from a dead process without getting any further.
  public var recoveries: Int
  /// Which shape of state it was saved with; see ``GraphOptions/stateVersion``.
  public var stateVersion: Int
  /// Whose state it began with: the run it was forked from, or the one before it in its thread; nil for neither.
  public var base: CheckpointReference?
  /// The run whose node called this one; nil for a run of its own.
  public var parent: RunID?
  /// When a waiting run has to be looked at again; nil for never.
  public var wakeAt: Date?
  /// When it fails for taking too long; nil for never.
  public var deadline: Date?
  /// A text by which whoever starts runs knows this one again; nil for none.
  public var idempotencyKey: String?
  /// When it was started.
  public var createdAt: Date
  /// When it was last saved.
  public var updatedAt: Date
  /// When it finished, failed or was stopped.
  public var endedAt: Date?

  /// Makes the record of a run that has not been saved yet.
  public init(
    run: RunID,
    thread: ThreadID,
    graph: String,
    graphHash: String,
    owner: String,
    leaseExpires: Date,
    createdAt: Date
  ) {
    self.run = run
    self.thread = thread
    self.graph = graph
    self.graphHash = graphHash
    status = .running
    step = 0
    revision = 0
    lastSequence = 0
    self.owner = owner
    self.leaseExpires = leaseExpires
    recoveries = 0
    stateVersion = 1
    self.createdAt = createdAt
    updatedAt = createdAt
  }
}

/// Why a run failed, in a form that can be saved.
public struct RunError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    /// A node threw, after all of its attempts.
    case nodeFailed = "node_failed"
    /// A node took longer than its timeout, after all of its attempts.
    case nodeTimeout = "node_timeout"
    /// A node wrote a channel that is not declared.
    case undeclaredKey = "undeclared_key"
    /// A node wrote a value that its channel cannot hold.
    case typeClash = "type_clash"
    /// Two nodes wrote a channel that takes one write a superstep.
    case writeConflict = "write_conflict"
    /// A node has only conditional edges, and none of the conditions held.
    case noEdgeHeld = "no_edge_held"
    /// A condition has no answer for the state at hand.
    case conditionFailed = "condition_failed"
    /// No node is due, but a join has seen only some of its nodes.
    case stalledJoin = "stalled_join"
    /// The graph did not end within its step limit.
    case stepLimit = "step_limit"
    /// The run took longer than its time limit.
    case timeLimit = "time_limit"
    /// The run was taken over too often; something in it kills its process.
    case abandoned
    /// A node went or sent to a node that is unknown or not declared as its target.
    case unknownTarget = "unknown_target"
    /// A question was not answered in time and names no answer for that case.
    case questionExpired = "question_expired"
    /// A node gave no sign of life for longer than its idle timeout, after all of its attempts.
    case idleTimeout = "idle_timeout"
    /// A subgraph failed.
    case subgraphFailed = "subgraph_failed"
  }

  /// The kind of failure.
  public var code: Code
  /// What went wrong and how to mend it.
  public var message: String
  /// The node at fault, if one is.
  public var node: String?

  /// Makes an error.
  public init(_ code: Code, _ message: String, node: String? = nil) {
    self.code = code
    self.message = message
    self.node = node
  }

  /// The node and the message.
  public var description: String { node.map { "node '\($0)': \(message)" } ?? message }
}

/// One thing that happened in a run.
public struct RunEvent: Hashable, Sendable, Codable {
  /// The run.
  public var run: RunID
  /// Its number within the run, from 1, without gaps.
  public var sequence: Int
  /// What kind of thing; one of the constants below, or a word of the node that emitted it.
  public var type: String
  /// The details.
  public var data: JSONValue
  /// When.
  public var time: Date

  /// Makes an event.
  public init(run: RunID, sequence: Int, type: String, data: JSONValue, time: Date) {
    self.run = run
    self.sequence = sequence
    self.type = type
    self.data = data
    self.time = time
  }
}

extension RunEvent {
  /// The run was started; data: `thread`, `graph`.
  public static let runStarted = "run_started"
  /// The run goes on in a new process or after a pause; data: `step`; events after it may repeat lost ones.
  public static let runResumed = "run_resumed"
  /// A node begins; data: `node`, `step`.
  public static let nodeStarted = "node_started"
  /// An attempt failed and another follows; data: `node`, `attempt`, `error`.
  public static let nodeRetried = "node_retried"
  /// A node is done; data: `node`, `step`, `attempts`, `duration_ms` and perhaps `note`.
  public static let nodeFinished = "node_finished"
  /// A node failed for good; data: `node`, `step`, `attempts`, `duration_ms`, `error`.
  public static let nodeFailed = "node_failed"
  /// A result came from the node cache; data: `node`, `step`.
  public static let nodeCached = "node_cached"
  /// A node failed for good and its error handler takes over; data: `node`, `handler`, `code`, `message`.
  public static let nodeHandled = "node_handled"
  /// A node asked; data: the question.
  public static let questionAsked = "question_asked"
  /// A question was answered; data: `id` and `name`.
  public static let questionAnswered = "question_answered"
  /// A superstep was merged; data: `step`, `tasks` and perhaps `revision`.
  ///
  /// `tasks` tells what they gave, `revision` is that of the checkpoint that holds the changes, if it has one of its own.
  /// Readers use ``GraphRunner/stream(_:modes:after:)``.
  public static let stepFinished = "step_finished"
  /// Something happened in the subgraph of a node; data: `node`, perhaps `send`, and the parts of the event there.
  public static let subgraph = "subgraph"
  /// A piece of a text in the making, emitted by a node; see ``NodeContext/emit(token:)``.
  public static let token = "token"
  /// The run waits; data: `reason` (`questions`, `timer` or `breakpoint`) and perhaps `wake_at`.
  public static let runWaiting = "run_waiting"
  /// The run was put aside and can be resumed; no data.
  public static let runInterrupted = "run_interrupted"
  /// Terminal: the run came to its end; data: `steps`.
  public static let runFinished = "run_finished"
  /// Terminal: the run failed; data: `code`, `message` and perhaps `node`.
  public static let runFailed = "run_failed"
  /// Terminal: the run was stopped; no data.
  public static let runStopped = "run_stopped"

  /// The types that tell how a run begins and ends, which a calling run is not shown.
  static let runStates: Set<String> = [
    runStarted, runWaiting, runInterrupted, runFinished, runFailed, runStopped,
  ]

  /// The types that the runtime itself emits; nodes may not use them.
  static let reserved: Set<String> = [
    runStarted, runResumed, nodeStarted, nodeRetried, nodeFinished, nodeFailed, nodeCached, nodeHandled, questionAsked,
    questionAnswered, stepFinished, subgraph, runWaiting, runInterrupted, runFinished, runFailed, runStopped,
  ]
}
