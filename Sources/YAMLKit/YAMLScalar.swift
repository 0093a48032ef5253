/// A scalar with its type by the core schema of YAML 1.2.
///
/// Only `true` and `false` are truth values there, so `no` and `on` are strings.
public enum YAMLScalar: Hashable, Sendable {
  /// Nothing: an empty value, `~` or `null`.
  case null
  /// A truth value: `true`, `True`, `TRUE` and the same for `false`.
  case bool(Bool)
  /// A whole number: decimal, `0o` octal or `0x` hexadecimal.
  case int(Int)
  /// A floating point number, `.inf` or `.nan`, or a whole number beyond 64 bits.
  case double(Double)
  /// A text.
  case string(String)
}

extension YAMLNode {
  /// The scalar with its type; nothing for lists and mappings.
  public var scalar: YAMLScalar? {
    switch value {
    case .scalar(let text, .plain): YAMLScalar(plain: text)
    case .scalar(let text, .quoted): .string(text)
    case .sequence, .mapping: nil
    }
  }
}

extension YAMLScalar {
  /// Gives a text without quotes its type.
  ///
  /// Source: YAML 1.2.2, section 10.3.2, https://yaml.org/spec/1.2.2/#1032-tag-resolution.
  public init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .double(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .double(-.infinity)
    case ".nan", ".NaN", ".NAN": self = .double(.nan)
    default: self = Self.number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> YAMLScalar? {
    if text.hasPrefix("0x") { return Int(digits: text.dropFirst(2), radix: 16).map { .int($0) } }
    if text.hasPrefix("0o") { return Int(digits: text.dropFirst(2), radix: 8).map { .int($0) } }
    guard NumberForm(text).isNumber else { return nil }
    if let whole = Int(text) { return .int(whole) }
    return Double(text).map { .double($0) }
  }
}

extension Int {
  /// The number that digits without a sign stand for.
  fileprivate init?(digits: Substring, radix: Int) {
    guard let first = digits.first, first != "+", first != "-" else { return nil }
    self.init(digits, radix: radix)
  }
}

/// Reads `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, the schema's form of numbers.
private struct NumberForm {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
  }

  var isNumber: Bool {
    var form = self
    return form.readNumber()
  }

  private mutating func readNumber() -> Bool {
    _ = skip("+-")
    let whole = skipDigits()
    let fraction = skip(".") ? skipDigits() : 0
    guard whole + fraction > 0 else { return false }
    if skip("eE") {
      _ = skip("+-")
      guard skipDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private mutating func skip(_ choices: StaticString) -> Bool {
    guard let first = rest.first, choices.withUTF8Buffer({ $0.contains(first) }) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func skipDigits() -> Int {
    let before = rest.count
    rest = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return before - rest.count
  }
}
