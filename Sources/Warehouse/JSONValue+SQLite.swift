import CoachVocabulary
import SQLiteKit

extension JSONValue {
  /// A value of a result: JSON has no infinite number, so that is null, and of bytes only their count is told.
  init(_ value: SQLiteValue) {
    self =
      switch value {
      case .null: .null
      case .integer(let number): .int(Int(number))
      case .real(let number): number.isFinite ? .double(number) : .null
      case .text(let text): .string(text)
      case .blob(let bytes): .string("(\(bytes.count) bytes)")
      }
  }
}

extension SQLiteValue {
  /// A value to bind: truth values as 1 and 0, lists and objects as JSON text.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .bool(let truth): SQLiteValue(truth)
      case .int(let number): SQLiteValue(number)
      case .double(let number): SQLiteValue(number)
      case .string(let text): SQLiteValue(text)
      case .array, .object: SQLiteValue(value.text)
      }
  }
}
