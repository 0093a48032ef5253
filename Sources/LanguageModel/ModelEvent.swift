/// Something that happens while a model answers.
public enum ModelEvent: Hashable, Sendable {
  /// The next piece of the text.
  case text(String)
  /// A complete request for a tool.
  case toolCall(ToolCall)
  /// The reply is complete; nothing follows.
  case finished(FinishReason, ModelUsage)
}

/// Why a model stopped.
public enum FinishReason: String, Hashable, Sendable, Codable {
  /// It had said everything.
  case stop
  /// It reached the token limit; the text may break off.
  case length
  /// It waits for tools.
  case toolCalls = "tool_calls"
  /// The provider's filter held something back.
  case contentFilter = "content_filter"
  /// The provider gave no reason or an unfamiliar one.
  case other
}
