public import CoachVocabulary

/// The sum over rows of the ledger.
public struct LedgerTotals: Hashable, Sendable, Codable {
  /// How many model calls: rows with attempt number 1.
  public var calls: Int
  /// How many attempts: all rows.
  public var attempts: Int
  /// How many attempts still run.
  public var open: Int
  /// The tokens of all rows, class by class.
  public var tokens: TokenCounts
  /// The cost of all rows that have one.
  public var cost: NanoDollars
  /// What open rows have reserved.
  public var reserved: NanoDollars
  /// How many settled rows have no cost because a price or the usage is not known; `cost` leaves these out.
  public var unpriced: Int
  /// How many rows have estimated tokens.
  public var estimated: Int

  /// Makes totals; all default to nothing.
  public init(
    calls: Int = 0,
    attempts: Int = 0,
    open: Int = 0,
    tokens: TokenCounts = .zero,
    cost: NanoDollars = .zero,
    reserved: NanoDollars = .zero,
    unpriced: Int = 0,
    estimated: Int = 0
  ) {
    self.calls = calls
    self.attempts = attempts
    self.open = open
    self.tokens = tokens
    self.cost = cost
    self.reserved = reserved
    self.unpriced = unpriced
    self.estimated = estimated
  }

  /// No rows.
  public static let zero = LedgerTotals()

  /// The totals of one row.
  public init(of attempt: ModelAttempt) {
    self.init(
      calls: attempt.key.number == 1 ? 1 : 0,
      attempts: 1,
      open: attempt.isOpen ? 1 : 0,
      tokens: attempt.tokens,
      cost: attempt.cost ?? .zero,
      reserved: attempt.isOpen ? attempt.reserved : .zero,
      unpriced: !attempt.isOpen && attempt.cost == nil ? 1 : 0,
      estimated: attempt.usageSource == .estimated ? 1 : 0
    )
  }

  /// The totals of rows.
  public init(of attempts: some Sequence<ModelAttempt>) {
    self = attempts.reduce(.zero) { $0 + LedgerTotals(of: $1) }
  }

  /// What counts against a cap: the cost so far plus what open attempts may still cost.
  public var committed: NanoDollars { cost + reserved }

  /// Part by part sum.
  public static func + (left: Self, right: Self) -> Self {
    Self(
      calls: left.calls + right.calls,
      attempts: left.attempts + right.attempts,
      open: left.open + right.open,
      tokens: left.tokens + right.tokens,
      cost: left.cost + right.cost,
      reserved: left.reserved + right.reserved,
      unpriced: left.unpriced + right.unpriced,
      estimated: left.estimated + right.estimated
    )
  }
}
