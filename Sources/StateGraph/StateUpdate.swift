public import CoachVocabulary

/// What a node wants to change, and where it wants to go.
///
/// For an `append` channel the value is the list of items to add, for a `messages` channel the list of items to merge.
public struct StateUpdate: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One more execution of a node, with an input of its own.
  public struct Send: Hashable, Sendable {
    /// The node.
    public var node: String
    /// What the node finds as ``NodeContext/input``.
    public var input: JSONValue

    /// Makes a send.
    public init(_ node: String, _ input: JSONValue) {
      self.node = node
      self.input = input
    }
  }

  /// What a subgraph tells the graph that called it.
  public struct ParentCommand: Hashable, Sendable {
    /// What is written to the caller's state.
    public var writes: [String: JSONValue]
    /// Where the caller goes in place of the calling node's edges; nil for along its edges.
    public var targets: [String]?

    /// Makes a command.
    public init(writes: [String: JSONValue] = [:], goto targets: [String]? = nil) {
      self.writes = writes
      self.targets = targets
    }
  }

  /// What is written, by channel.
  public private(set) var writes: [String: JSONValue]
  /// The channels whose write replaces the value in place of being combined with it.
  public private(set) var overwritten: Set<String> = []
  /// Where the run goes in place of the node's edges; nil for along its edges.
  public private(set) var targets: [String]?
  /// Executions to come in the next superstep.
  public private(set) var sends: [Send] = []
  /// What the calling graph is told; ends this graph's run after the superstep.
  public var parent: ParentCommand?
  /// A few words on what the node did, shown with its step.
  public var note: String?

  /// Changes nothing.
  public init() { writes = [:] }

  /// Writes JSON values by channel name.
  public init(_ writes: [String: JSONValue], note: String? = nil) {
    self.writes = writes
    self.note = note
  }

  /// Writes JSON values by channel name; the last of two equal names stays.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
  }

  /// Writes a JSON value.
  public mutating func set(_ name: String, _ value: JSONValue) { writes[name] = value }

  /// Writes a typed value; nil writes null.
  ///
  /// - Throws: ``StateFailure`` when the value cannot be written as JSON.
  public mutating func set<Value>(_ key: StateKey<Value>, _ value: Value?) throws(StateFailure) {
    writes[key.name] = try value.map { value throws(StateFailure) in try Self.json(value, for: key.name) } ?? .null
  }

  /// Replaces the value of a channel that combines writes.
  ///
  /// The replacement comes first: what siblings write in the same superstep is combined with it, so nothing of theirs is
  /// lost. Two replacements of one channel in a superstep are a conflict.
  public mutating func overwrite(_ name: String, _ value: JSONValue) {
    writes[name] = value
    overwritten.insert(name)
  }

  /// Adds one item to an `append` or `messages` channel.
  ///
  /// - Throws: ``StateFailure`` when the item cannot be written as JSON.
  public mutating func append<Item>(_ key: StateKey<[Item]>, _ item: Item) throws(StateFailure) {
    let items = writes[key.name]?.arrayValue ?? []
    writes[key.name] = .array(items + [try Self.json(item, for: key.name)])
  }

  /// Names what runs next, in place of every edge that leaves the node.
  ///
  /// None of its edges fires, and no join counts the node as having run. `end` ends the branch. Each target must be
  /// declared under `goto` of the node; others fail the node.
  public mutating func goto(_ targets: String...) { self.targets = (self.targets ?? []) + targets }

  /// Asks for one more execution of a node in the next superstep, beside what the edges or ``goto(_:)`` lead to.
  ///
  /// Results merge in the order of sending. The node must be declared under `send`; others fail the node.
  public mutating func send(_ node: String, _ input: JSONValue) { sends.append(Send(node, input)) }

  private static func json(_ value: some Encodable, for name: String) throws(StateFailure) -> JSONValue {
    do {
      return try StateCoding.encode(value)
    } catch {
      throw .mismatch(channel: name, message: error.message)
    }
  }
}

extension StateUpdate {
  /// The update as JSON, without its note; parts that are empty are left out.
  var json: JSONValue {
    var parts: [String: JSONValue] = [:]
    if !writes.isEmpty { parts["writes"] = .object(writes) }
    if !overwritten.isEmpty { parts["overwritten"] = .names(overwritten.sorted()) }
    if let targets { parts["goto"] = .names(targets) }
    if !sends.isEmpty { parts["sends"] = .array(sends.map { [.string($0.node), $0.input] }) }
    if let parent { parts["parent"] = parent.json }
    return .object(parts)
  }

  /// Reads what ``json`` gives; nil for anything else.
  init?(json: JSONValue) {
    guard let parts = json.objectValue else { return nil }
    writes = parts["writes"]?.objectValue ?? [:]
    overwritten = Set(parts["overwritten"]?.names ?? [])
    targets = parts["goto"]?.names
    for entry in parts["sends"]?.arrayValue ?? [] {
      guard let pair = entry.arrayValue, pair.count == 2, let node = pair[0].stringValue else { return nil }
      sends.append(Send(node, pair[1]))
    }
    parent = parts["parent"].flatMap { ParentCommand(json: $0) }
  }
}

extension StateUpdate.ParentCommand {
  var json: JSONValue {
    var parts: [String: JSONValue] = ["writes": .object(writes)]
    if let targets { parts["goto"] = .names(targets) }
    return .object(parts)
  }

  init?(json: JSONValue) {
    guard let writes = json["writes"]?.objectValue else { return nil }
    self.init(writes: writes, goto: json["goto"]?.names)
  }
}

extension JSONValue {
  /// A list of texts.
  static func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }

  /// The texts of a list; nil when this is no list.
  var names: [String]? { arrayValue?.compactMap(\.stringValue) }
}
