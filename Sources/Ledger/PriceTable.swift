public import CoachVocabulary

/// What a million tokens cost at one endpoint, class by class, exactly.
public struct TokenPrices: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Price of a million prompt tokens.
  public var input: NanoDollars
  /// Price of a million prompt tokens read from the provider's cache.
  public var cachedInput: NanoDollars
  /// Price of a million prompt tokens written to the provider's cache.
  public var cacheWrite: NanoDollars
  /// Price of a million generated tokens, reasoning included.
  public var output: NanoDollars

  /// Makes prices; the two cache classes cost as much as `input` unless given.
  public init(
    input: NanoDollars,
    cachedInput: NanoDollars? = nil,
    cacheWrite: NanoDollars? = nil,
    output: NanoDollars
  ) {
    self.input = input
    self.cachedInput = cachedInput ?? input
    self.cacheWrite = cacheWrite ?? input
    self.output = output
  }

  /// What the tokens cost: the exact sum over the classes, rounded up once to a whole billionth of a dollar.
  ///
  /// Reasoning tokens are part of the output and are not billed twice. Negative counts count as 0. An amount beyond
  /// nine billion dollars is cut to the largest amount.
  public func cost(of tokens: TokenCounts) -> NanoDollars {
    func share(_ count: Int, _ price: NanoDollars) -> Int128 { Int128(max(0, count)) * Int128(price.amount) }
    let millionths =
      share(tokens.input, input) + share(tokens.cachedInput, cachedInput) + share(tokens.cacheWrite, cacheWrite)
      + share(tokens.output, output)
    let roundedUp = (millionths + 999_999) / 1_000_000
    return NanoDollars(Int64(clamping: roundedUp))
  }

  /// All prices in dollars per million tokens, which also serves as their version when none is declared.
  public var description: String {
    "in \(input.dollarText) cached \(cachedInput.dollarText) write \(cacheWrite.dollarText) out \(output.dollarText)"
  }
}

/// The prices of all endpoints that have any.
public struct PriceTable: Hashable, Sendable, Codable {
  /// Prices with the name under which the ledger quotes them.
  public struct Entry: Hashable, Sendable, Codable {
    /// The prices.
    public var prices: TokenPrices
    /// What to write into the ledger as their version.
    public var version: String

    /// Makes an entry; the version is the prices' own text unless given.
    public init(prices: TokenPrices, version: String? = nil) {
      self.prices = prices
      self.version = version ?? prices.description
    }
  }

  /// The entries by endpoint name; an endpoint without an entry is unpriced.
  public var entries: [String: Entry]

  /// Makes a table.
  public init(_ entries: [String: Entry] = [:]) { self.entries = entries }

  /// What the tokens cost at an endpoint, with the version of the prices; nil when the endpoint is unpriced.
  public func cost(of tokens: TokenCounts, at endpoint: String) -> (cost: NanoDollars, version: String)? {
    entries[endpoint].map { ($0.prices.cost(of: tokens), $0.version) }
  }
}
