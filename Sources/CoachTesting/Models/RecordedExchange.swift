public import CoachVocabulary
import HTTPClientKit
public import LanguageModel

/// The format in which a provider is talked to.
public enum WireFormat: String, Hashable, Sendable, CaseIterable {
  /// OpenAI's chat completions, `POST …/chat/completions`.
  case chatCompletions = "chat completions"
  /// Anthropic's Messages API, `POST …/messages`.
  case messages
}

/// A successful response in the published format of some server, with what it means.
public struct RecordedExchange: Hashable, Sendable, CustomStringConvertible {
  /// What is special about it.
  public var name: String
  /// The response's content type; nil for a server that sends none.
  public var contentType: String?
  /// The response's body.
  public var body: String
  /// What was asked.
  public var request: ModelRequest
  /// What the body means, without its usage.
  public var reply: ModelReply
  /// The tokens that the body reports; nil when it reports none, so that they must be estimated.
  public var reported: TokenCounts?

  init(
    _ name: String,
    contentType: String? = "text/event-stream",
    request: ModelRequest = ModelRequest(messages: [.system("You count."), .user("How many?")]),
    text: String,
    toolCalls: [ToolCall] = [],
    reason: FinishReason = .stop,
    reported: TokenCounts? = nil,
    body: String
  ) {
    self.name = name
    self.contentType = contentType
    self.body = body
    self.request = request
    self.reported = reported
    let usage =
      reported.map { ModelUsage(tokens: $0, sources: Self.sources(of: $0, in: body)) }
      ?? TokenEstimator.usage(of: request, text: text, toolCalls: toolCalls)
    reply = ModelReply(text: text, toolCalls: toolCalls, finishReason: reason, usage: usage)
  }

  /// How the counts are known, by the words of the body: what has no number there is not known.
  private static func sources(of tokens: TokenCounts, in body: String) -> TokenClasses<ModelUsage.Source> {
    func source(_ count: Int, _ names: String...) -> ModelUsage.Source {
      let isSaid = names.contains { name in
        body.ranges(of: "\"\(name)\"").contains { range in
          body[range.upperBound...].drop { $0 == ":" || $0 == " " }.first?.isNumber == true
        }
      }
      return count > 0 || isSaid ? .reported : .unknown
    }
    return TokenClasses(
      input: .reported,
      cachedInput: source(tokens.cachedInput, "cached_tokens", "cache_read_input_tokens", "cache_n"),
      cacheWrite: source(tokens.cacheWrite, "cache_write_tokens", "cache_creation_input_tokens"),
      output: .reported,
      reasoning: source(tokens.reasoning, "reasoning_tokens", "thinking_tokens")
    )
  }

  /// The name.
  public var description: String { name }

  /// Whether the response is a stream under its own name.
  public var isStream: Bool { contentType == "text/event-stream" }

  /// Every recorded exchange of a format.
  public static func all(of format: WireFormat) -> [RecordedExchange] {
    switch format {
    case .chatCompletions: chatCompletions
    case .messages: messages
    }
  }
}
