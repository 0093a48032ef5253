public import CoachVocabulary

/// The company's calendar at one moment: turns units of time into days.
public struct BusinessCalendar: Hashable, Sendable {
  /// What "today" means.
  public var asOf: CivilDate
  /// First day of the week, 1 for Monday to 7 for Sunday.
  public var weekStart: Int
  /// First month of the fiscal year, 1 to 12.
  public var fiscalStartMonth: Int
  /// Whether 5/6/2025 is 5 June instead of 6 May; dates with full stops are always read with the day first.
  public var dayFirst: Bool

  /// Makes a calendar.
  public init(asOf: CivilDate, weekStart: Int = 1, fiscalStartMonth: Int = 1, dayFirst: Bool = false) {
    self.asOf = asOf
    self.weekStart = weekStart
    self.fiscalStartMonth = fiscalStartMonth
    self.dayFirst = dayFirst
  }

  /// The first day of the unit that holds `day`.
  public func start(of grain: TimeGrain, holding day: CivilDate) -> CivilDate {
    switch grain {
    case .day: return day
    case .week: return day.adding(days: -((day.weekday - weekStart + 7) % 7))
    case .month: return day.startOfMonth
    case .quarter: return day.startOfMonth.adding(months: -((day.month - 1) % 3))
    case .year: return day.startOfMonth.adding(months: -(day.month - 1))
    case .fiscalQuarter: return day.startOfMonth.adding(months: -((day.month - fiscalStartMonth + 12) % 3))
    case .fiscalYear: return day.startOfMonth.adding(months: -((day.month - fiscalStartMonth + 12) % 12))
    }
  }

  /// The first day of the unit so many units later.
  public func moving(_ start: CivilDate, by count: Int, _ grain: TimeGrain) -> CivilDate {
    switch grain {
    case .day: start.adding(days: count)
    case .week: start.adding(days: 7 * count)
    case .month: start.adding(months: count)
    case .quarter, .fiscalQuarter: start.adding(months: 3 * count)
    case .year, .fiscalYear: start.adding(months: 12 * count)
    }
  }

  /// The unit that holds `day`, whole.
  public func range(of grain: TimeGrain, holding day: CivilDate) -> DateRange {
    let first = start(of: grain, holding: day)
    return DateRange(start: first, end: moving(first, by: 1, grain))
  }

  /// The `count` complete units before the one that holds the as-of day.
  public func lastComplete(_ count: Int, _ grain: TimeGrain) -> DateRange {
    let end = start(of: grain, holding: asOf)
    return DateRange(start: moving(end, by: -count, grain), end: end)
  }

  /// From the start of the running unit through the as-of day.
  public func toDate(_ grain: TimeGrain) -> DateRange {
    DateRange(start: start(of: grain, holding: asOf), end: asOf.adding(days: 1))
  }

  /// A running period up to the as-of day, since there is nothing beyond it to compare or to speak of.
  public func upToDate(_ time: TimeSelection) -> TimeSelection {
    let end = asOf.adding(days: 1)
    guard time.isRunning, time.range.start < end, time.range.end > end else { return time }
    var copy = time
    copy.range.end = end
    return copy
  }

  /// The comparison a period asks for.
  ///
  /// A running period is compared with the same days of the earlier unit, never with the whole of it.
  public func comparison(_ kind: FrameComparison.Kind, for time: TimeSelection) -> FrameComparison {
    let months: Int? =
      switch kind {
      case .samePeriodLastYear: 12
      case .previousPeriod, .named, .previousBucket: wholeMonths(of: time)
      }
    if let months {
      let range = DateRange(
        start: time.range.start.adding(months: -months),
        end: shiftedEnd(of: time.range, months: months)
      )
      return FrameComparison(kind: kind, range: range, shiftMonths: months)
    }
    let days = time.unit == .week ? 7 * time.count : time.range.dayCount
    let range = DateRange(start: time.range.start.adding(days: -days), end: time.range.end.adding(days: -days))
    return FrameComparison(kind: kind, range: range, shiftDays: days)
  }

  /// The comparison of each bucket of a series with the one before it; without a period, of all buckets there are.
  public func previousBucket(_ grain: TimeGrain, in time: TimeSelection?) -> FrameComparison {
    let months = [TimeGrain.month: 1, .quarter: 3, .fiscalQuarter: 3, .year: 12, .fiscalYear: 12][grain] ?? 0
    let days = [TimeGrain.day: 1, .week: 7][grain] ?? 0
    let all = DateRange(start: asOf, end: asOf.adding(days: 1))
    let range = time.map(\.range) ?? all
    let start = moving(range.start, by: -1, grain)
    // A series that stops within a bucket still needs the whole of the one before it.
    let end = self.start(of: grain, holding: range.lastDay)
    return FrameComparison(
      kind: .previousBucket,
      range: DateRange(start: start, end: max(end, start.adding(days: 1))),
      shiftMonths: months,
      shiftDays: days
    )
  }

  /// Shifts an excluded end: the day after the last day, or the first of the month when the period ends with a month.
  private func shiftedEnd(of range: DateRange, months: Int) -> CivilDate {
    if range.end.day == 1 { return range.end.adding(months: -months) }
    return range.lastDay.adding(months: -months).adding(days: 1)
  }

  private func wholeMonths(of time: TimeSelection) -> Int? {
    switch time.unit {
    case .month: return time.count
    case .quarter, .fiscalQuarter: return 3 * time.count
    case .year, .fiscalYear: return 12 * time.count
    case .day, .week: return nil
    case nil:
      guard time.range.start.day == 1, time.range.end.day == 1 else { return nil }
      let start = time.range.start.parts
      let end = time.range.end.parts
      return (end.year - start.year) * 12 + end.month - start.month
    }
  }
}
