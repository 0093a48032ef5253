import CoachVocabulary
import HTTPServerKit
import LanguageModel

/// A scripted reply on the wire, in one of the formats.
struct ScriptedReply: Sendable {
  /// The whole reply, for requests that want no stream.
  let whole: [UInt8]
  /// The pieces of a stream; the first opens it without any text.
  let chunks: [[UInt8]]
  /// What follows the pieces: the reason for stopping, and the usage where it is to be sent.
  let ending: [UInt8]
  /// The line that ends the stream.
  let done: [UInt8]

  init(_ exchange: ScriptedExchange, to request: JSONValue, as format: WireFormat, model: String) {
    switch format {
    case .chatCompletions: self.init(chat: ScriptedChatReply(exchange, to: request, model: model))
    case .messages: self.init(messages: ScriptedMessage(exchange, to: request, model: model))
    }
  }

  private init(chat: ScriptedChatReply) {
    whole = Array(chat.whole.text.utf8)
    chunks = chat.chunks.map { EventStreamEncoder.event(data: $0.text) }
    ending = chat.ending.flatMap { EventStreamEncoder.event(data: $0.text) }
    done = EventStreamEncoder.event(data: "[DONE]")
  }

  private init(messages: ScriptedMessage) {
    whole = Array(messages.whole.text.utf8)
    chunks = messages.chunks.map { $0.flatMap(Self.event) }
    ending = messages.ending.flatMap(Self.event)
    done = Self.event(["type": "message_stop"])
  }

  /// An event of the Messages API, named like its type.
  private static func event(_ data: JSONValue) -> [UInt8] {
    EventStreamEncoder.event(data: data.text, event: data["type"]?.stringValue)
  }

  /// An error inside a stream.
  static func error(_ error: JSONValue, as format: WireFormat) -> [UInt8] {
    switch format {
    case .chatCompletions: EventStreamEncoder.event(data: JSONValue.object(["error": error]).text)
    case .messages: event(["type": "error", "error": error])
    }
  }

  /// The beginning of an event that breaks off inside its JSON.
  static func brokenEvent(_ format: WireFormat) -> [UInt8] {
    switch format {
    case .chatCompletions: EventStreamEncoder.event(data: "{\"choices\": [{\"delta\"")
    case .messages: EventStreamEncoder.event(data: "{\"type\": \"content_block_delta\"", event: "content_block_delta")
    }
  }

