import CoachVocabulary

/// One execution of a node: one that an edge led to, or one that was sent for.
struct TaskKey: Hashable, Comparable, Sendable {
  let node: Int
  /// The place among the sends of the superstep, or -1.
  let send: Int

  static func < (left: TaskKey, right: TaskKey) -> Bool {
    left.node != right.node ? left.node < right.node : left.send < right.send
  }
}

/// An execution that is due, with the input of its send.
struct WorkItem: Sendable {
  let key: TaskKey
  let input: JSONValue
}

/// An update whose names have become indexes and whose values have their channel's form.
struct CheckedUpdate: Sendable {
  struct Write: Sendable {
    let channel: Int
    let value: JSONValue
    let replaces: Bool
  }

  var writes: [Write] = []
  var note: String?
  /// The nodes to go to in place of the edges; nil for along the edges.
  var goto: [Int]?
  var sends: [(node: Int, input: JSONValue)] = []
  var parent: StateUpdate.ParentCommand?
  /// The error that takes the run to the node's error handler.
  var failure: RunError?
}

/// The state of a run between supersteps, and the rules by which it moves; no clock, no store, no task.
struct RunProgress: Sendable {
  let graph: Graph
  private(set) var slots: [JSONValue?]
  /// The nodes of the next superstep that edges lead to, ascending.
  private(set) var due: [Int] = []
  /// The sends of the next superstep.
  private(set) var sends: [(node: Int, input: JSONValue)] = []
  /// Deferred nodes that wait until nothing else is due, ascending.
  private var held: [Int] = []
  /// Which nodes each join has seen.
  private(set) var arrivals: [NodeSet]
  /// Updates of tasks that finished while siblings did not.
  var pending: [TaskKey: CheckedUpdate] = [:]
  /// Questions and timers of the next superstep.
  var questions: [Frontier.Question] = []
  var timers: [Frontier.Timer] = []
  private(set) var failures: [(handler: Int, error: RunError)] = []
  /// Tasks of the next superstep whose subgraphs stand at breakpoints.
  var holds: [Frontier.Hold] = []
  var isAtBreakpoint = false
  /// How many supersteps were merged when the step limit began to count.
  var countedFrom = 0
  /// What nodes gave that ran ahead.
  var ahead: [Frontier.StepResults] = []
  private(set) var parent: StateUpdate.ParentCommand?
  /// Whether it began with the state of another run.
  private var isHeir = false
  /// Ephemeral channels that hold a value.
  private var shortLived: [Int] = []

  /// The most sends of one superstep.
  static let mostSends = 100_000

  /// A fresh run before its input.
  init(_ graph: Graph) {
    self.graph = graph
    slots = graph.table.initialSlots
    arrivals = Array(repeating: NodeSet(), count: graph.joins.count)
  }

  /// What nodes of the next superstep see.
  var snapshot: StateSnapshot { StateSnapshot(table: graph.table, slots: slots) }

  /// Whether nothing is due.
  var isIdle: Bool { due.isEmpty && sends.isEmpty && held.isEmpty }

  /// Every execution of the next superstep in the order in which results merge.
  var items: [WorkItem] {
    if sends.isEmpty { return due.map { WorkItem(key: TaskKey(node: $0, send: -1), input: .null) } }
    let sent = sends.enumerated().map { WorkItem(key: TaskKey(node: $1.node, send: $0), input: $1.input) }
    let all = due.map { WorkItem(key: TaskKey(node: $0, send: -1), input: .null) } + sent
    return all.sorted { $0.key < $1.key }
  }

  /// The executions that have no result yet, in the order in which results merge.
  var unfinished: [WorkItem] { pending.isEmpty ? items : items.filter { pending[$0.key] == nil } }

  /// The errors an error handler is to deal with.
  func errors(for handler: Int) -> [RunError] {
    failures.isEmpty ? [] : failures.filter { $0.handler == handler }.map(\.error)
  }
}

// MARK: - Checking

