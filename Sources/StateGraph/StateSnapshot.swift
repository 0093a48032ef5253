public import CoachVocabulary

/// The state as one superstep began; what siblings write meanwhile is not in it.
public struct StateSnapshot: Sendable {
  let table: ChannelTable
  let slots: [JSONValue?]

  /// The value of a channel, nil when nothing was written and it has no default.
  ///
  /// - Throws: ``StateFailure`` when no such channel is declared.
  public subscript(name: String) -> JSONValue? {
    get throws(StateFailure) {
      guard let index = table.index[name] else { throw .undeclared(channel: name) }
      return slots[index]
    }
  }

  /// The typed value of a channel, nil when it has none or is null.
  ///
  /// - Throws: ``StateFailure`` when no such channel is declared or the value is of another shape.
  public subscript<Value>(key: StateKey<Value>) -> Value? {
    get throws(StateFailure) {
      guard let json = try self[key.name], !json.isNull else { return nil }
      do {
        return try StateCoding.decode(json, as: Value.self)
      } catch {
        throw .mismatch(channel: key.name, message: error.message)
      }
    }
  }

  /// The typed value of a channel that must have one.
  ///
  /// - Throws: ``StateFailure`` when there is none, no such channel is declared, or the value is of another shape.
  public func required<Value>(_ key: StateKey<Value>) throws(StateFailure) -> Value {
    guard let value = try self[key] else { throw .absent(channel: key.name) }
    return value
  }

  /// Every channel that has a value.
  public var values: [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for (channel, value) in zip(table.channels, slots) { result[channel.name] = value }
    return result
  }
}

/// What a node wants to change.
///
/// For an `append` channel the value is the list of items to add.
public struct StateUpdate: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// What is written, by channel.
  public private(set) var writes: [String: JSONValue]
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

  /// Adds one item to an `append` channel.
  ///
  /// - Throws: ``StateFailure`` when the item cannot be written as JSON.
  public mutating func append<Item>(_ key: StateKey<[Item]>, _ item: Item) throws(StateFailure) {
    let items = writes[key.name]?.arrayValue ?? []
    writes[key.name] = .array(items + [try Self.json(item, for: key.name)])
  }

  private static func json(_ value: some Encodable, for name: String) throws(StateFailure) -> JSONValue {
    do {
      return try StateCoding.encode(value)
    } catch {
      throw .mismatch(channel: name, message: error.message)
    }
  }
}

/// Why the state could not be read or written.
public enum StateFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The graph declares no such channel.
  case undeclared(channel: String)
  /// The channel has no value yet.
  case absent(channel: String)
  /// The value is not of the wanted shape.
  case mismatch(channel: String, message: String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .undeclared(let channel): "the graph declares no channel '\(channel)'; add it under 'state'"
    case .absent(let channel): "channel '\(channel)' has no value yet; write it in an earlier node or give a default"
    case .mismatch(let channel, let message): "channel '\(channel)': \(message)"
    }
  }
}

/// The channels of one compiled graph, shared by all its snapshots.
final class ChannelTable: Sendable {
  let channels: [Channel]
  let index: [String: Int]

  init(_ channels: [Channel]) {
    self.channels = channels
    index = Dictionary(
      channels.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  var initialSlots: [JSONValue?] { channels.map(\.initialValue) }
}
