import SQLGate
import SQLiteKit

extension ExaminationFailure {
  /// Reads SQLite's message, which is all that tells one fault of a statement from another.
  init(_ failure: SQLiteFailure, bytes: Int) {
    switch failure.kind {
    case .tooBig: self = .tooLong(bytes: bytes, limit: SQLiteLimits.untrusted.statementBytes)
    case .syntax: self = Self.fault(failure)
    default: self = .unavailable(message: failure.message)
    }
  }

  private static func fault(_ failure: SQLiteFailure) -> ExaminationFailure {
    func name(after beginning: String) -> String? {
      failure.message.hasPrefix(beginning) ? String(failure.message.dropFirst(beginning.count)) : nil
    }
    if let name = name(after: "no such table: ") { return .unknownRelation(name) }
    if let name = name(after: "no such column: ") { return .unknownColumn(name) }
    if let name = name(after: "ambiguous column name: ") { return .ambiguousColumn(name) }
    if let name = name(after: "no such function: ") { return .unknownFunction(name) }
    return .syntax(message: failure.message, offset: failure.offset)
  }
}
