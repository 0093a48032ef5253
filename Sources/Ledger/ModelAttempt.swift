public import CoachVocabulary
public import FoundationEssentials

/// Names one attempt of one model call.
public struct AttemptKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The model call.
  public var operation: OperationID
  /// The attempt within the call, from 1.
  public var number: Int

  /// Makes a key.
  public init(operation: OperationID, number: Int) {
    self.operation = operation
    self.number = number
  }

  /// `operation/number`.
  public var description: String { "\(operation)/\(number)" }

  /// Orders by operation, then number.
  public static func < (left: Self, right: Self) -> Bool {
    (left.operation, left.number) < (right.operation, right.number)
  }
}

/// Where a model runs.
public enum ModelTier: String, Hashable, Sendable, Codable, CaseIterable {
  /// On this machine or network, without a bill per token.
  case local
  /// At a provider that bills per token.
  case cloud
}

/// How the token counts of a row are known.
public enum UsageSource: String, Hashable, Sendable, Codable, CaseIterable {
  /// The provider said so.
  case reported
  /// Counted from the text sent and received, because the provider said nothing.
  case estimated
  /// Not known at all.
  case unknown
  /// The provider did no work: it was not reached or turned the request away.
  case unused
}

/// How an attempt ended.
public enum AttemptOutcome: String, Hashable, Sendable, Codable, CaseIterable {
  /// A complete reply came.
  case answered
  /// The reply was complete but did not fit the wanted schema.
  case invalid
  /// The model declined to answer.
  case refused
  /// The provider asked for patience.
  case rateLimited = "rate_limited"
  /// The key was missing, wrong or not allowed.
  case unauthorized
  /// The prompt does not fit the model.
  case contextTooLong = "context_too_long"
  /// The provider did not accept the request.
  case badRequest = "bad_request"
  /// The provider has no such model.
  case notFound = "not_found"
  /// The provider failed.
  case serverError = "server_error"
  /// The provider could not be reached or hung up before its reply.
  case connection
  /// A time limit passed.
  case timedOut = "timed_out"
  /// The reply broke off.
  case cut
  /// The reply was not in the expected format.
  case malformed
  /// The caller stopped it.
  case cancelled
}

/// One row of the ledger: one request to one model.
public struct ModelAttempt: Hashable, Sendable, Codable {
  /// The row's key, unique in the ledger.
  public var key: AttemptKey
  /// Whose row it is.
  public var tenant: TenantID
  /// Who asked, if known.
  public var user: UserID?
  /// The run that made the call, if any.
  public var run: RunID?
  /// The conversation it belongs to, if any.
  public var session: SessionID?
  /// The graph node that made the call, if any.
  public var node: String?
  /// The agent that made the call, if any.
  public var agent: String?
  /// Where the model runs.
  public var tier: ModelTier
  /// The configured endpoint.
  public var endpoint: String
  /// The model as the endpoint names it.
  public var model: String
  /// When the attempt started.
  public var startedAt: Date
  /// The most it was expected to cost, 0 when unpriced; counts against caps until the row is settled.
  public var reserved: NanoDollars
  /// Until when the attempt may run; an open row after that was lost with its process.
  public var leaseExpires: Date

  /// Tokens used; all 0 until settled.
  public var tokens: TokenCounts
  /// How the tokens that make the bill are known: the worse of prompt and output.
  public var usageSource: UsageSource
  /// How the tokens of each class are known; a class that is not known counts 0.
  public var tokenSources: TokenClasses<UsageSource>
  /// What it cost; nil when the price or the usage is not known ("unpriced"), never 0 in its place.
  public var cost: NanoDollars?
  /// What it would have cost at the endpoint's notional rate, for endpoints that send no bill; nil without such a rate.
  public var notionalCost: NanoDollars?
  /// Which prices made the cost; nil when unpriced.
  public var priceVersion: String?
  /// How long the attempt took; nil until settled.
  public var duration: Duration?
  /// How long it took to the first token; nil when none came.
  public var firstTokenTime: Duration?
  /// How it ended; nil while it runs.
  public var outcome: AttemptOutcome?

  /// How long an attempt may run when nobody said otherwise.
  public static let longestRun = Duration.seconds(600)

