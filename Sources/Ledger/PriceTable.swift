public import CoachVocabulary
public import FoundationEssentials

/// The prices of one endpoint from a moment on, with the name under which the ledger quotes them.
public struct PriceList: Hashable, Sendable {
  /// Prices for long prompts.
  public struct Step: Hashable, Sendable {
    /// How many prompt tokens, of all classes, a request must have more than.
    public var above: Int
    /// What all of its tokens then cost.
    public var prices: TokenPrices

    /// Makes a step.
    public init(above: Int, prices: TokenPrices) {
      self.above = above
      self.prices = prices
    }
  }

  /// What is billed; nothing for a model on this machine or network.
  public var prices: TokenPrices
  /// What is billed for long prompts, by rising length.
  public var steps: [Step]
  /// What a model without a bill is reckoned to cost, for power and machines; counts against no budget.
  public var notional: TokenPrices?
  /// From when the prices hold; nil for always.
  public var from: Date?
  /// What to write into the ledger as their version.
  public var version: String

  /// Makes a list; the version is the prices' own text unless given.
  public init(
    prices: TokenPrices,
    steps: [Step] = [],
    notional: TokenPrices? = nil,
    from: Date? = nil,
    version: String? = nil
  ) {
    self.prices = prices
    self.steps = steps.sorted { $0.above < $1.above }
    self.notional = notional
    self.from = from
    let texts = [prices.description] + self.steps.map { "above \($0.above): \($0.prices)" }
    self.version = version ?? texts.joined(separator: "; ")
  }

  /// The prices for a request of so many tokens.
  public func prices(for tokens: TokenCounts) -> TokenPrices {
    let prompt = tokens.input + tokens.cachedInput + tokens.cacheWrite
    return steps.last { prompt > $0.above }?.prices ?? prices
  }

  /// What the tokens of one request cost.
  public func cost(of tokens: TokenCounts) -> NanoDollars { prices(for: tokens).cost(of: tokens) }
}

/// The prices of all endpoints that have any, past and to come.
public struct PriceTable: Hashable, Sendable {
  private var lists: [String: [PriceList]]

  /// Makes a table; an endpoint without lists is unpriced, and so it is before the first of its lists begins.
  public init(_ lists: [String: [PriceList]] = [:]) {
    self.lists = lists.mapValues { $0.sorted { $0.from ?? .distantPast < $1.from ?? .distantPast } }
  }

  /// The prices of an endpoint that hold at a moment; nil when it is unpriced then.
  public func list(of endpoint: String, at moment: Date) -> PriceList? {
    lists[endpoint]?.last { $0.from ?? .distantPast <= moment }
  }
}
