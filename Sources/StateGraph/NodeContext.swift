public import CoachVocabulary
public import ConcurrencyKit

/// What a node knows of its run, and what it may do besides returning writes.
public struct NodeContext: Sendable {
  /// The run.
  public let run: RunID
  /// The thread of the run.
  public let thread: ThreadID
  /// The node's name in the graph.
  public let node: String
  /// The superstep, from 1.
  public let step: Int
  /// Which attempt this is, from 1.
  public let attempt: Int
  /// The fixed values of the declaration (`with:`).
  public let parameters: [String: JSONValue]
  /// When the attempt must be done; nil when there is no limit.
  public let deadline: Deadline?
  let scope: TaskScope

  /// A text that is the same for every execution of this node in this superstep, for services that take one.
  public var idempotencyKey: String { "\(run)/\(step)/\(node)" }

  /// Whether somebody wants the node to give up: its run was stopped or its time is over.
  public var isCancelled: Bool { Task.isCancelled }

  /// Tells readers of the run something at once; it is saved with the superstep.
  ///
  /// A type that belongs to the runtime, such as `node_started`, fails the node. After the node has returned, nothing
  /// is told any more.
  public func emit(_ type: String, _ data: JSONValue) { scope.emit(type, data) }

  /// Does something that must not be done twice, and saves what it gave.
  ///
  /// When the node is executed again, after a crash or a failed attempt, the saved result is returned instead.
  ///
  /// - Parameters:
  ///   - name: the effect's name; unique within the node.
  ///   - body: what to do. Its result is saved as JSON.
  /// - Returns: what `body` gave now or when it was done first.
  /// - Throws: what `body` throws, ``EffectFailure``, and ``CheckpointFailure`` when the result cannot be saved.
  public func once<Value: Codable & Sendable>(
    _ name: String,
    _ body: () async throws -> Value
  ) async throws -> Value {
    if let saved = try scope.effect(named: name) {
      do {
        return try StateCoding.decode(saved, as: Value.self)
      } catch {
        throw EffectFailure.changed(name: name, message: error.message)
      }
    }
    let value = try await body()
    try await scope.save(try StateCoding.encode(value), named: name)
    return value
  }
}

/// Why a recorded effect could not be used.
public enum EffectFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// One attempt used the same name twice.
  case nameUsedTwice(String)
  /// What was saved is not what the node expects now.
  case changed(name: String, message: String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .nameUsedTwice(let name): "the effect '\(name)' is used twice in one node; give each effect its own name"
    case .changed(let name, let message): "the saved result of effect '\(name)' has another shape: \(message)"
    }
  }
}

/// What the contexts of one attempt share.
final class TaskScope: Sendable {
  private let live: LiveRun
  private let ledger: EffectLedger
  private let step: Int
  private let node: String
  private let state = Locked(State())

  private struct State: Sendable {
    var isOpen = true
    var usedNames: Set<String> = []
    var reservedType: String?
  }

  init(live: LiveRun, ledger: EffectLedger, step: Int, node: String) {
    self.live = live
    self.ledger = ledger
    self.step = step
    self.node = node
  }

  func emit(_ type: String, _ data: JSONValue) {
    let mayPublish = state.withLock { state in
      guard state.isOpen else { return false }
      if RunEvent.reserved.contains(type) { state.reservedType = type }
      return state.reservedType == nil
    }
    if mayPublish { live.publish(type, data) }
  }

  /// Ends the attempt; gives the reserved event type the node tried to use, if it did.
  func close() -> String? {
    state.withLock { state in
      state.isOpen = false
      return state.reservedType
    }
  }

  func effect(named name: String) throws(EffectFailure) -> JSONValue? {
    let isNew = state.withLock { $0.usedNames.insert(name).inserted }
    guard isNew else { throw .nameUsedTwice(name) }
    return ledger.value(of: name, in: node)
  }

  func save(_ value: JSONValue, named name: String) async throws {
    try await ledger.save(value, named: name, of: node, step: step)
  }
}

/// The recorded effects of the superstep at hand.
final class EffectLedger: Sendable {
  private struct Key: Hashable, Sendable {
    let node: String
    let name: String
  }

  private struct State: Sendable {
    var values: [Key: JSONValue]
    var revision: Int
  }

  private let run: RunID
  private let store: any CheckpointStore
  private let state: Locked<State>

  init(run: RunID, store: any CheckpointStore, effects: [RecordedEffect], revision: Int) {
    self.run = run
    self.store = store
    let values = Dictionary(
      effects.map { (Key(node: $0.node, name: $0.name), $0.value) },
      uniquingKeysWith: { first, _ in first }
    )
    state = Locked(State(values: values, revision: revision))
  }

  func value(of name: String, in node: String) -> JSONValue? {
    state.withLock { $0.values[Key(node: node, name: name)] }
  }

  func save(_ value: JSONValue, named name: String, of node: String, step: Int) async throws {
    let effect = RecordedEffect(run: run, step: step, node: node, name: name, value: value)
    let revision = state.withLock { $0.revision }
    let store = store
    // In a task of its own, since a stopped run must still save what it has done.
    try await Task { try await store.record(effect, revision: revision) }.value
    state.withLock { $0.values[Key(node: node, name: name)] = value }
  }

  /// Follows the run's revision, and forgets what belonged to the superstep that is merged.
  func advance(to revision: Int, forgetting: Bool) {
    state.withLock { state in
      state.revision = revision
      if forgetting { state.values.removeAll() }
    }
  }
}
