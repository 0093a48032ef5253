import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Ledger
import Testing

@Suite struct BudgetTests {
  private static let prices = PriceTable([
    "cloud": [PriceList(prices: TokenPrices(input: NanoDollars(1_000_000_000), output: NanoDollars(2_000_000_000)))]
  ])
  private static let noon = Date(timeIntervalSince1970: 1_750_000_000)

  private static func ledger(_ budgets: [Budget], zone: ScheduleZone = .utc) -> Ledger {
    Ledger(store: MemoryLedgerStore(), prices: prices, budgets: BudgetBook(budgets, zone: zone), now: { noon })
  }

  private static func row(
    _ operation: OperationID,
    endpoint: String = "cloud",
    tier: ModelTier = .cloud,
    user: UserID? = "u1",
    session: SessionID? = "s1",
    at moment: Date = noon
  ) -> ModelAttempt {
    ModelAttempt(
      key: AttemptKey(operation: operation, number: 1),
      user: user,
      session: session,
      agent: "sql_generator",
      tier: tier,
      endpoint: endpoint,
      model: "m",
      startedAt: moment
    )
  }

  private static func settle(_ row: ModelAttempt, output: Int, in ledger: Ledger) async throws -> Settled {
    try await ledger.settle(
      row,
      tokens: TokenCounts(output: output),
      source: .reported,
      duration: .zero,
      outcome: .answered
    )
  }

  // MARK: Windows

