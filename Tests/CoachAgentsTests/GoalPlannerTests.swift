import CoachVocabulary
import FoundationEssentials
import Goals
import SemanticLayer
import Testing
import Warehouse

@testable import CoachAgents

@Suite struct GoalPlannerTests {
  private static let asOf = Shop.date("2026-06-30")

  private static func planner() async throws -> GoalPlanner {
    GoalPlanner(
      EvidenceDesk(try await Demo.domain(), asOf: asOf),
      identifiers: IdentifierSource(milliseconds: { 1 }, random: { 7 })
    )
  }

  @Test func `a wish with amount and deadline becomes a goal with all its parts`() async throws {
    let plan = try await Self.planner().plan("grow revenue by 5 % until the end of 2026", owner: "Anna")
    let goal = try #require(plan.goals.first, "\(plan.text)")
    #expect(goal.metric == "revenue")
    #expect(goal.direction == .atLeast)
    #expect(goal.measure == .sum)
    #expect(goal.deadline == Shop.date("2026-12-31"))
    #expect(goal.start == Shop.date("2026-07-01"))
    #expect(abs(goal.target - 1.05 * goal.baseline) < 1)
    #expect(goal.baselinePeriod == Shop.range("2025-07-01", "2026-01-01"))
    #expect((0...1).contains(goal.likelihood.probability))
    #expect(goal.likelihood.stretch > goal.likelihood.even && goal.likelihood.even > goal.likelihood.safe)
    #expect(goal.likelihood.tries > 0)
    #expect(!goal.milestones.isEmpty)
    #expect(goal.milestones.map(\.value) == goal.milestones.map(\.value).sorted())
    #expect(goal.indicators.map(\.metric).starts(with: ["units_sold", "average_selling_price"]))
    #expect(goal.guards.map(\.metric).contains("margin_pct"))
    #expect(goal.review.map(\.letter) == SMARTCheck.Letter.allCases)
    #expect(goal.review.allSatisfy { !$0.message.isEmpty && $0.result != .failed }, "\(goal.review)")
    #expect(goal.owner == "Anna")
    #expect(plan.questions.isEmpty)
    #expect(!plan.facts.isEmpty && plan.chart != nil && !plan.queries.isEmpty)
    #expect((1...3).contains(plan.goals.count))
  }

  @Test func `the baseline is what the database says`() async throws {
    let domain = try await Demo.domain()
    let plan = try await Self.planner().plan("grow revenue until the end of 2026")
    let goal = try #require(plan.goals.first)
    var frame = Frame()
    frame.metrics = ["revenue"]
    frame.time = TimeSelection(goal.baselinePeriod)
    let value = try await domain.run(domain.compiler(asOf: Self.asOf).compile(frame)).rows[0][0].doubleValue
    #expect(abs((value ?? 0) - goal.baseline) < 1)
    // Without an amount, the target is what three in ten futures reach, rounded.
    #expect(abs(goal.target / goal.likelihood.stretch - 1) < 0.02)
    #expect(plan.questions == ["Who answers for it?"])
  }

  @Test func `a target that no future reaches is refused by its letter and repaired`() async throws {
    let plan = try await Self.planner().plan("double customer satisfaction by the end of 2026")
    #expect(plan.goals.count >= 2, "\(plan.text)")
    #expect(plan.goals[0].review.first { $0.letter == .achievable }?.result == .failed)
    #expect(plan.goals[1].review.first { $0.letter == .achievable }?.result == .passed)
    #expect(plan.goals[1].target < plan.goals[0].target)
  }

  @Test func `less is better where the metric says so`() async throws {
    let plan = try await Self.planner().plan("improve the cancellation rate by the end of 2026")
    let goal = try #require(plan.goals.first, "\(plan.text)")
    #expect(goal.metric == "cancellation_rate")
    #expect(goal.measure == .end)
  }

  @Test(arguments: [
    ("grow", "Which figure should change?"),
    ("grow the number of moons by 5 %", "There is no metric"),
    ("grow revenue by 5 % before March 2020", "has passed"),
    ("", "Which figure should change?"),
  ])
  func `what is missing is asked for`(_ wish: String, _ words: String) async throws {
    let plan = try await Self.planner().plan(wish)
    #expect(plan.goals.isEmpty)
    #expect(plan.questions.count == 1)
    #expect(plan.text.contains(words), "\(plan.text)")
  }

  @Test func `a goal that contradicts an open one is refused`() async throws {
    let planner = try await Self.planner()
    var open = try #require(try await planner.plan("grow revenue by 5 % until the end of 2026").goals.first)
    open.state = .active
    open.id = "other"
    let plan = try await planner.plan("reduce revenue by 5 % until the end of 2026", others: [open])
    let check = try #require(plan.goals.first?.review.first { $0.letter == .relevant })
    #expect(check.result == .failed)
    #expect(check.message.contains("both cannot be reached"))
  }

  @Test func `a check-in computes progress, pace and probability from the data`() async throws {
    let domain = try await Demo.domain()
    let past = EvidenceDesk(domain, asOf: Shop.date("2025-12-31"))
    let planner = GoalPlanner(past, identifiers: IdentifierSource(milliseconds: { 1 }, random: { 7 }))
    let goal = try #require(try await planner.plan("grow revenue by 5 % by December 2026", owner: "A").goals.first)
    #expect(try await GoalKeeper(past).checkIn(on: goal).status == .notStarted)
    let keeper = GoalKeeper(EvidenceDesk(domain, asOf: Self.asOf))
    let checkIn = try await keeper.checkIn(on: goal, confidence: 0.8, note: "busy")
    var frame = Frame()
    frame.metrics = ["revenue"]
    frame.time = TimeSelection(Shop.range("2026-01-01", "2026-07-01"))
    let value = try await domain.run(domain.compiler(asOf: Self.asOf).compile(frame)).rows[0][0].doubleValue
    #expect(checkIn.value == value)
    #expect(abs(checkIn.progress - (value ?? 0) / goal.target) < 1e-9)
    #expect((0.4...0.6).contains(checkIn.pace))
    #expect(checkIn.probability != nil)
    #expect(checkIn.confidence == 0.8 && checkIn.note == "busy")
    #expect(checkIn.draft.contains("of the way"))
    var gone = goal
    gone.metric = "moons"
    await #expect(throws: EvidenceDesk.Refusal.self) { _ = try await keeper.checkIn(on: gone) }
  }
}
