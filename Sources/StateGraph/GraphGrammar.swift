public import CoachVocabulary

/// The grammar of graph files as a JSON Schema (2020-12), for editors and for tools that write graphs.
///
/// The schema knows keys, shapes and closed sets of words. What joins several places, such as an edge to a node that is
/// not declared, only the compiler can tell.
public enum GraphGrammar {
  /// The schema as a JSON value.
  public static var schema: JSONValue {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A state graph",
      "description": "One graph of a project, in graphs/<name>.yaml; `coach graph check` tells what a schema cannot.",
      "type": "object",
      "additionalProperties": false,
      "required": ["graph", "nodes"],
      "properties": .object(graphKeys),
      "$defs": .object(definitions),
    ]
  }

  /// The schema as the text of a file, with a line feed at its end.
  public static var text: String { schema.prettyText + "\n" }

  // MARK: - The parts of a graph

  private static var graphKeys: [String: JSONValue] {
    [
      "graph": named(name, "The name under which runs are recorded."),
      "summary": optional(word, "What the graph is for, in one sentence."),
      "step_limit": optional(
        whole(upTo: 1_000_000),
        "The most supersteps of a run, waits included; \(GraphDefinition.defaultStepLimit) without it."
      ),
      "input": optional(reference("names"), "The channels a start may write; all that are not private without it."),
      "output": optional(reference("names"), "The channels a finished run gives; all that are not private without it."),
      "concurrency": optional(whole(upTo: 10_000), "The most nodes of one run at work at the same time."),
      "run_ahead": optional(truth, "Whether independent branches run ahead of slow siblings."),
      "state_version": optional(whole(upTo: 1_000_000), "Raised when saved runs need a migration; 1 without it."),
      "breakpoints": optional(
        object(["before": optional(reference("names")), "after": optional(reference("names"))]),
        "The nodes before or after which a run pauses until it is resumed."
      ),
      "state": optional(
        mapping(of: reference("channel"), names: identifier),
        "The channels by name."
      ),
      "nodes": named(
        mapping(of: reference("node"), names: "^(?!(?:start|end)$)[A-Za-z0-9_.-]{1,100}$"),
        "The nodes by name; the order is the one in which their writes merge."
      ),
      "edges": optional(["type": "array", "items": reference("edge")], "What runs after what."),
    ]
  }

  private static var definitions: [String: JSONValue] {
    [
      "text": word,
      "names": [
        "description": "Several names, or a single one.",
        "anyOf": [word, ["type": "array", "items": word]],
      ],
      "duration": [
        "description": "A whole number with the unit ms, s, m or h, above zero and at most 366 days.",
        "type": "string",
        "pattern": "^0*[1-9][0-9]*(?:ms|s|m|h)$",
        "maxLength": 12,
      ],
      "type": type,
      "channel": channel,
      "node": node,
      "edge": edge,
    ]
  }

  /// The words for types that need no registration.
  private static let typeWords: [ValueType] = [
    .string, .int, .double, .bool, .object, .list(of: .any), .any,
  ]

  private static var type: JSONValue {
    [
      "description": "A word, a registered type (it begins with a capital), or a list of one type in brackets.",
      "anyOf": [
        ["enum": .names(typeWords.map(\.description))],
        ["type": "string", "pattern": .string(capital)],
        ["type": "array", "items": reference("type"), "minItems": 1, "maxItems": 1],
      ],
    ]
  }

  private static var channel: JSONValue {
    let keys: [String: JSONValue] = [
      "type": reference("type"),
      "reduce": optional(words(Channel.Reducer.self), "How two values become one."),
      "append": optional(truth, "Each write is a list whose items are added at the end."),
      "messages": optional(truth, "A list of objects that are found by their id."),
      "ephemeral": optional(truth, "The value is gone after the superstep that could read it."),
      "untracked": optional(truth, "The value is never saved."),
      "optional": optional(truth, "Whether null may be written."),
      "default": ["description": "The value before any write."],
      "private": optional(truth, "Hidden from both the input and the output of the graph."),
      "values": optional(reference("names"), "The only texts it may hold."),
    ]
    // At most one way to combine writes: each pair excludes the other.
    let ways: [JSONValue] = [
      ["required": ["reduce"], "properties": ["reduce": ["not": ["type": "null"]]]],
      way("append"), way("messages"), way("ephemeral"), way("untracked"),
    ]
    var pairs: [JSONValue] = []
    for (index, first) in ways.enumerated() {
      pairs += ways[(index + 1)...].map { ["not": ["allOf": [first, $0]]] }
    }
    var mapping = object(keys, required: ["type"]).objectValue ?? [:]
    mapping["allOf"] = .array(pairs)
    return [
      "description": "One named, typed place in the state; a single word is its type.",
      "anyOf": [
        ["enum": .names(typeWords.map(\.description))], ["type": "string", "pattern": .string(capital)],
        .object(mapping),
      ],
    ]
  }

  private static func way(_ key: String) -> JSONValue {
    ["required": .names([key]), "properties": .object([key: ["const": true]])]
  }

  private static var node: JSONValue {
    let work = ["use", "agent", "graph"]
    let keys: [String: JSONValue] = [
      "use": optional(reference("text"), "Calls the function registered under this name."),
      "agent": optional(reference("text"), "Runs the agent with this id."),
      "graph": optional(reference("text"), "Runs another graph."),
      "with": optional(["type": "object"], "Fixed values handed to the function."),
      "retry": optional(
        object([
          "attempts": optional(whole(upTo: 100), "The most attempts, the first included."),
          "delay": optional(reference("duration"), "Before the second attempt; doubles with each further one."),
          "max_delay": optional(reference("duration"), "The longest delay."),
        ]),
        "How often it is tried before its failure counts."
      ),
      "timeout": optional(reference("duration"), "The most time one attempt may take."),
      "idle_timeout": optional(reference("duration"), "The most time between two signs of life of one attempt."),
      "concurrency": optional(whole(upTo: 10_000), "The most executions of this node at the same time in one run."),
      "cache": optional(
        object([
          "lifetime": optional(reference("duration"), "How long a result is good."),
          "key": optional(reference("names"), "The channels that make two executions equal."),
        ]),
        "Keeps results for equal inputs; failures are never kept."
      ),
      "goto": optional(reference("names"), "The nodes, or end, that an update may go to in place of the edges."),
      "send": optional(reference("names"), "The nodes to which an update may send."),
      "on_error": optional(reference("text"), "The node that runs in place of the edges when this one fails for good."),
      "deferred": optional(truth, "Whether it waits until no other node is due."),
      "memory": optional(words(SubgraphMemory.self), "What a called graph remembers from one call to the next."),
    ]
    var node = object(keys).objectValue ?? [:]
    node["description"] = "What one node does; exactly one of use, agent and graph."
    node["oneOf"] = .array(
      work.map { ["required": .names([$0]), "properties": .object([$0: ["not": ["type": "null"]]])] }
    )
    return .object(node)
  }

  private static var edge: JSONValue {
    var edge =
      object(
        [
          "from": named(reference("names"), "The node it leaves, start, or the nodes of a join."),
          "to": named(reference("names"), "The nodes it leads to, or end."),
          "when": optional(reference("text"), "The condition under which it fires; otherwise for when no other held."),
        ],
        required: ["from", "to"]
      ).objectValue ?? [:]
    edge["description"] = "From one node, or from all of several, to one or several."
    return .object(edge)
  }

  // MARK: - Words of JSON Schema

  // Classes of letters are not portable between validators: what is not ASCII is left to the reader.
  private static let capital = #"^(?:[A-Z]|[^\u0000-\u007F])"#
  private static let identifier = #"^(?:[A-Za-z_]|[^\u0000-\u007F])(?:[A-Za-z0-9_]|[^\u0000-\u007F])*$"#
  private static let truth: JSONValue = ["type": "boolean"]
  private static let name: JSONValue = ["type": "string", "pattern": "^[A-Za-z0-9_.-]{1,100}$"]

  /// Text; the reader of graph files takes numbers and truth values by their spelling.
  private static let word: JSONValue = ["type": ["string", "number", "boolean"]]

  private static func whole(upTo limit: Int) -> JSONValue {
    ["type": "integer", "minimum": 1, "maximum": .int(limit)]
  }

  private static func words<Words: RawRepresentable & CaseIterable>(_ type: Words.Type) -> JSONValue
  where Words.RawValue == String {
    ["enum": .names(type.allCases.map(\.rawValue))]
  }

  private static func reference(_ definition: String) -> JSONValue { ["$ref": .string("#/$defs/\(definition)")] }

  private static func object(_ properties: [String: JSONValue], required: [String] = []) -> JSONValue {
    var parts: [String: JSONValue] = [
      "type": "object", "additionalProperties": false, "properties": .object(properties),
    ]
    if !required.isEmpty { parts["required"] = .names(required) }
    return .object(parts)
  }

  private static func mapping(of value: JSONValue, names pattern: String) -> JSONValue {
    ["type": "object", "additionalProperties": value, "propertyNames": ["pattern": .string(pattern)]]
  }

  private static func named(_ schema: JSONValue, _ description: String) -> JSONValue {
    var parts = schema.objectValue ?? [:]
    parts["description"] = .string(description)
    return .object(parts)
  }

  /// The schema or null: a key without a value counts as absent.
  private static func optional(_ schema: JSONValue, _ description: String? = nil) -> JSONValue {
    var parts: [String: JSONValue] = ["anyOf": [schema, ["type": "null"]]]
    if let description { parts["description"] = .string(description) }
    return .object(parts)
  }
}
