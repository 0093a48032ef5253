import CoachVocabulary
import SemanticLayer
import Testing

@testable import CoachAgents

@Suite struct ChartRuleTests {
  private let month = Shop.column("month", .time, format: .date)
  private let city = Shop.column("city", .dimension)
  private let clerk = Shop.column("clerk", .dimension)
  private let revenue = Shop.column("revenue", .metric, unit: "EUR", format: .currency)
  private let before = Shop.column("before", .comparison, unit: "EUR", format: .currency)
  private let orders = Shop.column("orders", .metric, unit: "orders", format: .number)
  private let share = Shop.column("share", .share, unit: "percent", format: .percent)

  private func rows(_ count: Int, _ values: Double...) -> [[JSONValue]] {
    (0..<count).map { [JSONValue.string("N\($0)")] + values.map { .double($0) } }
  }

  private func chart(_ columns: [ResultColumn], _ rows: [[JSONValue]]) -> JSONValue? {
    ChartRule.chart(columns: columns, rows: rows, title: "T")
  }

  @Test func `shapes choose their charts`() {
    let months: [[JSONValue]] = [["2026-01", 1], ["2026-02", 2]]
    let table: [(String, [ResultColumn], [[JSONValue]], String?)] = [
      ("one number", [revenue], [[5]], nil),
      ("one group", [city, revenue], rows(1, 5), nil),
      ("only names", [city], [["a"], ["b"]], nil),
      ("all empty", [city, revenue], [["a", nil], ["b", nil]], nil),
      ("time", [month, revenue], months, "line"),
      ("groups", [city, revenue], rows(4, 5), "bar"),
      ("groups and before", [city, revenue, before], rows(4, 5, 6), "bar"),
      ("a whole", [city, revenue, share], rows(4, 5, 25), "doughnut"),
      ("not the whole", [city, revenue, share], rows(3, 5, 25), "bar"),
      ("too many parts", [city, revenue, share], rows(10, 5, 10), "bar"),
      ("time and groups", [month, city, revenue], [["2026-01", "a", 1], ["2026-01", "b", 2]], "line"),
      ("two dimensions", [city, clerk, revenue], [["x", "a", 1], ["y", "a", 2]], "bar"),
      (
        "three dimensions", [city, clerk, Shop.column("z", .dimension), revenue],
        [["x", "a", "z", 1], ["y", "a", "z", 2]], nil
      ),
      ("too long", [city, revenue], rows(501, 1), nil),
    ]
    for (name, columns, rows, expected) in table {
      #expect(chart(columns, rows)?["type"]?.stringValue == expected, "\(name)")
    }
  }

  @Test func `a line runs with time under readable labels`() {
    let chart = chart([month, revenue], [["2026-02", 2], ["2026-01", 1]])
    #expect(chart?["data"]?["labels"] == ["Jan 2026", "Feb 2026"])
    #expect(chart?["data"]?["datasets"]?.arrayValue?.first?["data"] == [1, 2])
  }

  @Test func `many bars lie on their side and stop at thirty`() {
    let chart = chart([city, revenue], rows(40, 5))
    #expect(chart?["options"]?["indexAxis"] == "y")
    #expect(chart?["data"]?["labels"]?.arrayValue?.count == 30)
    #expect(chart?["data"]?["datasets"]?.arrayValue?.first?["data"]?.arrayValue?.count == 30)
  }

  @Test func `values of another unit are not drawn on the same scale`() {
    let chart = chart([city, revenue, orders], rows(3, 5, 6))
    #expect(chart?["data"]?["datasets"]?.arrayValue?.count == 1)
  }

  @Test func `the second key becomes the series, with gaps where there is no row`() {
    let chart = chart([month, city, revenue], [["2026-01", "a", 1], ["2026-02", "b", 2]])
    #expect(chart?["data"]?["labels"] == ["Jan 2026", "Feb 2026"])
    #expect(
      chart?["data"]?["datasets"] == [["label": "a", "data": [1, nil]], ["label": "b", "data": [nil, 2]]]
    )
    let wide = (0..<9).map { [JSONValue.string("2026-01"), .string("s\($0)"), 1] }
    #expect(self.chart([month, city, revenue], wide) == nil)
  }

  private func kind(_ chart: JSONValue?) -> String? {
    chart?["options"]?["plugins"]?["coach"]?["kind"]?.stringValue
  }

  @Test func `two names are stacked where the figure adds up, and grouped where it does not`() {
    let rows: [[JSONValue]] = [["x", "a", 1], ["x", "b", 2], ["y", "a", 3], ["y", "b", 0]]
    let sums = ChartRule.chart(columns: [city, clerk, revenue], rows: rows, title: "T", additive: ["revenue"])
    #expect(kind(sums) == "stacked")
    #expect(sums?["options"]?["scales"]?["x"]?["stacked"] == true)
    #expect(kind(chart([city, clerk, revenue], rows)) == "grouped")
    let debts = ChartRule.chart(
      columns: [city, clerk, revenue],
      rows: rows + [["y", "c", -1]],
      title: "T",
      additive: ["revenue"]
    )
    #expect(kind(debts) == "grouped", "parts below nought make no whole")
  }

  @Test func `a figure beside its target is a bullet`() {
    let target = Shop.column("revenue_target", .metric, unit: "EUR", format: .currency)
    let drawn = chart([city, revenue, target], rows(3, 5, 6))
    #expect(kind(drawn) == "bullet")
    #expect(drawn?["data"]?["datasets"]?.arrayValue?.last?["showLine"] == false)
    #expect(kind(chart([city, revenue, before], rows(3, 5, 6))) == "grouped", "a year before is no target")
  }

  @Test func `two figures of different units are a scatter once there are enough points`() {
    let rows = rows(6, 5, 6)
    let drawn = chart([city, revenue, orders], rows)
    #expect(drawn?["type"] == "scatter")
    let first = drawn?["data"]?["datasets"]?.arrayValue?.first
    #expect(first?["data"]?.arrayValue?.first == ["x": 5.0, "y": 6.0, "label": "N0"])
    #expect(drawn?["options"]?["scales"]?["x"]?["title"]?["text"] == "revenue (EUR)")
    #expect(kind(chart([city, revenue, orders], Array(rows.prefix(5)))) == "bar")
  }
}
