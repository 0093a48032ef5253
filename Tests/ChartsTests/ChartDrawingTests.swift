import CoachVocabulary
import Testing

@testable import Charts

@Suite struct ChartDrawingTests {
  private func config(
    _ type: String,
    kind: String? = nil,
    labels: [JSONValue] = ["North", "South"],
    datasets: [JSONValue] = [["label": "Revenue", "data": [10, 20]]],
    extra: [String: JSONValue] = [:]
  ) -> JSONValue {
    var plugins: [String: JSONValue] = ["title": ["text": "Revenue by region"]]
    var hint: [String: JSONValue] = ["unit": "EUR"]
    if let kind { hint["kind"] = .string(kind) }
    plugins["coach"] = .object(hint)
    var options: [String: JSONValue] = ["plugins": .object(plugins)]
    options.merge(extra) { $1 }
    return [
      "type": .string(type), "data": ["labels": .array(labels), "datasets": .array(datasets)],
      "options": .object(options),
    ]
  }

  private func svg(_ config: JSONValue) throws -> String {
    ChartDrawing.svg(of: try #require(ChartPicture(config)))
  }

  private func count(_ piece: String, in text: String) -> Int { text.split(separator: piece).count - 1 }

  @Test func `each kind is drawn with its own marks, each saying its exact value`() throws {
    let two: [JSONValue] = [["label": "A", "data": [1, 2]], ["label": "B", "data": [3, 4]]]
    let target: JSONValue = ["label": "Target", "data": [15, 15], "type": "line", "showLine": false]
    let points: JSONValue = ["label": "Orders", "data": [["x": 1, "y": 2, "label": "North"], ["x": 3, "y": 9]]]
    let table: [(String, JSONValue, String, Int)] = [
      ("line", config("line"), "<polyline", 1),
      ("bar", config("bar"), "rx=\"2\"><title>", 2),
      ("grouped", config("bar", datasets: two), "rx=\"2\"><title>", 4),
      ("lying", config("bar", datasets: two, extra: ["indexAxis": "y"]), "rx=\"2\"><title>", 4),
      ("ring", config("doughnut"), "stroke-dasharray", 2),
      (
        "bullet", config("bar", kind: "bullet", datasets: [["label": "A", "data": [1, 2]], target]), "class=\"mark\"", 3
      ),
      ("scatter", config("scatter", labels: [], datasets: [points]), "<circle", 2),
    ]
    for (name, config, piece, expected) in table {
      #expect(count(piece, in: try svg(config)) == expected, "\(name)")
    }
    #expect(try svg(config("bar")).contains("<title>North – Revenue: €10</title>"))
  }

  @Test func `stacked bars stand on one another`() throws {
    let sets: [JSONValue] = [["label": "A", "data": [10, 0]], ["label": "B", "data": [30, 0]]]
    let flat = try #require(ChartPicture(config("bar", datasets: sets)))
    let stacked = try #require(
      ChartPicture(config("bar", datasets: sets, extra: ["scales": ["x": ["stacked": true], "y": ["stacked": true]]]))
    )
    #expect(!flat.isStacked)
    #expect(ChartDrawing.svg(of: flat).contains(">€30</text>"))
    #expect(ChartDrawing.svg(of: stacked).contains(">€40</text>"), "the axis reaches the sum")
  }

  @Test func `a gap in the values is a gap in the line`() throws {
    let labels: [JSONValue] = ["a", "b", "c", "d", "e"]
    let drawn = try svg(config("line", labels: labels, datasets: [["label": "A", "data": [1, 2, nil, 4, 5]]]))
    #expect(count("<polyline", in: drawn) == 2)
  }

  @Test func `texts cannot become markup`() throws {
    let evil = "</title><script>alert(\"1\")</script>&\u{1}"
    let drawn = try svg(
      config("bar", labels: [.string(evil), "b"], datasets: [["label": .string(evil), "data": [1, 2]]])
    )
    #expect(!drawn.contains("<script"))
    #expect(drawn.contains("&lt;script&gt;"))
    #expect(!drawn.unicodeScalars.contains("\u{1}"))
  }

  @Test func `a screen reader is told the title, the kind and the ends`() throws {
    let drawn = try svg(config("bar"))
    #expect(drawn.contains("role=\"img\" aria-labelledby=\"chart-title chart-description\""))
    #expect(drawn.contains("<title id=\"chart-title\">Revenue by region</title>"))
    #expect(
      drawn.contains("Bar chart with 2 values, from North to South. Revenue: highest €20 (South), lowest €10 (North).")
    )
    #expect(drawn.contains("prefers-color-scheme:dark"))
  }

  @Test func `what is no chart is not drawn`() {
    for config: JSONValue in [
      .null, [:], ["type": "bar"], config("radar"), config("bar", datasets: []), config("bar", labels: []),
      config("line", datasets: [["label": "A", "data": []]]),
      config("line", datasets: [["label": "A", "data": .array(Array(repeating: 1, count: 10_001))]]),
    ] { #expect(ChartPicture(config) == nil, "\(config.text.prefix(80))") }
  }

  @Test(arguments: [
    ([3.0, 97], true, 0.0, 100.0), ([0.0, 0], true, 0, 0.5), ([5.0, 5], false, 2, 8), ([-40.0, 60], true, -40, 60),
    ([1_000_001.0, 1_000_002], false, 1_000_001, 1_000_002), ([1e-9, 3e-9], true, 0, 3e-9),
  ])
  func `an axis holds its values and has round, few marks`(values: [Double], zero: Bool, low: Double, high: Double) {
    let scale = AxisScale(values, includesZero: zero)
    #expect(scale.low <= (values.min() ?? 0) && scale.high >= (values.max() ?? 0))
    #expect((2...12).contains(scale.ticks.count), "\(scale.ticks)")
    #expect(scale.low <= low + 1e-12 && scale.high >= high - 1e-12)
  }

  @Test(
    arguments: [
      (1_234_567.0, "EUR", "€1.23M"), (950, nil, "950"), (12_300, nil, "12.3K"), (-5.25, "percent", "\u{2212}5.25 %"),
      (2_500_000_000, "USD", "$2.5B"),
    ] as [(Double, String?, String)]
  )
  func `numbers on axes are short`(value: Double, unit: String?, expected: String) {
    #expect(ChartNumber.short(value, unit: unit) == expected)
  }
}
