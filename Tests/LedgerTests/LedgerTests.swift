import CoachVocabulary
import FoundationEssentials
import Ledger
import Testing

@Suite struct LedgerTests {
  private static let prices = PriceTable([
    "cloud": [PriceList(prices: TokenPrices(input: NanoDollars(1_000_000_000), output: NanoDollars(2_000_000_000)))]
  ])

  private static func ledger(_ budgets: BudgetBook = BudgetBook()) -> Ledger {
    Ledger(store: MemoryLedgerStore(), prices: prices, budgets: budgets, now: { Date(timeIntervalSince1970: 100) })
  }

  private func row(
    _ operation: String,
    _ number: Int = 1,
    endpoint: String = "cloud",
    run: RunID? = "r1",
    session: SessionID? = "s1",
    at second: Double = 0
  ) -> ModelAttempt {
    ModelAttempt(
      key: AttemptKey(operation: OperationID(operation), number: number),
      run: run,
      session: session,
      node: "generate",
      agent: "sql_generator",
      tier: endpoint == "cloud" ? .cloud : .local,
      endpoint: endpoint,
      model: "m",
      startedAt: Date(timeIntervalSince1970: second)
    )
  }

  @Test func `an attempt reserves its likely price and gives the rest back when it is settled`() async throws {
    let ledger = Self.ledger()
    let begun = try await ledger.begin(row("a"), expecting: TokenCounts(input: 10, output: 100)).attempt
    #expect(begun.reserved == NanoDollars(210_000))
    var totals = try await ledger.totals(in: LedgerScope(.run("r1")))
    #expect(totals.committed == NanoDollars(210_000))
    #expect(totals.open == 1)

    let settled = try await ledger.settle(
      begun,
      tokens: TokenCounts(input: 10, output: 7),
      source: .reported,
      duration: .milliseconds(250),
      firstTokenTime: .milliseconds(40),
      outcome: .answered
    ).attempt
    #expect(settled.cost == NanoDollars(24_000))
    #expect(settled.duration == .milliseconds(250))
    #expect(settled.firstTokenTime == .milliseconds(40))
    totals = try await ledger.totals(in: LedgerScope(.run("r1")))
    #expect(totals.committed == NanoDollars(24_000))
    #expect(totals.open == 0)
    #expect(totals.tokens == TokenCounts(input: 10, output: 7))
  }

  @Test func `settling twice counts once`() async throws {
    let ledger = Self.ledger()
    let begun = try await ledger.begin(row("a"), expecting: .zero).attempt
    for count in [5, 5, 9] {
      try await ledger.settle(
        begun,
        tokens: TokenCounts(input: count),
        source: .reported,
        duration: .zero,
        outcome: .answered
      )
    }
    let totals = try await ledger.totals(in: LedgerScope(.everything))
    #expect(totals.tokens.input == 5)
    #expect(totals.attempts == 1)
  }

  @Test func `late usage from the provider replaces an estimate and keeps the outcome`() async throws {
    let ledger = Self.ledger()
    let begun = try await ledger.begin(row("a"), expecting: .zero).attempt
    let estimate = TokenCounts(input: 50, output: 3)
    try await ledger.settle(begun, tokens: estimate, source: .estimated, duration: .seconds(1), outcome: .cut)
    let late = try await ledger.settle(
      begun,
      tokens: TokenCounts(input: 41, output: 6),
      source: .reported,
      duration: .seconds(9),
      outcome: .answered
    ).attempt
    #expect(late.tokens == TokenCounts(input: 41, output: 6))
    #expect(late.usageSource == .reported)
    #expect(late.outcome == .cut)
    #expect(late.duration == .seconds(1))
    #expect(late.cost == NanoDollars(53_000))
  }

