public import CoachVocabulary
import ConcurrencyKit
import Declarations
public import FoundationEssentials
import Persistence
import StateGraph

// What a server does by itself, without anybody asking.

extension CoachApplication {
  /// How long runs of other processes whose time has come may wait until they are found.
  ///
  /// A replica that stops waits a few seconds for its readers, who then see the end of runs that another one took over.
  var lookingInterval: Duration { isShared ? .seconds(1) : .seconds(5) }

  /// Does what is due until the task is cancelled: starts the runs of schedules, and goes on with runs that wait for a
  /// time which has come or whose process died.
  ///
  /// This is the one place for work that nobody asks for; everything in it ends with the task.
  func workInBackground() async {
    let scheduler = GraphScheduler(runner, schedules: installation.schedules, poll: lookingInterval) {
      [self] schedule, run, thread in
      try await start(schedule, run: run, thread: thread)
    } takesUp: { [isShared] record in
      // What another replica put aside when it stopped; what a person put aside stays so.
      isShared && record.owner.hasPrefix(Self.replicaPrefix)
    } onFailure: { [surroundings] record, error in
      surroundings.log("run \(record.run) of graph '\(record.graph)' cannot go on: \(error)")
    }
    async let stopping: Void = stopOnRequest()
    async let expiring: Void = expireOld()
    async let filling: Void = dumps.keepFull()
    await scheduler.run()
    _ = await (stopping, expiring, filling)
  }

  /// How the names of servers begin that share a store.
  public static let replicaPrefix = "serve-"

  /// Deletes what is older than it may be, once an hour, until the task is cancelled.
  private func expireOld() async {
    let retention = installation.retention
    guard retention != PersonalData.Retention() else { return }
    while !Task.isCancelled {
      do {
        let listings = try await PersonalData(database, clock: surroundings.clock).expire(retention, of: .local)
        let gone = listings.filter { $0.rows > 0 }.map { "\($0.table) \($0.rows)" }
        if !gone.isEmpty { surroundings.log("expired: " + gone.joined(separator: ", ")) }
      } catch {
        surroundings.log("what is too old could not be deleted: \(error)")
      }
      try? await surroundings.sleep(.seconds(3_600))
    }
  }

  /// Stops runs that somebody wants stopped in another process, until the task is cancelled.
  private func stopOnRequest() async {
    let news = database.requestNews()
    while !Task.isCancelled {
      await fulfilStopRequests()
      if let news {
        await news.next(within: lookingInterval)
      } else {
        try? await surroundings.sleep(lookingInterval)
      }
    }
  }

  /// Stops what is asked for and can be stopped here; a request goes when its run is at its end, so that it also reaches
  /// whoever takes the run over from a process that died.
  func fulfilStopRequests() async {
    let store = database.checkpoints(of: .local)
    for run in (try? await database.stopRequests(of: .local)) ?? [] {
      guard let record = try? await store.record(of: run) else { continue }
      if record.status.isTerminal {
        try? await database.dropStopRequest(of: run, tenant: .local)
      } else {
        _ = try? await runner.stop(run)
      }
    }
  }

  /// Stops a run here, or asks the process that works on it to do so.
  ///
  /// - Returns: whether there was anything to stop.
  func stopAnywhere(_ run: RunID) async throws -> Bool {
    do {
      return try await runner.stop(run)
    } catch CheckpointFailure.leaseHeld, CheckpointFailure.headMoved {
      try await database.requestStop(of: run, tenant: .local)
      return true
    }
  }

