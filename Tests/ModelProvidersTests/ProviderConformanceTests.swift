import CoachTesting
import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import Testing

@Suite struct ProviderConformanceTests {
  @Test(arguments: ProviderConformance.all(of: .chatCompletions))
  func `a model behind chat completions`(check: ProviderConformance) async throws {
    let url = try #require(ChatURL(base: "http://model.test"))
    let key = Secret(ProviderConformance.key)
    let configuration = OpenAIChatModel.Configuration(url: url, model: "m", apiKey: key, maximumReplyBytes: 1 << 20)
    try await check.check { OpenAIChatModel(configuration, client: $0) }
  }

  @Test(arguments: ProviderConformance.all(of: .messages))
  func `a model behind the Messages API`(check: ProviderConformance) async throws {
    let url = try #require(MessagesURL(base: "http://model.test"))
    let key = Secret(ProviderConformance.key)
    let configuration = AnthropicModel.Configuration(url: url, model: "m", apiKey: key, maximumReplyBytes: 1 << 20)
    try await check.check { AnthropicModel(configuration, client: $0) }
  }

  @Test(arguments: WireFormat.allCases)
  func `every reported class of tokens is part of the total`(format: WireFormat) {
    for exchange in RecordedExchange.all(of: format) {
      guard let tokens = exchange.reported else { continue }
      #expect(tokens.input + tokens.cachedInput + tokens.cacheWrite + tokens.output == tokens.total)
      #expect(tokens.reasoning <= tokens.output)
    }
  }
}
