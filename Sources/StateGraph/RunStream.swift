public import CoachVocabulary

/// What a reader of a run wants to see.
public enum StreamMode: String, Hashable, Sendable, CaseIterable {
  /// The whole state after each superstep.
  case values
  /// What each task gave, superstep by superstep.
  case updates
  /// Tasks as they begin, are tried again, finish and fail.
  case tasks
  /// What nodes emit under types of their own.
  case custom
  /// What nodes emit as ``RunEvent/token``: the pieces of a text in the making.
  case tokens
}

/// What a reader of a run is shown; each comes from one event of the run.
public struct StreamItem: Hashable, Sendable {
  /// What happened.
  public enum Content: Hashable, Sendable {
    /// A superstep was merged, or, with number 0, the run has its input.
    ///
    /// `updates` is nil without the mode. `values` is nil without the mode, and where the run keeps no checkpoint.
    case step(number: Int, updates: [TaskUpdate]?, values: [String: JSONValue]?)
    /// A task went on; `type` is one of the constants of ``RunEvent`` that begin with `node`.
    case task(type: String, data: JSONValue)
    /// A node emitted something.
    case custom(type: String, data: JSONValue)
    /// A node emitted a piece of a text.
    case token(JSONValue)
  }

  /// The number of the event within the outermost run: a reader goes on after it.
  public var sequence: Int
  /// The tasks whose subgraphs it happened in, from outside in; empty for the run itself.
  public var path: [String]
  /// The run it happened in: that of a subgraph, or the outermost one.
  public var run: RunID
  /// What happened.
  public var content: Content

  /// Makes an item.
  public init(sequence: Int, path: [String], run: RunID, content: Content) {
    self.sequence = sequence
    self.path = path
    self.run = run
    self.content = content
  }
}

/// What one task gave.
public struct TaskUpdate: Hashable, Sendable {
  /// The node.
  public var node: String
  /// Its place among the sends of the superstep; nil when an edge led to it.
  public var send: Int?
  /// What it wrote, by channel: for lists the items it added, for reduced channels its own part.
  public var writes: [String: JSONValue]
  /// The channels whose value it replaced.
  public var overwritten: [String]
  /// Where it went in place of its edges; nil for along its edges.
  public var targets: [String]?
  /// How often it sent, by node.
  public var sends: [String: Int]

  /// Makes an update.
  public init(
    node: String,
    send: Int? = nil,
    writes: [String: JSONValue] = [:],
    overwritten: [String] = [],
    targets: [String]? = nil,
    sends: [String: Int] = [:]
  ) {
    self.node = node
    self.send = send
    self.writes = writes
    self.overwritten = overwritten
    self.targets = targets
    self.sends = sends
  }
}

/// A run in the modes that its reader asked for, from its event log: what was, then what is, until the run ends.
///
/// A reader that goes on after the ``StreamItem/sequence`` of the last item it saw misses nothing and sees nothing twice,
/// in whichever process. Updates and values come from the checkpoints of the run; of those that are not kept any more,
/// and of runs that are not saved step by step, there are no values.
public struct RunStream: AsyncSequence, Sendable {
  /// What is read.
  public typealias Element = StreamItem

  let events: RunEvents
  let modes: Set<StreamMode>

