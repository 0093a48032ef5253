import CoachVocabulary
import LanguageModel

/// Writes a request in the format of Anthropic's Messages API.
struct MessagesRequestBody {
  /// The request.
  let json: JSONValue
  /// The tool whose input is the reply; nil when the reply is text.
  let answerTool: String?

  init(of request: ModelRequest, with configuration: AnthropicModel.Configuration) {
    var body: [String: JSONValue] = [
      "model": .string(configuration.model),
      "max_tokens": .int(request.maxOutputTokens ?? configuration.defaultOutputTokens),
      "messages": Self.messages(request.messages),
      "stream": true,
    ]
    body["system"] = Self.system(request.messages)
    if !configuration.omitsTemperature {
      // The API knows 0 to 1 where others know 0 to 2.
      body["temperature"] = request.temperature.map { .double(min(1, max(0, $0))) }
    }
    let stops = request.stop.filter { !$0.allSatisfy(\.isWhitespace) }  // the API refuses blank ones
    if !stops.isEmpty { body["stop_sequences"] = .array(stops.map(JSONValue.string)) }
    if configuration.cachesPrompt { body["cache_control"] = ["type": "ephemeral"] }
    var tools = request.tools.map(Self.tool)
    answerTool = Self.demand(request, configuration, &tools, &body)
    if !tools.isEmpty { body["tools"] = .array(tools) }
    json = .object(body)
  }

  /// Asks for the wanted form; the name of the tool that stands for the answer, if it takes one.
  private static func demand(
    _ request: ModelRequest,
    _ configuration: AnthropicModel.Configuration,
    _ tools: inout [JSONValue],
    _ body: inout [String: JSONValue]
  ) -> String? {
    guard case .jsonSchema(let name, let schema, strict: _) = request.responseFormat else { return nil }
    switch configuration.structuredOutput {
    case .jsonSchema:
      body["output_config"] = ["format": ["type": "json_schema", "schema": closed(schema)]]
      return nil
    case .tool:
      let name = toolName(name, besides: request.tools)
      tools.append(["name": .string(name), "description": "Gives the answer.", "input_schema": schema])
      body["tool_choice"] =
        request.tools.isEmpty
        ? ["type": "tool", "name": .string(name), "disable_parallel_tool_use": true] : ["type": "any"]
      return name
    }
  }

  /// A name that the API accepts and no other tool has.
  private static func toolName(_ name: String, besides tools: [ToolDefinition]) -> String {
    let letters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "_" }
    var candidate = String(letters.prefix(60))
    if candidate.isEmpty { candidate = "answer" }
    while tools.contains(where: { $0.name == candidate }) { candidate += "_" }
    return candidate
  }

  /// The schema as `output_config` takes it: every object closed, and without the bounds that it refuses.
  ///
  /// What is left out here is checked when the reply has come.
  private static func closed(_ schema: JSONValue) -> JSONValue {
    switch schema {
    case .array(let list): return .array(list.map(closed))
    case .object(var members):
      for bound in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"] {
        members[bound] = nil
      }
      for bound in ["minItems", "maxItems"] { members[bound] = nil }
      for key in ["anyOf", "oneOf", "allOf", "items"] { members[key] = members[key].map(closed) }
      if let properties = members["properties"]?.objectValue {
        members["properties"] = .object(properties.mapValues(closed))
      }
      if members["type"] == "object" { members["additionalProperties"] = false }
      return .object(members)
    default: return schema
    }
  }

  // MARK: Messages

  /// Instructions stand beside the conversation, not in it.
  private static func system(_ messages: [ModelMessage]) -> JSONValue? {
    let texts = messages.compactMap { message -> String? in
      guard case .system(let text) = message, !text.isEmpty else { return nil }
      return text
    }
    return texts.isEmpty ? nil : .string(texts.joined(separator: "\n\n"))
  }

  /// The conversation; what one side says in a row is one message, and results of tools are said by the user.
  private static func messages(_ messages: [ModelMessage]) -> JSONValue {
    var turns: [(role: String, blocks: [JSONValue])] = []
    for message in messages {
      guard let role = role(of: message) else { continue }
      let blocks = blocks(of: message)
      if turns.last?.role == role {
        turns[turns.count - 1].blocks += blocks
      } else if !blocks.isEmpty {
        turns.append((role, blocks))
      }
    }
    return .array(turns.map { ["role": .string($0.role), "content": .array($0.blocks)] })
  }

  private static func role(of message: ModelMessage) -> String? {
    switch message {
    case .system: nil
    case .user, .tool: "user"
    case .assistant: "assistant"
    }
  }

  /// The API refuses blocks of text without text.
  private static func blocks(of message: ModelMessage) -> [JSONValue] {
    let text =
      message.text.allSatisfy(\.isWhitespace) ? [] : [["type": "text", "text": .string(message.text)] as JSONValue]
    switch message {
    case .system, .user: return text
    case .tool(let callID, let result):
      return [["type": "tool_result", "tool_use_id": .string(callID), "content": .string(result)]]
    case .assistant(_, let calls): return text + calls.map(toolUse)
    }
  }

  private static func toolUse(_ call: ToolCall) -> JSONValue {
    // The API wants an object, and what a model once wrote need not be one.
    let arguments = (try? call.arguments()) ?? .string(call.argumentsText)
    let input = arguments.objectValue == nil ? ["arguments": arguments] : arguments
    return ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input]
  }

  private static func tool(_ tool: ToolDefinition) -> JSONValue {
    ["name": .string(tool.name), "description": .string(tool.description), "input_schema": tool.parameters]
  }
}
