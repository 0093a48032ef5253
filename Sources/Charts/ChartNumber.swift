/// Numbers as charts show them.
enum ChartNumber {
  /// For an axis: "1.2M", "950", "€40K", "12 %".
  static func short(_ value: Double, unit: String?) -> String {
    let size = abs(value)
    let (divisor, mark): (Double, String) =
      size >= 1e9 ? (1e9, "B") : size >= 1e6 ? (1e6, "M") : size >= 10_000 ? (1e3, "K") : (1, "")
    return dressed(trimmed(size / divisor, places: divisor == 1 && size >= 100 ? 0 : 2) + mark, value, unit)
  }

  /// In full, with grouped digits and at most two decimals.
  static func exact(_ value: Double, unit: String?) -> String {
    dressed(grouped(trimmed(abs(value), places: 2)), value, unit)
  }

  /// A place in the drawing, in tenths.
  static func place(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let text = "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
    return tenths < 0 ? "-\(text)" : text
  }

  private static func dressed(_ digits: String, _ value: Double, _ unit: String?) -> String {
    let sign = value < 0 ? "\u{2212}" : ""
    return switch unit {
    case "EUR": "\(sign)€\(digits)"
    case "USD": "\(sign)$\(digits)"
    case "GBP": "\(sign)£\(digits)"
    case "percent": "\(sign)\(digits) %"
    default: sign + digits
    }
  }

  private static func trimmed(_ size: Double, places: Int) -> String {
    guard size.isFinite, size < 1e15 else { return "\(size)" }
    let factor = [1.0, 10, 100][places]
    let scaled = Int((size * factor).rounded())
    var fraction = places == 0 ? "" : String(scaled % Int(factor))
    fraction = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(scaled / Int(factor))" + (fraction.isEmpty ? "" : ".\(fraction)")
  }

  private static func grouped(_ digits: String) -> String {
    let parts = digits.split(separator: ".", maxSplits: 1)
    guard let whole = parts.first, whole.allSatisfy(\.isNumber) else { return digits }
    var result = ""
    for (offset, digit) in whole.reversed().enumerated() {
      if offset > 0, offset % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return String(result.reversed()) + (parts.count == 2 ? ".\(parts[1])" : "")
  }
}