  /// Starts reading.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(events: events.makeAsyncIterator(), source: events.source, modes: modes)
  }

  /// Reads the items one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private var events: RunEvents.AsyncIterator
    private let source: RunEvents.Source
    private let modes: Set<StreamMode>
    /// The newest state that was read of each run.
    private var states: [RunID: (revision: Int, values: [String: JSONValue])] = [:]

    fileprivate init(events: RunEvents.AsyncIterator, source: RunEvents.Source, modes: Set<StreamMode>) {
      self.events = events
      self.source = source
      self.modes = modes
    }

    /// The next item, or nil after the last and when the reader is cancelled.
    ///
    /// - Throws: what ``RunEvents`` throws.
    public mutating func next() async throws -> StreamItem? {
      while let event = try await events.next() {
        var inner = event
        var path: [String] = []
        while let (task, event) = inner.ofSubgraph {
          path.append(task)
          inner = event
        }
        guard let content = try await content(of: inner, saved: event) else { continue }
        return StreamItem(sequence: event.sequence, path: path, run: inner.run, content: content)
      }
      return nil
    }

    /// What an event shows; `saved` is the event of the outermost run that holds it.
    private mutating func content(
      of event: RunEvent,
      saved outermost: RunEvent
    ) async throws -> StreamItem.Content? {
      switch event.type {
      case RunEvent.runStarted:
        guard modes.contains(.values) else { return nil }
        return .step(number: 0, updates: nil, values: try await values(of: event.run, at: 0))
      case RunEvent.stepFinished:
        guard modes.contains(.values) || modes.contains(.updates) else { return nil }
        return try await step(event)
      case RunEvent.token: return modes.contains(.tokens) ? .token(event.data) : nil
      case RunEvent.nodeStarted, RunEvent.nodeRetried, RunEvent.nodeFinished, RunEvent.nodeFailed, RunEvent.nodeCached,
        RunEvent.nodeHandled:
        return modes.contains(.tasks) ? .task(type: event.type, data: event.data) : nil
      default:
        guard modes.contains(.custom), !RunEvent.reserved.contains(event.type) else { return nil }
        return .custom(type: event.type, data: event.data)
      }
    }

    private mutating func step(_ event: RunEvent) async throws -> StreamItem.Content? {
      let number = event.data["step"]?.intValue ?? 0
      let revision = event.data["revision"]?.intValue
      if revision != nil { await waitUntilSaved(event) }
      var updates: [TaskUpdate]?
      if modes.contains(.updates) {
        updates = (event.data["tasks"]?.arrayValue ?? []).compactMap(TaskUpdate.init(json:))
        if let revision, updates?.count == 1 { try await complete(&updates, of: event.run, at: revision) }
      }
      var values: [String: JSONValue]?
      if modes.contains(.values), let revision { values = try await self.values(of: event.run, at: revision) }
      return .step(number: number, updates: updates, values: values)
    }

    /// Events of live runs are shown before they are saved, checkpoints are there only then.
    private func waitUntilSaved(_ event: RunEvent) async {
      while let live = source.live(event.run), await live.waitForSaving(of: event.sequence) {}
    }

    /// Adds what a task wrote that was alone in its superstep: all that changed.
    private func complete(_ updates: inout [TaskUpdate]?, of run: RunID, at revision: Int) async throws {
      let found = try await source.store.changes(of: run, after: revision - 1, through: revision).first
      for change in found?.changes ?? [] where updates?[0].writes[change.channel] == nil {
        switch change.operation {
        case .set(let value): updates?[0].writes[change.channel] = value
        case .append(let items), .merge(let items): updates?[0].writes[change.channel] = .array(items)
        case .clear: break
        }
      }
    }

    private mutating func values(of run: RunID, at revision: Int) async throws -> [String: JSONValue]? {
      if let known = states[run], known.revision <= revision {
        let entries = try await source.store.changes(of: run, after: known.revision, through: revision)
        // A claim moves the revision without a checkpoint; what is missing was dropped, and then the state is loaded.
        if let last = entries.last, last.revision == revision, entries.first?.isFirstAfter(known.revision) == true {
          var values = known.values
          for entry in entries { for change in entry.changes { change.apply(to: &values[change.channel]) } }
          states[run] = (revision, values)
          return values
        }
      }
      guard let saved = try await source.store.load(run, at: revision) else { return nil }
      states[run] = (revision, saved.values)
      return saved.values
    }
  }
}

