import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import SQLiteKit
import Testing

@testable import DemoCompany

/// A folder of its own for a test, removed at its end.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("demo-company-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

@Suite struct `The file of the demo company` {
  @Test func `the same seed gives the same bytes`() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] { try DemoCompany.write(to: folder.file(name), seed: 7, scale: 0.05) }
    let first = try Data(contentsOf: URL(filePath: folder.file("a")))
    let second = try Data(contentsOf: URL(filePath: folder.file("b")))
    #expect(first.count > 1_000_000)
    #expect(first == second)
  }

  @Test func `another seed gives other bytes`() throws {
    let folder = try TemporaryFolder()
    try DemoCompany.write(to: folder.file("a"), seed: 7, scale: 0.05)
    try DemoCompany.write(to: folder.file("b"), seed: 8, scale: 0.05)
    let first = try Data(contentsOf: URL(filePath: folder.file("a")))
    let second = try Data(contentsOf: URL(filePath: folder.file("b")))
    #expect(first != second)
  }

  @Test func `nothing but the finished file is left, and an older one is replaced`() throws {
    let folder = try TemporaryFolder()
    try Data("an older file".utf8).write(to: URL(filePath: folder.file("company.sqlite")))
    try Data("left by a crash".utf8).write(to: URL(filePath: folder.file("company.sqlite.unfinished")))
    try DemoCompany.write(to: folder.file("company.sqlite"), seed: 1, scale: 0.02)
    #expect(folder.names == ["company.sqlite"])
    let database = try SQLiteDatabase(path: folder.file("company.sqlite"), configuration: .untrusted)
    #expect(try database.query("SELECT COUNT(*) FROM dealers").scalar == 63)
  }

  @Test func `a folder that is missing is named in the failure`() throws {
    let failure = #expect(throws: DemoCompanyFailure.self) {
      try DemoCompany.write(to: "/nowhere/at/all.sqlite", seed: 1, scale: 0.01)
    }
    #expect(failure?.description.contains("/nowhere/at/all.sqlite") == true)
  }

  @Test func `a target that cannot be replaced leaves no unfinished file`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("taken/inside"), withIntermediateDirectories: true)
    #expect(throws: DemoCompanyFailure.self) {
      try DemoCompany.write(to: folder.file("taken"), seed: 1, scale: 0.01)
    }
    #expect(folder.names == ["taken"])
  }

  @Test func `progress begins at nothing, never falls and ends with all`() throws {
    let folder = try TemporaryFolder()
    var shares: [Double] = []
    try DemoCompany.write(to: folder.file("a"), seed: 1, scale: 0.01) { shares.append($0) }
    #expect(shares.first == 0)
    #expect(shares.last == 1)
    #expect(shares == shares.sorted())
  }
}

/// The company as users get it, written once for all tests.
private let shared = Result { () throws -> String in
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("demo-company-\(UUID().uuidString).sqlite")
    .path
  try DemoCompany.write(to: path, seed: 1)
  return path
}

@Suite struct `The data of the demo company` {
  let database: SQLiteDatabase

  init() throws { database = try SQLiteDatabase(path: shared.get(), configuration: .untrusted) }

  @Test(arguments: [
    ("dealers", 63...63), ("products", 62...62), ("salespeople", 250...400), ("sales", 190_000...210_000),
    ("inventory", 35_000...55_000), ("warranty_claims", 8_000...12_000), ("targets", 1_800...1_860),
    ("kpi_monthly", 1_800...1_860),
  ]) func `each table has about the documented number of rows`(table: String, rows: ClosedRange<Int>) throws {
    let count = try #require(try database.query("SELECT COUNT(*) FROM \(table)").scalar?.int)
    #expect(rows.contains(count), "\(table) has \(count) rows")
  }

