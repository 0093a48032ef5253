import CoachVocabulary
import FoundationEssentials

/// Finds what of a run may be executed before its superstep has come.
///
/// A run that goes ahead is the same as one that goes superstep by superstep: each task belongs to the superstep in which it
/// would run there, sees the channels it reads as they are before that superstep, and its update is merged when all of
/// that superstep are there. It may be executed as soon as it is certain that it will be, and that nobody who is not
/// done yet can still write what it reads. So results do not depend on who is fast.
///
/// A value type without clock, store or task.
struct AheadPlan {
  /// One execution of a node.
  struct Entry {
    /// How far it is.
    enum State {
      case ready
      case running
      case finished(CheckedUpdate)
      case failed(RunError)
      case paused
    }

    let input: JSONValue
    var state: State

    /// What it gave; nil when it is not done.
    var update: CheckedUpdate? { if case .finished(let update) = state { update } else { nil } }
    var error: RunError? { if case .failed(let error) = state { error } else { nil } }
    var isReady: Bool { if case .ready = state { true } else { false } }
  }

  /// What is known of one superstep that is not merged.
  struct Level {
    var entries: [TaskKey: Entry] = [:]
    /// Nodes whose targets are known and noted in the next level.
    var routed = NodeSet()
    /// Those of them that followed their edges, so that joins count them.
    var followed = NodeSet()
    /// Whether all sends of this level are known and noted in the next.
    var hasSent = false
    /// Values of channels after this level, where they cannot change any more.
    var values: [Int: Value] = [:]
    var questions: [Frontier.Question] = []
    var timers: [Frontier.Timer] = []
    var holds: [Frontier.Hold] = []

    func isDone(_ node: Int) -> Bool { entries.allSatisfy { $0.key.node != node || $0.value.update != nil } }
    func has(_ node: Int) -> Bool { entries.contains { $0.key.node == node } }
  }

  /// What a channel holds, which may be nothing.
  struct Value {
    let json: JSONValue?
  }

  /// A task that something may still come of.
  private struct Open {
    let node: Int
    let level: Int
    let isDone: Bool
  }

  /// Which nodes a join has seen, up to and with a level; -1 for what is merged.
  private struct Arrivals {
    var seen: NodeSet
    var level: Int
  }

  private let graph: Graph
  private let shape: AheadShape
  /// How many supersteps are merged.
  private(set) var step: Int
  /// The run as it is merged.
  private(set) var base: RunProgress
  /// The supersteps after those that are merged.
  private(set) var levels: [Level] = [Level()]
  private var joins: [Arrivals]
  private var open: [Open] = []

  init(_ shape: AheadShape, _ progress: RunProgress, step: Int) throws(CheckpointFailure) {
    graph = progress.graph
    self.shape = shape
    self.step = step
    base = progress
    joins = progress.arrivals.map { Arrivals(seen: $0, level: -1) }
    for item in progress.items {
      let state = progress.pending[item.key].map { Entry.State.finished($0) } ?? .ready
      levels[0].entries[item.key] = Entry(input: item.input, state: state)
    }
    for results in progress.ahead where results.step > step + 1 { try load(results) }
    base.ahead = []
  }

  private mutating func load(_ results: Frontier.StepResults) throws(CheckpointFailure) {
    let level = results.step - step - 1
    while levels.count <= level { levels.append(Level()) }
    levels[level].questions = results.questions
    levels[level].timers = results.timers
    levels[level].holds = results.holds
    for (key, update) in try RunProgress.checked(results.pending, in: graph) {
      levels[level].entries[key] = Entry(input: .null, state: .finished(update))
    }
  }

  // MARK: - What is known

  /// Notes what became of a task.
  mutating func note(_ state: Entry.State, of key: TaskKey, in step: Int) {
    let level = step - self.step - 1
    guard levels.indices.contains(level), levels[level].entries[key] != nil else { return }
    levels[level].entries[key]?.state = state
  }

  /// Draws all conclusions from what is known.
  mutating func conclude() {
    var isNew = true
    while isNew {
      isNew = false
      findOpen()
      for level in levels.indices {
        for node in Set(levels[level].entries.keys.map(\.node)).sorted() where !levels[level].routed.contains(node) {
          if route(node, at: level) { isNew = true }
        }
        if send(from: level) { isNew = true }
      }
      for join in joins.indices where settle(join) { isNew = true }
    }
  }

  private mutating func findOpen() {
    open = []
    for (number, level) in levels.enumerated() {
      for (key, entry) in level.entries {
        if let update = entry.update, level.routed.contains(key.node), update.sends.isEmpty || level.hasSent {
          continue
        }
        open.append(Open(node: key.node, level: number, isDone: entry.update != nil))
      }
    }
  }

  /// Whether a node may still turn out to run in a level.
  private func mayAppear(_ node: Int, at level: Int) -> Bool {
    open.contains { $0.level < level && shape.mayFollow(node, after: $0.node, within: level - $0.level) }
  }

