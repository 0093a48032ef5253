import Testing

@testable import CoachApp

@Suite struct `Hints beside questions` {
  @Test(arguments: [
    ("turnover means net revenue", "Turnover by region, please", "net revenue by region, please"),
    ("\"GP\" refers to gross profit.", "what was GP?", "what was gross profit?"),
    ("EV stands for Electric; rep = salesperson", "EV units by rep in 2024", "Electric units by salesperson in 2024"),
    ("by big deals we mean something else", "big deals in 2024", "big deals in 2024"),
    ("status = 'Completed' AND amount > 5 OR x IN (1, 2)", "sales by status", "sales by status"),
    ("", "revenue in 2024", "revenue in 2024"),
  ])
  func `replace the words that they define`(_ hint: String, _ question: String, _ expected: String) {
    #expect(QuestionHint(hint).applied(to: question) == expected)
  }
}
