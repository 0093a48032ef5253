import CoachVocabulary
import ConcurrencyKit
import Foundation
import HTTPClientKit
import LanguageModel
import Ledger
import ModelProviders
import ModelRouting

/// A router with one local endpoint, and before it one that nobody serves where that is wanted.
struct BenchRouter: Sendable {
  private let router: ModelRouter
  private let request = ModelRequest(
    messages: [.system("You are brief."), .user("How are you?")],
    maxOutputTokens: 100
  )

  init(
    _ url: String,
    _ store: any LedgerStore = MemoryLedgerStore(),
    _ memory: any RoutingStore = MemoryRoutingStore(),
    deadFirst: Bool = false,
    hasDayBudget: Bool = false
  ) throws {
    let client = try HTTPClient()
    func endpoint(_ name: String, at url: String) throws -> ModelEndpoint {
      guard let url = ChatURL(base: url) else { throw BenchFailure("\(url) is no address") }
      let model = OpenAIChatModel(.init(url: url, model: "m"), client: client)
      return ModelEndpoint(name: name, tier: .local, modelName: "m", model: model)
    }
    var endpoints = [try endpoint("living", at: url)]
    if deadFirst { endpoints.insert(try endpoint("dead", at: "http://127.0.0.1:9/v1"), at: 0) }
    let price = TokenPrices(input: NanoDollars(150_000_000), output: NanoDollars(600_000_000))
    let most = NanoDollars(1_000_000_000)
    var budgets = [Budget(name: "call", scope: .tenant, window: .call, most: most)]
    if hasDayBudget {
      budgets.append(Budget(name: "day", scope: .tenant, window: .day, most: NanoDollars(1_000 * most.amount)))
    }
    let ledger = Ledger(
      store: store,
      prices: PriceTable(["living": [PriceList(prices: price)], "dead": [PriceList(prices: price)]]),
      budgets: BudgetBook(budgets),
      now: { Date() }
    )
    router = ModelRouter(
      endpoints: endpoints,
      policy: RoutingPolicy(),
      store: memory,
      ledger: ledger,
      environment: ModelRouter.Environment(
        seed: 1,
        identifiers: IdentifierSource(
          milliseconds: { UInt64(Date().timeIntervalSince1970 * 1_000) },
          random: { UInt64.random(in: 0 ... .max) }
        )
      )
    )
  }

  /// A call from the decision to the whole reply.
  @Sendable func call() async throws {
    let reply = try await router.reply(to: ModelCall(request))
    guard reply.text.hasPrefix("The model answers"), reply.attempts.last?.usageSource == .reported else {
      throw BenchFailure("a wrong reply: \(reply.text)")
    }
  }

  /// A call that has to be done within half a minute.
  @Sendable func callWithDeadline() async throws {
    let reply = try await router.reply(to: ModelCall(request, deadline: .after(.seconds(30))))
    guard reply.text.hasPrefix("The model answers") else { throw BenchFailure("a wrong reply: \(reply.text)") }
  }

  /// A call; gives the milliseconds until its first words.
  @Sendable func firstToken() async throws -> Double {
    let start = ContinuousClock.now
    let first = Locked<Double?>(nil)
    _ = try await router.reply(to: ModelCall(request)) { event in
      guard case .text = event else { return }
      first.withLock { $0 = $0 ?? (ContinuousClock.now - start) / .milliseconds(1) }
    }
    guard let time = first.current else { throw BenchFailure("a reply without words") }
    return time
  }
}

/// Why a measurement cannot be trusted.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
