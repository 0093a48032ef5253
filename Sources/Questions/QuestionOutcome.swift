public import SemanticLayer

/// One way to read an ambiguous question.
public struct ClarifyingOption: Hashable, Sendable, Codable {
  /// What the person may pick.
  public var label: String
  /// What would be answered.
  public var preview: String
  /// The question to ask when it is picked.
  public var question: String
}

/// What became of a question without a model.
public enum QuestionOutcome: Hashable, Sendable {
  /// Understood, every content word used.
  case sure(Frame)
  /// Understood in more than one way.
  case clarify(prompt: String, options: [ClarifyingOption])
  /// Understood, but the data cannot say.
  case decline(reason: String, missing: [String])
  /// Asks for a cause; the frame is what moved, when that was understood.
  case investigate(Frame?)
  /// Not fully understood; a model may try.
  case unsure(best: Frame?, missing: [String], reason: String)
}

/// What the parser made of a question.
public struct ParsedQuestion: Hashable, Sendable {
  /// What became of it.
  public var outcome: QuestionOutcome
  /// What was assumed on the way, for people: mended spelling, house readings.
  public var notes: [String]
  /// Whether it edited the previous question instead of starting anew.
  public var isFollowUp: Bool
}
