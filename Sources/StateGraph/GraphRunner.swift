public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials

/// Starts, resumes and stops runs of graphs; the runs belong to it, not to whoever asked for them.
public final class GraphRunner: Sendable {
  /// How runs are worked on.
  public struct Configuration: Hashable, Sendable {
    /// The name of this process among those that share the store.
    ///
    /// A process that is started again under the same name may take over at once what its predecessor left running.
    public var owner: String
    /// How long a silent owner is taken to be alive.
    public var leaseDuration: Duration
    /// The most nodes of one run at work at the same time.
    public var maximumConcurrency: Int
    /// How often a run may be taken over from a dead process before it is failed.
    public var maximumRecoveries: Int

    /// Makes a configuration.
    public init(
      owner: String,
      leaseDuration: Duration = .seconds(30),
      maximumConcurrency: Int = 16,
      maximumRecoveries: Int = 5
    ) {
      self.owner = owner
      self.leaseDuration = leaseDuration
      self.maximumConcurrency = maximumConcurrency
      self.maximumRecoveries = maximumRecoveries
    }
  }

  private struct Active: Sendable {
    let control = RunControl()
    /// Nil until the run is saved or taken over; readers use the store until then.
    var live: LiveRun?
    var completion: RunCompletion?
  }

  private struct State: Sendable {
    var active: [RunID: Active] = [:]
    var isDraining = false
    var heartbeat: Task<Void, Never>?
    /// The runs whose nodes called others, by the called run.
    var callers: [RunID: LiveRun.Caller] = [:]
    /// Starts of this process that wait in line.
    var line: [RunID: RunCompletion] = [:]
    /// Waits of runs whose time is known.
    var wakes: [RunID: Task<Void, Never>] = [:]
  }

