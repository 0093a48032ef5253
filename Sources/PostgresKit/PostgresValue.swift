/// A value in a parameter or in a result column.
///
/// Parameters travel as text and the statement decides their type; where nothing in it does, write `$1::int8`.
/// Columns of other types, `numeric`, `date` and `json` among them, come as the text that PostgreSQL writes.
public enum PostgresValue: Hashable, Sendable {
  /// The absence of a value.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number of up to 64 bits.
  case integer(Int64)
  /// A floating point number, which may be infinite or NaN.
  case real(Double)
  /// A text; PostgreSQL refuses one with a NUL character.
  case text(String)
  /// A sequence of bytes (`bytea`).
  case bytes([UInt8])
  /// A list of one dimension.
  case array([PostgresValue])
}

extension PostgresValue {
  /// A whole number, or null when there is none.
  public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

  /// A floating point number, or null when there is none.
  public init(_ value: Double?) { self = value.map { .real($0) } ?? .null }

  /// A text, or null when there is none.
  public init(_ value: String?) { self = value.map { .text($0) } ?? .null }

  /// A truth value, or null when there is none.
  public init(_ value: Bool?) { self = value.map { .bool($0) } ?? .null }

  /// A sequence of bytes, or null when there is none.
  public init(_ value: [UInt8]?) { self = value.map { .bytes($0) } ?? .null }

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
    case .null, .bool, .text, .bytes, .array: nil
    }
  }

  /// The text, if it is one.
  public var string: String? {
    if case .text(let value) = self { value } else { nil }
  }

  /// The truth value, if it is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The bytes, if it is a sequence of bytes.
  public var bytes: [UInt8]? {
    if case .bytes(let value) = self { value } else { nil }
  }

  /// The items, if it is a list.
  public var array: [PostgresValue]? {
    if case .array(let value) = self { value } else { nil }
  }
}

extension PostgresValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }

  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }

  /// A floating point number.
  public init(floatLiteral value: Double) { self = .real(value) }

  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Null.
  public init(nilLiteral: ()) { self = .null }
}
