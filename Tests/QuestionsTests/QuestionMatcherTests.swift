import Testing

@testable import Questions

@Suite struct QuestionMatcherTests {
  private static let known = [
    "What was revenue last month?", "Top 10 dealers by revenue in 2025", "Revenue of West compared with East",
    "Average waiting time by department",
  ]

  private func matcher(_ thresholds: QuestionMatcher.Thresholds = .init()) throws -> QuestionMatcher {
    QuestionMatcher(Self.known, lexicon: try Hospital.parser().lexicon, thresholds: thresholds)
  }

  @Test(arguments: [
    ("please show me the revenue last month", 0), ("last month revenue", 0),
    ("hi, could you give me revenue last month", 0),
    ("revenue last mnoth", 0), ("top 10 dealers by revenue in 2025 please", 1),
    ("averge waiting time by department", 3),
  ])
  func `other words of courtesy, order and spelling ask the same`(question: String, index: Int) throws {
    let match = try #require(try matcher().match(for: question))
    #expect(match.index == index && match.isSame, "\(match)")
  }

  @Test(arguments: [
    "revenue last year", "revenue this month", "revenue last month in the west", "revenue", "revenue last 2 months",
    "top 5 dealers by revenue in 2025", "top 10 dealers by revenue in 2024", "bottom 10 dealers by revenue in 2025",
    "top 10 dealers by revenue", "revenue of East compared with West", "revenue of West compared with North",
    "revenue last month without the west", "no revenue last month", "average waiting time by doctor",
    "average waiting time by department over 50", "what is it", "",
  ])
  func `a value, a number, a date or a word that differs never asks the same`(question: String) throws {
    #expect(try matcher().match(for: question)?.isSame != true)
  }

  @Test func `a candidate needs one of the two thresholds`() throws {
    #expect(try matcher().match(for: "zebra crossing") == nil)
    let strict = QuestionMatcher.Thresholds(keyword: 1, fuzzy: 1)
    #expect(try matcher(strict).match(for: "revenue last mnoth")?.isSame == true, "misspelt words are common words")
    #expect(try matcher(strict).match(for: "revenue last month west") == nil)
    #expect(try matcher().match(for: "revenue last month west")?.difference == ["west"])
  }

  @Test func `the most alike come first`() throws {
    #expect(try matcher().ranking(for: "waiting time").first == 3)
    #expect(try matcher().ranking(for: "dealers").first == 1)
  }

  @Test(arguments: [
    ("What was revenue, last month?", "what was revenue last month", false), ("Revenue!", "please revenue", true),
    ("the revenue of 2025", "revenue of 2025", true), ("what will revenue be", "what was revenue", false),
    ("Jan-Mar", "Jan Mar", false), ("top 5", "top 50", false),
  ])
  func `words that mean the same are normalized alike, others are not`(one: String, other: String, isEqual: Bool) {
    #expect((QuestionMatcher.normalized(one) == QuestionMatcher.normalized(other)) == isEqual)
  }

  @Test(arguments: [
    ("month", "mnoth", true), ("month", "monthh", true), ("month", "mont", true), ("month", "march", false),
    ("month", "month", false), ("abcde", "abxye", false), ("ab", "ba", true),
  ])
  func `one edit is one letter or a swap of neighbours`(one: String, other: String, expected: Bool) {
    #expect(QuestionMatcher.isOneEditApart(Array(one), Array(other)) == expected)
  }
}
