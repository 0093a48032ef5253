import CoachVocabulary
import HTTPClientKit
import LanguageModel

/// The replies of Anthropic's Messages API.
///
/// Source: docs.claude.com/en/api/messages-streaming. A stream is `message_start`, blocks of start, deltas and stop,
/// `message_delta` with the reason and cumulative counts, `message_stop`; `ping` and kinds of event or block that are
/// new are passed over, as the documentation asks. An `error` event can come at any time, with status 200.
struct MessagesReplyFormat: ReplyFormat {
  private struct ToolUse {
    var id: String
    var name: String
    /// What came with the start of the block: the whole input for servers that do not send it in pieces.
    var input: JSONValue
    var pieces = ""

    var call: ToolCall { ToolCall(id: id, name: name, argumentsText: pieces.isEmpty ? input.text : pieces) }
  }

  /// The tool whose input is the reply itself: how JSON is asked for where the server has no other way.
  private let answerTool: String?
  private var open: [Int: ToolUse] = [:]
  private var askedForTools = false
  private var stopReason: String?
  private var counts = MessagesUsage()

  init(answerTool: String? = nil) { self.answerTool = answerTool }

  // MARK: Streamed

  mutating func take(_ event: ServerSentEvent, into draft: inout ReplyDraft) throws(ModelFailure) {
    guard let body = try? JSONValue(parsing: event.data), body.objectValue != nil else {
      throw draft.failure(.malformed, "an event is not a JSON object")
    }
    switch body["type"]?.stringValue ?? event.event {
    case "error": throw draft.failure(reported: body["error"] ?? body)
    case "message_start": take(usage: body["message"]?["usage"], &draft)
    case "content_block_start": start(body["content_block"] ?? .null, at: Self.index(body), &draft)
    case "content_block_delta": take(delta: body["delta"] ?? .null, at: Self.index(body), &draft)
    case "content_block_stop": stop(at: Self.index(body), &draft)
    case "message_delta":
      stopReason = body["delta"]?["stop_reason"]?.stringValue ?? stopReason
      take(usage: body["usage"], isLast: true, &draft)
    case "message_stop": try complete(&draft)
    default: break
    }
  }

  mutating func endStream(into draft: inout ReplyDraft) throws(ModelFailure) {
    if stopReason != nil { try complete(&draft) }
  }

  private static func index(_ body: JSONValue) -> Int { body["index"]?.intValue ?? 0 }

  private mutating func start(_ block: JSONValue, at index: Int, _ draft: inout ReplyDraft) {
    switch block["type"]?.stringValue {
    case "text": draft.add(text: block["text"]?.stringValue ?? "")
    case "tool_use":
      draft.beginToolCall()
      open[index] = ToolUse(
        id: block["id"]?.stringValue ?? "call_\(index)",
        name: block["name"]?.stringValue ?? "",
        input: block["input"] ?? [:]
      )
    default: break  // thinking and what else is not part of the answer
    }
  }

  private mutating func take(delta: JSONValue, at index: Int, _ draft: inout ReplyDraft) {
    switch delta["type"]?.stringValue {
    case "text_delta": draft.add(text: delta["text"]?.stringValue ?? "")
    case "input_json_delta":
      let piece = delta["partial_json"]?.stringValue ?? ""
      open[index]?.pieces += piece
      if let name = open[index]?.name, name == answerTool { draft.add(text: piece) }
    default: break
    }
  }

  private mutating func stop(at index: Int, _ draft: inout ReplyDraft) {
    guard let use = open.removeValue(forKey: index) else { return }
    if use.name != answerTool {
      askedForTools = true
      draft.add(use.call)
    } else if use.pieces.isEmpty {
      draft.add(text: use.input.text)
    }
  }

  // MARK: Whole

  mutating func take(whole body: JSONValue, into draft: inout ReplyDraft) throws(ModelFailure) {
    guard let blocks = body["content"]?.arrayValue else { throw draft.failure(.malformed, "the reply has no content") }
    take(usage: body["usage"], isLast: true, &draft)
    for (index, block) in blocks.enumerated() {
      start(block, at: index, &draft)
      stop(at: index, &draft)
    }
    stopReason = body["stop_reason"]?.stringValue
    try complete(&draft)
  }

  // MARK: Both

  private mutating func take(usage: JSONValue?, isLast: Bool = false, _ draft: inout ReplyDraft) {
    counts.take(usage)
    guard let known = counts.usage else { return }
    draft.usage = isLast && counts.hasOutput(in: usage) ? .all(known) : .prompt(known)
  }

  private mutating func complete(_ draft: inout ReplyDraft) throws(ModelFailure) {
    // A block that was never closed is complete all the same when the message is.
    for index in open.keys.sorted() { stop(at: index, &draft) }
    if stopReason == "refusal", !draft.hasBegun { throw ModelFailure(.refused, usage: draft.usage.known) }
    if stopReason == nil, !draft.hasBegun { throw draft.failure(.malformed, "the reply is empty") }
    draft.complete(reason)
  }

  private var reason: FinishReason {
    switch stopReason {
    case "end_turn", "stop_sequence": .stop
    case "max_tokens", "model_context_window_exceeded": .length
    // With the answer tool alone the model has answered, not asked.
    case "tool_use": askedForTools || answerTool == nil ? .toolCalls : .stop
    case "refusal": .contentFilter
    default: .other
    }
  }
}

/// Token counts of the Messages API, gathered over a stream.
///
/// `input_tokens` leaves out what was read from and written to the cache, `output_tokens` includes thinking. Counts are
/// cumulative: later ones replace earlier ones, and what is missing or null later keeps its value.
struct MessagesUsage: Sendable {
  private var input: Int?
  private var cacheRead: Int?
  private var cacheWrite: Int?
  private var output: Int?
  private var thinking: Int?

  /// The counts; nil while the prompt's are not known.
  var usage: ModelUsage? {
    guard let input else { return nil }
    let tokens = TokenCounts(
      input: input,
      cachedInput: cacheRead ?? 0,
      cacheWrite: cacheWrite ?? 0,
      output: output ?? 0,
      reasoning: min(output ?? 0, thinking ?? 0)
    )
    // No prompt has 0 tokens: a server that says so does not know.
    guard tokens.total > tokens.output else { return nil }
    return ModelUsage(
      tokens: tokens,
      sources: TokenClasses(
        input: .reported,
        cachedInput: .ofOptional(cacheRead),
        cacheWrite: .ofOptional(cacheWrite),
        output: .ofOptional(output),
        reasoning: .ofOptional(thinking)
      )
    )
  }

  mutating func take(_ usage: JSONValue?) {
    guard let usage else { return }
    input = TokenCount.read(usage["input_tokens"]) ?? input
    cacheRead = TokenCount.read(usage["cache_read_input_tokens"]) ?? cacheRead
    cacheWrite =
      TokenCount.read(usage["cache_creation_input_tokens"]) ?? Self.sum(usage["cache_creation"]) ?? cacheWrite
    output = TokenCount.read(usage["output_tokens"]) ?? output
    thinking = TokenCount.read(usage["output_tokens_details"]?["thinking_tokens"]) ?? thinking
  }

  /// Whether the object counts the output.
  func hasOutput(in usage: JSONValue?) -> Bool { TokenCount.read(usage?["output_tokens"]) != nil }

  /// The tokens written to the cache, where only the parts by time to live are given.
  private static func sum(_ parts: JSONValue?) -> Int? {
    let counts = ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"].compactMap { TokenCount.read(parts?[$0]) }
    return counts.isEmpty ? nil : counts.reduce(0, +)
  }
}
