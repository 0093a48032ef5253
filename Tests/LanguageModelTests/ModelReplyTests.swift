import CoachVocabulary
import LanguageModel
import Testing

private struct FixedModel: LanguageModel {
  var stream: ModelEventStream

  func events(for request: ModelRequest) -> ModelEventStream { stream }
}

@Suite struct ModelReplyTests {
  private let request = ModelRequest(messages: [.system("Be brief."), .user("How many?")])
  private let usage = ModelUsage(tokens: TokenCounts(input: 9, output: 2), source: .reported)

  @Test func `events fold to a reply`() async throws {
    let call = ToolCall(id: "1", name: "search", argumentsText: #"{"q":"x"}"#)
    let model = FixedModel(
      stream: ModelEventStream([.text("Se"), .text("ven"), .toolCall(call), .finished(.toolCalls, usage)])
    )
    let reply = try await model.reply(to: request)
    #expect(reply == ModelReply(text: "Seven", toolCalls: [call], finishReason: .toolCalls, usage: usage))
  }

  @Test func `events without an end are a reply that broke off`() async {
    let model = FixedModel(stream: ModelEventStream([.text("Se")]))
    let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
    #expect(failure?.kind == .cut(textSoFar: "Se"))
  }

  @Test func `a failure ends the stream and stays its last word`() async throws {
    let stream = ModelEventStream([.text("a")], endingWith: ModelFailure(.malformed))
    var iterator = stream.makeAsyncIterator()
    #expect(try await iterator.next() == .text("a"))
    let failure = await #expect(throws: ModelFailure.self) { try await iterator.next() }
    #expect(failure?.kind == .malformed)
    #expect(try await iterator.next() == nil)
  }

  @Test func `a stream can be read anew from its start`() async throws {
    let stream = ModelEventStream([.text("a"), .finished(.stop, .unknown)])
    for _ in 0..<2 {
      var events: [ModelEvent] = []
      for try await event in stream { events.append(event) }
      #expect(events == [.text("a"), .finished(.stop, .unknown)])
    }
  }

  @Test(arguments: [
    #"{"a": 1}"#, "```json\n{\"a\": 1}\n```", "Here you are: {\"a\": 1} - done.", "  {\"a\":\n1}\n",
    #"{"a": 1,}"#, "Here: {\"a\": 1 , } - done.",
  ])
  func `JSON is found with or without a wrapping`(text: String) throws {
    #expect(try ModelReply.json(in: text) == ["a": 1])
  }

  @Test(arguments: [
    ("I cannot.", "holds no JSON"), (#"{"a": "#, "breaks off"), (#"{"a": nope}"#, "not valid JSON"),
  ])
  func `text without JSON says so to the model`(text: String, expected: String) {
    let failure = #expect(throws: JSONFailure.self) { try ModelReply.json(in: text) }
    #expect(failure?.message.contains(expected) == true)
  }

  @Test func `empty tool arguments count as an empty object`() throws {
    #expect(try ToolCall(id: "1", name: "now", argumentsText: " ").arguments() == [:])
    #expect(try ToolCall(id: "1", name: "now", argumentsText: "{\"a\":[1,],}").arguments() == ["a": [1]])
    #expect(throws: JSONFailure.self) { try ToolCall(id: "1", name: "now", argumentsText: "{").arguments() }
  }

  @Test(arguments: [("", 0), ("a", 1), ("seven", 2), ("1234567", 2), ("12345678", 3), ("äöü", 2)])
  func `tokens are estimated from the bytes`(text: String, tokens: Int) {
    #expect(TokenEstimator.tokens(in: text) == tokens)
  }

  @Test func `an estimate counts messages, tools and schema`() {
    let plain = TokenEstimator.promptTokens(of: request)
    #expect(plain == 3 + 4 + 3 + 4 + 3)
    var more = request
    more.tools = [ToolDefinition(name: "t", description: "d", parameters: [:])]
    more.responseFormat = .jsonSchema(name: "s", schema: [:])
    #expect(TokenEstimator.promptTokens(of: more) == plain + (8 + 1 + 1 + 1) + (8 + 1 + 1))
    let usage = TokenEstimator.usage(of: request, text: "seven")
    #expect(usage == ModelUsage(tokens: TokenCounts(input: plain, output: 2), source: .estimated))
  }

  @Test func `a failure's text shows neither the reply nor the prompt`() {
    let failure = ModelFailure(.cut(textSoFar: "secret words"), detail: "connection lost")
    #expect(failure.description == "The model's reply broke off. (connection lost)")
  }

  @Test(arguments: [
    (ModelFailure.Kind.connection(.refused), true), (.connection(.lost), false), (.rateLimited(retryAfter: nil), true),
    (.serverError(status: 500), true), (.timedOut(.connect), true), (.timedOut(.firstToken), false),
    (.cut(textSoFar: ""), false), (.cancelled, false),
  ])
  func `only a request that was not served is certain to have used nothing`(kind: ModelFailure.Kind, unused: Bool) {
    #expect(ModelFailure(kind).isUnused == unused)
  }
}
