import CoachVocabulary
public import Goals

/// What every goal store must do; each check gets an empty one and throws when it fails.
///
/// Run all of ``all`` as a parameterised test against each implementation.
public struct GoalStoreConformance: Sendable, CustomStringConvertible {
  /// What it must do, as a sentence.
  public let sentence: String
  private let body: @Sendable (any GoalStore) async throws -> Void

  private init(_ sentence: String, _ body: @escaping @Sendable (any GoalStore) async throws -> Void) {
    self.sentence = sentence
    self.body = body
  }

  /// The sentence.
  public var description: String { sentence }

  /// Puts a goal store to this check.
  ///
  /// - Parameter store: an empty one.
  /// - Throws: ``ConformanceFailure`` that says what was expected, or an error of the goal store.
  public func check(_ store: any GoalStore) async throws { try await body(store) }

  /// Every check.
  public static let all: [GoalStoreConformance] = [
    GoalStoreConformance("gives back a goal with everything in it") { store in
      let goal = sample("g1")
      try await store.save(goal, of: "a")
      try expect(try await store.goal("g1", of: "a") == goal, "the goal that was saved")
    },
    GoalStoreConformance("has no goal that was not saved") { store in
      try expect(try await store.goal("g1", of: "a") == nil, "no goal")
      try expect(try await store.checkIns(of: "g1", tenant: "a", last: 5).isEmpty, "no check-in")
    },
    GoalStoreConformance("replaces a goal of the same identifier") { store in
      var goal = sample("g1")
      try await store.save(goal, of: "a")
      goal.state = .achieved
      goal.closingNote = "done \u{0} 🎯"
      try await store.save(goal, of: "a")
      try expect(try await store.goal("g1", of: "a") == goal, "the newer one")
      try expect(try await list(store).count == 1, "one goal")
    },
    GoalStoreConformance("lists the newest first, by domain, open ones alone, up to a limit") { store in
      for (id, domain, state) in [("g1", "x", Goal.State.active), ("g2", "y", .missed), ("g3", "x", .proposed)] {
        var goal = sample(GoalID(id))
        goal.domain = domain
        goal.state = state
        try await store.save(goal, of: "a")
      }
      try expect(try await list(store).map(\.id) == ["g3", "g2", "g1"], "from new to old")
      try expect(try await list(store, domain: "x").map(\.id) == ["g3", "g1"], "those of the domain")
      try expect(try await list(store, openOnly: true).map(\.id) == ["g3", "g1"], "the open ones")
      try expect(try await list(store, limit: 1).map(\.id) == ["g3"], "one")
      try expect(try await list(store, limit: -1).isEmpty, "none for a limit below zero")
    },
    GoalStoreConformance("keeps tenants apart") { store in
      try await store.save(sample("g1"), of: "a")
      try await store.save(checkIn("g1", "2026-01-05", 1), of: "a")
      try expect(try await store.goal("g1", of: "b") == nil, "no goal of another tenant")
      try expect(try await store.checkIns(of: "g1", tenant: "b", last: 5).isEmpty, "no check-in of another tenant")
    },
    GoalStoreConformance("keeps one check-in a day and gives the newest, oldest first") { store in
      try await store.save(sample("g1"), of: "a")
      for (day, value) in [("2026-01-12", 2.0), ("2026-01-05", 1), ("2026-01-19", 3), ("2026-01-12", 2.5)] {
        try await store.save(checkIn("g1", day, value), of: "a")
      }
      try await store.save(checkIn("g2", "2026-01-20", 9), of: "a")
      let all = try await store.checkIns(of: "g1", tenant: "a", last: 10)
      try expect(all.map(\.value) == [1, 2.5, 3], "three check-ins, the later one of the day")
      let last = try await store.checkIns(of: "g1", tenant: "a", last: 2)
      try expect(last.map(\.value) == [2.5, 3], "the newest two, oldest first")
      try expect(all.first == checkIn("g1", "2026-01-05", 1), "everything in it")
    },
  ]

  private static func list(
    _ store: any GoalStore,
    domain: String? = nil,
    openOnly: Bool = false,
    limit: Int = 10
  ) async throws -> [Goal] {
    try await store.goals(of: "a", domain: domain, openOnly: openOnly, limit: limit)
  }

  private static func expect(_ holds: Bool, _ what: String) throws {
    guard holds else { throw ConformanceFailure(description: "expected \(what)") }
  }

  private static func day(_ text: String) -> CivilDate {
    guard let day = CivilDate(text) else { preconditionFailure("'\(text)' is no date") }
    return day
  }

  private static func sample(_ id: GoalID) -> Goal {
    var goal = Goal(
      id: id,
      domain: "dealer",
      title: "Reach 1,000 units 🚗",
      metric: "units_sold",
      label: "Units sold",
      unit: "units",
      format: "number",
      frame: ["metrics": ["units_sold"]],
      grain: "month",
      measure: .sum,
      direction: .atLeast,
      baseline: 900.25,
      baselinePeriod: DateRange(start: day("2025-07-01"), end: day("2026-01-01")),
      target: 1_000,
      start: day("2026-07-01"),
      deadline: day("2026-12-31"),
      owner: "Anna",
      likelihood: Likelihood(
        probability: 0.4,
        asBefore: 980,
        likely: [900, 1_060],
        stretch: 1_010,
        even: 980,
        safe: 950,
        tries: 7,
        reached: 3,
        best: 0.12
      )
    )
    goal.milestones = [Goal.Milestone(day: day("2026-09-30"), value: 500)]
    goal.indicators = [Goal.Indicator(metric: "leads", label: "Leads", reason: "they come first")]
    goal.initiatives = [Goal.Initiative(title: "Call back", driver: "region=West", effect: nil)]
    goal.guards = [Goal.Guard(metric: "margin", label: "Margin", direction: .atLeast, limit: 12.5)]
    goal.review = [SMARTCheck(.achievable, .passed, "40 % of simulated futures reach it.")]
    return goal
  }

  private static func checkIn(_ goal: GoalID, _ date: String, _ value: Double) -> CheckIn {
    CheckIn(
      goal: goal,
      day: day(date),
      value: value,
      progress: 0.25,
      pace: 0.5,
      probability: nil,
      status: .atRisk,
      confidence: 0.7,
      note: "slow",
      draft: "d",
      warnings: ["w"]
    )
  }
}
