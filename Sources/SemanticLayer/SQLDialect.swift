import CoachVocabulary

/// The kind of SQL that a database speaks, where kinds differ.
public enum SQLDialect: String, Hashable, Sendable, CaseIterable {
  /// SQLite, whose dates are texts.
  case sqlite
  /// PostgreSQL, whose dates are dates or timestamps; texts that look like dates are read as such.
  case postgres

  /// The place of the n-th bound value, from 1.
  func parameter(_ number: Int) -> String {
    switch self {
    case .sqlite: "?\(number)"
    case .postgres: "$\(number)"
    }
  }

  /// A bound value that is a number, whatever it is held against.
  func numeric(_ parameter: String) -> String {
    switch self {
    case .sqlite: parameter
    case .postgres: "CAST(\(parameter) AS double precision)"
    }
  }

  /// Whether two values are equal, null being equal to null.
  func same(_ left: String, _ right: String) -> String {
    switch self {
    case .sqlite: "\(left) IS \(right)"
    case .postgres: "\(left) IS NOT DISTINCT FROM \(right)"
    }
  }

  /// A day as text, `YYYY-MM-DD`.
  func day(_ column: String) -> String {
    switch self {
    case .sqlite: "date(\(column))"
    case .postgres: "to_char((\(column))::date, 'YYYY-MM-DD')"
    }
  }

  /// The English name of a day's weekday.
  func weekday(_ column: String) -> String {
    switch self {
    case .sqlite:
      "CASE CAST(strftime('%w', \(column)) AS INTEGER) "
        + Self.weekdays.enumerated().map { "WHEN \($0) THEN '\($1)'" }.joined(separator: " ") + " END"
    case .postgres: "to_char((\(column))::date, 'FMDay')"
    }
  }

  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  /// The bucket a day falls in, as text that sorts by time; an earlier period is shifted onto the current one.
  func bucket(_ column: String, _ grain: TimeGrain, calendar: BusinessCalendar, months: Int, days: Int) -> String {
    switch self {
    case .sqlite: sqliteBucket(column, grain, calendar: calendar, months: months, days: days)
    case .postgres: postgresBucket(column, grain, calendar: calendar, months: months, days: days)
    }
  }

  /// The number of a bucket, counted so that neighbours differ by 1; `key` is a bucket as ``bucket`` gives it.
  func number(of key: String, _ grain: TimeGrain) -> String {
    let year = "CAST(substr(\(key), \(grain.isFiscal ? 3 : 1), 4) AS INTEGER)"
    let days = self == .sqlite ? "CAST(julianday(\(key)) AS INTEGER)" : "(CAST(\(key) AS date) - DATE '2000-01-01')"
    return switch grain {
    case .day: days
    case .week: "\(days) / 7"
    case .month: "(\(year) * 12 + CAST(substr(\(key), 6, 2) AS INTEGER))"
    case .quarter: "(\(year) * 4 + CAST(substr(\(key), 7, 1) AS INTEGER))"
    case .fiscalQuarter: "(\(year) * 4 + CAST(substr(\(key), 9, 1) AS INTEGER))"
    case .year, .fiscalYear: year
    }
  }

  // MARK: SQLite

  private func sqliteBucket(
    _ column: String,
    _ grain: TimeGrain,
    calendar: BusinessCalendar,
    months: Int,
    days: Int
  ) -> String {
    var modifiers = ""
    if months != 0 {
      // Whole months are counted from the first, since 31 March has no day in February.
      modifiers += grain == .day || grain == .week ? ", '+\(months) months'" : ", 'start of month', '+\(months) months'"
    }
    if days != 0 { modifiers += ", '+\(days) days'" }
    switch grain {
    case .day: return "date(\(column)\(modifiers))"
    case .week: return "date(\(column)\(modifiers), '-6 days', 'weekday \(calendar.weekStart % 7)')"
    case .month: return "strftime('%Y-%m', \(column)\(modifiers))"
    case .year: return "strftime('%Y', \(column)\(modifiers))"
    case .quarter: return Self.quarter(column, modifiers, prefix: "", yearShift: 0)
    case .fiscalQuarter, .fiscalYear:
      let back = calendar.fiscalStartMonth - 1
      let shifted = back == 0 ? modifiers : modifiers + ", 'start of month', '-\(back) months'"
      let yearShift = back == 0 ? 0 : 1
      if grain == .fiscalYear { return "'FY' || (CAST(strftime('%Y', \(column)\(shifted)) AS INTEGER) + \(yearShift))" }
      return Self.quarter(column, shifted, prefix: "FY", yearShift: yearShift)
    }
  }

  private static func quarter(_ column: String, _ modifiers: String, prefix: String, yearShift: Int) -> String {
    let year =
      yearShift == 0
      ? "strftime('%Y', \(column)\(modifiers))"
      : "(CAST(strftime('%Y', \(column)\(modifiers)) AS INTEGER) + \(yearShift))"
    let lead = prefix.isEmpty ? "" : "'\(prefix)' || "
    return "\(lead)\(year) || '-Q' || ((CAST(strftime('%m', \(column)\(modifiers)) AS INTEGER) + 2) / 3)"
  }

  // MARK: PostgreSQL

  private func postgresBucket(
    _ column: String,
    _ grain: TimeGrain,
    calendar: BusinessCalendar,
    months: Int,
    days: Int
  ) -> String {
    var day = "(\(column))::date"
    if months != 0 {
      let base = grain == .day || grain == .week ? day : "date_trunc('month', \(day))"
      day = "(\(base) + INTERVAL '\(months) months')::date"
    }
    if days != 0 { day = "(\(day) + \(days))" }
    let back = calendar.fiscalStartMonth - 1
    let fiscal = "(date_trunc('month', \(day)) - INTERVAL '\(back) months')"
    let fiscalYear = "'FY' || (CAST(to_char(\(fiscal), 'YYYY') AS INTEGER) + \(back == 0 ? 0 : 1))"
    switch grain {
    case .day: return "to_char(\(day), 'YYYY-MM-DD')"
    case .week:
      // date_trunc counts weeks from Monday.
      let shift = calendar.weekStart - 1
      return "to_char(date_trunc('week', \(day) - \(shift)) + INTERVAL '\(shift) days', 'YYYY-MM-DD')"
    case .month: return "to_char(\(day), 'YYYY-MM')"
    case .quarter: return "to_char(\(day), 'YYYY\"-Q\"Q')"
    case .year: return "to_char(\(day), 'YYYY')"
    case .fiscalQuarter: return "\(fiscalYear) || '-Q' || to_char(\(fiscal), 'Q')"
    case .fiscalYear: return fiscalYear
    }
  }
}

extension TimeGrain {
  /// Whether it follows the fiscal year.
  var isFiscal: Bool { self == .fiscalYear || self == .fiscalQuarter }
}

extension BusinessCalendar {
  /// The bucket of a day as statements write it.
  func bucketText(_ grain: TimeGrain, holding day: CivilDate) -> String {
    let first = start(of: grain, holding: day)
    let (year, month, _) = first.parts
    let fiscalYear = fiscalStartMonth == 1 || month < fiscalStartMonth ? year : year + 1
    return switch grain {
    case .day, .week: first.description
    case .month: String(first.description.prefix(7))
    case .quarter: "\(year)-Q\((month + 2) / 3)"
    case .year: String(first.description.prefix(4))
    case .fiscalQuarter: "FY\(fiscalYear)-Q\((month - fiscalStartMonth + 12) % 12 / 3 + 1)"
    case .fiscalYear: "FY\(fiscalYear)"
    }
  }
}
