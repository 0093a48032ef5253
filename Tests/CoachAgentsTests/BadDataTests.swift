import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Glibc
import SQLiteKit
import SemanticLayer
import Testing
import Warehouse

@testable import CoachAgents

/// A small company whose records a test makes up.
struct MadeUp {
  static let yaml = """
    domain: made_up
    description: Made up.
    currency: EUR
    database: {engine: sqlite, path: made_up.sqlite}
    calendar: {as_of: 2026-06-30}
    datasets:
      - {name: sales, table: sales, primary_key: sale_id, time: sold_on}
    dimensions:
      - {name: city, expr: sales.city}
      - {name: kind, expr: sales.kind}
    metrics:
      - {name: revenue, dataset: sales, aggregate: sum, expr: amount, unit: EUR, format: currency, good: up}
      - {name: cost, dataset: sales, aggregate: sum, expr: cost, unit: EUR, format: currency, good: down}
      - {name: orders, dataset: sales, aggregate: count, unit: orders, good: up}
      - {name: cost_share, numerator: cost, denominator: revenue, scale: 100, unit: percent, format: percent, good: down}
    events:
      - {label: Fair in Ulm, from: 2026-05-01, to: 2026-05-20, segments: {city: Ulm}}

    """

  /// One record.
  struct Sale {
    var id: Int
    var day: String
    var city: String
    var kind = "a"
    var amount: Double?
    var cost: Double? = 1
  }

  /// Runs a test on a desk over some records.
  static func desk(_ sales: [Sale], _ body: (EvidenceDesk) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("made-up-\(UUID().uuidString).sqlite").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let connection = try SQLiteConnection(
      path: path,
      configuration: SQLiteConfiguration(mode: .readWrite(create: true))
    )
    try await connection.transaction { session throws(SQLiteFailure) in
      try session.execute(
        "CREATE TABLE sales (sale_id INTEGER, sold_on TEXT, city TEXT, kind TEXT, amount REAL, cost REAL)"
      )
      for sale in sales {
        try session.execute(
          "INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?)",
          [
            .integer(Int64(sale.id)), .text(sale.day), .text(sale.city), .text(sale.kind),
            sale.amount.map { .real($0) } ?? .null, sale.cost.map { .real($0) } ?? .null,
          ]
        )
      }
    }
    await connection.close()
    let collector = DiagnosticCollector()
    let source = try SQLiteDataSource(path: path)
    let model = try Demo.read(yaml, file: "config/domains/made_up.yaml")
    let domain = try #require(
      try await Domain.open(model, source: source, reporting: collector),
      "\(collector.diagnostics)"
    )
    try await body(EvidenceDesk(domain, asOf: Shop.date("2026-06-30")))
  }

  /// Two sales a day in each of three cities, from the first of 2025 on.
  static func steady(
    until end: String = "2026-07-01",
    amount: (CivilDate, String, Int) -> Double? = { _, _, number in 100 + Double(number % 7) }
  ) -> [Sale] {
    var sales: [Sale] = []
    var day = Shop.date("2025-01-01")
    while day < Shop.date(end) {
      for city in ["Ulm", "Bonn", "Jena"] {
        for kind in ["a", "b"] {
          let id = sales.count + 1
          sales.append(Sale(id: id, day: day.description, city: city, kind: kind, amount: amount(day, city, id)))
        }
      }
      day = day.adding(days: 1)
    }
    return sales
  }
}

