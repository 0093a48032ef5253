import CoachVocabulary
import SemanticLayer
import Testing

@testable import CoachAgents

@Suite struct WordingTests {
  private func frame(_ metrics: [String], _ change: (inout Frame) -> Void = { _ in }) -> Frame {
    var frame = Frame()
    frame.metrics = metrics
    frame.time = Shop.may
    change(&frame)
    return frame
  }

  private let april = FrameComparison(
    kind: .previousPeriod,
    range: Shop.range("2026-04-01", "2026-05-01"),
    shiftMonths: 1
  )

  @Test func `one amount is a sentence with its period`() throws {
    #expect(try Shop.text(frame(["revenue"]), [[12_345_678]]) == "Net revenue was €12.35M in May 2026.")
  }

  @Test func `a count is said as people count`() throws {
    #expect(try Shop.text(frame(["orders"]), [[4_210]]) == "There were 4,210 orders in May 2026.")
    #expect(try Shop.text(frame(["books"]), [[9_001]]) == "9,001 books were sold in May 2026.")
  }

  @Test func `a figure without a period is told in the present`() throws {
    #expect(try Shop.text(frame(["cost"]) { $0.time = nil }, [[950.5]]) == "Cost of sales is €950.50.")
  }

  @Test func `several metrics are several sentences`() throws {
    let text = try Shop.text(frame(["revenue", "cost_share"]), [[1_000_000, 41.25]])
    #expect(text == "Net revenue was €1.00M in May 2026. Cost share was 41.3 %.")
  }

  @Test func `filters, left out values and named filters are named`() throws {
    let text = try Shop.text(
      frame(["revenue"]) {
        $0.filters = [
          FrameFilter(dimension: "city", values: ["Bonn", "Ulm"]),
          FrameFilter(dimension: "clerk", values: ["Ada"], excludes: true),
        ]
        $0.namedFilters = ["large"]
      },
      [[10]]
    )
    #expect(text == "Net revenue was €10.00 without Ada for large orders in Bonn or Ulm in May 2026.")
  }

