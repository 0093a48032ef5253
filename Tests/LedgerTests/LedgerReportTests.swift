import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Ledger
import Testing

@Suite struct LedgerReportTests {
  private static let start = Date(timeIntervalSince1970: 1_750_000_000)
  private static let baseline = PriceList(
    prices: TokenPrices(input: NanoDollars(1_000_000_000), output: NanoDollars(2_000_000_000))
  )

  private static func row(
    _ number: Int,
    tier: ModelTier = .local,
    session: SessionID? = "s1",
    outcome: AttemptOutcome? = .answered,
    cost: Int64 = 0,
    milliseconds: Int = 100,
    day: Double = 0
  ) -> ModelAttempt {
    let attempt = ModelAttempt(
      key: AttemptKey(operation: OperationID("o\(number)"), number: 1),
      session: session,
      tier: tier,
      endpoint: tier.rawValue,
      model: tier == .local ? "small" : "large",
      startedAt: start + day * 86_400,
      reserved: NanoDollars(7)
    )
    guard let outcome else { return attempt }
    return attempt.settled(
      by: AttemptSettlement(
        key: attempt.key,
        tokens: TokenCounts(input: 10, output: 20),
        usageSource: .reported,
        cost: NanoDollars(cost),
        priceVersion: "v",
        duration: .milliseconds(milliseconds),
        outcome: outcome
      )
    )
  }

  @Test(arguments: LedgerReport.Grouping.allCases)
  func `the lines add up to the total`(grouping: LedgerReport.Grouping) {
    let rows = (0..<30).map { number in
      Self.row(
        number,
        tier: number % 3 == 0 ? .cloud : .local,
        session: number % 4 == 0 ? nil : SessionID("s\(number % 5)"),
        outcome: [AttemptOutcome.answered, .cut, nil][number % 7 % 3],
        cost: Int64(number),
        day: Double(number % 6)
      )
    }
    let report = LedgerReport(of: rows, by: grouping, baseline: Self.baseline, at: Self.start + 86_400)
    #expect(report.lines.map(\.totals).reduce(.zero, +) == report.total.totals)
    #expect(report.lines.map(\.failures).reduce(0, +) == report.total.failures)
    #expect(report.lines.compactMap(\.saved).reduce(.zero, +) == report.total.saved)
    #expect(report.total.totals.attempts == 30)
  }

  @Test func `the share of the local tier and what it saved are stated`() {
    let rows = [Self.row(1), Self.row(2), Self.row(3), Self.row(4, tier: .cloud, cost: 50_000)]
    let report = LedgerReport(of: rows, by: .tier, baseline: Self.baseline, at: Self.start)
    #expect(report.lines.map(\.group) == ["cloud", "local"])
    #expect(report.total.localShare == 0.75)
    #expect(report.total.saved == NanoDollars(150_000))
    #expect(LedgerReport(of: rows, by: .tier, at: Self.start).total.saved == nil)
  }

  @Test func `a failure saves nothing, and a lost attempt is a failure`() {
    let rows = [Self.row(1, outcome: .cut), Self.row(2, outcome: nil)]
    let report = LedgerReport(of: rows, by: .model, baseline: Self.baseline, at: Self.start + 3_600)
    #expect(report.total.saved == .zero)
    #expect(report.total.failures == 2)
    #expect(report.total.totals.lost == 1)
  }

  @Test func `percentiles are attempts that really took so long`() {
    let rows = (1...40).map { Self.row($0, milliseconds: $0) }
    let report = LedgerReport(of: rows, by: .model, at: Self.start)
    #expect(report.total.medianDuration == 20_000_000)
    #expect(report.total.slowDuration == 38_000_000)
    #expect(LedgerReport(of: [], by: .model, at: Self.start).total.medianDuration == nil)
  }

  @Test func `days are those of the place`() throws {
    let zone = try ScheduleZone(named: "Pacific/Auckland")
    let report = LedgerReport(of: [Self.row(1)], by: .day, zone: zone, at: Self.start)
    #expect(report.lines.map(\.group) == ["2025-06-16"])
    #expect(LedgerReport(of: [Self.row(1)], by: .day, at: Self.start).lines.map(\.group) == ["2025-06-15"])
  }
}