  /// The graphs by name, those that nodes call included.
  public let graphs: [String: Graph]
  private let mainGraphs: [String: Graph]
  private let configuration: Configuration
  let services: RunServices
  private let state = Locked(State())
  private let migrations: [StateMigration]

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - graphs: what it can run; of two graphs with one name the last stays.
  ///   - store: where runs are saved.
  ///   - cache: where results of nodes with a `cache` are kept.
  ///   - migrations: how saved states of older versions become those of the next.
  ///   - configuration: how runs are worked on.
  ///   - clock: the time of day for records and leases.
  ///   - sleep: waits before retries, between lease renewals and between looks at runs of other processes.
  public init(
    graphs: [Graph],
    store: any CheckpointStore,
    cache: any NodeCache = MemoryNodeCache(),
    migrations: [StateMigration] = [],
    configuration: Configuration,
    clock: WallClock = .system,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.graphs = Dictionary(
      (graphs.flatMap { $0.subgraphs.values } + graphs).map { ($0.name, $0) },
      uniquingKeysWith: { $1 }
    )
    mainGraphs = Dictionary(graphs.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.configuration = configuration
    self.migrations = migrations
    let caller = Subgraph.Caller()
    services = RunServices(
      store: store,
      cache: cache,
      clock: clock,
      leaseSeconds: configuration.leaseDuration / .seconds(1),
      maximumConcurrency: configuration.maximumConcurrency,
      maximumRecoveries: configuration.maximumRecoveries,
      sleep: sleep,
      call: { try await caller.call($0, $1, $2) }
    )
    caller.set(self)
  }

  deinit {
    let (heartbeat, wakes) = state.withLock { ($0.heartbeat, $0.wakes) }
    heartbeat?.cancel()
    for wake in wakes.values { wake.cancel() }
  }

  // MARK: - Starting and resuming

  /// Starts a run and returns once it is saved; the run goes on by itself.
  ///
  /// - Parameters:
  ///   - run: its new identifier.
  ///   - thread: the thread it belongs to, which must not be busy.
  ///   - graph: which graph; nil for the only one.
  ///   - input: what is written before the first node; only channels that the graph takes.
  ///   - options: how it is run, and whose state it begins with.
  ///   - timeLimit: the most time it may take; nil for no limit.
  ///   - saving: saves the start in place of the store's `create`, for callers that save more in the same transaction.
  /// - Returns: a handle to wait for the run and to follow it; for a known idempotency key that of the first run.
  /// - Throws: ``RunnerFailure``, ``RunError`` for an input the graph does not take, ``CheckpointFailure``.
  public func start(
    run: RunID,
    thread: ThreadID,
    graph: String? = nil,
    input: StateUpdate,
    options: StartOptions = StartOptions(),
    timeLimit: Duration? = nil,
    saving: (@Sendable (RunStart) async throws -> Void)? = nil
  ) async throws -> RunHandle {
    let graph = try self.graph(named: graph)
    if let key = options.idempotencyKey, let known = try await services.store.run(startedWith: key) {
      return try await resume(known)
    }
    if !input.writes.isEmpty {
      let allowed = Set(graph.inputNames)
      for name in input.writes.keys.sorted() where graph.table.index[name] != nil && !allowed.contains(name) {
        throw RunError(.undeclaredKey, "the input names '\(name)', which the graph does not take; see its 'input'")
      }
    }
    if case .queue(let longest) = options.whenBusy, options.durability != .none, saving == nil {
      let start = QueuedStart(
        run: run,
        thread: thread,
        graph: graph.name,
        input: input,
        options: options,
        timeLimit: timeLimit,
        deadline: longest.map { services.clock.now + $0 / .seconds(1) }
      )
      return try await startInLine(start, graph)
    }
    return try await begin(
      graph,
      run: run,
      thread: thread,
      input: input,
      options: options,
      timeLimit: timeLimit,
      saving: saving
    )
  }

  // MARK: - Line

  var isDraining: Bool { state.withLock { $0.isDraining } }

  func isActive(_ run: RunID) -> Bool { state.withLock { $0.active[run]?.completion != nil } }

  func isInLine(_ run: RunID) -> Bool { state.withLock { $0.line[run] != nil } }

  /// The end of the wait and of the run of a start; `isNew` when nobody waited for its turn in this process yet.
  func enterLine(_ run: RunID) -> (completion: RunCompletion, isNew: Bool) {
    state.withLock { state in
      if let completion = state.line[run] { return (completion, false) }
      let completion = RunCompletion()
      state.line[run] = completion
      return (completion, true)
    }
  }

  func leaveLine(_ run: RunID) { state.withLock { $0.line[run] = nil } }

  func begin(
    _ graph: Graph,
    run: RunID,
    thread: ThreadID,
    input: StateUpdate,
    options: StartOptions,
    parent: RunID? = nil,
    timeLimit: Duration?,
    saving: (@Sendable (RunStart) async throws -> Void)? = nil
  ) async throws -> RunHandle {
    var attempts = 1
    while true {
      let (start, progress) = try await prepare(graph, run, thread, input, options, parent, timeLimit)
      do {
        return try await launch(start, progress, options.durability, timeLimit: timeLimit, saving: saving)
      } catch CheckpointFailure.headMoved where attempts < Self.readings {
        // The run ahead saved its last changes after they were read here.
        attempts += 1
      }
    }
  }

  /// How often a start reads the state of its thread before it gives up.
  private static let readings = 16

  private func prepare(
    _ graph: Graph,
    _ run: RunID,
    _ thread: ThreadID,
    _ input: StateUpdate,
    _ options: StartOptions,
    _ parent: RunID?,
    _ timeLimit: Duration?
  ) async throws -> (start: RunStart, progress: RunProgress) {
    let now = services.clock.now
    var record = newRecord(run, thread, graph, at: now)
    record.parent = parent
    record.deadline = timeLimit.map { now + $0 / .seconds(1) }
    record.idempotencyKey = options.idempotencyKey
    var progress = RunProgress(graph)
    if options.continuesThread, let base = try await threadBase(of: thread, for: graph) {
      record.base = base.reference
      try progress.inherit(base.values)
    }
    let changes = try progress.begin(with: input, run: run.rawValue)
    let event = RunEvent(
      run: run,
      sequence: 1,
      type: RunEvent.runStarted,
      data: ["thread": .string(thread.rawValue), "graph": .string(graph.name)],
      time: now
    )
    record.lastSequence = 1
    let start = RunStart(
      record: record,
      changes: changes,
      frontier: options.durability == .none ? Frontier(due: []) : progress.frontier,
      events: [event],
      continuesThread: options.continuesThread
    )
    return (start, progress)
  }

  func newRecord(_ run: RunID, _ thread: ThreadID, _ graph: Graph, at now: Date) -> RunRecord {
    var record = RunRecord(
      run: run,
      thread: thread,
      graph: graph.name,
      graphHash: graph.hash,
      owner: configuration.owner,
      leaseExpires: now + services.leaseSeconds,
      createdAt: now
    )
    record.stateVersion = graph.definition.options.stateVersion
    return record
  }

  /// Saves a start and works on the run.
  func launch(
    _ start: RunStart,
    _ progress: RunProgress,
    _ durability: Durability = .step,
    timeLimit: Duration?,
    saving: (@Sendable (RunStart) async throws -> Void)? = nil
  ) async throws -> RunHandle {
    let control = try register(start.record.run)
    do {
      if durability == .none {
        // Nothing is saved, not even the start.
      } else if let saving {
        try await saving(start)
      } else {
        try await services.store.create(start)
      }
    } catch {
      unregister(start.record.run, .lost(error))
      throw error
    }
    let work = RunWork(record: start.record, progress: progress, effects: [], durability: durability)
    return launch(work, goLive(start.record), control, timeLimit: timeLimit)
  }

  /// Saves what was edited in a run that nobody works on, which keeps its status.
  func save(_ changes: [ChannelChange], _ progress: RunProgress, of saved: SavedRun) async throws {
    let run = saved.record.run
    _ = try register(run)
    defer { unregister(run, .saved) }
    let now = services.clock.now
    let claimed = try await services.store.claim(run, for: configuration.owner, until: now, at: now)
    guard claimed.revision == saved.record.revision + 1 else { throw CheckpointFailure.headMoved(run) }
    var record = saved.record
    record.revision = claimed.revision + 1
    record.updatedAt = now
    try await services.store.commit(
      SuperstepCommit(
        record: record,
        expectedRevision: claimed.revision,
        changes: changes,
        finishedTasks: saved.finishedTasks,
        frontier: progress.frontier,
        events: []
      )
    )
  }

  /// The state with which the next run of a thread begins.
  private func threadBase(
    of thread: ThreadID,
    for graph: Graph
  ) async throws -> (reference: CheckpointReference, values: [String: JSONValue])? {
    guard let head = try await services.store.head(of: thread), let saved = try await services.store.load(head) else {
      return nil
    }
    let fitting = try fit(saved, to: graph)
    return (CheckpointReference(run: head, revision: saved.record.revision), fitting.values)
  }

  /// Goes on with a saved run from its last superstep: one that was interrupted, failed, was stopped, lost its process, or
  /// waits at a breakpoint.
  ///
  /// A run this process works on already is joined; a finished one gives its outcome. One that waits for answers or a
  /// timer goes on with what can be done and waits again.
  ///
  /// - Throws: ``RunnerFailure``, ``CheckpointFailure``.
  public func resume(_ run: RunID, timeLimit: Duration? = nil) async throws -> RunHandle {
    if let completion = state.withLock({ $0.active[run]?.completion }) { return handle(run, completion) }
    if let record = try await services.store.record(of: run), record.status == .finished,
      let outcome = try await outcome(of: run)
    {
      let completion = RunCompletion()
      completion.finish(.success(outcome))
      return handle(run, completion)
    }
    return try await takeUp(run, timeLimit: timeLimit) { $0.frontier.release() }
  }

  /// Goes on with runs that ``recoverable()`` gives, as after a restart; breakpoints are not passed.
  ///
  /// Starts that wait in line go on waiting.
  /// - Parameters:
  ///   - isWanted: which of them; all unless given.
  ///   - onFailure: told of each that cannot go on, but for those with which somebody else was first.
  /// - Returns: a handle for each that could be taken up.
  /// - Throws: ``CheckpointFailure`` when the store cannot be asked.
  public func recover(
    _ isWanted: (RunRecord) -> Bool = { _ in true },
    onFailure: (RunRecord, any Error) -> Void = { _, _ in }
  ) async throws(CheckpointFailure) -> [RunHandle] {
    var handles: [RunHandle] = []
    for record in try await recoverable() where isWanted(record) {
      do {
        handles.append(try await takeUp(record.run, timeLimit: nil, { _ in }))
      } catch RunnerFailure.draining {
        return handles
      } catch RunnerFailure.alreadyActive, CheckpointFailure.leaseHeld, CheckpointFailure.headMoved {
        continue
      } catch {
        onFailure(record, error)
      }
    }
    handles += try await resumeQueue()
    return handles
  }

  /// Takes a run over, changes it, saves the change, and goes on with it.
  func takeUp(
    _ run: RunID,
    timeLimit: Duration?,
    _ change: (inout SavedRun) throws -> Void
  ) async throws -> RunHandle {
    let control = try register(run)
    do {
      var (work, isChanged, removed) = try await takeOver(run, change)
      let live = goLive(work.record)
      live.publish(RunEvent.runResumed, ["step": .int(work.record.step)])
      for question in work.answered {
        live.publish(RunEvent.questionAnswered, ["id": .string(question.id), "name": .string(question.name)])
      }
      if isChanged { work = try await saved(work, live, clearing: removed) }
      let left = work.record.deadline.map { Duration.seconds(max(0, $0.timeIntervalSince(services.clock.now))) }
      return launch(work, live, control, timeLimit: timeLimit ?? left)
    } catch {
      unregister(run, .lost(error))
      throw error
    }
  }

  private func takeOver(
    _ run: RunID,
    _ change: (inout SavedRun) throws -> Void
  ) async throws -> (work: RunWork, isChanged: Bool, removed: [String]) {
    guard var saved = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    let graph = try graph(named: saved.record.graph)
    let hadEnded = saved.record.status.isTerminal
    // Everything that may be refused is tried before the run is claimed.
    var trial = try fit(saved, to: graph)
    try change(&trial)
    let now = services.clock.now
    let expiry = now + services.leaseSeconds
    let record = try await services.store.claim(run, for: configuration.owner, until: expiry, at: now)
    guard let current = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    saved = try fit(current, to: graph)
    try change(&saved)
    // Whoever resumes a run that had ended grants it as many supersteps again.
    if hadEnded { saved.frontier.countedFrom = record.step }
    let isChanged = saved.frontier != current.frontier || saved.values != current.values
    var claimed = record
    claimed.graphHash = graph.hash
    claimed.stateVersion = graph.definition.options.stateVersion
    if trial.record.status == .waiting, let deadline = claimed.deadline {
      // The time it waited does not count: nobody could have been faster.
      claimed.deadline = deadline + max(0, now.timeIntervalSince(trial.record.updatedAt))
    }
    let progress = try RunProgress(graph, values: saved.values, frontier: saved.frontier)
    var work = RunWork(record: claimed, progress: progress, effects: current.effects)
    work.finishedTasks = current.finishedTasks
    let open = Set(current.frontier.openQuestions.map(\.id)).subtracting(saved.frontier.openQuestions.map(\.id))
    work.answered = saved.frontier.allQuestions.filter { open.contains($0.id) }
    work.isMigrated = saved.values != current.values
    let removed = current.values.keys.filter { saved.values[$0] == nil }.sorted()
    return (work, isChanged, removed)
  }

  /// Saves what was changed in a run that was just claimed.
  private func saved(_ work: RunWork, _ live: LiveRun, clearing removed: [String]) async throws -> RunWork {
    var record = work.record
    record.revision += 1
    record.updatedAt = services.clock.now
    let events = live.unsaved
    record.lastSequence = events.last?.sequence ?? record.lastSequence
    let changes = work.isMigrated ? work.progress.graph.table.changes(to: work.progress.slots) : []
    try await services.store.commit(
      SuperstepCommit(
        record: record,
        expectedRevision: work.record.revision,
        changes: removed.map { ChannelChange($0, .clear) } + changes,
        finishedTasks: work.finishedTasks,
        frontier: work.progress.frontier,
        events: events
      )
    )
    live.saved(events)
    return RunWork(record: record, progress: work.progress, effects: work.effects)
  }

  /// A saved run in the shape of a graph: as it is, or migrated; refused when the graph has changed otherwise.
  func fit(_ saved: SavedRun, to graph: Graph) throws -> SavedRun {
    if saved.record.graph == graph.name, saved.record.graphHash == graph.hash { return saved }
    var saved = saved
    var version = saved.record.stateVersion
    let wanted = graph.definition.options.stateVersion
    guard saved.record.graph == graph.name, version < wanted else {
      throw RunnerFailure.graphChanged(saved.record.run, graph: saved.record.graph)
    }
    while version < wanted {
      guard let migration = migrations.first(where: { $0.graph == graph.name && $0.from == version }) else {
        throw RunnerFailure.graphChanged(saved.record.run, graph: saved.record.graph)
      }
      try migration.change(&saved.values, &saved.frontier)
      version += 1
    }
    return saved
  }

  func graph(named name: String?) throws(RunnerFailure) -> Graph {
    if let name {
      guard let graph = graphs[name] else { throw .noSuchGraph(name, known: graphs.keys.sorted()) }
      return graph
    }
    guard mainGraphs.count == 1, let graph = mainGraphs.values.first else {
      throw .graphNotNamed(known: graphs.keys.sorted())
    }
    return graph
  }

  // MARK: - Work

  private func register(_ run: RunID) throws(RunnerFailure) -> RunControl {
    let entry = Active()
    try state.withLock { state throws(RunnerFailure) in
      if state.isDraining { throw .draining }
      guard state.active[run] == nil else { throw .alreadyActive(run) }
      state.active[run] = entry
    }
    return entry.control
  }

  private func goLive(_ record: RunRecord) -> LiveRun {
    let caller = record.parent == nil ? nil : state.withLock { $0.callers[record.run] }
    let live = LiveRun(run: record.run, lastSequence: record.lastSequence, clock: services.clock, caller: caller)
    state.withLock { $0.active[record.run]?.live = live }
    return live
  }

  /// Names the node that is shown the events of a run from now on; nil for none.
  func setCaller(_ caller: LiveRun.Caller?, of run: RunID) { state.withLock { $0.callers[run] = caller } }

  private func unregister(_ run: RunID, _ ending: LiveRun.Ending) {
    let entry = state.withLock { $0.active.removeValue(forKey: run) }
    entry?.live?.end(ending)
  }

  private func launch(
    _ work: RunWork,
    _ live: LiveRun,
    _ control: RunControl,
    timeLimit: Duration?
  ) -> RunHandle {
    let run = work.record.run
    let deadline = timeLimit.map { Deadline.after($0) }
    let completion = RunCompletion()
    let task = Task { [self] in
      let watch = deadline.map { deadline in
        Task {
          try await Task.sleep(until: deadline.instant, clock: .continuous)
          control.request(.timeLimit)
        }
      }
      defer { watch?.cancel() }
      do {
        let driver = RunDriver(
          work,
          services: services,
          live: live,
          control: control,
          deadline: deadline
        )
        let outcome = try await driver.drive()
        unregister(run, .saved)
        if outcome.record.status == .waiting, let moment = outcome.record.wakeAt { wake(run, at: moment) }
        completion.finish(.success(outcome))
      } catch {
        unregister(run, .lost(error))
        completion.finish(.failure(error))
      }
    }
    control.attach(task)
    state.withLock { $0.active[run]?.completion = completion }
    if work.durability != .none { keepLeases() }
    return handle(run, completion)
  }

  private func handle(_ run: RunID, _ completion: RunCompletion) -> RunHandle {
    RunHandle(run: run, completion: completion, events: events(of: run))
  }

  /// Resumes a waiting run when its time has come.
  private func wake(_ run: RunID, at moment: Date) {
    let wait = Duration.seconds(max(0, moment.timeIntervalSince(services.clock.now)))
    state.withLock { state in
      guard !state.isDraining else { return }
      state.wakes[run]?.cancel()
      state.wakes[run] = Task { [weak self, services] in
        try? await services.sleep(wait)
        guard !Task.isCancelled, let self else { return }
        self.state.withLock { $0.wakes[run] = nil }
        // Another process may have been first; what cannot be resumed now is found by `recoverable` later.
        _ = try? await self.takeUp(run, timeLimit: nil) { _ in }
      }
    }
  }

  /// Renews the leases of all active runs until there are none.
  private func keepLeases() {
    state.withLock { state in
      guard state.heartbeat == nil else { return }
      state.heartbeat = Task { [weak self, services, configuration] in
        while !Task.isCancelled {
          try? await services.sleep(configuration.leaseDuration / 3)
          guard let runs = self?.activeRunsOrEndOfHeartbeat() else { return }
          let expiry = services.clock.now + services.leaseSeconds
          // A renewal that fails leaves the lease to expire; the next commit then tells whether the run was taken.
          try? await services.store.renewLeases(of: runs, for: configuration.owner, until: expiry)
        }
      }
    }
  }

  private func activeRunsOrEndOfHeartbeat() -> [RunID]? {
    state.withLock { state in
      guard state.active.isEmpty else { return Array(state.active.keys) }
      state.heartbeat = nil
      return nil
    }
  }

  // MARK: - Stopping

  /// Stops a run: cancels its nodes, keeps what finished, and saves it as stopped.
  ///
  /// A run that no process works on is marked as stopped.
  /// Returns whether there was anything to stop, at once for a run this process works on.
  /// - Throws: ``CheckpointFailure``, for instance when another process works on the run.
  public func stop(_ run: RunID) async throws -> Bool {
    if let control = state.withLock({ $0.active[run]?.control }) {
      control.request(.stop)
      return true
    }
    guard var record = try await services.store.record(of: run) else {
      guard try await services.store.queue(of: nil).contains(where: { $0.run == run }) else {
        throw CheckpointFailure.noSuchRun(run)
      }
      try await services.store.dequeue(run)
      return true
    }
    guard !record.status.isTerminal else { return false }
    let now = services.clock.now
    record = try await services.store.claim(run, for: configuration.owner, until: now, at: now)
    guard let saved = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    let expected = record.revision
    record.status = .stopped
    record.revision += 1
    record.lastSequence += 1
    record.endedAt = now
    let event = RunEvent(
      run: run,
      sequence: record.lastSequence,
      type: RunEvent.runStopped,
      data: [:],
      time: now
    )
    try await services.store.commit(
      SuperstepCommit(
        record: record,
        expectedRevision: expected,
        changes: [],
        finishedTasks: saved.finishedTasks,
        frontier: saved.frontier,
        events: [event]
      )
    )
    return true
  }

  /// Takes no new runs, puts every run aside after the superstep at hand, and returns when all are saved.
  public func drain() async {
    var active = state.withLock { state in
      state.isDraining = true
      return Array(state.active.values)
    }
    for entry in active { entry.control.request(.interrupt) }
    while !active.isEmpty {
      for entry in active { _ = try? await entry.completion?.outcome() }
      // A run that was just being saved has no task yet.
      await Task.yield()
      active = state.withLock { Array($0.active.values) }
    }
    let (heartbeat, wakes) = state.withLock { ($0.heartbeat, $0.wakes) }
    heartbeat?.cancel()
    for wake in wakes.values { wake.cancel() }
  }

  // MARK: - Reading

  /// Runs that nobody works on: interrupted ones, those whose process died, and waiting ones whose time has come.
  ///
  /// Call it at the start and now and then, and resume what it gives.
  ///
  /// - Throws: ``CheckpointFailure``.
  public func recoverable() async throws(CheckpointFailure) -> [RunRecord] {
    let records = try await services.store.recoverable(by: configuration.owner, at: services.clock.now)
    // Runs of subgraphs are taken up by the nodes that called them.
    return state.withLock { state in records.filter { state.active[$0.run] == nil && $0.parent == nil } }
  }

  /// The events of a run after a number, saved ones first, then live ones.
  public func events(of run: RunID, after sequence: Int = 0) -> RunEvents {
    let source = RunEvents.Source(
      store: services.store,
      live: { [weak self] run in self?.state.withLock { $0.active[run]?.live } },
      poll: .milliseconds(250),
      sleep: services.sleep
    )
    return RunEvents(run: run, sequence: sequence, source: source)
  }

  /// The record and state of a run as last saved; nil for an unknown run.
  ///
  /// - Throws: ``CheckpointFailure``, ``RunnerFailure`` when its graph is unknown here or has changed.
  public func outcome(of run: RunID) async throws -> RunOutcome? {
    guard let saved = try await services.store.load(run) else { return nil }
    return try outcome(saved)
  }

  func outcome(_ saved: SavedRun) throws -> RunOutcome {
    let fitting = try fit(saved, to: graph(named: saved.record.graph))
    let progress = try RunProgress(graph(named: saved.record.graph), values: fitting.values, frontier: fitting.frontier)
    return RunOutcome(record: saved.record, state: progress.snapshot, frontier: fitting.frontier)
  }
}

/// How a run is started.
public struct StartOptions: Hashable, Sendable {
  /// How much of it is saved.
  public var durability: Durability
  /// Whether it begins with the state that the run before it left in its thread.
  public var continuesThread: Bool
  /// A text by which the caller knows the run again: a second start with it gives the first run.
  public var idempotencyKey: String?
  /// What happens when the thread is busy; a run that is not saved, and one whose start the caller saves, never waits.
  public var whenBusy: BusyPolicy

