import CoachVocabulary
import FoundationEssentials
import HTTPClientKit
import LanguageModel
import Testing

@testable import ModelProviders

@Suite struct ChatRequestTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/chat/completions"),
    ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/chat/completions"),
    ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/chat/completions"),
    (" https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
    ("https://host/v1beta/openai", "https://host/v1beta/openai/chat/completions"),
    ("https://host/proxy", "https://host/proxy/v1/chat/completions"),
    ("https://host/openai/v1/chat/completions", "https://host/openai/v1/chat/completions"),
    ("http://[::1]:8080", "http://[::1]:8080/v1/chat/completions"),
    ("HTTPS://host", "https://host/v1/chat/completions"),
  ])
  func `a base URL is resolved however it is written`(base: String, expected: String) {
    #expect(ChatURL(base: base)?.text == expected)
  }

  @Test(arguments: [
    "", "host:8080", "ftp://host", "http://", "http:///v1", "http://user:key@host", "http://host?key=1",
    "http://host/#a", "http://ho st",
  ])
  func `a base URL that cannot be right is refused`(base: String) {
    #expect(ChatURL(base: base) == nil)
  }

  @Test(arguments: [
    ("https://r.openai.azure.com", "https://r.openai.azure.com/openai/deployments/d-1/"),
    ("https://r.openai.azure.com/openai/", "https://r.openai.azure.com/openai/deployments/d-1/"),
    ("https://gate/azure", "https://gate/azure/openai/deployments/d-1/"),
  ])
  func `a deployment at Azure is part of the path and the version of the query`(base: String, expected: String) {
    let deployment = AzureDeployment(name: "d-1", apiVersion: "2024-10-21")
    #expect(ChatURL(base: base, azure: deployment)?.text == expected + "chat/completions?api-version=2024-10-21")
    #expect(EmbeddingsURL(base: base, azure: deployment)?.text == expected + "embeddings?api-version=2024-10-21")
    #expect(ChatURL(base: base, azure: AzureDeployment(name: "a/b", apiVersion: "1")) == nil)
    #expect(ChatURL(base: base, azure: AzureDeployment(name: "a", apiVersion: "1&x=2")) == nil)
  }

  @Test(arguments: [
    ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
    ("https://gate/anthropic/v1/messages", "https://gate/anthropic/v1/messages"),
  ])
  func `a base URL leads to messages`(base: String, expected: String) {
    #expect(MessagesURL(base: base)?.text == expected)
  }

  private static let pauses: [(headers: [(String, String)], expected: Duration?)] = [
    ([("Retry-After", "3")], Duration.seconds(3)),
    ([("retry-after", "0.5")], .milliseconds(500)),
    ([("Retry-After", "99999999")], .seconds(86_400)),
    ([("Retry-After", "-1")], nil),
    ([("Retry-After", "soon")], nil),
    ([("Retry-After", "9"), ("retry-after-ms", "1500")], .milliseconds(1_500)),
    ([("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT")], .seconds(60)),
    ([("Retry-After", "Sun, 06 Nov 1994 08:49:00 GMT")], .zero),
    ([("Retry-After", "Sun, 31 Feb 1994 08:49:00 GMT")], nil),
    ([], nil),
  ]

  @Test(arguments: pauses)
  func `the wanted pause is read from seconds, milliseconds and dates`(
    headers: [(String, String)],
    expected: Duration?
  ) {
    // Sun, 06 Nov 1994 08:49:37 GMT
    let now = Date(timeIntervalSince1970: 784_111_777)
    #expect(RetryAfter.read(HTTPHeaders(headers), status: 503, now: now) == expected)
  }

  /// The clock stands at 1994-11-06T08:49:37Z.
  private static let resets: [(headers: [(String, String)], expected: Duration?)] = [
    ([("x-ratelimit-reset-requests", "1s")], .seconds(1)),
    ([("x-ratelimit-reset-tokens", "6m0s")], .seconds(360)),
    ([("X-RateLimit-Reset-Tokens", "1h0m1.5s")], .milliseconds(3_601_500)),
    ([("x-ratelimit-reset-requests", "120ms")], .milliseconds(120)),
    ([("x-ratelimit-reset-tokens", "27")], .seconds(27)),
    // The nearest, unless it is known which one is used up; then the last of those.
    ([("x-ratelimit-reset-requests", "8s"), ("x-ratelimit-reset-tokens", "2s")], .seconds(2)),
    (
      [
        ("x-ratelimit-reset-requests", "8s"), ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-tokens", "2s"), ("x-ratelimit-remaining-tokens", "90"),
      ], .seconds(8)
    ),
    (
      [
        ("anthropic-ratelimit-requests-reset", "1994-11-06T08:49:40Z"), ("anthropic-ratelimit-requests-remaining", "0"),
        ("anthropic-ratelimit-input-tokens-reset", "1994-11-06T08:50:37Z"),
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        ("anthropic-ratelimit-output-tokens-reset", "1994-11-06T08:59:37Z"),
      ], .seconds(60)
    ),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06t09:49:37.25+01:00")], .milliseconds(250)),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06T07:49:40-01:00")], .seconds(3)),
    ([("x-ratelimit-reset", "784111787000")], .seconds(10)),
    ([("x-ratelimit-reset", "1784111777")], .seconds(86_400)),
    ([("ratelimit-reset", "5")], .seconds(5)),
    // What was asked for in so many words goes before.
    ([("Retry-After", "3"), ("x-ratelimit-reset-requests", "1s")], .seconds(3)),
    ([("retry-after-ms", "250"), ("x-ratelimit-reset-requests", "1s")], .milliseconds(250)),
    ([("Retry-After", "soon"), ("x-ratelimit-reset-requests", "1s")], .seconds(1)),
    // Nothing that could be meant.
    ([("x-ratelimit-reset-tokens", "0"), ("x-ratelimit-remaining-tokens", "-1")], nil),
    ([("x-ratelimit-reset-tokens", "-5")], nil), ([("x-ratelimit-reset-tokens", "nan")], nil),
    ([("x-ratelimit-reset-tokens", "")], nil), ([("x-ratelimit-reset-tokens", "1x")], nil),
    ([("x-ratelimit-reset-tokens", "m5s")], nil), ([("x-ratelimit-reset-tokens", "1.2.3s")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06T08:49:00Z")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-02-31T08:49:40Z")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06T25:00:00Z")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06T08:49:40")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06T08:49:40+1:00")], nil),
    ([("anthropic-ratelimit-tokens-reset", "1994-11-06")], nil),
  ]

  @Test(arguments: resets)
  func `the wanted pause lasts until the limit is lifted where nothing else is said`(
    headers: [(String, String)],
    expected: Duration?
  ) {
    let now = Date(timeIntervalSince1970: 784_111_777)
    let found = RetryAfter.read(HTTPHeaders(headers), status: 429, now: now)
    #expect(found.map { ($0 / .milliseconds(1)).rounded() } == expected.map { ($0 / .milliseconds(1)).rounded() })
  }

  @Test func `a limit says nothing about other failures`() {
    let headers = HTTPHeaders([("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-remaining-requests", "0")])
    #expect(RetryAfter.read(headers, status: 500, now: Date(timeIntervalSince1970: 0)) == nil)
  }

  @Test func `a request is written in the published format`() throws {
    let request = ModelRequest(
      messages: [
        .system("S"), .user("U"),
        .assistant("", toolCalls: [ToolCall(id: "1", name: "f", argumentsText: "{}")]),
        .tool(callID: "1", result: "7"), .assistant("A"),
      ],
      tools: [ToolDefinition(name: "f", description: "d", parameters: ["type": "object"])],
      responseFormat: .jsonSchema(name: "Frame", schema: ["type": "object"], strict: true),
      maxOutputTokens: 100,
      temperature: 0,
      seed: 7,
      stop: ["END"]
    )
    let configuration = OpenAIChatModel.Configuration(url: try #require(ChatURL(base: "http://h")), model: "m")
    let expected: JSONValue = [
      "model": "m", "stream": true, "stream_options": ["include_usage": true], "max_tokens": 100, "temperature": 0.0,
      "seed": 7, "stop": ["END"],
      "messages": [
        ["role": "system", "content": "S"], ["role": "user", "content": "U"],
        [
          "role": "assistant", "content": .null,
          "tool_calls": [["id": "1", "type": "function", "function": ["name": "f", "arguments": "{}"]]],
        ],
        ["role": "tool", "tool_call_id": "1", "content": "7"], ["role": "assistant", "content": "A"],
      ],
      "tools": [
        ["type": "function", "function": ["name": "f", "description": "d", "parameters": ["type": "object"]]]
      ],
      "response_format": [
        "type": "json_schema",
        "json_schema": ["name": "Frame", "schema": ["type": "object"], "strict": true],
      ],
    ]
    #expect(ChatRequestBody.json(of: request, with: configuration) == expected)
  }

  @Test func `a schema is told as each server wants it`() throws {
    var configuration = OpenAIChatModel.Configuration(url: try #require(ChatURL(base: "http://h")), model: "m")
    var request = ModelRequest(messages: [.user("U")], responseFormat: .jsonSchema(name: "F", schema: ["enum": [1]]))
    configuration.structuredOutput = .jsonObject
    let object = ChatRequestBody.json(of: request, with: configuration)
    #expect(object["response_format"] == ["type": "json_object", "schema": ["enum": [1]]])
    configuration.structuredOutput = .grammar
    let grammar = ChatRequestBody.json(of: request, with: configuration)
    #expect(grammar["grammar"]?.stringValue?.hasPrefix(#"root ::= ws ("1") ws"#) == true)
    #expect(grammar["response_format"] == nil)
    request.responseFormat = .jsonSchema(name: "F", schema: ["allOf": [["type": "string"]]])
    #expect(ChatRequestBody.json(of: request, with: configuration)["response_format"]?["type"] == "json_schema")
  }

  @Test func `fields that a server refuses are left out`() throws {
    var configuration = OpenAIChatModel.Configuration(url: try #require(ChatURL(base: "http://h")), model: "m")
    configuration.outputLimitField = "max_completion_tokens"
    configuration.omittedFields = Set(OpenAIChatModel.Configuration.OptionalField.allCases)
    let request = ModelRequest(messages: [.user("U")], maxOutputTokens: 9, temperature: 1, seed: 1)
    let expected: JSONValue = [
      "model": "m", "stream": true, "max_completion_tokens": 9, "messages": [["role": "user", "content": "U"]],
    ]
    #expect(ChatRequestBody.json(of: request, with: configuration) == expected)
  }
}
