public import CoachVocabulary
public import ConcurrencyKit
public import FoundationEssentials

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
  /// What the send gave that led here; null when an edge did.
  public let input: JSONValue
  let scope: TaskScope

  /// The failures that this node is to deal with as an error handler; empty for other nodes.
  public var errors: [RunError] { scope.errors }

  /// A text that is the same for every execution of this task in this superstep, for services that take one.
  public var idempotencyKey: String { "\(run)/\(step)/\(scope.task)" }

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

extension NodeContext {
  /// Asks a person and waits for the answer, for days if need be: the run is saved as waiting meanwhile.
  ///
  /// The first time this throws an error that stands for the pause. Catching it changes nothing: whatever the node
  /// returns or throws afterwards is dropped, and no effect is done any more. Once the question is answered, the node is
  /// executed again from its top, and then this returns the answer. Siblings whose questions are open are not executed
  /// again. Questions asked at the same time, for instance by `async let`, are shown together.
  ///
  /// - Parameters:
  ///   - name: by which the answer is found; unique within the node, whatever the order of questions.
  ///   - prompt: what the person is shown.
  ///   - schema: what an answer must look like; others are refused when they are given.
  ///   - limit: how long the question may stay open; nil for ever.
  ///   - fallback: the answer when nobody answered in time; without one the node fails then.
  /// - Returns: the answer, which fits the schema.
  /// - Throws: the error that stands for the pause, and ``RunError`` when nobody answered in time.
  public func ask(
    _ name: String,
    prompt: JSONValue = .null,
    schema: ValueSchema = .anything,
    expiresAfter limit: Duration? = nil,
    otherwise fallback: JSONValue? = nil
  ) async throws -> JSONValue {
    try scope.ask(name, prompt, schema, limit, fallback)
  }

  /// Waits until a moment; the run is saved as waiting meanwhile, so that a restart does not disturb the wait.
  ///
  /// Like ``ask(_:prompt:schema:expiresAfter:otherwise:)`` this throws the first time, and returns when the node is
  /// executed again at or after that moment.
  ///
  /// - Parameters:
  ///   - moment: when to go on; the one given first counts.
  ///   - name: by which the wait is found again; unique within the node.
  /// - Throws: the error that stands for the pause.
  public func sleep(until moment: Date, named name: String = "sleep") async throws {
    try scope.sleep(until: moment, named: name)
  }

  /// Waits for a time, counted from the first execution; see ``sleep(until:named:)``.
  public func sleep(for duration: Duration, named name: String = "sleep") async throws {
    try scope.sleep(until: scope.now + duration / .seconds(1), named: name)
  }

  /// Says that the node is alive, for its idle timeout.
  public func heartbeat() { scope.touch() }
}

/// Stands for a pause; the runtime goes by what the scope has noted, not by this error.
struct RunPause: RetryAware, CustomStringConvertible {
  var mayRetry: Bool { false }
  var description: String { "the run pauses here; do not catch this error" }
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

/// What all tasks of a run share in this process.
final class RunScope: Sendable {
  let run: RunID
  let thread: ThreadID
  let live: LiveRun
  let ledger: EffectLedger
  let services: RunServices
  let deadline: Deadline?

  init(
    run: RunID,
    thread: ThreadID,
    live: LiveRun,
    ledger: EffectLedger,
    services: RunServices,
    deadline: Deadline?
  ) {
    self.run = run
    self.thread = thread
    self.live = live
    self.ledger = ledger
    self.services = services
    self.deadline = deadline
  }
}

/// What the contexts of one attempt share.
final class TaskScope: Sendable {
  let run: RunScope
  let step: Int
  let node: CompiledNode
  let send: Int?
  let errors: [RunError]
  /// The questions and timers of earlier executions of this task.
  private let questions: [Frontier.Question]
  private let timers: [Frontier.Timer]
  private let state = Locked(State())

  /// What the task waits for.
  struct Pause: Sendable {
    var questions: [Frontier.Question] = []
    var timers: [Frontier.Timer] = []
    /// Whether its subgraph stands at a breakpoint.
    var isHeld = false

    var isEmpty: Bool { questions.isEmpty && timers.isEmpty && !isHeld }
  }

  private struct State: Sendable {
    var isOpen = true
    var usedNames: Set<String> = []
    var reservedType: String?
    var pause = Pause()
    var lastSign: ContinuousClock.Instant?
  }

  init(
    _ run: RunScope,
    step: Int,
    node: CompiledNode,
    send: Int?,
    errors: [RunError],
    questions: [Frontier.Question],
    timers: [Frontier.Timer]
  ) {
    self.run = run
    self.step = step
    self.node = node
    self.send = send
    self.errors = errors
    self.questions = questions
    self.timers = timers
  }

  /// The node's name, with the number of its send.
  var task: String { send.map { "\(node.name)#\($0)" } ?? node.name }

  var now: Date { run.services.clock.now }

  /// The last sign of life after a moment.
  func lastSign(after moment: ContinuousClock.Instant) -> ContinuousClock.Instant {
    state.withLock { $0.lastSign.map { max($0, moment) } ?? moment }
  }

  func touch() {
    if node.options.idleTimeout != nil { state.withLock { $0.lastSign = .now } }
  }

  func emit(_ type: String, _ data: JSONValue) {
    touch()
    let mayPublish = state.withLock { state in
      guard state.isOpen else { return false }
      if RunEvent.reserved.contains(type) { state.reservedType = type }
      return state.reservedType == nil
    }
    if mayPublish { run.live.publish(type, data) }
  }

