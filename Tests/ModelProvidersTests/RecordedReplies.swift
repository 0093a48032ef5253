import CoachVocabulary
import LanguageModel
import Testing

/// Replies in the published formats of several servers, with what they mean.
struct RecordedReply: Sendable, CustomTestStringConvertible {
  let name: String
  var contentType: String? = "text/event-stream"
  let body: String
  let text: String
  var toolCalls: [ToolCall] = []
  var reason = FinishReason.stop
  var usage = ModelUsage.unknown

  var testDescription: String { name }

  static let all = [
    openAIStream, carriageReturns, withoutDone, nullChoices, cachedAndReasoning, llamaTimings, toolStream,
    toolsWithoutIndex, wholeBody, wholeBodyMislabelled, streamMislabelled, lastLineOpen, lengthLimit, hiddenReasoning,
    otherChoices,
  ]

  private static func reported(
    _ input: Int,
    _ output: Int,
    cached: Int = 0,
    written: Int = 0,
    reasoning: Int = 0
  ) -> ModelUsage {
    ModelUsage(
      tokens: TokenCounts(
        input: input,
        cachedInput: cached,
        cacheWrite: written,
        output: output,
        reasoning: reasoning
      ),
      source: .reported
    )
  }

  static let openAIStream = RecordedReply(
    name: "OpenAI stream with usage in an extra chunk",
    body: """
      data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Grüße, "},"finish_reason":null}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"数 ✓"},"finish_reason":null}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}

      data: [DONE]


      """,
    text: "Grüße, 数 ✓",
    usage: reported(19, 10)
  )

  static let carriageReturns = RecordedReply(
    name: "CRLF line ends, comments and pings",
    body: ": ping\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n: ping\r\nevent: message\r\n"
      + "data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\r\ndata: \"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n",
    text: "ab"
  )

  static let withoutDone = RecordedReply(
    name: "stream without DONE",
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"yes"},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}


      """,
    text: "yes",
    usage: reported(5, 1)
  )

  static let nullChoices = RecordedReply(
    name: "usage chunk with null choices",
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}

      data: {"choices":null,"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}

      data: [DONE]


      """,
    text: "ok",
    usage: reported(5, 1)
  )

  static let cachedAndReasoning = RecordedReply(
    name: "cached, written and reasoning tokens are parts",
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"cache_write_tokens":50},"completion_tokens_details":{"reasoning_tokens":256}}}

      data: [DONE]


      """,
    text: "ok",
    usage: reported(36, 300, cached: 1_920, written: 50, reasoning: 256)
  )

  static let llamaTimings = RecordedReply(
    name: "llama.cpp timings in place of usage",
    body: """
      data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"ok"}}],"created":1,"id":"chatcmpl-x","model":"m","object":"chat.completion.chunk"}

      data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"chatcmpl-x","model":"m","object":"chat.completion.chunk","timings":{"cache_n":236,"prompt_n":1,"prompt_ms":30.9,"predicted_n":35,"predicted_ms":661.0}}

      data: [DONE]


      """,
    text: "ok",
    usage: reported(1, 35, cached: 236)
  )

  static let toolStream = RecordedReply(
    name: "two tool calls in pieces",
    body: """
      data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"search","arguments":""}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"word\\""}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"values","arguments":"{}"}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":\\"EV\\"}"}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

      data: [DONE]


      """,
    text: "",
    toolCalls: [
      ToolCall(id: "call_a", name: "search", argumentsText: #"{"word":"EV"}"#),
      ToolCall(id: "call_b", name: "values", argumentsText: "{}"),
    ],
    reason: .toolCalls
  )

  static let toolsWithoutIndex = RecordedReply(
    name: "whole tool calls without index and with reason stop",
    body: """
      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":{"x":1}}}]},"finish_reason":"stop"}]}

      data: [DONE]


      """,
    text: "",
    toolCalls: [
      ToolCall(id: "a", name: "f", argumentsText: "{}"), ToolCall(id: "b", name: "g", argumentsText: #"{"x":1}"#),
    ],
    reason: .toolCalls
  )

  static let wholeBody = RecordedReply(
    name: "whole body although a stream was asked for",
    contentType: "application/json",
    body: """
      {"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Seven.","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}
      """,
    text: "Seven.",
    usage: reported(9, 3)
  )

  static let wholeBodyMislabelled = RecordedReply(
    name: "whole body without content type and with white space before it",
    contentType: nil,
    body: "\n\n {\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n",
    text: "x"
  )

  static let streamMislabelled = RecordedReply(
    name: "stream under a JSON content type",
    contentType: "application/json",
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    text: "x"
  )

  static let lastLineOpen = RecordedReply(
    name: "DONE without a blank line after it",
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]",
    text: "x"
  )

  static let lengthLimit = RecordedReply(
    name: "token limit reached",
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"one tw\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
    text: "one tw",
    reason: .length
  )

  static let hiddenReasoning = RecordedReply(
    name: "reasoning that only the total tells",
    body: """
      data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":64}}

      data: [DONE]


      """,
    text: "x",
    usage: reported(10, 54, reasoning: 50)
  )

  static let otherChoices = RecordedReply(
    name: "a second choice is passed over",
    body: """
      data: {"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"},"finish_reason":"stop"}]}

      data: [DONE]


      """,
    text: "yes"
  )
}
