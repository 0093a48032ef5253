import CoachVocabulary
import SQLiteKit
import SemanticLayer
import Testing

@Suite struct `Compiled frames` {
  private let company: Subscriptions

  init() throws { company = try Subscriptions() }

  private static let year = "2024-01-01"..."2024-12-31"
  private static let dimensions = ["customer", "region", "manager", "plan", "status"]

  private func isClose(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= 1e-6 * max(1, abs(right)) }

  private func sum(_ rows: [[SQLiteValue]], _ column: Int) -> Double {
    rows.reduce(0) { $0 + ($1[column].double ?? 0) }
  }

  // MARK: Totals

  @Test(arguments: ["revenue", "orders", "profit"], dimensions)
  func `add up to the total over every dimension`(_ metric: String, _ dimension: String) throws {
    // Grouping by the status is asked for on purpose: it lifts the default filter, so the total must lift it too.
    var total = Frame([metric], in: Self.year)
    if dimension == "status" { total.filters = [FrameFilter(dimension: "status", values: ["paid", "cancelled"])] }
    let parts = try company.rows(Frame([metric], by: [dimension], in: Self.year))
    #expect(parts.count > 1)
    #expect(isClose(sum(parts, 1), try company.number(total)))
  }

  @Test(arguments: ["revenue", "orders"], TimeGrain.allCases)
  func `add up to the total over every bucket of time`(_ metric: String, _ grain: TimeGrain) throws {
    var series = Frame([metric])
    series.grain = grain
    #expect(isClose(sum(try company.rows(series), 1), try company.number(Frame([metric]))))
  }

  @Test func `keep orders of customers that are not on file when a dimension is added`() throws {
    let direct = try company.number("SELECT COUNT(*) FROM orders")
    for dimensions in [["region"], ["manager"], ["customer", "region", "manager"]] {
      #expect(sum(try company.rows(Frame(["orders"], by: dimensions)), dimensions.count) == direct)
    }
  }

  @Test func `never fan out a count that runs through two joins`() throws {
    let rows = try company.rows(Frame(["customers"], by: ["manager"]))
    #expect(sum(rows, 1) == 30)
  }

  // MARK: Ratios

  @Test func `give a ratio as sum over sum`() throws {
    let sql = """
      SELECT plan, 100.0 * SUM(amount - cost) / SUM(amount) FROM orders WHERE status = 'paid'
      GROUP BY plan ORDER BY plan
      """
    let expected = try company.database.query(sql).rows
    let rows = try company.rows(Frame(["margin"], by: ["plan"])).sorted { ($0[0].string ?? "") < ($1[0].string ?? "") }
    #expect(rows.count == 3)
    for (row, other) in zip(rows, expected) {
      #expect(row[0] == other[0])
      #expect(isClose(row[1].double ?? 0, other[1].double ?? 1))
    }
  }

  @Test func `give nothing instead of a division by zero`() throws {
    let rows = try company.rows(Frame(["margin"], in: "2030-01-01"..."2030-12-31"))
    #expect(rows == [[.null]])
  }

  @Test func `divide two facts without multiplying either`() throws {
    let rows = try company.rows(Frame(["revenue", "goal", "attainment"], by: ["region"], in: Self.year))
    for row in rows {
      guard let region = row[0].string else { continue }
      let revenue = try company.number(
        """
        SELECT SUM(amount) FROM orders JOIN customer USING (customer_id)
        WHERE region = '\(region)' AND status = 'paid' AND day LIKE '2024%'
        """
      )
      let goal = try company.number("SELECT SUM(amount) FROM goal WHERE region = '\(region)' AND month LIKE '2024%'")
      #expect(isClose(row[1].double ?? 0, revenue))
      #expect(isClose(row[2].double ?? 0, goal))
      #expect(isClose(row[3].double ?? 0, 100 * revenue / goal))
    }
    #expect(rows.compactMap { $0[0].string }.sorted() == ["East", "Islands", "West"])
  }

  // MARK: Balances

  @Test func `take the last snapshot of a period, also from before it`() throws {
    let may = try company.number(Frame(["seats"], in: "2025-05-01"..."2025-05-31"))
    #expect(may == (try company.number("SELECT SUM(seats) FROM seat_count WHERE day = '2025-05-31'")))
    // June 2023 has no snapshot: the one of May still holds.
    let june = try company.number(Frame(["seats"], in: "2023-06-01"..."2023-06-30"))
    #expect(june == (try company.number("SELECT SUM(seats) FROM seat_count WHERE day = '2023-05-31'")))
    #expect(june > 0)
  }

  @Test func `take the last snapshot of each bucket of a series`() throws {
    var series = Frame(["seats"], in: Self.year)
    series.grain = .quarter
    let rows = try company.rows(series)
    #expect(rows.map { $0[0].string } == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"])
    #expect(rows[1][1].double == (try company.number("SELECT SUM(seats) FROM seat_count WHERE day = '2024-06-30'")))
  }

