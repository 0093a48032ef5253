import Analytics
import CoachVocabulary
import Goals
import Testing

@Suite struct GoalTests {
  private static func day(_ text: String) -> CivilDate {
    guard let day = CivilDate(text) else { preconditionFailure("'\(text)' is no date") }
    return day
  }

  private static func goal(
    _ id: GoalID = "g",
    measure: Goal.Measure = .sum,
    direction: Goal.Direction = .atLeast,
    baseline: Double = 100,
    target: Double = 120,
    probability: Double = 0.5,
    deadline: String = "2026-12-31"
  ) -> Goal {
    Goal(
      id: id,
      domain: "d",
      title: "Goal \(id)",
      metric: "m",
      label: "Units",
      unit: nil,
      format: "number",
      frame: .null,
      grain: "month",
      measure: measure,
      direction: direction,
      baseline: baseline,
      baselinePeriod: DateRange(start: day("2025-07-01"), end: day("2026-01-01")),
      target: target,
      start: day("2026-07-01"),
      deadline: day(deadline),
      owner: "Anna",
      likelihood: Likelihood(
        probability: probability,
        asBefore: 110,
        likely: [100, 120],
        stretch: 115,
        even: 110,
        safe: 105,
        tries: 3,
        reached: 1,
        best: 0.3
      )
    )
  }

  private static func results(
    _ goal: Goal,
    history: Int = 24,
    newest: String = "2026-06-30",
    good: Int = 1,
    others: [Goal] = []
  ) -> [SMARTCheck.Letter: SMARTCheck] {
    let review = SMARTReview(
      today: day("2026-06-30"),
      historyCount: history,
      newestDay: day(newest),
      goodDirection: good,
      others: others,
      write: { "\($0)" }
    )
    return Dictionary(review.checks(of: goal).map { ($0.letter, $0) }, uniquingKeysWith: { $1 })
  }

  // MARK: - SMART

  @Test func `a sound goal passes every letter`() {
    var goal = Self.goal()
    goal.milestones = [Goal.Milestone(day: Self.day("2026-09-30"), value: 60)]
    let results = Self.results(goal)
    #expect(results.count == 5)
    #expect(results.values.allSatisfy { $0.result == .passed && !$0.message.isEmpty }, "\(results)")
  }

  @Test func `each letter says what is wrong`() {
    var ownerless = Self.goal()
    ownerless.owner = nil
    #expect(Self.results(ownerless)[.specific]?.result == .warned)
    #expect(Self.results(Self.goal(target: .nan))[.specific]?.result == .failed)
    #expect(Self.results(Self.goal(), history: 2)[.measurable]?.result == .failed)
    #expect(Self.results(Self.goal(), newest: "2026-03-31")[.measurable]?.result == .warned)
    #expect(Self.results(Self.goal(probability: 0.01))[.achievable]?.result == .failed)
    #expect(Self.results(Self.goal(probability: 0.99))[.achievable]?.result == .warned)
    #expect(Self.results(Self.goal(), good: -1)[.relevant]?.result == .warned)
    #expect(Self.results(Self.goal(target: 90))[.relevant]?.result == .warned)
    #expect(Self.results(Self.goal(deadline: "2026-06-30"))[.timeBound]?.result == .failed)
    #expect(Self.results(Self.goal(deadline: "2036-06-30"))[.timeBound]?.result == .failed)
    #expect(Self.results(Self.goal())[.timeBound]?.result == .warned)
  }

  @Test func `goals that contradict each other are named`() {
    let more = Self.goal("a")
    let less = Self.goal("b", direction: .atMost, target: 80)
    #expect(more.conflict(with: less)?.contains("both cannot be reached") == true)
    #expect(more.conflict(with: Self.goal("c"))?.contains("already wants the same") == true)
    #expect(more.conflict(with: more) == nil)
    #expect(Self.results(more, others: [less])[.relevant]?.result == .failed)
    var closed = less
    closed.state = .cancelled
    #expect(more.conflict(with: closed) == nil)
    var later = less
    later.start = Self.day("2027-01-01")
    later.deadline = Self.day("2027-06-30")
    #expect(more.conflict(with: later) == nil)
  }

  // MARK: - Progress

