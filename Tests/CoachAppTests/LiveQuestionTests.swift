import CoachAPI
import CoachTesting
import CoachVocabulary
import FoundationEssentials
import LanguageModel
import Ledger
import Persistence
import Testing

@testable import CoachApp

/// One question from the words to the end of its run, with whatever model listens at `COACH_TEST_ENDPOINT`.
@Suite(.timeLimit(.minutes(10))) struct LiveQuestionTests {
  private static let endpoint = ProcessInfo.processInfo.environment["COACH_TEST_ENDPOINT"]

  @Test(.enabled(if: endpoint != nil, "COACH_TEST_ENDPOINT names no server"))
  func `a question beyond the parser goes through the named server, and every call of it has its row`() async throws {
    let form = ProcessInfo.processInfo.environment["COACH_TEST_STRUCTURED_OUTPUT"] ?? "json_schema"
    let settings = try Shipped.text("config/models.yaml").replacing(
      "    base_url_env: COACH_LOCAL_URL",
      with: "    structured_output: \(form)\n    base_url_env: COACH_LOCAL_URL"
    )
    // At temperature 0 the noise of random weights goes round in circles and never closes a string.
    let agent = try Shipped.text("agents/sql_generator.yaml")
      .replacing("temperature: 0", with: "temperature: 1").replacing("time: 30s", with: "time: 80s")
    let changes = ["config/models.yaml": settings, "agents/sql_generator.yaml": agent]
    let root = try Shipped.copy(changing: changes)
    try await RunningCoach.run(local: Self.endpoint, root: root) { coach in
      let reply = try await coach.ask(ScriptedExchange.hardQuestion)
      // What a model says is its affair; that the run ends well and nothing unchecked is shown is ours.
      #expect(["answer", "decline"].contains(reply.outcome), "\(reply.text)")
      let rows = try await coach.attempts(of: reply)
      let told = rows.map { row in
        "\(row.agent ?? "?"): \(row.outcome?.rawValue ?? "open"), \(row.tokens.total) tokens (\(row.usageSource.rawValue))"
      }
      print("\(reply.outcome): \(reply.text)\n\(told.joined(separator: "\n"))")
      #expect(rows.contains { $0.agent == "sql_generator" })
      #expect(rows.allSatisfy { $0.outcome != nil && ($0.usageSource == .estimated || $0.usageSource == .reported) })
      #expect(rows.allSatisfy { $0.tokens.input > 0 && $0.tokens.output > 0 })
      // Structured output: what came whole fits the schema, and then the gate has looked at it.
      if rows.contains(where: { $0.agent == "sql_generator" && $0.outcome == .answered }) {
        #expect(!reply.events("gate").isEmpty)
      }
    }
  }
}