extension RunProgress {
  /// The update with every value in its channel's form and every name an index.
  ///
  /// The node is needed for its targets; an input or an edit has none. The ids of new messages begin with the prefix.
  static func check(
    _ update: StateUpdate,
    in graph: Graph,
    of node: CompiledNode?,
    prefix: @autoclosure () -> String
  ) throws(RunError) -> CheckedUpdate {
    var result = CheckedUpdate()
    result.note = update.note
    result.parent = update.parent
    result.writes.reserveCapacity(update.writes.count)
    for (name, value) in update.writes {
      guard let index = graph.table.index[name] else {
        throw RunError(.undeclaredKey, "wrote '\(name)', which is not declared under 'state'")
      }
      let fitting = try fitted(value, to: graph.table.channels[index], prefix: prefix)
      let replaces = !update.overwritten.isEmpty && update.overwritten.contains(name)
      result.writes.append(CheckedUpdate.Write(channel: index, value: fitting, replaces: replaces))
    }
    // A dictionary has no order, and merging must have one.
    if result.writes.count > 1 { result.writes.sort { $0.channel < $1.channel } }
    if let targets = update.targets { result.goto = try indexes(of: targets, in: graph, from: node) }
    for send in update.sends {
      guard let target = graph.nodeIndex[send.node], node?.send.contains(target) == true else {
        throw RunError(
          .unknownTarget,
          graph.nodeIndex[send.node] == nil
            ? "sent to '\(send.node)', which is no node of this graph"
            : "sent to '\(send.node)', which is not declared under its 'send'"
        )
      }
      result.sends.append((target, send.input))
    }
    return result
  }

  private static func fitted(
    _ value: JSONValue,
    to channel: Channel,
    prefix: () -> String
  ) throws(RunError) -> JSONValue {
    guard let fitting = channel.normalised(value) else {
      throw RunError(
        .typeClash,
        "wrote \(value.kindName) to channel '\(channel.name)', which holds \(channel.expectation)"
      )
    }
    guard channel.kind == .messages, let items = fitting.arrayValue else { return fitting }
    do {
      return .array(try Messages.identified(items, prefix: "\(prefix())/\(channel.name)"))
    } catch {
      throw RunError(.typeClash, "wrote a list to channel '\(channel.name)' that \(error.message)")
    }
  }

  private static func indexes(
    of targets: [String],
    in graph: Graph,
    from node: CompiledNode?
  ) throws(RunError) -> [Int] {
    var result: [Int] = []
    for name in targets {
      if name == GraphDefinition.end, node?.mayEnd == true { continue }
      guard let index = graph.nodeIndex[name], node?.goto.contains(index) == true else {
        throw RunError(
          .unknownTarget,
          graph.nodeIndex[name] == nil && name != GraphDefinition.end
            ? "went to '\(name)', which is no node of this graph"
            : "went to '\(name)', which is not declared under its 'goto'"
        )
      }
      result.append(index)
    }
    return result
  }
}

// MARK: - Moving

extension RunProgress {
  /// Applies the input and finds the first nodes.
  mutating func begin(with input: StateUpdate, run: String = "") throws(RunError) -> [ChannelChange] {
    let update = try Self.check(input, in: graph, of: nil, prefix: "\(run)/input")
    let changes = try merge([(nil, update)])
    var next: [Int] = []
    try follow(graph.entry, from: GraphDefinition.start, into: &next)
    settle(next)
    return (isHeir ? [] : startingLists) + changes
  }

  /// Takes over the state of another run before the input.
  mutating func inherit(_ values: [String: JSONValue]) throws(CheckpointFailure) {
    try load(values)
    isHeir = true
  }

  mutating func load(_ values: [String: JSONValue]) throws(CheckpointFailure) {
    for (name, value) in values {
      guard let index = graph.table.index[name], let fitting = graph.table.channels[index].normalised(value) else {
        throw .damaged("channel '\(name)' does not fit the graph")
      }
      slots[index] = fitting
      if graph.table.channels[index].kind == .ephemeral { shortLived.append(index) }
    }
  }

  /// Lists that do not start empty, which have to be saved since later changes only add to them.
  private var startingLists: [ChannelChange] {
    graph.table.channels.compactMap { channel in
      guard channel.kind == .append || channel.kind == .messages, let initial = channel.initialValue,
        initial != .array([])
      else { return nil }
      return ChannelChange(channel.name, .set(initial))
    }
  }

  /// Changes the state between two supersteps; what is next and what finished siblings gave stay as they are.
  mutating func edit(_ update: CheckedUpdate) throws(RunError) -> [ChannelChange] {
    let before = shortLived
    shortLived = []
    // What ran ahead has seen the state as it was.
    ahead = []
    let changes = try merge([(nil, update)])
    shortLived = Array(Set(before + shortLived)).sorted()
    return changes
  }

  /// Merges the updates of all tasks of the superstep, in the order of declaration and then of sending, and finds the
  /// next tasks; unchanged when it throws.
  mutating func advance() throws(RunError) -> [ChannelChange] {
    var after = self
    let changes: [ChannelChange]
    if due.count == 1, sends.isEmpty {
      changes = try after.step([(due[0], pending[TaskKey(node: due[0], send: -1)] ?? CheckedUpdate())])
    } else {
      changes = try after.step(items.map { ($0.key.node, pending[$0.key] ?? CheckedUpdate()) })
    }
    self = after
    return changes
  }

