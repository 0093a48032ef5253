public import CoachVocabulary
public import FoundationEssentials

/// What rows of the ledger come to, group by group.
public struct LedgerReport: Hashable, Sendable, Codable {
  /// By what rows are put together.
  public enum Grouping: String, Hashable, Sendable, Codable, CaseIterable {
    case session
    case user
    case agent
    case model
    case endpoint
    case tier
    case day
  }

  /// The sum over a group of rows.
  public struct Line: Hashable, Sendable, Codable {
    /// What the rows have in common; `-` where they have nothing, as the user of a call that nobody asked for.
    public var group: String
    /// Tokens, calls and cost.
    public var totals: LedgerTotals
    /// How many rows ended without a reply that could be used.
    public var failures: Int
    /// How many attempts went to the local tier.
    public var localAttempts: Int
    /// What the answered local rows would have cost at the baseline's prices, less what they did cost; nil without a
    /// baseline.
    public var saved: NanoDollars?
    /// The median time of a settled attempt, in nanoseconds; nil when there is none.
    public var medianDuration: Int64?
    /// The time within which 95 of 100 settled attempts ended, in nanoseconds; nil when there is none.
    public var slowDuration: Int64?

    /// The part of the attempts that went to the local tier, 0…1; 0 without attempts.
    public var localShare: Double {
      totals.attempts == 0 ? 0 : Double(localAttempts) / Double(totals.attempts)
    }
  }

  /// By what the rows were put together.
  public var grouping: Grouping
  /// The groups in the order of their names.
  public var lines: [Line]
  /// The sum over all rows.
  public var total: Line

  /// Reports on rows.
  ///
  /// - Parameters:
  ///   - rows: the rows, in any order.
  ///   - grouping: what makes a group.
  ///   - zone: where days begin.
  ///   - baseline: the prices of the cloud model that would otherwise have answered; for ``Line/saved``.
  ///   - now: the moment at which open attempts count as running or lost.
  public init(
    of rows: [ModelAttempt],
    by grouping: Grouping,
    zone: ScheduleZone = .utc,
    baseline: PriceList? = nil,
    at now: Date
  ) {
    self.grouping = grouping
    let groups = Dictionary(grouping: rows) { grouping.name(of: $0, zone) }
    lines = groups.sorted { $0.key < $1.key }.map { Line(of: $0.value, named: $0.key, baseline, now) }
    total = Line(of: rows, named: "total", baseline, now)
  }
}

extension LedgerReport.Grouping {
  fileprivate func name(of row: ModelAttempt, _ zone: ScheduleZone) -> String {
    switch self {
    case .session: row.session?.rawValue ?? "-"
    case .user: row.user?.rawValue ?? "-"
    case .agent: row.agent ?? "-"
    case .model: row.model
    case .endpoint: row.endpoint
    case .tier: row.tier.rawValue
    case .day: zone.day(of: row.startedAt).description
    }
  }
}

extension LedgerReport.Line {
  fileprivate init(of rows: [ModelAttempt], named group: String, _ baseline: PriceList?, _ now: Date) {
    self.group = group
    totals = LedgerTotals(of: rows, at: now)
    failures = rows.count { row in row.outcome.map { $0 != .answered } ?? row.isLost(at: now) }
    localAttempts = rows.count { $0.tier == .local }
    saved = baseline.map { baseline in
      rows.filter { $0.tier == .local && $0.outcome == .answered }.reduce(.zero) { sum, row in
        sum + NanoDollars(baseline.cost(of: row.tokens).amount - (row.cost ?? .zero).amount)
      }
    }
    let durations = rows.compactMap { $0.duration?.wholeNanoseconds }.sorted()
    medianDuration = Self.percentile(50, of: durations)
    slowDuration = Self.percentile(95, of: durations)
  }

  /// The nearest-rank percentile of sorted values: the smallest that at least `percent` of them do not pass.
  private static func percentile(_ percent: Int, of sorted: [Int64]) -> Int64? {
    sorted.isEmpty ? nil : sorted[(sorted.count * percent + 99) / 100 - 1]
  }
}

extension Duration {
  fileprivate var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
      ? .max : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
