/// A value as SQLite stores it: in a parameter or in a result column.
public enum SQLiteValue: Hashable, Sendable {
  /// The absence of a value.
  case null
  /// A whole number of 64 bits.
  case integer(Int64)
  /// A floating point number; SQLite stores a NaN as null.
  case real(Double)
  /// A text, which may contain NUL characters.
  case text(String)
  /// A sequence of bytes.
  case blob([UInt8])
}

extension SQLiteValue {
  /// A whole number, or null when there is none.
  public init(_ value: Int?) {
    self = value.map { .integer(Int64($0)) } ?? .null
  }

  /// A floating point number, or null when there is none.
  public init(_ value: Double?) {
    self = value.map { .real($0) } ?? .null
  }

  /// A text, or null when there is none.
  public init(_ value: String?) {
    self = value.map { .text($0) } ?? .null
  }

  /// A sequence of bytes, or null when there is none.
  public init(_ value: [UInt8]?) {
    self = value.map { .blob($0) } ?? .null
  }

  /// A truth value as SQLite keeps it: 1 or 0, or null when there is none.
  public init(_ value: Bool?) {
    self = value.map { .integer($0 ? 1 : 0) } ?? .null
  }

  /// Whether this is the absence of a value.
  public var isNull: Bool { self == .null }

  /// The whole number, if it is one and fits.
  public var int: Int? {
    if case .integer(let value) = self { Int(exactly: value) } else { nil }
  }

  /// The number, whole or not, if it is one.
  public var double: Double? {
    switch self {
    case .real(let value): value
    case .integer(let value): Double(value)
    case .null, .text, .blob: nil
    }
  }

  /// The text, if it is one.
  public var string: String? {
    if case .text(let value) = self { value } else { nil }
  }

  /// The bytes, if it is a blob.
  public var bytes: [UInt8]? {
    if case .blob(let value) = self { value } else { nil }
  }

  /// Whether a whole number differs from 0; nothing for other values.
  public var bool: Bool? {
    if case .integer(let value) = self { value != 0 } else { nil }
  }
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) {
    self = .text(value)
  }

  /// A whole number.
  public init(integerLiteral value: Int64) {
    self = .integer(value)
  }

  /// A floating point number.
  public init(floatLiteral value: Double) {
    self = .real(value)
  }

  /// Null.
  public init(nilLiteral: ()) {
    self = .null
  }
}
