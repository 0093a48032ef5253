import CoachVocabulary
import Ledger
import Testing

@Suite struct PriceTests {
  private func prices(
    _ input: String,
    cached: String? = nil,
    write: String? = nil,
    _ output: String
  ) throws
    -> TokenPrices
  {
    TokenPrices(
      input: try #require(NanoDollars(dollars: input)),
      cachedInput: cached.flatMap { NanoDollars(dollars: $0) },
      cacheWrite: write.flatMap { NanoDollars(dollars: $0) },
      output: try #require(NanoDollars(dollars: output))
    )
  }

  @Test func `a small call costs what the price list says to the last billionth`() throws {
    // 57 × $0.15 + 20 × $0.60 per million = $0.00002055
    let cost = try prices("0.15", "0.60").cost(of: TokenCounts(input: 57, output: 20))
    #expect(cost == NanoDollars(20_550))
    #expect(cost.dollarText == "0.00002055")
  }

  @Test func `each class of tokens has its own price and reasoning is not billed twice`() throws {
    let list = try prices("2", cached: "0.2", write: "2.5", "10")
    let tokens = TokenCounts(input: 1_000, cachedInput: 2_000, cacheWrite: 400, output: 300, reasoning: 250)
    #expect(list.cost(of: tokens) == NanoDollars(2_000_000 + 400_000 + 1_000_000 + 3_000_000))
  }

  @Test func `cache classes cost as much as input when nobody said otherwise`() throws {
    let list = try prices("2", "10")
    #expect(list.cost(of: TokenCounts(cachedInput: 10)) == list.cost(of: TokenCounts(input: 10)))
    #expect(list.cost(of: TokenCounts(cacheWrite: 10)) == list.cost(of: TokenCounts(input: 10)))
  }

  @Test(arguments: [(1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (0, 0)])
  func `a part of a billionth is rounded up once`(tokens: Int, nanos: Int64) throws {
    let list = TokenPrices(input: NanoDollars(1), output: .zero)
    #expect(list.cost(of: TokenCounts(input: tokens)) == NanoDollars(nanos))
  }

  @Test func `rounding happens on the sum and not on each class`() {
    let list = TokenPrices(input: NanoDollars(1), output: NanoDollars(1))
    #expect(list.cost(of: TokenCounts(input: 400_000, output: 400_000)) == NanoDollars(1))
  }

  @Test func `absurd counts neither trap nor become negative`() {
    let list = TokenPrices(input: NanoDollars(.max), output: NanoDollars(.max))
    #expect(list.cost(of: TokenCounts(input: .max, output: .max)) == NanoDollars(.max))
    #expect(list.cost(of: TokenCounts(input: -5, output: 0)) == .zero)
  }

  @Test func `prices without a version are quoted by their own text`() throws {
    let entry = PriceTable.Entry(prices: try prices("0.15", cached: "0.075", "0.6"))
    #expect(entry.version == "in 0.15 cached 0.075 write 0.15 out 0.6")
    #expect(PriceTable.Entry(prices: entry.prices, version: "2026-10").version == "2026-10")
  }
}
