public import CoachAPI
import CoachAgents
public import CoachVocabulary
import ConcurrencyKit
import Declarations
import FoundationEssentials
import Ledger
import ModelRouting
import Persistence
import SemanticLayer
import StateGraph

extension CoachApplication: CoachService {
  /// Starts a run for a message.
  public func ask(_ request: ChatRequest) async throws(CoachProblem) -> StartedRun {
    try await ask(request, asOf: nil)
  }

  /// Starts a run for a message, on a given day.
  ///
  /// - Parameters:
  ///   - request: the message.
  ///   - asOf: what "today" is; nil takes the domain's.
  ///   - graph: which graph answers.
  /// - Returns: the run with its events.
  /// - Throws: `CoachProblem`.
  func ask(
    _ request: ChatRequest,
    asOf: CivilDate?,
    graph: String = "coach"
  ) async throws(CoachProblem) -> StartedRun {
    let (session, name) = try await conversation(for: request)
    let run = surroundings.identifiers.next(RunKind.self)
    let now = surroundings.clock.now
    let earlier = try await lookUp { try await sessions.messages(of: session.id, last: 10) }
    let message = ChatMessage(
      id: surroundings.identifiers.next(),
      session: session.id,
      role: .user,
      text: request.message,
      createdAt: now,
      run: run
    )
    var input: [String: JSONValue] = [
      "message": .string(request.message),
      "domain": .string(name),
      "session": .string(session.id.rawValue),
      "history": .array(earlier.map { .string("\($0.role.rawValue): \($0.text.prefix(300))") }),
      "asked_at": .double(now.timeIntervalSince1970 * 1_000),
    ]
    if let frame = earlier.last(where: { $0.frame != nil })?.frame { input["previous_frame"] = frame }
    if request.isPrivate { input["private"] = true }
    if let asOf { input["as_of"] = .string(asOf.description) }
    let store = sessions
    try admit()
    do {
      let handle = try await runner.start(
        run: run,
        thread: ThreadID(session.id.rawValue),
        graph: graph,
        input: StateUpdate(input),
        timeLimit: installation.folder.server.runTimeLimit,
        saving: { start in try await store.ask(message, in: session, starting: start) }
      )
      release(after: handle)
      return StartedRun(
        runID: run,
        sessionID: session.id,
        events: EventTranslation.stream(handle.events, session: session.id, after: 0)
      )
    } catch {
      activeRuns.withLock { $0 -= 1 }
      throw problem(error, session: session.id)
    }
  }

  /// Takes one of the places that `run_limit` leaves.
  private func admit() throws(CoachProblem) {
    let limit = installation.folder.server.runLimit
    let isAdmitted = activeRuns.withLock { active in
      guard active < limit else { return false }
      active += 1
      return true
    }
    if !isAdmitted { throw .busy(retryAfter: .seconds(1)) }
  }

  /// Gives the place back when the run has ended, whoever still listens.
  private func release(after handle: RunHandle) {
    Task {
      _ = try? await handle.outcome()
      activeRuns.withLock { $0 -= 1 }
    }
  }

  private func problem(_ error: any Error, session: SessionID) -> CoachProblem {
    switch error {
    case RunnerFailure.draining: return .shuttingDown
    case CheckpointFailure.threadBusy: return .sessionBusy(session)
    default: return fault(error)
    }
  }

  /// The session a request belongs to, new ones included, and the domain it asks about.
  private func conversation(for request: ChatRequest) async throws(CoachProblem) -> (ChatSession, String) {
    guard !request.message.isEmpty else { throw .emptyMessage }
    guard request.message.unicodeScalars.count <= ChatRequest.messageLimit else {
      throw .messageTooLong(limit: ChatRequest.messageLimit)
    }
    if let id = request.sessionID {
      guard let session = try await lookUp({ try await sessions.session(id) }) else { throw .unknownSession(id) }
      if let asked = request.domain, asked != session.domain {
        throw .domainMismatch(asked: asked, session: session.domain)
      }
      try checkDomain(session.domain)
      return (session, session.domain)
    }
    let name = request.domain ?? installation.defaultDomain
    try checkDomain(name)
    let title = request.message.split(whereSeparator: \.isNewline).first.map { String($0.prefix(80)) } ?? ""
    let session = ChatSession(
      id: surroundings.identifiers.next(),
      title: title,
      domain: name,
      createdAt: surroundings.clock.now
    )
    return (session, name)
  }

