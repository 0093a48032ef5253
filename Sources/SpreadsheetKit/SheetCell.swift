/// One cell of a table, with its type.
public enum SheetCell: Hashable, Sendable {
  /// Nothing.
  case empty
  /// Text, never a formula, whatever it begins with.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// Any other number; one that is not finite counts as nothing.
  case real(Double)
  /// Yes or no.
  case truth(Bool)
  /// A day of the Gregorian calendar.
  case date(year: Int, month: Int, day: Int)
}

/// One column of a sheet to be written.
public struct SheetColumn: Hashable, Sendable {
  /// What the head says.
  public var heading: String
  /// How numbers and dates of the column are shown, as Excel writes it (`#,##0.00`); nil shows them as they are.
  public var numberFormat: String?

  /// Describes a column.
  public init(heading: String, numberFormat: String? = nil) {
    self.heading = heading
    self.numberFormat = numberFormat
  }
}

/// A table to be written to a file.
public struct Sheet: Hashable, Sendable {
  /// The columns from left to right.
  public var columns: [SheetColumn]
  /// The rows; each has one cell per column.
  public var rows: [[SheetCell]]
  /// Names and texts that say where the table comes from; a workbook has them on a sheet of their own.
  public var about: [About]

  /// One line on where a table comes from.
  public struct About: Hashable, Sendable {
    /// What the line says.
    public var name: String
    /// What it is.
    public var text: String

    /// Makes a line.
    public init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Makes a table.
  public init(columns: [SheetColumn], rows: [[SheetCell]], about: [About] = []) {
    self.columns = columns
    self.rows = rows
    self.about = about
  }
}
