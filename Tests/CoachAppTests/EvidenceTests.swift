import CoachAPI
import CoachAgents
import CoachTesting
import CoachVocabulary
import Goals
import Testing

@testable import CoachApp

@Suite struct EvidenceTests {
  @Test func `a plan waits for a person, and the word decides`() async throws {
    try await RunningCoach.run { coach in
      for isApproved in [true, false] {
        let started = try await coach.application.startPlan("grow revenue by 5 % until the end of 2026", domain: nil)
        // The stream goes on while the run waits, so the question is asked for.
        var questions = try await coach.application.questions(of: started.runID)
        while questions["status"] != "waiting" {
          try await Task.sleep(for: .milliseconds(20))
          questions = try await coach.application.questions(of: started.runID)
        }
        let name = try #require(questions["questions"]?.arrayValue?.first?["name"]?.stringValue)
        try await coach.application.answer(started.runID, [name: .bool(isApproved)])
        let reply = try await coach.reply(to: started)
        #expect(reply.notes == [isApproved ? "The goal is set." : "The goal was dropped."], "\(reply.answer)")
        let id = try #require(reply.answer["plan"]?["goals"]?.arrayValue?.first?["id"]?.stringValue)
        #expect(try await coach.application.goal(GoalID(id)).state == (isApproved ? .active : .cancelled))
        if isApproved { _ = try await coach.application.closeGoal(GoalID(id), as: .replaced, note: nil) }
      }
    }
  }

  @Test func `goals are proposed, approved, checked in and closed`() async throws {
    try await RunningCoach.run { coach in
      let application = coach.application
      let plan = try await application.planGoals("grow revenue by 5 % until the end of 2026", owner: "Anna")
      let id = try #require(plan.goals.first?.id)
      #expect(try await application.goals(openOnly: true).map(\.id).contains(id))
      await #expect(throws: GoalProblem.self) { _ = try await application.checkIn(id) }
      #expect(try await application.approveGoal(id).state == .active)
      let checkIn = try await application.checkIn(id, confidence: 0.6, note: "hm")
      #expect(checkIn.status == .notStarted)
      #expect(try await application.checkIns(of: id) == [checkIn])
      let against = try await application.planGoals("reduce revenue by 5 % until the end of 2026")
      let other = try #require(against.goals.first?.id)
      let problem = await #expect(throws: GoalProblem.self) { _ = try await application.approveGoal(other) }
      #expect(problem.map { "\($0)" }?.contains("both cannot be reached") == true)
      #expect(try await application.closeGoal(id, as: .cancelled, note: "no").state == .cancelled)
      await #expect(throws: GoalProblem.self) { _ = try await application.closeGoal(id, as: .missed, note: nil) }
      await #expect(throws: GoalProblem.unknown("none")) { _ = try await application.goal("none") }
    }
  }

  @Test func `the service answers investigations, forecasts and anomalies, and refuses by name`() async throws {
    try await RunningCoach.run { coach in
      let application = coach.application
      let report = try await application.investigate("why did revenue drop in November 2025", domain: nil)
      #expect(report["claims"]?.arrayValue?.contains { $0["title"] == "Region West" } == true)
      let forecast = try await application.forecast("revenue", steps: 3, grain: nil, domain: nil)
      #expect(forecast["steps"]?.arrayValue?.count == 3)
      let anomalies = try await application.anomalies(["csi"], last: 6, grain: "month", domain: nil)
      let incidents = anomalies["reports"]?.arrayValue?.first?["incidents"]?.arrayValue ?? []
      #expect(
        incidents.contains { $0["segment"]?.arrayValue?.first?["value"] == "Alpenblick Auto" },
        "\(anomalies.text)"
      )
      for (metric, grain) in [("moons", "month"), ("revenue", "century")] {
        await #expect(throws: CoachProblem.self) {
          _ = try await application.forecast(metric, steps: nil, grain: grain, domain: nil)
        }
      }
      await #expect(throws: CoachProblem.self) { _ = try await application.readGoal("none") }
    }
  }

  @Test func `the graph that investigates takes a plain question too`() async throws {
    try await RunningCoach.run { coach in
      let run = try await coach.application.startInvestigation("revenue in November 2025", domain: nil)
      let reply = try await coach.reply(to: run)
      #expect(reply.answer["outcome"] == "investigate")
      #expect(reply.text.contains("Region West had"), "\(reply.text)")
    }
  }

  @Test func `a model that lies about an investigation is not believed, an honest one is`() async throws {
    let honest = "Net revenue fell in November 2025; Region West explains it."
    let lie = "Net revenue fell by 99 % in November 2025 because of 12345 cancelled orders."
    for (text, isKept) in [(lie, false), (honest, true)] {
      try await withModel([.wording(text)]) { server in
        try await RunningCoach.run(cloud: server.baseURL) { coach in
          let reply = try await coach.ask("Why did revenue drop in November 2025?")
          #expect((reply.text == text) == isKept, "\(reply.text)")
          #expect(reply.notes.contains { $0.contains("12345") } == !isKept)
          #expect(reply.text.contains("12345") == false)
        }
      }
    }
  }
}
