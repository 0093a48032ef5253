import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Ledger
import Testing

@testable import ModelRouting

@Suite struct LearningTests {
  private static let now = Date(timeIntervalSince1970: 1_000)
  private static let question = "revenue last month"

  private func outcome(
    _ number: Int,
    model: String = "small",
    verdict: GateOutcome.GateVerdict = .pass,
    isExecuted: Bool = true,
    isSane: Bool = true,
    isKept: Bool? = nil,
    kind: String? = nil,
    daysAgo: Double = 0
  ) -> GateOutcome {
    GateOutcome(
      run: "r1",
      number: number,
      kind: kind
        ?? ModelRouter.questionKind(DifficultyModel.byLength.score(Self.question), .init(question: Self.question)),
      model: model,
      verdict: verdict,
      isExecuted: isExecuted,
      isSane: isSane,
      isKept: isKept,
      recordedAt: Self.now.addingTimeInterval(-daysAgo * 86_400)
    )
  }

  private func firstCandidate(_ fixture: RouterFixture, _ call: ModelCall) async throws -> (String, String) {
    let (_, events) = await fixture.ask(call)
    guard case .decided(let record)? = events.first else { throw RoutingStoreFailure("no decision") }
    let first = record["candidates"]?.arrayValue?.first?.stringValue ?? ""
    return (first, record["reason"]?.stringValue ?? "")
  }

  private func auto(session: String? = "s1") -> ModelCall {
    var call = RouterFixture.call(Self.question, tier: .auto)
    call.origin.session = session.map { SessionID($0) }
    return call
  }

  @Test func `a model whose statements are refused loses the kind of question, and gets it back in time`() async throws
  {
    let fixture = RouterFixture()
    #expect(try await firstCandidate(fixture, auto()).0 == "near")
    try await fixture.router.learn(outcome(1, verdict: .forbidden, isExecuted: false, isSane: false), of: .local)
    #expect(try await firstCandidate(fixture, auto()).0 == "near")
    try await fixture.router.learn(outcome(2, isExecuted: false, isSane: false), of: .local)
    let (first, reason) = try await firstCandidate(fixture, auto())
    #expect(first == "far")
    #expect(reason.contains("the gates have taught that far"))
    // The same fates long ago weigh little.
    let later = RouterFixture()
    for number in 1...2 {
      try await later.router.learn(outcome(number, isExecuted: false, daysAgo: 60), of: .local)
    }
    #expect(try await firstCandidate(later, auto()).0 == "near")
  }

  @Test func `what was learnt of one kind says nothing about another, nor for another tenant`() async throws {
    let fixture = RouterFixture()
    for number in 1...9 {
      try await fixture.router.learn(outcome(number, verdict: .forbidden, kind: "another"), of: .local)
      try await fixture.router.learn(outcome(number, verdict: .forbidden), of: "another")
    }
    #expect(try await firstCandidate(fixture, auto()).0 == "near")
  }

  @Test func `switched off, fates are kept and not heeded`() async throws {
    let fixture = RouterFixture(policy: RoutingPolicy(learning: LearningPolicy(isOn: false)))
    for number in 1...9 { try await fixture.router.learn(outcome(number, verdict: .forbidden), of: .local) }
    #expect(try await firstCandidate(fixture, auto()).0 == "near")
    #expect(await fixture.router.learnt(of: .local).map(\.count) == [9])
  }

  @Test func `a local model that proves itself gets what the score would send to the cloud`() async throws {
    let policy = RoutingPolicy(localShare: 0)
    let fixture = RouterFixture(policy: policy)
    #expect(try await firstCandidate(fixture, auto()).0 == "far")
    for number in 1...8 { try await fixture.router.learn(outcome(number), of: .local) }
    #expect(try await firstCandidate(fixture, auto()).0 == "near")
  }

  @Test func `hard rules stand above what was learnt`() async throws {
    let fixture = RouterFixture()
    for number in 1...9 { try await fixture.router.learn(outcome(number, verdict: .forbidden), of: .local) }
    var call = auto()
    call.isPrivate = true
    #expect(try await firstCandidate(fixture, call).0 == "near")
  }

  @Test func `a user's correction counts as a failure`() async throws {
    let fixture = RouterFixture()
    for number in 1...2 { try await fixture.router.learn(outcome(number), of: .local) }
    #expect(await fixture.router.learnt(of: .local).first?.successes == 2)
    try await fixture.router.learn("r1", isKept: false, of: .local)
    #expect(await fixture.router.learnt(of: .local).first?.successes == 0)
    #expect(try await firstCandidate(fixture, auto()).0 == "far")
  }