@Suite struct BadDataTests {
  @Test func `a constant series is inside its band, and nothing stands out`() async throws {
    let sales = MadeUp.steady { _, _, _ in 100 }
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue change last month")
      #expect(report.hypotheses.allSatisfy { $0.kind != .segment && $0.kind != .quality })
      let forecast = try await desk.forecast("revenue", grain: .week)
      #expect(forecast.steps.allSatisfy { $0.likely[0] <= $0.expected && $0.expected <= $0.likely[1] })
    }
  }

  @Test func `values that are all missing are said to be`() async throws {
    let sales = MadeUp.steady { _, _, _ in nil }
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue change last month")
      #expect(report.headline.hasPrefix("There is no data on"), "\(report.headline)")
      #expect(report.verdict == .unknown)
      await #expect(throws: EvidenceDesk.Refusal.self) { _ = try await desk.forecast("revenue") }
    }
  }

  @Test func `two points are too little, in words`() async throws {
    let sales = [
      MadeUp.Sale(id: 1, day: "2026-04-10", city: "Ulm", amount: 10),
      MadeUp.Sale(id: 2, day: "2026-05-10", city: "Bonn", amount: 30),
    ]
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue change last month")
      #expect(report.headline.contains("up €20.00"), "\(report.headline)")
      #expect(report.verdict == .unknown)
      #expect(report.claims.contains { $0.text.hasPrefix("There is too little history") })
      let refusal = await #expect(throws: EvidenceDesk.Refusal.self) { _ = try await desk.forecast("revenue") }
      #expect(refusal.map { "\($0)" }?.contains("too little history") == true)
    }
  }

  @Test func `negative parts of a ratio do no harm`() async throws {
    let sales = MadeUp.steady { _, city, number in city == "Ulm" && number % 3 == 0 ? -50 : 100 + Double(number % 5) }
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did cost share change last month")
      #expect(report.headline.contains("Cost share"), "\(report.headline)")
      let faults = try await ReportAudit(domain: desk.domain, report: report).faults()
      #expect(faults.isEmpty, "\(faults)")
    }
  }

  @Test func `missing days and a late load come before any explanation`() async throws {
    let sales = MadeUp.steady(until: "2026-05-25")
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue drop in May 2026")
      let first = try #require(report.hypotheses.first)
      #expect(first.kind == .quality)
      #expect(first.title == "A late load")
      #expect(first.text.contains("7 days"), "\(first.text)")
      #expect(report.confidence == .low)
      let faults = try await ReportAudit(domain: desk.domain, report: report).faults()
      #expect(faults.isEmpty, "\(faults)")
    }
  }

  @Test func `records that are there twice are named first`() async throws {
    var sales = MadeUp.steady()
    sales += sales.filter { $0.day >= "2026-05-10" && $0.day < "2026-05-20" }
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue rise in May 2026")
      let first = try #require(report.hypotheses.first)
      #expect(first.title == "Duplicates")
      #expect(first.figures.first { $0.id == "records" }?.value == 246)
      #expect(first.figures.first { $0.id == "different" }?.value == 186)
    }
  }

  @Test func `an event that people know speaks for its segment`() async throws {
    let sales = MadeUp.steady { day, city, number in
      city == "Ulm" && day >= Shop.date("2026-05-01") && day < Shop.date("2026-06-01") ? 250 : 100 + Double(number % 7)
    }
    try await MadeUp.desk(sales) { desk in
      let report = try await desk.investigate("why did revenue rise in May 2026")
      let first = try #require(report.hypotheses.first)
      #expect(first.segment.map(\.value) == ["Ulm"])
      #expect(first.evidenceFor.contains("Known event: Fair in Ulm."))
    }
  }

  @Test func `a goal needs history and a deadline ahead`() async throws {
    let sales = [MadeUp.Sale(id: 1, day: "2026-05-10", city: "Ulm", amount: 10)]
    try await MadeUp.desk(sales) { desk in
      let planner = GoalPlanner(desk, identifiers: IdentifierSource(milliseconds: { 1 }, random: { 7 }))
      let plan = try await planner.plan("grow revenue by 10 % by December 2026")
      #expect(plan.goals.isEmpty)
      #expect(plan.text.contains("too little history"), "\(plan.text)")
      let late = try await planner.plan("grow revenue by 10 % by March 2026")
      #expect(late.goals.isEmpty && late.text.contains("has passed"))
    }
  }
}
