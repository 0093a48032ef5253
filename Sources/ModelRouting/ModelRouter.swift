public import CoachVocabulary
public import ConcurrencyKit
import LanguageModel
public import Ledger

/// Sends each call to the model that fits it, and to another one when that fails.
///
/// Every attempt is a row of the ledger, begun before the request is sent and settled however it ended. The rules:
/// - The wanted tier's endpoints come first, in their order, then those of the other tier. Left out are endpoints whose
///   tier is not allowed, that lack an ability, whose context is too small, or that failed several times lately.
/// - Status 429 and 5xx: one retry at the same endpoint after a pause with jitter, or the pause the provider asked for,
///   when it is short and fits the deadline; then the next endpoint.
/// - Nobody listens, no such model, key not accepted, time limit, unreadable reply, prompt too long: the next endpoint.
/// - A prompt that is too long for one model goes to one that holds more.
/// - A bad request ends the call at once: another model would be asked the same. So does a refusal, unless the policy says
///   otherwise.
/// - A reply that breaks off: by policy the next endpoint starts anew, announced by ``RoutedEvent/restarted(endpoint:)``,
///   or the call ends. What came is never lost: without a whole reply it is the reply, marked as partial.
/// - What a cap leaves limits the output; when it leaves too little, the next endpoint is asked.
/// - A reply that does not fit the wanted schema: one repair with the validator's words, then the next endpoint.
public struct ModelRouter: Sendable {
  /// The clocks and the chance that a router lives with.
  public struct Environment: Sendable {
    /// The time of day, for the ledger.
    public var wallClock: WallClock
    /// Monotonic time, for durations and pauses.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Waits.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// Where jitter starts.
    public var seed: UInt64
    /// Makes the names of calls.
    public var identifiers: IdentifierSource

    /// Makes an environment; the clocks are those of the machine unless given.
    public init(
      wallClock: WallClock = .system,
      now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
      sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
      seed: UInt64,
      identifiers: IdentifierSource
    ) {
      self.wallClock = wallClock
      self.now = now
      self.sleep = sleep
      self.seed = seed
      self.identifiers = identifiers
    }
  }

  /// The endpoints, in the order of preference within a tier.
  public let endpoints: [ModelEndpoint]
  /// How calls are sent to them.
  public let policy: RoutingPolicy
  /// What scores prompts.
  public let difficulty: DifficultyModel
  let ledger: Ledger
  let environment: Environment
  private let breakers: Locked<[String: CircuitBreaker]>
  private let random: Locked<SplitMix64>
  let memory: RoutingMemory
  private static let backoff = Backoff(initial: .milliseconds(400), maximum: .seconds(2), jitter: 0.5)

  /// Makes a router.
  ///
  /// - Parameters:
  ///   - endpoints: the models, with unique names.
  ///   - policy: how questions are sent to them.
  ///   - difficulty: what scores prompts; without training, length does.
  ///   - store: where it keeps what it must remember: recent traffic, and the fates of answers.
  ///   - ledger: where every attempt is written.
  ///   - environment: clocks and chance.
  public init(
    endpoints: [ModelEndpoint],
    policy: RoutingPolicy,
    difficulty: DifficultyModel = .byLength,
    store: any RoutingStore = MemoryRoutingStore(),
    ledger: Ledger,
    environment: Environment
  ) {
    self.endpoints = endpoints
    self.policy = policy
    self.difficulty = difficulty
    memory = RoutingMemory(start: difficulty.quantiles, store: store)
    self.ledger = ledger
    self.environment = environment
    breakers = Locked([:])
    random = Locked(SplitMix64(seed: environment.seed))
  }

  /// Whether there is any model to ask.
  public var hasEndpoints: Bool { !endpoints.isEmpty }

  /// How the endpoints do.
  public var health: [EndpointHealth] {
    let now = environment.now()
    return endpoints.map { endpoint in
      EndpointHealth(
        endpoint: endpoint.name,
        tier: endpoint.tier,
        model: endpoint.modelName,
        state: breaker(of: endpoint) { $0.name(at: now) }
      )
    }
  }

  /// Answers a call.
  ///
  /// - Parameters:
  ///   - call: what to ask, and what is allowed.
  ///   - onEvent: told what happens as it happens; the next piece waits until it returns.
  /// - Returns: the reply, checked against the schema where one was asked for.
  /// - Throws: ``RoutingFailure``.
  public func reply(
    to call: ModelCall,
    onEvent: @escaping @Sendable (RoutedEvent) async -> Void = { _ in }
  ) async throws(RoutingFailure) -> RoutedReply {
    await memory.prepare(call.origin.tenant)
    let operation = call.operation ?? environment.identifiers.next(OperationKind.self)
    var call = call
    if !call.isBudgetShort { call.isBudgetShort = await isBudgetShort(call, operation) }
    let (decision, toSave) = decide(call)
    let runner = CallRunner(call, named: operation, decision: decision, router: self, onEvent: onEvent)
    if let toSave { await memory.save(toSave, of: call.origin.tenant) }
    let reply = try await runner.run()
    memory.warm(call.origin.session, at: reply.endpoint, now: environment.now())
    return reply
  }

  func decide(_ call: ModelCall) -> (decision: RoutingDecision, toSave: TrafficWindow?) {
    let now = environment.now()
    let input = call.complexity ?? ComplexityInput(question: call.request.lastUserText)
    let score = difficulty.score(input.question)
    let warm = memory.warmEndpoint(of: call.origin.session, now: now, within: policy.warmCacheTime)
    return memory.decide(call.origin.tenant, now: now) { window, rates in
      let decision = RoutingDecision(
        call,
        among: endpoints,
        policy: policy,
        grounds: RoutingDecision.Grounds(
          score: score,
          questionKind: Self.questionKind(score, input),
          window: window,
          rates: rates,
          warmEndpoint: warm,
          now: environment.wallClock.now
        )
      ) { endpoint in
        !breaker(of: endpoint) { $0.allows(at: now) }
      }
      return (decision, RoutingDecision.traffic(call, decision))
    }
  }

  /// Whether a soft budget of the caller is used up; a ledger that cannot be read is told of when the call begins.
  private func isBudgetShort(_ call: ModelCall, _ operation: OperationID) async -> Bool {
    let row = ModelAttempt(
      key: AttemptKey(operation: operation, number: 1),
      of: call.origin,
      tier: .cloud,
      endpoint: "",
      model: "",
      startedAt: environment.wallClock.now
    )
    return (try? await ledger.isShort(for: row)) ?? false
  }

  /// Works on the breaker of an endpoint.
  func breaker<Value: Sendable>(of endpoint: ModelEndpoint, _ body: (inout CircuitBreaker) -> Value) -> Value {
    breakers.withLock { breakers in body(&breakers[endpoint.name, default: CircuitBreaker(policy)]) }
  }

  /// The pause before a retry, with jitter.
  func retryPause() -> Duration {
    random.withLock { random in Self.backoff.delay(beforeRetry: 1, using: &random) }
  }
}