  @Test(arguments: [
    ("cloud", UsageSource.reported, NanoDollars(3_000) as NanoDollars?, 0),
    ("cloud", .estimated, NanoDollars(3_000), 0),
    ("cloud", .unknown, nil, 1),
    ("cloud", .unused, .zero, 0),
    ("unpriced", .reported, nil, 1),
    ("unpriced", .unused, .zero, 0),
  ])
  func `a cost nobody knows is unpriced and never zero`(
    endpoint: String,
    source: UsageSource,
    cost: NanoDollars?,
    unpriced: Int
  ) async throws {
    let ledger = Self.ledger()
    let begun = try await ledger.begin(row("a", endpoint: endpoint), expecting: .zero).attempt
    let settled = try await ledger.settle(
      begun,
      tokens: TokenCounts(input: 1, output: 1),
      source: source,
      duration: .zero,
      outcome: .answered
    ).attempt
    #expect(settled.cost == cost)
    #expect((settled.priceVersion != nil) == (cost != nil && endpoint == "cloud"))
    #expect(try await ledger.totals(in: LedgerScope(.everything)).unpriced == unpriced)
  }

  @Test func `an attempt that never began cannot be settled`() async throws {
    let ledger = Self.ledger()
    await #expect(throws: LedgerFailure.unknownAttempt(AttemptKey(operation: "a", number: 1))) {
      try await ledger.settle(row("a"), tokens: .zero, source: .unused, duration: .zero, outcome: .connection)
    }
  }

  @Test func `the same attempt may begin twice but not with other facts`() async throws {
    let store = MemoryLedgerStore()
    try await store.begin(row("a"), within: [])
    try await store.begin(row("a", at: 7), within: [])
    #expect(try await store.attempts(in: LedgerScope(.everything), limit: 10).count == 1)
    await #expect(throws: LedgerFailure.alreadyBegun(AttemptKey(operation: "a", number: 1))) {
      try await store.begin(row("a", endpoint: "local"), within: [])
    }
  }

  @Test func `a cap counts reservations and leaves other scopes alone`() async throws {
    let ledger = Self.ledger()
    let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(250_000))
    let expected = TokenCounts(output: 100)
    _ = try await ledger.begin(row("a"), expecting: expected, within: [cap])
    let refusal = LedgerFailure.capReached(cap, committed: NanoDollars(200_000), wanted: NanoDollars(200_000))
    await #expect(throws: refusal) {
      _ = try await ledger.begin(row("b"), expecting: expected, leastOutput: 100, within: [cap])
    }
    _ = try await ledger.begin(row("c", session: "s2"), expecting: expected, within: [cap])
    #expect(try await ledger.totals(in: LedgerScope(.everything)).attempts == 2)
  }

  @Test func `sixty four attempts at once never pass a cap`() async throws {
    let ledger = Self.ledger()
    let cap = SpendingCap(LedgerScope(.everything), most: NanoDollars(10_000_000))
    let begun = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        let attempt = row("op\(index)")
        group.addTask {
          do {
            _ = try await ledger.begin(attempt, expecting: TokenCounts(output: 500), within: [cap])
            return true
          } catch {
            return false
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(begun == 10)
    #expect(try await ledger.totals(in: LedgerScope(.everything)).committed == cap.most)
  }

  @Test func `scopes hold exactly their rows, oldest first, and the limit keeps the newest`() async throws {
    let store = MemoryLedgerStore()
    try await store.begin(row("b", run: "r2", session: "s2", at: 30), within: [])
    try await store.begin(row("a", 2, at: 20), within: [])
    try await store.begin(row("a", at: 10), within: [])
    func keys(_ scope: LedgerScope, limit: Int = 10) async throws -> [String] {
      try await store.attempts(in: scope, limit: limit).map(\.key.description)
    }
    #expect(try await keys(LedgerScope(.everything)) == ["a/1", "a/2", "b/1"])
    #expect(try await keys(LedgerScope(.everything), limit: 2) == ["a/2", "b/1"])
    #expect(try await keys(LedgerScope(.run("r1"))) == ["a/1", "a/2"])
    #expect(try await keys(LedgerScope(.session("s2"))) == ["b/1"])
    #expect(try await keys(LedgerScope(.operation("a"))) == ["a/1", "a/2"])
    let since = LedgerScope(.everything, since: Date(timeIntervalSince1970: 20))
    #expect(try await keys(since) == ["a/2", "b/1"])
    #expect(try await keys(LedgerScope(tenant: "other", .everything)).isEmpty)
  }

  @Test func `a model call with three attempts counts as one call`() async throws {
    let store = MemoryLedgerStore()
    for number in 1...3 { try await store.begin(row("a", number), within: []) }
    let totals = try await store.totals(in: LedgerScope(.run("r1")), at: Date(timeIntervalSince1970: 0))
    #expect(totals.calls == 1)
    #expect(totals.attempts == 3)
  }

  @Test(arguments: 1...20)
  func `the sum of the rows equals the totals of every scope`(seed: UInt64) async throws {
    var random = Draw(seed: seed)
    let ledger = Self.ledger()
    for index in 0..<60 {
      let attempt = row(
        "op\(random.below(25))",
        index + 1,
        endpoint: random.below(3) == 0 ? "unpriced" : "cloud",
        run: RunID("r\(random.below(3))"),
        session: SessionID("s\(random.below(3))"),
        at: Double(random.below(100))
      )
      let begun = try await ledger.begin(attempt, expecting: TokenCounts(output: random.below(900))).attempt
      for _ in 0..<random.below(3) {
        let tokens = TokenCounts(
          input: random.below(5_000),
          cachedInput: random.below(5_000),
          cacheWrite: random.below(100),
          output: random.below(3_000)
        )
        try await ledger.settle(
          begun,
          tokens: tokens,
          source: UsageSource.allCases[random.below(4)],
          duration: .milliseconds(random.below(900)),
          outcome: AttemptOutcome.allCases[random.below(AttemptOutcome.allCases.count)]
        )
      }
    }
    let parts: [LedgerScope.Part] = [.everything, .run("r0"), .run("r2"), .session("s1"), .operation("op7")]
    for part in parts {
      let rows = try await ledger.attempts(in: LedgerScope(part))
      let totals = try await ledger.totals(in: LedgerScope(part))
      #expect(totals == LedgerTotals(of: rows, at: Date(timeIntervalSince1970: 100)))
      #expect(totals.cost.amount == rows.reduce(0) { $0 + ($1.cost?.amount ?? 0) })
      #expect(totals.tokens.total == rows.reduce(0) { $0 + $1.tokens.total })
    }
    let all = try await ledger.totals(in: LedgerScope(.everything))
    var bySession = LedgerTotals.zero
    for session in 0..<3 {
      bySession = bySession + (try await ledger.totals(in: LedgerScope(.session(SessionID("s\(session)")))))
    }
    #expect(all == bySession)
  }

  @Test func `a row survives its JSON form`() throws {
    var attempt = row("a", at: 12.5)
    attempt = attempt.settled(
      by: AttemptSettlement(
        key: attempt.key,
        tokens: TokenCounts(input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 1),
        usageSource: .reported,
        cost: NanoDollars(77),
        priceVersion: "v",
        duration: .milliseconds(12),
        outcome: .answered
      )
    )
    #expect(try JSONValue(encoding: attempt).decoded(as: ModelAttempt.self) == attempt)
  }

  @Test func `a refusal says what is spent, what is wanted and what to do`() {
    let cap = SpendingCap(LedgerScope(.session("s1")), most: NanoDollars(10_000_000))
    let failure = LedgerFailure.capReached(cap, committed: NanoDollars(9_000_000), wanted: NanoDollars(2_000_000))
    #expect(
      failure.description
        == "The spending cap of session s1 is $0.01; $0.009 is spent or reserved and this call may cost $0.002. "
        + "Raise it or ask for fewer output tokens."
    )
  }
}

/// A small generator, so that a failing case can be run again by its seed.
private struct Draw {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}