  struct Standing: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var goal: Goal
    var today: String
    var value: Double?
    var probability: Double?
    var status: CheckIn.Status
  }

  static let standings = [
    Standing(testDescription: "before the start", goal: goal(), today: "2026-06-30", value: nil, status: .notStarted),
    Standing(
      testDescription: "half way in half the time",
      goal: goal(),
      today: "2026-09-30",
      value: 61,
      status: .onTrack
    ),
    Standing(testDescription: "behind", goal: goal(), today: "2026-09-30", value: 30, status: .atRisk),
    Standing(
      testDescription: "unlikely",
      goal: goal(),
      today: "2026-09-30",
      value: 60,
      probability: 0.3,
      status: .atRisk
    ),
    Standing(
      testDescription: "hopeless",
      goal: goal(),
      today: "2026-09-30",
      value: 60,
      probability: 0.1,
      status: .offTrack
    ),
    Standing(testDescription: "reached early", goal: goal(), today: "2026-09-30", value: 125, status: .reached),
    Standing(testDescription: "over and short", goal: goal(), today: "2027-01-01", value: 119, status: .missed),
    Standing(testDescription: "over without a value", goal: goal(), today: "2027-01-01", value: nil, status: .missed),
    Standing(
      testDescription: "a level that is met, but may fall again",
      goal: goal(measure: .end),
      today: "2026-09-30",
      value: 125,
      probability: 0.7,
      status: .onTrack
    ),
    Standing(
      testDescription: "a cap that is not yet used up",
      goal: goal(direction: .atMost, target: 80),
      today: "2026-09-30",
      value: 30,
      probability: 0.8,
      status: .onTrack
    ),
    Standing(
      testDescription: "a cap that is used up too fast",
      goal: goal(direction: .atMost, target: 80),
      today: "2026-09-30",
      value: 70,
      status: .atRisk
    ),
  ]

  @Test(arguments: standings)
  func `progress becomes a status`(_ standing: Standing) {
    let progress = GoalProgress(
      goal: standing.goal,
      today: Self.day(standing.today),
      value: standing.value,
      usualShare: nil,
      probability: standing.probability
    )
    #expect(progress.status == standing.status)
    if standing.status == .atRisk || standing.status == .offTrack { #expect(!progress.warnings.isEmpty) }
  }

  @Test func `the way behind and the pace are shares`() {
    let progress = GoalProgress(
      goal: Self.goal(measure: .end),
      today: Self.day("2026-09-30"),
      value: 110,
      usualShare: nil,
      probability: nil
    )
    #expect(progress.progress == 0.5)
    #expect(abs(progress.pace - 0.5) < 0.01)
  }

  // MARK: - Likelihood

  private static func course(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 7)
    return (0..<count).map { 100 + Double($0) * 0.5 + Double.random(in: -8...8, using: &generator) }
  }

  @Test func `a higher target is less likely, and suggested targets are as likely as they say`() throws {
    let outlook = try GoalOutlook(history: Self.course(60), periods: [12], steps: 6, measure: .sum)
    let shares = [0.3, 0.5, 0.7]
    let targets = shares.map { outlook.target(reachedWith: $0, .atLeast) }
    #expect(targets == targets.sorted(by: >))
    for (share, target) in zip(shares, targets) {
      #expect(abs(outlook.probability(of: target, .atLeast) - share) < 0.01)
      #expect(abs(outlook.probability(of: target, .atMost) - (1 - share)) < 0.01)
    }
    #expect(outlook.probability(of: 0, .atLeast) == 1)
    #expect(outlook.probability(of: 1e9, .atLeast) == 0)
    let likelihood = outlook.likelihood(of: targets[0], .atLeast, baseline: 700)
    #expect(likelihood.tries > 10)
    #expect(likelihood.best != nil)
    #expect(likelihood.likely[0] < likelihood.asBefore && likelihood.asBefore < likelihood.likely[1])
  }

  @Test func `what is already in counts`() throws {
    let empty = try GoalOutlook(history: Self.course(60), periods: [12], steps: 3, measure: .sum)
    let begun = try GoalOutlook(history: Self.course(60), periods: [12], steps: 3, measure: .sum, done: 400)
    #expect(abs(begun.target(reachedWith: 0.5, .atLeast) - empty.target(reachedWith: 0.5, .atLeast) - 400) < 1e-6)
  }

  @Test func `courses that say nothing are refused or answered by name`() throws {
    #expect(throws: LikelihoodFault.self) {
      _ = try GoalOutlook(history: [1, 2], periods: [12], steps: 3, measure: .sum)
    }
    #expect(throws: LikelihoodFault.self) {
      _ = try GoalOutlook(history: [Double](repeating: .nan, count: 30), periods: [12], steps: 3, measure: .end)
    }
    #expect(throws: LikelihoodFault.noTime) {
      _ = try GoalOutlook(history: Self.course(30), periods: [12], steps: 0, measure: .end)
    }
    let constant = try GoalOutlook(history: [Double](repeating: 5, count: 30), periods: [12], steps: 4, measure: .sum)
    #expect(constant.probability(of: 20, .atLeast) == 1)
    #expect(constant.probability(of: 20.01, .atLeast) == 0)
  }
}
