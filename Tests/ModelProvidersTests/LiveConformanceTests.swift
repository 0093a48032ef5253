import CoachTesting
import CoachVocabulary
import FoundationEssentials
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

/// The checks for real servers: against the scripted one always, and against the one that `COACH_TEST_ENDPOINT` names.
///
/// Other variables: `COACH_TEST_FORMAT` (`openai`, the standard, or `anthropic`), `COACH_TEST_MODEL`, `COACH_TEST_KEY`,
/// `COACH_TEST_STRUCTURED_OUTPUT` (as `structured_output` in `config/models.yaml`).
@Suite(.timeLimit(.minutes(10)), .serialized) struct LiveConformanceTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let endpoint = environment["COACH_TEST_ENDPOINT"]
  private static let limits = HTTPTimeLimits(firstByte: .seconds(300), idle: .seconds(300))

  @Test(.enabled(if: endpoint != nil, "COACH_TEST_ENDPOINT names no server"), arguments: LiveConformance.all)
  func `a model behind the named server`(check: LiveConformance) async throws {
    let client = try HTTPClient()
    let format: WireFormat = Self.environment["COACH_TEST_FORMAT"] == "anthropic" ? .messages : .chatCompletions
    try await check.check(
      Self.model(
        format,
        at: Self.endpoint ?? "",
        key: Self.environment["COACH_TEST_KEY"].map { Secret($0) },
        structuredOutput: Self.environment["COACH_TEST_STRUCTURED_OUTPUT"],
        over: client
      )
    )
    await client.shutdown()
  }

  @Test(arguments: LiveConformance.all, WireFormat.allCases)
  func `a model behind the scripted server`(check: LiveConformance, format: WireFormat) async throws {
    let tooLong = ModelFault.status(
      400,
      retryAfter: nil,
      error: ["type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"]
    )
    let server = ScriptedModelServer([
      ScriptedExchange(match: "month, revenue", times: 0, fault: tooLong),
      ScriptedExchange(match: "which metric", times: 0, reply: #"{"descending":true,"metric":"units"}"#),
      ScriptedExchange(
        match: "one hundred",
        times: 0,
        reply: "1, 2, 3",
        finishReason: format == .messages ? "max_tokens" : "length"
      ),
      ScriptedExchange(match: "story", times: 0, reply: "It was a dark night.", chunkSize: 1, delay: .milliseconds(5)),
      ScriptedExchange(times: 0, reply: "Something, and more of it."),
    ])
    try server.start()
    let client = try HTTPClient()
    try await check.check(Self.model(format, at: server.baseURL, key: nil, structuredOutput: nil, over: client))
    await client.shutdown()
    await server.stop()
  }

  private static func model(
    _ format: WireFormat,
    at base: String,
    key: Secret?,
    structuredOutput: String?,
    over client: HTTPClient
  ) throws -> any LanguageModel {
    let name = environment["COACH_TEST_MODEL"] ?? "default"
    switch format {
    case .chatCompletions:
      let url = try #require(ChatURL(base: base))
      var configuration = OpenAIChatModel.Configuration(url: url, model: name, apiKey: key, limits: limits)
      if let structuredOutput { configuration.structuredOutput = try #require(.init(rawValue: structuredOutput)) }
      return OpenAIChatModel(configuration, client: client)
    case .messages:
      let url = try #require(MessagesURL(base: base))
      var configuration = AnthropicModel.Configuration(url: url, model: name, apiKey: key, limits: limits)
      if let structuredOutput { configuration.structuredOutput = try #require(.init(rawValue: structuredOutput)) }
      return AnthropicModel(configuration, client: client)
    }
  }
}