  private mutating func step(_ updates: [(node: Int?, update: CheckedUpdate)]) throws(RunError) -> [ChannelChange] {
    due = []
    sends = []
    pending = [:]
    questions = []
    timers = []
    holds = []
    failures = []
    isAtBreakpoint = false
    let changes = try merge(updates)
    var next: [Int] = []
    var touched: [Int] = []
    // All tasks of a node follow its edges once; it goes elsewhere if any of them says so.
    var last = -1
    for (index, entry) in updates.enumerated() {
      guard let node = entry.node else { continue }
      take(entry.update, of: node, into: &next)
      let isLast = index + 1 == updates.count || updates[index + 1].node != node
      if entry.update.goto != nil || entry.update.failure != nil { last = node }
      guard isLast else { continue }
      if last != node {
        try follow(graph.nodes[node].route, from: graph.nodes[node].name, into: &next)
        for join in graph.nodes[node].route.joins {
          arrivals[join].insert(node)
          touched.append(join)
        }
      }
    }
    for join in touched where arrivals[join].isSuperset(of: graph.joins[join].sources) {
      next += graph.joins[join].targets.members
      arrivals[join] = NodeSet()
    }
    guard sends.count <= Self.mostSends else {
      throw RunError(.unknownTarget, "sent \(sends.count) times in one superstep, more than \(Self.mostSends)")
    }
    settle(next)
    return changes
  }

  private mutating func take(_ update: CheckedUpdate, of node: Int, into next: inout [Int]) {
    if let targets = update.goto { next += targets }
    sends += update.sends
    if let command = update.parent {
      parent = StateUpdate.ParentCommand(
        writes: (parent?.writes ?? [:]).merging(command.writes) { $1 },
        goto: command.targets ?? parent?.targets
      )
    }
    if let error = update.failure, let handler = graph.nodes[node].errorHandler {
      failures.append((handler, error))
      next.append(handler)
    }
  }

  /// Makes the found nodes due, in order and once each; deferred ones are held back while others are due.
  private mutating func settle(_ next: [Int]) {
    if parent != nil {
      (due, sends, held) = ([], [], [])
      return
    }
    due = next.count > 1 ? Array(Set(next)).sorted() : next
    guard graph.hasDeferred else { return }
    held = Array(Set(held + due.filter { graph.nodes[$0].options.isDeferred })).sorted()
    due.removeAll { graph.nodes[$0].options.isDeferred }
    if due.isEmpty, sends.isEmpty { (due, held) = (held, []) }
  }

  /// Why a run with nothing due has not come to its end, if it has not.
  var stall: RunError? {
    guard parent == nil else { return nil }
    for (join, seen) in zip(graph.joins, arrivals) where !seen.isEmpty {
      let missing = names(join.sources).filter { !names(seen).contains($0) }.joined(separator: ", ")
      let target = names(join.targets).joined(separator: ", ")
      let message =
        "the join to '\(target)' waits for \(missing), but nothing is due any more; "
        + "let every path lead to all of the join's nodes"
      return RunError(.stalledJoin, message)
    }
    return nil
  }

  private func names(_ set: NodeSet) -> [String] { set.members.map { graph.nodes[$0].name } }

  private mutating func follow(_ route: Route, from name: String, into next: inout [Int]) throws(RunError) {
    next += route.alwaysMembers
    guard !route.conditional.isEmpty else { return }
    var anyHeld = false
    for branch in route.conditional {
      do {
        guard try branch.condition.holds(in: slots) else { continue }
      } catch {
        throw RunError(.conditionFailed, "the condition '\(branch.text)' \(error.message)", node: name)
      }
      anyHeld = true
      next += branch.members
    }
    if anyHeld { return }
    if route.otherwise != nil {
      next += route.otherwiseMembers
    } else if !route.hasUnconditional {
      let conditions = route.conditional.map { "'\($0.text)'" }.joined(separator: ", ")
      let message = "none of its conditions held (\(conditions)); add an edge with 'when: otherwise'"
      throw RunError(.noEdgeHeld, message, node: name)
    }
  }
}

// MARK: - Merging

extension RunProgress {
  /// What a superstep does to one channel.
  private struct Tally {
    var firstWriter: Int?
    var replacer: Int?
    var items: [JSONValue] = []
  }

