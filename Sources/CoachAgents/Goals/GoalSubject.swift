import Analytics
import CoachVocabulary
import Goals
import SemanticLayer

/// The metric of a goal with its course, the time that it has, and what is likely.
struct GoalSubject {
  let metric: Metric
  /// The metric with its filters.
  let frame: Frame
  let grain: TimeGrain
  let course: MetricCourse
  let query: EvidenceQuery
  let measure: Goal.Measure
  /// The first day that is not in the course.
  let start: CivilDate
  let deadline: CivilDate
  /// Whole buckets between start and deadline.
  let steps: Int
  let baseline: Double
  let baselinePeriod: DateRange
  let outlook: GoalOutlook

  /// - Throws: `EvidenceDesk.Refusal`, `LikelihoodFault`, `QueryFailure`.
  init(_ metric: Metric, _ frame: Frame, deadline: CivilDate, desk: EvidenceDesk) async throws {
    self.metric = metric
    self.frame = frame
    self.deadline = deadline
    let calendar = desk.domain.compiler(asOf: desk.asOf).calendar
    grain = try await Self.grain(for: metric, until: deadline, desk: desk)
    (course, query) = try await desk.course(of: metric, frame, grain: grain)
    start = calendar.start(of: grain, holding: desk.asOf.adding(days: 1))
    steps = Self.buckets(from: start, to: deadline, grain, calendar)
    let isBalance = metric.measures.contains { desk.domain.model.dataset($0.dataset)?.semiAdditive != nil }
    measure = metric.isAdditive && !isBalance ? .sum : .end
    outlook = try GoalOutlook(history: course.values, periods: course.periods, steps: steps, measure: measure)
    (baseline, baselinePeriod) = Self.baseline(course, steps: steps, measure, calendar)
  }

  /// Months, unless the goal is too short for them and the facts are finer.
  private static func grain(for metric: Metric, until deadline: CivilDate, desk: EvidenceDesk) async throws -> TimeGrain
  {
    let days = deadline.dayNumber - desk.asOf.dayNumber
    if days >= 59 { return .month }
    let calendar = desk.domain.compiler(asOf: desk.asOf).calendar
    let month = calendar.start(of: .month, holding: desk.asOf.adding(days: 1))
    if buckets(from: month, to: deadline, .month, calendar) >= 1 { return .month }
    guard try await desk.cadence(of: metric) == .week else { return .month }
    return days >= 14 ? .week : .day
  }

  static func buckets(
    from start: CivilDate,
    to deadline: CivilDate,
    _ grain: TimeGrain,
    _ calendar: BusinessCalendar
  ) -> Int {
    var count = 0
    var end = calendar.moving(start, by: 1, grain)
    while end <= deadline.adding(days: 1), count < 400 {
      count += 1
      end = calendar.moving(end, by: 1, grain)
    }
    return count
  }

