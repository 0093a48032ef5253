import CoachVocabulary
import ModelRouting
import Testing

@Suite struct ComplexityTests {
  private func score(_ question: String) -> Double { ComplexityScore(ComplexityInput(question: question)).value }

  @Test(arguments: [
    ("What was revenue last month?", ComplexityLevel.simple),
    ("units sold by region", .simple),
    ("Show me the top 5 dealers by revenue in 2026", .simple),
    ("net revenue by fuel type and region for the last 12 months, new cars only", .simple),
    ("Why did revenue fall in the West in May?", .moderate),
    ("Compare revenue and margin per region for each quarter, then rank the dealers by growth.", .moderate),
    (
      "Why did gross margin drop between Q1 and Q2 in the West, which products contributed most, and what should we do?",
      .complex
    ),
    (
      "Explain why warranty claims rose after the spring launch, compare each plant with last year, and recommend the "
        + "first three steps. If budgets are cut by 10 percent, what changes?",
      .complex
    ),
  ])
  func `questions fall into their class`(question: String, level: ComplexityLevel) {
    let value = score(question)
    #expect(RoutingPolicy().level(of: value) == level, "score \(value)")
  }

  @Test func `the features sum to the score and never leave their range`() {
    for question in ["", "?", "why", String(repeating: "why if then compare 7, and ? . ", count: 200)] {
      let input = ComplexityInput(question: question, metrics: 99, values: 99, unresolvedWords: 99)
      let score = ComplexityScore(input)
      #expect((0...1).contains(score.value))
      #expect(abs(score.features.reduce(0) { $0 + $1.points } - score.value) < 1e-9)
      #expect(score.features.allSatisfy { $0.points >= 0 })
    }
  }

  @Test func `every feature at its most makes exactly one`() {
    let words = String(repeating: "why, if then compare 7 and also each not without ", count: 60)
    let input = ComplexityInput(question: words + "? ? ? ?", metrics: 9, values: 9, unresolvedWords: 9)
    #expect(abs(ComplexityScore(input).value - 1) < 1e-9)
  }

  @Test(arguments: [
    "WHY DID REVENUE FALL IN MAY?", "  why did  revenue fall\nin may ?", "Why did revenue fall in May?\n",
  ])
  func `case and white space do not change the score`(variant: String) {
    #expect(score(variant) == score("why did revenue fall in may?"))
  }

  @Test func `what the parser found counts`() {
    let plain = ComplexityScore(ComplexityInput(question: "revenue and units"))
    let rich = ComplexityScore(
      ComplexityInput(question: "revenue and units", metrics: 4, values: 6, unresolvedWords: 4)
    )
    #expect(abs(rich.value - plain.value - 0.11) < 1e-9)
    #expect(rich.features.first { $0.name == "metrics" }?.points == 0.05)
  }

  @Test func `a longer question never scores lower`() {
    var question = "revenue"
    var last = score(question)
    for word in ["by", "region", "and", "month", ",", "why", "then", "7", "8", "?", "also", "units", "?"] {
      question += " \(word)"
      let next = score(question)
      #expect(next >= last, "after '\(word)'")
      last = next
    }
  }

  @Test func `the score explains itself as JSON`() {
    let json = ComplexityScore(ComplexityInput(question: "Why?")).json
    #expect(json["version"] == "1")
    #expect(json["score"] == 0.103)
    let causal = json["features"]?.arrayValue?.first { $0["name"] == "causal words" }
    #expect(causal == ["name": "causal words", "measure": 1.0, "points": 0.103])
  }
}
