import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import Goals
import SemanticLayer
import StateGraph

extension CoachNodes {
  /// Plans goals for the message and keeps them as proposals.
  func planGoals(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    guard let store = services.goals else { throw CoachFailure.missingInput("a store of goals") }
    let domain = try services.domain(state[CoachState.domain])
    let asOf = try state[CoachState.asOf] ?? domain.asOf(now: services.clock.now)
    let wish = try state.required(CoachState.message)
    let owner = try state[CoachState.owner]
    let planner = GoalPlanner(EvidenceDesk(domain, asOf: asOf), identifiers: services.identifiers)
    // Identifiers are new each time, so a node that is executed again must find its first plan.
    let plan = try await context.once("plan") { () async throws -> GoalPlan in
      let open = try await store.goals(of: .local, domain: domain.model.name, openOnly: true, limit: 500)
      let plan = try await planner.plan(wish, owner: owner, others: open.filter { $0.state == .active })
      for goal in plan.goals { try await store.save(goal, of: .local) }
      return plan
    }
    var answer = try words(plan.goals.isEmpty ? .clarify : .answer, state)
    answer.text = plan.text
    answer.plan = plan
    answer.chartConfig = plan.chart
    var update = try replying(answer)
    try update.set(CoachState.verdict, plan.goals.isEmpty ? "open" : "proposed")
    try update.set(CoachState.goal, plan.goals.first?.id.rawValue ?? "")
    update.note = plan.goals.isEmpty ? "something has to be said first" : "\(plan.goals.count) proposed"
    return update
  }

  /// Sets the proposed goal, or drops it, as the person said.
  func decideGoal(_ state: StateSnapshot, _ context: NodeContext) async throws -> StateUpdate {
    guard let store = services.goals else { throw CoachFailure.missingInput("a store of goals") }
    var answer = try state.required(CoachState.answer)
    let id = GoalID(try state[CoachState.goal] ?? "")
    guard var goal = try await store.goal(id, of: .local), goal.state == .proposed else {
      answer.notes.append("The goal is no longer open.")
      return try replying(answer)
    }
    let isApproved = try state[CoachState.isApproved] ?? false
    let failed = goal.review.filter { $0.result == .failed }.map(\.message)
    if isApproved, !failed.isEmpty {
      answer.notes.append("The goal was not set: \(failed.joined(separator: " "))")
      return try replying(answer)
    }
    goal.state = isApproved ? .active : .cancelled
    let decided = goal
    // Saving the same goal twice changes nothing, so it needs no record of its own.
    try await store.save(decided, of: .local)
    answer.notes.append(isApproved ? "The goal is set." : "The goal was dropped.")
    return try replying(answer)
  }
}

extension Answer {
  /// The sentences of an investigation or a plan, which a wording may draw its numbers from.
  var findings: [String] {
    if let investigation {
      return [investigation.headline, investigation.confidenceReason]
        + (investigation.claims + investigation.ruledOut).flatMap(\.sentences)
    }
    guard let plan else { return [] }
    let goals = plan.goals.flatMap { [$0.title] + $0.review.map(\.message) + $0.initiatives.map(\.title) }
    return [plan.text] + plan.facts + goals
  }
}
