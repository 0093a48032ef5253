public import CoachVocabulary
public import HTTPClientKit
public import LanguageModel

/// A model behind an OpenAI-compatible `chat/completions` endpoint: OpenAI, llama.cpp, Ollama, vLLM and many more.
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

    /// The address, resolved from the configured base URL.
    public var url: ChatURL
    /// The model as the server names it.
    public var model: String
    /// The key, sent in the `Authorization` header only; nil sends none.
    public var apiKey: Secret?
    /// How long each part of an exchange may take.
    ///
    /// The limit on the first byte is the limit on the first token.
    public var limits: HTTPTimeLimits
    /// The name of the field that limits the output: `max_tokens`, or `max_completion_tokens` for OpenAI's own models.
    public var outputLimitField: String
    /// Fields never to send.
    public var omittedFields: Set<OptionalField>
    /// The longest reply to accept, in bytes on the wire.
    public var maximumReplyBytes: Int

    /// Makes a configuration.
    public init(
      url: ChatURL,
      model: String,
      apiKey: Secret? = nil,
      limits: HTTPTimeLimits = HTTPTimeLimits(),
      outputLimitField: String = "max_tokens",
      omittedFields: Set<OptionalField> = [],
      maximumReplyBytes: Int = 8 << 20
    ) {
      self.url = url
      self.model = model
      self.apiKey = apiKey
      self.limits = limits
      self.outputLimitField = outputLimitField
      self.omittedFields = omittedFields
      self.maximumReplyBytes = maximumReplyBytes
    }
  }

  private let configuration: Configuration
  private let client: HTTPClient

  /// Makes a model; the client is shared by all models of a program.
  public init(_ configuration: Configuration, client: HTTPClient) {
    self.configuration = configuration
    self.client = client
  }

  /// Answers a request piece by piece; the socket closes when the reader leaves or is cancelled.
  public func events(for request: ModelRequest) -> ModelEventStream {
    ModelEventStream { [configuration, client] in
      let exchange = ChatExchange(of: request, with: configuration, over: client)
      return { () async throws(ModelFailure) in try await exchange.next() }
    }
  }
}
