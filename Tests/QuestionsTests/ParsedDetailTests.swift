import SemanticLayer
import Testing

@testable import Questions

@Suite struct `What the parser tells beside the frame` {
  private let parser: QuestionParser

  init() throws { parser = try Hospital.parser() }

  @Test(arguments: [
    ("vists by region in 2024", "read 'vists' as 'visits'"),
    ("charges by regoin in 2024", "read 'regoin' as 'region'"),
    ("chrages in 2024", "read 'chrages' as 'charges'"),
    ("readmision rate in 2024", "read 'readmision' as 'readmission'"),
  ])
  func `says which spelling it mended`(_ question: String, _ note: String) {
    let parsed = parser.parse(question)
    #expect(parsed.notes.contains(note))
    guard case .sure = parsed.outcome else {
      Issue.record("not understood")
      return
    }
  }

  @Test(arguments: ["visits by size in 2024", "visits by cite in 2024", "bedz"])
  func `does not mend words into other words`(_ question: String) {
    guard case .sure(let frame) = parser.parse(question).outcome else { return }
    Issue.record("answered as \(FrameNotation.text(frame))")
  }

  @Test func `names the words it did not understand`() {
    guard case .unsure(_, let missing, let reason) = parser.parse("visits by shoe size in 2024").outcome else {
      Issue.record("answered")
      return
    }
    #expect(missing.contains("shoe"))
    #expect(reason.contains("'shoe'"))
  }

  @Test func `each option of a clarification is a question that it understands`() {
    guard case .clarify(_, let options) = parser.parse("emergency visits in 2024").outcome else {
      Issue.record("not asked back")
      return
    }
    let frames = options.compactMap { option -> Frame? in
      if case .sure(let frame) = parser.parse(option.question).outcome { frame } else { nil }
    }
    #expect(
      frames.map { FrameNotation.text($0) } == [
        "visits; department=Emergency; in 2024", "visits; visit_type=Emergency; in 2024",
      ]
    )
    #expect(options.allSatisfy { $0.preview.contains("2024") })
  }

  @Test func `a value meant before stays meant`() {
    let first = Conversation("visits for department Emergency in 2024 >> emergency in 2023")
    #expect(FrameNotation.text(first.outcome(parser)) == "visits; department=Emergency; in 2023")
  }

  @Test func `a follow-up is marked as one`() {
    var frame = Frame()
    frame.metrics = ["visits"]
    #expect(parser.parse("and by region?", after: frame).isFollowUp)
    #expect(!parser.parse("charges by region", after: frame).isFollowUp)
  }

  @Test func `an empty question offers the starters`() {
    guard case .clarify(_, let options) = parser.parse("").outcome else {
      Issue.record("answered")
      return
    }
    #expect(options.first?.question == "How many visits did we have last month?")
  }

  @Test func `every starter of the domain is understood`() throws {
    for starter in parser.lexicon.model.language.starters {
      guard case .sure = parser.parse(starter).outcome else {
        Issue.record("'\(starter)' is not understood")
        continue
      }
    }
  }

  @Test(arguments: [
    String(repeating: "visits ", count: 5_000), String(repeating: "(", count: 10_000), "\u{0}\u{1}\u{FEFF}",
    "🏥🏥🏥", "' OR 1=1; DROP TABLE fact_visit; --", String(repeating: "und so weiter ", count: 800),
    "visits in 99999999999999999999", "top 99999999999999999999 clinics by visits", "visits in -5 months ago",
  ])
  func `survives hostile texts`(_ text: String) {
    _ = parser.parse(text)
  }

  @Test func `the same question gives the same frame`() {
    let question = "top 3 doctors per region by visits in 2024 excluding Medicare"
    #expect(parser.parse(question) == parser.parse(question))
  }
}
