import CoachVocabulary
import FoundationEssentials
import Ledger
import SQLiteKit
import StateGraph

/// One row of a result, read column by column from the left.
struct StoredRow {
  private let values: [SQLiteValue]
  private var next = 0

  init(_ values: [SQLiteValue]) { self.values = values }

  mutating func string() throws(StoredValueFailure) -> String {
    guard let text = try optionalString() else { throw fault("text") }
    return text
  }

  mutating func optionalString() throws(StoredValueFailure) -> String? {
    let value = take()
    if value.isNull { return nil }
    guard let text = value.string else { throw fault("text") }
    return text
  }

  mutating func tokenSources() throws(StoredValueFailure) -> TokenClasses<UsageSource>? {
    guard let text = try optionalString() else { return nil }
    guard let sources = TokenClasses<UsageSource>(text: text) else { throw fault("the sources of five token counts") }
    return sources
  }

  mutating func int() throws(StoredValueFailure) -> Int {
    guard let number = try optionalInt() else { throw fault("a whole number") }
    return number
  }

  mutating func optionalInt() throws(StoredValueFailure) -> Int? {
    let value = take()
    if value.isNull { return nil }
    guard let number = value.int else { throw fault("a whole number") }
    return number
  }

  mutating func double() throws(StoredValueFailure) -> Double {
    guard let number = take().double else { throw fault("a number") }
    return number
  }

  mutating func identifier<Kind>(_ kind: Kind.Type = Kind.self) throws(StoredValueFailure) -> Identifier<Kind> {
    Identifier(try string())
  }

  mutating func date() throws(StoredValueFailure) -> Date { Date(storedMicroseconds: try int()) }

  mutating func optionalDate() throws(StoredValueFailure) -> Date? {
    try optionalInt().map { Date(storedMicroseconds: $0) }
  }

  mutating func json() throws(StoredValueFailure) -> JSONValue { try JSONText.decode(try string()) }

  mutating func optionalJSON() throws(StoredValueFailure) -> JSONValue? {
    guard let text = try optionalString() else { return nil }
    return try JSONText.decode(text)
  }

  /// What tasks gave before their superstep was over.
  mutating func stepResults() throws(StoredValueFailure) -> [Frontier.StepResults] {
    try (json().arrayValue ?? []).map { json throws(StoredValueFailure) in
      guard let results = Frontier.StepResults(json: json) else { throw fault("a list of results") }
      return results
    }
  }

  mutating func queuedStart() throws(StoredValueFailure) -> QueuedStart {
    guard let start = QueuedStart(json: try json()) else { throw fault("a start") }
    return start
  }

  mutating func word<Word: RawRepresentable>(_ type: Word.Type = Word.self) throws(StoredValueFailure) -> Word
  where Word.RawValue == String {
    let text = try string()
    guard let word = Word(rawValue: text) else { throw fault("one of the known words") }
    return word
  }

  private mutating func take() -> SQLiteValue {
    next += 1
    return next <= values.count ? values[next - 1] : .null
  }

  private func fault(_ wanted: String) -> StoredValueFailure {
    StoredValueFailure(message: "column \(next) is not \(wanted)")
  }
}

extension SuperstepCommit {
  /// Whether tasks may have been saved before their superstep was over: one that is alone in its superstep never is.
  var mayReplacePartials: Bool {
    finishedTasks.count > 1 || !frontier.pending.isEmpty || !frontier.ahead.isEmpty
  }
}

extension Date {
  /// A moment from microseconds since 1970, the form in which moments are stored.
  init(storedMicroseconds: Int) { self.init(timeIntervalSince1970: Double(storedMicroseconds) / 1_000_000) }

  /// Microseconds since 1970, rounded; the ends of the range for moments beyond it.
  var storedMicroseconds: Int {
    let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
    return Int(exactly: microseconds) ?? (microseconds > 0 ? .max : .min)
  }
}

extension SQLiteValue {
  init(_ date: Date?) { self.init(date.map(\.storedMicroseconds)) }
  init<Kind>(_ identifier: Identifier<Kind>) { self.init(identifier.rawValue) }
  init<Kind>(_ identifier: Identifier<Kind>?) { self.init(identifier?.rawValue) }
  init(_ json: JSONValue?) { self.init(json.map(JSONText.encode)) }
}