  /// The same stretch a year earlier when it is known, else the one just before; of a level, the mean of the last three.
  private static func baseline(
    _ course: MetricCourse,
    steps: Int,
    _ measure: Goal.Measure,
    _ calendar: BusinessCalendar
  ) -> (Double, DateRange) {
    let count = course.values.count
    func range(_ first: Int, _ last: Int) -> DateRange {
      DateRange(start: course.starts[first], end: calendar.moving(course.starts[last], by: 1, course.grain))
    }
    if measure == .end {
      let first = max(0, count - 3)
      let known = course.values[first...].filter { !$0.isNaN }
      return (known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count), range(first, count - 1))
    }
    let back = course.periods.first ?? steps
    let first = steps <= back && count >= back ? count - back : max(0, count - steps)
    let last = min(first + steps, count) - 1
    let sum = course.values[first...last].filter { !$0.isNaN }.reduce(0, +)
    return (sum * Double(steps) / Double(last - first + 1), range(first, last))
  }

  // MARK: - Targets

  func target(_ amount: GoalIntent.Amount?, _ direction: Goal.Direction) -> Double {
    switch amount {
    case .by(let share): baseline * (1 + share)
    case .byAmount(let size): baseline + size
    case .to(let value): value
    case nil: rounded(outlook.target(reachedWith: 0.3, direction), direction)
    }
  }

  /// A number that people can remember: three digits, rounded towards the goal.
  func rounded(_ value: Double, _ direction: Goal.Direction) -> Double {
    guard value.isFinite, value != 0 else { return value }
    var step = 1.0
    while step * 1_000 < abs(value) { step *= 10 }
    while step * 100 > abs(value) { step /= 10 }
    let rounded = (value / step).rounded(direction == .atLeast ? .up : .down) * step
    // What is counted comes in whole numbers.
    return metric.format == .number && abs(value) >= 10 && step < 1 && metric.isAdditive ? rounded.rounded() : rounded
  }

  func goal(
    _ id: GoalID,
    target: Double,
    _ direction: Goal.Direction,
    owner: String?,
    domain: String
  ) -> Goal {
    let verb = direction == .atLeast ? "Reach" : "Keep to"
    var goal = Goal(
      id: id,
      domain: domain,
      title: "\(verb) \(write(target)) of \(label) by \(DateText.day(deadline))",
      metric: metric.name,
      label: metric.label,
      unit: metric.unit,
      format: metric.format.rawValue,
      frame: (try? JSONValue(encoding: frame)) ?? .null,
      grain: grain.rawValue,
      measure: measure,
      direction: direction,
      baseline: baseline,
      baselinePeriod: baselinePeriod,
      target: target,
      start: start,
      deadline: deadline,
      owner: owner,
      likelihood: outlook.likelihood(of: target, direction, baseline: baseline)
    )
    goal.milestones = milestones(target)
    return goal
  }

  /// Gives a goal another target, with all that follows from it.
  func retarget(_ goal: inout Goal, to target: Double) {
    goal.target = target
    let verb = goal.direction == .atLeast ? "Reach" : "Keep to"
    goal.title = "\(verb) \(write(target)) of \(label) by \(DateText.day(deadline))"
    goal.likelihood = outlook.likelihood(of: target, goal.direction, baseline: baseline)
    goal.milestones = milestones(target)
  }

  /// Up to four places on the way: of a sum as the usual course runs, of a level in even steps.
  private func milestones(_ target: Double) -> [Goal.Milestone] {
    guard steps > 1, target.isFinite else { return [] }
    let places = Set((1...4).map { max(1, $0 * steps / 4) }).filter { $0 < steps }.sorted()
    let shares = usualShares()
    return places.map { place in
      let share = measure == .sum ? shares[place - 1] : Double(place) / Double(steps)
      let value = measure == .sum ? target * share : baseline + (target - baseline) * share
      return Goal.Milestone(day: day(after: place), value: value)
    }
  }

  /// The last day of so many buckets.
  private func day(after count: Int) -> CivilDate {
    switch grain {
    case .day: start.adding(days: count - 1)
    case .week: start.adding(days: 7 * count - 1)
    case .month, .quarter, .year, .fiscalQuarter, .fiscalYear: start.adding(months: count).adding(days: -1)
    }
  }

  /// The part of the whole that is usually behind after each bucket, as a season before or in even steps.
  private func usualShares() -> [Double] {
    let back = course.periods.first ?? 0
    let first = course.values.count - back
    let even = (1...steps).map { Double($0) / Double(steps) }
    guard back >= steps, first >= 0 else { return even }
    let stretch = course.values[first..<(first + steps)]
    let sum = stretch.reduce(0, +)
    guard sum > 0, stretch.allSatisfy({ $0 >= 0 }) else { return even }
    var running = 0.0
    return stretch.map { value in
      running += value
      return running / sum
    }
  }

  // MARK: - Words

  /// The metric with what it is filtered by.
  var label: String {
    let filters = frame.filters.map { "\($0.excludes ? "not " : "")\($0.values.joined(separator: " or "))" }
    return ([metric.label.loweredFirst] + (filters.isEmpty ? [] : ["in \(filters.joined(separator: ", "))"])).joined(
      separator: " "
    )
  }

  /// Writes a value of the metric.
  var write: @Sendable (Double) -> String {
    let format = ResultColumn.Format(metric.format)
    let unit = metric.unit
    return { value in
      let whole = format == .number && abs(value) >= 100
      return ValueText.text(whole ? value.rounded() : value, format: format, unit: unit)
    }
  }

  func chart(_ goal: Goal) -> JSONValue {
    let past = max(0, course.values.count - 24)..<course.values.count
    var labels = past.map { JSONValue.string(name(course.starts[$0])) }
    let gap = [JSONValue](repeating: .null, count: past.count)
    labels += (0..<steps).map { JSONValue.string(name(day(after: $0 + 1))) }
    let even = goal.measure == .sum ? goal.target / Double(steps) : goal.target
    let wanted = goal.measure == .sum ? shares(of: goal.target) : [Double](repeating: even, count: steps)
    func series(_ label: String, _ data: [JSONValue]) -> JSONValue { ["label": .string(label), "data": .array(data)] }
    let values = past.map { course.values[$0].isNaN ? JSONValue.null : .double(course.values[$0]) }
    return ChartRule.config(
      "line",
      labels,
      [
        series(metric.label, values + [JSONValue](repeating: .null, count: steps)),
        series("Goal", gap + wanted.map { .double($0) }),
      ],
      title: goal.title
    )
  }

  /// What each bucket has to give for a sum.
  private func shares(of target: Double) -> [Double] {
    let shares = usualShares()
    return shares.indices.map { target * (shares[$0] - ($0 == 0 ? 0 : shares[$0 - 1])) }
  }

  private func name(_ day: CivilDate) -> String {
    grain == .month ? "\(DateText.monthName(day.month)) \(day.year)" : DateText.day(day)
  }
}
