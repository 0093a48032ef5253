import SemanticLayer
import Testing

@testable import Questions

@Suite struct `The question parser` {
  private let parser: QuestionParser

  init() throws { parser = try Hospital.parser() }

  /// The outcome of the last of several turns, separated by `>>`.
  private func outcome(_ conversation: String) -> QuestionOutcome {
    let conversation = Conversation(conversation)
    return conversation.outcome(parser)
  }

  @Test(arguments: Self.understood)
  func `understands`(_ question: String, as frame: String) {
    #expect(FrameNotation.text(outcome(question)) == frame)
  }

  @Test(arguments: Self.followUps)
  func `edits the previous question`(_ conversation: String, into frame: String) {
    #expect(FrameNotation.text(outcome(conversation)) == frame)
  }

  @Test(arguments: Self.unclear)
  func `never answers what it does not understand in full`(_ question: String) {
    let text = FrameNotation.text(outcome(question))
    #expect(["unsure", "clarify", "decline"].contains(text), "answered as \(text)")
  }

  @Test(arguments: Self.clarified)
  func `asks which of several was meant`(_ question: String) {
    guard case .clarify(let prompt, let options) = outcome(question) else {
      Issue.record("not asked back")
      return
    }
    #expect(prompt.hasSuffix("?"))
    #expect(options.count > 1)
    #expect(Set(options.map(\.question)).count == options.count)
  }

  @Test(arguments: Self.declined)
  func `declines what the data cannot say`(_ question: String) {
    guard case .decline(let reason, _) = outcome(question) else {
      Issue.record("not declined")
      return
    }
    #expect(reason.hasSuffix("."))
  }

  @Test(arguments: Self.investigated)
  func `hands causes to an investigation`(_ question: String) {
    #expect(FrameNotation.text(outcome(question)) == "investigate")
  }
}

/// Several turns of one person.
struct Conversation {
  private let turns: [String]

  init(_ text: String) {
    var turns = [""]
    for part in text.split(separator: " ", omittingEmptySubsequences: false) {
      if part == ">>" {
        turns.append("")
      } else {
        turns[turns.count - 1] += turns[turns.count - 1].isEmpty ? String(part) : " " + part
      }
    }
    self.turns = turns
  }

  /// What becomes of the last turn after the others.
  func outcome(_ parser: QuestionParser) -> QuestionOutcome {
    var previous: Frame?
    var outcome = QuestionOutcome.unsure(best: nil, missing: [], reason: "")
    for turn in turns {
      outcome = parser.parse(turn, after: previous).outcome
      if case .sure(let frame) = outcome { previous = frame }
    }
    return outcome
  }
}
