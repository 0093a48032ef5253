import CXLSXWriter

/// Writes a table as an Excel workbook with typed cells, through libxlsxwriter.
public enum XLSXWriter {
  /// The most rows that Excel opens, its head included.
  public static let rowLimit = 1_048_576
  /// The most UTF-16 units that a cell of Excel holds.
  static let cellLimit = 32_767

  /// Writes a workbook with the sheets `Result` and, where there is something to say, `About`.
  ///
  /// Rows go to the disk one by one, so memory does not grow with the table.
  ///
  /// - Parameters:
  ///   - sheet: the table; longer texts than a cell holds are cut, which ends in `…`.
  ///   - path: the file, which is replaced.
  /// - Throws: ``SpreadsheetFailure`` `.tooLarge` for more rows than ``rowLimit``, `.file` when it cannot be written.
  public static func write(_ sheet: Sheet, to path: String) throws(SpreadsheetFailure) {
    guard sheet.rows.count < rowLimit else {
      throw SpreadsheetFailure(
        .tooLarge,
        "a workbook holds at most \(rowLimit - 1) rows and there are \(sheet.rows.count); take CSV, or ask for less"
      )
    }
    var options = lxw_workbook_options()
    options.constant_memory = 1
    guard let workbook = workbook_new_opt(path, &options) else {
      throw SpreadsheetFailure(.file, "\(path) cannot be written; check the folder and its free space")
    }
    // From here on the workbook must be closed, which frees it.
    fill(workbook, with: sheet)
    let status = workbook_close(workbook)
    guard status == LXW_NO_ERROR else {
      let reason = lxw_strerror(status).map { String(cString: $0) } ?? "error \(status.rawValue)"
      throw SpreadsheetFailure(.file, "\(path) cannot be written: \(reason)")
    }
  }

  private static func fill(_ workbook: UnsafeMutablePointer<lxw_workbook>, with sheet: Sheet) {
    let head = workbook_add_format(workbook)
    format_set_bold(head)
    format_set_bottom(head, UInt8(LXW_BORDER_THIN.rawValue))
    if let page = workbook_add_worksheet(workbook, "Result") {
      let formats = sheet.columns.map { column in column.numberFormat.map { numberFormat($0, workbook) } ?? nil }
      for (place, column) in sheet.columns.enumerated() {
        let place = UInt16(place)
        _ = worksheet_set_column(page, place, place, width(of: column, in: sheet, at: Int(place)), formats[Int(place)])
        _ = worksheet_write_string(page, 0, place, text(column.heading), head)
      }
      worksheet_freeze_panes(page, 1, 0)
      for (number, row) in sheet.rows.enumerated() {
        for (place, cell) in row.enumerated() where place < formats.count {
          write(cell, to: page, UInt32(number + 1), UInt16(place), formats[place])
        }
      }
    }
    guard !sheet.about.isEmpty, let page = workbook_add_worksheet(workbook, "About") else { return }
    let wrapped = workbook_add_format(workbook)
    format_set_text_wrap(wrapped)
    _ = worksheet_set_column(page, 0, 0, 18, nil)
    _ = worksheet_set_column(page, 1, 1, 100, nil)
    for (number, line) in sheet.about.enumerated() {
      _ = worksheet_write_string(page, UInt32(number), 0, text(line.name), head)
      _ = worksheet_write_string(page, UInt32(number), 1, text(line.text), wrapped)
    }
  }

  private static func numberFormat(
    _ code: String,
    _ workbook: UnsafeMutablePointer<lxw_workbook>
  ) -> UnsafeMutablePointer<lxw_format>? {
    let format = workbook_add_format(workbook)
    format_set_num_format(format, code)
    return format
  }

  private static func write(
    _ cell: SheetCell,
    to page: UnsafeMutablePointer<lxw_worksheet>,
    _ row: UInt32,
    _ column: UInt16,
    _ format: UnsafeMutablePointer<lxw_format>?
  ) {
    switch cell {
    case .empty: break
    case .text(let text): _ = worksheet_write_string(page, row, column, self.text(text), nil)
    case .integer(let number): _ = worksheet_write_number(page, row, column, Double(number), format)
    case .real(let number):
      if number.isFinite { _ = worksheet_write_number(page, row, column, number, format) }
    case .truth(let truth): _ = worksheet_write_boolean(page, row, column, truth ? 1 : 0, nil)
    case .date(let year, let month, let day):
      var moment = lxw_datetime()
      moment.year = Int32(year)
      moment.month = Int32(month)
      moment.day = Int32(day)
      _ = worksheet_write_datetime(page, row, column, &moment, format)
    }
  }

  /// C ends a text at its first NUL, and Excel refuses longer cells than it can hold.
  private static func text(_ text: String) -> String {
    let whole = String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    guard whole.utf16.count > cellLimit else { return whole }
    var cut = String(whole.prefix(cellLimit - 1))
    while cut.utf16.count > cellLimit - 1 { cut.removeLast() }
    return cut + "…"
  }

  private static func width(of column: SheetColumn, in sheet: Sheet, at place: Int) -> Double {
    let texts = sheet.rows.prefix(200).map { row -> Int in
      guard row.indices.contains(place) else { return 0 }
      return switch row[place] {
      case .text(let text): text.count
      case .empty: 0
      default: 14
      }
    }
    return Double(min(60, max(8, ([column.heading.count] + texts).reduce(0, max) + 2)))
  }
}
