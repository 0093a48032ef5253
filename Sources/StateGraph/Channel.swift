public import CoachVocabulary

/// One named, typed place in the state of a graph.
public struct Channel: Hashable, Sendable {
  /// How writes become the channel's value.
  public enum Kind: Hashable, Sendable {
    /// The written value replaces the old one; two writes in one superstep are an error.
    case last
    /// Each write is combined with the value so far, in the order in which nodes are declared.
    case reduce(Reducer)
    /// Each write is a list whose items are added at the end.
    case append
    /// A list of objects with an `id`; a written item replaces the one with its id or is added at the end.
    ///
    /// Items without `id` get one that is the same on every execution. ``Messages`` tells how items are removed.
    case messages
    /// Like `last`, but the value is gone after the superstep that could read it.
    case ephemeral
    /// Like `last`, but never saved; a resumed run finds the default.
    case untracked
  }

  /// How two values become one.
  public enum Reducer: String, Hashable, Sendable, CaseIterable {
    /// Adds numbers; starts at 0.
    case sum
    /// Keeps the greater number.
    case max
    /// Keeps the smaller number.
    case min
    /// Joins objects member by member, later members win; starts empty.
    case merge
  }

  /// The name nodes and conditions use.
  public var name: String
  /// What it may hold.
  public var type: ValueType
  /// How writes become its value.
  public var kind: Kind
  /// Whether null may be written; conditions read an optional channel without value as null.
  public var isOptional: Bool
  /// The value before any write.
  public var defaultValue: JSONValue?
  /// The only texts it may hold, or nil for any; for `string` channels.
  public var allowedTexts: [String]?
  /// Whether it is hidden from both the input and the output of the graph.
  public var isPrivate: Bool
  /// Where it was declared.
  public var position: SourcePosition

  /// Declares a channel.
  public init(
    _ name: String,
    _ type: ValueType,
    kind: Kind = .last,
    isOptional: Bool = false,
    defaultValue: JSONValue? = nil,
    allowedTexts: [String]? = nil,
    isPrivate: Bool = false,
    position: SourcePosition
  ) {
    self.name = name
    self.type = type
    self.kind = kind
    self.isOptional = isOptional
    self.defaultValue = defaultValue
    self.allowedTexts = allowedTexts
    self.isPrivate = isPrivate
    self.position = position
  }
}

extension Channel {
  /// The value in the form in which the channel keeps it; nil when it does not fit.
  func normalised(_ value: JSONValue) -> JSONValue? {
    // Not `isOptional ? value : nil`: there `nil` would be read as a JSON null, which is a value.
    if value.isNull, !isOptional { return nil }
    if value.isNull { return value }
    guard let fitting = type.normalised(value) else { return nil }
    if let allowedTexts, let text = fitting.stringValue, !allowedTexts.contains(text) { return nil }
    return fitting
  }

  /// The value before any write: the declared default, else the neutral element of the kind, else none.
  var initialValue: JSONValue? {
    if let defaultValue { return normalised(defaultValue) }
    return switch kind {
    case .append, .messages: .array([])
    case .reduce(.merge): .object([:])
    case .reduce(.sum): type == .int ? .int(0) : .double(0)
    default: nil
    }
  }

  /// Whether the channel takes one write a superstep only.
  var takesOneWrite: Bool {
    switch kind {
    case .last, .ephemeral, .untracked: true
    case .reduce, .append, .messages: false
    }
  }

  /// The type and the allowed texts, for messages.
  var expectation: String {
    let texts = allowedTexts.map { " (one of \($0.joined(separator: ", ")))" } ?? ""
    return "\(type)\(texts)\(isOptional ? " or null" : "")"
  }

  /// Combines the value so far with a write that already fits the type; lists are merged elsewhere, once a superstep.
  func combined(_ value: JSONValue?, with write: JSONValue) -> JSONValue {
    guard case .reduce(let reducer) = kind else { return write }
    guard let value, !value.isNull, !write.isNull else { return write.isNull ? value ?? write : write }
    return reducer.combine(value, write)
  }
}

extension Channel.Reducer {
  fileprivate func combine(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
    switch (self, left, right) {
    case (.merge, .object(let old), .object(let new)): .object(old.merging(new) { $1 })
    case (.sum, .int(let old), .int(let new)):
      switch old.addingReportingOverflow(new) {
      case (let sum, false): .int(sum)
      case (_, true): .int(new > 0 ? .max : .min)
      }
    case (.max, .int(let old), .int(let new)): .int(Swift.max(old, new))
    case (.min, .int(let old), .int(let new)): .int(Swift.min(old, new))
    case (.sum, .double(let old), .double(let new)): .double(old + new)
    case (.max, .double(let old), .double(let new)): .double(Swift.max(old, new))
    case (.min, .double(let old), .double(let new)): .double(Swift.min(old, new))
    default: right
    }
  }
}
