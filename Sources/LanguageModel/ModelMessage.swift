public import CoachVocabulary

/// One message of a conversation with a model.
public enum ModelMessage: Hashable, Sendable, Codable {
  /// Instructions from the program.
  case system(String)
  /// What the person, or the program in their place, asks.
  case user(String)
  /// What a model answered earlier, with the tools it asked for.
  case assistant(String, toolCalls: [ToolCall] = [])
  /// What a tool gave for the call with this identifier.
  case tool(callID: String, result: String)

  /// The words of the message.
  public var text: String {
    switch self {
    case .system(let text), .user(let text), .assistant(let text, toolCalls: _): text
    case .tool(callID: _, let result): result
    }
  }
}

/// A model's request to run a tool.
public struct ToolCall: Hashable, Sendable, Codable {
  /// The identifier to answer under.
  public var id: String
  /// The tool's name.
  public var name: String
  /// The arguments as the model wrote them; meant to be a JSON object, but nobody guarantees it.
  public var argumentsText: String

  /// Makes a call.
  public init(id: String, name: String, argumentsText: String) {
    self.id = id
    self.name = name
    self.argumentsText = argumentsText
  }

  /// Reads the arguments; no text at all counts as an object without members, and a comma behind a last element is
  /// forgiven.
  ///
  /// - Throws: `JSONFailure` when they are not JSON.
  public func arguments() throws(JSONFailure) -> JSONValue {
    argumentsText.allSatisfy(\.isWhitespace)
      ? .object([:]) : try JSONValue(parsing: argumentsText, allowsTrailingCommas: true)
  }
}

/// A tool that a model may ask for.
public struct ToolDefinition: Hashable, Sendable, Codable {
  /// The name: letters, digits, `_` and `-`, at most 64.
  public var name: String
  /// What it does, for the model.
  public var description: String
  /// The JSON Schema of its arguments.
  public var parameters: JSONValue

  /// Makes a definition.
  public init(name: String, description: String, parameters: JSONValue) {
    self.name = name
    self.description = description
    self.parameters = parameters
  }
}
