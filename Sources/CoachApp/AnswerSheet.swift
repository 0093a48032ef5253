import CoachAPI
import CoachVocabulary
import SemanticLayer
import SpreadsheetKit

/// Turns the rows of an answer into typed cells.
struct AnswerSheet {
  let columns: [ResultColumn]
  let form: SheetForm

  /// The table with the lines that say where it comes from.
  func sheet(_ rows: [[JSONValue]], about: [Sheet.About]) -> Sheet {
    let fractions = columns.indices.map { place in
      rows.contains { row in row.indices.contains(place) && row[place].intValue == nil && row[place].doubleValue != nil
      }
    }
    return Sheet(
      columns: columns.enumerated().map { place, column in
        SheetColumn(heading: Self.heading(column), numberFormat: Self.format(column, hasFraction: fractions[place]))
      },
      rows: rows.map { row in zip(columns, row).map { cell($1, in: $0) } },
      about: about
    )
  }

  /// "Net revenue (EUR)", unless the label says the unit already.
  private static func heading(_ column: ResultColumn) -> String {
    guard let unit = column.unit, !column.label.lowercased().contains(unit.lowercased()) else { return column.label }
    return "\(column.label) (\(unit))"
  }

  private static func format(_ column: ResultColumn, hasFraction: Bool) -> String? {
    switch column.format {
    case .currency:
      let symbols = ["EUR": "€", "USD": "$", "GBP": "£"]
      let unit = column.unit.flatMap { code in symbols[code] ?? plain(code).map { "\($0) " } }
      return (unit.map { "\"\($0)\"" } ?? "") + "#,##0.00"
    case .percent: return "0.0\" %\""
    case .number: return hasFraction ? "#,##0.00" : "#,##0"
    case .date: return column.role == .time ? "yyyy-mm-dd" : nil
    case .text: return nil
    }
  }

  /// A unit that may stand in a number format, where a quotation mark would end the text.
  private static func plain(_ unit: String) -> String? {
    unit.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? unit : nil
  }

  private func cell(_ value: JSONValue, in column: ResultColumn) -> SheetCell {
    switch value {
    case .null: return .empty
    case .bool(let truth): return .truth(truth)
    case .int(let number): return .integer(number)
    case .double(let number): return .real(number)
    case .string(let text):
      guard column.format == .date, let day = day(text) else { return .text(text) }
      let (year, month, date) = day.parts
      return .date(year: year, month: month, day: date)
    case .array, .object: return .text(value.text)
    }
  }

  /// The day of a bucket; a month is its first day in a workbook, which has no months, and stays text in CSV.
  private func day(_ text: String) -> CivilDate? {
    CivilDate(text) ?? (form == .xlsx ? CivilDate(text + "-01") : nil)
  }
}
