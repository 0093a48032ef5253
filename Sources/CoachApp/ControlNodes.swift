import CoachVocabulary
import FoundationEssentials
import StateGraph

/// Nodes of any project that ask a person or wait, without a line of Swift.
///
/// `use: person.ask` takes `question`, `writes` (the channel of the answer), and perhaps `answer` (its type, `bool` unless
/// told), `values` (the only texts), `optional`, `expires_after` and `otherwise` (the answer when nobody gave one in
/// time). The question's name is the node's. `use: time.wait` takes `for`, such as `2h`.
enum ControlNodes {
  private static let ask = "person.ask"
  private static let wait = "time.wait"

  static func register(in registry: inout NodeRegistry) {
    registry.register(ask) { _, context in
      let question = try AskedQuestion(ControlParameters(context.parameters))
      let answer = try await context.ask(
        context.node,
        prompt: ["text": .string(question.text)],
        schema: question.schema,
        expiresAfter: question.limit,
        otherwise: question.fallback
      )
      return StateUpdate([question.channel: answer], note: "answered")
    }
    registry.register(wait) { _, context in
      try await context.sleep(for: try Self.pause(ControlParameters(context.parameters)), named: context.node)
      return StateUpdate()
    }
  }

  /// Reports what is wrong with the fixed values of these nodes in a graph.
  static func check(_ definition: GraphDefinition, reporting diagnostics: DiagnosticCollector) {
    for node in definition.nodes {
      do throws(ControlFault) {
        let parameters = ControlParameters(node.parameters)
        if node.work == .function(ask) { try AskedQuestion(parameters).check(against: definition.channels) }
        if node.work == .function(wait) { _ = try pause(parameters) }
      } catch {
        diagnostics.error("node '\(node.name)': \(error.description)", at: node.position)
      }
    }
  }

  private static func pause(_ parameters: ControlParameters) throws(ControlFault) -> Duration {
    try parameters.expect(only: ["for"])
    guard let duration = try parameters.duration("for") else { throw ControlFault("'with' needs 'for', such as 2h") }
    return duration
  }
}

/// What a node asks a person.
private struct AskedQuestion {
  let text: String
  let channel: String
  let schema: ValueSchema
  let limit: Duration?
  let fallback: JSONValue?

  init(_ parameters: ControlParameters) throws(ControlFault) {
    try parameters.expect(
      only: ["question", "writes", "answer", "values", "optional", "expires_after", "otherwise"]
    )
    text = try parameters.requiredText("question")
    channel = try parameters.requiredText("writes")
    let word = try parameters.text("answer") ?? "bool"
    guard let type = ValueType(word), ValueType(word) != .named(word) else {
      throw ControlFault("'answer' must be string, int, double, bool, object, list or any, not '\(word)'")
    }
    let texts = try parameters.texts("values")
    if texts != nil, type != .string { throw ControlFault("'values' needs 'answer: string'") }
    schema = ValueSchema(type, isOptional: try parameters.bool("optional") ?? false, allowedTexts: texts)
    limit = try parameters.duration("expires_after")
    fallback = parameters["otherwise"]
    if let fallback, schema.normalised(fallback) == JSONValue?.none {
      throw ControlFault("'otherwise' must be \(schema)")
    }
  }

  /// The answer must be something that its channel can hold.
  func check(against channels: [Channel]) throws(ControlFault) {
    guard let found = channels.first(where: { $0.name == channel }) else {
      throw ControlFault("it writes channel '\(channel)', which is not declared under 'state'")
    }
    let isWideEnough =
      found.type == schema.type || found.type == .any || (found.type == .double && schema.type == .int)
    guard isWideEnough, found.isOptional || !schema.isOptional else {
      throw ControlFault("the answer is \(schema), which channel '\(channel)' of type \(found.type) cannot hold")
    }
  }
}

/// The fixed values of a control node.
private struct ControlParameters {
  /// The longest time a node may wait, or a question stay open: ten years.
  private static let longest: Duration = .seconds(315_360_000)

  private let values: [String: JSONValue]

  init(_ values: [String: JSONValue]) { self.values = values }

  subscript(key: String) -> JSONValue? { values[key] }

  func expect(only known: [String]) throws(ControlFault) {
    if let other = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw ControlFault("'with' knows no '\(other)'; known: \(known.joined(separator: ", "))")
    }
  }

  func text(_ key: String) throws(ControlFault) -> String? {
    guard let value = values[key] else { return nil }
    guard let text = value.stringValue, !text.isEmpty else { throw ControlFault("'\(key)' must be text") }
    return text
  }

  func requiredText(_ key: String) throws(ControlFault) -> String {
    guard let text = try text(key) else { throw ControlFault("'with' needs '\(key)'") }
    return text
  }

  func texts(_ key: String) throws(ControlFault) -> [String]? {
    guard let value = values[key] else { return nil }
    guard let items = value.arrayValue, !items.isEmpty, items.allSatisfy({ $0.stringValue != nil }) else {
      throw ControlFault("'\(key)' must be a list of texts")
    }
    return items.compactMap(\.stringValue)
  }

  func bool(_ key: String) throws(ControlFault) -> Bool? {
    guard let value = values[key] else { return nil }
    guard case .bool(let truth) = value else { throw ControlFault("'\(key)' must be true or false") }
    return truth
  }

  func duration(_ key: String) throws(ControlFault) -> Duration? {
    guard let text = try text(key) else { return nil }
    let units: [(String, Duration)] = [
      ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3_600)),
      ("d", .seconds(86_400)),
    ]
    if let (unit, length) = units.first(where: { text.hasSuffix($0.0) }), let count = Int(text.dropLast(unit.count)),
      count > 0, count <= Int(Self.longest / length)
    {
      return length * count
    }
    throw ControlFault("'\(key)' must be a time such as 500ms, 30s, 5m, 2h or 7d, not '\(text)'")
  }
}

/// What is wrong with the fixed values of a control node; trying again would not help.
private struct ControlFault: RetryAware, CustomStringConvertible {
  let description: String
  var mayRetry: Bool { false }

  init(_ description: String) { self.description = description }
}
