import CoachVocabulary

/// The rows of an answer as aligned lines; numbers are grouped and rounded, the exact ones are in `--json`.
struct TerminalTable {
  /// The most rows that are shown.
  static let rowLimit = 20

  private struct Column {
    var label: String
    var isNumeric: Bool
    var decimals: Int
    var isPercent: Bool

    init(_ column: JSONValue, values: [JSONValue]) {
      label = column["label"]?.stringValue ?? ""
      let format = column["format"]?.stringValue ?? "text"
      isPercent = format == "percent"
      isNumeric = isPercent || format == "currency" || format == "number"
      let numbers = values.compactMap(\.doubleValue)
      let isWhole = numbers.allSatisfy { $0 == $0.rounded() || abs($0) >= 1_000 }
      decimals = isPercent ? 1 : isWhole ? 0 : 2
    }

    func text(_ value: JSONValue) -> String {
      guard isNumeric, let number = value.doubleValue else {
        return value.stringValue ?? (value.isNull ? "" : value.text)
      }
      return GroupedDigits.text(number, decimals: decimals) + (isPercent ? "%" : "")
    }
  }

  /// The head and the rows, each one line.
  let lines: [String]

  /// Lays out the rows of an answer; there are no lines for a single value, which the text says already.
  init(_ answer: JSONValue) {
    let rows = answer["rows"]?.arrayValue?.compactMap(\.arrayValue) ?? []
    let declared = answer["columns"]?.arrayValue ?? []
    guard rows.count > 1 || declared.count > 1 else {
      lines = []
      return
    }
    let shown = rows.prefix(Self.rowLimit)
    let columns = declared.enumerated().map { index, column in
      Column(column, values: shown.map { $0.indices.contains(index) ? $0[index] : .null })
    }
    let cells = [columns.map(\.label)] + shown.map { row in zip(columns, row).map { $0.text($1) } }
    let widths = columns.indices.map { index in
      cells.map { $0.indices.contains(index) ? $0[index].count : 0 }.max() ?? 0
    }
    var laidOut = cells.map { line in
      let padded = line.indices.map { Self.pad(line[$0], to: widths[$0], right: columns[$0].isNumeric) }
      return padded.joined(separator: "  ")
    }
    if rows.count > Self.rowLimit { laidOut.append("… \(rows.count - Self.rowLimit) more rows") }
    lines = laidOut
  }

  private static func pad(_ text: String, to width: Int, right: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return right ? blanks + text : text + blanks
  }
}

/// Numbers with commas between thousands.
private enum GroupedDigits {
  static func text(_ number: Double, decimals: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let factor = [1, 10, 100][min(decimals, 2)]
    let scaled = Int((abs(number) * Double(factor)).rounded())
    var grouped = ""
    for (offset, digit) in String(scaled / factor).reversed().enumerated() {
      if offset > 0, offset % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    var text = String(grouped.reversed())
    if decimals > 0 {
      let fraction = String(scaled % factor)
      text += "." + String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
    }
    return number < 0 && scaled != 0 ? "-\(text)" : text
  }
}
