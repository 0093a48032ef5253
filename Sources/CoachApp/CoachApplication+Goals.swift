public import CoachAPI
public import CoachAgents
public import CoachVocabulary
import ConcurrencyKit
public import Goals
import Persistence
import SemanticLayer

/// Why nothing can be done with a goal.
public enum GoalProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such goal.
  case unknown(GoalID)
  /// The goal is not in the state that the step needs.
  case wrongState(GoalID, Goal.State, wanted: String)
  /// The goal fails a check that it must pass first.
  case refused([String])

  /// What is wrong, and how to mend it.
  public var description: String {
    switch self {
    case .unknown(let id): "there is no goal '\(id)'; 'coach goals list' shows those that there are"
    case .wrongState(let id, let state, let wanted): "the goal '\(id)' is \(state.rawValue); it must be \(wanted)"
    case .refused(let messages): "the goal cannot be set: " + messages.joined(separator: " ")
    }
  }
}

extension CoachApplication {
  /// Plans goals for a wish and keeps them as proposals.
  ///
  /// - Parameters:
  ///   - wish: the words.
  ///   - owner: who answers for the goals.
  ///   - domain: the domain; nil takes the default one.
  ///   - asOf: what "today" is; nil takes the domain's.
  /// - Returns: the plan; its goals are kept, in the state `proposed`.
  /// - Throws: `CoachProblem`, `GoalStoreFailure`, `QueryFailure`.
  public func planGoals(
    _ wish: String,
    owner: String? = nil,
    domain: String? = nil,
    asOf: CivilDate? = nil
  ) async throws -> GoalPlan {
    let desk = try evidence(on: domain, asOf: asOf)
    let name = domain ?? installation.defaultDomain
    let open = try await database.goals.goals(of: .local, domain: name, openOnly: true, limit: 500)
      .filter { $0.state == .active }
    let planner = GoalPlanner(desk, identifiers: surroundings.identifiers)
    let plan = try await planner.plan(wish, owner: owner, others: open)
    for goal in plan.goals { try await database.goals.save(goal, of: .local) }
    return plan
  }

  /// Approves a proposed goal, so that it is worked on.
  ///
  /// - Throws: ``GoalProblem`` when a check fails or it is not proposed, `GoalStoreFailure`.
  public func approveGoal(_ id: GoalID, owner: String? = nil) async throws -> Goal {
    var goal = try await goal(id)
    guard goal.state == .proposed else { throw GoalProblem.wrongState(id, goal.state, wanted: "proposed") }
    let open = try await database.goals.goals(of: .local, domain: goal.domain, openOnly: true, limit: 500)
    // Others may have been approved since it was proposed.
    let conflicts = open.filter { $0.state == .active }.compactMap { goal.conflict(with: $0) }
    let failed = goal.review.filter { $0.result == .failed && $0.letter != .relevant }.map(\.message) + conflicts
    guard failed.isEmpty else { throw GoalProblem.refused(failed) }
    goal.state = .active
    if let owner, !owner.isEmpty { goal.owner = owner }
    try await database.goals.save(goal, of: .local)
    return goal
  }

  /// A goal that is kept.
  public func goal(_ id: GoalID) async throws -> Goal {
    guard let goal = try await database.goals.goal(id, of: .local) else { throw GoalProblem.unknown(id) }
    return goal
  }

  /// The newest goals.
  public func goals(domain: String? = nil, openOnly: Bool = false, limit: Int = 100) async throws -> [Goal] {
    try await database.goals.goals(of: .local, domain: domain, openOnly: openOnly, limit: limit)
  }

  /// The newest check-ins of a goal, oldest first.
  public func checkIns(of id: GoalID, last limit: Int = 60) async throws -> [CheckIn] {
    try await database.goals.checkIns(of: id, tenant: .local, last: limit)
  }

  /// Where a goal stands today, without keeping it.
  public func standing(of goal: Goal, asOf: CivilDate? = nil) async throws -> CheckIn {
    try await GoalKeeper(try evidence(on: goal.domain, asOf: asOf)).checkIn(on: goal)
  }

  /// Computes where a goal stands, and keeps it with what the person says.
  ///
  /// - Parameters:
  ///   - id: the goal; it must be active.
  ///   - confidence: what the person thinks of it, 0...1.
  ///   - note: what the person says.
  ///   - asOf: what "today" is; nil takes the domain's.
  /// - Returns: the check-in as it is kept.
  /// - Throws: ``GoalProblem``, `GoalStoreFailure`, `EvidenceDesk.Refusal`.
  public func checkIn(
    _ id: GoalID,
    confidence: Double? = nil,
    note: String? = nil,
    asOf: CivilDate? = nil
  ) async throws -> CheckIn {
    let goal = try await goal(id)
    guard goal.state == .active else { throw GoalProblem.wrongState(id, goal.state, wanted: "active") }
    let checkIn = try await GoalKeeper(try evidence(on: goal.domain, asOf: asOf))
      .checkIn(on: goal, confidence: confidence, note: note)
    try await database.goals.save(checkIn, of: .local)
    return checkIn
  }

  /// Closes a goal.
  ///
  /// - Parameters:
  ///   - id: the goal.
  ///   - state: the closing state.
  ///   - note: why.
  /// - Returns: the goal as it is kept.
  /// - Throws: ``GoalProblem``, `GoalStoreFailure`.
  public func closeGoal(_ id: GoalID, as state: Goal.State, note: String?) async throws -> Goal {
    var goal = try await goal(id)
    guard state.isClosed else {
      throw GoalProblem.wrongState(id, state, wanted: "achieved, missed, cancelled or replaced")
    }
    guard !goal.state.isClosed else { throw GoalProblem.wrongState(id, goal.state, wanted: "open") }
    goal.state = state
    goal.closingNote = note
    try await database.goals.save(goal, of: .local)
    return goal
  }
}

