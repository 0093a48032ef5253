public import CoachVocabulary
public import Ledger

/// Something an endpoint's model can do beyond answering in text.
public enum ModelAbility: String, Hashable, Sendable, CaseIterable {
  /// Replies that the server holds to a JSON Schema.
  case jsonSchema = "json_schema"
  /// Asking for tools.
  case tools
}

/// The wire format of an endpoint.
public enum ProviderKind: String, Hashable, Sendable, CaseIterable {
  /// OpenAI's chat completions, which most servers speak.
  case openAI = "openai"
}

/// How long each part of one attempt may take.
public struct AttemptTimeLimits: Hashable, Sendable {
  /// Reaching the endpoint.
  public var connect: Duration
  /// From sending to the first token.
  public var firstToken: Duration
  /// Between two pieces of the reply.
  public var idle: Duration
  /// The whole attempt.
  public var total: Duration

  /// Makes limits.
  public init(
    connect: Duration = .seconds(5),
    firstToken: Duration = .seconds(30),
    idle: Duration = .seconds(20),
    total: Duration = .seconds(120)
  ) {
    self.connect = connect
    self.firstToken = firstToken
    self.idle = idle
    self.total = total
  }
}

/// One endpoint of `config/models.yaml`.
public struct EndpointSettings: Hashable, Sendable {
  /// Whether the endpoint can be used.
  public enum Availability: Hashable, Sendable {
    /// It can: its address, and its key where it has one.
    case configured(baseURL: String, apiKey: Secret?)
    /// It cannot; the text says what is missing.
    case notConfigured(String)
  }

  /// The name, unique in the file.
  public var name: String
  /// Where the model runs.
  public var tier: ModelTier
  /// The wire format.
  public var provider: ProviderKind
  /// Whether it can be used, and how to reach it.
  public var availability: Availability
  /// The model as the server names it.
  public var model: String
  /// How many tokens prompt and output may have together.
  public var contextTokens: Int
  /// What the model can do.
  public var abilities: Set<ModelAbility>
  /// What tokens cost; nil when nobody said.
  public var prices: PriceList?
  /// How long each part of an attempt may take.
  public var timeLimits: AttemptTimeLimits
  /// The request's field for the output limit.
  public var outputLimitField: String
  /// Request fields that the server refuses: `temperature`, `seed`, `stream_options`.
  public var omittedFields: [String]

  /// Makes settings.
  public init(
    name: String,
    tier: ModelTier,
    provider: ProviderKind = .openAI,
    availability: Availability,
    model: String,
    contextTokens: Int = 8_192,
    abilities: Set<ModelAbility> = [],
    prices: PriceList? = nil,
    timeLimits: AttemptTimeLimits = AttemptTimeLimits(),
    outputLimitField: String = "max_tokens",
    omittedFields: [String] = []
  ) {
    self.name = name
    self.tier = tier
    self.provider = provider
    self.availability = availability
    self.model = model
    self.contextTokens = contextTokens
    self.abilities = abilities
    self.prices = prices
    self.timeLimits = timeLimits
    self.outputLimitField = outputLimitField
    self.omittedFields = omittedFields
  }
}
