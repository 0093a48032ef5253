import CoachVocabulary
import SQLiteKit
import SemanticLayer
import Testing

/// Parts of frames beyond sums by groups, each held against plain SQL or against another frame.
@Suite struct `Frames with windows, rows and terms` {
  private let company: Subscriptions

  init() throws { company = try Subscriptions() }

  private static let year = "2024-01-01"..."2024-12-31"

  private func isClose(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return abs(left - right) <= 1e-6 * max(1, abs(right))
  }

  private func monthly(_ metric: String, by dimensions: [String] = []) -> Frame {
    var frame = Frame([metric], by: dimensions, in: Self.year, unit: .year)
    frame.grain = .month
    return frame
  }

  private func values(_ frame: Frame) throws -> [Double] { try company.rows(frame).map { $0[1].double ?? 0 } }

  // MARK: Single rows

  @Test func `keep the rows whose value meets a condition, and split the whole with the others`() throws {
    var frame = Frame(["orders"], in: Self.year)
    let total = try company.number(frame)
    frame.rowConditions = [MetricCondition(metric: "revenue", relation: .above, value: 1_500)]
    let large = try company.number(frame)
    #expect(large == (try company.number("SELECT COUNT(*) FROM orders WHERE amount > 1500 AND day LIKE '2024%'")))
    frame.rowConditions[0].relation = .atMost
    #expect(try company.number(frame) + large == total)
    #expect(large > 0 && large < total)
  }

  @Test func `refuse a condition on the rows of a figure that has none`() throws {
    for metric in ["margin", "orders", "buyers"] {
      var frame = Frame(["orders"])
      frame.rowConditions = [MetricCondition(metric: metric, relation: .above, value: 1)]
      #expect(company.compiler.failure(of: frame) != nil)
    }
    var balance = Frame(["seats"])
    balance.rowConditions = [MetricCondition(metric: "seats", relation: .above, value: 1)]
    #expect(company.compiler.failure(of: balance) != nil)
  }

  @Test(arguments: [1, 25, 50, 90, 99])
  func `interpolate percentiles between the rows of each group`(_ percent: Int) throws {
    let term = try #require(RowStatistic(percentile: percent).map { MetricTerm.statistic($0, of: "revenue") })
    let rows = try company.rows(Frame([term.name], by: ["plan"], in: Self.year))
    #expect(rows.count == 3)
    for row in rows {
      let amounts = try company.database.query(
        "SELECT amount FROM orders WHERE plan = '\(row[0].string ?? "")' AND status = 'paid' AND day LIKE '2024%' ORDER BY 1"
      ).rows.compactMap { $0[0].double }
      let place = Double(percent) / 100 * Double(amounts.count - 1)
      let low = amounts[Int(place)]
      let high = amounts[min(Int(place) + 1, amounts.count - 1)]
      #expect(isClose(row[1].double, low + (high - low) * (place - place.rounded(.down))))
    }
  }

  @Test func `give the median of no rows as nothing`() throws {
    let frame = Frame([MetricTerm.statistic(.median, of: "revenue").name], in: "2030-01-01"..."2030-01-31")
    #expect(try company.rows(frame).allSatisfy { $0[0].isNull })
  }

  @Test(arguments: [(RowStatistic.maximum, "MAX"), (.minimum, "MIN"), (.average, "AVG")])
  func `take the extremes and the mean of single rows`(_ statistic: RowStatistic, _ function: String) throws {
    let frame = Frame([MetricTerm.statistic(statistic, of: "revenue").name], in: Self.year)
    let sql = "SELECT \(function)(amount) FROM orders WHERE status = 'paid' AND day LIKE '2024%'"
    #expect(isClose(try company.number(frame), try company.number(sql)))
  }

  // MARK: Series

  @Test(arguments: [TimeGrain.month, .quarter])
  func `compare each bucket with the one before it`(_ grain: TimeGrain) throws {
    var long = Frame(["revenue"], in: "2023-01-01"..."2024-12-31")
    long.grain = grain
    let series = try values(long)
    var frame = Frame(["revenue"], in: Self.year, unit: .year)
    frame.grain = grain
    frame.comparison = company.compiler.calendar.previousBucket(grain, in: frame.time)
    let rows = try company.rows(frame)
    let offset = series.count - rows.count
    #expect(rows.count == (grain == .month ? 12 : 4))
    for (index, row) in rows.enumerated() {
      #expect(isClose(row[1].double, series[offset + index]))
      #expect(isClose(row[2].double, series[offset + index - 1]))
      #expect(isClose(row[3].double, series[offset + index] - series[offset + index - 1]))
    }
  }

