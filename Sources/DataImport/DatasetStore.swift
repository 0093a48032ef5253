public import FoundationEssentials
import SQLiteKit
public import SpreadsheetKit

/// The tables that came from files, in one SQLite database: each import is a version, the last one is the table of the
/// dataset's name, older and deleted ones wait under names of their own.
///
/// Its calls block; callers run them off Swift's pool.
public struct DatasetStore: Sendable {
  /// The database.
  public let path: String
  private let now: @Sendable () -> Date

  /// Makes a store over a database, which is made when something is first imported.
  ///
  /// - Parameters:
  ///   - path: the SQLite file.
  ///   - now: the time of day.
  public init(path: String, now: @escaping @Sendable () -> Date) {
    self.path = path
    self.now = now
  }

  /// The table of the store's own.
  private static let registry = "coach_datasets"

  // MARK: - Importing

  /// Reads a file as the next version of a dataset.
  ///
  /// The file is read twice: once for the types of its columns over all rows, once to write them. Rows that cannot be read or
  /// hold a value of another type are left out and told; when they are too many, nothing is imported.
  ///
  /// - Parameters:
  ///   - file: the path of a CSV file or a workbook.
  ///   - name: what the dataset is called; nil takes the file's name.
  ///   - source: the file's name as people know it; nil takes that of the path.
  ///   - options: how it is read.
  ///   - limits: what the file may be at most.
  ///   - progress: told how far it is, at every thousandth row or so; answers whether to go on.
  /// - Returns: the dataset.
  /// - Throws: ``ImportFailure``.
  public func importFile(
    _ file: String,
    name: String? = nil,
    source: String? = nil,
    options: ImportOptions = ImportOptions(),
    limits: SheetLimits = SheetLimits(),
    progress: (ImportProgress) -> Bool = { _ in true }
  ) throws(ImportFailure) -> ImportedDataset {
    let source = source ?? file.split(separator: "/").last.map(String.init) ?? file
    let stem = source.split(separator: ".").first.map(String.init) ?? source
    guard let table = (name ?? stem).columnName, !table.hasPrefix("coach_"), !table.hasPrefix("sqlite_") else {
      throw ImportFailure(.name, "'\(name ?? stem)' cannot be the name of a dataset; use letters, digits and '_'")
    }
    let (profile, notes) = try profile(file, limits, progress)
    let readings = profile.columns.map { $0.reading(prefersComma: notes.prefersComma, dateOrder: options.dateOrder) }
    let names = profile.names
    var dataset = ImportedDataset(
      name: table,
      version: 1,
      source: source,
      bytes: notes.bytes,
      rows: 0,
      rejected: 0,
      columns: readings.indices.map { place in
        DatasetColumn(
          name: names[place],
          heading: profile.headings[place],
          type: readings[place].type,
          empty: profile.columns[place].empty
        )
      },
      notes: notes.texts
        + zip(profile.headings, readings).compactMap { heading, reading in reading.note.map { "\(heading): \($0)" } },
      faults: [],
      importedAt: now().formatted(.iso8601),
      deletedAt: nil,
      isCurrent: true
    )
    do throws(SQLiteFailure) {
      let database = try open()
      dataset.version = try nextVersion(of: table, in: database)
    } catch {
      throw Self.failure(error)
    }
    let work = ImportWork(
      file: file,
      profile: profile,
      readings: readings,
      isWorkbook: notes.isWorkbook,
      options: options,
      limits: limits
    )
    return try write(dataset, work, progress)
  }

  private struct ImportWork {
    var file: String
    var profile: TableProfile
    var readings: [ColumnProfile.Reading]
    var isWorkbook: Bool
    var options: ImportOptions
    var limits: SheetLimits
  }

  private struct FileNotes {
    var texts: [String] = []
    var prefersComma = false
    var isWorkbook = false
    var bytes = 0
  }

