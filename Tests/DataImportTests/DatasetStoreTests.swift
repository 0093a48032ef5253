import Foundation
import SQLiteKit
import SpreadsheetKit
import Testing

@testable import DataImport

@Suite struct DatasetStoreTests {
  /// A store in a folder of its own.
  private final class Desk {
    let folder: String
    let store: DatasetStore

    init() throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "datasets-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      store = DatasetStore(path: "\(folder)/data/datasets.sqlite", now: { Date(timeIntervalSince1970: 0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String, _ text: String) throws -> String {
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      return "\(folder)/\(name)"
    }

    func rows(_ sql: String) throws -> [[SQLiteValue]] {
      try SQLiteDatabase(path: store.path, configuration: .untrusted).query(sql).rows.map { row in row.map { $0 } }
    }
  }

  private func types(_ text: String, options: ImportOptions = ImportOptions()) throws -> [ColumnType] {
    let desk = try Desk()
    return try desk.store.importFile(try desk.file("a.csv", text), options: options).columns.map(\.type)
  }

  @Test func `a file becomes a table with types, and says how it was read`() throws {
    let desk = try Desk()
    let text = "Order No;Bestellt am;Net Amount (€);Größe\n007;05.08.2025;1.234,50;groß\n008;06.08.2025;7,25;\n"
    let dataset = try desk.store.importFile(try desk.file("My Orders 2025.csv", text))
    #expect(dataset.name == "my_orders_2025" && dataset.version == 1 && dataset.rows == 2)
    #expect(dataset.columns.map(\.name) == ["order_no", "bestellt_am", "net_amount", "groesse"])
    #expect(dataset.columns.map(\.type) == [.text, .date, .real, .text])
    #expect(dataset.columns.map(\.empty) == [0, 0, 0, 1])
    #expect(dataset.notes == ["read as UTF-8, fields separated by semicolon"])
    let rows = try desk.rows("SELECT * FROM my_orders_2025")
    #expect(rows[0] == [.text("007"), .text("2025-08-05"), .real(1234.5), .text("groß")])
    #expect(rows[1][3] == .null)
  }

  @Test(arguments: [
    ("v\n1\n2\n-3\n", ColumnType.integer), ("v\n1.5\n2\n", .real), ("v\n1,234\n12,000\n", .integer),
    ("v\n1,234.50\n2\n", .real), ("v\n$1,200.00\n($30)\n", .real), ("v\n12 %\n7 %\n", .integer), ("v\n1e3\n2\n", .real),
    ("v\n01234\n99999\n", .text), ("v\n+49 170\n+43 1\n", .text), ("v\nabc\n1\n", .text),
    ("v\n2025-01-31\n2025-02-28\n", .date),
    ("v\n2025-01\n2025-02\n", .date), ("v\n2025-02-30\n", .text), ("v\n31/12/2025\n1/2/2025\n", .date),
    ("v\n12/31/2025\n1/2/2025\n", .date), ("v\n5/8/2025\n6/8/2025\n", .text), ("v\n2025-01-31T14:30:00Z\n", .dateTime),
    ("v\n31.12.2025 08:05\n", .dateTime), ("v\n1\n\n3\n", .integer), ("v\n1\nn/a\n3\n", .integer),
    ("v\nNA\nEU\n", .text),
    ("v,w\n,x\n,y\n", .text), ("v\n123456789012345678901\n", .real), ("v\ntrue\nfalse\n", .text),
  ])
  func `types are those that all values have`(text: String, type: ColumnType) throws {
    #expect(try types(text).first == type, "\(text)")
  }

  @Test func `dates that leave day and month open are kept as text until somebody says which`() throws {
    let desk = try Desk()
    let file = try desk.file("a.csv", "when\n5/8/2025\n6/7/2025\n")
    let open = try desk.store.importFile(file)
    #expect(open.columns[0].type == .text && open.notes.contains { $0.contains("day or the month") })
    var options = ImportOptions()
    options.dateOrder = .monthFirst
    let decided = try desk.store.importFile(file, options: options)
    #expect(decided.columns[0].type == .date)
    #expect(try desk.rows("SELECT \"when\" FROM a") == [[.text("2025-05-08")], [.text("2025-06-07")]])
  }

  @Test func `rows at fault are left out and told by row, column and value`() throws {
    let desk = try Desk()
    var text = "id,amount\n"
    for number in 1...300 { text += "\(number),\(number == 150 ? "a lot" : "\(number).5")\n" }
    text += "301,1.5,extra\n"
    let dataset = try desk.store.importFile(try desk.file("a.csv", text))
    #expect(dataset.rows == 299 && dataset.rejected == 2)
    #expect(
      dataset.faults == [
        RowFault(
          row: 151,
          column: "amount",
          value: "a lot",
          problem: "it is no real, which the other values of the column are"
        ),
        RowFault(row: 302, column: nil, value: nil, problem: "it has 3 fields where the head has 2"),
      ]
    )
  }

  @Test func `with too many rows at fault nothing is imported, and what was there stays`() throws {
    let desk = try Desk()
    _ = try desk.store.importFile(try desk.file("a.csv", "x,y\n1,2\n"))
    let bad = try desk.file("bad.csv", "x,y\n1,2\n1\n2\n")
    let failure = #expect(throws: ImportFailure.self) { try desk.store.importFile(bad, name: "a") }
    #expect(failure?.kind == .faults && failure?.faults.count == 2)
    #expect(try desk.store.list().map(\.version) == [1])
    #expect(try desk.rows("SELECT count(*) FROM a") == [[.integer(1)]])
  }

  @Test func `each import is a version, and older ones come back`() throws {
    let desk = try Desk()
    for number in 1...3 { _ = try desk.store.importFile(try desk.file("a.csv", "x\n\(number)\n")) }
    func value() throws -> [[SQLiteValue]] { try desk.rows("SELECT x FROM a") }
    #expect(try value() == [[.integer(3)]])
    #expect(try desk.store.list(all: true).map(\.version) == [3, 2, 1])
    try desk.store.restore("a", version: 1)
    #expect(try value() == [[.integer(1)]])
    try desk.store.restore("a", version: 3)
    #expect(try value() == [[.integer(3)]])
    #expect(throws: ImportFailure.self) { try desk.store.restore("a", version: 9) }
  }

  @Test func `a deleted dataset is out of reach until it is restored`() throws {
    let desk = try Desk()
    _ = try desk.store.importFile(try desk.file("a.csv", "x\n1\n"))
    try desk.store.delete("a")
    #expect(try desk.store.list().isEmpty)
    #expect(try desk.store.list(all: true).first?.deletedAt == "1970-01-01T00:00:00Z")
    #expect(throws: SQLiteFailure.self) { try desk.rows("SELECT * FROM a") }
    #expect(throws: ImportFailure.self) { try desk.store.delete("a") }
    try desk.store.restore("a")
    #expect(try desk.rows("SELECT x FROM a") == [[.integer(1)]])
    try desk.store.delete("a")
    let again = try desk.store.importFile(try desk.file("a.csv", "x\n2\n"))
    #expect(again.version == 2)
    #expect(try desk.rows("SELECT x FROM a") == [[.integer(2)]])
  }

  @Test func `a workbook is imported with its types`() throws {
    let desk = try Desk()
    let path = "\(desk.folder)/Sales.xlsx"
    let sheet = Sheet(
      columns: [
        SheetColumn(heading: "Day", numberFormat: "yyyy-mm-dd"), SheetColumn(heading: "Units"),
        SheetColumn(heading: "Note"),
      ],
      rows: [
        [.date(year: 2025, month: 1, day: 31), .integer(5), .text("x")],
        [.date(year: 2025, month: 2, day: 1), .integer(6), .empty],
      ]
    )
    try XLSXWriter.write(sheet, to: path)
    let dataset = try desk.store.importFile(path)
    #expect(dataset.name == "sales" && dataset.columns.map(\.type) == [.date, .integer, .text])
    #expect(try desk.rows("SELECT * FROM sales")[1] == [.text("2025-02-01"), .integer(6), .null])
  }

  @Test func `progress is told, and an import can be cancelled without a trace`() throws {
    let desk = try Desk()
    let text = "x\n" + (1...5_000).map { "\($0)\n" }.joined()
    let file = try desk.file("a.csv", text)
    var steps: [ImportProgress] = []
    _ = try desk.store.importFile(file) {
      steps.append($0)
      return true
    }
    #expect(Set(steps.map(\.phase)) == [.reading, .writing])
    #expect(steps.last == ImportProgress(phase: .writing, rows: 5_000, total: 5_000))
    let failure = #expect(throws: ImportFailure.self) {
      try desk.store.importFile(file, name: "b") { $0.phase == .reading }
    }
    #expect(failure?.kind == .cancelled)
    #expect(try desk.store.list().map(\.name) == ["a"])
  }

  @Test(arguments: ["", "---", "coach_x", "sqlite_x"])
  func `names that cannot be tables are refused`(name: String) throws {
    let desk = try Desk()
    let file = try desk.file("a.csv", "x\n1\n")
    let failure = #expect(throws: ImportFailure.self) { try desk.store.importFile(file, name: name) }
    #expect(failure?.kind == .name)
  }

  @Test(arguments: ["", "x\n", "\u{0}\u{0}\u{0}"])
  func `files without rows are refused`(text: String) throws {
    let desk = try Desk()
    let file = try desk.file("a.csv", text)
    let failure = #expect(throws: ImportFailure.self) { try desk.store.importFile(file) }
    #expect(failure?.kind == .file)
  }

  @Test func `names of columns are plain and each is there once`() throws {
    let desk = try Desk()
    let head = "Amount,amount,\"A \"\" b\",,2024,customerName,Straße\n1,2,3,4,5,x,y\n"
    let dataset = try desk.store.importFile(try desk.file("a.csv", head))
    #expect(
      dataset.columns.map(\.name) == ["amount", "amount_2", "a_b", "column_4", "c_2024", "customer_name", "strasse"]
    )
  }

  @Test func `a file without a head gets names for its columns`() throws {
    let desk = try Desk()
    let dataset = try desk.store.importFile(try desk.file("a.csv", "1,2.5\n3,4.5\n"))
    #expect(dataset.rows == 2 && dataset.columns.map(\.name) == ["column_1", "column_2"])
  }
}