  @Test func `add balances up over other dimensions`() throws {
    let total = try company.number(Frame(["seats"], in: Self.year))
    #expect(sum(try company.rows(Frame(["seats"], by: ["region"], in: Self.year)), 1) == total)
  }

  @Test func `take the first snapshot or the mean where the dataset says so`() throws {
    let first = try company.number(Frame(["opening_seats"], in: Self.year))
    #expect(first == (try company.number("SELECT SUM(seats) FROM seat_count WHERE day = '2024-01-31'")))
    let mean = try company.number(Frame(["average_seats"], in: Self.year))
    let expected = try company.number("SELECT SUM(seats) / 12.0 FROM seat_count WHERE day LIKE '2024%'")
    #expect(isClose(mean, expected))
  }

  // MARK: Comparisons

  @Test(arguments: [FrameComparison.Kind.previousPeriod, .samePeriodLastYear])
  func `compare what two frames give alone`(_ kind: FrameComparison.Kind) throws {
    var frame = Frame(["revenue"], by: ["plan"], in: "2025-02-01"..."2025-02-28", unit: .month)
    let time = try #require(frame.time)
    frame.comparison = company.compiler.calendar.comparison(kind, for: time)
    var other = Frame(["revenue"], by: ["plan"])
    other.time = frame.comparison.map { TimeSelection($0.range) }
    let before = Dictionary(uniqueKeysWithValues: try company.rows(other).map { ($0[0], $0[1].double ?? 0) })
    for row in try company.rows(frame) {
      let previous = try #require(before[row[0]])
      let current = row[1].double ?? 0
      #expect(isClose(row[2].double ?? 0, previous))
      #expect(isClose(row[3].double ?? 0, current - previous))
      #expect(isClose(row[4].double ?? 0, 100 * (current - previous) / previous))
    }
  }

  @Test func `count a group that exists in one period only as zero in the other`() throws {
    try company.database.execute("INSERT INTO orders VALUES (9001, '2025-06-02', 1, 'Trial', 10, 1, 'paid')")
    var frame = Frame(["revenue"], by: ["plan"], in: "2025-06-01"..."2025-06-30", unit: .month)
    let time = try #require(frame.time)
    frame.comparison = company.compiler.calendar.comparison(.previousPeriod, for: time)
    let row = try #require(try company.rows(frame).first { $0[0] == .text("Trial") })
    #expect(row == [.text("Trial"), .real(10), .null, .real(10), .null])
  }

  @Test func `lay the buckets of two years on each other`() throws {
    var frame = Frame(["orders"], in: Self.year, unit: .year)
    frame.grain = .month
    let time = try #require(frame.time)
    frame.comparison = company.compiler.calendar.comparison(.samePeriodLastYear, for: time)
    let rows = try company.rows(frame)
    #expect(rows.count == 12)
    #expect(sum(rows, 2) == (try company.number("SELECT COUNT(*) FROM orders WHERE day LIKE '2023%'")))
    #expect(rows[1][2].double == (try company.number("SELECT COUNT(*) FROM orders WHERE day LIKE '2023-02%'")))
  }

  // MARK: Shares, averages, ranks, conditions

  @Test(arguments: ["region", "plan", "manager"])
  func `give shares that make a whole`(_ dimension: String) throws {
    var frame = Frame(["revenue"], by: [dimension], in: Self.year)
    frame.share = true
    #expect(isClose(sum(try company.rows(frame), 2), 100))
  }

  @Test func `take the share of one value from the whole`() throws {
    var frame = Frame(["revenue"], by: ["plan"], in: Self.year)
    frame.share = true
    let all = try company.rows(frame)
    frame.filters = [FrameFilter(dimension: "plan", values: ["Pro"])]
    let rows = try company.rows(frame)
    #expect(rows == all.filter { $0[0] == .text("Pro") })
  }

  @Test func `average over buckets what was added up in each`() throws {
    var frame = Frame(["revenue"], in: Self.year)
    frame.average = .grain(.month)
    let total = try company.number(Frame(["revenue"], in: Self.year))
    #expect(isClose(try company.number(frame), total / 12))
    frame.average = .dimension("plan")
    #expect(isClose(try company.number(frame), total / 3))
  }

  @Test func `rank within each group`() throws {
    var frame = Frame(["revenue"], by: ["region", "customer"], in: Self.year)
    frame.order = FrameOrder(by: .metric("revenue"), descending: true)
    let all = try company.rows(frame)
    frame.limit = 2
    frame.limitsPerGroup = true
    let rows = try company.rows(frame)
    for region in Subscriptions.regions {
      let best = all.filter { $0[0] == .text(region) }.prefix(2).map { $0[1] }
      #expect(rows.filter { $0[0] == .text(region) }.map { $0[1] } == Array(best))
    }
  }

