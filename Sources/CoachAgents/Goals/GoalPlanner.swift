import Analytics
public import CoachVocabulary
public import Goals
import Questions
import SemanticLayer
import Warehouse

/// Turns a wish into goals with figures from the data; no model takes part.
public struct GoalPlanner: Sendable {
  let desk: EvidenceDesk
  let identifiers: IdentifierSource

  /// A planner.
  ///
  /// - Parameters:
  ///   - desk: the data, on one day.
  ///   - identifiers: where the identifiers of goals come from.
  public init(_ desk: EvidenceDesk, identifiers: IdentifierSource) {
    self.desk = desk
    self.identifiers = identifiers
  }

  var domain: Domain { desk.domain }
  var asOf: CivilDate { desk.asOf }

  /// Plans goals for a wish such as "grow revenue by 8 % until the end of 2026".
  ///
  /// - Parameters:
  ///   - wish: the words.
  ///   - owner: who answers for the goals, when the words do not say.
  ///   - others: the goals that are open, to find contradictions.
  /// - Returns: goals, or what has to be said first.
  /// - Throws: `QueryFailure` when the data cannot be read.
  public func plan(_ wish: String, owner: String? = nil, others: [Goal] = []) async throws -> GoalPlan {
    let intent = GoalIntent(reading: wish, today: asOf)
    guard !intent.subject.isEmpty else {
      return ask(wish, "Which figure should change? For instance: 'grow \(example) by 5 % until the end of the year'.")
    }
    let (metric, frame): (Metric, Frame)
    do {
      (metric, frame) = try desk.metric(intent.subject)
    } catch is EvidenceDesk.Refusal {
      return ask(wish, unknown(intent.subject))
    }
    let deadline = intent.deadline ?? defaultDeadline
    guard deadline > asOf else {
      return ask(wish, "The deadline \(deadline) has passed; today is \(asOf). Until when should it be reached?")
    }
    do {
      let subject = try await GoalSubject(metric, frame, deadline: deadline, desk: desk)
      return try await plan(wish, intent, subject, owner: owner ?? intent.owner, others: others)
    } catch let refusal as EvidenceDesk.Refusal {
      return ask(wish, "\(refusal)")
    } catch let fault as LikelihoodFault {
      return ask(wish, "\(metric.label) gives no ground for a goal: \(fault).")
    }
  }

  private func plan(
    _ wish: String,
    _ intent: GoalIntent,
    _ subject: GoalSubject,
    owner: String?,
    others: [Goal]
  ) async throws -> GoalPlan {
    let direction = intent.direction ?? (subject.metric.good == .down ? .atMost : .atLeast)
    let target = subject.target(intent.amount, direction)
    var goal = subject.goal(identifiers.next(), target: target, direction, owner: owner, domain: domain.model.name)
    var work = GoalContext(desk: desk, subject: subject)
    let facts = work.facts(direction)
    goal.initiatives = try await work.initiatives(direction)
    goal.indicators = work.indicators()
    goal.guards = try await work.guards()
    var goals = [reviewed(goal, subject, others)]
    if goals[0].review.contains(where: { $0.letter == .achievable && $0.result == .failed }) {
      // A goal that nearly every future misses is repaired by the one that three in ten reach.
      var repaired = goal
      repaired.id = identifiers.next()
      subject.retarget(&repaired, to: subject.rounded(goal.likelihood.stretch, direction))
      goals.append(reviewed(repaired, subject, others))
    }
    if let factor = try await factorGoal(of: goal, subject, direction, others) { goals.append(factor) }
    var plan = GoalPlan(
      wish: wish,
      text: sentence(goals[0], subject),
      questions: [],
      facts: facts,
      goals: goals,
      chart: subject.chart(goals[0]),
      queries: [subject.query] + work.queries
    )
    if owner == nil { plan.questions.append("Who answers for it?") }
    return plan
  }

