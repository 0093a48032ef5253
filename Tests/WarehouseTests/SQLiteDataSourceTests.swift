import CoachVocabulary
import Foundation
import SQLGate
import SQLSyntax
import SQLiteKit
import Testing
import Warehouse

@Suite struct `A SQLite data source` {
  private static let endless = "SELECT count(*) FROM sales a, sales b, sales c, sales d, sales e, sales f"

  private func gated(
    _ sql: String,
    on source: SQLiteDataSource,
    policy: GatePolicy = Shop.policy
  ) async throws -> GatedSQL {
    try #require(await SQLGate(policy: policy, examiner: source).decide(sql).verdict.gated)
  }

  private var patient: GatePolicy {
    var policy = Shop.policy
    policy.timeLimit = .seconds(60)
    policy.limits.combinedRows = .infinity
    return policy
  }
}

// MARK: - Opening

extension `A SQLite data source` {
  private func opening(_ path: String) -> WarehouseFailure? {
    do throws(WarehouseFailure) {
      _ = try SQLiteDataSource(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func `says that the file is missing and how to make one`() throws {
    let shop = try Shop()
    let path = shop.folderPath + "/none.sqlite"
    let failure = try #require(opening(path))
    #expect(failure.kind == .missingFile)
    #expect(
      failure.description
        == "there is no database at \(path). Give the path of a SQLite file, or run `coach demo` to make one."
    )
  }

  @Test func `says that the path is a folder`() throws {
    let shop = try Shop()
    #expect(opening(shop.folder.path)?.kind == .notAFile)
  }

  @Test(arguments: [
    ("", WarehouseFailure.Kind.emptyFile), (String(repeating: "no database", count: 500), .notADatabase),
  ])
  func `says that the file holds no database`(_ content: String, _ kind: WarehouseFailure.Kind) throws {
    let shop = try Shop()
    let path = shop.folder.appending(path: "text.sqlite")
    try Data(content.utf8).write(to: path)
    #expect(opening(path.path)?.kind == kind)
    #expect(opening(path.path)?.message.contains("text.sqlite") == true)
  }

  @Test func `follows a link to the file`() async throws {
    let shop = try Shop()
    let link = shop.folder.appending(path: "link.sqlite")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: URL(filePath: shop.path))
    let source = try SQLiteDataSource(path: link.path)
    #expect(try await source.schema().table("dealers") != nil)
  }

  @Test func `says so when the file is gone later`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    try FileManager.default.removeItem(atPath: shop.path)
    #expect(await failure { () throws(WarehouseFailure) in try await source.schema() }?.kind == .missingFile)
    let decision = await SQLGate(policy: Shop.policy, examiner: source).decide("SELECT 1")
    #expect(decision.verdict.refusal?.reason == .unavailable)
  }

  @Test func `reads the new file after the file was replaced`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let old = try await source.dataVersion()
    #expect(try await source.newestValue(table: "dealers", column: "id") == 4)
    let other = try Shop()
    try other.write("INSERT INTO dealers (id) VALUES (77); ALTER TABLE vault RENAME TO safe")
    try FileManager.default.removeItem(atPath: shop.path)
    try FileManager.default.moveItem(atPath: other.path, toPath: shop.path)
    #expect(try await source.newestValue(table: "dealers", column: "id") == 77)
    #expect(try await source.dataVersion() != old)
    let decision = await SQLGate(policy: Shop.policy, examiner: source).decide("SELECT count(*) FROM safe")
    #expect(decision.verdict.refusal?.reason == .unknownRelation)
  }
}

// MARK: - Looking round

