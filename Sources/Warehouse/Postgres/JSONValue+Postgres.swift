import CoachVocabulary
import FoundationEssentials
import PostgresKit

extension PostgresRow {
  /// The values as JSON: exact numbers as numbers, dates and times as ISO text, of bytes only their count.
  var jsonValues: [JSONValue] {
    (0..<columnCount).map { column in JSONValue(self[column], isDecimal: typeNumber(of: column) == Self.numeric) }
  }

  /// `numeric` in `pg_type`.
  private static var numeric: Int { 1_700 }
}

extension JSONValue {
  fileprivate init(_ value: PostgresValue, isDecimal: Bool) {
    self =
      switch value {
      case .null: .null
      case .bool(let truth): .bool(truth)
      case .integer(let number): .int(Int(number))
      case .real(let number): number.isFinite ? .double(number) : .null
      case .text(let text) where isDecimal: Self.decimal(text)
      case .text(let text): .string(text)
      case .bytes(let bytes): .string("(\(bytes.count) bytes)")
      case .array(let items): .array(items.map { JSONValue($0, isDecimal: false) })
      }
  }

  private static func decimal(_ text: String) -> JSONValue {
    if let number = Int(text) { return .int(number) }
    // NaN and infinities have no place in JSON.
    return Double(text).flatMap { $0.isFinite ? .double($0) : nil } ?? .null
  }
}

extension PostgresValue {
  /// A value to bind, whose type the statement decides; lists and objects are JSON text.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .bool(let truth): .bool(truth)
      case .int(let number): .integer(Int64(number))
      case .double(let number): .real(number)
      case .string(let text): .text(text)
      case .array, .object: .text(value.text)
      }
  }
}
