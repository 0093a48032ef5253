import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import HTTPClientKit
import LanguageModel
import Ledger
import ModelProviders
import ModelRouting
import Testing

/// The router over real sockets: two scripted servers, one of which may be dead.
@Suite(.timeLimit(.minutes(1))) struct WireTests {
  private func router(_ servers: [(tier: ModelTier, url: String)], _ client: HTTPClient) throws -> ModelRouter {
    let endpoints = try servers.map { server in
      let url = try #require(ChatURL(base: server.url))
      return ModelEndpoint(
        name: server.tier.rawValue,
        tier: server.tier,
        modelName: "m",
        model: OpenAIChatModel(.init(url: url, model: "m"), client: client)
      )
    }
    let price = NanoDollars(1_000_000)
    let prices = PriceTable(["cloud": [PriceList(prices: TokenPrices(input: price, output: price))]])
    let identifiers = Locked<UInt64>(0)
    return ModelRouter(
      endpoints: endpoints,
      policy: RoutingPolicy(breakerPause: .seconds(3_600), breakerLongestPause: .seconds(3_600)),
      ledger: Ledger(store: MemoryLedgerStore(), prices: prices, now: { Date(timeIntervalSince1970: 0) }),
      environment: ModelRouter.Environment(
        seed: 1,
        identifiers: IdentifierSource(
          milliseconds: { 1 },
          random: {
            identifiers.withLock { next in
              next += 1
              return next
            }
          }
        )
      )
    )
  }

  @Test func `a dead local server is asked once, then left alone, and the reply says who wrote it`() async throws {
    let dead = ScriptedModelServer([])
    try dead.start()
    let address = dead.baseURL
    await dead.stop()
    let usage: JSONValue = ["prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12]
    let cloud = ScriptedModelServer([ScriptedExchange(times: 0, reply: "here", usage: .fixed(usage))])
    try cloud.start()
    let client = try HTTPClient()
    let router = try router([(.local, address), (.cloud, cloud.baseURL)], client)
    var attempts: [Int] = []
    for _ in 0..<10 {
      let reply = try await router.reply(to: ModelCall(ModelRequest(messages: [.user("revenue")])))
      attempts.append(reply.attempts.count)
      #expect(reply.text == "here")
      #expect(reply.tier == .cloud)
      #expect(reply.attempts.map(\.tokens).reduce(.zero, +) == TokenCounts(input: 10, output: 2))
      #expect(reply.attempts.compactMap(\.cost).reduce(.zero, +) == NanoDollars(12))
    }
    // Never a retry of the dead one, and once its breaker is open it is not asked at all.
    #expect(attempts.allSatisfy { $0 <= 2 })
    #expect(attempts.last == 1)
    #expect(router.health.map(\.state) == [.open, .closed])
    await client.shutdown()
    await cloud.stop()
  }

  @Test func `a local server that breaks off is replaced in the middle of the reply`() async throws {
    let local = ScriptedModelServer([ScriptedExchange(reply: "abcdef", chunkSize: 2, fault: .cut(afterChunks: 3))])
    let cloud = ScriptedModelServer([ScriptedExchange(reply: "whole", chunkSize: 2)])
    try local.start()
    try cloud.start()
    let client = try HTTPClient()
    let router = try router([(.local, local.baseURL), (.cloud, cloud.baseURL)], client)
    let events = Locked<[RoutedEvent]>([])
    let reply = try await router.reply(to: ModelCall(ModelRequest(messages: [.user("revenue")]))) { event in
      events.withLock { $0.append(event) }
    }
    #expect(reply.text == "whole")
    #expect(reply.attempts.map(\.outcome) == [.cut, .answered])
    #expect(outline(events.current) == ["decided", "started local", "“abcd", "restarted cloud", "“whole"])
    await client.shutdown()
    await local.stop()
    await cloud.stop()
  }

  @Test func `a deadline closes the socket of a model that goes on and on`() async throws {
    let local = ScriptedModelServer([
      ScriptedExchange(reply: String(repeating: "word ", count: 500), chunkSize: 5, delay: .milliseconds(10))
    ])
    try local.start()
    let client = try HTTPClient()
    let router = try router([(.local, local.baseURL)], client)
    let call = ModelCall(ModelRequest(messages: [.user("revenue")]), deadline: .after(.seconds(1)))
    let failure = await #expect(throws: RoutingFailure.self) { try await router.reply(to: call) }
    #expect(failure?.kind == .deadlinePassed)
    #expect(failure?.attempts.count == 1)
    while !local.requests[0].wasAbandoned { try await Task.sleep(for: .milliseconds(2)) }
    await client.shutdown()
    await local.stop()
  }
}