extension `A SQLite data source` {
  @Test func `lists tables and views with their columns`() async throws {
    let shop = try Shop()
    let schema = try await shop.source().schema()
    #expect(
      schema.tables.map(\.name)
        == ["dealers", "products", "sale_totals", "sales", "single", "staff", "vault", "vault_view"]
    )
    #expect(schema.table("DEALERS")?.columns.first == ColumnSchema(name: "id", declaredType: "INTEGER"))
    #expect(schema.table("sale_totals")?.columns.map(\.name) == ["dealer_id", "total"])
  }

  @Test func `leaves out a view that cannot be read`() async throws {
    let shop = try Shop()
    try shop.write("CREATE VIEW broken AS SELECT a FROM gone")
    let source = try shop.source()
    #expect(try await source.schema().tables.contains { $0.name == "broken" } == false)
    #expect(try await gated("SELECT count(*) FROM dealers", on: source).facts.isSingle)
  }

  @Test func `lists the values of a column`() async throws {
    let shop = try Shop()
    try shop.write("UPDATE dealers SET region = NULL WHERE id = 4")
    let source = try shop.source()
    #expect(try await source.distinctValues(table: "DEALERS", column: "Region", limit: 10) == ["North", "West"])
    #expect(try await source.distinctValues(table: "dealers", column: "region", limit: 1) == ["North"])
  }

  @Test func `quotes the names it is given`() async throws {
    let shop = try Shop()
    try shop.write("CREATE TABLE \"a \"\"b\"\"\" (\"c; d\" TEXT); INSERT INTO \"a \"\"b\"\"\" VALUES ('x')")
    let source = try shop.source()
    #expect(try await source.distinctValues(table: "a \"b\"", column: "c; d", limit: 5) == ["x"])
  }

  @Test(arguments: [("dealers", "nothing"), ("nowhere", "id"), ("dealers; DROP TABLE sales", "id")])
  func `knows no other names`(_ table: String, _ column: String) async throws {
    let shop = try Shop()
    let source = try shop.source()
    let values = await failure { () throws(WarehouseFailure) in
      try await source.distinctValues(table: table, column: column, limit: 1)
    }
    let newest = await failure { () throws(WarehouseFailure) in
      try await source.newestValue(table: table, column: column)
    }
    #expect(values?.kind == .unknownName)
    #expect(newest == values)
  }

  @Test func `finds the newest value`() async throws {
    let shop = try Shop()
    try shop.write("CREATE TABLE empty (day TEXT)")
    let source = try shop.source()
    #expect(try await source.newestValue(table: "sales", column: "sold_on") == "2026-05-15")
    #expect(try await source.newestValue(table: "empty", column: "day").isNull)
  }

  @Test func `tells by its version whether the data changed`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let before = try await source.dataVersion()
    #expect(try await source.dataVersion() == before)
    try shop.write("UPDATE dealers SET name = 'New' WHERE id = 1")
    #expect(try await source.dataVersion() != before)
  }
}

// MARK: - Running

extension `A SQLite data source` {
  @Test func `says every kind of value in JSON`() async throws {
    let shop = try Shop()
    try shop.write("CREATE TABLE kinds (v); INSERT INTO kinds VALUES (1), (1.5), ('t'), (NULL), (x'0102'), (9e999)")
    let source = try shop.source()
    let kinds = GateRelation(name: "kinds", columns: ["v"], isComplete: true)
    let policy = GatePolicy(dialect: .sqlite, relations: [kinds])
    let result = try await source.run(try await gated("SELECT v FROM kinds ORDER BY rowid", on: source, policy: policy))
    #expect(result.rows == [[1], [1.5], ["t"], [nil], ["(2 bytes)"], [nil]])
  }

  @Test func `binds every kind of value`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let parameters: [JSONValue] = [nil, false, 7, 0.5, "t", ["a", 1]]
    let sql = "SELECT ?, ?, ?, ?, ?, json_extract(?, '$[0]')"
    let decision = await SQLGate(policy: Shop.policy, examiner: source).decide(sql, parameters: parameters)
    let result = try await source.run(try #require(decision.verdict.gated))
    #expect(result.rows == [[nil, 0, 7, 0.5, "t", "a"]])
  }

