public import CoachVocabulary
public import FoundationEssentials

/// Times that repeat, in the five fields of cron: minute, hour, day of month, month, day of week.
///
/// A field is `*`, a number, a range `1-5`, a list `1,15`, or any of them with a step `*/10`. Sunday is 0 or 7. When both
/// the day of month and the day of week are restricted, a day that fits either counts, as in cron. A local time that the
/// clocks skip counts at the skip, one that they show twice counts once.
public struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
  /// The five fields.
  public let description: String
  private let minutes: Set<Int>
  private let hours: Set<Int>
  private let days: Set<Int>
  private let months: Set<Int>
  private let weekdays: Set<Int>
  private let needsBoth: Bool

  /// Why a schedule cannot be read.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and how to mend it.
    public let description: String
  }

  /// Reads the five fields.
  ///
  /// - Throws: ``Failure`` that names the field at fault.
  public init(_ text: String) throws(Failure) {
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 5, text.utf8.count <= 500 else {
      throw Failure(description: "'\(text)' needs five fields: minute, hour, day of month, month, day of week")
    }
    minutes = try Self.field(fields[0], 0...59, "minute")
    hours = try Self.field(fields[1], 0...23, "hour")
    days = try Self.field(fields[2], 1...31, "day of month")
    months = try Self.field(fields[3], 1...12, "month")
    weekdays = Set(try Self.field(fields[4], 0...7, "day of week").map { $0 % 7 })
    needsBoth = fields[2].hasPrefix("*") || fields[4].hasPrefix("*")
    description = fields.joined(separator: " ")
  }

  private static func field(_ text: Substring, _ range: ClosedRange<Int>, _ name: String) throws(Failure) -> Set<Int> {
    var values: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
      let step = halves.count == 2 ? Int(halves[1]) : 1
      let low = halves[0] == "*" ? range.lowerBound : ends.first ?? nil
      let high = halves[0] == "*" || halves.count == 2 && ends.count == 1 ? range.upperBound : ends.last ?? nil
      let first = halves[0] == "*" ? range.lowerBound : low
      guard let first, let high, let step, step > 0, first <= high, range.contains(first), range.contains(high) else {
        throw Failure(
          description: "'\(part)' is no \(name); use a number from \(range.lowerBound) to \(range.upperBound), "
            + "a range, a list, '*' or a step"
        )
      }
      values.formUnion(stride(from: first, through: high, by: step))
    }
    return values
  }

  /// The first time after a moment; nil when there is none within eight years, as for 30 February.
  public func next(after moment: Date, in zone: ScheduleZone = .utc) -> Date? {
    let local = Int(moment.timeIntervalSince1970.rounded(.down)) + zone.offset(at: moment)
    // A day earlier, since the clocks may have been turned back meanwhile.
    let firstDay = Int((Double(local) / 86_400).rounded(.down)) - 1
    for day in firstDay...(firstDay + 366 * 8) where fits(day: day) {
      for hour in hours.sorted() {
        for minute in minutes.sorted() {
          let time = zone.moment(ofLocal: day * 86_400 + hour * 3_600 + minute * 60)
          if time > moment { return time }
        }
      }
    }
    return nil
  }

  private func fits(day number: Int) -> Bool {
    let parts = CivilDate(dayNumber: number).parts
    guard months.contains(parts.month) else { return false }
    let fitsDay = days.contains(parts.day)
    let fitsWeekday = weekdays.contains(CivilDate(dayNumber: number).weekday % 7)
    return needsBoth ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
  }
}