  @Test func `compare the buckets of all of the data without a bucket beyond it`() throws {
    var plain = Frame(["orders"])
    plain.grain = .month
    var frame = plain
    frame.comparison = company.compiler.calendar.previousBucket(.month, in: nil)
    let rows = try company.rows(frame)
    let series = try values(plain)
    #expect(rows.map { $0[1].double } == series)
    #expect(rows.dropFirst().map { $0[2].double } == series.dropLast())
    #expect(rows.first?[2].double == 0)
  }

  @Test(arguments: ["revenue", "margin"])
  func `add up from the start of the period to the total of the period`(_ metric: String) throws {
    var frame = monthly(metric)
    frame.window = .running
    let running = try values(frame)
    #expect(running.count == 12)
    #expect(isClose(running.last, try company.number(Frame([metric], in: Self.year))))
    let first = Frame([metric], in: "2024-01-01"..."2024-03-31")
    #expect(isClose(running[2], try company.number(first)))
  }

  @Test func `add up each group on its own`() throws {
    var frame = monthly("revenue", by: ["plan"])
    frame.window = .running
    let totals = Dictionary(
      uniqueKeysWithValues: try company.rows(Frame(["revenue"], by: ["plan"], in: Self.year)).map {
        ($0[0], $0[1].double)
      }
    )
    for row in try company.rows(frame) where row[0] == .text("2024-12") {
      #expect(isClose(row[2].double, totals[row[1]] ?? nil))
    }
  }

  @Test func `roll over the buckets before the period too, and over gaps by bucket and not by row`() throws {
    try company.database.execute("DELETE FROM orders WHERE day LIKE '2024-05%'")
    var frame = monthly("revenue")
    frame.window = .rollingSum(3)
    let rows = try company.rows(frame)
    #expect(rows.map { $0[0].string ?? "" } == (1...12).filter { $0 != 5 }.map { "2024-\($0 < 10 ? "0" : "")\($0)" })
    for row in rows {
      let month = try #require(CivilDate((row[0].string ?? "") + "-01"))
      var alone = Frame(["revenue"])
      alone.time = TimeSelection(DateRange(start: month.adding(months: -2), end: month.adding(months: 1)))
      #expect(isClose(row[1].double, try company.number(alone)))
    }
  }

  @Test func `give the same for a rolled series of last year as for last year's series, rolled`() throws {
    var frame = monthly("revenue")
    frame.window = .rollingAverage(2)
    let time = try #require(frame.time)
    var shifted = frame
    shifted.comparison = company.compiler.calendar.comparison(.samePeriodLastYear, for: time)
    var earlier = frame
    earlier.time = shifted.comparison.map { TimeSelection($0.range, unit: .year) }
    let before = try values(earlier)
    #expect(try company.rows(shifted).map { $0[2].double ?? -1 } == before)
    #expect(before.count == 12)
  }

  @Test(arguments: ["buyers", "seats", "mean_amount", "largest"])
  func `refuse to add up what does not add up`(_ metric: String) throws {
    var frame = monthly(metric)
    frame.window = .running
    #expect(company.compiler.failure(of: frame) != nil)
  }

  // MARK: Parts of the whole

  @Test func `give the part of one value in each group`() throws {
    var frame = Frame(["revenue"], by: ["region"], in: Self.year)
    let all = try company.rows(frame)
    var kept = frame
    kept.filters = [FrameFilter(dimension: "plan", values: ["Pro"])]
    let parts = Dictionary(uniqueKeysWithValues: try company.rows(kept).map { ($0[0], $0[1].double ?? 0) })
    frame.portion = kept.filters
    let shares = Dictionary(uniqueKeysWithValues: try company.rows(frame).map { ($0[0], $0[1].double) })
    for row in all {
      #expect(isClose(shares[row[0]] ?? nil, 100 * (parts[row[0]] ?? 0) / (row[1].double ?? 1)))
    }
  }

  @Test func `give parts of the whole that add up to all of it`() throws {
    var sum = 0.0
    for plan in ["Basic", "Pro", "Team"] {
      var frame = Frame(["orders"], in: Self.year)
      frame.portion = [FrameFilter(dimension: "plan", values: [plan])]
      sum += try company.number(frame)
    }
    #expect(isClose(sum, 100))
  }

  @Test func `take a part by status from all of the rows, not from those of the default status`() throws {
    var frame = Frame(["revenue"], in: Self.year)
    frame.portion = [FrameFilter(dimension: "status", values: ["cancelled"])]
    let sql = """
      SELECT 100.0 * SUM(CASE WHEN status = 'cancelled' THEN amount END) / SUM(amount) FROM orders WHERE day LIKE '2024%'
      """
    #expect(isClose(try company.number(frame), try company.number(sql)))
  }

  // MARK: Terms of two metrics

