import CoachTesting
import CoachVocabulary
import FoundationEssentials
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
    let entry = PriceList(prices: try prices("0.15", cached: "0.075", "0.6"))
    #expect(entry.version == "in 0.15 cached 0.075 write 0.15 out 0.6")
    #expect(PriceList(prices: entry.prices, version: "2026-10").version == "2026-10")
  }
}

@Suite struct PriceListTests {
  private static let low = TokenPrices(input: NanoDollars(1_000_000), output: NanoDollars(1_000_000))
  private static let high = TokenPrices(input: NanoDollars(2_000_000), output: NanoDollars(2_000_000))

  @Test(arguments: [(100, 100), (101, 202)])
  func `a long prompt has the prices of its step for all of its tokens`(prompt: Int, cost: Int64) {
    let list = PriceList(prices: Self.low, steps: [.init(above: 100, prices: Self.high)])
    #expect(list.cost(of: TokenCounts(input: prompt - 50, cachedInput: 50)) == NanoDollars(cost))
  }

  @Test func `prices hold from their day on, and before the first there are none`() {
    let march = Date(timeIntervalSince1970: 1_772_323_200)
    let table = PriceTable([
      "e": [
        PriceList(prices: Self.high, from: march + 86_400 * 31, version: "april"),
        PriceList(prices: Self.low, from: march, version: "march"),
      ]
    ])
    #expect(table.list(of: "e", at: march - 1) == nil)
    #expect(table.list(of: "e", at: march)?.version == "march")
    #expect(table.list(of: "e", at: march + 86_400 * 40)?.version == "april")
    #expect(table.list(of: "other", at: march) == nil)
  }

  @Test func `the affordable output is the most that costs no more than what is left`() {
    let prices = TokenPrices(input: NanoDollars(1_000_000), output: NanoDollars(3_000_000))
    for left in 0..<200 {
      let amount = NanoDollars(Int64(left))
      let prompt = TokenCounts(input: 20)
      let count = prices.affordableOutput(after: prompt, within: amount)
      guard let count else {
        #expect(left < 20)
        continue
      }
      #expect(prices.cost(of: TokenCounts(input: 20, output: count)) <= amount)
      #expect(prices.cost(of: TokenCounts(input: 20, output: count + 1)) > amount)
    }
    #expect(TokenPrices(input: .zero, output: .zero).affordableOutput(after: .zero, within: .zero) == .max)
  }

  private static func read(_ json: JSONValue) -> ([String: [PriceList]], [String]) {
    let collector = DiagnosticCollector()
    let tree = DeclarationTree(json: json, file: "config/prices.yaml")
    let lists = PriceTable.lists(reading: tree, diagnostics: collector)
    return (lists, collector.diagnostics.map(\.message))
  }

  @Test func `a file of prices is read`() throws {
    let (lists, faults) = Self.read([
      "prices": [
        [
          "endpoint": "cloud", "from": "2026-03-01", "version": "march", "input": "0.001", "output": "0.001",
          "above": [["tokens": 100, "input": "0.002", "output": "0.002"]],
        ],
        ["endpoint": "local", "input": "0", "output": "0", "notional": ["input": "0.001", "output": "0.001"]],
      ]
    ])
    #expect(faults == [])
    let cloud = try #require(lists["cloud"]?.first)
    #expect(cloud.version == "march")
    #expect(cloud.from == Date(timeIntervalSince1970: 1_772_323_200))
    #expect(cloud.prices == Self.low)
    #expect(cloud.steps == [.init(above: 100, prices: Self.high)])
    #expect(lists["local"]?.first?.notional == Self.low)
  }

  @Test(
    arguments: [
      (["input": "1", "output": "1"], "needs 'endpoint'"),
      (["endpoint": "e", "input": "1"], "needs 'output'"),
      (["endpoint": "e", "input": "-1", "output": "1"], "dollars per million"),
      (["endpoint": "e", "input": "1", "output": "1", "from": "soon"], "'from' must be a day"),
      (["endpoint": "e", "input": "1", "output": "1", "above": [["input": "1", "output": "1"]]], "needs 'tokens'"),
    ] as [(JSONValue, String)]
  )
  func `what is wrong with a price list is said`(entry: JSONValue, words: String) {
    let (_, faults) = Self.read(["prices": [entry]])
    #expect(faults.contains { $0.contains(words) }, "\(faults)")
  }
}
