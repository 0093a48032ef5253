import CoachVocabulary
import FoundationEssentials
import Glibc
import HTTPClientKit
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ScriptedModelTests {
  @Test func `a script is played to whoever speaks the chat format`() async throws {
    let model = try await PlayedModel([
      ["match": "first", "reply": "one"], ["times": 0, "reply": "any", "usage": ["prompt_tokens": 7]],
    ])
    #expect(try await Self.ask(model, "the first question") == "one")
    #expect(try await Self.ask(model, "the first question") == "any")
    #expect(try await Self.ask(model, "another") == "any")
    model.process.signal(SIGTERM)
    #expect(try await model.process.ending() == .exited(0))
  }

  @Test func `a coach with the model answers what it cannot read by itself`() async throws {
    let model = try await PlayedModel(PlayedModel.answering())
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": model.url]
    let result = try await coach.run("ask", "--json", PlayedModel.question)
    #expect(result.status == 0, "\(result.errors)")
    let answer = try result.json()
    let claims = try await DemoDatabase.number("SELECT COUNT(*) FROM warranty_claims")
    #expect(answer["rows"]?.arrayValue?.first?.arrayValue?.first?.doubleValue == claims)
    #expect((answer["usage"]?["total_tokens"]?.intValue ?? 0) > 0)
    #expect(answer["usage"]?["cost_usd"] == "0")
  }

  @Test func `a model that is not there costs the answer, not the program`() async throws {
    var coach = try await Coach.withDemo()
    coach.environment = ["COACH_LOCAL_URL": "http://127.0.0.1:9"]
    let result = try await coach.run("ask", "--json", PlayedModel.question)
    #expect(result.status == 4)
    #expect(try result.json()["outcome"] == "decline")
  }

  @Test func `a faulty script is refused with the place of the fault`() async throws {
    let coach = try Coach.withoutData()
    let script = try coach.folder.write("{\"reply\": \"one\"}\n{\"repy\": \"two\"}\n", to: "script.jsonl")
    let result = try await coach.run("testing", "model", "--script", script)
    #expect(result.status == 3)
    #expect(result.errors.contains("exchange 2"))
    #expect(result.errors.contains("repy"))
  }

  private static func ask(_ model: PlayedModel, _ text: String) async throws -> String? {
    let body: JSONValue = ["model": "any", "messages": [["role": "user", "content": .string(text)]]]
    let client = try HTTPClient()
    let reply = try await client.send(
      HTTPRequest(
        method: "POST",
        url: "\(model.url)/chat/completions",
        headers: [("Content-Type", "application/json")],
        body: Array(body.text.utf8)
      )
    )
    let choice = try JSONValue(parsing: reply.body)["choices"]?.arrayValue?.first
    return choice?["message"]?["content"]?.stringValue
  }
}