  @Test(arguments: [
    // A month that begins in winter time and ends in summer time, and a day that has 23 hours.
    (BudgetWindow.month, "2026-03-15T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
    (.month, "2026-02-28T23:30:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
    (.month, "2026-12-31T22:59:59Z", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"),
    (.day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    (.day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
  ])
  func `days and months follow the calendar of the place`(
    window: BudgetWindow,
    moment: String,
    start: String,
    end: String
  ) throws {
    let book = BudgetBook(zone: try ScheduleZone(named: "Europe/Berlin"))
    let span = try #require(book.span(of: window, at: Date(moment, strategy: .iso8601)))
    #expect(span.start.ISO8601Format() == start)
    #expect(span.end.ISO8601Format() == end)
  }

  @Test func `what was spent before the window does not count`() async throws {
    let ledger = Self.ledger([
      Budget(name: "daily", scope: .tenant, window: .day, most: NanoDollars(1_000_000))
    ])
    let yesterday = try await ledger.begin(
      Self.row("a", at: Self.noon - 86_400),
      expecting: TokenCounts(output: 500)
    )
    _ = try await Self.settle(yesterday.attempt, output: 500, in: ledger)
    _ = try await ledger.begin(Self.row("b"), expecting: TokenCounts(output: 500))
    await #expect(throws: LedgerFailure.self) {
      _ = try await ledger.begin(Self.row("c"), expecting: TokenCounts(output: 500))
    }
  }

  // MARK: Scopes

  @Test func `each user has a budget of his own, and a refusal names it with its reset`() async throws {
    let ledger = Self.ledger([
      Budget(name: "people", scope: .user, window: .month, most: NanoDollars(1_000_000))
    ])
    _ = try await ledger.begin(Self.row("a"), expecting: TokenCounts(output: 500))
    _ = try await ledger.begin(Self.row("b", user: "u2"), expecting: TokenCounts(output: 500))
    _ = try await ledger.begin(Self.row("c", user: nil), expecting: TokenCounts(output: 500))
    do {
      _ = try await ledger.begin(Self.row("d"), expecting: TokenCounts(output: 500))
      Issue.record("the budget is spent")
    } catch {
      #expect(error.description.contains("The month's budget 'people' of user u1 is $0.001"), "\(error)")
      #expect(error.description.contains("begins anew at 2025-07-01T00:00:00Z"), "\(error)")
    }
  }

  @Test func `a budget for one agent leaves the others alone`() {
    let budget = Budget(name: "b", scope: .agent, only: "answer_formatter", window: .day, most: .zero)
    #expect(BudgetBook([budget]).caps(for: Self.row("a")).isEmpty)
  }

  // MARK: What a cap leaves

  @Test func `what is left limits the output that may be written`() async throws {
    let ledger = Self.ledger([
      Budget(name: "daily", scope: .tenant, window: .day, most: NanoDollars(1_000_000))
    ])
    let reservation = try await ledger.begin(Self.row("a"), expecting: TokenCounts(input: 200, output: 5_000))
    #expect(reservation.outputLimit == 400)
    #expect(reservation.attempt.reserved == NanoDollars(1_000_000))
  }

  @Test func `less than the least output that is of use is refused`() async throws {
    let ledger = Self.ledger([
      Budget(name: "daily", scope: .tenant, window: .day, most: NanoDollars(20_000))
    ])
    await #expect(throws: LedgerFailure.self) {
      _ = try await ledger.begin(Self.row("a"), expecting: TokenCounts(output: 500), leastOutput: 11)
    }
    let reservation = try await ledger.begin(
      Self.row("a"),
      expecting: TokenCounts(output: 500),
      leastOutput: 10
    )
    #expect(reservation.outputLimit == 10)
  }

  @Test func `without a cap nothing limits the output`() async throws {
    let reservation = try await Self.ledger([]).begin(Self.row("a"), expecting: TokenCounts(output: 500))
    #expect(reservation.outputLimit == nil)
  }

  @Test func `an unpriced cloud model is refused where a budget binds, a local one sends no bill`() async throws {
    let ledger = Self.ledger([Budget(name: "b", scope: .tenant, window: .day, most: NanoDollars(1))])
    do {
      _ = try await ledger.begin(Self.row("a", endpoint: "new"), expecting: .zero)
      Issue.record("nobody knows what it costs")
    } catch {
      #expect(error.isAboutMoney)
      #expect(error.description.contains("'new'"))
    }
    let local = try await ledger.begin(Self.row("b", endpoint: "new", tier: .local), expecting: .zero)
    #expect(local.outputLimit == nil)
  }

  // MARK: Soft budgets

  @Test func `a soft budget refuses nothing and tells once that it is passed`() async throws {
    let ledger = Self.ledger([
      Budget(name: "soft", scope: .tenant, window: .day, most: NanoDollars(1_000_000), enforcement: .soft)
    ])
    var alerts: [Int] = []
    for index in 0..<4 {
      let begun = try await ledger.begin(
        Self.row(OperationID("o\(index)")),
        expecting: TokenCounts(output: 400)
      )
      alerts.append(try await Self.settle(begun.attempt, output: 400, in: ledger).alerts.count)
    }
    #expect(alerts == [0, 1, 0, 0])
  }

  // MARK: Files

  private static func read(_ json: JSONValue) -> (BudgetBook, [String]) {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree(json: json, file: "config/budgets.yaml")
    let book = BudgetBook(reading: tree, diagnostics: collector)
    return (book, collector.diagnostics.map(\.message))
  }

  @Test func `a file of budgets is read`() {
    let (book, faults) = Self.read([
      "time_zone": "Europe/Berlin",
      "budgets": [
        ["name": "all", "scope": "tenant", "window": "month", "limit": "25"],
        ["name": "me", "scope": "user", "only": "u1", "window": "day", "limit": "0.5", "enforcement": "soft"],
      ],
    ])
    #expect(faults == [])
    #expect(book.zone.name == "Europe/Berlin")
    #expect(
      book.budgets == [
        Budget(name: "all", scope: .tenant, window: .month, most: NanoDollars(25_000_000_000)),
        Budget(
          name: "me",
          scope: .user,
          only: "u1",
          window: .day,
          most: NanoDollars(500_000_000),
          enforcement: .soft
        ),
      ]
    )
  }

  @Test(
    arguments: [
      (["scope": "tenant", "window": "day", "limit": "1"], "needs 'name'"),
      (["name": "b", "scope": "planet", "window": "day", "limit": "1"], "planet"),
      (["name": "b", "scope": "tenant", "window": "week", "limit": "1"], "week"),
      (["name": "b", "scope": "tenant", "window": "day", "limit": "lots"], "dollars"),
      (["name": "b", "scope": "tenant", "only": "x", "window": "day", "limit": "1"], "'only' needs"),
      (["name": "b", "scope": "tenant", "window": "day", "limit": "1", "color": "red"], "color"),
    ] as [(JSONValue, String)]
  )
  func `what is wrong with a budget is said`(entry: JSONValue, words: String) {
    let (_, faults) = Self.read(["budgets": [entry]])
    #expect(faults.contains { $0.contains(words) }, "\(faults)")
  }
}
