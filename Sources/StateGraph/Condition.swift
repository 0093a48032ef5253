import CoachVocabulary

/// A checked condition of an edge; channels are indexes.
indirect enum Condition: Hashable, Sendable {
  case literal(JSONValue)
  case channel(ChannelReference)
  case not(Condition)
  case and(Condition, Condition)
  case or(Condition, Condition)
  case comparison(Comparison, Condition, Condition)
}

/// A channel read by a condition, down to a member of its value.
struct ChannelReference: Hashable, Sendable {
  let index: Int
  let name: String
  let members: [String]
  let isOptional: Bool
}

/// How two values are compared.
enum Comparison: String, Hashable, Sendable {
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

/// Why a condition has no answer for the state at hand.
struct ConditionFailure: Error {
  let message: String
}

extension Condition {
  /// The channels it reads.
  var channels: [Int] {
    switch self {
    case .literal: []
    case .channel(let reference): [reference.index]
    case .not(let inner): inner.channels
    case .and(let left, let right), .or(let left, let right), .comparison(_, let left, let right):
      left.channels + right.channels
    }
  }
}

// MARK: - Answering

extension Condition {
  /// Whether the condition holds for these channel values.
  func holds(in slots: [JSONValue?]) throws(ConditionFailure) -> Bool {
    switch self {
    case .not(let inner): return try !inner.holds(in: slots)
    case .and(let left, let right):
      if try !left.holds(in: slots) { return false }
      return try right.holds(in: slots)
    case .or(let left, let right):
      if try left.holds(in: slots) { return true }
      return try right.holds(in: slots)
    case .comparison(let comparison, let left, let right):
      return try Self.compare(comparison, left.value(in: slots), right.value(in: slots))
    case .literal, .channel:
      let value = try value(in: slots)
      guard let truth = value.boolValue else {
        throw ConditionFailure(message: "needs true or false but found \(value.kindName)")
      }
      return truth
    }
  }

  private func value(in slots: [JSONValue?]) throws(ConditionFailure) -> JSONValue {
    switch self {
    case .literal(let value): return value
    case .channel(let reference): return try reference.value(in: slots)
    case .not, .and, .or, .comparison: return .bool(try holds(in: slots))
    }
  }

  private static func compare(
    _ comparison: Comparison,
    _ left: JSONValue,
    _ right: JSONValue
  ) throws(ConditionFailure) -> Bool {
    switch comparison {
    case .equal: return equal(left, right)
    case .unequal: return !equal(left, right)
    case .less: return try ordered(left, right) < 0
    case .lessOrEqual: return try ordered(left, right) <= 0
    case .greater: return try ordered(left, right) > 0
    case .greaterOrEqual: return try ordered(left, right) >= 0
    }
  }

  private static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
    switch (left, right) {
    case (.int(let whole), .double(let number)), (.double(let number), .int(let whole)): Double(whole) == number
    default: left == right
    }
  }

  private static func ordered(_ left: JSONValue, _ right: JSONValue) throws(ConditionFailure) -> Int {
    if case .int(let left) = left, case .int(let right) = right { return left < right ? -1 : left > right ? 1 : 0 }
    if let left = left.doubleValue, let right = right.doubleValue { return left < right ? -1 : left > right ? 1 : 0 }
    if let left = left.stringValue, let right = right.stringValue { return left < right ? -1 : left > right ? 1 : 0 }
    throw ConditionFailure(message: "cannot order \(left.kindName) and \(right.kindName)")
  }
}

extension ChannelReference {
  /// The value; a member of null or a missing member is null.
  fileprivate func value(in slots: [JSONValue?]) throws(ConditionFailure) -> JSONValue {
    guard var value = slots[index] else {
      if isOptional { return .null }
      throw ConditionFailure(message: "reads channel '\(name)', which has no value; write it first or give a default")
    }
    for member in members {
      switch value {
      case .object(let object): value = object[member] ?? .null
      case .null: return .null
      default:
        throw ConditionFailure(message: "reads '\(member)' of channel '\(name)', which holds \(value.kindName) there")
      }
    }
    return value
  }
}
