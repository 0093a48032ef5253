import CoachVocabulary
import LanguageModel

/// Replies in the format of Anthropic's Messages API; docs.claude.com/en/api/messages-streaming.
extension RecordedExchange {
  static let messages = [
    plainStream, cacheClasses, cacheByTimeToLive, cumulativeCounts, toolStream, thinkingStream, answerToolStream,
    unknownEvents, withoutStop, withoutUsage, tokenLimit, contextLimit, lateRefusal, wholeText, wholeMixed,
    wholeAnswerTool, bareTypes,
  ]

  private static let start = """
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":1}}}

    """

  private static let stop = """
    event: message_stop
    data: {"type":"message_stop"}


    """

  private static let question = ModelRequest(
    messages: [.user("How many?")],
    responseFormat: .jsonSchema(name: "Count", schema: ["type": "object"])
  )

  private static let plainStream = RecordedExchange(
    "a stream of text in two blocks",
    text: "Grüße, 数 ✓ and more",
    reported: TokenCounts(input: 25, output: 15),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      event: ping
      data: {"type": "ping"}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße, "}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"数 ✓"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: content_block_start
      data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":" and"}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" more"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":1}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}


      """ + stop
  )

  private static let cacheClasses = RecordedExchange(
    "input without cache, read from it and written to it are three classes",
    text: "ok",
    reported: TokenCounts(input: 21, cachedInput: 1_888, cacheWrite: 188, output: 393, reasoning: 300),
    body: """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":188,"cache_read_input_tokens":1888,"cache_creation":{"ephemeral_5m_input_tokens":188,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ok"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{"input_tokens":21,"cache_creation_input_tokens":188,"cache_read_input_tokens":1888,"output_tokens":393,"output_tokens_details":{"thinking_tokens":300}}}


      """ + stop
  )

  private static let cacheByTimeToLive = RecordedExchange(
    "written tokens given only by their time to live",
    contentType: "application/json",
    text: "ok",
    reported: TokenCounts(input: 3, cacheWrite: 500, output: 4),
    body: """
      {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":400},"cache_read_input_tokens":null,"output_tokens":4}}
      """
  )

  private static let cumulativeCounts = RecordedExchange(
    "counts in several deltas are cumulative: the last one counts",
    text: "one two",
    reported: TokenCounts(input: 30, cachedInput: 7, output: 20),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"one"}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":null,"stop_sequence":null},"usage":{"output_tokens":9}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" two"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":30,"cache_read_input_tokens":7,"output_tokens":20}}


      """ + stop
  )

  private static let toolStream = RecordedExchange(
    "text, then two tool calls in pieces",
    text: "Looking.",
    toolCalls: [
      ToolCall(id: "toolu_a", name: "search", argumentsText: #"{"word": "EV"}"#),
      ToolCall(id: "toolu_b", name: "values", argumentsText: "{}"),
    ],
    reason: .toolCalls,
    reported: TokenCounts(input: 25, output: 89),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Looking."}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: content_block_start
      data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_a","name":"search","input":{}}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"word\\":"}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \\"EV\\"}"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":1}

      event: content_block_start
      data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_b","name":"values","input":{}}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":2}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}


      """ + stop
  )

  private static let thinkingStream = RecordedExchange(
    "thinking is no part of the answer",
    text: "7",
    reported: TokenCounts(input: 25, output: 60, reasoning: 55),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me count."}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: content_block_start
      data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"7"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":1}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":60,"output_tokens_details":{"thinking_tokens":55}}}


      """ + stop
  )

  private static let answerToolStream = RecordedExchange(
    "the input of the answer's tool is the text",
    request: question,
    text: #"{"count": 7}"#,
    reported: TokenCounts(input: 25, output: 20),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_a","name":"Count","input":{}}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"count\\""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":": 7}"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":20}}


      """ + stop
  )

  private static let unknownEvents = RecordedExchange(
    "events, blocks and deltas of kinds that are new",
    text: "ok",
    reported: TokenCounts(input: 25, output: 2),
    body: start + """

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"hologram","data":"x"}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"hologram_delta","data":"y"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: weather
      data: {"type":"weather","sunny":true}

      event: content_block_start
      data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ok"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":1}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}


      """ + stop
  )

  private static let withoutStop = RecordedExchange(
    "a stream without message_stop",
    text: "yes",
    reported: TokenCounts(input: 25, output: 1),
    body: start + """

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"yes"}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}


      """
  )

  private static let withoutUsage = RecordedExchange(
    "a stream without usage",
    text: "yes",
    body: """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m"}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"yes"}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}


      """ + stop
  )

  private static let tokenLimit = RecordedExchange(
    "token limit reached",
    text: "one tw",
    reason: .length,
    reported: TokenCounts(input: 25, output: 3),
    body: start + """

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one tw"}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":3}}


      """ + stop
  )

  private static let contextLimit = RecordedExchange(
    "end of the context reached",
    contentType: "application/json",
    text: "one tw",
    reason: .length,
    reported: TokenCounts(input: 9_000, output: 3),
    body: """
      {"type":"message","role":"assistant","content":[{"type":"text","text":"one tw"}],"stop_reason":"model_context_window_exceeded","usage":{"input_tokens":9000,"output_tokens":3}}
      """
  )

  private static let lateRefusal = RecordedExchange(
    "a refusal after text",
    text: "Well, ",
    reason: .contentFilter,
    reported: TokenCounts(input: 25, output: 3),
    body: start + """

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Well, "}}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio"}},"usage":{"output_tokens":3}}


      """ + stop
  )

  private static let wholeText = RecordedExchange(
    "whole body although a stream was asked for",
    contentType: "application/json",
    text: "Seven.",
    reported: TokenCounts(input: 9, output: 3),
    body: """
      {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Seven."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}}
      """
  )

  private static let wholeMixed = RecordedExchange(
    "whole body with thinking, text and a tool call, without content type",
    contentType: nil,
    text: "Looking.",
    toolCalls: [ToolCall(id: "toolu_a", name: "search", argumentsText: #"{"word":"EV"}"#)],
    reason: .toolCalls,
    reported: TokenCounts(input: 9, output: 30),
    body: """
      {"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text","text":"Looking."},{"type":"tool_use","id":"toolu_a","name":"search","input":{"word":"EV"}}],"stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":30}}
      """
  )

  private static let wholeAnswerTool = RecordedExchange(
    "whole body whose tool input is the answer",
    contentType: "application/json",
    request: question,
    text: #"{"count":7}"#,
    reported: TokenCounts(input: 9, output: 30),
    body: """
      {"type":"message","role":"assistant","content":[{"type":"tool_use","id":"toolu_a","name":"Count","input":{"count":7}}],"stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":30}}
      """
  )

  private static let bareTypes = RecordedExchange(
    "events that name their type on the event line alone",
    text: "ok",
    reported: TokenCounts(input: 25, output: 2),
    body: """
      event: message_start
      data: {"message":{"content":[],"usage":{"input_tokens":25,"output_tokens":1}}}

      event: content_block_delta
      data: {"index":0,"delta":{"type":"text_delta","text":"ok"}}

      event: message_delta
      data: {"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

      event: message_stop
      data: {}


      """
  )
}
