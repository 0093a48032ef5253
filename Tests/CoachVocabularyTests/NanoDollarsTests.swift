import CoachVocabulary
import Testing

@Suite struct `An amount of dollars` {
  @Test(arguments: [
    ("0.15", 150_000_000), ("0", 0), ("12", 12_000_000_000), ("0.000000001", 1), ("-0.5", -500_000_000),
    ("-3", -3_000_000_000), ("1.230000000", 1_230_000_000), ("9000000000.999999999", 9_000_000_000_999_999_999),
  ])
  func `is read exactly`(_ text: String, _ amount: Int64) {
    #expect(NanoDollars(dollars: text)?.amount == amount)
  }

  @Test(arguments: ["", ".", "1.0000000001", "1,5", "1e3", "abc", "--1", "1.2.3", "99999999999", "1.-5", "٣"])
  func `is refused when it is no exact amount`(_ text: String) {
    #expect(NanoDollars(dollars: text) == nil)
  }

  @Test(arguments: [
    (125_000, "0.000125"), (0, "0"), (1_000_000_000, "1"), (-1, "-0.000000001"), (2_500_000_000, "2.5"),
  ])
  func `is written without useless zeros`(_ amount: Int64, _ text: String) {
    #expect(NanoDollars(amount).dollarText == text)
  }

  @Test func `comes back from its own text`() {
    for amount in stride(from: Int64(-5_000_000_000), through: 5_000_000_000, by: 7_654_321) {
      #expect(NanoDollars(dollars: NanoDollars(amount).dollarText)?.amount == amount)
    }
  }

  @Test func `adds up exactly where doubles do not`() throws {
    let dime = try #require(NanoDollars(dollars: "0.1"))
    var sum = NanoDollars.zero
    for _ in 0..<1_000 { sum += dime }
    #expect(sum.dollarText == "100")
    #expect(dime < sum)
  }

  @Test func `of tokens is the sum of all classes`() {
    let first = TokenCounts(input: 10, cachedInput: 20, cacheWrite: 5, output: 7, reasoning: 3)
    #expect(first.total == 42)
    #expect((first + first).total == 84)
    #expect((first + .zero) == first)
  }
}
