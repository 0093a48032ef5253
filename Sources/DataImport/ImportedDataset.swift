/// What the values of a column are.
public enum ColumnType: String, Hashable, Sendable, Codable, CaseIterable {
  /// Whole numbers.
  case integer
  /// Numbers.
  case real
  /// Days, kept as `2025-08-05`.
  case date
  /// Days with a time, kept as `2025-08-05 14:30:00`.
  case dateTime = "date_time"
  /// Anything else.
  case text

  /// The type that SQLite's table declares.
  var declared: String {
    switch self {
    case .integer: "INTEGER"
    case .real: "REAL"
    case .date: "DATE"
    case .dateTime: "DATETIME"
    case .text: "TEXT"
    }
  }
}

/// One column of a dataset.
public struct DatasetColumn: Hashable, Sendable, Codable {
  /// The name in the database.
  public var name: String
  /// What the file's head says.
  public var heading: String
  /// What its values are.
  public var type: ColumnType
  /// How many rows have no value.
  public var empty: Int
}

/// What is wrong with one row; it was left out.
public struct RowFault: Hashable, Sendable, Codable {
  /// The line or row of the file.
  public var row: Int
  /// The column's heading; nil when the whole row is at fault.
  public var column: String?
  /// The value at fault, cut.
  public var value: String?
  /// What is wrong.
  public var problem: String
}

/// A table that came from a file, in one of its versions.
public struct ImportedDataset: Hashable, Sendable, Codable {
  /// Its name, which is that of the table.
  public var name: String
  /// 1 for the first import under the name.
  public var version: Int
  /// The file's name, without its folder.
  public var source: String
  /// The file's size in bytes.
  public var bytes: Int
  /// How many rows it has.
  public var rows: Int
  /// How many rows were left out.
  public var rejected: Int
  /// The columns from left to right.
  public var columns: [DatasetColumn]
  /// How the file was read: encoding, delimiter, what was assumed.
  public var notes: [String]
  /// The first faults.
  public var faults: [RowFault]
  /// When it was imported, in ISO 8601.
  public var importedAt: String
  /// When it was deleted, in ISO 8601; nil while it is there.
  public var deletedAt: String?
  /// Whether it is the version that questions are answered from.
  public var isCurrent: Bool

  private enum CodingKeys: String, CodingKey {
    case name, version, source, bytes, rows, rejected, columns, notes, faults
    case importedAt = "imported_at"
    case deletedAt = "deleted_at"
    case isCurrent = "is_current"
  }
}

/// How a file is imported.
public struct ImportOptions: Hashable, Sendable {
  /// In which order day and month stand in dates such as 5/8/2025.
  public enum DateOrder: String, Hashable, Sendable, CaseIterable {
    /// The day first.
    case dayFirst = "dmy"
    /// The month first.
    case monthFirst = "mdy"
  }

  /// Decides where the file itself leaves the order of dates open; nil keeps such columns as text.
  public var dateOrder: DateOrder?
  /// The share of rows that may be left out; with more, nothing is imported.
  public var faultShare = 0.05
  /// The most faults that are kept.
  public var keptFaults = 100

  /// The usual options.
  public init() {}
}

/// How far an import is.
public struct ImportProgress: Hashable, Sendable, Codable {
  /// What is being done.
  public enum Phase: String, Hashable, Sendable, Codable {
    /// The types of the columns are found out.
    case reading
    /// The rows are written.
    case writing
  }

  /// What is being done.
  public var phase: Phase
  /// Rows so far.
  public var rows: Int
  /// Rows in all; nil while they are not known.
  public var total: Int?
}

/// Why a file was not imported; nothing of it was kept then.
public struct ImportFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The file cannot be read as a table.
    case file
    /// The name cannot be that of a dataset.
    case name
    /// Too many rows are at fault.
    case faults
    /// There is no such dataset.
    case unknown
    /// The database cannot be written.
    case database
    /// The import was cancelled.
    case cancelled
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// What happened and how to mend it.
  public var message: String
  /// The rows at fault, where rows are.
  public var faults: [RowFault]

  /// Makes a failure.
  public init(_ kind: Kind, _ message: String, faults: [RowFault] = []) {
    self.kind = kind
    self.message = message
    self.faults = faults
  }

  /// The message.
  public var description: String { message }
}
