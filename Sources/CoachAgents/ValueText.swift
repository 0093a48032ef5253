import CoachVocabulary
import SemanticLayer

/// Writes values for people: grouped digits, units, sensible rounding.
///
/// The exact value stays in the row.
enum ValueText {
  /// A cell as people read it; "no data" for null.
  static func text(_ value: JSONValue, in column: ResultColumn) -> String {
    guard let number = value.doubleValue else { return value.stringValue ?? "no data" }
    return text(number, format: column.format, unit: column.unit)
  }

  /// A number in a format and unit.
  static func text(_ number: Double, format: ResultColumn.Format, unit: String?) -> String {
    switch format {
    case .currency: currency(number, unit: unit)
    case .percent: "\(decimal(number, places: 1)) %"
    case .number, .text, .date: plain(number) + (unit.map { " \(number == 1 ? singular($0) : $0)" } ?? "")
    }
  }

  /// A change with its sign, and percent points for a change of a percentage.
  static func change(_ number: Double, in column: ResultColumn) -> String {
    guard column.format == .percent, column.role == .change else {
      return change(number, format: column.format, unit: column.unit)
    }
    return sign(of: number) + decimal(abs(number), places: 1) + " points"
  }

  /// A change with its sign.
  static func change(_ number: Double, format: ResultColumn.Format, unit: String? = nil) -> String {
    sign(of: number) + text(abs(number), format: format, unit: unit)
  }

  private static func sign(of number: Double) -> String { number > 0 ? "+" : number < 0 ? "\u{2212}" : "\u{00B1}" }

  /// "unit" for "units"; a word that is no simple plural stays.
  private static func singular(_ unit: String) -> String {
    unit.hasSuffix("s") && !unit.hasSuffix("ss") ? String(unit.dropLast()) : unit
  }

  private static func currency(_ number: Double, unit: String?) -> String {
    let symbols = ["USD": "$", "EUR": "\u{20AC}", "GBP": "\u{00A3}"]
    let lead = unit.map { symbols[$0] ?? "\($0) " } ?? ""
    let sign = number < 0 ? "\u{2212}" : ""
    let size = abs(number)
    if size >= 999_500_000 { return "\(sign)\(lead)\(decimal(size / 1_000_000_000, places: 2))B" }
    if size >= 1_000_000 { return "\(sign)\(lead)\(decimal(size / 1_000_000, places: 2))M" }
    return "\(sign)\(lead)\(decimal(size, places: size >= 1_000 ? 0 : 2))"
  }

  private static func plain(_ number: Double) -> String {
    if number == number.rounded() { return decimal(number, places: 0) }
    return decimal(number, places: abs(number) >= 100 ? 1 : 2)
  }

  /// A number with grouped thousands and at most `places` decimals.
  static func decimal(_ number: Double, places: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let factor = [1.0, 10, 100, 1_000][min(places, 3)]
    let scaled = Int((abs(number) * factor).rounded())
    let whole = String(scaled / Int(factor))
    var grouped = ""
    for (offset, digit) in whole.reversed().enumerated() {
      if offset > 0, offset % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    var text = String(grouped.reversed())
    if places > 0 {
      let rest = String(scaled % Int(factor))
      text += "." + String(repeating: "0", count: places - rest.count) + rest
    }
    return number < 0 && scaled != 0 ? "\u{2212}\(text)" : text
  }
}
