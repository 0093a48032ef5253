public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
public import Ledger
import ModelRouting
import Persistence

/// Looks at what calls of models cost, without starting the coach.
public struct LedgerTools: Sendable {
  /// Which rows are meant and how they are put together.
  public struct Query: Sendable {
    /// The most rows that a report reads; older ones are left out, and the report says so.
    public static let rowLimit = 100_000

    /// Which rows.
    public var part: LedgerScope.Part
    /// Only rows of this day and later ones; nil for all.
    public var since: CivilDate?
    /// What makes a line of the report.
    public var grouping: LedgerReport.Grouping

    /// Makes a query.
    public init(
      _ part: LedgerScope.Part = .everything,
      since: CivilDate? = nil,
      by grouping: LedgerReport.Grouping = .model
    ) {
      self.part = part
      self.since = since
      self.grouping = grouping
    }
  }

  private let installation: Installation
  private let ledger: Ledger
  private let clock: WallClock

  /// Opens the ledger of a project.
  ///
  /// - Parameters:
  ///   - installation: what the project's folder declares.
  ///   - metadata: the file of the coach's own data.
  ///   - clock: the time of day.
  /// - Throws: ``StartFailure`` when the file is not there or cannot be opened.
  public init(
    _ installation: Installation,
    metadata: String,
    clock: WallClock
  ) async throws(StartFailure) {
    guard FileManager.default.fileExists(atPath: metadata) else {
      throw StartFailure("there is no ledger yet: \(metadata) is written by the first question")
    }
    do {
      let database = try await MetadataDatabase(path: metadata, clock: clock)
      ledger = Ledger(
        store: database.ledger,
        prices: installation.prices,
        budgets: installation.budgets,
        now: { clock.now }
      )
    } catch {
      throw StartFailure("the coach's own database \(metadata) cannot be opened: \(error)")
    }
    self.installation = installation
    self.clock = clock
  }

  /// The rows of a query, oldest first.
  ///
  /// - Throws: ``LedgerFailure``.
  public func rows(_ query: Query, limit: Int = Query.rowLimit) async throws(LedgerFailure) -> [ModelAttempt] {
    let zone = installation.budgets.zone
    let since = query.since.map { zone.moment(ofLocal: $0.dayNumber * 86_400) }
    return try await ledger.attempts(in: LedgerScope(query.part, since: since), limit: limit)
  }

  /// What the rows of a query come to.
  ///
  /// What the local tier saved is reckoned against the first cloud endpoint that has prices.
  /// - Throws: ``LedgerFailure``.
  public func report(_ query: Query) async throws(LedgerFailure) -> LedgerReport {
    let now = clock.now
    return LedgerReport(
      of: try await rows(query),
      by: query.grouping,
      zone: installation.budgets.zone,
      baseline: installation.baseline(at: now),
      at: now
    )
  }

  /// What is spent under each budget that counts for the whole tenant or for one name, as it stands now.
  ///
  /// - Throws: ``LedgerFailure``.
  public func budgets() async throws(LedgerFailure) -> [(cap: SpendingCap, spent: NanoDollars)] {
    var found: [(cap: SpendingCap, spent: NanoDollars)] = []
    for budget in installation.budgets.budgets where budget.scope == .tenant || budget.only != nil {
      let example = ModelAttempt(
        key: AttemptKey(operation: "", number: 1),
        user: budget.only.map { UserID($0) },
        session: budget.only.map { SessionID($0) },
        agent: budget.only,
        tier: .cloud,
        endpoint: "",
        model: "",
        startedAt: clock.now
      )
      for cap in BudgetBook([budget], zone: installation.budgets.zone).caps(for: example) where cap.resetsAt != nil {
        found.append((cap, try await ledger.totals(in: cap.scope).committed))
      }
    }
    return found
  }
}

extension Installation {
  /// The prices of the cloud model that would answer if nothing were local.
  func baseline(at moment: Date) -> PriceList? {
    modelSettings.endpoints.lazy.filter { $0.tier == .cloud }.compactMap { prices.list(of: $0.name, at: moment) }.first
  }
}

// MARK: - For programs

extension LedgerReport {
  /// The report for programs: dollars as decimal text, times in milliseconds.
  public var json: JSONValue {
    [
      "by": .string(grouping.rawValue), "lines": .array(lines.map(\.json)), "total": total.json,
    ]
  }
}

extension LedgerReport.Line {
  /// The line for programs.
  public var json: JSONValue {
    [
      "group": .string(group), "calls": .int(totals.calls), "attempts": .int(totals.attempts),
      "open": .int(totals.open), "lost": .int(totals.lost), "failures": .int(failures),
      "input_tokens": .int(totals.tokens.input), "cached_input_tokens": .int(totals.tokens.cachedInput),
      "cache_write_tokens": .int(totals.tokens.cacheWrite), "output_tokens": .int(totals.tokens.output),
      "reasoning_tokens": .int(totals.tokens.reasoning), "cost_usd": .string(totals.cost.dollarText),
      "notional_cost_usd": .string(totals.notionalCost.dollarText),
      "reserved_usd": .string(totals.reserved.dollarText), "lost_usd": .string(totals.lostReserved.dollarText),
      "unpriced_attempts": .int(totals.unpriced), "estimated_attempts": .int(totals.estimated),
      "local_share": .double(localShare), "saved_usd": saved.map { .string($0.dollarText) } ?? .null,
      "p50_ms": Self.milliseconds(medianDuration), "p95_ms": Self.milliseconds(slowDuration),
    ]
  }

  private static func milliseconds(_ nanoseconds: Int64?) -> JSONValue {
    nanoseconds.map { .double(Double($0 / 1_000) / 1_000) } ?? .null
  }
}

extension ModelAttempt {
  /// The row for programs, without anything of the prompt or the reply, which the ledger never sees.
  public var json: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: zip(Self.columns, values)))
  }

  /// The names of ``values``.
  public static let columns = [
    "operation", "attempt", "started_at", "user", "session", "run", "node", "agent", "tier", "endpoint", "model",
    "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "usage",
    "token_sources",
    "cost_usd", "notional_cost_usd", "reserved_usd", "price_version", "duration_ms", "first_token_ms", "outcome",
  ]

  /// The facts of the row in the order of ``columns``; null for what is not known.
  public var values: [JSONValue] {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    func milliseconds(_ value: Duration?) -> JSONValue {
      value.map { .double(($0 / .microseconds(1)).rounded() / 1_000) } ?? .null
    }
    return [
      .string(key.operation.rawValue), .int(key.number), .string(startedAt.ISO8601Format()), text(user?.rawValue),
      text(session?.rawValue), text(run?.rawValue), text(node), text(agent), .string(tier.rawValue),
      .string(endpoint), .string(model), .int(tokens.input), .int(tokens.cachedInput), .int(tokens.cacheWrite),
      .int(tokens.output), .int(tokens.reasoning), .string(usageSource.rawValue), .string(tokenSources.text),
      text(cost?.dollarText),
      text(notionalCost?.dollarText), .string(reserved.dollarText), text(priceVersion), milliseconds(duration),
      milliseconds(firstTokenTime), text(outcome?.rawValue),
    ]
  }
}
