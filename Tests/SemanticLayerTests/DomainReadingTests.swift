import CoachVocabulary
import Declarations
import SemanticLayer
import Testing

@Suite struct `A domain file` {
  private func read(_ yaml: String) throws -> (model: SemanticModel?, messages: [String]) {
    let collector = DiagnosticCollector()
    let tree = try #require(DeclarationTree.reading(yaml: yaml.utf8, file: "d.yaml", reporting: collector))
    return (SemanticModel(reading: tree, reporting: collector), collector.diagnostics.map(\.description))
  }

  @Test func `is read with its defaults`() throws {
    let yaml = """
      domain: tiny
      datasets: [{name: big_orders, time: day}]
      dimensions: [{name: order_kind, expr: big_orders.kind}, {name: day, expr: big_orders.day, kind: time}]
      metrics: [{name: net_sales, dataset: big_orders, aggregate: sum, expr: amount, filter: "kind = 'x'", unit: EUR}]
      """
    let (found, messages) = try read(yaml)
    let model = try #require(found)
    #expect(messages == [])
    #expect(model.database.engine == .sqlite && model.database.path == "tiny.sqlite")
    #expect(model.calendar.asOf == .now && model.calendar.weekStart == 1 && model.calendar.fiscalStartMonth == 1)
    #expect(model.dataset("big_orders")?.table == "big_orders")
    #expect(model.dataset("big_orders")?.label == "big orders")
    #expect(model.dimension("order_kind")?.label == "order kind")
    #expect(model.dimension("order_kind")?.indexesValues == true)
    #expect(model.dimension("day")?.indexesValues == false)
    let metric = try #require(model.metric("net_sales"))
    #expect(metric.label == "Net sales" && metric.format == .currency && metric.isAdditive)
    #expect(metric.filterNote == "kind = 'x'")
  }

  @Test func `never indexes personal data`() throws {
    let yaml = Self.sound + "\ndimensions: [{name: person, expr: a.person, pii: true, index_values: true}]"
    #expect(try read(yaml).model?.dimension("person")?.indexesValues == false)
  }

  @Test(arguments: faults)
  func `is refused with file, line and reason`(_ part: String, _ message: String) throws {
    let (model, messages) = try read(part.hasPrefix("domain") ? part : Self.sound + "\n" + part)
    #expect(model == nil)
    #expect(messages == [message])
  }

  @Test func `reports all faults at once`() throws {
    let yaml = """
      domain: d
      datasets: [{name: a}, {name: a}]
      relationships: [{from: a.x, to: nowhere.y}]
      metrics: [{name: m, dataset: b, aggregate: count}]
      typo: 1
      """
    #expect(try read(yaml).messages.count == 4)
  }

  /// Four lines that are right; the fault begins on line 5.
  private static let sound = """
    domain: d
    datasets:
      - {name: a, table: t, time: day}
    metrics: [{name: m, dataset: a, aggregate: count}]
    """

  private static let faults: [(part: String, message: String)] = [
    ("domain: d", "d.yaml:1: error: the domain declares no metric"),
    (
      "color: red",
      "d.yaml:5: error: unknown key 'color' in the domain; known keys: calendar, causes, currency, database, "
        + "datasets, description, dimensions, domain, events, filters, language, metrics, relationships"
    ),
    (
      "database: {engine: oracle}",
      "d.yaml:5: error: 'engine' of the database must be one of sqlite, postgres, csv, not 'oracle'"
    ),
    (
      "calendar: {as_of: tomorrow}",
      "d.yaml:5: error: 'as_of' must be a date (YYYY-MM-DD), 'data' or 'now', not 'tomorrow'"
    ),
    (
      "calendar: {week_start: funday}",
      "d.yaml:5: error: 'week_start' of the calendar must be one of monday, tuesday, wednesday, thursday, friday, "
        + "saturday, sunday, not 'funday'"
    ),
    (
      "calendar: {fiscal_start_month: 13}",
      "d.yaml:5: error: 'fiscal_start_month' of the calendar must be from 1 to 12, not 13"
    ),
    ("relationships: [{from: a, to: a.x}]", "d.yaml:5: error: 'from' must be dataset.column, not 'a'"),
    ("relationships: [{from: a.x, to: b.y}]", "d.yaml:5: error: there is no dataset 'b'; known datasets: a"),
    ("relationships: [{from: a.x}]", "d.yaml:5: error: the relationship needs 'to'"),
    ("dimensions: [{name: x, expr: b.y}]", "d.yaml:5: error: there is no dataset 'b'; known datasets: a"),
    ("dimensions: [{name: x, expr: y}]", "d.yaml:5: error: 'expr' must be dataset.column, not 'y'"),
    (
      "dimensions: [{name: x, expr: a.y, kind: odd}]",
      "d.yaml:5: error: 'kind' of the dimension must be one of categorical, time, geo, boolean, identifier, not 'odd'"
    ),
    (
      "dimensions: [{name: x, expr: a.y, values: {V: {w: 1}}}]",
      "d.yaml:5: error: the aliases of 'V' must be a list of texts"
    ),
    (
      "dimensions: [{name: m, expr: a.y}]",
      "d.yaml:5: error: there is already a metric, dimension or filter 'm' at d.yaml:4"
    ),
    (
      "filters: [{name: f, dataset: a, expr: \"x = ?1\"}]",
      "d.yaml:5: error: 'expr': parameters ('?') are not allowed in an expression"
    ),
    ("filters: [{name: f, dataset: a}]", "d.yaml:5: error: the filter needs 'expr'"),
    ("language: {defaults: {best: worst}}", "d.yaml:1: error: default 'best' names no metric or dimension 'worst'"),
    (
      "language: {clarify: [{word: good, options: [bad]}]}",
      "d.yaml:1: error: clarification of 'good' names no metric or dimension 'bad'"
    ),
    ("language: {unavailable: [{words: [x]}]}", "d.yaml:5: error: the unavailable topic needs 'topic'"),
    (
      "domain: d\ndatasets: [{name: a}]\nmetrics: [{name: m, dataset: a, aggregate: sum}]",
      "d.yaml:3: error: aggregate 'sum' needs 'expr', the column to aggregate"
    ),
    (
      "domain: d\ndatasets: [{name: a}]\nmetrics: [{name: m, numerator: m, denominator: n},\n"
        + "  {name: n, dataset: a, aggregate: count}]",
      "d.yaml:3: error: metric 'm' is defined by itself: m → m"
    ),
    (
      "domain: d\ndatasets: [{name: a}]\nmetrics: [{name: m, numerator: n, denominator: x},\n"
        + "  {name: n, dataset: a, aggregate: count}]",
      "d.yaml:3: error: 'denominator' names no metric 'x'; known metrics: m, n"
    ),
    (
      "domain: d\ndatasets: [{name: a, time: day, semi_additive: {over: week}}]\n"
        + "metrics: [{name: m, dataset: a, aggregate: count}]",
      "d.yaml:2: error: 'over' must be the dataset's time column 'day', not 'week'"
    ),
  ]
}
