import FoundationEssentials
import SQLiteKit

/// A folder of CSV files, read into a SQLite file with one table for each.
///
/// A table is called like its file, and the first line names the columns. A column holds whole numbers or numbers when all
/// of its fields are such, else texts; an empty field is null, and a number with a leading zero stays a text.
public enum CSVFolder {
  /// The largest file in bytes.
  public static let largestFile = 512 << 20
  /// The most files of a folder.
  public static let mostFiles = 500
  private static let mostColumns = 1_000

  /// Opens the folder; what was read before is used again while no file has changed.
  ///
  /// - Parameters:
  ///   - folder: the folder with the files.
  ///   - cache: a folder of our own for the SQLite file.
  ///   - name: what to call it there.
  /// - Returns: the data.
  /// - Throws: ``WarehouseFailure`` with the file and line at fault.
  public static func open(
    _ folder: String,
    cache: String,
    name: String
  ) throws(WarehouseFailure) -> SQLiteDataSource {
    let files = try files(in: folder)
    let print = try fingerprint(of: files)
    let target = "\(cache)/\(name).csv-\(print).sqlite"
    if !FileManager.default.fileExists(atPath: target) {
      try? FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
      try build(target, from: files)
      removeOlder(than: target, name: name, in: cache)
    }
    return try SQLiteDataSource(path: target)
  }

  private static func files(in folder: String) throws(WarehouseFailure) -> [(table: String, path: String)] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw WarehouseFailure(.missingFile, "there is no folder \(folder)", remedy: "Name a folder of CSV files.")
    }
    let tables = names.filter { $0.lowercased().hasSuffix(".csv") }.sorted()
    guard !tables.isEmpty, tables.count <= mostFiles else {
      throw WarehouseFailure(
        .notADatabase,
        "\(folder) has \(tables.count) CSV files",
        remedy: "Put 1 to \(mostFiles) files with the ending .csv there."
      )
    }
    return tables.map { (String($0.dropLast(4)), "\(folder)/\($0)") }
  }

  private static func fingerprint(of files: [(table: String, path: String)]) throws(WarehouseFailure) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for file in files {
      let state: String
      do throws(WarehouseFailure) {
        state = try DatabaseFile(path: file.path).fingerprint()
      } catch {
        guard error.kind == .emptyFile else { throw error }
        throw WarehouseFailure(
          .emptyFile,
          "\(file.path), line 1: the first line must name up to \(mostColumns) different columns",
          remedy: "Correct the file, or take it away."
        )
      }
      for byte in "\(file.path) \(state) ".utf8 {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return String(value, radix: 16)
  }

  private static func removeOlder(than target: String, name: String, in cache: String) {
    for other in (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
    where other.hasPrefix("\(name).csv-") && target != "\(cache)/\(other)" {
      try? FileManager.default.removeItem(atPath: "\(cache)/\(other)")
    }
  }

  private static func build(
    _ target: String,
    from files: [(table: String, path: String)]
  ) throws(WarehouseFailure) {
    let partial = "\(target).partial"
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: partial + suffix) }
    do {
      let database = try SQLiteDatabase(path: partial, configuration: .ours)
      for file in files { try load(file.path, into: file.table, of: database) }
      // A reader without leave to write needs a file without a log.
      _ = try database.session.query("PRAGMA journal_mode = DELETE")
    } catch {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: partial + suffix) }
      if let failure = error as? WarehouseFailure { throw failure }
      if let failure = error as? SQLiteFailure { throw WarehouseFailure(failure, path: target) }
      throw WarehouseFailure(.failed, "\(error)", remedy: "Look at the files.")
    }
    guard (try? FileManager.default.moveItem(atPath: partial, toPath: target)) != nil else {
      throw WarehouseFailure(.unreadable, "\(target) cannot be written", remedy: "Let this user write to its folder.")
    }
  }

  // MARK: - One file

  private static func load(
    _ path: String,
    into table: String,
    of database: borrowing SQLiteDatabase
  ) throws(WarehouseFailure) {
    guard let data = FileManager.default.contents(atPath: path), data.count <= largestFile else {
      throw WarehouseFailure(
        .tooLarge,
        "\(path) cannot be read, or has more than \(largestFile >> 20) MiB",
        remedy: "Split it, or load it into a database."
      )
    }
    let bytes = [UInt8](data)
    do {
      let (columns, kinds) = try survey(bytes)
      let list = zip(columns, kinds).map { "\(quoted($0)) \($1.rawValue)" }.joined(separator: ", ")
      try database.execute("CREATE TABLE \(quoted(table)) (\(list))")
      var records = CSVRecords(bytes)
      _ = try records.next()
      let places = columns.map { _ in "?" }.joined(separator: ", ")
      let insertion = "INSERT INTO \(quoted(table)) VALUES (\(places))"
      try database.transaction { session in
        while let fields = try records.next() {
          try session.execute(insertion, zip(fields, kinds).map { $1.value(of: $0) })
        }
      }
    } catch let fault as CSVRecords.Fault {
      throw WarehouseFailure(.damaged, "\(path), line \(fault.line): \(fault.message)", remedy: "Correct the file.")
    } catch let failure as SQLiteFailure {
      throw WarehouseFailure(failure, path: path)
    } catch {
      throw WarehouseFailure(.failed, "\(path) cannot be read: \(error)", remedy: "Correct the file.")
    }
  }

  private enum Kind: String {
    case integer = "INTEGER"
    case real = "REAL"
    case text = "TEXT"

    /// The narrowest kind that also holds a field.
    func widened(by field: String) -> Kind {
      if self == .integer, Int(field) != nil, !Self.hasLeadingZero(field), !field.hasPrefix("+") { return .integer }
      if self != .text, let number = Double(field), number.isFinite, !Self.hasLeadingZero(field),
        field.utf8.allSatisfy({ Self.numberBytes.contains($0) })
      {
        return .real
      }
      return .text
    }

    private static let numberBytes = Set("0123456789.-eE".utf8)

    private static func hasLeadingZero(_ field: String) -> Bool {
      let digits = field.drop { $0 == "-" }
      return digits.count > 1 && digits.first == "0" && digits.dropFirst().first != "."
    }

    func value(of field: String?) -> SQLiteValue {
      guard let field else { return .null }
      return switch self {
      case .integer: SQLiteValue(Int(field))
      case .real: SQLiteValue(Double(field))
      case .text: SQLiteValue(field)
      }
    }
  }

  /// The names of the columns and what they hold; every record has to have as many fields.
  private static func survey(_ bytes: [UInt8]) throws(CSVRecords.Fault) -> (columns: [String], kinds: [Kind]) {
    var records = CSVRecords(bytes)
    let header = try records.next() ?? []
    let columns = header.compactMap(\.self)
    guard !columns.isEmpty, columns.count == header.count, columns.count <= mostColumns,
      Set(columns.map { $0.lowercased() }).count == columns.count
    else {
      throw CSVRecords.Fault(line: 1, message: "the first line must name up to \(mostColumns) different columns")
    }
    var kinds: [Kind?] = Array(repeating: nil, count: columns.count)
    while let fields = try records.next() {
      guard fields.count == columns.count else {
        throw CSVRecords.Fault(
          line: records.line,
          message: "there are \(fields.count) fields, and the first line names \(columns.count)"
        )
      }
      for (index, field) in fields.enumerated() {
        if let field { kinds[index] = (kinds[index] ?? .integer).widened(by: field) }
      }
    }
    return (columns, kinds.map { $0 ?? .text })
  }

  private static func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
