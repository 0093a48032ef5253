import CoachVocabulary

/// The state of a run between supersteps, and the rules by which it moves; no clock, no store, no task.
struct RunProgress: Sendable {
  let graph: Graph
  private(set) var slots: [JSONValue?]
  /// The nodes of the next superstep.
  private(set) var due = NodeSet()
  /// Which nodes each join has seen.
  private(set) var arrivals: [NodeSet]
  /// Writes of nodes that finished while siblings did not.
  var pending: [Int: StateUpdate] = [:]
  /// Ephemeral channels that hold a value.
  private var shortLived: [Int] = []

  /// A fresh run before its input.
  init(_ graph: Graph) {
    self.graph = graph
    slots = graph.table.initialSlots
    arrivals = Array(repeating: NodeSet(), count: graph.joins.count)
  }

  /// A saved run.
  init(_ graph: Graph, values: [String: JSONValue], frontier: Frontier) throws(CheckpointFailure) {
    self.init(graph)
    for (name, value) in values {
      guard let index = graph.table.index[name], let fitting = graph.table.channels[index].normalised(value) else {
        throw .damaged("channel '\(name)' does not fit the graph")
      }
      slots[index] = fitting
      if graph.table.channels[index].kind == .ephemeral { shortLived.append(index) }
    }
    due = NodeSet(try Self.indexes(of: frontier.due, in: graph))
    guard frontier.arrivals.count == graph.joins.count else { throw .damaged("joins do not fit the graph") }
    for (join, names) in frontier.arrivals.enumerated() {
      arrivals[join] = NodeSet(try Self.indexes(of: names, in: graph))
    }
    for entry in frontier.pending {
      for node in try Self.indexes(of: [entry.node], in: graph) { pending[node] = StateUpdate(entry.writes) }
    }
  }

  private static func indexes(of names: [String], in graph: Graph) throws(CheckpointFailure) -> [Int] {
    var indexes: [Int] = []
    for name in names {
      guard let index = graph.nodeIndex[name] else { throw .damaged("the graph has no node '\(name)'") }
      indexes.append(index)
    }
    return indexes
  }

  /// What nodes of the next superstep see.
  var snapshot: StateSnapshot { StateSnapshot(table: graph.table, slots: slots) }

  /// The nodes that have to be executed next, in the order of declaration.
  var tasks: [Int] { due.members.filter { pending[$0] == nil } }

  /// The form in which what is next is saved; untracked values are left out.
  var frontier: Frontier {
    let pending = pending.sorted { $0.key < $1.key }.map { node, update -> Frontier.Pending in
      let writes = update.writes.filter { name, _ in
        graph.table.index[name].map { graph.table.channels[$0].kind != .untracked } ?? false
      }
      return Frontier.Pending(node: graph.nodes[node].name, writes: writes)
    }
    return Frontier(due: names(due), arrivals: arrivals.map { names($0) }, pending: pending)
  }

  private func names(_ set: NodeSet) -> [String] { set.members.map { graph.nodes[$0].name } }

  // MARK: - Checking

  /// The update with every value in its channel's form.
  func checked(_ update: StateUpdate) throws(RunError) -> StateUpdate {
    var result = StateUpdate([:], note: update.note)
    for (name, value) in update.writes {
      guard let index = graph.table.index[name] else {
        throw RunError(.undeclaredKey, "wrote '\(name)', which is not declared under 'state'")
      }
      let channel = graph.table.channels[index]
      guard let fitting = channel.normalised(value) else {
        throw RunError(.typeClash, "wrote \(value.kindName) to channel '\(name)', which holds \(channel.expectation)")
      }
      result.set(name, fitting)
    }
    return result
  }

  // MARK: - Moving

  /// Applies the input and finds the first nodes.
  mutating func begin(with input: StateUpdate) throws(RunError) -> [ChannelChange] {
    let update = try checked(input)
    let changes = try merge([(GraphDefinition.start, update)])
    try follow(graph.entry, from: GraphDefinition.start)
    return startingLists + changes
  }

