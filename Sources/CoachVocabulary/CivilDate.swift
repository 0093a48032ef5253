/// A day of the Gregorian calendar, without time or zone.
public struct CivilDate: Hashable, Sendable, Comparable, CustomStringConvertible, Codable {
  /// Days since 1 January 1970.
  public var dayNumber: Int

  /// Makes the date that lies so many days after 1 January 1970.
  public init(dayNumber: Int) { self.dayNumber = dayNumber }

  /// Makes a date; nil when there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month),
      (1...Self.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    dayNumber = Self.dayNumber(year, month, day)
  }

  /// Reads `YYYY-MM-DD`, with anything after the tenth character ignored when it begins with `T` or a space.
  public init?(_ text: some StringProtocol) {
    let head = text.prefix(10)
    if text.count > 10, let next = text.dropFirst(10).first, next != "T", next != " " { return nil }
    let parts = head.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Reads `YYYY-MM-DD`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let date = CivilDate(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no date (YYYY-MM-DD)")
    }
    self = date
  }

  /// Writes `YYYY-MM-DD`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Year, month (1…12) and day (1…31).
  ///
  /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
  public var parts: (year: Int, month: Int, day: Int) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The year.
  public var year: Int { parts.year }
  /// The month, 1 to 12.
  public var month: Int { parts.month }
  /// The day of the month, from 1.
  public var day: Int { parts.day }
  /// The day of the week, 1 for Monday to 7 for Sunday.
  public var weekday: Int { (((dayNumber + 3) % 7) + 7) % 7 + 1 }
  /// The quarter of the calendar year, 1 to 4.
  public var quarter: Int { (month - 1) / 3 + 1 }

  /// The date so many days later (earlier when negative).
  public func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + days) }

  /// The date so many months later; the day is cut to the length of the month.
  public func adding(months: Int) -> CivilDate {
    let (year, month, day) = parts
    let index = year * 12 + (month - 1) + months
    let newYear = Int((Double(index) / 12).rounded(.down))
    let newMonth = index - newYear * 12 + 1
    let newDay = min(day, Self.days(inMonth: newMonth, of: newYear))
    return CivilDate(dayNumber: Self.dayNumber(newYear, newMonth, newDay))
  }

  /// The first day of this date's month.
  public var startOfMonth: CivilDate { adding(days: 1 - day) }

  /// How many days a month has.
  public static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// `YYYY-MM-DD`.
  public var description: String {
    let (year, month, day) = parts
    func padded(_ number: Int, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// Orders by time.
  public static func < (left: Self, right: Self) -> Bool { left.dayNumber < right.dayNumber }

  /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

/// Days from `start` up to but not including `end`.
public struct DateRange: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The first day.
  public var start: CivilDate
  /// The day after the last.
  public var end: CivilDate

  /// Makes a range; `end` is excluded.
  public init(start: CivilDate, end: CivilDate) {
    self.start = start
    self.end = end
  }

  /// How many days it holds; 0 when it is empty or reversed.
  public var dayCount: Int { max(0, end.dayNumber - start.dayNumber) }

  /// The last day that belongs to it.
  public var lastDay: CivilDate { end.adding(days: -1) }

  /// `start..<end`.
  public var description: String { "\(start)..<\(end)" }
}