extension CoachApplication: EvidenceService {
  /// Explains what a metric did.
  public func investigate(_ question: String, domain: String?) async throws(CoachProblem) -> JSONValue {
    try await answering { try await $0.evidence(on: domain).investigate(question) }
  }

  /// Starts a run that investigates.
  public func startInvestigation(_ question: String, domain: String?) async throws(CoachProblem) -> StartedRun {
    try await ask(ChatRequest(message: question, domain: domain), asOf: nil, graph: "investigate")
  }

  /// Starts a run that plans goals and asks for approval.
  public func startPlan(_ wish: String, domain: String?) async throws(CoachProblem) -> StartedRun {
    try await ask(ChatRequest(message: wish, domain: domain), asOf: nil, graph: "plan_goals")
  }

  /// Forecasts a metric.
  public func forecast(
    _ metric: String,
    steps: Int?,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue {
    let grain = try Self.grain(grain, among: ["day", "week", "month", "quarter"])
    return try await answering { try await $0.evidence(on: domain).forecast(metric, steps: steps, grain: grain) }
  }

  /// Looks for what was unusual lately.
  public func anomalies(
    _ metrics: [String],
    last count: Int,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue {
    let grain = try Self.grain(grain, among: ["week", "month"])
    let reports = try await answering {
      try await $0.evidence(on: domain).anomalies(of: metrics, last: count, grain: grain)
    }
    return ["reports": reports]
  }

  /// Plans goals and keeps them as proposals.
  public func planGoals(_ wish: String, owner: String?, domain: String?) async throws(CoachProblem) -> JSONValue {
    try await answering { try await $0.planGoals(wish, owner: owner, domain: domain, asOf: nil) }
  }

  /// The newest goals, each with where it stands when it is active.
  public func listGoals(domain: String?, openOnly: Bool, limit: Int) async throws(CoachProblem) -> JSONValue {
    let entries: [JSONValue] = try await working { application in
      var entries: [JSONValue] = []
      for goal in try await application.goals(domain: domain, openOnly: openOnly, limit: limit) {
        var members = try JSONValue(encoding: goal).objectValue ?? [:]
        if goal.state == .active, let standing = try? await application.standing(of: goal) {
          members["standing"] = try JSONValue(encoding: standing)
        }
        entries.append(.object(members))
      }
      return entries
    }
    return ["goals": .array(entries)]
  }

  /// One goal with its check-ins.
  public func readGoal(_ id: String) async throws(CoachProblem) -> JSONValue {
    try await working { application in
      let goal = try await application.goal(GoalID(id))
      var members = try JSONValue(encoding: goal).objectValue ?? [:]
      members["check_ins"] = try JSONValue(encoding: try await application.checkIns(of: goal.id))
      if goal.state == .active, let standing = try? await application.standing(of: goal) {
        members["standing"] = try JSONValue(encoding: standing)
      }
      return .object(members)
    }
  }

  /// Approves a proposed goal.
  public func approveGoal(_ id: String, owner: String?) async throws(CoachProblem) -> JSONValue {
    try await answering { try await $0.approveGoal(GoalID(id), owner: owner) }
  }

  /// Computes and keeps where a goal stands.
  public func checkInGoal(_ id: String, confidence: Double?, note: String?) async throws(CoachProblem) -> JSONValue {
    try await answering { try await $0.checkIn(GoalID(id), confidence: confidence, note: note, asOf: nil) }
  }

  /// Closes a goal.
  public func closeGoal(_ id: String, state: String, note: String?) async throws(CoachProblem) -> JSONValue {
    guard let wanted = Goal.State(rawValue: state), wanted.isClosed else {
      throw .unanswerable("'state' must be achieved, missed, cancelled or replaced, not '\(state)'.")
    }
    return try await answering { try await $0.closeGoal(GoalID(id), as: wanted, note: note) }
  }

  private static func grain(_ text: String?, among known: [String]) throws(CoachProblem) -> TimeGrain? {
    guard let text else { return nil }
    guard known.contains(text), let grain = TimeGrain(rawValue: text) else {
      throw .unanswerable("The length of a period must be \(known.joined(separator: ", ")), not '\(text)'.")
    }
    return grain
  }

  private func answering<Value: Encodable>(
    _ body: (CoachApplication) async throws -> Value
  ) async throws(CoachProblem) -> JSONValue {
    try await working { try JSONValue(encoding: try await body($0)) }
  }

  /// Does the work and gives its failures the form that clients are told.
  private func working<Value>(_ body: (CoachApplication) async throws -> Value) async throws(CoachProblem) -> Value {
    do {
      return try await body(self)
    } catch let problem as CoachProblem {
      throw problem
    } catch let refusal as EvidenceDesk.Refusal {
      throw .unanswerable("\(refusal)")
    } catch let problem as GoalProblem {
      if case .unknown(let id) = problem { throw .unknownGoal(id.rawValue) }
      throw .unanswerable("\(problem)".capitalizedSentence)
    } catch {
      let reference = surroundings.identifiers.next(RunKind.self).rawValue
      surroundings.log("fault \(reference): \(error)")
      throw .internal(reference: reference)
    }
  }
}

extension String {
  fileprivate var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }
}
