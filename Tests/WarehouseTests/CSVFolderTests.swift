import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Testing
import Warehouse

@Suite struct CSVFolderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "csv-\(UUID().uuidString)")

  private func write(_ text: String, to name: String) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  private func open() throws -> SQLiteDataSource {
    try CSVFolder.open(folder.path, cache: folder.appending(path: "cache").path, name: "shop")
  }

  @Test func `each file is a table, and columns hold what their fields are`() async throws {
    try write(
      "\u{FEFF}id;name;price;code;empty\r\n1;\"Müller; \"\"Sons\"\"\";1.5;007;\r\n2;\"two\nlines\";2;08;\r\n",
      to: "dealers.csv"
    )
    try write("day,units\n2026-01-01,3\n2026-01-02,\n", to: "sales.CSV")
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = try open()
    let schema = try await source.schema()
    #expect(schema.tables.map(\.name).sorted() == ["dealers", "sales"])
    #expect(schema.table("dealers")?.columns.map(\.declaredType) == ["INTEGER", "TEXT", "REAL", "TEXT", "TEXT"])
    #expect(
      try await source.distinctValues(table: "dealers", column: "name", limit: 9) == ["Müller; \"Sons\"", "two\nlines"]
    )
    #expect(try await source.distinctValues(table: "dealers", column: "code", limit: 9) == ["007", "08"])
    #expect(try await source.distinctValues(table: "sales", column: "units", limit: 9) == [3])
    #expect(try await source.newestValue(table: "sales", column: "day") == "2026-01-02")
  }

  @Test func `a file that changes is read again, and what is no longer true goes`() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("n\n1\n", to: "a.csv")
    #expect(try await open().newestValue(table: "a", column: "n") == 1)
    try write("n\n1\n22\n", to: "a.csv")
    #expect(try await open().newestValue(table: "a", column: "n") == 22)
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "cache").path)
    #expect(kept.count == 1)
  }

  @Test(arguments: [
    ("a,b\n1,2\n3\n", "line 3: there are 1 fields"), ("a,b\n1,\"2\n", "no end"), ("a,A\n1,2\n", "different columns"),
    ("a,b\n1,\"2\"3\n", "end of a quoted field"), ("", "different columns"),
  ])
  func `a faulty file is named with its line`(_ text: String, _ message: String) async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write("n\n1\n", to: "good.csv")
    try write(text, to: "bad.csv")
    let failure = #expect(throws: WarehouseFailure.self) { try open() }
    #expect(failure?.description.contains("bad.csv, line") == true, "\(String(describing: failure))")
    #expect(failure?.description.contains(message) == true, "\(String(describing: failure))")
  }

  @Test func `a folder without files is told`() {
    let failure = #expect(throws: WarehouseFailure.self) { try open() }
    #expect(failure?.kind == .missingFile)
  }
}
