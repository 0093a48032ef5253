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
  private func router(
    _ servers: [(tier: ModelTier, url: String)],
    _ client: HTTPClient,
    store: MemoryLedgerStore = MemoryLedgerStore()
  ) throws -> ModelRouter {
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
      ledger: Ledger(store: store, prices: prices, now: { Date(timeIntervalSince1970: 0) }),
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

  @Test func `a caller that leaves after any piece closes the socket and leaves a row and what had come`() async throws
  {
    let text = "one two three four five six"
    let pieces = (text.count + 3) / 4
    // To the n-th request the server says n pieces and then nothing more, so that only a caller who leaves ends it.
    let cloud = ScriptedModelServer(
      (1...pieces).map { ScriptedExchange(reply: text, chunkSize: 4, fault: .stall(afterChunks: $0 + 1)) }
    )
    try cloud.start()
    let client = try HTTPClient()
    let store = MemoryLedgerStore()
    let router = try router([(.cloud, cloud.baseURL)], client, store: store)
    for position in 1...pieces {
      let call = ModelCall(
        ModelRequest(messages: [.user("count")]),
        origin: CallOrigin(run: RunID("r\(position)"))
      )
      let count = Locked(0)
      let asking = Task {
        try await router.reply(to: call) { event in
          guard case .text = event else { return }
          if count.withLock({
            $0 += 1
            return $0 == position
          }) {
            withUnsafeCurrentTask { $0?.cancel() }
          }
        }
      }
      let failure = await #expect(throws: RoutingFailure.self) { try await asking.value }
      #expect(failure?.kind == .cancelled)
      #expect(failure?.partialText == String(text.prefix(4 * position)))
      let rows = try await store.attempts(in: LedgerScope(.run(RunID("r\(position)"))), limit: 9)
      #expect(rows.map(\.outcome) == [.cancelled])
      #expect(rows.map(\.usageSource) == [.estimated])
      #expect(rows.allSatisfy { $0.tokens.input > 0 && $0.tokens.output > 0 && $0.cost == $0.reserved })
      while !(cloud.requests.count == position && cloud.requests[position - 1].wasAbandoned) {
        try await Task.sleep(for: .milliseconds(2))
      }
    }
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
