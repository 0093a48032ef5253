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
    var task: Task<RunOutcome, any Error>?
  }

  private struct State: Sendable {
    var active: [RunID: Active] = [:]
    var isDraining = false
    var heartbeat: Task<Void, Never>?
  }

  /// The graphs by name.
  public let graphs: [String: Graph]
  private let configuration: Configuration
  private let services: RunServices
  private let state = Locked(State())

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - graphs: what it can run; of two graphs with one name the last stays.
  ///   - store: where runs are saved.
  ///   - configuration: how runs are worked on.
  ///   - clock: the time of day for records and leases.
  ///   - sleep: waits before retries, between lease renewals and between looks at runs of other processes.
  public init(
    graphs: [Graph],
    store: any CheckpointStore,
    configuration: Configuration,
    clock: WallClock = .system,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.graphs = Dictionary(graphs.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.configuration = configuration
    services = RunServices(
      store: store,
      clock: clock,
      leaseDuration: configuration.leaseDuration,
      maximumConcurrency: configuration.maximumConcurrency,
      maximumRecoveries: configuration.maximumRecoveries,
      sleep: sleep
    )
  }

  deinit { state.withLock { $0.heartbeat }?.cancel() }

  // MARK: - Starting and resuming

  /// Starts a run and returns once it is saved; the run goes on by itself.
  ///
  /// - Parameters:
  ///   - run: its new identifier.
  ///   - thread: the thread it belongs to, which must not be busy.
  ///   - graph: which graph; nil for the only one.
  ///   - input: what is written before the first node.
  ///   - timeLimit: the most time it may take; nil for no limit.
  ///   - saving: saves the start in place of the store's `create`, for callers that save more in the same transaction.
  /// - Returns: a handle to wait for the run and to follow it.
  /// - Throws: ``RunnerFailure``, ``RunError`` for an input the graph does not take, ``CheckpointFailure``.
  public func start(
    run: RunID,
    thread: ThreadID,
    graph: String? = nil,
    input: StateUpdate,
    timeLimit: Duration? = nil,
    saving: (@Sendable (RunStart) async throws -> Void)? = nil
  ) async throws -> RunHandle {
    let graph = try self.graph(named: graph)
    let now = services.clock.now
    var record = RunRecord(
      run: run,
      thread: thread,
      graph: graph.name,
      graphHash: graph.hash,
      owner: configuration.owner,
      leaseExpires: now + configuration.leaseDuration / .seconds(1),
      createdAt: now
    )
    var progress = RunProgress(graph)
    let changes = try progress.begin(with: input)
    let event = RunEvent(
      run: run,
      sequence: 1,
      type: RunEvent.runStarted,
      data: ["thread": .string(thread.rawValue), "graph": .string(graph.name)],
      time: now
    )
    record.lastSequence = 1
    let start = RunStart(record: record, changes: changes, frontier: progress.frontier, events: [event])
    let control = try register(run)
    do {
      if let saving { try await saving(start) } else { try await services.store.create(start) }
    } catch {
      unregister(run, .lost(error))
      throw error
    }
    let work = RunWork(record: record, progress: progress, effects: [])
    return launch(work, goLive(record), control, timeLimit: timeLimit)
  }

  /// Goes on with a saved run from its last superstep: one that was interrupted, failed, was stopped, or lost its process.
  ///
  /// A run this process works on already is joined; a finished one gives its outcome.
  ///
  /// - Throws: ``RunnerFailure``, ``CheckpointFailure``.
  public func resume(_ run: RunID, timeLimit: Duration? = nil) async throws -> RunHandle {
    if let task = state.withLock({ $0.active[run]?.task }) { return handle(run, task) }
    if let outcome = try await outcome(of: run), outcome.record.status == .finished {
      return handle(run, Task { outcome })
    }
    let control = try register(run)
    do {
      let work = try await takeOver(run)
      let live = goLive(work.record)
      live.publish(RunEvent.runResumed, ["step": .int(work.record.step)])
      return launch(work, live, control, timeLimit: timeLimit)
    } catch {
      unregister(run, .lost(error))
      throw error
    }
  }

  private func takeOver(_ run: RunID) async throws -> RunWork {
    guard let known = try await services.store.record(of: run) else { throw CheckpointFailure.noSuchRun(run) }
    let graph = try graph(for: known)
    let now = services.clock.now
    let expiry = now + configuration.leaseDuration / .seconds(1)
    let record = try await services.store.claim(run, for: configuration.owner, until: expiry, at: now)
    guard let saved = try await services.store.load(run) else { throw CheckpointFailure.noSuchRun(run) }
    let progress = try RunProgress(graph, values: saved.values, frontier: saved.frontier)
    return RunWork(record: record, progress: progress, effects: saved.effects)
  }

  private func graph(named name: String?) throws(RunnerFailure) -> Graph {
    if let name {
      guard let graph = graphs[name] else { throw .noSuchGraph(name, known: graphs.keys.sorted()) }
      return graph
    }
    guard graphs.count == 1, let graph = graphs.values.first else { throw .graphNotNamed(known: graphs.keys.sorted()) }
    return graph
  }

  private func graph(for record: RunRecord) throws(RunnerFailure) -> Graph {
    let graph = try graph(named: record.graph)
    guard graph.hash == record.graphHash else { throw .graphChanged(record.run, graph: record.graph) }
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
    let live = LiveRun(run: record.run, lastSequence: record.lastSequence, clock: services.clock)
    state.withLock { $0.active[record.run]?.live = live }
    return live
  }

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
        return outcome
      } catch {
        unregister(run, .lost(error))
        throw error
      }
    }
    state.withLock { $0.active[run]?.task = task }
    keepLeases()
    return handle(run, task)
  }

  private func handle(_ run: RunID, _ task: Task<RunOutcome, any Error>) -> RunHandle {
    RunHandle(run: run, task: task, events: events(of: run))
  }

  /// Renews the leases of all active runs until there are none.
  private func keepLeases() {
    state.withLock { state in
      guard state.heartbeat == nil else { return }
      state.heartbeat = Task { [weak self, services, configuration] in
        while !Task.isCancelled {
          try? await services.sleep(configuration.leaseDuration / 3)
          guard let runs = self?.activeRunsOrEndOfHeartbeat() else { return }
          let expiry = services.clock.now + configuration.leaseDuration / .seconds(1)
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
    guard var record = try await services.store.record(of: run) else { throw CheckpointFailure.noSuchRun(run) }
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
        finishedTasks: [],
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
      for entry in active { _ = await entry.task?.result }
      // A run that was just being saved has no task yet.
      await Task.yield()
      active = state.withLock { Array($0.active.values) }
    }
    state.withLock { $0.heartbeat }?.cancel()
  }

  // MARK: - Reading

  /// Runs that nobody works on: interrupted ones, and those whose process died.
  ///
  /// Call it at the start and now and then, and resume what it gives.
  ///
  /// - Throws: ``CheckpointFailure``.
  public func recoverable() async throws(CheckpointFailure) -> [RunRecord] {
    let records = try await services.store.recoverable(by: configuration.owner, at: services.clock.now)
    return state.withLock { state in records.filter { state.active[$0.run] == nil } }
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
    let graph = try graph(for: saved.record)
    let progress = try RunProgress(graph, values: saved.values, frontier: saved.frontier)
    return RunOutcome(record: saved.record, state: progress.snapshot)
  }
}

/// A run as it ended, or as it was last saved.
public struct RunOutcome: Sendable {
  /// Its record.
  public let record: RunRecord
  /// Its state.
  public let state: StateSnapshot
}

/// A run that was started or resumed.
public struct RunHandle: Sendable {
  /// The run.
  public let run: RunID
  private let task: Task<RunOutcome, any Error>
  /// All of its events.
  public let events: RunEvents

  init(run: RunID, task: Task<RunOutcome, any Error>, events: RunEvents) {
    self.run = run
    self.task = task
    self.events = events
  }

  /// Waits for the run to finish, fail, be stopped or be interrupted.
  ///
  /// Cancelling the waiting task neither stops the run nor ends the wait.
  ///
  /// - Throws: ``CheckpointFailure`` when the run could not be saved any more; it is then left as last saved.
  public func outcome() async throws -> RunOutcome { try await task.value }
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

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .noSuchGraph(let name, let known):
      "there is no graph '\(name)'; there are: \(known.joined(separator: ", "))"
    case .graphNotNamed(let known): "name the graph to run; there are: \(known.joined(separator: ", "))"
    case .graphChanged(let run, let graph):
      "graph '\(graph)' has been edited since run \(run) was saved; restore it or start a new run"
    case .alreadyActive(let run): "run \(run) is being worked on already"
    case .draining: "the server is shutting down and takes no new runs; try again in a moment"
    }
  }
}