  /// Makes the row of an attempt that is about to start; its lease lasts ``longestRun`` unless given.
  public init(
    key: AttemptKey,
    tenant: TenantID = .local,
    user: UserID? = nil,
    run: RunID? = nil,
    session: SessionID? = nil,
    node: String? = nil,
    agent: String? = nil,
    tier: ModelTier,
    endpoint: String,
    model: String,
    startedAt: Date,
    reserved: NanoDollars = .zero,
    leaseExpires: Date? = nil
  ) {
    self.key = key
    self.tenant = tenant
    self.user = user
    self.run = run
    self.session = session
    self.node = node
    self.agent = agent
    self.tier = tier
    self.endpoint = endpoint
    self.model = model
    self.startedAt = startedAt
    self.reserved = reserved
    self.leaseExpires = leaseExpires ?? startedAt + Double(Self.longestRun.components.seconds)
    tokens = .zero
    usageSource = .unknown
    tokenSources = TokenClasses(all: .unknown)
    cost = nil
    notionalCost = nil
    priceVersion = nil
    duration = nil
    firstTokenTime = nil
    outcome = nil
  }

  /// Whether the attempt still runs, as far as the ledger knows.
  public var isOpen: Bool { outcome == nil }

  /// Whether the attempt is open though its time is over: its process died, or its end was never told.
  public func isLost(at now: Date) -> Bool { isOpen && leaseExpires <= now }

  /// What the row counts against a cap: the reservation while open, the cost afterwards.
  ///
  /// A lost attempt keeps counting with its reservation, since its provider may well have billed it; a late settlement
  /// puts the true cost in its place.
  public var committed: NanoDollars { isOpen ? reserved : cost ?? .zero }

  /// Whether another row opens the same attempt; the moment of its start may differ.
  public func opensLike(_ other: ModelAttempt) -> Bool {
    key == other.key && tenant == other.tenant && user == other.user && run == other.run && session == other.session
      && node == other.node
      && agent == other.agent && tier == other.tier && endpoint == other.endpoint && model == other.model
      && reserved == other.reserved
  }

  /// The row after a settlement; the same row when the settlement changes nothing.
  ///
  /// An open row takes everything. A settled row keeps its outcome and takes only usage that the provider reported in
  /// place of usage that was estimated or unknown; so a repeated or late settlement never counts twice.
  public func settled(by settlement: AttemptSettlement) -> ModelAttempt {
    let better = settlement.usageSource == .reported && (usageSource == .estimated || usageSource == .unknown)
    guard isOpen || better else { return self }
    var row = self
    row.tokens = settlement.tokens
    row.usageSource = settlement.usageSource
    row.tokenSources = settlement.tokenSources
    row.cost = settlement.cost
    row.notionalCost = settlement.notionalCost
    row.priceVersion = settlement.priceVersion
    guard isOpen else { return row }
    row.duration = settlement.duration
    row.firstTokenTime = settlement.firstTokenTime
    row.outcome = settlement.outcome
    return row
  }
}

/// How an attempt ended and what it used.
public struct AttemptSettlement: Hashable, Sendable, Codable {
  /// Which attempt.
  public var key: AttemptKey
  /// Tokens used.
  public var tokens: TokenCounts
  /// How the tokens that make the bill are known.
  public var usageSource: UsageSource
  /// How the tokens of each class are known.
  public var tokenSources: TokenClasses<UsageSource>
  /// What it cost; nil when the price or the usage is not known.
  public var cost: NanoDollars?
  /// What it would have cost at the notional rate.
  public var notionalCost: NanoDollars?
  /// Which prices made the cost.
  public var priceVersion: String?
  /// How long the attempt took.
  public var duration: Duration
  /// How long it took to the first token; nil when none came.
  public var firstTokenTime: Duration?
  /// How it ended.
  public var outcome: AttemptOutcome

  /// Makes a settlement.
  public init(
    key: AttemptKey,
    tokens: TokenCounts,
    usageSource: UsageSource,
    tokenSources: TokenClasses<UsageSource>? = nil,
    cost: NanoDollars?,
    notionalCost: NanoDollars? = nil,
    priceVersion: String?,
    duration: Duration,
    firstTokenTime: Duration? = nil,
    outcome: AttemptOutcome
  ) {
    self.key = key
    self.tokens = tokens
    self.usageSource = usageSource
    self.tokenSources = tokenSources ?? TokenClasses(all: usageSource)
    self.cost = cost
    self.notionalCost = notionalCost
    self.priceVersion = priceVersion
    self.duration = duration
    self.firstTokenTime = firstTokenTime
    self.outcome = outcome
  }
}

extension TokenClasses where Value == UsageSource {
  /// Five words for input, cached input, cache write, output and reasoning: `reported unknown unknown estimated unknown`.
  public var text: String { all.map(\.rawValue).joined(separator: " ") }

  /// Reads ``text``; nil for any other.
  public init?(text: String) {
    let words = text.split(separator: " ").map { UsageSource(rawValue: String($0)) }
    guard words.count == 5, let input = words[0], let cachedInput = words[1], let cacheWrite = words[2],
      let output = words[3], let reasoning = words[4]
    else { return nil }
    self.init(input: input, cachedInput: cachedInput, cacheWrite: cacheWrite, output: output, reasoning: reasoning)
  }
}
