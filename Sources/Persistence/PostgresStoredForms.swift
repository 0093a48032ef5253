import CoachVocabulary
import FoundationEssentials
import PostgresKit
import SQLiteKit
import StateGraph

// The forms in which values stand in columns and in stored JSON; the same as in SQLite.

extension PostgresValue {
  init(_ date: Date?) { self.init(date.map(\.storedMicroseconds)) }
  init<Kind>(_ identifier: Identifier<Kind>) { self.init(identifier.rawValue) }
  init<Kind>(_ identifier: Identifier<Kind>?) { self.init(identifier?.rawValue) }
  init(_ json: JSONValue?) { self.init(json.map(JSONText.encode)) }
}

extension StoredRow {
  init(_ values: [PostgresValue]) { self.init(values.map { SQLiteValue($0) }) }

  /// A text that people wrote, which is stored as a JSON string.
  mutating func writtenText() throws(StoredValueFailure) -> String {
    guard let text = try json().stringValue else { throw StoredValueFailure(message: "a text is unreadable") }
    return text
  }
}

extension SQLiteValue {
  fileprivate init(_ value: PostgresValue) {
    self =
      switch value {
      case .null, .array: .null
      case .bool(let truth): .integer(truth ? 1 : 0)
      case .integer(let number): .integer(number)
      case .real(let number): .real(number)
      case .text(let text): .text(text)
      case .bytes(let bytes): .blob(bytes)
      }
  }
}

extension RunRecord {
  /// The columns of a run in the order in which ``init(columns:)`` reads them.
  static let columns = """
    run, thread, graph, graph_hash, status, step, revision, last_sequence, error, owner, lease_expires, recoveries,
    created_at, updated_at, ended_at, wake_at, state_version, base_run, base_revision, parent, deadline,
    idempotency_key
    """

  init(columns values: [PostgresValue]) throws(StoredValueFailure) {
    var row = StoredRow(values)
    self.init(
      run: try row.identifier(),
      thread: try row.identifier(),
      graph: try row.string(),
      graphHash: try row.string(),
      owner: "",
      leaseExpires: .distantPast,
      createdAt: .distantPast
    )
    status = try row.word()
    step = try row.int()
    revision = try row.int()
    lastSequence = try row.int()
    error = try row.optionalJSON().map { json throws(StoredValueFailure) in
      guard let error = RunError(json: json) else {
        throw StoredValueFailure(message: "the error of a run is unreadable")
      }
      return error
    }
    owner = try row.string()
    leaseExpires = try row.date()
    recoveries = try row.int()
    createdAt = try row.date()
    updatedAt = try row.date()
    endedAt = try row.optionalDate()
    wakeAt = try row.optionalDate()
    stateVersion = try row.int()
    let baseRun = try row.optionalString()
    let baseRevision = try row.optionalInt()
    if let baseRun, let baseRevision { base = CheckpointReference(run: RunID(baseRun), revision: baseRevision) }
    parent = try row.optionalString().map { RunID($0) }
    deadline = try row.optionalDate()
    idempotencyKey = try row.optionalString()
  }
}

extension ChannelChange {
  var entry: JSONValue {
    switch operation {
    case .set(let value): ["set", .string(channel), value]
    case .append(let items): ["append", .string(channel), .array(items)]
    case .merge(let items): ["merge", .string(channel), .array(items)]
    case .clear: ["clear", .string(channel)]
    }
  }

  init(entry: JSONValue) throws(StoredValueFailure) {
    let parts = entry.arrayValue ?? []
    guard parts.count >= 2, let operation = parts[0].stringValue, let channel = parts[1].stringValue else {
      throw StoredValueFailure(message: "a change of state is unreadable")
    }
    switch (operation, parts.count > 2 ? parts[2] : JSONValue?.none) {
    case ("set", let value?): self.init(channel, .set(value))
    case ("append", .array(let items)?): self.init(channel, .append(items))
    case ("merge", .array(let items)?): self.init(channel, .merge(items))
    case ("clear", _): self.init(channel, .clear)
    default: throw StoredValueFailure(message: "a change of channel '\(channel)' is unreadable")
    }
  }
}

extension FinishedTask {
  var entry: JSONValue { [.string(node), .int(step), .int(attempts), .double(durationMilliseconds)] }

  init(entry: JSONValue) throws(StoredValueFailure) {
    guard let parts = entry.arrayValue, parts.count == 4, let node = parts[0].stringValue,
      let step = parts[1].intValue, let attempts = parts[2].intValue, let duration = parts[3].doubleValue
    else { throw StoredValueFailure(message: "a finished task is unreadable") }
    self.init(node: node, step: step, attempts: attempts, durationMilliseconds: duration)
  }
}

extension RunEvent {
  var entry: JSONValue { [.int(sequence), .string(type), data, .int(time.storedMicroseconds)] }

  init(entry: JSONValue, of run: RunID) throws(StoredValueFailure) {
    guard let parts = entry.arrayValue, parts.count == 4, let sequence = parts[0].intValue,
      let type = parts[1].stringValue, let time = parts[3].intValue
    else { throw StoredValueFailure(message: "an event of run \(run) is unreadable") }
    self.init(run: run, sequence: sequence, type: type, data: parts[2], time: Date(storedMicroseconds: time))
  }
}