  /// The same growth, asked of the count that the metric is made of.
  private func factorGoal(
    of goal: Goal,
    _ subject: GoalSubject,
    _ direction: Goal.Direction,
    _ others: [Goal]
  ) async throws -> Goal? {
    guard let name = MetricFactors(model: domain.model).names(of: subject.metric).first,
      let metric = domain.model.metric(name), goal.baseline > 0
    else { return nil }
    var frame = subject.frame
    frame.metrics = [name]
    guard let factor = try? await GoalSubject(metric, frame, deadline: goal.deadline, desk: desk) else { return nil }
    let target = factor.rounded(factor.baseline * goal.target / goal.baseline, direction)
    let other = factor.goal(identifiers.next(), target: target, direction, owner: goal.owner, domain: goal.domain)
    return reviewed(other, factor, others)
  }

  private func reviewed(_ goal: Goal, _ subject: GoalSubject, _ others: [Goal]) -> Goal {
    var goal = goal
    let review = SMARTReview(
      today: asOf,
      historyCount: subject.course.values.count { !$0.isNaN },
      newestDay: subject.start.adding(days: -1),
      goodDirection: subject.metric.good.map { $0 == .up ? 1 : -1 } ?? 0,
      others: others,
      write: subject.write
    )
    goal.review = review.checks(of: goal)
    return goal
  }

  // MARK: - Words

  private var example: String { domain.model.metrics.first?.label.loweredFirst ?? "revenue" }

  private func ask(_ wish: String, _ question: String) -> GoalPlan {
    GoalPlan(wish: wish, text: question, questions: [question], facts: [], goals: [], chart: nil, queries: [])
  }

  /// What to say of words that name no metric: those that come nearest.
  private func unknown(_ words: String) -> String {
    let asked = Set(words.lowercased().split(separator: " ").map(String.init))
    let near = domain.model.metrics.map { metric in
      let names = ([metric.label] + metric.synonyms).map { Set($0.lowercased().split(separator: " ").map(String.init)) }
      return (metric.label, names.map { $0.intersection(asked).count }.max() ?? 0)
    }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }.prefix(4).map(\.0)
    let offered = near.isEmpty ? domain.model.metrics.prefix(4).map(\.label) : Array(near)
    return
      "There is no metric '\(words)' in the data. Do you mean \(English.list(offered).replacingLast(" and ", with: " or "))?"
  }

  private func sentence(_ goal: Goal, _ subject: GoalSubject) -> String {
    let verb = goal.direction == .atLeast ? "at least" : "at most"
    return "\(goal.label) of \(verb) \(subject.write(goal.target)) from \(DateText.day(goal.start)) to "
      + "\(DateText.day(goal.deadline)): \(Self.percent(goal.likelihood.probability)) of simulated futures reach it. "
      + "With nothing done, \(subject.write(goal.likelihood.asBefore)) is the middle of them."
  }

  static func percent(_ share: Double) -> String { "\(ValueText.decimal(100 * share, places: 0)) %" }

  /// The end of the year, or of the next half when that is too near.
  private var defaultDeadline: CivilDate {
    let end = CivilDate(year: asOf.year, month: 12, day: 31) ?? asOf
    return end.dayNumber - asOf.dayNumber >= 90 ? end : asOf.startOfMonth.adding(months: 7).adding(days: -1)
  }
}

/// The metrics whose product another metric is.
struct MetricFactors {
  let model: SemanticModel

  /// Those the domain file names, else a count and the metric per count.
  func names(of metric: Metric) -> [String] {
    if let declared = model.causes(of: metric.name)?.factors, !declared.isEmpty { return declared }
    guard metric.formula.adds else { return [] }
    for other in model.metrics {
      guard case .ratio(let above, let below, let scale) = other.formula, scale == 1, above == metric.formula,
        let quantity = model.metrics.first(where: { $0.formula == below })
      else { continue }
      return [quantity.name, other.name]
    }
    return []
  }
}
