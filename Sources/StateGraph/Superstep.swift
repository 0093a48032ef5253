import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials

/// Executes the tasks of one superstep side by side, within the limits of the run and of each node.
struct Superstep: Sendable {
  let executions: [NodeExecution]
  let most: Int
  let cache: any NodeCache
  let clock: WallClock
  /// Takes what tasks give while their siblings are at work; nil when that needs no saving.
  var saves: SiblingSaves?

  /// The results in the order of the executions.
  func perform() async -> [NodeResult] {
    if executions.count == 1, executions[0].node.cacheKey == nil { return [await executions[0].perform()] }
    let keys = executions.map(cacheKey)
    var leader: [String: Int] = [:]
    var leaders: [Int] = []
    for (index, key) in keys.enumerated() {
      guard let key else {
        leaders.append(index)
        continue
      }
      if leader[key] == nil {
        leader[key] = index
        leaders.append(index)
      }
    }
    let queue = TaskQueue(leaders.map { Entry(index: $0, execution: executions[$0]) }, count: executions.count)
    let workers = max(1, min(most, leaders.count))
    if workers == 1 {
      await work(on: queue, keys)
    } else {
      await withDiscardingTaskGroup { group in
        for _ in 0..<workers { group.addTask { await work(on: queue, keys) } }
      }
    }
    var results = queue.results
    // Equal tasks of one superstep share the result of the first, whatever it is.
    for (index, key) in keys.enumerated() {
      if let key, let first = leader[key], first != index { results[index] = results[first] }
    }
    return results
  }

  private func work(on queue: TaskQueue, _ keys: [String?]) async {
    while !Task.isCancelled, let entry = queue.next() {
      let result = await perform(entry.execution, keys[entry.index])
      saves?.note(result, of: entry.execution)
      queue.finish(entry, result)
    }
  }

  // MARK: - Cache

  /// Longer keys are not worth keeping.
  private static let longestKey = 65_536

  private func cacheKey(_ execution: NodeExecution) -> String? {
    guard let channels = execution.node.cacheKey else { return nil }
    let values = channels.map { execution.snapshot.slots[$0] ?? .null }
    let key = "\(execution.node.cacheScope) \(JSONValue.array(values + [execution.item.input]).text)"
    return key.utf8.count <= Self.longestKey ? key : nil
  }

  private func perform(_ execution: NodeExecution, _ key: String?) async -> NodeResult {
    guard let key else { return await execution.perform() }
    if let found = await cached(execution, key) { return found }
    let result = await execution.perform()
    if case .finished(let update, _) = result, update.failure == nil, let policy = execution.node.options.cache {
      let expiry = policy.lifetime.map { clock.now + $0 / .seconds(1) }
      await cache.save(execution.graph.saved(update).json, for: key, until: expiry)
    }
    return result
  }

  private func cached(_ execution: NodeExecution, _ key: String) async -> NodeResult? {
    guard let json = await cache.value(for: key, at: clock.now), let update = StateUpdate(json: json),
      let checked = try? RunProgress.check(update, in: execution.graph, of: execution.node, prefix: key)
    else { return nil }
    let data: JSONValue = ["node": .string(execution.node.name), "step": .int(execution.step)]
    execution.run.live.publish(RunEvent.nodeCached, data)
    let task = FinishedTask(node: execution.node.name, step: execution.step, attempts: 0, durationMilliseconds: 0)
    return .finished(checked, task)
  }
}

/// A task with its place in the superstep.
private struct Entry: Sendable {
  let index: Int
  let execution: NodeExecution
}

/// The tasks that wait for a worker; tasks of a node that is at its limit are left for the worker that frees it.
private final class TaskQueue: Sendable {
  private struct Lane: Sendable {
    var waiting: ArraySlice<Entry>
    let most: Int
    var running = 0
  }

  private struct State: Sendable {
    var lanes: [Lane] = []
    var laneOfNode: [Int: Int] = [:]
    var results: [NodeResult]
  }

  private let state: Locked<State>

  init(_ entries: [Entry], count: Int) {
    var state = State(results: Array(repeating: .cancelled, count: count))
    // All nodes without a limit share the first lane, in order.
    let free = entries.filter { $0.execution.node.options.concurrency == nil }
    state.lanes.append(Lane(waiting: free[...], most: .max))
    let limited = Dictionary(grouping: entries.filter { $0.execution.node.options.concurrency != nil }) {
      $0.execution.item.key.node
    }
    for (node, entries) in limited.sorted(by: { $0.key < $1.key }) {
      state.laneOfNode[node] = state.lanes.count
      state.lanes.append(Lane(waiting: entries[...], most: entries[0].execution.node.options.concurrency ?? .max))
    }
    self.state = Locked(state)
  }

  var results: [NodeResult] { state.withLock { $0.results } }

  func next() -> Entry? {
    state.withLock { state in
      for index in state.lanes.indices where state.lanes[index].running < state.lanes[index].most {
        guard let entry = state.lanes[index].waiting.popFirst() else { continue }
        state.lanes[index].running += 1
        return entry
      }
      return nil
    }
  }

  func finish(_ entry: Entry, _ result: NodeResult) {
    state.withLock { state in
      state.results[entry.index] = result
      state.lanes[state.laneOfNode[entry.execution.item.key.node] ?? 0].running -= 1
    }
  }
}
