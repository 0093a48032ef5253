import CoachTesting
import CoachVocabulary
import FoundationEssentials
import ModelRouting
import Persistence
import Testing

@testable import CoachApp

@Suite struct RouterToolsTests {
  private func tools(_ root: String = Shipped.root) throws -> RouterTools {
    try RouterTools(Installation.Options(root: root), surroundings: .machine)
  }

  @Test func `a line is scored in the published form`() async throws {
    let answer = try await tools().answer(#"{"id": "q1", "prompt": "What was revenue last month?"}"#)
    #expect(answer.objectValue?.keys.sorted() == ["class", "features", "id", "score", "tier"])
    #expect(answer["id"] == "q1")
    #expect(["SIMPLE", "MODERATE", "COMPLEX"].contains(answer["class"]?.stringValue))
    let features = try #require(answer["features"]?.objectValue)
    #expect(!features.isEmpty && features.values.allSatisfy { $0.doubleValue != nil })
  }

  @Test(
    arguments: [
      ("{", nil), (#"{"id": 7}"#, 7), (#"{"id": 7, "prompt": 1}"#, 7), ("[]", nil),
    ] as [(String, Int?)]
  )
  func `a bad line gives a line with an error`(line: String, id: Int?) async throws {
    let answer = try await tools().answer(line)
    #expect(answer["error"]?.stringValue?.isEmpty == false)
    #expect(answer["id"] == (id.map { .int($0) } ?? .null))
  }

  @Test func `an explanation shows the score, its parts and where it leads`() async throws {
    let prompt = "Why did margin fall, and what should we do?"
    let text = try await tools().explanationText(of: prompt)
    #expect(text.hasPrefix("score 0."))
    #expect(text.contains("causal words") && text.contains("expected gain of the strong model"))
    let json = try await tools().explanation(of: prompt)
    let parts = (json["features"]?.arrayValue ?? []).compactMap { $0["points"]?.doubleValue }
    let sum = parts.reduce(json["constant"]?.doubleValue ?? 0, +)
    #expect(abs(sum - (json["gain"]?.doubleValue ?? 99)) < 1e-4)
  }

  @Test func `weights that cannot be used stop the start and name the file`() throws {
    let root = try Shipped.copy(changing: ["config/router.json": #"{"version": 1}"#])
    let (installation, findings) = Installation.load(Installation.Options(root: root), environment: [:])
    #expect(installation == nil)
    #expect(findings.map(\.position.file) == ["config/router.json"])
    #expect(throws: StartFailure.self) { try tools(root) }
  }

  @Test func `without weights the coach starts and scores by length`() throws {
    let root = try Shipped.copy(changing: ["config/router.json": nil])
    let (installation, _) = Installation.load(Installation.Options(root: root), environment: [:])
    #expect(installation?.difficulty == .byLength)
    #expect(
      Installation.load(Installation.Options(root: Shipped.root), environment: [:]).installation?.difficulty
        != .byLength
    )
  }

  @Test func `what the gate says of a model's statements is learnt, and reported`() async throws {
    let file = Shipped.temporary("learning.db")
    let exchanges: [ScriptedExchange] = [
      .sql("DELETE FROM sales"), .sql(ScriptedExchange.goodSQL), .wording("Done."),
    ]
    try await withModel(exchanges) { server in
      try await RunningCoach.run(cloud: server.baseURL, metadata: file) { coach in
        let reply = try await coach.ask(ScriptedExchange.hardQuestion)
        #expect(reply.outcome == "answer")
        let rates = await coach.application.router.learnt(of: .local)
        #expect(rates.map(\.count) == [2])
        #expect(abs((rates.first?.successes ?? 0) - 1) < 0.01)
      }
    }
    let (installation, _) = Installation.load(Installation.Options(root: Shipped.root), environment: [:])
    let report = try await RouterTools.report(
      try #require(installation),
      store: .file(file),
      surroundings: .machine
    )
    #expect(report.rates.map(\.count) == [2])
    #expect(report.calls > 0)
    #expect(report.text.contains("50 %"))
    #expect(report.json["rates"]?.arrayValue?.count == 1)
  }

  @Test func `without a database the report says that there is nothing yet`() async throws {
    let (installation, _) = Installation.load(Installation.Options(root: Shipped.root), environment: [:])
    let report = try await RouterTools.report(
      try #require(installation),
      store: .file(Shipped.temporary("none.db")),
      surroundings: .machine
    )
    #expect(report.text.contains("no model has written anything yet"))
    #expect(report.text.contains("70 %"))
  }
}