  private mutating func merge(
    _ updates: [(node: Int?, update: CheckedUpdate)]
  ) throws(RunError) -> [ChannelChange] {
    var tallies: [Int: Tally] = [:]
    let expired = shortLived
    shortLived = []
    for index in expired { slots[index] = graph.table.channels[index].initialValue }
    for (node, update) in updates {
      for write in update.writes where write.replaces { try replace(write, by: node, &tallies) }
    }
    for (node, update) in updates {
      for write in update.writes where !write.replaces { try combine(write, by: node, &tallies) }
    }
    return try changes(tallies, expired: expired)
  }

  /// What one channel holds after a superstep with these updates; nil when they clash.
  func value(
    of channel: Int,
    from before: JSONValue?,
    after updates: [(node: Int?, update: CheckedUpdate)]
  ) -> AheadPlan.Value? {
    let own = updates.compactMap { node, update -> (node: Int?, update: CheckedUpdate)? in
      let writes = update.writes.filter { $0.channel == channel }
      return writes.isEmpty ? nil : (node, CheckedUpdate(writes: writes))
    }
    let isShortLived = graph.table.channels[channel].kind == .ephemeral
    if own.isEmpty, !isShortLived { return AheadPlan.Value(json: before) }
    var scratch = self
    scratch.slots[channel] = before
    scratch.shortLived = isShortLived ? [channel] : []
    do throws(RunError) { _ = try scratch.merge(own) } catch { return nil }
    return AheadPlan.Value(json: scratch.slots[channel])
  }

  private func name(_ node: Int?) -> String { node.map { graph.nodes[$0].name } ?? GraphDefinition.start }

  private mutating func replace(
    _ write: CheckedUpdate.Write,
    by node: Int?,
    _ tallies: inout [Int: Tally]
  ) throws(RunError) {
    if let other = tallies[write.channel]?.replacer { throw conflict(other, node ?? -1, write.channel) }
    tallies[write.channel] = Tally(firstWriter: node ?? -1, replacer: node ?? -1)
    let channel = graph.table.channels[write.channel]
    if channel.kind == .messages {
      slots[write.channel] = .array(try merged([], write.value.arrayValue ?? [], channel))
    } else {
      slots[write.channel] = write.value
    }
  }

  private mutating func combine(
    _ write: CheckedUpdate.Write,
    by node: Int?,
    _ tallies: inout [Int: Tally]
  ) throws(RunError) {
    let channel = graph.table.channels[write.channel]
    if let other = tallies[write.channel]?.firstWriter, channel.takesOneWrite {
      throw conflict(other, node ?? -1, write.channel)
    }
    if tallies[write.channel] == nil { tallies[write.channel] = Tally(firstWriter: node ?? -1) }
    switch channel.kind {
    case .append, .messages: tallies[write.channel]?.items += write.value.arrayValue ?? []
    default: slots[write.channel] = channel.combined(slots[write.channel], with: write.value)
    }
  }

  private func conflict(_ first: Int, _ second: Int, _ index: Int) -> RunError {
    let names = (name(first < 0 ? nil : first), name(second < 0 ? nil : second))
    return RunError(
      .writeConflict,
      "'\(names.0)' and '\(names.1)' both wrote channel '\(graph.table.channels[index].name)', which takes one write a "
        + "superstep; declare it with append or reduce, or let one of them write",
      node: names.1
    )
  }

  private func merged(_ list: [JSONValue], _ items: [JSONValue], _ channel: Channel) throws(RunError) -> [JSONValue] {
    do {
      return try Messages.merged(list, with: items)
    } catch {
      throw RunError(.writeConflict, "what was written to channel '\(channel.name)' \(error.message)")
    }
  }

  private mutating func changes(_ tallies: [Int: Tally], expired: [Int]) throws(RunError) -> [ChannelChange] {
    var changes: [ChannelChange] = []
    for index in expired where tallies[index] == nil {
      changes.append(ChannelChange(graph.table.channels[index].name, .clear))
    }
    for (index, tally) in tallies.count > 1 ? tallies.sorted(by: { $0.key < $1.key }) : Array(tallies) {
      let channel = graph.table.channels[index]
      let isReplaced = tally.replacer != nil
      switch channel.kind {
      case .untracked: continue
      case .append:
        var list = slots[index]?.arrayValue ?? []
        list += tally.items
        slots[index] = .array(list)
        changes.append(ChannelChange(channel.name, isReplaced ? .set(.array(list)) : .append(tally.items)))
      case .messages:
        let list = try merged(slots[index]?.arrayValue ?? [], tally.items, channel)
        slots[index] = .array(list)
        changes.append(ChannelChange(channel.name, isReplaced ? .set(.array(list)) : .merge(tally.items)))
      case .ephemeral:
        shortLived.append(index)
        fallthrough
      case .last, .reduce: changes.append(ChannelChange(channel.name, .set(slots[index] ?? .null)))
      }
    }
    return changes
  }
}

