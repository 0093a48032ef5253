/// An amount of US dollars in billionths, so that sums are exact.
public struct NanoDollars: Hashable, Sendable, Codable, Comparable {
  /// Billionths of a dollar.
  public var amount: Int64

  /// Makes an amount from billionths of a dollar.
  public init(_ amount: Int64) { self.amount = amount }

  /// Nothing.
  public static let zero = NanoDollars(0)

  /// Reads the plain number of billionths.
  public init(from decoder: any Decoder) throws {
    amount = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// Writes the plain number of billionths.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(amount)
  }

  /// The sum; traps on overflow, which is beyond nine billion dollars.
  public static func + (left: Self, right: Self) -> Self { Self(left.amount + right.amount) }

  /// Adds to an amount in place.
  public static func += (left: inout Self, right: Self) { left.amount += right.amount }

  /// Orders by amount.
  public static func < (left: Self, right: Self) -> Bool { left.amount < right.amount }

  /// Dollars with all nine decimals that matter, for instance `0.000125`; `0` for nothing.
  public var dollarText: String {
    let magnitude = amount.magnitude
    let whole = magnitude / 1_000_000_000
    let rest = String(magnitude % 1_000_000_000)
    var fraction = String(repeating: "0", count: 9 - rest.count) + rest
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = amount < 0 ? "-" : ""
    return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
  }

  /// Reads a decimal dollar amount such as `0.15` exactly; nil when it has more than nine decimals or is no number.
  public init?(dollars text: String) {
    let negative = text.hasPrefix("-")
    let parts = (negative ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let first = parts.first, let whole = Int64(first), whole >= 0 else {
      return nil
    }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.count <= 9, decimals.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    let padded = decimals + String(repeating: "0", count: 9 - decimals.count)
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow, let fraction = Int64(padded) else { return nil }
    amount = (scaled + fraction) * (negative ? -1 : 1)
  }
}

/// Tokens of one model call, in classes that do not overlap except where said.
public struct TokenCounts: Hashable, Sendable, Codable {
  /// Prompt tokens at full price: neither read from nor written to a cache.
  public var input: Int
  /// Prompt tokens read from the provider's cache.
  public var cachedInput: Int
  /// Prompt tokens written to the provider's cache.
  public var cacheWrite: Int
  /// Generated tokens, reasoning included.
  public var output: Int
  /// The part of `output` spent on reasoning.
  public var reasoning: Int

  /// Makes counts; all default to 0.
  public init(input: Int = 0, cachedInput: Int = 0, cacheWrite: Int = 0, output: Int = 0, reasoning: Int = 0) {
    self.input = input
    self.cachedInput = cachedInput
    self.cacheWrite = cacheWrite
    self.output = output
    self.reasoning = reasoning
  }

  /// No tokens.
  public static let zero = TokenCounts()

  /// Everything billed: prompt classes plus output.
  public var total: Int { input + cachedInput + cacheWrite + output }

  /// Class by class sum.
  public static func + (left: Self, right: Self) -> Self {
    Self(
      input: left.input + right.input,
      cachedInput: left.cachedInput + right.cachedInput,
      cacheWrite: left.cacheWrite + right.cacheWrite,
      output: left.output + right.output,
      reasoning: left.reasoning + right.reasoning
    )
  }
}

/// One thing for each class of tokens.
public struct TokenClasses<Value> {
  /// For prompt tokens at full price.
  public var input: Value
  /// For prompt tokens read from the provider's cache.
  public var cachedInput: Value
  /// For prompt tokens written to the provider's cache.
  public var cacheWrite: Value
  /// For generated tokens.
  public var output: Value
  /// For the part of them spent on reasoning.
  public var reasoning: Value

  /// Makes classes.
  public init(input: Value, cachedInput: Value, cacheWrite: Value, output: Value, reasoning: Value) {
    self.input = input
    self.cachedInput = cachedInput
    self.cacheWrite = cacheWrite
    self.output = output
    self.reasoning = reasoning
  }

  /// The same for each class.
  public init(all value: Value) {
    self.init(input: value, cachedInput: value, cacheWrite: value, output: value, reasoning: value)
  }

  /// The classes with each value changed.
  public func map<Other>(_ change: (Value) -> Other) -> TokenClasses<Other> {
    TokenClasses<Other>(
      input: change(input),
      cachedInput: change(cachedInput),
      cacheWrite: change(cacheWrite),
      output: change(output),
      reasoning: change(reasoning)
    )
  }

  /// The values in the order of the members.
  public var all: [Value] { [input, cachedInput, cacheWrite, output, reasoning] }
}

extension TokenClasses: Sendable where Value: Sendable {}
extension TokenClasses: Equatable where Value: Equatable {}
extension TokenClasses: Hashable where Value: Hashable {}
extension TokenClasses: Encodable where Value: Encodable {}
extension TokenClasses: Decodable where Value: Decodable {}
