public import CoachVocabulary
public import HTTPClientKit
public import LanguageModel

/// A model behind an OpenAI-compatible `chat/completions` endpoint: OpenAI, Azure, Gemini, llama.cpp, Ollama, vLLM and
/// many more.
public struct OpenAIChatModel: LanguageModel {
  /// What to talk to and how.
  public struct Configuration: Hashable, Sendable {
    /// Fields of the request that some servers or models refuse.
    public enum OptionalField: String, Hashable, Sendable, CaseIterable {
      /// Asks for token counts at the end of a stream.
      case streamOptions = "stream_options"
      /// How freely the model chooses.
      case temperature
      /// Repeatable choices.
      case seed
    }

    /// How a server is told the JSON Schema of the reply.
    public enum StructuredOutput: String, Hashable, Sendable, CaseIterable {
      /// `response_format` of type `json_schema`: OpenAI, Azure, Gemini, vLLM, Ollama, llama.cpp.
      case jsonSchema = "json_schema"
      /// `response_format` of type `json_object` with the schema inside: llama.cpp of any age, llama-cpp-python.
      case jsonObject = "json_object"
      /// `grammar` with the schema as GBNF, see ``JSONGrammar``: llama.cpp and what is built on it.
      case grammar
    }

    /// The address, resolved from the configured base URL.
    public var url: ChatURL
    /// The model as the server names it.
    public var model: String
    /// The key, sent in ``apiKeyHeader`` only; nil sends none.
    public var apiKey: Secret?
    /// The header that carries the key.
    public var apiKeyHeader: APIKeyHeader
    /// How long each part of an exchange may take.
    ///
    /// The limit on the first byte is the limit on the first token.
    public var limits: HTTPTimeLimits
    /// The name of the field that limits the output: `max_tokens`, or `max_completion_tokens` for OpenAI's own models.
    public var outputLimitField: String
    /// How the server is told a JSON Schema.
    public var structuredOutput: StructuredOutput
    /// Fields never to send.
    public var omittedFields: Set<OptionalField>
    /// The longest reply to accept, in bytes on the wire.
    public var maximumReplyBytes: Int

    /// Makes a configuration.
    public init(
      url: ChatURL,
      model: String,
      apiKey: Secret? = nil,
      apiKeyHeader: APIKeyHeader = .authorization,
      limits: HTTPTimeLimits = HTTPTimeLimits(),
      outputLimitField: String = "max_tokens",
      structuredOutput: StructuredOutput = .jsonSchema,
      omittedFields: Set<OptionalField> = [],
      maximumReplyBytes: Int = 8 << 20
    ) {
      self.url = url
      self.model = model
      self.apiKey = apiKey
      self.apiKeyHeader = apiKeyHeader
      self.limits = limits
      self.outputLimitField = outputLimitField
      self.structuredOutput = structuredOutput
      self.omittedFields = omittedFields
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

extension OpenAIChatModel.Configuration {
  fileprivate func call(for request: ModelRequest) -> ProviderCall {
    var headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream, application/json")]
    if let apiKey { headers.append(apiKeyHeader.field(apiKey)) }
    return ProviderCall(
      request: HTTPRequest(
        method: "POST",
        url: url.text,
        headers: headers,
        body: ChatRequestBody.json(of: request, with: self).bytes,
        limits: limits
      ),
      format: ChatReplyFormat(),
      maximumReplyBytes: maximumReplyBytes,
      secret: apiKey
    )
  }
}
