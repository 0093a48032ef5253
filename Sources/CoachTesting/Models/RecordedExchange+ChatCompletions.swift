import CoachVocabulary
import LanguageModel

/// Replies of servers that speak OpenAI's chat completions; platform.openai.com/docs/api-reference/chat-streaming.
extension RecordedExchange {
  static let chatCompletions = [
    openAIStream, carriageReturns, withoutDone, nullChoices, cachedAndReasoning, llamaTimings, toolStream,
    toolsWithoutIndex, wholeBody, wholeBodyMislabelled, streamMislabelled, lastLineOpen, lengthLimit, hiddenReasoning,
    otherChoices, usageInEveryChunk, wholeTools, reasoningText,
  ]

  private static func tokens(
    _ input: Int,
    _ output: Int,
    cached: Int = 0,
    written: Int = 0,
    reasoning: Int = 0
  ) -> TokenCounts {
    TokenCounts(input: input, cachedInput: cached, cacheWrite: written, output: output, reasoning: reasoning)
  }

  private static let openAIStream = RecordedExchange(
    "OpenAI stream with usage in an extra chunk",
    text: "Grüße, 数 ✓",
    reported: tokens(19, 10),
    body: """
      data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Grüße, "},"finish_reason":null}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"数 ✓"},"finish_reason":null}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

      data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}

      data: [DONE]


      """
  )

  private static let carriageReturns = RecordedExchange(
    "CRLF line ends, comments and pings",
    text: "ab",
    body: ": ping\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n: ping\r\nevent: message\r\n"
      + "data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\r\ndata: \"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n"
  )

  private static let withoutDone = RecordedExchange(
    "stream without DONE",
    text: "yes",
    reported: tokens(5, 1),
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"yes"},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}


      """
  )

  private static let nullChoices = RecordedExchange(
    "usage chunk with null choices",
    text: "ok",
    reported: tokens(5, 1),
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}

      data: {"choices":null,"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}

      data: [DONE]


      """
  )

  private static let cachedAndReasoning = RecordedExchange(
    "cached, written and reasoning tokens are parts",
    text: "ok",
    reported: tokens(36, 300, cached: 1_920, written: 50, reasoning: 256),
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"cache_write_tokens":50},"completion_tokens_details":{"reasoning_tokens":256}}}

      data: [DONE]


      """
  )

  private static let llamaTimings = RecordedExchange(
    "llama.cpp timings in place of usage",
    text: "ok",
    reported: tokens(1, 35, cached: 236),
    body: """
      data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"ok"}}],"created":1,"id":"chatcmpl-x","model":"m","object":"chat.completion.chunk"}

      data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"chatcmpl-x","model":"m","object":"chat.completion.chunk","timings":{"cache_n":236,"prompt_n":1,"prompt_ms":30.9,"predicted_n":35,"predicted_ms":661.0}}

      data: [DONE]


      """
  )

  private static let toolStream = RecordedExchange(
    "two tool calls in pieces",
    text: "",
    toolCalls: [
      ToolCall(id: "call_a", name: "search", argumentsText: #"{"word":"EV"}"#),
      ToolCall(id: "call_b", name: "values", argumentsText: "{}"),
    ],
    reason: .toolCalls,
    body: """
      data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"search","arguments":""}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"word\\""}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"values","arguments":"{}"}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":\\"EV\\"}"}}]},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

      data: [DONE]


      """
  )

  private static let toolsWithoutIndex = RecordedExchange(
    "whole tool calls without index and with reason stop",
    text: "",
    toolCalls: [
      ToolCall(id: "a", name: "f", argumentsText: "{}"), ToolCall(id: "b", name: "g", argumentsText: #"{"x":1}"#),
    ],
    reason: .toolCalls,
    body: """
      data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":{"x":1}}}]},"finish_reason":"stop"}]}

      data: [DONE]


      """
  )

  private static let wholeBody = RecordedExchange(
    "whole body although a stream was asked for",
    contentType: "application/json",
    text: "Seven.",
    reported: tokens(9, 3),
    body: """
      {"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Seven.","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}
      """
  )

  private static let wholeBodyMislabelled = RecordedExchange(
    "whole body without content type and with white space before it",
    contentType: nil,
    text: "x",
    body: "\n\n {\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n"
  )

  private static let streamMislabelled = RecordedExchange(
    "stream under a JSON content type",
    contentType: "application/json",
    text: "x",
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
  )

  private static let lastLineOpen = RecordedExchange(
    "DONE without a blank line after it",
    text: "x",
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]"
  )

  private static let lengthLimit = RecordedExchange(
    "token limit reached",
    text: "one tw",
    reason: .length,
    body: "data: {\"choices\":[{\"delta\":{\"content\":\"one tw\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n"
  )

  private static let hiddenReasoning = RecordedExchange(
    "reasoning that only the total tells",
    text: "x",
    reported: tokens(10, 54, reasoning: 50),
    body: """
      data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":64}}

      data: [DONE]


      """
  )

  private static let otherChoices = RecordedExchange(
    "a second choice is passed over",
    text: "yes",
    body: """
      data: {"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"},"finish_reason":"stop"}]}

      data: [DONE]


      """
  )

  private static let usageInEveryChunk = RecordedExchange(
    "cumulative usage in every chunk",
    text: "one two",
    reported: tokens(7, 2),
    body: """
      data: {"choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}],"usage":{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8}}

      data: {"choices":[{"index":0,"delta":{"content":" two"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}

      data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}

      data: [DONE]


      """
  )

  private static let wholeTools = RecordedExchange(
    "whole body that asks for a tool",
    contentType: "application/json",
    text: "",
    toolCalls: [ToolCall(id: "call_a", name: "search", argumentsText: #"{"word":"EV"}"#)],
    reason: .toolCalls,
    reported: tokens(50, 12),
    body: """
      {"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"search","arguments":"{\\"word\\":\\"EV\\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":50,"completion_tokens":12,"total_tokens":62}}
      """
  )

  private static let reasoningText = RecordedExchange(
    "reasoning text beside the answer is not the answer",
    text: "7",
    reported: tokens(8, 40, reasoning: 39),
    body: """
      data: {"choices":[{"index":0,"delta":{"reasoning_content":"Let me count."},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"content":"7"},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":40,"total_tokens":48,"completion_tokens_details":{"reasoning_tokens":39}}}

      data: [DONE]


      """
  )
}