// MARK: - Saving

extension RunProgress {
  /// A saved run.
  init(_ graph: Graph, values: [String: JSONValue], frontier: Frontier) throws(CheckpointFailure) {
    self.init(graph)
    try load(values)
    due = try Self.indexes(of: frontier.due, in: graph).sorted()
    held = try Self.indexes(of: frontier.held, in: graph).sorted()
    for send in frontier.sends { sends.append((try Self.index(of: send.node, in: graph), send.input)) }
    for arrival in frontier.arrivals {
      guard let join = graph.joins.firstIndex(where: { $0.name == arrival.join }) else {
        throw .damaged("the graph has no join '\(arrival.join)'")
      }
      arrivals[join] = NodeSet(try Self.indexes(of: arrival.nodes, in: graph))
    }
    pending = try Self.checked(frontier.pending, in: graph)
    ahead = frontier.ahead
    questions = frontier.questions
    timers = frontier.timers
    for entry in frontier.failures { failures.append((try Self.index(of: entry.handler, in: graph), entry.error)) }
    holds = frontier.holds
    isAtBreakpoint = frontier.isAtBreakpoint
    countedFrom = frontier.countedFrom
    parent = frontier.parent
  }

  /// Saved updates in the form in which they are merged.
  static func checked(
    _ saved: [Frontier.Pending],
    in graph: Graph
  ) throws(CheckpointFailure) -> [TaskKey: CheckedUpdate] {
    var updates: [TaskKey: CheckedUpdate] = [:]
    for entry in saved {
      let key = TaskKey(node: try index(of: entry.node, in: graph), send: entry.send ?? -1)
      do {
        var update = try check(entry.update, in: graph, of: graph.nodes[key.node], prefix: "")
        update.failure = entry.failure
        updates[key] = update
      } catch {
        throw .damaged("a pending update does not fit the graph: node '\(entry.node)' \(error.message)")
      }
    }
    return updates
  }

  private static func index(of name: String, in graph: Graph) throws(CheckpointFailure) -> Int {
    guard let index = graph.nodeIndex[name] else { throw .damaged("the graph has no node '\(name)'") }
    return index
  }

  private static func indexes(of names: [String], in graph: Graph) throws(CheckpointFailure) -> [Int] {
    var indexes: [Int] = []
    for name in names { indexes.append(try index(of: name, in: graph)) }
    return indexes
  }

  /// The form in which what is next is saved; untracked values are left out.
  var frontier: Frontier {
    Frontier(
      due: due.map { graph.nodes[$0].name },
      sends: sends.map { Frontier.Send(node: graph.nodes[$0.node].name, input: $0.input) },
      held: held.map { graph.nodes[$0].name },
      arrivals: savedArrivals,
      pending: saved(pending),
      questions: questions,
      timers: timers,
      failures: failures.map { Frontier.Failure(handler: graph.nodes[$0.handler].name, error: $0.error) },
      isAtBreakpoint: isAtBreakpoint,
      parent: parent,
      ahead: ahead,
      holds: holds,
      countedFrom: countedFrom
    )
  }

  private var savedArrivals: [Frontier.Arrival] {
    if graph.joins.isEmpty { return [] }
    return zip(graph.joins, arrivals).compactMap { join, seen in
      seen.isEmpty ? nil : Frontier.Arrival(join: join.name, nodes: names(seen))
    }
  }

  private func saved(_ updates: [TaskKey: CheckedUpdate]) -> [Frontier.Pending] {
    if updates.isEmpty { return [] }
    return updates.sorted { $0.key < $1.key }.map { key, update in graph.saved(update, of: key) }
  }
}

extension Graph {
  /// What a task gave, with names again.
  func saved(_ update: CheckedUpdate, of key: TaskKey) -> Frontier.Pending {
    Frontier.Pending(
      node: nodes[key.node].name,
      send: key.send < 0 ? nil : key.send,
      update: saved(update),
      failure: update.failure
    )
  }

  /// The update with names again, without untracked values.
  func saved(_ update: CheckedUpdate) -> StateUpdate {
    var result = StateUpdate()
    for write in update.writes where table.channels[write.channel].kind != .untracked {
      let name = table.channels[write.channel].name
      if write.replaces { result.overwrite(name, write.value) } else { result.set(name, write.value) }
    }
    if let goto = update.goto {
      if goto.isEmpty { result.goto(GraphDefinition.end) }
      for target in goto { result.goto(nodes[target].name) }
    }
    for send in update.sends { result.send(nodes[send.node].name, send.input) }
    result.parent = update.parent
    return result
  }
}