  private func profile(
    _ file: String,
    _ limits: SheetLimits,
    _ progress: (ImportProgress) -> Bool
  ) throws(ImportFailure) -> (TableProfile, FileNotes) {
    var profile = TableProfile()
    var notes = FileNotes()
    var isCancelled = false
    do throws(SpreadsheetFailure) {
      notes.bytes = try TableFile.byteCount(ofFile: file, limits: limits)
      if try TableFile.kind(ofFile: file, limits: limits) == .csv {
        let dialect = try CSVReader(path: file, limits: limits).dialect
        notes.prefersComma = dialect.delimiter == UInt8(ascii: ";")
        let delimiters: [UInt8: String] = [0x2C: "comma", 0x3B: "semicolon", 0x09: "tab", 0x7C: "vertical bar"]
        let fields = delimiters[dialect.delimiter].map { "fields separated by \($0)" } ?? "one column"
        notes.texts = ["read as \(dialect.encoding.rawValue), \(fields)"]
      } else {
        notes.texts = ["the first sheet of the workbook"]
        notes.isWorkbook = true
      }
      try TableFile.forEachRow(inFile: file, limits: limits) { row in
        profile.add(row)
        if profile.rows % 1_000 == 0, !progress(ImportProgress(phase: .reading, rows: profile.rows)) {
          isCancelled = true
          return .stop
        }
        return .goOn
      }
    } catch {
      throw ImportFailure(.file, error.message)
    }
    if isCancelled { throw ImportFailure(.cancelled, "the import was cancelled") }
    guard !profile.columns.isEmpty, profile.rows > 0 else {
      throw ImportFailure(.file, "the file has no rows below its head; there is nothing to import")
    }
    if profile.headRow == 0 {
      notes.texts.append("the first row holds values, so the columns have no names of their own")
    }
    return (profile, notes)
  }

  private func write(
    _ planned: ImportedDataset,
    _ work: ImportWork,
    _ progress: (ImportProgress) -> Bool
  ) throws(ImportFailure) -> ImportedDataset {
    var dataset = planned
    let staged = "coach_staged_\(planned.name)"
    var writer = RowWriter(
      headings: work.profile.headings,
      readings: work.readings,
      headRow: work.profile.headRow,
      keptFaults: work.options.keptFaults
    )
    writer.isSparse = work.isWorkbook
    var outcome: ImportFailure?
    do throws(SQLiteFailure) {
      let database = try open()
      try database.transaction { session throws(SQLiteFailure) in
        let columns = planned.columns.map { "\(Self.quoted($0.name)) \($0.type.declared)" }.joined(separator: ", ")
        try session.execute("DROP TABLE IF EXISTS \(Self.quoted(staged))")
        try session.execute("CREATE TABLE \(Self.quoted(staged)) (\(columns))")
        let places = planned.columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let insert = "INSERT INTO \(Self.quoted(staged)) VALUES (\(places))"
        var batch: [[SQLiteValue]] = []
        var fault: SQLiteFailure?
        do throws(SpreadsheetFailure) {
          try TableFile.forEachRow(inFile: work.file, limits: work.limits) { row in
            if let values = writer.values(of: row) { batch.append(values) }
            guard batch.count >= 1_000 else { return .goOn }
            do throws(SQLiteFailure) {
              try session.execute(insert, forEach: batch)
            } catch {
              fault = error
              return .stop
            }
            batch.removeAll(keepingCapacity: true)
            let isWanted = progress(ImportProgress(phase: .writing, rows: writer.written, total: work.profile.rows))
            if !isWanted { outcome = ImportFailure(.cancelled, "the import was cancelled") }
            return isWanted ? .goOn : .stop
          }
        } catch {
          outcome = ImportFailure(.file, error.message)
        }
        if let fault { throw fault }
        try session.execute(insert, forEach: batch)
        if outcome == nil, Double(writer.rejected) > work.options.faultShare * Double(writer.written + writer.rejected)
        {
          outcome = ImportFailure(
            .faults,
            "\(writer.rejected) of \(writer.written + writer.rejected) rows are at fault, and nothing was imported; mend the file",
            faults: writer.faults
          )
        }
        if outcome == nil, writer.written == 0 {
          outcome = ImportFailure(.file, "the file has no rows that can be read")
        }
        if outcome != nil {
          try session.execute("DROP TABLE \(Self.quoted(staged))")
          return
        }
        dataset.rows = writer.written
        dataset.rejected = writer.rejected
        dataset.faults = writer.faults
        try Self.shelve(dataset.name, in: session)
        try session.execute("ALTER TABLE \(Self.quoted(staged)) RENAME TO \(Self.quoted(dataset.name))")
        try Self.register(dataset, in: session)
      }
    } catch {
      throw Self.failure(error)
    }
    if let outcome { throw outcome }
    _ = progress(ImportProgress(phase: .writing, rows: dataset.rows, total: dataset.rows))
    return dataset
  }

