import CoachVocabulary
import LanguageModel

/// The wire form of a scripted reply.
struct ScriptedReply {
  /// The whole reply, for requests that want no stream.
  let whole: JSONValue
  /// The pieces of the reply, for a stream.
  let chunks: [JSONValue]
  /// What follows the pieces: the reason for stopping, and the usage where it was asked for.
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
    let pieces = Self.pieces(of: exchange.reply, size: exchange.chunkSize)
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
      let prompt = texts.reduce(3) { $0 + 4 + TokenEstimator.tokens(in: $1) }
      let output = TokenEstimator.tokens(in: exchange.reply) + 8 * exchange.toolCalls.count
      return [
        "prompt_tokens": .int(prompt), "completion_tokens": .int(output), "total_tokens": .int(prompt + output),
      ]
    }
  }

  private static func pieces(of text: String, size: Int) -> [String] {
    var rest = text[...]
    var pieces: [String] = []
    while !rest.isEmpty {
      pieces.append(String(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return pieces
  }
}