  private func checkDomain(_ name: String) throws(CoachProblem) {
    if domains[name] != nil { return }
    if let detail = unavailable[name] { throw .databaseMissing(detail: detail) }
    throw .unknownDomain(name, known: installation.models.keys.sorted())
  }

  /// The events of a run from a number on.
  public func events(of run: RunID, after sequence: Int) async throws(CoachProblem) -> AsyncStream<CoachEvent> {
    let record = try await lookUp { try await database.checkpoints(of: .local).record(of: run) }
    guard let record else { throw .unknownRun(run) }
    return EventTranslation.stream(
      runner.events(of: run, after: 0),
      session: SessionID(record.thread.rawValue),
      after: sequence
    )
  }

  /// Asks a run to stop.
  public func stop(_ run: RunID) async throws(CoachProblem) {
    let record = try await lookUp { try await database.checkpoints(of: .local).record(of: run) }
    guard record != nil else { throw .unknownRun(run) }
    _ = try await lookUp { try await stopAnywhere(run) }
  }

  /// The questions of a run that wait for an answer.
  public func questions(of run: RunID) async throws(CoachProblem) -> JSONValue {
    let status = try await status(of: run)
    guard !status.isNull else { throw .unknownRun(run) }
    let questions = try await lookUp { try await runner.questions(of: run) }
    return [
      "run_id": .string(run.rawValue), "status": status, "questions": .array(questions.map(\.summary)),
    ]
  }

  /// Answers questions of a waiting run and goes on with it.
  public func answer(_ run: RunID, _ answers: [String: JSONValue]) async throws(CoachProblem) {
    let record = try await lookUp { try await database.checkpoints(of: .local).record(of: run) }
    guard record != nil else { throw .unknownRun(run) }
    try admit()
    do {
      release(after: try await runner.answer(run, answers))
    } catch {
      activeRuns.withLock { $0 -= 1 }
      throw Self.answerProblem(error, of: run) ?? fault(error)
    }
  }

  /// Keeps whether the answer of a run was right, so that the router learns whom to ask.
  public func rate(_ run: RunID, isRight: Bool) async throws(CoachProblem) {
    let record = try await lookUp { try await database.checkpoints(of: .local).record(of: run) }
    guard record != nil else { throw .unknownRun(run) }
    do {
      try await router.learn(run, isKept: isRight, of: .local)
    } catch {
      throw fault(error)
    }
  }

  /// What an answer that was refused is told; nil for faults of the service.
  private static func answerProblem(_ error: any Error, of run: RunID) -> CoachProblem? {
    switch error {
    case RunnerFailure.noSuchQuestion(let name, let open): .unknownQuestion(name, open: open)
    case RunnerFailure.answerDoesNotFit(let name, let wanted, _): .answerDoesNotFit(name, wanted: wanted)
    case RunnerFailure.notWaiting, RunnerFailure.alreadyActive, CheckpointFailure.leaseHeld: .notWaiting(run)
    case RunnerFailure.draining: .shuttingDown
    default: nil
    }
  }

  /// The newest sessions.
  public func sessions(limit: Int) async throws(CoachProblem) -> JSONValue {
    let page = try await lookUp { try await sessions.sessions(after: nil, limit: limit) }
    return [
      "sessions": .array(
        page.sessions.map { session in
          [
            "id": .string(session.id.rawValue), "title": .string(session.title), "domain": .string(session.domain),
            "updated_at": .string(Self.text(session.updatedAt)), "message_count": .int(session.messageCount),
          ]
        }
      )
    ]
  }