  /// Makes options; without arguments each superstep is saved, the state is fresh, and a busy thread refuses.
  public init(
    durability: Durability = .step,
    continuesThread: Bool = false,
    idempotencyKey: String? = nil,
    whenBusy: BusyPolicy = .refuse
  ) {
    self.whenBusy = whenBusy
    self.durability = durability
    self.continuesThread = continuesThread
    self.idempotencyKey = idempotencyKey
  }
}

/// How the saved state of one version of a graph becomes that of the next.
public struct StateMigration: Sendable {
  /// The graph.
  public let graph: String
  /// The version it starts from; it leads to the next one.
  public let from: Int
  let change: @Sendable (inout [String: JSONValue], inout Frontier) throws -> Void

  /// Makes a migration.
  ///
  /// - Parameters:
  ///   - graph: the graph's name.
  ///   - from: the `state_version` it starts from.
  ///   - change: changes the channel values and what is next, for instance the names of nodes.
  public init(
    graph: String,
    from: Int,
    _ change: @escaping @Sendable (inout [String: JSONValue], inout Frontier) throws -> Void
  ) {
    self.graph = graph
    self.from = from
    self.change = change
  }
}

/// A run as it ended, or as it was last saved.
public struct RunOutcome: Sendable {
  /// By reference, since every task that waits for a run has room for its outcome.
  private final class Contents: Sendable {
    let record: RunRecord
    let state: StateSnapshot
    let frontier: Frontier

