import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import LanguageModel
import Ledger

/// Carries one call from its decision to its reply, attempt by attempt.
final class CallRunner {
  /// What became of an endpoint.
  private enum Ending {
    case reply(RoutedReply)
    case next(RoutingFailure.Kind)
    case stop(RoutingFailure.Kind)
  }

  private let call: ModelCall
  private let operation: OperationID
  private let decision: RoutingDecision
  private let router: ModelRouter
  private let onEvent: @Sendable (RoutedEvent) async -> Void
  /// The decision for the event log, without attempts.
  private let decided: [String: JSONValue]
  private var rows: [ModelAttempt] = []
  private var notes: [JSONValue] = []
  private var repairsLeft = 1
  private var hasGivenText = false
  private var partialText = ""
  private var lastProblem: RoutingFailure.Kind?
  private var wasCutByDeadline = false
  /// The longest beginning of a reply in words that broke off.
  private var brokenReply: RoutedReply?
  /// The largest context that was too small for the prompt.
  private var shortContext = 0

  init(
    _ call: ModelCall,
    named operation: OperationID,
    decision: RoutingDecision,
    router: ModelRouter,
    onEvent: @escaping @Sendable (RoutedEvent) async -> Void
  ) {
    self.call = call
    self.operation = operation
    self.decision = decision
    self.router = router
    self.onEvent = onEvent
    decided = decision.json(operation: operation)
  }

  func run() async throws(RoutingFailure) -> RoutedReply {
    if let fault = schemaFault { throw failure(.model(ModelFailure(.badRequest, detail: fault))) }
    await onEvent(.decided(record))
    for endpoint in decision.candidates where endpoint.contextTokens > shortContext {
      switch await ask(endpoint) {
      case .reply(let reply): return reply
      case .next(let kind): lastProblem = kind
      case .stop(let kind): throw failure(kind)
      }
    }
    if let reply = brokenReply { return withAllAttempts(reply) }
    throw failure(lastProblem ?? .noEndpoint(decision.rejections.map { "\($0.endpoint): \($0.reason)" }))
  }

  /// Asks one endpoint, with at most one retry and one repair.
  private func ask(_ endpoint: ModelEndpoint) async -> Ending {
    let original = call.request.adapted(to: endpoint)
    var request = original
    var retriesLeft = 1
    while true {
      if Task.isCancelled { return .stop(.cancelled) }
      if isOverdue { return .stop(.deadlinePassed) }
      let now = router.environment.now()
      guard router.breaker(of: endpoint, { $0.admit(at: now) }) else {
        return .next(lastProblem ?? .noEndpoint(["\(endpoint.name): failed lately"]))
      }
      switch await attempt(request, at: endpoint) {
      case .answered(let reply): return .reply(reply)
      case .unaffordable(let failure):
        guard failure.isAboutMoney else { return .stop(.ledger(failure)) }
        notes.append(["endpoint": .string(endpoint.name), "outcome": "over_budget"])
        return .next(.overBudget(failure))
      case .unrecorded(let failure): return .stop(.ledger(failure))
      case .invalid(let text, let faults):
        guard repairsLeft > 0 else { return .next(.invalidOutput(faults)) }
        repairsLeft -= 1
        request = original.repairing(text, faults: faults)
      case .failed(let failure):
        lastProblem = .model(failure)
        keepPartialReply(from: endpoint, failure)
        if let reply = brokenReply, router.policy.brokenReply == .keep { return .reply(reply) }
        if let ending = await ending(of: failure, at: endpoint, retriesLeft: &retriesLeft) { return ending }
      }
    }
  }

  /// What a failure means for the call; nil to try the same endpoint again.
  private func ending(
    of failure: ModelFailure,
    at endpoint: ModelEndpoint,
    retriesLeft: inout Int
  ) async -> Ending? {
    if case .cancelled = failure.kind, Task.isCancelled { return .stop(.cancelled) }
    if isOverdue { return .stop(.deadlinePassed) }
    switch failure.kind {
    case .badRequest: return .stop(.model(failure))
    case .refused: return router.policy.refusal == .stop ? .stop(.model(failure)) : .next(.model(failure))
    case .contextTooLong:
      shortContext = max(shortContext, endpoint.contextTokens)
      return .next(.model(failure))
    case .rateLimited(let asked), .serverError(status: _, let asked):
      guard retriesLeft > 0, let pause = affordablePause(asked) else { return .next(.model(failure)) }
      retriesLeft -= 1
      try? await router.environment.sleep(pause)  // a cancelled sleep is noticed by the loop
      return nil
    case .unauthorized, .notFound, .connection, .timedOut, .cut, .malformed, .cancelled:
      return .next(.model(failure))
    }
  }

  /// Keeps what came of a reply in words that broke off, in case nothing better comes.
  ///
  /// Half of a JSON text, or of a wish to call tools, is of no use to anybody.
  private func keepPartialReply(from endpoint: ModelEndpoint, _ failure: ModelFailure) {
    guard case .cut(let text) = failure.kind, !text.isEmpty, case .text = call.request.responseFormat,
      !Task.isCancelled, call.request.tools.isEmpty, text.utf8.count > brokenReply?.text.utf8.count ?? 0
    else { return }
    brokenReply = reply(text: text, isPartial: true, finishReason: .length, from: endpoint)
  }

