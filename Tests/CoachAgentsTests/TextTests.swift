import CoachVocabulary
import SemanticLayer
import Testing

@testable import CoachAgents

@Suite struct TextTests {
  @Test(arguments: [
    (0.0, "€0.00"), (12.5, "€12.50"), (999.994, "€999.99"), (1_234.4, "€1,234"), (-1_234.6, "−€1,235"),
    (999_499, "€999,499"), (1_000_000, "€1.00M"), (12_345_678, "€12.35M"), (2_500_000_000, "€2.50B"),
    (-3_200_000, "−€3.20M"),
  ])
  func `amounts are short above a million`(value: Double, expected: String) {
    #expect(ValueText.text(value, format: .currency, unit: "EUR") == expected)
  }

  @Test(
    arguments: [
      (0.0, nil, "0"), (1_234_567, nil, "1,234,567"), (12.345, nil, "12.35"), (123.45, nil, "123.5"),
      (3, "days", "3 days"), (1, "days", "1 day"), (1.5, "days", "1.50 days"), (-7, "units", "−7 units"),
      (1, "class", "1 class"),
    ] as [(Double, String?, String)]
  )
  func `numbers are grouped and carry their unit`(value: Double, unit: String?, expected: String) {
    #expect(ValueText.text(value, format: .number, unit: unit) == expected)
  }

  @Test(arguments: [
    (12.34, "12.3 %"), (-0.04, "0.0 %"), (-5.25, "−5.3 %"), (100, "100.0 %"),
  ])
  func `percentages have one decimal`(value: Double, expected: String) {
    #expect(ValueText.text(value, format: .percent, unit: "percent") == expected)
  }

  @Test func `other currencies keep their code, and nothing is no data`() {
    #expect(ValueText.text(5, format: .currency, unit: "CHF") == "CHF 5.00")
    #expect(ValueText.text(.null, in: Shop.column("x", .metric, format: .number)) == "no data")
    #expect(ValueText.text("Bonn", in: Shop.column("x", .dimension)) == "Bonn")
  }

  @Test func `numbers that cannot be grouped are still written`() {
    #expect(ValueText.decimal(.infinity, places: 1) == "inf")
    #expect(ValueText.decimal(1e18, places: 0) == "1e+18")
  }

  @Test func `a change has its sign, and one of a percentage is in points`() {
    let points = Shop.column("c", .change, unit: "points", format: .percent)
    #expect(ValueText.change(2.25, in: points) == "+2.3 points")
    let euros = Shop.column("c", .change, unit: "EUR", format: .currency)
    #expect(ValueText.change(-1_500, in: euros) == "−€1,500")
    #expect(ValueText.change(0, in: euros) == "±€0.00")
  }

  @Test(arguments: [
    ("2026-05-01", "2026-06-01", "in May 2026"),
    ("2026-04-01", "2026-07-01", "in Q2 2026"),
    ("2025-01-01", "2026-01-01", "in 2025"),
    ("2025-02-01", "2025-05-01", "from 1 Feb to 30 Apr 2025"),
    ("2026-06-17", "2026-06-18", "on 17 Jun 2026"),
    ("2025-12-15", "2026-01-15", "from 15 Dec 2025 to 14 Jan 2026"),
    ("2026-06-01", "2026-06-18", "from 1 Jun to 17 Jun 2026"),
  ])
  func `periods are named by their unit or their days`(start: String, end: String, expected: String) {
    #expect(PeriodText.phrase(TimeSelection(Shop.range(start, end)), asOf: Shop.asOf) == expected)
  }

  @Test func `a running period ends today`() {
    let year = TimeSelection(Shop.range("2026-01-01", "2027-01-01"), unit: .year, isRunning: true)
    #expect(PeriodText.phrase(year, asOf: Shop.asOf) == "from 1 Jan to 17 Jun 2026")
  }

  @Test(
    arguments: [
      ("2025-01", TimeGrain.month, "Jan 2025", "2025-02-01"),
      ("2025-Q1", .quarter, "Q1 2025", "2025-04-01"),
      ("2025-Q4", .quarter, "Q4 2025", "2026-01-01"),
      ("2025-08-05", .day, "5 Aug 2025", "2025-08-06"),
      ("2025-08-04", .week, "the week of 4 Aug 2025", "2025-08-11"),
      ("2025", .year, "2025", "2026-01-01"),
      ("FY2026-Q2", .fiscalQuarter, "Q2 FY2026", nil),
      ("FY2026", .fiscalYear, "FY2026", nil),
      ("(none)", .month, "(none)", nil),
    ] as [(String, TimeGrain, String, String?)]
  )
  func `buckets are named for people`(bucket: String, grain: TimeGrain, name: String, end: String?) {
    #expect(BucketText.name(bucket, grain: grain) == name)
    #expect(BucketText.end(of: bucket, grain: grain)?.description == end)
  }

  @Test(arguments: [
    ("dealer", "dealers"), ("city", "cities"), ("day", "days"), ("dealer group", "dealer groups"),
    ("salesperson", "salespeople"), ("order status", "order statuses"), ("tax", "taxes"), ("branch", "branches"),
    ("regions", "regions"), ("business", "businesses"),
  ])
  func `labels have a plural`(label: String, expected: String) { #expect(English.plural(of: label) == expected) }

  @Test(arguments: [
    ("Units sold", true), ("Orders", true), ("Claims per 100 cars", true), ("Cost of sales", false),
    ("Sales margin", false), ("Net revenue", false), ("Active salespeople", true), ("Gross", false),
    ("Units in stock", true), ("Units target", false), ("Cars delivered", true), ("", false),
  ])
  func `labels know whether they speak of many`(label: String, expected: Bool) {
    #expect(English.isPlural(label) == expected)
  }

  @Test(arguments: [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
  func `lists end with and`(items: [String], expected: String) { #expect(English.list(items) == expected) }

  @Test(arguments: [("", ""), ("  no stop ", "No stop."), ("Done!", "Done!"), ("a.", "A.")])
  func `sentences begin large and end with a stop`(text: String, expected: String) {
    #expect(text.sentence == expected)
  }
}