  /// The text in pieces of so many letters.
  static func pieces(of text: String, size: Int) -> [String] {
    var rest = text[...]
    var pieces: [String] = []
    while !rest.isEmpty {
      pieces.append(String(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return pieces
  }

  /// An estimate of the tokens of a request and its scripted reply.
  static func estimate(_ exchange: ScriptedExchange, _ texts: [String]) -> (prompt: Int, output: Int) {
    let prompt = texts.reduce(3) { $0 + 4 + TokenEstimator.tokens(in: $1) }
    return (prompt, TokenEstimator.tokens(in: exchange.reply) + 8 * exchange.toolCalls.count)
  }
}

/// A scripted reply as OpenAI's chat completions write it.
private struct ScriptedChatReply {
  let whole: JSONValue
  let chunks: [JSONValue]
  let ending: [JSONValue]

  init(_ exchange: ScriptedExchange, to request: JSONValue, model: String) {
    func frame(_ object: String, _ choice: JSONValue?, _ usage: JSONValue? = nil) -> JSONValue {
      var members: [String: JSONValue] = [
        "id": "chatcmpl-scripted", "object": .string(object), "created": 0, "model": .string(model),
        "choices": .array(choice.map { [$0] } ?? []),
      ]
      members["usage"] = usage
      return .object(members)
    }
    func delta(_ delta: JSONValue, finish: JSONValue = .null) -> JSONValue {
      frame("chat.completion.chunk", ["index": 0, "delta": delta, "finish_reason": finish])
    }
    let calls = Self.calls(exchange)
    let field = exchange.fault == .refuse ? "refusal" : "content"
    let reason = JSONValue.string(exchange.finishReason ?? (calls.isEmpty ? "stop" : "tool_calls"))
    let usage = Self.usage(exchange, request)

    var message: [String: JSONValue] = ["role": "assistant", "content": .null]
    message[field] = .string(exchange.reply)
    if !calls.isEmpty { message["tool_calls"] = .array(calls) }
    whole = frame(
      "chat.completion",
      ["index": 0, "message": .object(message), "finish_reason": reason],
      usage
    )
    let pieces = ScriptedReply.pieces(of: exchange.reply, size: exchange.chunkSize)
    chunks =
      [delta(["role": "assistant", "content": ""])] + pieces.map { delta(.object([field: .string($0)])) }
      + (calls.isEmpty ? [] : [delta(["tool_calls": .array(calls)])])
    let wantsUsage = request["stream_options"]?["include_usage"] == true
    let usageChunk = wantsUsage ? usage.map { frame("chat.completion.chunk", nil, $0) } : nil
    ending = [delta([:], finish: reason)] + (usageChunk.map { [$0] } ?? [])
  }

  private static func calls(_ exchange: ScriptedExchange) -> [JSONValue] {
    exchange.toolCalls.enumerated().map { index, call in
      let arguments = call["arguments"] ?? [:]
      return [
        "index": .int(index), "id": .string("call_\(index)"), "type": "function",
        "function": [
          "name": call["name"] ?? "", "arguments": .string(arguments.stringValue ?? arguments.text),
        ],
      ]
    }
  }

  private static func usage(_ exchange: ScriptedExchange, _ request: JSONValue) -> JSONValue? {
    switch exchange.usage {
    case .omitted: return nil
    case .fixed(let usage): return usage
    case .estimated:
      let texts = (request["messages"]?.arrayValue ?? []).map { $0["content"]?.stringValue ?? "" }
      let (prompt, output) = ScriptedReply.estimate(exchange, texts)
      return [
        "prompt_tokens": .int(prompt), "completion_tokens": .int(output), "total_tokens": .int(prompt + output),
      ]
    }
  }
}

/// A scripted reply as Anthropic's Messages API writes it.
private struct ScriptedMessage {
  let whole: JSONValue
  /// The events of each piece.
  let chunks: [[JSONValue]]
  let ending: [JSONValue]

  init(_ exchange: ScriptedExchange, to request: JSONValue, model: String) {
    let usage = Self.usage(exchange, request)
    let blocks = Self.blocks(exchange, request)
    let reason = JSONValue.string(exchange.finishReason ?? Self.reason(exchange, blocks))
    var message: [String: JSONValue] = [
      "id": "msg_scripted", "type": "message", "role": "assistant", "model": .string(model),
      "content": .array(blocks), "stop_reason": reason, "stop_sequence": .null,
    ]
    message["usage"] = usage
    whole = .object(message)

    message["content"] = []
    message["stop_reason"] = .null
    // The output's count is not known when a stream begins: the API sends a placeholder.
    if var members = usage?.objectValue {
      members["output_tokens"] = 1
      message["usage"] = .object(members)
    }
    var pieces: [[JSONValue]] = [[["type": "message_start", "message": .object(message)], ["type": "ping"]]]
    for (index, block) in blocks.enumerated() {
      pieces += Self.pieces(of: block, at: index, size: exchange.chunkSize)
    }
    chunks = pieces
    var delta: [String: JSONValue] = [
      "type": "message_delta", "delta": ["stop_reason": reason, "stop_sequence": .null],
    ]
    delta["usage"] = usage.map { ["output_tokens": $0["output_tokens"] ?? 0] }
    ending = [.object(delta)]
  }

  /// The text, or the tool that the request wants the answer in, then the tools that the script asks for.
  private static func blocks(_ exchange: ScriptedExchange, _ request: JSONValue) -> [JSONValue] {
    if exchange.fault == .refuse { return [] }
    var blocks: [JSONValue] = []
    if let tool = answerTool(exchange, request) {
      let input = (try? JSONValue(parsing: exchange.reply)) ?? ["text": .string(exchange.reply)]
      blocks.append(["type": "tool_use", "id": "toolu_answer", "name": tool, "input": input])
    } else if !exchange.reply.isEmpty {
      blocks.append(["type": "text", "text": .string(exchange.reply)])
    }
    for (index, call) in exchange.toolCalls.enumerated() {
      blocks.append([
        "type": "tool_use", "id": .string("toolu_\(index)"), "name": call["name"] ?? "",
        "input": call["arguments"] ?? [:],
      ])
    }
    return blocks
  }

  private static func answerTool(_ exchange: ScriptedExchange, _ request: JSONValue) -> JSONValue? {
    switch request["tool_choice"]?["type"]?.stringValue {
    case "tool": request["tool_choice"]?["name"]
    case "any" where exchange.toolCalls.isEmpty: request["tools"]?.arrayValue?.last?["name"]
    default: nil
    }
  }

  private static func reason(_ exchange: ScriptedExchange, _ blocks: [JSONValue]) -> String {
    if exchange.fault == .refuse { return "refusal" }
    return blocks.contains { $0["type"] == "tool_use" } ? "tool_use" : "end_turn"
  }

  /// A block in pieces: the first piece opens it and the last one closes it.
  private static func pieces(of block: JSONValue, at index: Int, size: Int) -> [[JSONValue]] {
    let isText = block["type"] == "text"
    let whole = isText ? block["text"]?.stringValue ?? "" : block["input"]?.text ?? ""
    var empty = block.objectValue ?? [:]
    empty[isText ? "text" : "input"] = isText ? "" : [:]
    var pieces = ScriptedReply.pieces(of: whole, size: size).map { piece -> [JSONValue] in
      let delta: JSONValue =
        isText
        ? ["type": "text_delta", "text": .string(piece)] : ["type": "input_json_delta", "partial_json": .string(piece)]
      return [["type": "content_block_delta", "index": .int(index), "delta": delta]]
    }
    pieces[0].insert(["type": "content_block_start", "index": .int(index), "content_block": .object(empty)], at: 0)
    pieces[pieces.count - 1].append(["type": "content_block_stop", "index": .int(index)])
    return pieces
  }

  /// A script's usage in this format; one that is written as chat completions write it is translated.
  private static func usage(_ exchange: ScriptedExchange, _ request: JSONValue) -> JSONValue? {
    switch exchange.usage {
    case .omitted: return nil
    case .fixed(let usage):
      guard let prompt = usage["prompt_tokens"]?.intValue else { return usage }
      let cached = usage["prompt_tokens_details"]?["cached_tokens"]?.intValue ?? 0
      let written = usage["prompt_tokens_details"]?["cache_write_tokens"]?.intValue ?? 0
      return [
        "input_tokens": .int(prompt - cached - written), "cache_read_input_tokens": .int(cached),
        "cache_creation_input_tokens": .int(written), "output_tokens": usage["completion_tokens"] ?? 0,
      ]
    case .estimated:
      let (prompt, output) = ScriptedReply.estimate(exchange, [request["messages"]?.text ?? ""])
      return [
        "input_tokens": .int(prompt), "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
        "output_tokens": .int(max(1, output)),
      ]
    }
  }
}
