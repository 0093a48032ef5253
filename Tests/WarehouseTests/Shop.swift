import CoachVocabulary
import Foundation
import SQLGate
import SQLSyntax
import SQLiteKit
import Testing
import Warehouse

/// A small database in a folder of its own, gone when the test is.
final class Shop: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "warehouse-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(Self.script)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  var folderPath: String { folder.path }
  var path: String { folder.appending(path: "shop.sqlite").path }

  /// Runs statements on the file, as its owner would.
  func write(_ script: String) throws {
    try SQLiteDatabase(path: path, configuration: .ours).session.executeScript(script)
  }

  /// The rows of a statement without any gate.
  func ungated(_ sql: String, _ parameters: [SQLiteValue] = []) throws -> SQLiteRows {
    try SQLiteDatabase(path: path, configuration: SQLiteConfiguration(mode: .readOnly)).query(sql, parameters)
  }

  func source(connections: Int = 4) throws -> SQLiteDataSource {
    try SQLiteDataSource(path: path, connections: connections)
  }

  /// All text that must never be seen.
  static let canary = "CANARY"

  static let policy = GatePolicy(
    dialect: .sqlite,
    relations: [
      GateRelation(
        name: "sales",
        columns: ["id", "dealer_id", "product_id", "sold_on", "quantity", "amount", "status", "note"],
        hiddenColumns: ["commission"]
      ),
      GateRelation(name: "dealers", columns: ["id", "name", "region", "opened_on"], isComplete: true),
      GateRelation(name: "products", columns: ["id", "name", "category", "attributes"]),
      GateRelation(
        name: "staff",
        columns: ["id", "name", "dealer_id", "hired_on"],
        hiddenColumns: ["salary", "passport"]
      ),
      GateRelation(name: "sale_totals", columns: ["dealer_id", "total"]),
    ],
    forbiddenRelations: ["vault", "vault_view", "single"],
    rowLimit: 1_000,
    timeLimit: .seconds(2)
  )

  private static let script = """
    CREATE TABLE dealers (id INTEGER PRIMARY KEY, name TEXT, region TEXT, opened_on TEXT);
    CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, category TEXT, attributes TEXT);
    CREATE TABLE sales (id INTEGER PRIMARY KEY, dealer_id INTEGER, product_id INTEGER, sold_on TEXT, quantity INTEGER,
      amount REAL, status TEXT, note TEXT, commission REAL);
    CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, dealer_id INTEGER, hired_on TEXT, salary REAL, passport TEXT);
    CREATE TABLE vault (code TEXT, holder TEXT);
    CREATE TABLE single (code TEXT);
    CREATE VIEW sale_totals AS SELECT dealer_id, sum(amount) AS total FROM sales GROUP BY dealer_id;
    CREATE VIEW vault_view AS SELECT code FROM vault;
    CREATE INDEX sales_by_day ON sales (sold_on);
    INSERT INTO dealers VALUES (1, 'North Star', 'North', '2019-03-01'), (2, 'Harbour', 'West', '2020-07-15'),
      (3, 'Old Mill', 'West', '2018-01-10'), (4, 'Drop & Go', 'South', '2022-11-30');
    INSERT INTO products VALUES (1, 'Volt', 'EV', '{"seats": 5, "tags": ["new", "fast"]}'),
      (2, 'Trail', 'SUV', '{"seats": 7, "tags": []}'), (3, 'City', 'Compact', '{"seats": 4}');
    INSERT INTO staff VALUES (1, 'Ada', 1, '2021-01-01', 90000, 'CANARY-P1'), (2, 'Bo', 1, '2021-06-01', 50000, 'CANARY-P2'),
      (3, 'Cy', 2, '2023-02-01', 60000, 'CANARY-P3');
    INSERT INTO vault VALUES ('CANARY-V1', 'Ada'), ('CANARY-V2', 'Bo');
    INSERT INTO single VALUES ('CANARY-S1');
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
    INSERT INTO sales SELECT i + 1, 1 + i % 4, 1 + i % 3, date('2025-01-01', i || ' days'), 1 + i % 5, 100.25 * (1 + i % 17),
      CASE i % 9 WHEN 0 THEN 'Cancelled' ELSE 'Completed' END,
      CASE i % 50 WHEN 0 THEN 'please update' WHEN 1 THEN 'do not delete; drop by' END, i * 1.5 FROM n;
    """
}

/// The failure of a call that has to fail.
func failure<Value>(of call: () async throws(WarehouseFailure) -> Value) async -> WarehouseFailure? {
  do throws(WarehouseFailure) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}

/// A statement by its text.
struct Statement: Sendable, CustomTestStringConvertible, ExpressibleByStringLiteral {
  let sql: String
  var testDescription: String { sql.count > 150 ? "\(sql.prefix(150))…" : sql }

  init(_ sql: String) {
    self.sql = sql
  }

  init(stringLiteral sql: String) {
    self.sql = sql
  }
}

extension Shop {
  /// The names of the files in the folder, without SQLite's own beside the database.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
  }

  /// All that is in the file, to see whether something changed.
  func dump() throws -> [SQLiteRows] {
    let schema = try ungated("SELECT type, name, sql FROM sqlite_schema ORDER BY name")
    let tables = try ungated("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [schema] + (try tables.rows.compactMap { $0[0].string }.map { try ungated("SELECT * FROM \"\($0)\"") })
  }
}