  private func sendsAreKnown(at level: Int) -> Bool { level == 0 || levels[level - 1].hasSent }

  /// Whether it is certain which executions of a node a level has.
  private func isComplete(_ node: Int, at level: Int) -> Bool {
    guard !mayAppear(node, at: level) else { return false }
    return !shape.isSentTo.contains(node) || sendsAreKnown(at: level)
  }

  private mutating func route(_ node: Int, at level: Int) -> Bool {
    let updates = levels[level].entries.filter { $0.key.node == node }.compactMap(\.value.update)
    guard levels[level].isDone(node), !updates.isEmpty,
      // A node that is not sent to runs once a superstep, so nothing can be added to it.
      !shape.isSentTo.contains(node) || isComplete(node, at: level),
      // Error handlers and commands to a calling graph are left to the merging.
      updates.allSatisfy({ $0.failure == nil && $0.parent == nil })
    else { return false }
    let chosen = updates.compactMap(\.goto)
    if chosen.isEmpty {
      guard let targets = targets(of: graph.nodes[node].route, after: level) else { return false }
      levels[level].followed.insert(node)
      for target in targets { add(target, at: level + 1) }
    } else {
      for target in chosen.joined() { add(target, at: level + 1) }
    }
    levels[level].routed.insert(node)
    return true
  }

  /// Where the edges lead; nil when that is not certain yet, or is an error, which is left to the merging.
  private mutating func targets(of route: Route, after level: Int) -> [Int]? {
    guard !route.conditional.isEmpty else { return route.alwaysMembers }
    var slots = base.slots
    for channel in Set(route.conditional.flatMap(\.condition.channels)) {
      guard let value = value(of: channel, after: level) else { return nil }
      slots[channel] = value.json
    }
    var targets = route.alwaysMembers
    var anyHeld = false
    for branch in route.conditional {
      guard let holds = try? branch.condition.holds(in: slots) else { return nil }
      guard holds else { continue }
      anyHeld = true
      targets += branch.members
    }
    if anyHeld { return targets }
    guard route.otherwise != nil || route.hasUnconditional else { return nil }
    return targets + route.otherwiseMembers
  }

  private mutating func add(_ node: Int, at level: Int) {
    // A deferred node waits until nothing else is due, which only the merging can tell.
    guard !graph.nodes[node].options.isDeferred else { return }
    add(TaskKey(node: node, send: -1), .null, at: level)
  }

  private mutating func add(_ key: TaskKey, _ input: JSONValue, at level: Int) {
    while levels.count <= level { levels.append(Level()) }
    if levels[level].entries[key] == nil { levels[level].entries[key] = Entry(input: input, state: .ready) }
  }

  private mutating func send(from level: Int) -> Bool {
    guard !levels[level].hasSent else { return false }
    for sender in shape.senders {
      guard levels[level].isDone(sender), isComplete(sender, at: level) else { return false }
    }
    levels[level].hasSent = true
    let sends = levels[level].entries.sorted { $0.key < $1.key }.flatMap { $0.value.update?.sends ?? [] }
    for (number, send) in sends.enumerated() {
      add(TaskKey(node: send.node, send: number), send.input, at: level + 1)
    }
    return true
  }

  private mutating func settle(_ join: Int) -> Bool {
    let before = joins[join].level
    while case let level = joins[join].level + 1, levels.indices.contains(level) {
      let sources = graph.joins[join].sources.members
      for source in sources {
        guard isComplete(source, at: level), !levels[level].has(source) || levels[level].routed.contains(source) else {
          return joins[join].level > before
        }
      }
      for source in sources where levels[level].followed.contains(source) { joins[join].seen.insert(source) }
      joins[join].level = level
      if joins[join].seen.isSuperset(of: graph.joins[join].sources) {
        joins[join].seen = NodeSet()
        for target in graph.joins[join].targets.members { add(target, at: level + 1) }
      }
    }
    return joins[join].level > before
  }

  // MARK: - Values

  /// What a channel holds after a level; nil when somebody may still write it.
  private mutating func value(of channel: Int, after level: Int) -> Value? {
    if level < 0 { return Value(json: base.slots[channel]) }
    guard !isOpen(channel, upTo: level) else { return nil }
    var known = level
    while known >= 0, levels[known].values[channel] == nil { known -= 1 }
    var value = known < 0 ? Value(json: base.slots[channel]) : levels[known].values[channel]
    while known < level {
      known += 1
      guard let before = value, let after = base.value(of: channel, from: before.json, after: updates(of: known)) else {
        // Two writes that clash fail the run when they are merged.
        return nil
      }
      value = after
      levels[known].values[channel] = after
    }
    return value
  }

  private func isOpen(_ channel: Int, upTo level: Int) -> Bool {
    let writers = shape.writers[channel]
    return open.contains { task in
      guard task.level <= level else { return false }
      if !task.isDone, writers.contains(task.node) { return true }
      return writers.contains { shape.mayFollow($0, after: task.node, within: level - task.level) }
    }
  }