  // MARK: - Listing, deleting, restoring

  /// The datasets by name, the newest version first.
  ///
  /// - Parameter all: whether older and deleted versions are among them.
  /// - Returns: the datasets.
  /// - Throws: ``ImportFailure`` `.database`.
  public func list(all: Bool = false) throws(ImportFailure) -> [ImportedDataset] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do throws(SQLiteFailure) {
      let rows = try open().query(
        "SELECT described, deleted_at, is_current FROM \(Self.registry) ORDER BY name, version DESC"
      ).rows
      let datasets = rows.compactMap { row -> ImportedDataset? in
        guard let text = row[0].string,
          var dataset = try? JSONDecoder().decode(ImportedDataset.self, from: Data(text.utf8))
        else {
          return nil
        }
        dataset.deletedAt = row[1].string
        dataset.isCurrent = row[2].int == 1
        return dataset
      }
      return all ? datasets : datasets.filter { $0.isCurrent && $0.deletedAt == nil }
    } catch {
      throw Self.failure(error)
    }
  }

  /// Takes a dataset out of reach; it can be restored.
  ///
  /// - Throws: ``ImportFailure`` `.unknown`, `.database`.
  public func delete(_ name: String) throws(ImportFailure) {
    try change(name) { session, table throws(SQLiteFailure) in
      try Self.shelve(table, in: session)
      try session.execute(
        "UPDATE \(Self.registry) SET deleted_at = ?1 WHERE name = ?2 AND is_current = 1",
        [SQLiteValue(now().formatted(.iso8601)), SQLiteValue(table)]
      )
    }
  }

  /// Brings a deleted dataset back, or makes an older version the one that questions are answered from.
  ///
  /// - Throws: ``ImportFailure`` `.unknown`, `.database`.
  public func restore(_ name: String, version: Int? = nil) throws(ImportFailure) {
    let known = try list(all: true).filter { $0.name == name }
    guard let wanted = known.first(where: { version == nil ? $0.isCurrent : $0.version == version }) else {
      throw ImportFailure(.unknown, "there is no dataset '\(name)'\(version.map { " in version \($0)" } ?? "")")
    }
    if wanted.isCurrent, wanted.deletedAt == nil { return }
    do throws(SQLiteFailure) {
      try open().transaction { session throws(SQLiteFailure) in
        try Self.shelve(name, in: session)
        let kept = Self.keptName(name, wanted.version)
        try session.execute("ALTER TABLE \(Self.quoted(kept)) RENAME TO \(Self.quoted(name))")
        try session.execute("UPDATE \(Self.registry) SET is_current = 0 WHERE name = ?1", [SQLiteValue(name)])
        try session.execute(
          "UPDATE \(Self.registry) SET is_current = 1, deleted_at = NULL WHERE name = ?1 AND version = ?2",
          [SQLiteValue(name), SQLiteValue(wanted.version)]
        )
      }
    } catch {
      throw Self.failure(error)
    }
  }

  private func change(
    _ name: String,
    _ body: (borrowing SQLiteSession, String) throws(SQLiteFailure) -> Void
  ) throws(ImportFailure) {
    guard try list().contains(where: { $0.name == name }) else {
      let known = try list().map(\.name).joined(separator: ", ")
      throw ImportFailure(.unknown, "there is no dataset '\(name)'; there are: \(known.isEmpty ? "none" : known)")
    }
    do throws(SQLiteFailure) {
      try open().transaction { session throws(SQLiteFailure) in try body(session, name) }
    } catch {
      throw Self.failure(error)
    }
  }

  // MARK: - Tables

  private func open() throws(SQLiteFailure) -> SQLiteDatabase {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try? FileManager.default.createDirectory(atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
    let database = try SQLiteDatabase(path: path, configuration: .ours)
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS \(Self.registry) (name TEXT NOT NULL, version INTEGER NOT NULL, described TEXT NOT NULL,
        deleted_at TEXT, is_current INTEGER NOT NULL, PRIMARY KEY (name, version))
      """
    )
    return database
  }

  private func nextVersion(of name: String, in database: SQLiteDatabase) throws(SQLiteFailure) -> Int {
    let query = "SELECT coalesce(max(version), 0) + 1 FROM \(Self.registry) WHERE name = ?1"
    return try database.query(query, [SQLiteValue(name)]).scalar?.int ?? 1
  }

  /// Moves the table of a dataset's current version, if it is there, to the name under which it is kept.
  private static func shelve(_ name: String, in session: borrowing SQLiteSession) throws(SQLiteFailure) {
    let query = "SELECT version FROM \(registry) WHERE name = ?1 AND is_current = 1 AND deleted_at IS NULL"
    guard let version = try session.query(query, [SQLiteValue(name)]).scalar?.int else { return }
    try session.execute("ALTER TABLE \(quoted(name)) RENAME TO \(quoted(keptName(name, version)))")
  }

  private static func register(_ dataset: ImportedDataset, in session: borrowing SQLiteSession) throws(SQLiteFailure) {
    try session.execute("UPDATE \(registry) SET is_current = 0 WHERE name = ?1", [SQLiteValue(dataset.name)])
    let described = (try? JSONEncoder().encode(dataset)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    try session.execute(
      "INSERT INTO \(registry) (name, version, described, is_current) VALUES (?1, ?2, ?3, 1)",
      [SQLiteValue(dataset.name), SQLiteValue(dataset.version), SQLiteValue(described)]
    )
  }

  private static func keptName(_ name: String, _ version: Int) -> String { "coach_kept_\(name)_v\(version)" }

  private static func quoted(_ name: String) -> String { "\"\(name)\"" }

  private static func failure(_ failure: SQLiteFailure) -> ImportFailure {
    ImportFailure(.database, "the database of datasets cannot be used: \(failure.message)")
  }
}

/// Turns rows of the file into values of the table, and keeps what is wrong with them.
struct RowWriter {
  let headings: [String]
  let readings: [ColumnProfile.Reading]
  let headRow: Int
  let keptFaults: Int
  private(set) var written = 0
  private(set) var rejected = 0
  private(set) var faults: [RowFault] = []

  init(headings: [String], readings: [ColumnProfile.Reading], headRow: Int, keptFaults: Int) {
    self.headings = headings
    self.readings = readings
    self.headRow = headRow
    self.keptFaults = keptFaults
  }

  /// The values of a row; nil for the head and for a row at fault.
  mutating func values(of row: SheetRow) -> [SQLiteValue]? {
    if row.number == headRow, row.problem == nil { return nil }
    if let problem = row.problem { return reject(RowFault(row: row.number, column: nil, value: nil, problem: problem)) }
    let extra = row.cells.dropFirst(readings.count).contains { $0 != .empty }
    if extra || row.cells.count < readings.count && !isSparse {
      let problem = "it has \(row.cells.count) fields where the head has \(readings.count)"
      return reject(RowFault(row: row.number, column: nil, value: nil, problem: problem))
    }
    var values: [SQLiteValue] = []
    values.reserveCapacity(readings.count)
    for (place, reading) in readings.enumerated() {
      let cell = row.cells.indices.contains(place) ? row.cells[place] : .empty
      switch reading.kept(cell) {
      case .null: values.append(.null)
      case .integer(let number): values.append(SQLiteValue(number))
      case .real(let number): values.append(SQLiteValue(number))
      case .text(let text): values.append(SQLiteValue(text))
      case .misfit(let text):
        return reject(
          RowFault(
            row: row.number,
            column: headings[place],
            value: String(text.prefix(80)),
            problem: "it is no \(reading.type.rawValue), which the other values of the column are"
          )
        )
      }
    }
    written += 1
    return values
  }

  /// Whether rows may leave their last cells out, as those of workbooks do.
  var isSparse = false

  private mutating func reject(_ fault: RowFault) -> [SQLiteValue]? {
    rejected += 1
    if faults.count < keptFaults { faults.append(fault) }
    return nil
  }
}
