import CoachVocabulary

/// Counts tokens without a tokenizer, on the high side.
///
/// The rule: a text of *n* UTF-8 bytes counts ⌈n ÷ 3.5⌉ tokens. Every message adds 4 for its frame, every tool call and
/// tool 8, and the request 3 for the start of the reply. English prose has four to five bytes per token, so the
/// estimate is above the truth for prose and near it for code, JSON and most other languages.
public enum TokenEstimator {
  /// The tokens of a text.
  public static func tokens(in text: String) -> Int { (text.utf8.count * 2 + 6) / 7 }

  /// The prompt tokens of a request.
  public static func promptTokens(of request: ModelRequest) -> Int {
    var count = 3
    for message in request.messages {
      count += 4 + tokens(in: message.text)
      guard case .assistant(_, let calls) = message else { continue }
      for call in calls { count += 8 + tokens(in: call.name) + tokens(in: call.argumentsText) }
    }
    for tool in request.tools {
      count += 8 + tokens(in: tool.name) + tokens(in: tool.description) + tokens(in: tool.parameters.text)
    }
    if case .jsonSchema(let name, let schema, strict: _) = request.responseFormat {
      count += 8 + tokens(in: name) + tokens(in: schema.text)
    }
    return count
  }

  /// The usage of a reply whose provider said nothing: the prompt and what came back, marked as estimated.
  public static func usage(of request: ModelRequest, text: String, toolCalls: [ToolCall] = []) -> ModelUsage {
    var output = tokens(in: text)
    for call in toolCalls { output += 8 + tokens(in: call.name) + tokens(in: call.argumentsText) }
    return ModelUsage(tokens: TokenCounts(input: promptTokens(of: request), output: output), source: .estimated)
  }
}
