import CoachTesting
import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import LanguageModel
import Ledger
import ModelRouting
import Testing

private func failing(_ kind: ModelFailure.Kind) -> ScriptedModel.Answer { .failure(ModelFailure(kind)) }

private let usage = ModelUsage(tokens: TokenCounts(input: 100, output: 20), source: .reported)

@Suite(.timeLimit(.minutes(1))) struct ModelRouterTests {
  // MARK: Choosing

  @Test func `a simple question goes to the local model`() async throws {
    let fixture = RouterFixture(local: [.text("42", usage: usage)])
    let reply = try await fixture.router.reply(to: RouterFixture.call(tier: .auto))
    #expect(reply.text == "42")
    #expect(reply.endpoint == "near")
    #expect(reply.model == "small")
    #expect(reply.tier == .local)
    #expect(reply.record["level"] == "simple")
    #expect(reply.record["reason"] == "the question is simple")
    #expect(fixture.cloud.requests.isEmpty)
  }

  @Test func `a complex question goes to the cloud model`() async throws {
    let fixture = RouterFixture(cloud: [.text("because", usage: usage)])
    let question = """
      Why did gross margin fall in the West between the first and the second quarter, which products contributed most, \
      how does that compare with each other region, and what should we do first to improve it? Without weights only \
      length counts, so this goes on about plants, dealers, models, colours, engines, seasons, prices, discounts, \
      campaigns, claims, parts, hours, orders, stocks and budgets until it is longer than four fifths of all prompts, \
      which takes some more words than a person who only wants to know about a margin would think of in one breath.
      """
    let reply = try await fixture.router.reply(to: RouterFixture.call(question, tier: .auto))
    #expect(reply.endpoint == "far")
    #expect(reply.record["level"] == "complex")
  }

  @Test(arguments: [(TierChoice.local, "near"), (.cloud, "far")])
  func `a caller may ask for a tier`(tier: TierChoice, expected: String) async throws {
    let fixture = RouterFixture(local: [.text("a")], cloud: [.text("a")])
    let reply = try await fixture.router.reply(to: RouterFixture.call(tier: tier))
    #expect(reply.endpoint == expected)
    #expect(reply.record["reason"] == .string("the caller asks for \(tier.rawValue)"))
  }

  @Test func `a model without a wanted ability or with too small a context is passed over, with the reason`()
    async throws
  {
    var call = RouterFixture.call()
    call.needs = [.tools]
    let unable = RouterFixture(cloud: [.text("a")], localAbilities: [.jsonSchema])
    let first = try await unable.router.reply(to: call)
    #expect(first.endpoint == "far")
    #expect(first.record["rejected"] == [["endpoint": "near", "reason": "cannot do tools"]])

    let small = RouterFixture(cloud: [.text("a")], localContext: 20)
    let second = try await small.router.reply(to: RouterFixture.call())
    #expect(second.record["rejected"] == [["endpoint": "near", "reason": "holds 20 tokens, the call needs about 63"]])
  }

  @Test func `a question that must not leave the house never reaches the cloud`() async {
    let fixture = RouterFixture(local: [failing(.connection(.refused))], cloud: [.text("a")])
    var call = RouterFixture.call(tier: .cloud)
    call.allowedTiers = [.local]
    let (result, _) = await fixture.ask(call)
    #expect(result.failureKind == .model(ModelFailure(.connection(.refused))))
    #expect(fixture.cloud.requests.isEmpty)
  }

  @Test func `without endpoints the failure says what to do`() async {
    let fixture = RouterFixture(tiers: [])
    let (result, events) = await fixture.ask(RouterFixture.call())
    #expect(result.failureKind == .noEndpoint([]))
    #expect(outline(events) == ["decided"])
    guard case .failure(let failure) = result else { return }
    #expect(failure.description.contains("No model is configured"))
  }

  // MARK: Falling back

  @Test(arguments: [
    ModelFailure.Kind.connection(.refused), .connection(.unknownHost), .connection(.lost), .timedOut(.firstToken),
    .unauthorized, .notFound, .malformed, .contextTooLong,
  ])
  func `a failure of the endpoint goes to the other tier at once`(kind: ModelFailure.Kind) async throws {
    let fixture = RouterFixture(local: [failing(kind)], cloud: [.text("saved", usage: usage)])
    let reply = try await fixture.router.reply(to: RouterFixture.call())
    #expect(reply.text == "saved")
    #expect(reply.story == ["near \(reply.attempts[0].outcome?.rawValue ?? "")", "far answered"])
    #expect(fixture.local.requests.count == 1)
    #expect(fixture.pauses.isEmpty)
  }

  @Test func `the cloud falls back to the local model`() async throws {
    let fixture = RouterFixture(local: [.text("saved")], cloud: [failing(.connection(.refused))])
    let reply = try await fixture.router.reply(to: RouterFixture.call(tier: .cloud))
    #expect(reply.story == ["far connection", "near answered"])
  }

  @Test(arguments: [ModelFailure.Kind.rateLimited(retryAfter: nil), .serverError(status: 503)])
  func `a busy endpoint gets one retry after a pause with jitter`(kind: ModelFailure.Kind) async throws {
    let fixture = RouterFixture(local: [failing(kind), .text("a")])
    let reply = try await fixture.router.reply(to: RouterFixture.call())
    #expect(reply.attempts.map(\.endpoint) == ["near", "near"])
    let pause = try #require(fixture.pauses.first)
    #expect(fixture.pauses.count == 1)
    #expect((Duration.milliseconds(200)...Duration.milliseconds(400)).contains(pause))
  }

  @Test func `an endpoint that stays busy is left for the next`() async throws {
    let busy = failing(.serverError(status: 500))
    let fixture = RouterFixture(local: [busy, busy], cloud: [.text("a")])
    let reply = try await fixture.router.reply(to: RouterFixture.call())
    #expect(reply.story == ["near server_error", "near server_error", "far answered"])
  }

  @Test func `a short pause that the provider asks for is kept to the letter`() async throws {
    let fixture = RouterFixture(local: [failing(.rateLimited(retryAfter: .milliseconds(1_500))), .text("a")])
    _ = try await fixture.router.reply(to: RouterFixture.call())
    #expect(fixture.pauses == [.milliseconds(1_500)])
  }

  @Test func `a long pause that the provider asks for is not waited for and keeps later calls away`() async throws {
    let fixture = RouterFixture(
      local: [failing(.rateLimited(retryAfter: .seconds(30))), .text("back")],
      cloud: [.text("a"), .text("b")]
    )
    #expect(try await fixture.router.reply(to: RouterFixture.call()).story == ["near rate_limited", "far answered"])
    #expect(fixture.pauses.isEmpty)
    #expect(fixture.health("near") == .open)
    #expect(try await fixture.router.reply(to: RouterFixture.call()).story == ["far answered"])
    fixture.advance(by: .seconds(30))
    #expect(try await fixture.router.reply(to: RouterFixture.call()).text == "back")
  }

  @Test func `no retry is made that the deadline does not allow`() async throws {
    let busy = failing(.serverError(status: 500, retryAfter: .seconds(90)))
    let policy = RoutingPolicy(longestRetryPause: .seconds(120))
    let fixture = RouterFixture(local: [busy], cloud: [.text("a")], policy: policy)
    var call = RouterFixture.call()
    call.deadline = .after(.seconds(60))
    let reply = try await fixture.router.reply(to: call)
    #expect(reply.story == ["near server_error", "far answered"])
    #expect(fixture.pauses.isEmpty)
  }

  @Test(arguments: [ModelFailure.Kind.badRequest, .refused])
  func `a bad request and a refusal end the call, typed`(kind: ModelFailure.Kind) async {
    let fixture = RouterFixture(local: [failing(kind)], cloud: [.text("a")])
    let (result, _) = await fixture.ask(RouterFixture.call())
    #expect(result.failureKind == .model(ModelFailure(kind)))
    #expect(fixture.local.requests.count == 1)
    #expect(fixture.cloud.requests.isEmpty)
  }

  @Test func `a key that is not accepted is not tried again and is the typed failure when nobody else is left`() async {
    let fixture = RouterFixture(cloud: [failing(.unauthorized)], tiers: [.cloud])
    let (result, _) = await fixture.ask(RouterFixture.call(tier: .cloud))
    #expect(result.failureKind == .model(ModelFailure(.unauthorized)))
    #expect(fixture.cloud.requests.count == 1)
  }

  // MARK: Streaming

  @Test func `a reply that breaks off starts anew at the other endpoint and the texts do not mix`() async throws {
    let cut = ModelFailure(.cut(textSoFar: "half an ans"))
    let fixture = RouterFixture(
      local: [.events([.text("half an"), .text(" ans")], failure: cut)],
      cloud: [.text("whole answer", usage: usage)]
    )
    let (result, events) = await fixture.ask(RouterFixture.call())
    #expect(
      outline(events) == ["decided", "started near", "“half an ans", "restarted far", "“whole answer"]
    )
    let reply = try result.get()
    #expect(reply.text == "whole answer")
    #expect(reply.story == ["near cut", "far answered"])
  }

  @Test func `a reply that breaks off with nobody to ask is the reply, marked as partial`() async throws {
    let cut = ModelFailure(.cut(textSoFar: "half"))
    let fixture = RouterFixture(
      local: [.events([.text("half")], failure: cut)],
      cloud: [failing(.connection(.refused))]
    )
    let reply = try await fixture.router.reply(to: RouterFixture.call())
    #expect(reply.text == "half")
    #expect(reply.isPartial)
    #expect(reply.story == ["near cut", "far connection"])
  }

  @Test func `by policy a reply that breaks off is kept and no other endpoint is asked`() async throws {
    let cut = ModelFailure(.cut(textSoFar: "half"))
    let fixture = RouterFixture(
      local: [.events([.text("half")], failure: cut)],
      cloud: [.text("whole")],
      policy: RoutingPolicy(brokenReply: .keep)
    )
    let (result, events) = await fixture.ask(RouterFixture.call())
    #expect(try result.get().isPartial)
    #expect(outline(events) == ["decided", "started near", "“half"])
    #expect(fixture.cloud.requests.isEmpty)
  }

  @Test func `a refusal goes to the next endpoint when the policy says so`() async throws {
    let policy = RoutingPolicy(refusal: .next)
    let fixture = RouterFixture(local: [failing(.refused)], cloud: [.text("fine")], policy: policy)
    #expect(try await fixture.router.reply(to: RouterFixture.call()).text == "fine")
  }

  @Test func `a prompt that is too long goes to a model that holds more, not to one that holds less`() async throws {
    let fixture = RouterFixture(local: [.text("never")], cloud: [failing(.contextTooLong)])
    let (result, _) = await fixture.ask(RouterFixture.call(tier: .cloud))
    #expect(result.failureKind == .model(ModelFailure(.contextTooLong)))
    #expect(fixture.local.requests.isEmpty)
  }

  @Test func `an endpoint that fails before its text is started and not restarted`() async {
    let fixture = RouterFixture(local: [failing(.connection(.refused))], cloud: [.text("a")])
    let (_, events) = await fixture.ask(RouterFixture.call())
    #expect(outline(events) == ["decided", "started near", "started far", "“a"])
  }

  @Test func `a deadline ends a silent model and its row`() async throws {
    let fixture = RouterFixture(local: [.silence(after: ["so far"])], cloud: [.text("never")])
    var call = RouterFixture.call()
    call.deadline = .after(.milliseconds(50))
    let (result, _) = await fixture.ask(call)
    guard case .failure(let failure) = result else {
      Issue.record("the call must fail")
      return
    }
    #expect(failure.kind == .deadlinePassed)
    #expect(failure.partialText == "so far")
    #expect(failure.story == ["near cut"])
    #expect(failure.attempts.first?.usageSource == .estimated)
    #expect(fixture.health("near") == .closed)
    #expect(fixture.cloud.requests.isEmpty)
  }

  @Test func `nothing is sent after the deadline`() async {
    let fixture = RouterFixture(local: [.text("late")])
    var call = RouterFixture.call()
    call.deadline = .after(.milliseconds(50))
    fixture.advance(by: .seconds(1))
    let (result, _) = await fixture.ask(call)
    #expect(result.failureKind == .deadlinePassed)
    #expect(fixture.local.requests.isEmpty)
  }

  @Test func `cancelling stops the call and still settles its row`() async throws {
    let fixture = RouterFixture(local: [.silence(after: ["so", " far"])], cloud: [.text("never")])
    let seen = Locked(0)
    let running = Task {
      try await fixture.router.reply(to: RouterFixture.call()) { event in
        if case .text = event { seen.withLock { $0 += 1 } }
      }
    }
    while seen.current < 2 { await Task.yield() }
    running.cancel()
    let failure = await #expect(throws: RoutingFailure.self) { try await running.value }
    #expect(failure?.kind == .cancelled)
    let rows = try await fixture.ledger.attempts(in: LedgerScope(.run("r1")))
    #expect(rows.map(\.outcome) == [.cancelled])
    #expect(rows.first?.usageSource == .estimated)
    #expect(fixture.cloud.requests.isEmpty)
  }

  // MARK: Breaker

  @Test func `a dead endpoint is left alone after three failures and probed after a pause`() async throws {
    let refused = failing(.connection(.refused))
    let fixture = RouterFixture(
      local: [refused, refused, refused, refused, .text("alive")],
      cloud: Array(repeating: .text("cloud"), count: 6)
    )
    func ask() async throws -> [String] { try await fixture.router.reply(to: RouterFixture.call()).story }
    for _ in 0..<3 { #expect(try await ask() == ["near connection", "far answered"]) }
    #expect(fixture.health("near") == .open)
    #expect(try await ask() == ["far answered"])
    fixture.advance(by: .seconds(5))
    #expect(fixture.health("near") == .halfOpen)
    #expect(try await ask() == ["near connection", "far answered"])
    fixture.advance(by: .seconds(9))
    #expect(try await ask() == ["far answered"])
    fixture.advance(by: .seconds(1))
    #expect(try await ask() == ["near answered"])
    #expect(fixture.health("near") == .closed)
  }

  @Test func `one probe at a time goes to an endpoint that is half open`() async throws {
    var policy = RoutingPolicy()
    policy.breakerFailures = 1
    let fixture = RouterFixture(
      local: [failing(.malformed), .silence(after: ["probe"])],
      cloud: [.text("a"), .text("b")],
      policy: policy
    )
    _ = try await fixture.router.reply(to: RouterFixture.call())
    fixture.advance(by: .seconds(5))
    let isProbing = Locked(false)
    let probe = Task {
      try await fixture.router.reply(to: RouterFixture.call()) { event in
        if case .text = event { isProbing.withLock { $0 = true } }
      }
    }
    while !isProbing.current { await Task.yield() }
    #expect(try await fixture.router.reply(to: RouterFixture.call()).story == ["far answered"])
    probe.cancel()
    _ = await probe.result
    // A probe that was stopped says nothing, so the next call may be the probe.
    #expect(fixture.health("near") == .halfOpen)
  }

  @Test func `when every endpoint failed lately the call fails fast and says so`() async {
    var policy = RoutingPolicy()
    policy.breakerFailures = 1
    let fixture = RouterFixture(local: [failing(.malformed)], policy: policy, tiers: [.local])
    _ = await fixture.ask(RouterFixture.call())
    let (result, _) = await fixture.ask(RouterFixture.call())
    #expect(result.failureKind == .noEndpoint(["near: failed lately"]))
    #expect(fixture.local.requests.count == 1)
  }

  @Test func `a bad request says nothing against the endpoint`() async {
    var policy = RoutingPolicy()
    policy.breakerFailures = 1
    let fixture = RouterFixture(local: [failing(.badRequest)], policy: policy)
    _ = await fixture.ask(RouterFixture.call())
    #expect(fixture.health("near") == .closed)
  }

  // MARK: Ledger

  @Test func `every attempt is a row with its usage, cost and origin`() async throws {
    let fixture = RouterFixture(
      local: [failing(.connection(.refused))],
      cloud: [.events([.text("a"), .finished(.stop, usage)])]
    )
    let reply = try await fixture.router.reply(to: RouterFixture.call())
    let rows = try await fixture.ledger.attempts(in: LedgerScope(.session("s1")))
    #expect(rows == reply.attempts)
    #expect(rows.map(\.key.number) == [1, 2])
    #expect(Set(rows.map(\.key.operation)).count == 1)
    #expect(rows.map(\.usageSource) == [.unused, .reported])
    #expect(rows.map(\.cost) == [.zero, NanoDollars(180_000)])
    #expect(rows.allSatisfy { $0.run == "r1" && $0.node == "generate" && $0.agent == "sql_generator" })
    #expect(rows.map(\.firstTokenTime) == [nil, .zero])
    #expect(rows.map(\.tokens).reduce(.zero, +) == usage.tokens)
  }

  @Test func `usage that nobody reported is estimated and marked`() async throws {
    let fixture = RouterFixture(local: [.text("seven")])
    let reply = try await fixture.router.reply(to: RouterFixture.call("how many"))
    let row = try #require(reply.attempts.first)
    #expect(row.usageSource == .estimated)
    #expect(row.tokens == TokenCounts(input: 10, output: 2))
  }

  @Test func `a reply that broke off is charged what was reserved, since nobody knows what was still written`()
    async throws
  {
    let cut = ModelFailure(.cut(textSoFar: "seven"))
    let fixture = RouterFixture(local: [.text("x")], cloud: [.events([.text("seven")], failure: cut)])
    let reply = try await fixture.router.reply(to: RouterFixture.call("how many", tier: .cloud))
    let row = try #require(reply.attempts.first)
    #expect(row.usageSource == .estimated)
    #expect(row.tokens == TokenCounts(input: 10, output: 2))
    #expect(row.cost == row.reserved)
    #expect(row.reserved > NanoDollars(18_000))
  }

  @Test func `when a soft budget is used up the local tier comes first, and nothing is refused`() async throws {
    let budget = Budget(name: "b", scope: .session, window: .day, most: NanoDollars(1), enforcement: .soft)
    let fixture = RouterFixture(
      local: [.text("free")],
      cloud: [.text("paid", usage: usage)],
      budgets: BudgetBook([budget])
    )
    var call = RouterFixture.call()
    call.tier = .cloud
    let (first, events) = await fixture.ask(call)
    #expect(try first.get().text == "paid")
    #expect(outline(events).contains { $0.hasPrefix("passed The day's budget 'b'") })
    call.tier = .auto
    let (second, later) = await fixture.ask(call)
    #expect(try second.get().text == "free")
    #expect(try second.get().record["reason"] == "the budget is short")
    #expect(!outline(later).contains { $0.hasPrefix("passed") })
  }

  @Test func `a spending cap sends the call to the free model and is an error when there is none`() async throws {
    var call = RouterFixture.call(tier: .cloud)
    call.caps = [SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(1_000))]
    let fixture = RouterFixture(local: [.text("free")], cloud: [.text("paid")])
    let reply = try await fixture.router.reply(to: call)
    #expect(reply.text == "free")
    #expect(reply.record["attempts"]?.arrayValue?.first == ["endpoint": "far", "outcome": "over_budget"])
    #expect(fixture.cloud.requests.isEmpty)

    let lone = RouterFixture(cloud: [.text("paid")], tiers: [.cloud])
    let (result, _) = await lone.ask(call)
    guard case .overBudget(.capReached)? = result.failureKind else {
      Issue.record("the cap must refuse the call, not \(String(describing: result.failureKind))")
      return
    }
    #expect(lone.cloud.requests.isEmpty)
  }

  @Test func `nothing is sent when the ledger cannot be written`() async {
    let model = ScriptedModel([.text("a")])
    let router = ModelRouter(
      endpoints: [ModelEndpoint(name: "near", tier: .local, modelName: "m", model: model)],
      policy: RoutingPolicy(),
      ledger: Ledger(store: BrokenStore(), prices: PriceTable(), now: { Date() }),
      environment: ModelRouter.Environment(
        seed: 1,
        identifiers: IdentifierSource(milliseconds: { 1 }, random: { 1 })
      )
    )
    let failure = await #expect(throws: RoutingFailure.self) { try await router.reply(to: RouterFixture.call()) }
    #expect(failure?.kind == .ledger(.storage("disk full")))
    #expect(model.requests.isEmpty)
  }

  @Test func `the record tells the decision and every attempt`() async throws {
    let fixture = RouterFixture(local: [failing(.connection(.refused))], cloud: [.text("a")])
    let (result, events) = await fixture.ask(RouterFixture.call())
    let record = try result.get().record
    #expect(record["candidates"] == ["near", "far"])
    #expect(record["complexity"]?["features"]?.arrayValue?.isEmpty == false)
    #expect(record["attempts"]?.arrayValue?.compactMap { $0["outcome"] } == ["connection", "answered"])
    #expect(!record.text.contains("revenue last month"))
    guard case .decided(let decided)? = events.first else {
      Issue.record("the decision must come first")
      return
    }
    #expect(decided["operation"] == record["operation"])
    #expect(decided["attempts"] == [])
  }

  @Test func `sixty four calls at once are each answered and each in the ledger once`() async throws {
    let fixture = RouterFixture(
      local: (0..<64).map { $0.isMultiple(of: 3) ? failing(.timedOut(.idle)) : .text("near") },
      cloud: Array(repeating: .text("far"), count: 64),
      policy: RoutingPolicy(breakerFailures: 100)
    )
    let attempts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<64 {
        group.addTask { (try? await fixture.router.reply(to: RouterFixture.call()).attempts.count) ?? 0 }
      }
      return await group.reduce(0, +)
    }
    #expect(attempts == 64 + 22)
    let totals = try await fixture.ledger.totals(in: LedgerScope(.everything))
    #expect(totals.calls == 64)
    #expect(totals.attempts == attempts)
    #expect(totals.open == 0)
  }
}

private struct BrokenStore: LedgerStore {
  func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    throw .storage("disk full")
  }

  func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    throw .storage("disk full")
  }

  func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] { [] }
  func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals { .zero }
}
