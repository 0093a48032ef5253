import CoachVocabulary
import Goals
import Testing

@Suite struct GoalIntentTests {
  struct Wish: Sendable, CustomTestStringConvertible {
    var text: String
    var subject: String
    var direction: Goal.Direction?
    var amount: GoalIntent.Amount?
    var deadline: String?
    var owner: String?
    var testDescription: String { text }
  }

  static let wishes = [
    Wish(text: "grow service revenue", subject: "service revenue", direction: .atLeast),
    Wish(
      text: "Grow revenue in Germany by 8 % until the end of 2026",
      subject: "revenue in Germany",
      direction: .atLeast,
      amount: .by(share: 0.08),
      deadline: "2026-12-31"
    ),
    Wish(text: "cut warranty cost by 15%", subject: "warranty cost", direction: .atMost, amount: .by(share: -0.15)),
    Wish(
      text: "reduce warranty claims by 100 claims by March 2027",
      subject: "warranty claims",
      direction: .atMost,
      amount: .byAmount(-100),
      deadline: "2027-03-31"
    ),
    Wish(
      text: "We want to increase net revenue to 2.5 billion by 2026-12-31",
      subject: "net revenue",
      direction: .atLeast,
      amount: .to(2.5e9),
      deadline: "2026-12-31"
    ),
    Wish(
      text: "raise customer satisfaction to 86 points within 6 months, owner Anna Berg",
      subject: "customer satisfaction",
      direction: .atLeast,
      amount: .to(86),
      deadline: "2026-12-31",
      owner: "Anna Berg"
    ),
    Wish(text: "units sold to 12k this quarter", subject: "units sold", amount: .to(12_000), deadline: "2026-06-30"),
    Wish(
      text: "double online orders next year",
      subject: "online orders",
      direction: .atLeast,
      amount: .by(share: 1),
      deadline: "2027-12-31"
    ),
    Wish(text: "improve margin by Q4", subject: "margin", direction: .atLeast, deadline: "2026-12-31"),
    Wish(
      text: "grow revenue by 5 percent before March 2020",
      subject: "revenue",
      direction: .atLeast,
      amount: .by(share: 0.05),
      deadline: "2020-03-31"
    ),
    Wish(text: "", subject: ""),
    Wish(text: "grow", subject: "", direction: .atLeast),
  ]

  @Test(arguments: wishes)
  func `a wish is read`(_ wish: Wish) throws {
    let today = try #require(CivilDate("2026-06-30"))
    let intent = GoalIntent(reading: wish.text, today: today)
    #expect(intent.subject == wish.subject)
    #expect(intent.direction == wish.direction)
    #expect(intent.amount == wish.amount)
    #expect(intent.deadline?.description == wish.deadline)
    #expect(intent.owner == wish.owner)
  }
}
