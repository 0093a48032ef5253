import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

/// The Messages API over real sockets.
@Suite(.timeLimit(.minutes(1))) struct AnthropicModelTests {
  private let request = ModelRequest(messages: [.system("You count."), .user("How many?")])

  private func withServer(
    _ exchanges: [ScriptedExchange],
    limits: HTTPTimeLimits = HTTPTimeLimits(),
    structuredOutput: AnthropicModel.Configuration.StructuredOutput = .tool,
    _ body: (AnthropicModel, ScriptedModelServer) async throws -> Void
  ) async throws {
    let server = ScriptedModelServer(exchanges)
    try server.start()
    let client = try HTTPClient()
    let url = try #require(MessagesURL(base: server.baseURL))
    var configuration = AnthropicModel.Configuration(url: url, model: "m", apiKey: Secret("k"), limits: limits)
    configuration.structuredOutput = structuredOutput
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body(AnthropicModel(configuration, client: client), server))
    } catch {
      outcome = .failure(error)
    }
    await client.shutdown()
    await server.stop()
    try outcome.get()
  }

  @Test func `a streamed reply comes with the classes of tokens that the server reports`() async throws {
    let usage: JSONValue = [
      "input_tokens": 9, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 4,
    ]
    let exchange = ScriptedExchange(reply: "Seven of them.", usage: .fixed(usage), chunkSize: 3)
    try await withServer([exchange]) { model, server in
      let reply = try await model.reply(to: request)
      let tokens = TokenCounts(input: 9, cachedInput: 100, cacheWrite: 20, output: 4)
      var usage = ModelUsage(tokens: tokens, source: .reported)
      usage.sources.reasoning = .unknown
      #expect(reply == ModelReply(text: "Seven of them.", usage: usage))
      let seen = try #require(server.requests.first)
      #expect(seen.format == .messages)
      #expect(seen.lastUserText == "How many?")
      #expect(seen.systemText == "You count.")
      #expect(seen.apiKey == "k")
    }
  }

  @Test func `a model asks for tools and goes on with their results`() async throws {
    let call: JSONValue = ["name": "search", "arguments": ["word": "EV"]]
    let exchanges = [ScriptedExchange(toolCalls: [call]), ScriptedExchange(reply: "Two.")]
    try await withServer(exchanges) { model, server in
      var request = request
      request.tools = [ToolDefinition(name: "search", description: "finds", parameters: ["type": "object"])]
      let first = try await model.reply(to: request)
      #expect(first.finishReason == .toolCalls)
      #expect(first.toolCalls == [ToolCall(id: "toolu_0", name: "search", argumentsText: #"{"word":"EV"}"#)])
      request.messages += [.assistant(first.text, toolCalls: first.toolCalls), .tool(callID: "toolu_0", result: "2")]
      #expect(try await model.reply(to: request).text == "Two.")
      #expect(server.requests.count == 2)
    }
  }

  @Test(arguments: AnthropicModel.Configuration.StructuredOutput.allCases)
  func `JSON for a schema arrives as text`(form: AnthropicModel.Configuration.StructuredOutput) async throws {
    let exchange = ScriptedExchange(reply: #"{"count":7}"#, chunkSize: 4)
    try await withServer([exchange], structuredOutput: form) { model, _ in
      var request = request
      request.responseFormat = .jsonSchema(name: "Count", schema: ["type": "object"])
      let reply = try await model.reply(to: request)
      #expect(reply.text == #"{"count":7}"#)
      #expect(reply.finishReason == .stop)
      #expect(reply.toolCalls.isEmpty)
    }
  }

  @Test func `an overloaded server says when to come back`() async throws {
    let fault = ModelFault.status(529, retryAfter: "2", error: ["type": "overloaded_error", "message": "Overloaded"])
    try await withServer([ScriptedExchange(fault: fault)]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .serverError(status: 529, retryAfter: .seconds(2)))
      #expect(failure?.detail == "status 529, overloaded_error")
    }
  }

  @Test func `an error inside the stream keeps the text and counts the prompt as reported`() async throws {
    let fault = ModelFault.error(afterChunks: 2, error: ["type": "overloaded_error", "message": "Overloaded"])
    let usage: JSONValue = ["input_tokens": 77, "output_tokens": 4]
    let exchange = ScriptedExchange(reply: "abcdef", usage: .fixed(usage), chunkSize: 2, fault: fault)
    try await withServer([exchange]) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .cut(textSoFar: "ab"))
      #expect(failure?.usage.tokens == TokenCounts(input: 77, output: 1))
      #expect(failure?.usage.sources.input == .reported)
      #expect(failure?.usage.sources.output == .estimated)
      #expect(failure?.usage.source == .estimated)
    }
  }

  @Test func `a stall is cut off with the text so far`() async throws {
    let exchange = ScriptedExchange(reply: "abcdef", chunkSize: 2, fault: .stall(afterChunks: 3))
    try await withServer([exchange], limits: HTTPTimeLimits(idle: .milliseconds(80))) { model, _ in
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: request) }
      #expect(failure?.kind == .cut(textSoFar: "abcd"))
    }
  }

  @Test func `a request that the API would refuse is refused by the double too`() async throws {
    try await withServer([ScriptedExchange(reply: "x")]) { model, server in
      let faulty = ModelRequest(messages: [.assistant("I begin.")])
      let failure = await #expect(throws: ModelFailure.self) { try await model.reply(to: faulty) }
      #expect(failure?.kind == .badRequest)
      #expect(server.requests.isEmpty)
    }
  }
}