  private func withAllAttempts(_ reply: RoutedReply) -> RoutedReply {
    var reply = reply
    reply.attempts = rows
    reply.record = record
    return reply
  }

  private func reply(
    text: String,
    json: JSONValue? = nil,
    toolCalls: [ToolCall] = [],
    isPartial: Bool = false,
    finishReason: FinishReason,
    from endpoint: ModelEndpoint
  ) -> RoutedReply {
    RoutedReply(
      text: text,
      json: json,
      toolCalls: toolCalls,
      isPartial: isPartial,
      finishReason: finishReason,
      endpoint: endpoint.name,
      model: endpoint.modelName,
      tier: endpoint.tier,
      attempts: rows,
      record: record
    )
  }

  /// The pause before a retry; nil when it is longer than the policy or the deadline allows.
  private func affordablePause(_ asked: Duration?) -> Duration? {
    let pause = asked ?? router.retryPause()
    guard pause <= router.policy.longestRetryPause else { return nil }
    if let deadline = call.deadline, pause >= deadline.remaining(at: router.environment.now()) { return nil }
    return pause
  }

  private var isOverdue: Bool {
    wasCutByDeadline || call.deadline?.hasPassed(at: router.environment.now()) ?? false
  }

  /// Why the wanted schema cannot be checked against; nil when it can or there is none.
  private var schemaFault: String? {
    guard case .jsonSchema(name: _, let schema, strict: _) = call.request.responseFormat else { return nil }
    do {
      _ = try JSONSchema(schema)
      return nil
    } catch {
      return error.message
    }
  }

  private func failure(_ kind: RoutingFailure.Kind) -> RoutingFailure {
    RoutingFailure(kind: kind, partialText: partialText, attempts: rows, record: record)
  }

  private var record: JSONValue { .object(decided.merging(["attempts": .array(notes)]) { $1 }) }
}

// MARK: - One attempt

extension CallRunner {
  private enum Outcome {
    case answered(RoutedReply)
    case invalid(text: String, faults: [String])
    case failed(ModelFailure)
    /// The ledger refused to begin the attempt.
    case unaffordable(LedgerFailure)
    /// The ledger could not close the attempt.
    case unrecorded(LedgerFailure)
  }

  private func attempt(_ request: ModelRequest, at endpoint: ModelEndpoint) async -> Outcome {
    let reservation: Reservation
    do {
      reservation = try await begin(request, at: endpoint)
    } catch {
      let now = router.environment.now()
      router.breaker(of: endpoint) { $0.gaveUp(at: now) }
      return .unaffordable(error)
    }
    await onEvent(hasGivenText ? .restarted(endpoint: endpoint.name) : .started(endpoint: endpoint.name))
    hasGivenText = false
    let row = reservation.attempt
    var request = request
    request.maxOutputTokens = reservation.outputLimit ?? request.maxOutputTokens
    let stopwatch = Stopwatch(router.environment.now)
    let progress = Locked(ModelReply.Builder())
    let result = await read(request, from: endpoint, into: progress, stopwatch)
    let verdict = Verdict(
      result,
      for: request,
      wanting: call.request.responseFormat,
      textSoFar: progress.current.text
    )
    hasGivenText = !verdict.text.isEmpty
    partialText = verdict.text
    tellBreaker(of: endpoint, verdict)
    do {
      let settled = try await settle(row, verdict, stopwatch)
      rows.append(settled.attempt)
      notes.append(Self.note(settled.attempt, verdict))
      for cap in settled.alerts { await onEvent(.budgetPassed(cap)) }
    } catch {
      return .unrecorded(error)
    }
    return outcome(verdict, at: endpoint)
  }

  private func outcome(_ verdict: Verdict, at endpoint: ModelEndpoint) -> Outcome {
    switch verdict.conclusion {
    case .failed(let failure): .failed(failure)
    case .invalid(let faults): .invalid(text: verdict.text, faults: faults)
    case .answered(let reply, let json):
      .answered(
        self.reply(
          text: reply.text,
          json: json,
          toolCalls: reply.toolCalls,
          finishReason: reply.finishReason,
          from: endpoint
        )
      )
    }
  }

  private func begin(_ request: ModelRequest, at endpoint: ModelEndpoint) async throws(LedgerFailure) -> Reservation {
    let start = router.environment.wallClock.now
    let row = ModelAttempt(
      key: AttemptKey(operation: operation, number: rows.count + 1),
      of: call.origin,
      tier: endpoint.tier,
      endpoint: endpoint.name,
      model: endpoint.modelName,
      startedAt: start,
      leaseExpires: start + leaseSeconds
    )
    let expected = TokenCounts(
      input: TokenEstimator.promptTokens(of: request),
      output: request.maxOutputTokens ?? Self.likelyOutputTokens
    )
    return try await router.ledger.begin(row, expecting: expected, within: call.caps)
  }