  @Test func `sales cover every month from the first day to the last`() throws {
    let row = try #require(
      try database.query(
        "SELECT MIN(sale_date), MAX(sale_date), COUNT(DISTINCT substr(sale_date, 1, 7)) FROM sales"
      ).rows.first
    )
    #expect(row[0].string?.hasPrefix("2024-01-0") == true)
    #expect(row[1] == "2026-06-30")
    #expect(row[2] == 30)
  }

  @Test func `no row refers to one that is missing`() throws {
    #expect(try database.query("SELECT * FROM pragma_foreign_key_check").isEmpty)
  }

  @Test(arguments: [
    (
      "net revenue is list less discount",
      "SELECT COUNT(*) FROM sales WHERE net_revenue <> list_amount - discount_amount"
    ),
    (
      "nobody sells before being hired",
      "SELECT COUNT(*) FROM sales JOIN salespeople USING (salesperson_id) WHERE hired_on > sale_date"
    ),
    (
      "nobody sells for another dealer",
      "SELECT COUNT(*) FROM sales s JOIN salespeople p USING (salesperson_id) WHERE p.dealer_id <> s.dealer_id"
    ),
    (
      "no dealer sells before it opens",
      "SELECT COUNT(*) FROM sales JOIN dealers USING (dealer_id) WHERE opened_on > sale_date"
    ),
    (
      "no claim is older than its sale",
      "SELECT COUNT(*) FROM warranty_claims JOIN sales USING (sale_id) WHERE claim_date <= sale_date"
    ),
    ("no claim lies in the future", "SELECT COUNT(*) FROM warranty_claims WHERE claim_date > '2026-06-30'"),
    (
      "a claim is for the car of its sale",
      "SELECT COUNT(*) FROM warranty_claims c JOIN sales s USING (sale_id) WHERE c.product_id <> s.product_id"
    ),
    (
      "on Sundays only the online shop sells",
      "SELECT COUNT(*) FROM sales WHERE strftime('%w', sale_date) = '0' AND channel <> 'Online'"
    ),
    (
      "stock is counted on the last day of a month",
      "SELECT COUNT(*) FROM inventory WHERE strftime('%d', snapshot_date, '+1 day') <> '01'"
    ),
  ]) func `what must never be is not`(rule: String, query: String) throws {
    #expect(try database.query(query).scalar == 0, "\(rule)")
  }

  @Test func `Saturdays sell more than Mondays, March more than January, and the second year more than the first`()
    throws
  {
    let rows = try #require(
      try database.query(
        """
        SELECT SUM(strftime('%w', sale_date) = '6'), SUM(strftime('%w', sale_date) = '1'),
          SUM(sale_date LIKE '2025-03%'), SUM(sale_date LIKE '2025-01%'),
          SUM(sale_date LIKE '2025%'), SUM(sale_date LIKE '2024%')
        FROM sales
        """
      ).rows.first?.compactMap(\.double)
    )
    #expect(rows[0] > 1.5 * rows[1])
    #expect(rows[2] > 1.2 * rows[3])
    #expect(rows[4] > 1.02 * rows[5])
  }

  /// The ratio of `affected` to `usual` that each event must show.
  static let ratios: [(name: String, ratio: ClosedRange<Double>)] = [
    ("incentive-end", 0.5...0.85), ("price-cut", 0.9...0.94), ("stock-out", 0.12...0.35),
    ("carrier-strike", 0.4...0.65),
    ("survey-dip", 0.83...0.89), ("warranty-wave", 4...200), ("discount-campaign", 1.5...2.2),
  ]

  @Test(arguments: ratios) func `each planted event shows in the data`(name: String, ratio: ClosedRange<Double>) throws
  {
    let event = try #require(DemoCompany.events.first { $0.name == name })
    let row = try #require(try database.query(event.evidence).rows.first)
    let affected = try #require(row[0].double)
    let usual = try #require(row[1].double)
    #expect(ratio.contains(affected / usual), "affected \(affected), usual \(usual)")
  }

  @Test func `every planted event is tested and lies within the data`() {
    #expect(DemoCompany.events.map(\.name) == Self.ratios.map(\.name))
    for event in DemoCompany.events {
      #expect(event.days.start >= DemoCompany.firstDay)
      #expect(event.days.end <= DemoCompany.asOf.adding(days: 1))
    }
  }

  @Test func `the Nivo has no stock at the end of September and October 2025 but has before and after`() throws {
    let units = try database.query(
      """
      SELECT SUM(units_in_stock) FROM inventory JOIN products USING (product_id)
      WHERE model_line = 'Nivo' AND snapshot_date BETWEEN '2025-08-01' AND '2025-11-30'
      GROUP BY snapshot_date ORDER BY snapshot_date
      """
    ).rows.compactMap { $0[0].int }
    #expect(units.map { $0 > 0 } == [true, false, false, true])
  }

  @Test func `a month's revenue is read from an index alone`() throws {
    let plan = try database.query(
      """
      EXPLAIN QUERY PLAN SELECT SUM(net_revenue) FROM sales
      WHERE status = 'Completed' AND sale_date >= '2026-05-01' AND sale_date < '2026-06-01'
      """
    )
    #expect(plan.values(of: "detail")?.first?.string?.contains("COVERING INDEX sales_by_date") == true)
  }
}

@Suite struct `Draws` {
  @Test func `a count has the wanted mean`() {
    var random = SplitMix64(seed: 3)
    let total = (0..<20_000).reduce(0) { sum, _ in sum + random.count(mean: 3.4) }
    #expect(abs(Double(total) / 20_000 - 3.4) < 0.1)
    #expect(random.count(mean: 0) == 0)
  }

  @Test func `a whole number below a bound reaches every number`() {
    var random = SplitMix64(seed: 3)
    #expect(Set((0..<500).map { _ in random.below(7) }) == Set(0..<7))
  }

  @Test func `rounding keeps the average`() {
    var random = SplitMix64(seed: 3)
    let total = (0..<20_000).reduce(0) { sum, _ in sum + random.round(0.2) }
    #expect(abs(Double(total) / 20_000 - 0.2) < 0.02)
  }
}
