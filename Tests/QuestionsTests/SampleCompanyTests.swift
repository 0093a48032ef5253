import SemanticLayer
import Testing

@testable import Questions

/// Four kinds of companies that the parser was not made for: each question is read as one of the frames that are right,
/// or is not answered at all where no frame is.
@Suite struct `Questions of other companies` {
  @Test(arguments: SampleCompany.all)
  func `are read as what they mean, and what is answered can be run`(_ company: SampleCompany) throws {
    let open = try company.open()
    #expect(company.cases.count > 100)
    for row in company.cases {
      let outcome = Conversation(row.conversation).outcome(open.parser)
      let text = FrameNotation.text(outcome)
      let isRefused = ["clarify", "decline", "unsure"].contains(text)
      let isKnown = isRefused && Self.knownRefusals.contains(row.conversation)
      let isRight = row.readings.contains(text) || (isRefused && row.readings.contains("refuse"))
      #expect(isRight || isKnown, "\(company.name): \(row.conversation): \(text)")
      guard case .sure(let frame) = outcome else { continue }
      let result = try open.rows(frame)
      #expect(result.columns == (try open.parser.compiler.compile(frame)).columns.map(\.name))
    }
  }

  /// What is not understood yet, and so is not answered; the list may only become shorter.
  static let knownRefusals: Set<String> = [
    "what was the longest stay in 2024", "hotels that earned less than 50,000 euros in 2024",
    "stays over €500 in August", "share of orders by payment method in 2024",
    "how many customers bought more than 20 units in 2024", "what did we bill in the third quarter",
  ]
}
