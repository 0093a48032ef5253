import CoachVocabulary
import ConcurrencyKit
import SQLGate

/// Keeps rows as they come.
final class RowCollector: Sendable {
  private let rows = Locked<[[JSONValue]]>([])

  var all: [[JSONValue]] { rows.withLock(\.self) }

  func add(_ row: [JSONValue]) { rows.withLock { $0.append(row) } }
}

/// Counts what a policy lets through.
struct RowMeter {
  private let rowLimit: Int
  private let byteLimit: Int
  private(set) var rowCount = 0
  private(set) var isTruncated = false
  private var bytes = 0

  init(_ policy: GatePolicy) {
    rowLimit = policy.rowLimit
    byteLimit = policy.byteLimit
  }

  /// Whether a row may be handed on; the first that may not ends the stream.
  mutating func admits(_ row: [JSONValue]) -> Bool {
    bytes += row.reduce(0) { $0 + $1.meteredBytes }
    guard rowCount < rowLimit, bytes <= byteLimit else {
      isTruncated = true
      return false
    }
    rowCount += 1
    return true
  }
}

extension JSONValue {
  /// Texts by their length, numbers as 8 bytes, nulls and truth values as 1.
  fileprivate var meteredBytes: Int {
    switch self {
    case .null, .bool: 1
    case .int, .double: 8
    case .string(let text): text.utf8.count
    case .array(let items): items.reduce(8) { $0 + $1.meteredBytes }
    case .object(let members): members.reduce(8) { $0 + $1.key.utf8.count + $1.value.meteredBytes }
    }
  }
}
