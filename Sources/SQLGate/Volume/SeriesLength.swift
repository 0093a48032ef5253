import SQLSyntax

/// How many rows `generate_series` gives.
struct SeriesLength {
  let rows: Double

  init(_ call: SQLCall, _ bounds: [Bound]) {
    let values = call.arguments.map(\.value)
    guard values.count >= 2 else {
      rows = .infinity
      return
    }
    if values.count > 2, let days = values[2].intervalDays {
      rows = days > 0 ? Self.days(values, bounds) / days : .infinity
      return
    }
    let step = values.count > 2 ? abs(values[2].number ?? 0) : 1
    let span: Double
    if let first = values[0].number, let last = values[1].number {
      span = abs(last - first)
    } else {
      span = max(bounds[0].magnitude, bounds[1].magnitude)
    }
    rows = step > 0 ? span / step + 1 : .infinity
  }

  /// The days between two dates; ten years when they are not written out.
  private static func days(_ values: [SQLExpression], _ bounds: [Bound]) -> Double {
    let dates = values.prefix(2).map { $0.literalText.flatMap(dayNumber) }
    if let first = dates[0], let last = dates[1] { return abs(last - first) + 1 }
    // A date that is not written out may be one of the data, but no number or infinity made into one.
    return values.prefix(2).allSatisfy(\.isDataDate) ? 3_650 : .infinity
  }

  /// A number of days that grows as the calendar does, from `YYYY-MM-DD…`.
  private static func dayNumber(_ text: String) -> Double? {
    let parts = text.prefix(10).split(separator: "-").map { Double($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
    return year * 365.2425 + month * 30.44 + day
  }
}

extension SQLExpression {
  /// A number that is written out, also with a sign or a type.
  var number: Double? {
    switch kind {
    case .literal(.integer(let digits)), .literal(.decimal(let digits)): return Double(digits)
    case .literal(.text(let text)): return Double(text)
    case .prefix("-", let value): return value.number.map { -$0 }
    case .prefix("+", let value): return value.number
    case .cast(let value, _): return value.number
    default: return nil
    }
  }

  /// The days of an interval that is written out.
  fileprivate var intervalDays: Double? {
    switch kind {
    case .literal(.text(let text)): return Self.days(text)
    case .cast(let value, let type) where type.name == "interval":
      return value.intervalDays ?? value.literalText.flatMap(Self.days)
    case .prefix("-", let value): return value.intervalDays
    case .binary("*", let left, let right):
      guard let factor = left.number ?? right.number, let days = left.intervalDays ?? right.intervalDays else {
        return nil
      }
      return abs(factor * days)
    case .call(let call) where call.name == "make_interval":
      let units: [String: Double] = ["years": 365, "months": 30, "weeks": 7, "days": 1, "hours": 1 / 24.0]
      guard let argument = call.arguments.first, let name = argument.name, let unit = units[name],
        let number = argument.value.number
      else { return nil }
      return unit * abs(number)
    default: return nil
    }
  }

  /// `'1 day'`, `'1 mon'`, `'3 months'`, `'15 minutes'` and the like.
  private static func days(_ text: String) -> Double? {
    let parts = text.asciiLowercased.split(separator: " ")
    guard parts.count == 2, let number = Double(parts[0]) else { return nil }
    let units: [(String, Double)] = [
      ("year", 365), ("mon", 30), ("week", 7), ("day", 1), ("hour", 1 / 24.0), ("min", 1 / 1_440.0),
      ("sec", 1 / 86_400.0),
    ]
    return units.first { parts[1].hasPrefix($0.0) }.map { $0.1 * abs(number) }
  }

  /// Whether a value can be taken for a date of the data or of the clock.
  fileprivate var isDataDate: Bool {
    switch kind {
    case .column, .clock, .parameter: return true
    case .literal(.text(let text)): return text.asciiLowercased != "infinity" && text.asciiLowercased != "-infinity"
    case .cast(let value, _): return value.isDataDate
    case .binary("+", let left, _), .binary("-", let left, _): return left.isDataDate
    case .scalar(let query):
      guard case .select(let select) = query.body, case .value(let value, _, _)? = select.items.first else {
        return false
      }
      return value.isDataDate
    case .call(let call):
      let names: Set<String> = [
        "min", "max", "now", "date_trunc", "date", "make_date", "to_date", "coalesce", "greatest", "least", "timezone",
        "make_timestamp", "to_timestamp",
      ]
      guard names.contains(call.name) else { return false }
      let values = call.arguments.map(\.value)
      return call.name == "date_trunc"
        ? values.dropFirst().allSatisfy(\.isDataDate) : values.allSatisfy { $0.isDataDate || $0.number != nil }
    default: return false
    }
  }
}