  @Test func `a router that starts anew knows what the store kept`() async throws {
    let store = MemoryRoutingStore()
    for number in 1...3 { store.record(outcome(number, isSane: false), of: .local) }
    let fixture = RouterFixture(store: store)
    #expect(try await firstCandidate(fixture, auto()).0 == "far")
  }

  @Test func `equal logs give equal rates, and a statement that is reported twice counts once`() {
    let log = (1...20).map { outcome($0 % 7, isExecuted: $0 % 3 != 0, daysAgo: Double($0)) }
    let (one, other) = (SuccessRates(log), SuccessRates(log))
    #expect(one == other)
    #expect(one.all(at: Self.now, halfLife: .seconds(86_400)).map(\.count) == [7])
  }

  @Test(arguments: [
    (true, true, GateOutcome.GateVerdict.pass, Bool?.none, true), (true, true, .pass, true, true),
    (true, true, .pass, false, false), (true, false, .pass, nil, false), (false, true, .pass, nil, false),
    (true, true, .repairable, nil, false), (true, true, .forbidden, nil, false),
  ])
  func `success needs the gate, the database, the result and the user`(
    isExecuted: Bool,
    isSane: Bool,
    verdict: GateOutcome.GateVerdict,
    isKept: Bool?,
    expected: Bool
  ) {
    #expect(outcome(1, verdict: verdict, isExecuted: isExecuted, isSane: isSane, isKept: isKept).isSuccess == expected)
  }

  @Test func `the expected success is the belief without fates, and the fates when they are many`() {
    var rates = SuccessRates()
    func expected() -> Double {
      rates.rate(of: "small", with: "k", at: Self.now, halfLife: .seconds(86_400)).expected(belief: 0.8)
    }
    #expect(expected() == 0.8)
    for number in 1...200 { rates.add(outcome(number, isExecuted: false, kind: "k")) }
    #expect(abs(expected() - 8.0 / 210) < 1e-9)
  }

  // MARK: - Hard rules

  @Test func `a private question is seen by the local tier only`() async {
    var call = RouterFixture.call(tier: .cloud)
    call.isPrivate = true
    let lone = RouterFixture(cloud: [.text("a")], tiers: [.cloud])
    let (result, _) = await lone.ask(call)
    #expect(result.failureKind == .noEndpoint(["far: the question is private and stays in the local tier"]))
    #expect(lone.cloud.requests.isEmpty)
  }

  @Test func `a short budget leads down`() async throws {
    let fixture = RouterFixture(policy: RoutingPolicy(localShare: 0))
    var call = auto()
    call.isBudgetShort = true
    #expect(try await firstCandidate(fixture, call) == ("near", "the budget is short"))
  }

  @Test func `a pinned conversation stays at its endpoint`() async throws {
    let fixture = RouterFixture()
    var call = auto()
    call.pinnedEndpoint = "far"
    #expect(try await firstCandidate(fixture, call) == ("far", "the conversation is pinned to far"))
    call.isPrivate = true
    #expect(try await firstCandidate(fixture, call).0 == "near")
  }

  @Test func `calls with a tier of their own are no traffic`() async {
    let fixture = RouterFixture(local: [.text("a"), .text("b")])
    _ = await fixture.ask(RouterFixture.call(tier: .local))
    #expect(await fixture.router.traffic(of: .local).callCount == 0)
    _ = await fixture.ask(auto())
    #expect(await fixture.router.traffic(of: .local).callCount == 1)
  }

  @Test func `traffic is kept after ten calls but not more than once a second`() async {
    let store = MemoryRoutingStore()
    let fixture = RouterFixture(store: store)
    func classify(_ count: Int) async {
      for _ in 0..<count { _ = await fixture.router.classify(Self.question, of: .local) }
    }
    await classify(9)
    #expect(store.window(of: .local) == nil)
    await classify(1)
    #expect(store.window(of: .local)?.callCount == 10)
    await classify(20)
    #expect(store.window(of: .local)?.callCount == 10)
    fixture.advance(by: .seconds(1))
    await classify(1)
    #expect(store.window(of: .local)?.callCount == 31)
  }

  @Test func `traffic is kept when the router closes`() async {
    let store = MemoryRoutingStore()
    let fixture = RouterFixture(local: [.text("a")], store: store)
    _ = await fixture.ask(auto())
    #expect(store.window(of: .local) == nil)
    await fixture.router.close()
    #expect(store.window(of: .local)?.callCount == 1)
  }
}