  /// One session with its last 200 messages.
  public func session(_ id: SessionID) async throws(CoachProblem) -> JSONValue {
    guard let session = try await lookUp({ try await sessions.session(id) }) else { throw .unknownSession(id) }
    let messages = try await lookUp { try await sessions.messages(of: id, last: 200) }
    let totals = try await lookUp { try await ledger.totals(in: LedgerScope(.session(id))) }
    var entries: [JSONValue] = []
    for message in messages {
      var entry: [String: JSONValue] = [
        "id": .string(message.id.rawValue), "role": .string(message.role.rawValue), "text": .string(message.text),
        "created_at": .string(Self.text(message.createdAt)),
      ]
      if let answer = message.answer { entry["answer"] = answer }
      if let run = message.run {
        entry["run_id"] = .string(run.rawValue)
        if message.role == .user { entry["run_status"] = try await status(of: run) }
      }
      entries.append(.object(entry))
    }
    return [
      "id": .string(id.rawValue), "title": .string(session.title), "domain": .string(session.domain),
      "created_at": .string(Self.text(session.createdAt)), "messages": .array(entries),
      "usage": Delivery.usage(totals),
    ]
  }

  /// What a session's calls of models cost.
  public func ledger(of id: SessionID, limit: Int) async throws(CoachProblem) -> JSONValue {
    guard try await lookUp({ try await sessions.session(id) }) != nil else { throw .unknownSession(id) }
    let rows = try await lookUp { try await ledger.attempts(in: LedgerScope(.session(id)), limit: limit) }
    let now = surroundings.clock.now
    let report = LedgerReport(of: rows, by: .model, baseline: installation.baseline(at: now), at: now)
    return [
      "session_id": .string(id.rawValue), "total": report.total.json, "models": .array(report.lines.map(\.json)),
      "calls": .array(rows.map(\.json)),
    ]
  }

  private func status(of run: RunID) async throws(CoachProblem) -> JSONValue {
    let record = try await lookUp { try await database.checkpoints(of: .local).record(of: run) }
    guard let record else { return .null }
    return .string(record.status.rawValue)
  }

  /// Questions to begin with.
  public func starters(domain: String?) async throws(CoachProblem) -> JSONValue {
    let name = domain ?? installation.defaultDomain
    try checkDomain(name)
    guard let domain = domains[name] else { throw .unknownDomain(name, known: installation.models.keys.sorted()) }
    return [
      "domain": .string(name), "description": .string(domain.model.description),
      "as_of": .string(domain.asOf(now: surroundings.clock.now).description),
      "starters": .array(domain.model.language.starters.map { .string($0) }),
      "domains": .array(domains.keys.sorted().map { .string($0) }),
    ]
  }

  /// Whether everything is there.
  public func health() async -> JSONValue {
    [
      "status": .string(unavailable.isEmpty ? "ok" : "degraded"),
      "version": .string(Self.version),
      "domains": .array(domains.keys.sorted().map { .string($0) }),
      "unavailable_domains": .array(unavailable.keys.sorted().map { .string($0) }),
      "models": .array(
        router.health.map { health in
          [
            "name": .string(health.endpoint), "tier": .string(health.tier.rawValue), "model": .string(health.model),
            "state": .string(health.state.rawValue),
          ]
        }
      ),
    ]
  }

  // MARK: - Failures

  /// Turns a failure of the stores into a problem that tells clients nothing of the inside.
  private func lookUp<Value>(_ body: () async throws -> Value) async throws(CoachProblem) -> Value {
    do {
      return try await body()
    } catch {
      throw fault(error)
    }
  }

  private func fault(_ error: any Error) -> CoachProblem {
    let reference = surroundings.identifiers.next(RunKind.self).rawValue
    surroundings.log("fault \(reference): \(error)")
    return .internal(reference: reference)
  }

  static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