  @Test func `a comparison says direction, percent, difference and base`() throws {
    let asked = frame(["revenue"]) { $0.comparison = april }
    #expect(
      try Shop.text(asked, [[110_000, 100_000, 10_000, 10.0]])
        == "Net revenue was €110,000 in May 2026, up 10.0 % (+€10,000) from €100,000 in Apr 2026."
    )
    #expect(
      try Shop.text(asked, [[90_000, 100_000, -10_000, -10.0]])
        == "Net revenue was €90,000 in May 2026, down 10.0 % (−€10,000) from €100,000 in Apr 2026."
    )
    #expect(
      try Shop.text(asked, [[100_000, 100_000, 0, 0]])
        == "Net revenue was €100,000 in May 2026, unchanged against Apr 2026."
    )
    #expect(
      try Shop.text(asked, [[100_000, nil, nil, nil]])
        == "Net revenue was €100,000 in May 2026; there is no data for Apr 2026 to compare with."
    )
  }

  @Test func `the change of a percentage is in points`() throws {
    let asked = frame(["cost_share"]) { $0.comparison = april }
    #expect(
      try Shop.text(asked, [[41.0, 43.5, -2.5]])
        == "Cost share was 41.0 % in May 2026, down 2.5 points from 43.5 % in Apr 2026."
    )
    let change = try Shop.columns(of: asked).first { $0.role == .change }
    #expect(change?.unit == "points")
  }

  @Test func `a change too small to show is nearly the same`() throws {
    let asked = frame(["revenue"]) { $0.comparison = april }
    #expect(
      try Shop.text(asked, [[100_010, 100_000, 10, 0.01]])
        == "Net revenue was €100,010 in May 2026, nearly the same as in Apr 2026 (€100,000)."
    )
  }

  @Test func `a count of things names the things`() throws {
    let asked = frame([Frame.distinctCount(of: "city")]) { $0.time = nil }
    #expect(try Shop.text(asked, [[9]]) == "There are 9 cities.")
    #expect(try Shop.text(asked, [[1]]) == "There is 1 city.")
  }

  @Test func `a breakdown lists the groups and their total`() throws {
    let asked = frame(["revenue"]) { $0.dimensions = ["city"] }
    #expect(
      try Shop.text(asked, [["Bonn", 3_000], ["Ulm", 1_500], [nil, 500]])
        == "Net revenue by city in May 2026: Bonn (€3,000), Ulm (€1,500), (none) (€500.00). The total was €5,000."
    )
  }

  @Test func `a breakdown of a ratio has no total`() throws {
    let asked = frame(["cost_share"]) { $0.dimensions = ["city"] }
    #expect(
      try Shop.text(asked, [["Bonn", 40], ["Ulm", 50]])
        == "Cost share by city in May 2026: Bonn (40.0 %), Ulm (50.0 %)."
    )
  }

  @Test func `a long breakdown shows the first five and says how many follow`() throws {
    let asked = frame(["orders"]) { $0.dimensions = ["city"] }
    let rows = (1...9).map { [JSONValue.string("City \($0)"), .int(100 - $0)] }
    let text = try Shop.text(asked, rows)
    #expect(text.contains("City 5 (95), and 4 more. The total was 855."))
    #expect(!text.contains("City 6"))
  }

  @Test func `a compared breakdown says with what and shows each change`() throws {
    let asked = frame(["revenue"]) {
      $0.dimensions = ["city"]
      $0.comparison = april
    }
    let text = try Shop.text(asked, [["Bonn", 110, 100, 10, 10.0], ["Ulm", 90, 100, -10, -10.0]])
    #expect(text.hasPrefix("Net revenue by city in May 2026, compared with Apr 2026: Bonn (€110.00, +10.0 %), Ulm"))
    #expect(text.contains("Ulm (€90.00, −10.0 %)"))
  }

  @Test func `a ranking is numbered and uses plurals`() throws {
    let asked = frame(["books"]) {
      $0.dimensions = ["city"]
      $0.limit = 3
      $0.order = FrameOrder(by: .metric("books"), descending: true)
    }
    #expect(
      try Shop.text(asked, [["Bonn", 30], ["Ulm", 20], ["Aalen", 10]], totalRows: 12)
        == "The top 3 cities by books sold in May 2026 were: 1. Bonn (30), 2. Ulm (20), 3. Aalen (10)."
    )
    var worst = asked
    worst.dimensions = ["clerk"]
    worst.order = FrameOrder(by: .metric("books"), descending: false)
    #expect(try Shop.text(worst, [["Ada", 1], ["Bob", 2]]).hasPrefix("The bottom 2 salespeople by books sold"))
  }

  @Test func `the best one is named in a sentence`() throws {
    let asked = frame(["revenue"]) {
      $0.dimensions = ["city"]
      $0.limit = 1
      $0.order = FrameOrder(by: .metric("revenue"), descending: true)
    }
    #expect(try Shop.text(asked, [["Bonn", 3_000]]) == "Bonn had the highest net revenue in May 2026: €3,000.")
    var fewest = asked
    fewest.metrics = ["orders"]
    fewest.order = FrameOrder(by: .metric("orders"), descending: false)
    #expect(try Shop.text(fewest, [["Ulm", 12]]) == "Ulm had the fewest orders in May 2026: 12.")
  }

  @Test func `a share is said with its amount`() throws {
    let asked = frame(["revenue"]) {
      $0.dimensions = ["city"]
      $0.share = true
      $0.filters = [FrameFilter(dimension: "city", values: ["Bonn"])]
    }
    #expect(
      try Shop.text(asked, [["Bonn", 3_000, 60.0]])
        == "Net revenue was €3,000 in Bonn in May 2026, 60.0 % of the whole."
    )
    var all = asked
    all.filters = []
    let text = try Shop.text(all, [["Bonn", 3_000, 60.0], ["Ulm", 2_000, 40.0]])
    #expect(text.contains("Bonn (€3,000, 60.0 %), Ulm (€2,000, 40.0 %)"))
  }

  @Test func `a series tells start, end, highest and lowest with months by name`() throws {
    let asked = frame(["revenue"]) {
      $0.grain = .month
      $0.time = TimeSelection(Shop.range("2026-01-01", "2026-05-01"))
    }
    #expect(
      try Shop.text(asked, [["2026-01", 1_000], ["2026-02", 500], ["2026-03", 2_000], ["2026-04", 1_500]])
        == "Net revenue rose from €1,000 in Jan 2026 to €1,500 in Apr 2026 (+50.0 %). "
        + "The highest was €2,000 in Mar 2026, the lowest €500.00 in Feb 2026."
    )
  }

  @Test func `a series says when its last bucket is not complete`() throws {
    let asked = frame(["orders"]) {
      $0.grain = .month
      $0.time = TimeSelection(Shop.range("2026-05-01", "2026-07-01"), isRunning: true)
    }
    let text = try Shop.text(asked, [["2026-05", 10], ["2026-06", 4]])
    #expect(text == "Orders fell from 10 in May 2026 to 4 in Jun 2026 (−60.0 %). Jun 2026 is not complete yet.")
  }

  @Test func `the best month is named, and the best months are ranked`() throws {
    var asked = frame(["revenue"]) {
      $0.grain = .month
      $0.time = nil
      $0.limit = 1
      $0.order = FrameOrder(by: .metric("revenue"), descending: true)
    }
    #expect(try Shop.text(asked, [["2026-03", 5]]) == "Mar 2026 had the highest net revenue: €5.00.")
    asked.limit = 2
    #expect(
      try Shop.text(asked, [["2026-03", 5], ["2025-12", 4]])
        == "The top 2 months by net revenue are: 1. Mar 2026 (€5.00), 2. Dec 2025 (€4.00)."
    )
  }

  @Test func `an average names what it is taken over`() throws {
    let asked = frame(["revenue"]) { $0.average = .grain(.month) }
    let text = try Shop.text(asked, [[2_500]])
    #expect(text == "Average net revenue per month was €2,500 in May 2026.")
  }

  @Test func `two keys are summed up by their extremes`() throws {
    let asked = frame(["orders"]) { $0.dimensions = ["city", "clerk"] }
    #expect(
      try Shop.text(asked, [["Bonn", "Ada", 5], ["Ulm", "Bob", 7], ["Ulm", "Cid", 1]])
        == "Orders by city and salesperson in May 2026: 3 rows. The highest is 7 (Ulm, Bob), the lowest 1 (Ulm, Cid)."
    )
  }

  @Test func `no rows and empty values say that there is no data`() throws {
    #expect(try Shop.text(frame(["revenue"]), []) == "There is no data on net revenue in May 2026.")
    #expect(try Shop.text(frame(["revenue"]), [[nil]]) == "There is no data on net revenue in May 2026.")
    #expect(
      try Shop.text(frame(["cost_share"]) { $0.dimensions = ["city"] }, [["Ulm", nil]]).hasPrefix("There is no data")
    )
  }

  @Test(
    arguments: [
      ([], "There are no cities."),
      ([["Bonn"]], "There is 1 city: Bonn."),
      ([["Bonn"], ["Ulm"], ["Aalen"]], "There are 3 cities: Bonn, Ulm and Aalen."),
    ] as [([[JSONValue]], String)]
  )
  func `names alone are listed`(rows: [[JSONValue]], expected: String) throws {
    let writer = AnswerWriter(
      model: try Shop.model(),
      asOf: Shop.asOf,
      frame: nil,
      columns: [Shop.column("City", .dimension)],
      rows: rows,
      totalRows: nil
    )
    #expect(writer.text == expected)
  }

  @Test func `rows of a statement that a model wrote are worded without a frame`() throws {
    func text(_ columns: [ResultColumn], _ rows: [[JSONValue]]) throws -> String {
      AnswerWriter(model: try Shop.model(), asOf: Shop.asOf, frame: nil, columns: columns, rows: rows, totalRows: nil)
        .text
    }
    let share = Shop.column("Share", .metric, unit: "percent", format: .percent)
    #expect(try text([share], [[12.34]]) == "Share is 12.3 %.")
    #expect(try text([share], [[1], [2]]) == "Share: 1.0 % and 2.0 %.")
    #expect(try text([Shop.column("City", .dimension), share], [["Ulm", 7]]) == "Share is 7.0 % for Ulm.")
  }

  @Test func `the note counts rows shown and rows there are`() throws {
    func note(_ rows: Int, _ total: Int?) throws -> String {
      AnswerWriter(
        model: try Shop.model(),
        asOf: Shop.asOf,
        frame: nil,
        columns: [],
        rows: Array(repeating: [], count: rows),
        totalRows: total
      ).rowsNote
    }
    #expect(try note(5, 49) == "5 of 49 rows")
    #expect(try note(1, nil) == "1 of 1 row")
    #expect(try note(3, 1) == "3 of 3 rows")
  }
}