  /// Lists that do not start empty, which have to be saved since later changes only add to them.
  private var startingLists: [ChannelChange] {
    graph.table.channels.compactMap { channel in
      guard channel.kind == .append, let initial = channel.initialValue, initial != .array([]) else { return nil }
      return ChannelChange(channel.name, .set(initial))
    }
  }

  /// Merges the pending writes of all due nodes, in the order of declaration, and finds the next nodes; unchanged when
  /// it throws.
  mutating func advance() throws(RunError) -> [ChannelChange] {
    var after = self
    let nodes = due.members
    after.due = NodeSet()
    after.pending = [:]
    let changes = try after.merge(nodes.map { (graph.nodes[$0].name, pending[$0] ?? StateUpdate()) })
    for node in nodes { try after.follow(graph.nodes[node].route, from: graph.nodes[node].name, index: node) }
    after.releaseJoins()
    self = after
    return changes
  }

  /// Why a run with nothing due has not come to its end, if it has not.
  var stall: RunError? {
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

  private mutating func merge(_ updates: [(node: String, update: StateUpdate)]) throws(RunError) -> [ChannelChange] {
    var writers: [Int: String] = [:]
    var appended: [Int: [JSONValue]] = [:]
    let expired = shortLived
    shortLived = []
    for index in expired { slots[index] = graph.table.channels[index].initialValue }
    for (node, update) in updates {
      for (name, value) in update.writes {
        guard let index = graph.table.index[name] else { continue }
        let channel = graph.table.channels[index]
        if let other = writers[index], channel.takesOneWrite {
          let message =
            "'\(other)' and '\(node)' both wrote channel '\(name)', which takes one write a superstep; "
            + "declare it with append or reduce, or let one of them write"
          throw RunError(.writeConflict, message, node: node)
        }
        writers[index] = node
        if channel.kind == .append { appended[index, default: []] += value.arrayValue ?? [] }
        slots[index] = channel.combined(slots[index], with: value)
      }
    }
    return changes(written: writers.keys.sorted(), appended: appended, expired: expired)
  }

  private mutating func changes(
    written: [Int],
    appended: [Int: [JSONValue]],
    expired: [Int]
  ) -> [ChannelChange] {
    var changes: [ChannelChange] = []
    for index in expired where !written.contains(index) {
      changes.append(ChannelChange(graph.table.channels[index].name, .clear))
    }
    for index in written {
      let channel = graph.table.channels[index]
      switch channel.kind {
      case .untracked: continue
      case .append: changes.append(ChannelChange(channel.name, .append(appended[index] ?? [])))
      case .ephemeral:
        shortLived.append(index)
        fallthrough
      case .last, .reduce: changes.append(ChannelChange(channel.name, .set(slots[index] ?? .null)))
      }
    }
    return changes
  }

  private mutating func follow(_ route: Route, from name: String, index: Int? = nil) throws(RunError) {
    due.formUnion(route.always)
    if let index { for join in route.joins { arrivals[join].insert(index) } }
    guard !route.conditional.isEmpty else { return }
    var anyHeld = false
    for branch in route.conditional {
      do {
        guard try branch.condition.holds(in: slots) else { continue }
      } catch {
        throw RunError(.conditionFailed, "the condition '\(branch.text)' \(error.message)", node: name)
      }
      anyHeld = true
      due.formUnion(branch.targets)
    }
    if anyHeld { return }
    if let otherwise = route.otherwise {
      due.formUnion(otherwise)
    } else if !route.hasUnconditional {
      let conditions = route.conditional.map { "'\($0.text)'" }.joined(separator: ", ")
      let message = "none of its conditions held (\(conditions)); add an edge with 'when: otherwise'"
      throw RunError(.noEdgeHeld, message, node: name)
    }
  }

  private mutating func releaseJoins() {
    for (index, join) in graph.joins.enumerated() where arrivals[index].isSuperset(of: join.sources) {
      due.formUnion(join.targets)
      arrivals[index] = NodeSet()
    }
  }
}
