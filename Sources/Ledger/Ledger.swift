public import CoachVocabulary

/// What every model call used and cost.
///
/// The ledger adds prices to the rows and leaves keeping them to its store. Each attempt is begun before the request is
/// sent and settled after it ended, however it ended.
public struct Ledger: Sendable {
  private let store: any LedgerStore
  private let prices: PriceTable

  /// Makes a ledger.
  public init(store: any LedgerStore, prices: PriceTable) {
    self.store = store
    self.prices = prices
  }

  /// Whether the ledger knows what an endpoint costs.
  public func isPriced(_ endpoint: String) -> Bool { prices.entries[endpoint] != nil }

  /// Begins an attempt: reserves the price of the expected tokens under the caps and writes the row.
  ///
  /// An unpriced endpoint reserves nothing and passes every cap, since nobody knows what it costs; its rows show up as
  /// ``LedgerTotals/unpriced``.
  /// - Parameters:
  ///   - attempt: the row; its reservation is set here.
  ///   - expected: the most tokens the attempt is likely to use.
  ///   - caps: what must not be passed.
  /// - Returns: the row as written.
  /// - Throws: ``LedgerFailure``; nothing was written and the request must not be sent.
  @discardableResult
  public func begin(
    _ attempt: ModelAttempt,
    expecting expected: TokenCounts,
    within caps: [SpendingCap] = []
  ) async throws(LedgerFailure) -> ModelAttempt {
    var row = attempt
    row.reserved = prices.cost(of: expected, at: attempt.endpoint)?.cost ?? .zero
    try await store.begin(row, within: caps)
    return row
  }

  /// Settles an attempt: prices its tokens and closes the row.
  ///
  /// Settling twice changes nothing, except that reported usage replaces an estimate.
  /// Tokens that are not known, or that an unpriced endpoint used, have no cost; work that the provider did not do
  /// costs nothing at any price.
  /// - Returns: the row as it stands afterwards.
  /// - Throws: ``LedgerFailure``.
  @discardableResult
  public func settle(
    _ attempt: ModelAttempt,
    tokens: TokenCounts,
    source: UsageSource,
    duration: Duration,
    firstTokenTime: Duration? = nil,
    outcome: AttemptOutcome
  ) async throws(LedgerFailure) -> ModelAttempt {
    let priced: (cost: NanoDollars, version: String?)? =
      switch source {
      case .unknown: nil
      case .unused: (.zero, prices.entries[attempt.endpoint]?.version)
      case .reported, .estimated: prices.cost(of: tokens, at: attempt.endpoint).map { ($0.cost, $0.version) }
      }
    return try await store.settle(
      AttemptSettlement(
        key: attempt.key,
        tokens: source == .unknown || source == .unused ? .zero : tokens,
        usageSource: source,
        cost: priced?.cost,
        priceVersion: priced?.version,
        duration: duration,
        firstTokenTime: firstTokenTime,
        outcome: outcome
      )
    )
  }

  /// The sum over a scope.
  public func totals(in scope: LedgerScope) async throws(LedgerFailure) -> LedgerTotals {
    try await store.totals(in: scope)
  }

  /// The rows of a scope, oldest first; at most `limit`, the newest ones.
  public func attempts(in scope: LedgerScope, limit: Int = 1_000) async throws(LedgerFailure) -> [ModelAttempt] {
    try await store.attempts(in: scope, limit: limit)
  }
}
