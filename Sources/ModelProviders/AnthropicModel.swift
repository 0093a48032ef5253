public import CoachVocabulary
public import HTTPClientKit
public import LanguageModel

/// A model behind Anthropic's Messages API.
///
/// Source: docs.claude.com/en/api/messages.
public struct AnthropicModel: LanguageModel {
  /// What to talk to and how.
  public struct Configuration: Hashable, Sendable {
    /// How the server is told the JSON Schema of the reply.
    public enum StructuredOutput: String, Hashable, Sendable, CaseIterable {
      /// A tool whose input is the answer and which the model must call: every model that knows tools.
      case tool
      /// `output_config.format`, which the server enforces while generating: models that offer it.
      case jsonSchema = "json_schema"
    }

    /// The address, resolved from the configured base URL.
    public var url: MessagesURL
    /// The model as the server names it.
    public var model: String
    /// The key, sent in ``apiKeyHeader`` only; nil sends none.
    public var apiKey: Secret?
    /// The header that carries the key.
    public var apiKeyHeader: APIKeyHeader
    /// The version of the API, for the `anthropic-version` header.
    public var apiVersion: String
    /// How long each part of an exchange may take.
    ///
    /// The limit on the first byte is the limit on the first token.
    public var limits: HTTPTimeLimits
    /// The output limit of requests that set none, since the API wants one.
    public var defaultOutputTokens: Int
    /// How the server is told a JSON Schema.
    public var structuredOutput: StructuredOutput
    /// Whether the server is asked to keep the prompt for five minutes, so that the next one with the same beginning
    /// costs less.
    public var cachesPrompt: Bool
    /// Whether `temperature` is never sent, for models that refuse it.
    public var omitsTemperature: Bool
    /// The longest reply to accept, in bytes on the wire.
    public var maximumReplyBytes: Int

    /// Makes a configuration.
    public init(
      url: MessagesURL,
      model: String,
      apiKey: Secret? = nil,
      apiKeyHeader: APIKeyHeader = .named("x-api-key"),
      apiVersion: String = "2023-06-01",
      limits: HTTPTimeLimits = HTTPTimeLimits(),
      defaultOutputTokens: Int = 4_096,
      structuredOutput: StructuredOutput = .tool,
      cachesPrompt: Bool = false,
      omitsTemperature: Bool = false,
      maximumReplyBytes: Int = 8 << 20
    ) {
      self.url = url
      self.model = model
      self.apiKey = apiKey
      self.apiKeyHeader = apiKeyHeader
      self.apiVersion = apiVersion
      self.limits = limits
      self.defaultOutputTokens = defaultOutputTokens
      self.structuredOutput = structuredOutput
      self.cachesPrompt = cachesPrompt
      self.omitsTemperature = omitsTemperature
      self.maximumReplyBytes = maximumReplyBytes
    }
  }

  private let configuration: Configuration
  private let transport: any HTTPTransport

  /// Makes a model; the client is shared by all models of a program.
  public init(_ configuration: Configuration, client: any HTTPTransport) {
    self.configuration = configuration
    transport = client
  }

  /// Answers a request piece by piece; the socket closes when the reader leaves or is cancelled.
  public func events(for request: ModelRequest) -> ModelEventStream {
    ModelEventStream { [configuration, transport] in
      let exchange = ReplyExchange(of: request, as: configuration.call(for: request), over: transport)
      return { () async throws(ModelFailure) in try await exchange.next() }
    }
  }
}

extension AnthropicModel.Configuration {
  fileprivate func call(for request: ModelRequest) -> ProviderCall {
    let body = MessagesRequestBody(of: request, with: self)
    var headers = [
      ("Content-Type", "application/json"), ("Accept", "text/event-stream, application/json"),
      ("anthropic-version", apiVersion),
    ]
    if let apiKey { headers.append(apiKeyHeader.field(apiKey)) }
    return ProviderCall(
      request: HTTPRequest(
        method: "POST",
        url: url.text,
        headers: headers,
        body: body.json.bytes,
        limits: limits
      ),
      format: MessagesReplyFormat(answerTool: body.answerTool),
      maximumReplyBytes: maximumReplyBytes,
      secret: apiKey
    )
  }
}