  @Test func `order and cut, and count what was cut`() throws {
    var frame = Frame(["revenue"], by: ["customer"], in: Self.year)
    frame.order = FrameOrder(by: .metric("revenue"), descending: false)
    frame.limit = 4
    let values = try company.rows(frame).compactMap { $0[1].double }
    #expect(values.count == 4 && values == values.sorted())
    let query = try company.compiler.compile(frame)
    let counted = try company.database.query(
      try #require(query.countSQL),
      query.parameters.map(Subscriptions.bound)
    )
    #expect(counted.scalar?.int ?? 0 > 20)
  }

  @Test(arguments: [
    (MetricCondition.Relation.above, 40.0), (.atLeast, 40), (.below, 40), (.atMost, 40), (.equal, 40), (.equal, 40),
  ])
  func `keep the groups that meet a condition`(_ relation: MetricCondition.Relation, _ value: Double) throws {
    var frame = Frame(["orders"], by: ["customer"])
    let all = try company.rows(frame)
    frame.conditions = [MetricCondition(metric: "orders", relation: relation, value: value)]
    let kept = all.filter { row in
      let count = row[1].double ?? 0
      return switch relation {
      case .above: count > value
      case .atLeast: count >= value
      case .below: count < value
      case .atMost: count <= value
      case .equal: count == value
      }
    }
    #expect(try company.rows(frame) == kept)
  }

  // MARK: Filters

  @Test func `bind values and never write them into the statement`() throws {
    var frame = Frame(["orders"])
    frame.filters = [FrameFilter(dimension: "customer", values: ["O'Neil \"& Sons"])]
    let query = try company.compiler.compile(frame)
    #expect(!query.sql.contains("Neil"))
    #expect(query.parameters == ["O'Neil \"& Sons"])
    #expect(try company.number(frame) == company.number("SELECT COUNT(*) FROM orders WHERE customer_id = 7"))
    frame.filters[0].values = ["x' OR '1'='1"]
    #expect(try company.number(frame) == 0)
  }

  @Test(arguments: [["East"], ["East", "West"]])
  func `split all rows into kept and left out, unknown ones among the left out`(_ values: [String]) throws {
    var frame = Frame(["orders"])
    let total = try company.number(frame)
    frame.filters = [FrameFilter(dimension: "region", values: values)]
    let kept = try company.number(frame)
    frame.filters[0].excludes = true
    #expect(try company.number(frame) == total - kept)
    #expect(kept > 0 && kept < total)
  }

  @Test func `put the asked status in the place of the default one`() throws {
    var frame = Frame(["revenue"])
    frame.filters = [FrameFilter(dimension: "status", values: ["cancelled"])]
    let expected = try company.number("SELECT SUM(amount) FROM orders WHERE status = 'cancelled'")
    #expect(isClose(try company.number(frame), expected))
    let query = try company.compiler.compile(frame)
    #expect(!query.interpretation.contains("paid orders"))
  }

  @Test func `hold named filters`() throws {
    var frame = Frame(["orders"])
    frame.namedFilters = ["large"]
    #expect(try company.number(frame) == company.number("SELECT COUNT(*) FROM orders WHERE amount >= 2000"))
  }

  @Test func `count the values of a dimension where they live, and among facts when a period asks so`() throws {
    let all = Frame([Frame.distinctCount(of: "customer")])
    #expect(try company.number(all) == 30)
    let bought = Frame([Frame.distinctCount(of: "customer")], in: "2024-03-01"..."2024-03-03")
    let expected = try company.number(
      """
      SELECT COUNT(DISTINCT c.customer_id) FROM orders o JOIN customer c USING (customer_id)
      WHERE day BETWEEN '2024-03-01' AND '2024-03-03'
      """
    )
    #expect(try company.number(bought) == expected)
  }

  @Test func `list the values of a dimension`() throws {
    let rows = try company.rows(Frame([], by: ["plan"]))
    #expect(Set(rows.map { $0[0].string }) == ["Basic", "Pro", "Team"])
  }

  @Test func `name every column that the statement gives, in its order`() throws {
    var frame = Frame(["revenue", "margin"], by: ["region"], in: Self.year, unit: .year)
    let time = try #require(frame.time)
    frame.comparison = company.compiler.calendar.comparison(.previousPeriod, for: time)
    let query = try company.compiler.compile(frame)
    let rows = try company.database.query(query.sql, query.parameters.map(Subscriptions.bound))
    #expect(rows.columns == query.columns.map(\.name))
    #expect(
      query.columns.map(\.role)
        == [.dimension, .metric, .comparison, .change, .changePercent, .metric, .comparison, .change]
    )
  }
}