  @Test func `divide and subtract the sums of two facts, each aggregated alone`() throws {
    let plain = try company.rows(Frame(["revenue", "goal"], by: ["region"], in: Self.year))
    let terms = [MetricTerm.ratio("revenue", "goal"), .percent("revenue", of: "goal"), .difference("revenue", "goal")]
    let rows = try company.rows(Frame(terms.map(\.name), by: ["region"], in: Self.year))
    let made = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0) })
    for row in plain {
      guard let other = made[row[0]], let revenue = row[1].double, let goal = row[2].double else { continue }
      #expect(isClose(other[1].double, revenue / goal))
      #expect(isClose(other[2].double, 100 * revenue / goal))
      #expect(isClose(other[3].double, revenue - goal))
    }
    #expect(rows.count >= 3)
  }

  @Test func `refuse the difference of two kinds of figures`() {
    let frame = Frame([MetricTerm.difference("revenue", "orders").name])
    #expect(company.compiler.failure(of: frame) != nil)
  }

  @Test func `find the first and last day of a fact`() throws {
    let frame = Frame(
      [MetricTerm.firstDate(of: "revenue").name, MetricTerm.lastDate(of: "revenue").name],
      by: ["plan"]
    )
    for row in try company.rows(frame) {
      let sql = "SELECT MIN(day), MAX(day) FROM orders WHERE status = 'paid' AND plan = '\(row[0].string ?? "")'"
      #expect(try company.database.query(sql).rows.first == [row[1], row[2]])
    }
  }

  // MARK: Groups

  @Test func `count the groups that a condition keeps`() throws {
    var frame = Frame(["orders"], by: ["customer"], in: Self.year)
    frame.conditions = [MetricCondition(metric: "orders", relation: .above, value: 14)]
    let listed = try company.rows(frame).filter { !$0[0].isNull }.count
    frame.countsGroups = true
    #expect(try company.number(frame) == Double(listed))
    #expect(listed > 1)
  }

  @Test func `split the values of a dimension into those with rows and those without`() throws {
    let range = "2024-03-01"..."2024-03-08"
    var frame = Frame(["orders"], by: ["customer"], in: range)
    let present = Set(try company.rows(frame).map { $0[0] }).subtracting([.null])
    frame.isAbsent = true
    let absent = Set(try company.rows(frame).map { $0[0] })
    #expect(present.isDisjoint(with: absent))
    #expect(Double(present.count + absent.count) == (try company.number(Frame([Frame.distinctCount(of: "customer")]))))
    #expect(!absent.isEmpty && !present.isEmpty)
    frame.countsGroups = true
    #expect(try company.number(frame) == Double(absent.count))
  }

  @Test func `look for missing rows only among the values that a filter keeps`() throws {
    var frame = Frame(["orders"], by: ["customer"], in: "2024-03-01"..."2024-03-08")
    frame.isAbsent = true
    let all = Set(try company.rows(frame).map { $0[0] })
    frame.filters = [FrameFilter(dimension: "region", values: ["East"])]
    let east = Set(try company.rows(frame).map { $0[0] })
    #expect(east.isSubset(of: all))
    #expect(east.count < all.count && !east.isEmpty)
  }

  @Test func `skip the first places of a ranking`() throws {
    var frame = Frame(["revenue"], by: ["customer"], in: Self.year)
    frame.order = FrameOrder(by: .metric("revenue"), descending: true)
    let all = try company.rows(frame)
    (frame.limit, frame.offset) = (1, 2)
    #expect(try company.rows(frame) == [all[2]])
  }

  @Test func `add up to the total over the days of the week`() throws {
    let rows = try company.rows(Frame(["orders"], by: ["weekday"], in: Self.year))
    #expect(rows.count == 7)
    #expect(rows.reduce(0) { $0 + ($1[1].double ?? 0) } == (try company.number(Frame(["orders"], in: Self.year))))
    var mondays = Frame(["orders"], in: Self.year)
    mondays.filters = [FrameFilter(dimension: "weekday", values: ["Monday"])]
    let sql = "SELECT COUNT(*) FROM orders WHERE day LIKE '2024%' AND strftime('%w', day) = '1'"
    #expect(try company.number(mondays) == company.number(sql))
  }

  @Test(arguments: [
    MetricTerm.metric("revenue"), .distinct(dimension: "plan"), .statistic(.median, of: "revenue"),
    .statistic(.percentile(90), of: "revenue"), .statistic(.maximum, of: "revenue"), .ratio("a", "b"),
    .percent("a", of: "b"), .difference("a", "b"), .firstDate(of: "a"), .lastDate(of: "a"),
  ])
  func `reads the name of a term back as the term`(_ term: MetricTerm) {
    #expect(MetricTerm(term.name) == term)
  }

  @Test func `reads frames that earlier versions wrote`() throws {
    let frame = try JSONValue(parsing: #"{"metrics":["revenue"],"dimensions":[],"filters":[],"share":false}"#)
      .decoded(as: Frame.self)
    #expect(frame == Frame(["revenue"]))
  }
}
