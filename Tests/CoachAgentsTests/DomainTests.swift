import CoachVocabulary
import FoundationEssentials
import SQLGate
import SemanticLayer
import Testing
import Warehouse

@testable import CoachAgents

@Suite struct DomainTests {
  /// Opens the demo database under another description.
  private func findings(_ yaml: String) async throws -> [String] {
    let collector = DiagnosticCollector()
    let model = try Demo.read(yaml, file: "config/domains/own.yaml")
    let source = try SQLiteDataSource(path: Demo.database)
    let domain = try await Domain.open(model, source: source, reporting: collector)
    #expect((domain == nil) == collector.hasErrors)
    return collector.diagnostics.map(\.description)
  }

  private func yaml(
    table: String = "sales",
    key: String = "dealer_id",
    column: String = "channel",
    expression: String = "net_revenue",
    filter: String = "quantity > 2"
  ) -> String {
    """
    domain: own
    description: A test.
    currency: EUR
    database: {engine: sqlite, path: own.sqlite}
    calendar: {as_of: data}
    datasets:
      - {name: sales, table: \(table), time: sale_date}
      - {name: dealers, table: dealers, primary_key: dealer_id}
    relationships:
      - {from: sales.\(key), to: dealers.dealer_id}
    dimensions:
      - {name: channel, expr: sales.\(column)}
      - {name: city, expr: dealers.city}
      - {name: name, expr: dealers.dealer_name, pii: true}
    metrics:
      - {name: revenue, dataset: sales, aggregate: sum, expr: "\(expression)", unit: EUR, format: currency}
    filters:
      - {name: big, dataset: sales, expr: "\(filter)"}

    """
  }

  @Test func `a description that fits opens without a finding`() async throws {
    #expect(try await findings(yaml()) == [])
  }

  @Test func `what the database lacks is named with file and line`() async throws {
    let table = try await findings(yaml(table: "orders"))
    #expect(
      table.contains {
        $0.hasPrefix("config/domains/own.yaml:7: error: the database has no table 'orders'; its tables: dealers")
      }
    )
    let join = try await findings(yaml(key: "dealer"))
    #expect(join.contains { $0.hasPrefix("config/domains/own.yaml:10: error: table 'sales' has no column 'dealer'") })
    let column = try await findings(yaml(column: "chanel"))
    #expect(column.contains { $0.hasPrefix("config/domains/own.yaml:12: error: table 'sales' has no column 'chanel'") })
    let expression = try await findings(yaml(expression: "net_revenu / 2"))
    #expect(
      expression.contains {
        $0.hasPrefix("config/domains/own.yaml:16: error: table 'sales' has no column 'net_revenu'")
      }
    )
  }

  @Test func `an expression that the database cannot read is a finding at its place`() async throws {
    let metric = try await findings(yaml(expression: "nonsense(net_revenue)"))
    #expect(metric.count == 1)
    #expect(
      metric.first?.hasPrefix("config/domains/own.yaml:16: error: the database cannot read 'nonsense(net_revenue)'")
        == true
    )
    let filter = try await findings(yaml(filter: "nonsense(quantity) > 2"))
    #expect(filter.first?.hasPrefix("config/domains/own.yaml:18: error: the database cannot read") == true)
  }

  @Test func `every fault is told at once`() async throws {
    let all = try await findings(yaml(key: "dealer", column: "chanel", filter: "nope > 1"))
    #expect(all.count == 3)
  }

  @Test func `personal columns cannot be read, whoever wrote the statement`() async throws {
    let model = try Demo.read(yaml(), file: "own.yaml")
    let source = try SQLiteDataSource(path: Demo.database)
    let domain = try #require(try await Domain.open(model, source: source, reporting: DiagnosticCollector()))
    let personal = await domain.judge("SELECT dealer_name FROM dealers")
    guard case .pass = personal.verdict else {
      let everything = await domain.judge("SELECT * FROM dealers")
      if case .pass = everything.verdict { Issue.record("* reads the personal column") }
      let allowed = await domain.judge("SELECT city FROM dealers")
      guard case .pass = allowed.verdict else {
        Issue.record("an open column is refused")
        return
      }
      #expect(domain.values["name"] == nil)
      return
    }
    Issue.record("the personal column is readable")
  }

  @Test func `today is the newest fact where the description says so`() async throws {
    let model = try Demo.read(yaml(), file: "own.yaml")
    let source = try SQLiteDataSource(path: Demo.database)
    let domain = try #require(try await Domain.open(model, source: source, reporting: DiagnosticCollector()))
    #expect(domain.asOf(now: .init(timeIntervalSince1970: 0)).description == "2026-06-30")
  }

  @Test func `columns of a model's statement are guessed from name and values`() async throws {
    let table = ResultTable(
      columns: ["month", "region", "revenue", "share_percent", "year", "dealer_id", "started", "mixed", "empty"],
      rows: [
        ["2025-01", "West", 12.5, 30, 2025, 7, "2025-Q1", 1, nil],
        ["2025-02", nil, 13.5, 70, 2026, 8, "2025-Q2", "x", nil],
      ]
    )
    let columns = ColumnGuess(model: try Demo.model()).columns(of: table)
    #expect(
      columns.map(\.role) == [.time, .dimension, .metric, .metric, .time, .dimension, .time, .dimension, .dimension]
    )
    #expect(columns[2].unit == "EUR")
    #expect(columns[2].format == .currency)
    #expect(columns[3].format == .percent)
    #expect(columns[3].label == "Share percent")
  }
}
