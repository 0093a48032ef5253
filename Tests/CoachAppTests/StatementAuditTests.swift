import CoachTesting
import CoachVocabulary
import FoundationEssentials
import Persistence
import Testing

@testable import CoachApp

@Suite struct StatementAuditTests {
  @Test func `every statement of a model is kept with the verdict, the checks, its rows and its time`() async throws {
    try await withModel([
      .sql("DELETE FROM sales"), .sql("SELECT passport FROM nowhere"), .sql(ScriptedExchange.goodSQL),
      .wording("Done."),
    ]) { server in
      try await RunningCoach.run(local: server.baseURL) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer")
        let kept = try await coach.application.database.statements(of: .local, limit: 10).sorted {
          $0.number < $1.number
        }
        #expect(
          kept.map(\.statement) == ["DELETE FROM sales", "SELECT passport FROM nowhere", ScriptedExchange.goodSQL]
        )
        #expect(kept.map(\.number) == [1, 2, 3])
        #expect(kept.last?.verdict == "pass" && kept.first?.verdict != "pass")
        #expect(kept.map(\.rows) == [nil, nil, 1])
        #expect(kept.map { $0.duration != nil } == [false, false, true])
        for statement in kept {
          #expect(statement.run == reply.run && statement.session == reply.session && statement.domain == "dealer")
          #expect(statement.trail.arrayValue?.isEmpty == false)
          let last = statement.trail.arrayValue?.last?.arrayValue?[1]
          #expect((last == "refused") == (statement.verdict != "pass"))
        }
      }
    }
  }

  @Test func `statements that no model wrote are not kept`() async throws {
    try await RunningCoach.run { coach in
      let reply = try await coach.ask("What was revenue last month?")
      #expect(reply.outcome == "answer")
      let kept = try await coach.application.database.statements(of: .local, limit: 10)
      #expect(kept == [])
    }
  }
}
