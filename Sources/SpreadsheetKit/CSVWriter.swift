/// Writes a table as CSV after RFC 4180: commas, quotation marks where they are needed, CR LF, UTF-8.
public enum CSVWriter {
  /// The bytes of the whole file, its head first.
  ///
  /// Text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises ("CSV Injection");
  /// numbers and dates are written exactly, without signs of thousands.
  ///
  /// - Parameters:
  ///   - sheet: the table.
  ///   - hasByteOrderMark: whether the file begins with the mark by which Excel knows UTF-8.
  /// - Returns: the bytes.
  public static func bytes(_ sheet: Sheet, hasByteOrderMark: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
    append(sheet.columns.map { .text($0.heading) }, to: &bytes)
    for row in sheet.rows { append(row, to: &bytes) }
    return bytes
  }

  private static func append(_ row: [SheetCell], to bytes: inout [UInt8]) {
    for (place, cell) in row.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += field(cell).utf8
    }
    bytes += [0x0D, 0x0A]
  }

  private static func field(_ cell: SheetCell) -> String {
    switch cell {
    case .empty: ""
    case .text(let text): quoted(harmless(text))
    case .integer(let number): "\(number)"
    case .real(let number): number.isFinite ? plain(number) : ""
    case .truth(let truth): truth ? "true" : "false"
    case .date(let year, let month, let day): DayText.iso(year: year, month: month, day: day)
    }
  }

  /// A number without a fraction is written without ".0", which other programs would take for a choice.
  private static func plain(_ number: Double) -> String {
    if let whole = Int(exactly: number), abs(whole) < 1 << 53 { return "\(whole)" }
    return "\(number)"
  }

  /// Spaces before the sign do not keep a spreadsheet from seeing a formula, so the first other character decides.
  private static func harmless(_ text: String) -> String {
    let first = text.unicodeScalars.first { $0 != " " }
    let isDangerous = first.map { "=+-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains($0) } ?? false
    return isDangerous ? "'" + text : text
  }

  private static func quoted(_ text: String) -> String {
    guard
      text.utf8.contains(where: { [0x22, 0x2C, 0x0D, 0x0A].contains($0) }) || text.hasPrefix(" ") || text.hasSuffix(" ")
    else { return text }
    // By scalars: a quotation mark with an accent is another character to Swift, and still ends a field.
    var doubled = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { doubled += scalar == "\"" ? [scalar, scalar] : [scalar] }
    return "\"\(String(doubled))\""
  }
}

/// Days as text.
enum DayText {
  /// `2025-08-05`.
  static func iso(year: Int, month: Int, day: Int) -> String {
    func padded(_ number: Int, to width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
  }
}