  @Test(arguments: [(499, true), (500, false)])
  func `gives no more rows than the policy allows and says so`(_ limit: Int, _ isTruncated: Bool) async throws {
    let shop = try Shop()
    let source = try shop.source()
    var policy = Shop.policy
    policy.rowLimit = limit
    let result = try await source.run(try await gated("SELECT id FROM sales ORDER BY id", on: source, policy: policy))
    #expect(result.rows.count == limit)
    #expect(result.isTruncated == isTruncated)
    #expect(result.rows.last == [.int(limit)])
  }

  @Test func `gives no more bytes than the policy allows and says so`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    var policy = Shop.policy
    policy.byteLimit = 80
    let result = try await source.run(try await gated("SELECT id FROM sales", on: source, policy: policy))
    #expect(result.rows.count == 10)
    #expect(result.isTruncated)
  }

  @Test func `stops a statement at its time limit`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    var policy = Shop.policy
    policy.timeLimit = .milliseconds(50)
    policy.limits.combinedRows = .infinity
    let statement = try await gated(Self.endless, on: source, policy: policy)
    #expect(await failure { () throws(WarehouseFailure) in try await source.run(statement) }?.kind == .timedOut)
  }

  @Test func `stops a statement whose task is cancelled`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let statement = try await gated(Self.endless, on: source, policy: patient)
    let task = Task { await failure { () throws(WarehouseFailure) in try await source.run(statement) }?.kind }
    try await Task.sleep(for: .milliseconds(50))  // whether it runs by then or not, it has to end as cancelled
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  @Test func `lets a statement that waits for a connection be cancelled`() async throws {
    let shop = try Shop()
    let source = try shop.source(connections: 1)
    let statement = try await gated(Self.endless, on: source, policy: patient)
    let tasks = (0..<3).map { _ in
      Task { await failure { () throws(WarehouseFailure) in try await source.run(statement) }?.kind }
    }
    for task in tasks.reversed() {
      task.cancel()
      #expect(await task.value == .cancelled)
    }
    let quick = try await gated("SELECT 1", on: source)
    #expect(try await source.run(quick).rows == [[1]])
  }

  @Test func `answers a quick question while a slow one runs`() async throws {
    let shop = try Shop()
    let source = try shop.source(connections: 2)
    let slow = try await gated(Self.endless, on: source, policy: patient)
    let task = Task { await failure { () throws(WarehouseFailure) in try await source.run(slow) }?.kind }
    let quick = try await gated("SELECT count(*) FROM dealers", on: source)
    for _ in 0..<20 { #expect(try await source.run(quick).rows == [[4]]) }
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  @Test func `judges statements while all its connections are busy`() async throws {
    let shop = try Shop()
    let source = try shop.source(connections: 1)
    let slow = try await gated(Self.endless, on: source, policy: patient)
    let task = Task { await failure { () throws(WarehouseFailure) in try await source.run(slow) }?.kind }
    for _ in 0..<20 { _ = try await gated("SELECT count(*) FROM dealers", on: source) }
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  @Test func `serves many questions at once`() async throws {
    let shop = try Shop()
    let source = try shop.source(connections: 3)
    let statement = try await gated("SELECT count(*) FROM sales", on: source)
    try await withThrowingTaskGroup(of: ResultTable.self) { group in
      for _ in 0..<50 { group.addTask { try await source.run(statement) } }
      for try await result in group { #expect(result.rows == [[500]]) }
    }
  }

  @Test func `keeps the names of equal columns`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let result = try await source.run(try await gated("SELECT id, name AS id, id FROM dealers", on: source))
    #expect(result.columns == ["id", "id", "id"])
    #expect(result.rows.first == [1, "North Star", 1])
  }

  @Test func `tells nothing hidden in its failures`() async throws {
    let shop = try Shop()
    let source = try shop.source()
    let statement = try await gated("SELECT json_extract('{', '$')", on: source)
    let failure = await failure { () throws(WarehouseFailure) in try await source.run(statement) }
    #expect(failure?.kind == .failed)
    #expect(failure?.message == "the statement failed: malformed JSON")
  }
}