  /// Ends the attempt; gives what the task waits for, and the reserved event type it tried to use.
  func close() -> (pause: Pause, reservedType: String?) {
    state.withLock { state in
      state.isOpen = false
      return (state.pause, state.reservedType)
    }
  }

  // MARK: - Effects

  func effect(named name: String) throws -> JSONValue? {
    touch()
    let isNew = try state.withLock { state throws(RunPause) in
      guard state.pause.isEmpty else { throw RunPause() }
      return state.usedNames.insert(name).inserted
    }
    guard isNew else { throw EffectFailure.nameUsedTwice(name) }
    return run.ledger.value(of: name, in: task, step: step)
  }

  func save(_ value: JSONValue, named name: String) async throws {
    try await run.ledger.save(value, named: name, of: task, step: step)
    touch()
  }

  // MARK: - Pauses

  /// The answer a person gave to an earlier execution, if any.
  func answer(to name: String) -> JSONValue? { questions.first { $0.name == name }?.answer }

  func ask(
    _ name: String,
    _ prompt: JSONValue,
    _ schema: ValueSchema,
    _ limit: Duration?,
    _ fallback: JSONValue?
  ) throws -> JSONValue {
    let question =
      questions.first { $0.name == name }
      ?? Frontier.Question(
        node: node.name,
        send: send,
        name: name,
        prompt: prompt,
        schema: schema,
        askedAt: now,
        expiresAt: limit.map { now + $0 / .seconds(1) }
      )
    if let answer = question.answer {
      guard let fitting = schema.normalised(answer) else {
        let message = "the answer to '\(name)' is \(answer.kindName), but now \(schema) is wanted"
        throw RunError(.typeClash, message, node: node.name)
      }
      return fitting
    }
    if let end = question.expiresAt, end <= now {
      if let fallback { return fallback }
      throw RunError(.questionExpired, "nobody answered '\(name)' in time; ask again or give a fallback")
    }
    pause { $0.questions.append(question) }
    throw RunPause()
  }

  func sleep(until moment: Date, named name: String) throws {
    let timer =
      timers.first { $0.name == name } ?? Frontier.Timer(node: node.name, send: send, name: name, until: moment)
    if timer.until <= now { return }
    pause { $0.timers.append(timer) }
    throw RunPause()
  }

  /// Notes what the task waits for; it can do nothing more that counts.
  func pause(_ note: (inout Pause) -> Void) { state.withLock { note(&$0.pause) } }
}

/// The recorded effects of the superstep at hand.
final class EffectLedger: Sendable {
  private struct Key: Hashable, Sendable {
    let step: Int
    let task: String
    let name: String
  }

  private struct State: Sendable {
    var values: [Key: JSONValue]
    var revision: Int
    /// Saves under way, and whether new ones have to wait because the revision is about to move.
    var underWay = 0
    var isHeld = false
    var waiting: [CheckedContinuation<Void, Never>] = []
    var drained: CheckedContinuation<Void, Never>?
  }

  private let run: RunID
  /// Nil for a run that is not saved.
  private let store: (any CheckpointStore)?
  private let state: Locked<State>

  init(run: RunID, store: (any CheckpointStore)?, effects: [RecordedEffect], revision: Int) {
    self.run = run
    self.store = store
    let values = Dictionary(
      effects.map { (Key(step: $0.step, task: $0.node, name: $0.name), $0.value) },
      uniquingKeysWith: { first, _ in first }
    )
    state = Locked(State(values: values, revision: revision))
  }

  func value(of name: String, in task: String, step: Int) -> JSONValue? {
    state.withLock { state in
      state.values.isEmpty ? JSONValue?.none : state.values[Key(step: step, task: task, name: name)]
    }
  }

  func save(_ value: JSONValue, named name: String, of task: String, step: Int) async throws {
    let effect = RecordedEffect(run: run, step: step, node: task, name: name, value: value)
    let revision = await begin()
    defer { end() }
    if let store {
      // In a task of its own, since a stopped run must still save what it has done.
      try await Task { try await store.record(effect, revision: revision) }.value
    }
    state.withLock { $0.values[Key(step: step, task: task, name: name)] = value }
  }

  private func begin() async -> Int {
    while true {
      let revision = state.withLock { state -> Int? in
        if state.isHeld { return nil }
        state.underWay += 1
        return state.revision
      }
      if let revision { return revision }
      await withCheckedContinuation { continuation in
        let isFree = state.withLock { state in
          if state.isHeld { state.waiting.append(continuation) }
          return !state.isHeld
        }
        if isFree { continuation.resume() }
      }
    }
  }

  private func end() {
    let drained = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.underWay -= 1
      guard state.underWay == 0 else { return nil }
      defer { state.drained = nil }
      return state.drained
    }
    drained?.resume()
  }

  /// Lets no save begin and waits for those under way, so that the revision can move while nodes are at work.
  func holdSaves() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        state.isHeld = true
        if state.underWay > 0 { state.drained = continuation }
        return state.underWay == 0
      }
      if isFree { continuation.resume() }
    }
  }

  /// Lets saves begin again.
  func letSaves() {
    let waiting = state.withLock { state in
      state.isHeld = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Follows the run's revision, and forgets what belonged to the supersteps that are merged.
  func advance(to revision: Int, forgettingUpTo step: Int) {
    state.withLock { state in
      state.revision = revision
      if !state.values.isEmpty { state.values = state.values.filter { $0.key.step > step } }
    }
  }
}
