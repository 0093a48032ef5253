public import CoachVocabulary
public import FoundationEssentials

/// The sum over rows of the ledger.
public struct LedgerTotals: Hashable, Sendable, Codable {
  /// How many model calls: rows with attempt number 1.
  public var calls: Int
  /// How many attempts: all rows.
  public var attempts: Int
  /// How many attempts still run.
  public var open: Int
  /// How many attempts never ended as far as the ledger knows, though their time is over.
  public var lost: Int
  /// The tokens of all rows, class by class.
  public var tokens: TokenCounts
  /// The cost of all rows that have one.
  public var cost: NanoDollars
  /// What the rows with a notional rate would have cost at it.
  public var notionalCost: NanoDollars
  /// What attempts that still run have reserved.
  public var reserved: NanoDollars
  /// What lost attempts had reserved; their providers may have billed it.
  public var lostReserved: NanoDollars
  /// How many settled rows have no cost because a price or the usage is not known; `cost` leaves these out.
  public var unpriced: Int
  /// How many rows have estimated tokens.
  public var estimated: Int

  /// Makes totals; all default to nothing.
  public init(
    calls: Int = 0,
    attempts: Int = 0,
    open: Int = 0,
    lost: Int = 0,
    tokens: TokenCounts = .zero,
    cost: NanoDollars = .zero,
    notionalCost: NanoDollars = .zero,
    reserved: NanoDollars = .zero,
    lostReserved: NanoDollars = .zero,
    unpriced: Int = 0,
    estimated: Int = 0
  ) {
    self.calls = calls
    self.attempts = attempts
    self.open = open
    self.lost = lost
    self.tokens = tokens
    self.cost = cost
    self.notionalCost = notionalCost
    self.reserved = reserved
    self.lostReserved = lostReserved
    self.unpriced = unpriced
    self.estimated = estimated
  }

  /// No rows.
  public static let zero = LedgerTotals()

  /// The totals of one row at a moment.
  public init(of attempt: ModelAttempt, at now: Date) {
    let isLost = attempt.isLost(at: now)
    let isRunning = attempt.isOpen && !isLost
    self.init(
      calls: attempt.key.number == 1 ? 1 : 0,
      attempts: 1,
      open: isRunning ? 1 : 0,
      lost: isLost ? 1 : 0,
      tokens: attempt.tokens,
      cost: attempt.cost ?? .zero,
      notionalCost: attempt.notionalCost ?? .zero,
      reserved: isRunning ? attempt.reserved : .zero,
      lostReserved: isLost ? attempt.reserved : .zero,
      unpriced: !attempt.isOpen && attempt.cost == nil ? 1 : 0,
      estimated: attempt.usageSource == .estimated ? 1 : 0
    )
  }

  /// The totals of rows at a moment.
  public init(of attempts: some Sequence<ModelAttempt>, at now: Date) {
    self = attempts.reduce(.zero) { $0 + LedgerTotals(of: $1, at: now) }
  }

  /// What counts against a cap: the cost so far, what running attempts may still cost, and what lost ones may have cost.
  public var committed: NanoDollars { cost + reserved + lostReserved }

  /// Part by part sum.
  public static func + (left: Self, right: Self) -> Self {
    Self(
      calls: left.calls + right.calls,
      attempts: left.attempts + right.attempts,
      open: left.open + right.open,
      lost: left.lost + right.lost,
      tokens: left.tokens + right.tokens,
      cost: left.cost + right.cost,
      notionalCost: left.notionalCost + right.notionalCost,
      reserved: left.reserved + right.reserved,
      lostReserved: left.lostReserved + right.lostReserved,
      unpriced: left.unpriced + right.unpriced,
      estimated: left.estimated + right.estimated
    )
  }
}