    init(_ record: RunRecord, _ state: StateSnapshot, _ frontier: Frontier) {
      self.record = record
      self.state = state
      self.frontier = frontier
    }
  }

  private let contents: Contents

  /// Its record.
  public var record: RunRecord { contents.record }
  /// Its state.
  public var state: StateSnapshot { contents.state }
  /// What comes next.
  var frontier: Frontier { contents.frontier }

  init(record: RunRecord, state: StateSnapshot, frontier: Frontier) {
    contents = Contents(record, state, frontier)
  }

  /// The channels that the graph gives, with those that have a value.
  public var output: [String: JSONValue] {
    let values = state.values
    let names = state.table.outputNames
    return values.filter { names.contains($0.key) }
  }

  /// The questions that are open.
  public var questions: [Frontier.Question] { frontier.openQuestions }
}

/// A run that was started or resumed.
public struct RunHandle: Sendable {
  /// The run.
  public let run: RunID
  private let completion: RunCompletion
  /// All of its events.
  public let events: RunEvents

  init(run: RunID, completion: RunCompletion, events: RunEvents) {
    self.run = run
    self.completion = completion
    self.events = events
  }

  /// Waits for the run to finish, fail, be stopped or be interrupted.
  ///
  /// Cancelling the waiting task neither stops the run nor ends the wait.
  ///
  /// - Throws: ``CheckpointFailure`` when the run could not be saved any more; it is then left as last saved.
  public func outcome() async throws -> RunOutcome { try await completion.outcome() }
}

/// Why a runner cannot do what it is asked.
public enum RunnerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// No graph has this name.
  case noSuchGraph(String, known: [String])
  /// There are several graphs, and none was named.
  case graphNotNamed(known: [String])
  /// The run was saved under a graph that has been edited since.
  case graphChanged(RunID, graph: String)
  /// This runner works on the run already.
  case alreadyActive(RunID)
  /// The runner is shutting down.
  case draining
  /// The run asks nothing of this name, or several nodes do.
  case noSuchQuestion(String, open: [String])
  /// An answer does not fit its question.
  case answerDoesNotFit(String, wanted: String, found: String)
  /// The run does not wait for anybody.
  case notWaiting(RunID)
  /// The run waited in line for its thread for as long as it may.
  case waitedTooLong(RunID, ThreadID)
  /// The run waited in line and was stopped before its turn.
  case leftLine(RunID)
  /// The history of the run has no such entry.
  case noSuchCheckpoint(CheckpointReference)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .noSuchGraph(let name, let known):
      "there is no graph '\(name)'; there are: \(known.joined(separator: ", "))"
    case .graphNotNamed(let known): "name the graph to run; there are: \(known.joined(separator: ", "))"
    case .graphChanged(let run, let graph):
      "graph '\(graph)' has been edited since run \(run) was saved; restore it or start a new run"
    case .alreadyActive(let run): "run \(run) is being worked on already"
    case .noSuchQuestion(let name, let open):
      "there is no single open question '\(name)'; open are: \(open.joined(separator: ", "))"
    case .answerDoesNotFit(let name, let wanted, let found): "the answer to '\(name)' must be \(wanted), not \(found)"
    case .notWaiting(let run): "run \(run) does not wait for an answer"
    case .waitedTooLong(let run, let thread):
      "run \(run) waited too long for thread \(thread) and was given up; let it wait longer, or start it again"
    case .leftLine(let run): "run \(run) was stopped before its turn came"
    case .noSuchCheckpoint(let reference): "revision \(reference.revision) of run \(reference.run) is not kept"
    case .draining: "the server is shutting down and takes no new runs; try again in a moment"
    }
  }
}
