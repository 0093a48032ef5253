import Analytics
import CoachVocabulary
public import Goals
import SemanticLayer
import Warehouse

/// Follows goals: computes where they stand on a day, and closes them.
public struct GoalKeeper: Sendable {
  let desk: EvidenceDesk

  /// A keeper.
  public init(_ desk: EvidenceDesk) { self.desk = desk }

  /// Where a goal stands today.
  ///
  /// - Parameters:
  ///   - goal: which one.
  ///   - confidence: what the person thinks of it, 0...1.
  ///   - note: what the person says about it.
  /// - Returns: where it stands; nothing is kept.
  /// - Throws: ``EvidenceDesk/Refusal`` when the metric is no longer there, `QueryFailure`.
  public func checkIn(on goal: Goal, confidence: Double? = nil, note: String? = nil) async throws -> CheckIn {
    guard let metric = desk.domain.model.metric(goal.metric),
      let frame: Frame = try? goal.frame.decoded(), let grain = TimeGrain(rawValue: goal.grain)
    else { throw EvidenceDesk.Refusal.impossible("The metric '\(goal.metric)' of the goal is no longer in the data.") }
    let calendar = desk.domain.compiler(asOf: desk.asOf).calendar
    let (course, _) = try await desk.course(of: metric, frame, grain: grain)
    let value = try await value(of: goal, metric, frame, course)
    let now = calendar.start(of: grain, holding: desk.asOf.adding(days: 1))
    var probability: Double?
    let steps = GoalSubject.buckets(from: max(now, goal.start), to: goal.deadline, grain, calendar)
    if steps > 0, now >= goal.start {
      let inside = zip(course.starts, course.values).filter { $0.0 >= goal.start && !$0.1.isNaN }
      probability = try? GoalOutlook(
        history: course.values,
        periods: course.periods,
        steps: steps,
        measure: goal.measure,
        done: inside.reduce(0) { $0 + $1.1 }
      ).probability(of: goal.target, goal.direction)
    } else if steps > 0 {
      probability = goal.likelihood.probability
    }
    let progress = GoalProgress(
      goal: goal,
      today: desk.asOf,
      value: value,
      usualShare: usualShare(goal, course),
      probability: probability
    )
    var checkIn = CheckIn(
      goal: goal.id,
      day: desk.asOf,
      value: value,
      progress: progress.progress,
      pace: progress.pace,
      probability: probability,
      status: progress.status,
      confidence: confidence,
      note: note,
      warnings: progress.warnings
    )
    checkIn.warnings += try await guardWarnings(goal)
    checkIn.draft = draft(goal, checkIn, metric)
    return checkIn
  }

  /// The measure so far: for a sum all that is in since the start, for a level the newest complete bucket.
  private func value(
    of goal: Goal,
    _ metric: Metric,
    _ frame: Frame,
    _ course: MetricCourse
  ) async throws -> Double? {
    guard goal.measure == .sum else {
      return Array(zip(course.starts, course.values)).last {
        $0.0 >= goal.start && $0.0 <= goal.deadline && !$0.1.isNaN
      }?.1
    }
    guard desk.asOf >= goal.start else { return nil }
    var frame = frame
    let end = min(desk.asOf, goal.deadline).adding(days: 1)
    frame.time = TimeSelection(DateRange(start: goal.start, end: end))
    let query = try desk.domain.compiler(asOf: desk.asOf).compile(frame)
    return try await desk.domain.read(query.sql, parameters: query.parameters).rows.first?.first?.doubleValue ?? 0
  }

  /// The part of a sum that is usually in by today, as the same days a year before.
  private func usualShare(_ goal: Goal, _ course: MetricCourse) -> Double? {
    guard goal.measure == .sum, desk.asOf >= goal.start else { return nil }
    let back = 12
    let first = goal.start.adding(months: -back)
    let last = goal.deadline.adding(months: -back)
    let today = desk.asOf.adding(months: -back)
    guard course.grain == .month, course.starts.first.map({ $0 <= first }) == true else { return nil }
    let stretch = zip(course.starts, course.values).filter { $0.0 >= first && $0.0 <= last }
    let whole = stretch.reduce(0) { $0 + $1.1 }
    guard whole > 0, stretch.allSatisfy({ $0.1 >= 0 }) else { return nil }
    // The running month counts by its days.
    let behind = stretch.reduce(0.0) { sum, one in
      let end = one.0.adding(months: 1)
      if end <= today.adding(days: 1) { return sum + one.1 }
      guard one.0 <= today else { return sum }
      return sum + one.1 * Double(today.dayNumber - one.0.dayNumber + 1) / Double(end.dayNumber - one.0.dayNumber)
    }
    return behind / whole
  }

  private func guardWarnings(_ goal: Goal) async throws -> [String] {
    var warnings: [String] = []
    guard desk.asOf >= goal.start, let frame: Frame = try? goal.frame.decoded() else { return [] }
    for one in goal.guards {
      guard let metric = desk.domain.model.metric(one.metric) else { continue }
      var frame = frame
      frame.metrics = [metric.name]
      let end = min(desk.asOf, goal.deadline).adding(days: 1)
      frame.time = TimeSelection(DateRange(start: max(goal.start, end.adding(months: -3)), end: end))
      guard let query = try? desk.domain.compiler(asOf: desk.asOf).compile(frame),
        let value = try await desk.domain.read(query.sql, parameters: query.parameters).rows.first?.first?.doubleValue
      else { continue }
      let holds = one.direction == .atLeast ? value >= one.limit : value <= one.limit
      guard !holds else { continue }
      let format = ResultColumn.Format(metric.format)
      let (is_, limit) = (
        ValueText.text(value, format: format, unit: metric.unit),
        ValueText.text(one.limit, format: format, unit: metric.unit)
      )
      let side = one.direction == .atLeast ? "at least" : "at most"
      warnings.append("\(one.label) is \(is_); it should be \(side) \(limit).")
    }
    return warnings
  }

  private func draft(_ goal: Goal, _ checkIn: CheckIn, _ metric: Metric) -> String {
    let format = ResultColumn.Format(metric.format)
    func write(_ value: Double) -> String {
      let whole = format == .number && abs(value) >= 100
      return ValueText.text(whole ? value.rounded() : value, format: format, unit: metric.unit)
    }
    guard let value = checkIn.value else {
      return checkIn.status == .notStarted
        ? "The goal begins on \(DateText.day(goal.start))." : "There is no value of \(goal.label.loweredFirst) yet."
    }
    var text =
      "\(goal.label) is at \(write(value)) of \(write(goal.target)), \(GoalPlanner.percent(checkIn.progress)) "
      + "of the way where \(GoalPlanner.percent(checkIn.pace)) was to be expected."
    if let probability = checkIn.probability {
      text += " \(GoalPlanner.percent(probability)) of simulated futures reach the target."
    }
    return text
  }
}
