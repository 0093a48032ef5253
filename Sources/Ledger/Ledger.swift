public import CoachVocabulary
public import FoundationEssentials

/// What every model call used and cost.
///
/// The ledger adds prices and budgets to the rows and leaves keeping them to its store. Each attempt is begun before the
/// request is sent and settled after it ended, however it ended.
public struct Ledger: Sendable {
  private let store: any LedgerStore
  private let prices: PriceTable
  private let budgets: BudgetBook
  private let now: @Sendable () -> Date

  /// Makes a ledger.
  ///
  /// - Parameters:
  ///   - store: where the rows live.
  ///   - prices: what endpoints cost.
  ///   - budgets: what may be spent, beside the caps of single calls.
  ///   - now: the time of day.
  public init(
    store: any LedgerStore,
    prices: PriceTable,
    budgets: BudgetBook = BudgetBook(),
    now: @escaping @Sendable () -> Date
  ) {
    self.store = store
    self.prices = prices
    self.budgets = budgets
    self.now = now
  }

  /// Whether the ledger knows what an endpoint costs now.
  public func isPriced(_ endpoint: String) -> Bool { prices.list(of: endpoint, at: now()) != nil }

  /// The sum over a scope.
  public func totals(in scope: LedgerScope) async throws(LedgerFailure) -> LedgerTotals {
    try await store.totals(in: scope, at: now())
  }

  /// The rows of a scope, oldest first; at most `limit`, the newest ones.
  public func attempts(in scope: LedgerScope, limit: Int = 1_000) async throws(LedgerFailure) -> [ModelAttempt] {
    try await store.attempts(in: scope, limit: limit)
  }
}

extension Ledger {
  /// Whether a soft budget that an attempt would count for is used up, so that cheaper ways come first.
  ///
  /// - Throws: ``LedgerFailure``.
  public func isShort(for attempt: ModelAttempt) async throws(LedgerFailure) -> Bool {
    for cap in budgets.caps(for: attempt) where cap.enforcement == .soft && cap.window != .call {
      if try await store.totals(in: cap.scope, at: now()).committed >= cap.most { return true }
    }
    return false
  }
}

// MARK: - Beginning

/// The leave to send a request.
public struct Reservation: Hashable, Sendable {
  /// The row as written.
  public var attempt: ModelAttempt
  /// The most output tokens that are paid for, so that the caps hold; nil when no cap binds the attempt.
  public var outputLimit: Int?
}

extension Ledger {
  /// Begins an attempt: reserves the price of the expected tokens under all budgets and caps and writes the row.
  ///
  /// Where a cap leaves less than the wanted output costs, less output is reserved, down to `leastOutput` tokens.
  /// An endpoint without prices is refused where a cap binds; one on this machine or network sends no bill and passes.
  /// - Parameters:
  ///   - attempt: the row; its reservation is set here.
  ///   - expected: the most tokens the attempt is likely to use.
  ///   - leastOutput: the fewest output tokens that are of use.
  ///   - caps: what must not be passed, beside the budgets.
  /// - Returns: the row as written, with the output that is paid for.
  /// - Throws: ``LedgerFailure``; nothing was written and the request must not be sent.
  public func begin(
    _ attempt: ModelAttempt,
    expecting expected: TokenCounts,
    leastOutput: Int = 16,
    within caps: [SpendingCap] = []
  ) async throws(LedgerFailure) -> Reservation {
    let caps = (caps + budgets.caps(for: attempt)).filter { $0.binds(attempt) }
    guard let list = prices.list(of: attempt.endpoint, at: attempt.startedAt) else {
      if attempt.tier == .cloud, let cap = caps.first { throw .unpriced(endpoint: attempt.endpoint, cap) }
      try await store.begin(attempt, within: [])
      return Reservation(attempt: attempt, outputLimit: nil)
    }
    var row = attempt
    var expected = expected
    while true {
      row.reserved = list.cost(of: expected)
      do {
        try await store.begin(row, within: caps)
        return Reservation(attempt: row, outputLimit: caps.isEmpty ? nil : expected.output)
      } catch {
        // Others may have spent meanwhile, so that what is left shrinks from one try to the next.
        guard case .capReached(let cap, let committed, _) = error, committed < cap.most else { throw error }
        let left = NanoDollars(cap.most.amount - committed.amount)
        let affordable = list.prices(for: expected).affordableOutput(after: expected, within: left)
        guard let affordable, affordable >= leastOutput, affordable < expected.output else { throw error }
        expected.output = affordable
      }
    }
  }
}

// MARK: - Settling

/// What a settlement came to.
public struct Settled: Hashable, Sendable {
  /// The row as it stands now.
  public var attempt: ModelAttempt
  /// The soft budgets that it passed, each told once.
  public var alerts: [SpendingCap]
}

extension Ledger {
  /// Settles an attempt: prices its tokens and closes the row.
  ///
  /// Settling twice changes nothing, except that reported usage replaces an estimate.
  /// Tokens that are not known, or that an unpriced endpoint used, have no cost; work that the provider did not do
  /// costs nothing at any price. A reply that broke off without a word on its usage costs what was reserved for it,
  /// unless the estimate is higher, since the provider goes on counting after we stop reading.
  /// - Throws: ``LedgerFailure``.
  @discardableResult
  public func settle(
    _ attempt: ModelAttempt,
    tokens: TokenCounts,
    source: UsageSource,
    sources: TokenClasses<UsageSource>? = nil,
    duration: Duration,
    firstTokenTime: Duration? = nil,
    outcome: AttemptOutcome
  ) async throws(LedgerFailure) -> Settled {
    let list = prices.list(of: attempt.endpoint, at: attempt.startedAt)
    let isCounted = source == .reported || source == .estimated
    var cost: NanoDollars? =
      switch source {
      case .unknown: nil
      case .unused: .zero
      case .reported, .estimated: list?.cost(of: tokens)
      }
    if source == .estimated, !outcome.isWhole, let estimate = cost { cost = max(estimate, attempt.reserved) }
    let row = try await store.settle(
      AttemptSettlement(
        key: attempt.key,
        tokens: isCounted ? tokens : .zero,
        usageSource: source,
        tokenSources: sources,
        cost: cost,
        notionalCost: isCounted ? list?.notional?.cost(of: tokens) : nil,
        priceVersion: cost == nil ? nil : list?.version,
        duration: duration,
        firstTokenTime: firstTokenTime,
        outcome: outcome
      )
    )
    return Settled(attempt: row, alerts: try await alerts(of: row))
  }

  /// The soft budgets that were kept before this row was settled and are not any more.
  private func alerts(of row: ModelAttempt) async throws(LedgerFailure) -> [SpendingCap] {
    guard let cost = row.cost, cost > .zero else { return [] }
    var passed: [SpendingCap] = []
    for cap in budgets.caps(for: row) where cap.enforcement == .soft {
      let spent = try await store.totals(in: cap.scope, at: now()).cost
      if spent > cap.most, spent.amount - cost.amount <= cap.most.amount { passed.append(cap) }
    }
    return passed
  }
}

extension AttemptOutcome {
  /// Whether a complete reply came, so that nothing can be missing from what was read of it.
  fileprivate var isWhole: Bool {
    switch self {
    case .answered, .invalid, .refused: true
    case .rateLimited, .unauthorized, .contextTooLong, .badRequest, .notFound, .serverError, .connection, .timedOut,
      .cut, .malformed, .cancelled:
      false
    }
  }
}
