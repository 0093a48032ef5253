public import CoachVocabulary

/// The state as one superstep began; what siblings write meanwhile is not in it.
public struct StateSnapshot: Sendable {
  let table: ChannelTable
  let slots: [JSONValue?]
  /// The only channels that may be read; nil for all.
  var readable: NodeSet?

  /// The value of a channel, nil when nothing was written and it has no default.
  ///
  /// - Throws: ``StateFailure`` when no such channel is declared.
  public subscript(name: String) -> JSONValue? {
    get throws(StateFailure) {
      guard let index = table.index[name] else { throw .undeclared(channel: name) }
      if let readable, !readable.contains(index) { throw .notRead(channel: name) }
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

/// Why the state could not be read or written.
public enum StateFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The graph declares no such channel.
  case undeclared(channel: String)
  /// The graph runs ahead, and the node does not say that it reads the channel.
  case notRead(channel: String)
  /// The channel has no value yet.
  case absent(channel: String)
  /// The value is not of the wanted shape.
  case mismatch(channel: String, message: String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .undeclared(let channel): "the graph declares no channel '\(channel)'; add it under 'state'"
    case .notRead(let channel): "the node does not say that it reads channel '\(channel)'; add it to its 'reads'"
    case .absent(let channel): "channel '\(channel)' has no value yet; write it in an earlier node or give a default"
    case .mismatch(let channel, let message): "channel '\(channel)': \(message)"
    }
  }
}

/// The channels of one compiled graph, shared by all its snapshots.
final class ChannelTable: Sendable {
  let channels: [Channel]
  let index: [String: Int]

  init(_ channels: [Channel], output: [String]? = nil) {
    outputNames = Set(output ?? channels.filter { !$0.isPrivate }.map(\.name))
    self.channels = channels
    initialSlots = channels.map(\.initialValue)
    index = Dictionary(
      channels.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  let initialSlots: [JSONValue?]
  /// The channels that a finished run gives.
  let outputNames: Set<String>

  /// Changes that set every saved channel to a value.
  func changes(to slots: [JSONValue?]) -> [ChannelChange] {
    zip(channels, slots).compactMap { channel, value in
      if channel.kind == .untracked { return nil }
      return ChannelChange(channel.name, value.map { .set($0) } ?? .clear)
    }
  }
}