  private func updates(of level: Int) -> [(node: Int?, update: CheckedUpdate)] {
    levels[level].entries.sorted { $0.key < $1.key }.compactMap { key, entry in entry.update.map { (key.node, $0) } }
  }

  // MARK: - Starting

  /// The tasks that may be executed now, the earliest superstep first.
  ///
  /// After a failure only those are that would have been executed without running ahead.
  mutating func startable(within limit: Int) -> [(step: Int, item: WorkItem)] {
    let failed = levels.firstIndex { $0.entries.values.contains { $0.error != nil } } ?? .max
    var found: [(step: Int, item: WorkItem)] = []
    for level in levels.indices where level <= failed && step + 1 + level <= limit {
      for (key, entry) in levels[level].entries.sorted(by: { $0.key < $1.key }) where entry.isReady {
        guard mayStart(key, at: level) else { continue }
        found.append((step + 1 + level, WorkItem(key: key, input: entry.input)))
      }
    }
    return found
  }

  private mutating func mayStart(_ key: TaskKey, at level: Int) -> Bool {
    guard level > 0 else { return true }
    // Its failures are known when they are merged; and a node's executions keep their order.
    guard !shape.handlers.contains(key.node),
      !open.contains(where: { $0.node == key.node && $0.level < level && !$0.isDone })
    else { return false }
    for channel in shape.reads[key.node].members where value(of: channel, after: level - 1) == nil { return false }
    return true
  }

  /// What a task that may start sees: the channels it reads.
  mutating func snapshot(for key: TaskKey, in step: Int) -> StateSnapshot {
    let level = step - self.step - 1
    let reads = shape.reads[key.node]
    var slots: [JSONValue?] = Array(repeating: JSONValue?.none, count: base.slots.count)
    for channel in reads.members { slots[channel] = value(of: channel, after: level - 1)?.json }
    return StateSnapshot(table: graph.table, slots: slots, readable: reads)
  }

  // MARK: - Merging

  /// Whether all tasks of the next superstep are done.
  var isStepDone: Bool { !base.isIdle && levels[0].entries.values.allSatisfy { $0.update != nil } }

  /// Merges the next superstep.
  ///
  /// - Returns: what changed, and what its tasks gave, for its event.
  mutating func merge() throws(RunError) -> (changes: [ChannelChange], told: JSONValue) {
    base.pending = finished(at: 0)
    let told = base.told(isWhole: true)
    let changes = try base.advance()
    step += 1
    levels.removeFirst()
    if levels.isEmpty || base.isIdle { levels = [Level()] }
    for item in base.items { add(item.key, item.input, at: 0) }
    base.questions = levels[0].questions
    base.timers = levels[0].timers
    base.holds = levels[0].holds
    for join in joins.indices {
      joins[join] =
        joins[join].level < 0
        ? Arrivals(seen: base.arrivals[join], level: -1)
        : Arrivals(seen: joins[join].seen, level: joins[join].level - 1)
    }
    return (changes, told)
  }

  /// Drops what the tasks of the next superstep gave, since it cannot be merged, and all that followed from it.
  mutating func dropStep() {
    base.pending = [:]
    levels = [Level()]
    for item in base.items { add(item.key, item.input, at: 0) }
  }

  private func finished(at level: Int) -> [TaskKey: CheckedUpdate] { levels[level].entries.compactMapValues(\.update) }

  /// The run with everything that tasks gave which is not merged, as it is saved.
  var progress: RunProgress {
    var progress = base
    progress.pending = finished(at: 0)
    progress.ahead = levels.indices.dropFirst().compactMap { level in
      let pending = finished(at: level).sorted { $0.key < $1.key }.map { graph.saved($0.value, of: $0.key) }
      let results = Frontier.StepResults(
        step: step + 1 + level,
        pending: pending,
        questions: levels[level].questions,
        timers: levels[level].timers,
        holds: levels[level].holds
      )
      return results == Frontier.StepResults(step: results.step) ? nil : results
    }
    return progress
  }

  /// What is waited for in a superstep; that of the next one is part of the merged state.
  func waits(in step: Int) -> (questions: [Frontier.Question], timers: [Frontier.Timer], holds: [Frontier.Hold]) {
    let level = step - self.step - 1
    return level == 0
      ? (base.questions, base.timers, base.holds)
      : (levels[level].questions, levels[level].timers, levels[level].holds)
  }

  /// Changes the waits of a superstep.
  mutating func changeWaits(
    in step: Int,
    _ change: (inout [Frontier.Question], inout [Frontier.Timer], inout [Frontier.Hold]) -> Void
  ) {
    let level = step - self.step - 1
    guard levels.indices.contains(level) else { return }
    if level == 0 {
      change(&base.questions, &base.timers, &base.holds)
    } else {
      var changed = levels[level]
      change(&changed.questions, &changed.timers, &changed.holds)
      levels[level] = changed
    }
  }
}
