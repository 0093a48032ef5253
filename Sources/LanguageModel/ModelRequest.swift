public import CoachVocabulary

/// What is asked of a model, in no provider's format.
public struct ModelRequest: Hashable, Sendable, Codable {
  /// The conversation, oldest message first.
  public var messages: [ModelMessage]
  /// The tools the model may ask for.
  public var tools: [ToolDefinition]
  /// The form of the reply.
  public var responseFormat: ResponseFormat
  /// The most tokens to generate; nil leaves it to the provider.
  public var maxOutputTokens: Int?
  /// How freely the model chooses, 0 for the most likely words; nil leaves it to the provider.
  public var temperature: Double?
  /// A seed for repeatable choices, where the provider has them.
  public var seed: Int?
  /// Texts at which generation stops.
  public var stop: [String]

  /// Makes a request.
  public init(
    messages: [ModelMessage],
    tools: [ToolDefinition] = [],
    responseFormat: ResponseFormat = .text,
    maxOutputTokens: Int? = nil,
    temperature: Double? = nil,
    seed: Int? = nil,
    stop: [String] = []
  ) {
    self.messages = messages
    self.tools = tools
    self.responseFormat = responseFormat
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.seed = seed
    self.stop = stop
  }

  /// The last message of the person; empty when there is none.
  public var lastUserText: String {
    for case .user(let text) in messages.reversed() { return text }
    return ""
  }
}

/// The form a reply must have.
public enum ResponseFormat: Hashable, Sendable, Codable {
  /// Any text.
  case text
  /// JSON that fits a schema; `strict` asks the provider to enforce it while generating.
  case jsonSchema(name: String, schema: JSONValue, strict: Bool = true)
}
