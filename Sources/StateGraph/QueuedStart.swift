public import CoachVocabulary
public import FoundationEssentials

/// A start that waits in line until its thread is free.
///
/// There is no record of its run before its turn comes; what it begins with, the state of its thread for instance, is found
/// out then.
public struct QueuedStart: Hashable, Sendable {
  /// The identifier of the run to be.
  public var run: RunID
  /// The thread it waits for.
  public var thread: ThreadID
  /// The name of its graph.
  public var graph: String
  /// What is written before the first node.
  public var input: StateUpdate
  /// How it is run.
  public var options: StartOptions
  /// The most time it may take, in line not counted; nil for no limit.
  public var timeLimit: Duration?
  /// Until when it may wait in line; nil for ever.
  public var deadline: Date?

  /// Makes a start.
  public init(
    run: RunID,
    thread: ThreadID,
    graph: String,
    input: StateUpdate,
    options: StartOptions = StartOptions(),
    timeLimit: Duration? = nil,
    deadline: Date? = nil
  ) {
    self.run = run
    self.thread = thread
    self.graph = graph
    self.input = input
    self.options = options
    self.timeLimit = timeLimit
    self.deadline = deadline
  }
}

extension QueuedStart {
  /// The start as JSON, the form in which stores keep it.
  public var json: JSONValue {
    var parts: [String: JSONValue] = [
      "run": .string(run.rawValue), "thread": .string(thread.rawValue), "graph": .string(graph), "input": input.json,
      "durability": .string(options.durability.rawValue), "continues_thread": .bool(options.continuesThread),
    ]
    if let key = options.idempotencyKey { parts["idempotency_key"] = .string(key) }
    if let timeLimit { parts["time_limit"] = .double(timeLimit / .seconds(1)) }
    if let deadline { parts["deadline"] = .double(deadline.timeIntervalSince1970) }
    return .object(parts)
  }

  /// Reads what ``json`` gives; nil for anything else.
  public init?(json: JSONValue) {
    guard let run = json["run"]?.stringValue, let thread = json["thread"]?.stringValue,
      let graph = json["graph"]?.stringValue, let input = json["input"].flatMap({ StateUpdate(json: $0) }),
      let durability = json["durability"]?.stringValue.flatMap(Durability.init(rawValue:)),
      let continuesThread = json["continues_thread"]?.boolValue
    else { return nil }
    self.init(
      run: RunID(run),
      thread: ThreadID(thread),
      graph: graph,
      input: input,
      options: StartOptions(
        durability: durability,
        continuesThread: continuesThread,
        idempotencyKey: json["idempotency_key"]?.stringValue
      ),
      timeLimit: json["time_limit"]?.doubleValue.map { .seconds($0) },
      deadline: json["deadline"]?.doubleValue.map { Date(timeIntervalSince1970: $0) }
    )
  }
}

/// What a start does whose thread is busy with another run.
public enum BusyPolicy: Hashable, Sendable {
  /// It is refused with ``CheckpointFailure/threadBusy(_:run:)``.
  case refuse
  /// It waits in line, first come, first served, also over restarts; no longer than `atMost`, where that is given.
  case queue(atMost: Duration? = nil)
}
