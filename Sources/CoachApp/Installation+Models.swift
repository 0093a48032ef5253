import CoachVocabulary
import HTTPClientKit
import LanguageModel
import ModelProviders
import ModelRouting

extension Installation {
  /// How connections to the endpoints are made.
  var clientSettings: HTTPClient.Settings {
    let connections = modelSettings.connections
    var settings = HTTPClient.Settings()
    settings.proxy = connections.proxy
    settings.proxyExceptions = connections.proxyExceptions
    settings.certificateAuthorityFile = connections.certificateAuthorityFile.map { Self.path($0, in: options.root) }
    settings.addressPolicy.allowsLinkLocal = connections.allowsLinkLocal
    return settings
  }

  /// The endpoints that can be used, over one HTTP client.
  func endpoints(over client: any HTTPTransport) -> [ModelEndpoint] {
    modelSettings.endpoints.compactMap { settings in
      settings.languageModel(over: client).map { ModelEndpoint(settings, model: $0) }
    }
  }
}

extension EndpointSettings {
  /// The model that answers here; nil when the endpoint is not configured or its address cannot be right.
  func languageModel(over client: any HTTPTransport) -> (any LanguageModel)? {
    guard case .configured(let address, _) = availability else { return nil }
    switch provider {
    case .openAI: return chatConfiguration(at: address).map { OpenAIChatModel($0, client: client) }
    case .anthropic: return messagesConfiguration(at: address).map { AnthropicModel($0, client: client) }
    }
  }

  /// The model that turns texts into vectors here; nil when there is none.
  func embeddingModel(over client: any HTTPTransport) -> (any EmbeddingModel)? {
    guard case .configured(let address, let key) = availability, let name = wire.embeddingModel else { return nil }
    let azure = wire.azureAPIVersion.map { AzureDeployment(name: name, apiVersion: $0) }
    guard let url = azure.map({ EmbeddingsURL(base: address, azure: $0) }) ?? EmbeddingsURL(base: address) else {
      return nil
    }
    let configuration = OpenAIEmbeddingModel.Configuration(
      url: url,
      model: name,
      apiKey: key,
      apiKeyHeader: keyHeader,
      limits: limits
    )
    return OpenAIEmbeddingModel(configuration, client: client)
  }

  private func chatConfiguration(at address: String) -> OpenAIChatModel.Configuration? {
    let azure = wire.azureAPIVersion.map { AzureDeployment(name: model, apiVersion: $0) }
    guard let url = azure.map({ ChatURL(base: address, azure: $0) }) ?? ChatURL(base: address) else { return nil }
    var configuration = OpenAIChatModel.Configuration(url: url, model: model, apiKey: key, apiKeyHeader: keyHeader)
    configuration.limits = limits
    configuration.outputLimitField = outputLimitField
    configuration.omittedFields = Set(omittedFields.compactMap(OpenAIChatModel.Configuration.OptionalField.init))
    configuration.structuredOutput = .init(rawValue: wire.structuredOutput.rawValue) ?? .jsonSchema
    return configuration
  }

  private func messagesConfiguration(at address: String) -> AnthropicModel.Configuration? {
    guard let url = MessagesURL(base: address) else { return nil }
    var configuration = AnthropicModel.Configuration(url: url, model: model, apiKey: key, limits: limits)
    if wire.apiKeyHeader != nil { configuration.apiKeyHeader = keyHeader }
    configuration.structuredOutput = .init(rawValue: wire.structuredOutput.rawValue) ?? .tool
    configuration.cachesPrompt = wire.cachesPrompt
    configuration.omitsTemperature = omittedFields.contains("temperature")
    return configuration
  }

  private var key: Secret? {
    if case .configured(_, let key) = availability { key } else { nil }
  }

  /// Azure wants the key in a header of its own.
  private var keyHeader: APIKeyHeader {
    if let name = wire.apiKeyHeader { return .named(name) }
    return wire.azureAPIVersion == nil ? .authorization : .named("api-key")
  }

  private var limits: HTTPTimeLimits {
    HTTPTimeLimits(
      connect: timeLimits.connect,
      firstByte: timeLimits.firstToken,
      idle: timeLimits.idle,
      total: timeLimits.total
    )
  }
}
