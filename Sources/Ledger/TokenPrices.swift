public import CoachVocabulary

/// What a million tokens cost, class by class, exactly.
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

  /// The most output tokens that can be paid with what is left after the prompt; nil when the prompt alone is too dear.
  ///
  /// `Int.max` where output costs nothing.
  public func affordableOutput(after prompt: TokenCounts, within amount: NanoDollars) -> Int? {
    var prompt = prompt
    prompt.output = 0
    let rest = amount.amount - cost(of: prompt).amount
    guard rest >= 0 else { return nil }
    guard output > .zero else { return .max }
    var count = Int(clamping: Int128(rest) * 1_000_000 / Int128(output.amount))
    // The whole is rounded up once, so that the last token may not fit any more.
    while count > 0 {
      prompt.output = count
      if cost(of: prompt) <= amount { break }
      count -= 1
    }
    return count
  }
}
