import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import LanguageModel
import Ledger
import ModelRouting

/// A router over scripted models, with clocks that stand still unless they are moved.
struct RouterFixture {
  let router: ModelRouter
  let ledger: Ledger
  let local: ScriptedModel
  let cloud: ScriptedModel
  private let state: Locked<State>

  struct State {
    var now = ContinuousClock.Instant.now
    var pauses: [Duration] = []
    var nextMillisecond: UInt64 = 0
  }

  static let cloudPrices = TokenPrices(input: NanoDollars(1_000_000_000), output: NanoDollars(4_000_000_000))

  init(
    local: [ScriptedModel.Answer] = [],
    cloud: [ScriptedModel.Answer] = [],
    policy: RoutingPolicy = RoutingPolicy(),
    localAbilities: Set<ModelAbility> = Set(ModelAbility.allCases),
    localContext: Int = 8_192,
    store: any RoutingStore = MemoryRoutingStore(),
    budgets: BudgetBook = BudgetBook(),
    tiers: Set<ModelTier> = [.local, .cloud]
  ) {
    let state = Locked(State())
    let localModel = ScriptedModel(local)
    let cloudModel = ScriptedModel(cloud)
    let prices = PriceTable([
      "near": [PriceList(prices: TokenPrices(input: .zero, output: .zero))],
      "far": [PriceList(prices: Self.cloudPrices)],
    ])
    let ledger = Ledger(
      store: MemoryLedgerStore(),
      prices: prices,
      budgets: budgets,
      now: { Date(timeIntervalSince1970: 0) }
    )
    let endpoints = [
      ModelEndpoint(
        name: "near",
        tier: .local,
        modelName: "small",
        contextTokens: localContext,
        abilities: localAbilities,
        model: localModel
      ),
      ModelEndpoint(name: "far", tier: .cloud, modelName: "large", contextTokens: 100_000, model: cloudModel),
    ]
    let identifiers = IdentifierSource(
      milliseconds: {
        state.withLock { state in
          state.nextMillisecond += 1
          return state.nextMillisecond
        }
      },
      random: { 7 }
    )
    let environment = ModelRouter.Environment(
      wallClock: .fixed(at: Date(timeIntervalSince1970: 1_000)),
      now: { state.withLock { $0.now } },
      sleep: { pause in
        state.withLock { state in
          state.pauses.append(pause)
          state.now += pause
        }
      },
      seed: 1,
      identifiers: identifiers
    )
    router = ModelRouter(
      endpoints: endpoints.filter { tiers.contains($0.tier) },
      policy: policy,
      store: store,
      ledger: ledger,
      environment: environment
    )
    self.ledger = ledger
    self.local = localModel
    self.cloud = cloudModel
    self.state = state
  }

  /// The pauses that the router made.
  var pauses: [Duration] { state.withLock { $0.pauses } }

  /// Lets time pass.
  func advance(by duration: Duration) { state.withLock { $0.now += duration } }

  /// The state of an endpoint's breaker.
  func health(_ name: String) -> EndpointHealth.State? { router.health.first { $0.endpoint == name }?.state }

  /// A call with a question that is simple, so that it goes to the local tier.
  static func call(_ question: String = "revenue last month", tier: TierChoice = .local) -> ModelCall {
    ModelCall(
      ModelRequest(messages: [.user(question)], maxOutputTokens: 50),
      origin: CallOrigin(run: "r1", session: "s1", node: "generate", agent: "sql_generator"),
      tier: tier
    )
  }

  /// Makes a call and gathers its events.
  func ask(_ call: ModelCall) async -> (result: Result<RoutedReply, RoutingFailure>, events: [RoutedEvent]) {
    let events = Locked<[RoutedEvent]>([])
    do throws(RoutingFailure) {
      let reply = try await router.reply(to: call) { event in events.withLock { $0.append(event) } }
      return (.success(reply), events.current)
    } catch {
      return (.failure(error), events.current)
    }
  }
}

extension Result where Success == RoutedReply, Failure == RoutingFailure {
  /// The class of failure, or nil for a reply.
  var failureKind: RoutingFailure.Kind? {
    if case .failure(let failure) = self { failure.kind } else { nil }
  }
}

extension RoutedReply {
  /// Endpoint and outcome of each attempt.
  var story: [String] { attempts.map { "\($0.endpoint) \($0.outcome?.rawValue ?? "open")" } }
}

extension RoutingFailure {
  /// Endpoint and outcome of each attempt.
  var story: [String] { attempts.map { "\($0.endpoint) \($0.outcome?.rawValue ?? "open")" } }
}

/// Words of the events that are not text, and the texts between them.
func outline(_ events: [RoutedEvent]) -> [String] {
  var lines: [String] = []
  for event in events {
    switch event {
    case .decided: lines.append("decided")
    case .started(let endpoint): lines.append("started \(endpoint)")
    case .budgetPassed(let cap): lines.append("passed \(cap)")
    case .restarted(let endpoint): lines.append("restarted \(endpoint)")
    case .text(let piece):
      if let last = lines.last, last.hasPrefix("“") {
        lines[lines.count - 1] += piece
      } else {
        lines.append("“" + piece)
      }
    }
  }
  return lines
}
