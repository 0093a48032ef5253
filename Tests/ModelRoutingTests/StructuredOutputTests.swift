import CoachTesting
import CoachVocabulary
import LanguageModel
import Ledger
import ModelRouting
import Testing

@Suite(.timeLimit(.minutes(1))) struct StructuredOutputTests {
  private static let schema: JSONValue = [
    "type": "object", "required": ["metric"], "additionalProperties": false,
    "properties": ["metric": ["type": "string"]],
  ]

  private func call(_ tier: TierChoice = .local) -> ModelCall {
    var call = RouterFixture.call(tier: tier)
    call.request.responseFormat = .jsonSchema(name: "Frame", schema: Self.schema)
    return call
  }

  @Test func `a reply that fits is handed out as JSON`() async throws {
    let fixture = RouterFixture(local: [.text("```json\n{\"metric\": \"revenue\"}\n```")])
    let reply = try await fixture.router.reply(to: call())
    #expect(reply.json == ["metric": "revenue"])
    #expect(reply.story == ["near answered"])
  }

  @Test func `a reply that does not fit is repaired once with the validator's words`() async throws {
    let fixture = RouterFixture(local: [.text(#"{"metrics": 1}"#), .text(#"{"metric": "revenue"}"#)])
    let (result, events) = await fixture.ask(call())
    let reply = try result.get()
    #expect(reply.json == ["metric": "revenue"])
    #expect(reply.story == ["near invalid", "near answered"])
    let repair = try #require(fixture.local.requests.last)
    #expect(repair.messages.count == 3)
    #expect(repair.messages[1] == .assistant(#"{"metrics": 1}"#))
    #expect(repair.lastUserText.contains("- 'metric' is missing; it is required"))
    #expect(repair.lastUserText.contains("- 'metrics' is not allowed here; allowed: metric"))
    #expect(outline(events).contains("restarted near"))
  }

  @Test func `a model that cannot be mended hands over to the other one with the first request`() async throws {
    let fixture = RouterFixture(local: [.text("no"), .text("still no")], cloud: [.text(#"{"metric": "units"}"#)])
    let reply = try await fixture.router.reply(to: call())
    #expect(reply.story == ["near invalid", "near invalid", "far answered"])
    #expect(fixture.cloud.requests.first?.messages.count == 1)
  }

  @Test func `output that never fits is a typed failure with the findings`() async {
    let fixture = RouterFixture(local: [.text("{}"), .text("{}")], tiers: [.local])
    let (result, _) = await fixture.ask(call())
    #expect(result.failureKind == .invalidOutput(["'metric' is missing; it is required"]))
    guard case .failure(let failure) = result else { return }
    #expect(failure.story == ["near invalid", "near invalid"])
  }

  @Test func `a reply cut at the token limit is told to be shorter`() async throws {
    let fixture = RouterFixture(
      local: [.events([.text(#"{"metric": "rev"#), .finished(.length, .unknown)]), .text(#"{"metric": "revenue"}"#)]
    )
    _ = try await fixture.router.reply(to: call())
    #expect(fixture.local.requests.last?.lastUserText.contains("cut at the token limit") == true)
  }

  @Test func `tools that are called are not judged by the schema`() async throws {
    let tool = ToolCall(id: "1", name: "search", argumentsText: "{}")
    var wanted = call()
    wanted.request.tools = [ToolDefinition(name: "search", description: "", parameters: [:])]
    let fixture = RouterFixture(local: [.events([.toolCall(tool), .finished(.toolCalls, .unknown)])])
    let reply = try await fixture.router.reply(to: wanted)
    #expect(reply.toolCalls == [tool])
    #expect(reply.json == nil)
  }

  @Test func `a server that cannot hold to a schema gets it in the prompt`() async throws {
    let fixture = RouterFixture(local: [.text(#"{"metric": "x"}"#)], localAbilities: [])
    let reply = try await fixture.router.reply(to: call())
    let sent = try #require(fixture.local.requests.first)
    #expect(sent.responseFormat == .text)
    guard case .system(let text)? = sent.messages.first else {
      Issue.record("the schema must be in a system message")
      return
    }
    #expect(text.contains(Self.schema.text))
    #expect(reply.json == ["metric": "x"])
  }

  @Test func `a schema that cannot be checked is refused before anything is sent`() async {
    let fixture = RouterFixture(local: [.text("{}")])
    var wanted = call()
    wanted.request.responseFormat = .jsonSchema(name: "F", schema: ["type": "frame"])
    let (result, _) = await fixture.ask(wanted)
    guard case .model(let failure)? = result.failureKind else {
      Issue.record("the schema must be refused")
      return
    }
    #expect(failure.kind == .badRequest)
    #expect(fixture.local.requests.isEmpty)
  }
}
