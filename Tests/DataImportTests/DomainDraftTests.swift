import Foundation
import SQLiteKit
import Testing

@testable import DataImport

@Suite struct DomainDraftTests {
  private func draft(_ script: String, domain: String? = nil, only: [String]? = nil) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "draft-\(UUID().uuidString).sqlite").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let database = try SQLiteDatabase(path: path, configuration: .ours)
    try database.transaction { session throws(SQLiteFailure) in try session.executeScript(script) }
    return try DomainDraft(ofDatabase: path, domain: domain, only: only).yaml
  }

  private static let shop = """
    CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT, email TEXT, country TEXT);
    INSERT INTO customers VALUES (1, 'Ann', 'a@x.de', 'Spain'), (2, 'Bob', 'b@x.de', 'Italy');
    CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (customer_id), ordered_on TEXT,
      net_amount REAL, discount_pct REAL, status TEXT, zip_code INTEGER, note TEXT);
    INSERT INTO orders VALUES (1, 1, '2025-01-31', 10.5, 5, 'open', 12345, NULL), (2, 2, '2025-02-01', 7, 0, 'paid', 54321, NULL);
    CREATE TABLE stock_levels (product TEXT, taken_on TEXT, units INTEGER);
    INSERT INTO stock_levels VALUES ('Bolt', '2025-01-31', 5), ('Nut', '2025-01-31', 7);
    CREATE TABLE coach_datasets (x);
    """

  @Test func `tables, keys, times and joins are found`() throws {
    let yaml = try draft(Self.shop, domain: "My Shop")
    #expect(yaml.contains("domain: my_shop\n"))
    #expect(yaml.contains("{name: orders, table: orders, primary_key: order_id, time: ordered_on, label: orders}"))
    #expect(yaml.contains("{from: orders.customer_id, to: customers.customer_id}   # a foreign key"))
    #expect(!yaml.contains("coach_datasets"))
  }

  @Test func `what adds up, what is averaged and what is left out is told apart`() throws {
    let yaml = try draft(Self.shop)
    #expect(yaml.contains("name: net_amount, label: Net amount, dataset: orders, aggregate: sum"))
    #expect(yaml.contains("aggregate: average, expr: '\"discount_pct\"', unit: percent"))
    #expect(yaml.contains("# GAP: a mean of percentages is rarely right"))
    #expect(yaml.contains("#   orders.zip_code: a code or number that is not added up"))
    #expect(yaml.contains("#   orders.note: no values"))
    #expect(!yaml.contains("expr: '\"customer_id\"'"))
  }

  @Test func `personal columns are hidden and stock is not added up over time, until a person says otherwise`() throws {
    let yaml = try draft(Self.shop)
    #expect(yaml.contains("{name: email, expr: customers.email, pii: true}   # GAP: is it personal?"))
    #expect(yaml.contains("semi_additive: {over: taken_on, take: last}"))
    #expect(yaml.contains("{name: country, expr: customers.country, kind: geo}"))
  }

  @Test func `one table can be described alone, and one that is not there is named`() throws {
    let yaml = try draft(Self.shop, only: ["customers"])
    #expect(yaml.contains("domain: customers\n") && !yaml.contains("orders"))
    let failure = #expect(throws: ImportFailure.self) { try draft(Self.shop, only: ["nothing"]) }
    #expect(failure?.kind == .unknown)
    #expect(throws: ImportFailure.self) { try draft("CREATE TABLE coach_datasets (x);") }
  }

  @Test(arguments: [
    ("plain words", "plain words"), ("it's", "'it''s'"), ("yes", "'yes'"), ("12", "'12'"), ("a: b", "'a: b'"),
    ("two\nlines", "'two lines'"), ("", "''"), ("#x", "'#x'"),
  ])
  func `texts cannot become other YAML`(text: String, expected: String) {
    #expect(DomainDraft.scalar(text) == expected)
  }

  @Test func `names that would break the file are left out or quoted`() throws {
    let yaml = try draft(
      "CREATE TABLE t (\"a.b\" TEXT, \"x\ny\" REAL, \"order\" TEXT); INSERT INTO t VALUES ('p', 1.5, 'q'), ('r', 2, 's');"
    )
    #expect(yaml.contains("#   t.a.b: a name that cannot be written"))
    #expect(yaml.contains("expr: t.order"))
  }
}
