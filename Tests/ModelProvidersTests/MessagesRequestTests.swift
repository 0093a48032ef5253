import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

@Suite struct MessagesRequestTests {
  private let question = ModelRequest(messages: [.user("U")])

  /// The request that a model sends.
  private func sent(
    _ request: ModelRequest,
    _ change: (inout AnthropicModel.Configuration) -> Void = { _ in }
  ) async throws -> (headers: HTTPHeaders, body: JSONValue) {
    let url = try #require(MessagesURL(base: "http://model.test"))
    var configuration = AnthropicModel.Configuration(url: url, model: "m", apiKey: Secret("k"))
    change(&configuration)
    let transport = RecordedTransport(status: 500)
    _ = try? await AnthropicModel(configuration, client: transport).reply(to: request)
    let wire = try #require(transport.requests.first)
    #expect(wire.url == "http://model.test/v1/messages")
    return (HTTPHeaders(wire.headers), try JSONValue(parsing: wire.body ?? []))
  }

  @Test func `a request is written in the published format`() async throws {
    let request = ModelRequest(
      messages: [
        .system("S"), .user("U"), .system("T"),
        .assistant("A", toolCalls: [ToolCall(id: "1", name: "f", argumentsText: #"{"x":1}"#)]),
        .tool(callID: "1", result: "7"), .tool(callID: "2", result: "8"), .user("V"),
      ],
      tools: [ToolDefinition(name: "f", description: "d", parameters: ["type": "object"])],
      maxOutputTokens: 100,
      temperature: 1.5,
      seed: 7,
      stop: ["END", " "]
    )
    let (headers, body) = try await sent(request)
    let expected: JSONValue = [
      "model": "m", "stream": true, "max_tokens": 100, "temperature": 1.0, "stop_sequences": ["END"],
      "system": "S\n\nT",
      "messages": [
        ["role": "user", "content": [["type": "text", "text": "U"]]],
        [
          "role": "assistant",
          "content": [
            ["type": "text", "text": "A"], ["type": "tool_use", "id": "1", "name": "f", "input": ["x": 1]],
          ],
        ],
        [
          "role": "user",
          "content": [
            ["type": "tool_result", "tool_use_id": "1", "content": "7"],
            ["type": "tool_result", "tool_use_id": "2", "content": "8"], ["type": "text", "text": "V"],
          ],
        ],
      ],
      "tools": [["name": "f", "description": "d", "input_schema": ["type": "object"]]],
    ]
    #expect(body.text == expected.text)
    #expect(headers["x-api-key"] == "k")
    #expect(headers["anthropic-version"] == "2023-06-01")
    #expect(headers["authorization"] == nil)
  }

  @Test func `without a limit the configured one is sent, since the API wants one`() async throws {
    #expect(try await sent(question).body["max_tokens"] == 4_096)
    #expect(try await sent(question) { $0.defaultOutputTokens = 9 }.body["max_tokens"] == 9)
  }

  @Test func `a schema becomes a tool that must be called`() async throws {
    var request = question
    request.responseFormat = .jsonSchema(name: "Time frame", schema: ["type": "object"])
    let body = try await sent(request).body
    #expect(body["tools"]?.arrayValue?.first?["name"] == "Time_frame")
    #expect(body["tools"]?.arrayValue?.first?["input_schema"] == ["type": "object"])
    let choice: JSONValue = ["type": "tool", "name": "Time_frame", "disable_parallel_tool_use": true]
    #expect(body["tool_choice"] == choice)
    request.tools = [ToolDefinition(name: "Time_frame", description: "", parameters: [:])]
    let other = try await sent(request).body
    #expect(other["tools"]?.arrayValue?.map { $0["name"] } == ["Time_frame", "Time_frame_"])
    #expect(other["tool_choice"] == ["type": "any"])
  }

  @Test func `a schema can be enforced by the server, closed and without bounds`() async throws {
    var request = question
    let schema: JSONValue = [
      "type": "object",
      "properties": ["n": ["type": "integer", "minimum": 0], "l": ["type": "array", "maxItems": 3]],
    ]
    request.responseFormat = .jsonSchema(name: "F", schema: schema)
    let body = try await sent(request) { $0.structuredOutput = .jsonSchema }.body
    let closed: JSONValue = [
      "type": "object", "properties": ["n": ["type": "integer"], "l": ["type": "array"]],
      "additionalProperties": false,
    ]
    #expect(body["output_config"] == ["format": ["type": "json_schema", "schema": closed]])
    #expect(body["tools"] == nil)
  }

  @Test func `settings change what is sent`() async throws {
    var request = question
    request.temperature = 0.5
    let (headers, body) = try await sent(request) {
      $0.cachesPrompt = true
      $0.omitsTemperature = true
      $0.apiKeyHeader = .authorization
    }
    #expect(body["cache_control"] == ["type": "ephemeral"])
    #expect(body["temperature"] == nil)
    #expect(headers["authorization"] == "Bearer k")
    #expect(headers["x-api-key"] == nil)
  }

  @Test func `what a model once wrote as arguments is an object again, whatever it was`() async throws {
    let calls = ["", "[1]", "nonsense"].enumerated().map { ToolCall(id: "\($0)", name: "f", argumentsText: $1) }
    let body = try await sent(ModelRequest(messages: [.user("U"), .assistant(" ", toolCalls: calls)])).body
    let blocks = body["messages"]?.arrayValue?.last?["content"]?.arrayValue ?? []
    #expect(blocks.map { $0["input"]?.text } == ["{}", #"{"arguments":[1]}"#, #"{"arguments":"nonsense"}"#])
  }
}
