import CoachVocabulary
import LanguageModel

/// Writes a request in the format of OpenAI's chat completions.
///
/// Source: platform.openai.com/docs/api-reference/chat/create.
enum ChatRequestBody {
  static func json(of request: ModelRequest, with configuration: OpenAIChatModel.Configuration) -> JSONValue {
    var body: [String: JSONValue] = [
      "model": .string(configuration.model),
      "messages": .array(request.messages.map(message)),
      "stream": true,
    ]
    let omitted = configuration.omittedFields
    if !omitted.contains(.streamOptions) { body["stream_options"] = ["include_usage": true] }
    if !omitted.contains(.temperature) { body["temperature"] = request.temperature.map(JSONValue.double) }
    if !omitted.contains(.seed) { body["seed"] = request.seed.map(JSONValue.int) }
    body[configuration.outputLimitField] = request.maxOutputTokens.map(JSONValue.int)
    if !request.stop.isEmpty { body["stop"] = .array(request.stop.map(JSONValue.string)) }
    if !request.tools.isEmpty { body["tools"] = .array(request.tools.map(tool)) }
    if case .jsonSchema(let name, let schema, let strict) = request.responseFormat {
      switch configuration.structuredOutput {
      case .jsonSchema: body["response_format"] = jsonSchema(name, schema, strict)
      case .jsonObject: body["response_format"] = ["type": "json_object", "schema": schema]
      case .grammar:
        // A schema that no grammar can say is still better enforced by the server's own means than not at all.
        if let grammar = try? JSONGrammar(schema) {
          body["grammar"] = .string(grammar.text)
        } else {
          body["response_format"] = jsonSchema(name, schema, strict)
        }
      }
    }
    return .object(body)
  }

  private static func jsonSchema(_ name: String, _ schema: JSONValue, _ strict: Bool) -> JSONValue {
    ["type": "json_schema", "json_schema": ["name": .string(name), "schema": schema, "strict": .bool(strict)]]
  }

  private static func message(_ message: ModelMessage) -> JSONValue {
    switch message {
    case .system(let text): return ["role": "system", "content": .string(text)]
    case .user(let text): return ["role": "user", "content": .string(text)]
    case .tool(let callID, let result):
      return ["role": "tool", "tool_call_id": .string(callID), "content": .string(result)]
    case .assistant(let text, let calls):
      var members: [String: JSONValue] = ["role": "assistant", "content": .string(text)]
      if !calls.isEmpty {
        // Servers want null in place of empty text beside tool calls.
        if text.isEmpty { members["content"] = .null }
        members["tool_calls"] = .array(calls.map(call))
      }
      return .object(members)
    }
  }

  private static func call(_ call: ToolCall) -> JSONValue {
    [
      "id": .string(call.id),
      "type": "function",
      "function": ["name": .string(call.name), "arguments": .string(call.argumentsText)],
    ]
  }

  private static func tool(_ tool: ToolDefinition) -> JSONValue {
    [
      "type": "function",
      "function": [
        "name": .string(tool.name), "description": .string(tool.description), "parameters": tool.parameters,
      ],
    ]
  }
}