  /// Starts the run of a schedule; a graph that answers messages gets a session that is called like the schedule.
  private func start(_ schedule: RunSchedule, run: RunID, thread: ThreadID) async throws {
    do {
      let graph = try graph(named: schedule.graph ?? "")
      let start = prepare(
        graph,
        schedule.input.writes,
        domain: installation.defaultDomain,
        run: run,
        session: SessionID(thread.rawValue),
        title: "Schedule \(schedule.name)"
      )
      _ = try await runner.start(
        run: run,
        thread: thread,
        graph: graph.name,
        input: StateUpdate(start.values),
        timeLimit: installation.folder.server.runTimeLimit,
        saving: start.saving
      )
      surroundings.log("schedule '\(schedule.name)' started run \(run)")
    } catch CheckpointFailure.threadBusy(let thread, run: let other) {
      surroundings.log("schedule '\(schedule.name)' finds run \(other) still at work (\(schedule.overlap.rawValue))")
      throw CheckpointFailure.threadBusy(thread, run: other)
    } catch {
      surroundings.log("schedule '\(schedule.name)' could not start run \(run): \(error)")
      throw error
    }
  }

  // MARK: - Starts

  /// What a run of a graph begins with.
  struct PreparedStart: Sendable {
    /// The input by channel.
    var values: [String: JSONValue]
    /// Saves the conversation with the start; nil for a graph that has none.
    var saving: (@Sendable (RunStart) async throws -> Void)?
  }

  /// Completes an input: a graph that answers messages gets a conversation and the time of asking unless it has them.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - input: what is given, by channel.
  ///   - domain: the domain that is asked when the input names none.
  ///   - run: the run to be.
  ///   - session: the conversation to go on with; nil begins one.
  ///   - title: what a new conversation is called; nil for the message.
  /// - Returns: the whole input, and how its conversation is saved.
  func prepare(
    _ graph: Graph,
    _ input: [String: JSONValue],
    domain: String,
    run: RunID,
    session: SessionID? = nil,
    title: String? = nil
  ) -> PreparedStart {
    guard graph.isConversation, input["session"] == nil, let text = input["message"]?.stringValue else {
      return PreparedStart(values: input)
    }
    var values = input
    let taken = Set(graph.inputNames)
    let now = surroundings.clock.now
    if taken.contains("domain"), values["domain"] == nil { values["domain"] = .string(domain) }
    if taken.contains("asked_at") { values["asked_at"] = .double(now.timeIntervalSince1970 * 1_000) }
    let conversation = ChatSession(
      id: session ?? surroundings.identifiers.next(),
      title: title ?? String(text.prefix(80)),
      domain: values["domain"]?.stringValue ?? domain,
      createdAt: now
    )
    values["session"] = .string(conversation.id.rawValue)
    let message = ChatMessage(
      id: surroundings.identifiers.next(),
      session: conversation.id,
      role: .user,
      text: text,
      createdAt: now,
      run: run
    )
    return PreparedStart(
      values: values,
      saving: { [sessions] in try await sessions.ask(message, in: conversation, starting: $0) }
    )
  }

  /// A graph by name.
  ///
  /// - Throws: `RunnerFailure.noSuchGraph`.
  func graph(named name: String) throws(RunnerFailure) -> Graph {
    guard let graph = runner.graphs[name] else {
      throw .noSuchGraph(name, known: runner.graphs.keys.sorted())
    }
    return graph
  }
}

extension Installation {
  /// The schedules with the time of their next run, for lists.
  ///
  /// - Parameter now: the moment after which the next run is.
  /// - Returns: a list of objects with `name`, `graph`, `cron`, `zone`, `overlap`, `input` and `next` (ISO 8601 in UTC).
  public func describeSchedules(now: Date) -> JSONValue {
    .array(
      schedules.map { schedule in
        [
          "name": .string(schedule.name), "graph": .string(schedule.graph ?? ""),
          "cron": .string(schedule.cron.description), "zone": .string(schedule.zone.name),
          "overlap": .string(schedule.overlap.rawValue), "input": .object(schedule.input.writes),
          "next": schedule.cron.next(after: now, in: schedule.zone).map { .string($0.formatted(.iso8601)) } ?? .null,
        ]
      }
    )
  }
}
