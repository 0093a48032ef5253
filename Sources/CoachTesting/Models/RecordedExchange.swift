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
      reported.map { ModelUsage(tokens: $0, source: .reported) }
      ?? TokenEstimator.usage(of: request, text: text, toolCalls: toolCalls)
    reply = ModelReply(text: text, toolCalls: toolCalls, finishReason: reason, usage: usage)
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