extension CheckpointChanges {
  /// Whether no checkpoint can have been dropped between a revision and this one, a claim between them allowed for.
  fileprivate func isFirstAfter(_ revision: Int) -> Bool { self.revision <= revision + 1 }
}

extension RunEvent {
  /// The task and the event of its subgraph that this one passes on; nil for other events.
  var ofSubgraph: (task: String, event: RunEvent)? {
    guard type == Self.subgraph, let node = data["node"]?.stringValue, let run = data["run"]?.stringValue,
      let sequence = data["sequence"]?.intValue, let type = data["type"]?.stringValue, let inner = data["data"]
    else { return nil }
    let task = data["send"]?.intValue.map { "\(node)#\($0)" } ?? node
    return (task, RunEvent(run: RunID(run), sequence: sequence, type: type, data: inner, time: time))
  }
}

extension TaskUpdate {
  fileprivate init?(json: JSONValue) {
    guard let node = json["node"]?.stringValue else { return nil }
    self.init(
      node: node,
      send: json["send"]?.intValue,
      writes: json["writes"]?.objectValue ?? [:],
      overwritten: json["overwritten"]?.names ?? [],
      targets: json["goto"]?.names,
      sends: (json["sends"]?.objectValue ?? [:]).compactMapValues(\.intValue)
    )
  }
}

extension RunProgress {
  /// What the tasks of the superstep gave, for its event.
  ///
  /// A task that is alone in a superstep with a checkpoint of its own wrote all that changed there, so only its parts of
  /// reduced channels are told here, which the checkpoint does not show.
  func told(isWhole: Bool) -> JSONValue {
    let items = self.items
    let isWhole = isWhole || items.count > 1
    return .array(items.compactMap { item in pending[item.key].map { graph.told($0, of: item.key, isWhole) } })
  }
}

extension Graph {
  fileprivate func told(_ update: CheckedUpdate, of key: TaskKey, _ isWhole: Bool) -> JSONValue {
    var parts: [String: JSONValue] = ["node": .string(nodes[key.node].name)]
    if key.send >= 0 { parts["send"] = .int(key.send) }
    var writes: [String: JSONValue] = [:]
    for write in update.writes where isTold(table.channels[write.channel].kind, isWhole) {
      writes[table.channels[write.channel].name] = write.value
    }
    if !writes.isEmpty { parts["writes"] = .object(writes) }
    let overwritten = update.writes.filter(\.replaces).map { table.channels[$0.channel].name }
    if !overwritten.isEmpty { parts["overwritten"] = .names(overwritten) }
    if let goto = update.goto {
      parts["goto"] = .names(goto.isEmpty ? [GraphDefinition.end] : goto.map { nodes[$0].name })
    }
    if !update.sends.isEmpty {
      let counts = Dictionary(update.sends.map { (nodes[$0.node].name, 1) }, uniquingKeysWith: +)
      parts["sends"] = .object(counts.mapValues { .int($0) })
    }
    return .object(parts)
  }

  private func isTold(_ kind: Channel.Kind, _ isWhole: Bool) -> Bool {
    switch kind {
    case .untracked: false
    case .reduce: true
    default: isWhole
    }
  }
}

extension GraphRunner {
  /// A run in the wanted modes, those of its subgraphs included, from an event on.
  ///
  /// - Parameters:
  ///   - run: a run that goes on, here or elsewhere, or has ended.
  ///   - modes: what to show.
  ///   - sequence: the ``StreamItem/sequence`` after which to go on; 0 for all.
  /// - Returns: the items; they end with the run.
  public func stream(
    _ run: RunID,
    modes: Set<StreamMode> = Set(StreamMode.allCases),
    after sequence: Int = 0
  ) -> RunStream {
    RunStream(events: events(of: run, after: sequence), modes: modes)
  }
}

extension NodeContext {
  /// Tells readers a piece of a text in the making, for instance of a model's answer.
  public func emit(token: String) { emit(RunEvent.token, ["text": .string(token)]) }
}