  /// How long the ledger waits for the end of an attempt: to the call's deadline and a little over.
  private var leaseSeconds: Double {
    let limit = call.deadline?.remaining(at: router.environment.now()) ?? ModelAttempt.longestRun
    return (max(limit, .zero) + Self.leaseGrace) / .seconds(1)
  }

  private static let leaseGrace = Duration.seconds(30)

  /// What is reserved for a reply whose length is not limited.
  private static let likelyOutputTokens = 1_024

  /// Closes the row; a caller that was cancelled must not keep it from being written.
  private func settle(
    _ row: ModelAttempt,
    _ verdict: Verdict,
    _ stopwatch: Stopwatch
  ) async throws(LedgerFailure) -> Settled {
    let (ledger, duration, firstToken) = (router.ledger, stopwatch.elapsed, stopwatch.firstToken)
    let write: @Sendable () async throws(LedgerFailure) -> Settled = { () async throws(LedgerFailure) in
      try await ledger.settle(
        row,
        tokens: verdict.tokens,
        source: verdict.source,
        sources: verdict.sources,
        duration: duration,
        firstTokenTime: firstToken,
        outcome: verdict.outcome
      )
    }
    if !Task.isCancelled {
      do {
        return try await write()
      } catch {
        // Who was cancelled meanwhile writes again, out of reach: settling twice changes nothing.
        guard Task.isCancelled else { throw error }
      }
    }
    let result = await Task {
      do throws(LedgerFailure) {
        return Result<Settled, LedgerFailure>.success(try await write())
      } catch {
        return .failure(error)
      }
    }.value
    return try result.get()
  }

  private func tellBreaker(of endpoint: ModelEndpoint, _ verdict: Verdict) {
    let now = router.environment.now()
    let longestPause = router.policy.longestRetryPause
    router.breaker(of: endpoint) { breaker in
      switch verdict.conclusion {
      case .answered, .invalid: breaker.succeeded()
      case .failed(let failure):
        switch failure.kind {
        // The endpoint answered, as it should.
        case .badRequest, .refused, .contextTooLong: breaker.succeeded()
        case .cancelled: breaker.gaveUp(at: now)
        // A pause that is short is waited for here; a longer one is a reason to stay away.
        case .rateLimited(let asked?), .serverError(status: _, let asked?):
          breaker.failed(at: now, asking: asked > longestPause ? asked : nil)
        case .rateLimited(nil), .serverError(status: _, nil), .unauthorized, .notFound, .connection, .timedOut, .cut,
          .malformed:
          breaker.failed(at: now)
        }
      }
    }
  }

  private static func note(_ row: ModelAttempt, _ verdict: Verdict) -> JSONValue {
    var note: [String: JSONValue] = [
      "number": .int(row.key.number),
      "endpoint": .string(row.endpoint),
      "model": .string(row.model),
      "outcome": .string(verdict.outcome.rawValue),
      "duration_ms": .int(Int((row.duration ?? .zero) / .milliseconds(1))),
    ]
    switch verdict.conclusion {
    case .failed(let failure): note["detail"] = .string(failure.description)
    case .invalid(let faults): note["detail"] = .string(faults.joined(separator: "; "))
    case .answered: break
    }
    return .object(note)
  }

  /// Reads the reply within the deadline, passing on its text.
  private func read(
    _ request: ModelRequest,
    from endpoint: ModelEndpoint,
    into progress: Locked<ModelReply.Builder>,
    _ stopwatch: Stopwatch
  ) async -> Result<ModelReply, ModelFailure> {
    let onEvent = onEvent
    let model = endpoint.model
    let reading: @Sendable () async -> Result<ModelReply, ModelFailure> = {
      do throws(ModelFailure) {
        for try await event in model.events(for: request) {
          if case .finished = event {} else { stopwatch.noteToken() }
          progress.withLock { $0.add(event) }
          if case .text(let piece) = event { await onEvent(.text(piece)) }
        }
        return .success(try progress.current.reply())
      } catch {
        return .failure(error)
      }
    }
    guard let deadline = call.deadline else { return await reading() }
    do {
      return try await withDeadline(deadline, operation: reading)
    } catch {
      wasCutByDeadline = true
      let text = progress.current.text
      let kind = text.isEmpty ? ModelFailure.Kind.timedOut(.total) : .cut(textSoFar: text)
      return .failure(ModelFailure(kind, detail: "the call's deadline passed"))
    }
  }
}

/// Measures an attempt.
private final class Stopwatch: Sendable {
  private let now: @Sendable () -> ContinuousClock.Instant
  private let start: ContinuousClock.Instant
  private let first = Locked<ContinuousClock.Instant?>(nil)

  init(_ now: @escaping @Sendable () -> ContinuousClock.Instant) {
    self.now = now
    start = now()
  }

  var elapsed: Duration { start.duration(to: now()) }
  var firstToken: Duration? { first.current.map { start.duration(to: $0) } }

  func noteToken() {
    let instant = now()
    first.withLock { if $0 == nil { $0 = instant } }
  }
}
