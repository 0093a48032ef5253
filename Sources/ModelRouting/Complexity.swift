/// How hard a question looks.
public enum ComplexityLevel: String, Hashable, Sendable, CaseIterable {
  /// A small model will do.
  case simple
  /// Either may do.
  case moderate
  /// A large model is wanted.
  case complex
}

/// What the score is made from: the question and what the parser without a model found in it.
public struct ComplexityInput: Hashable, Sendable {
  /// The question itself, without instructions, pasted data or earlier turns.
  public var question: String
  /// How many words that carry meaning the parser could not place; part of the kind of question that is learnt about.
  public var unresolvedWords: Int

  /// Makes an input; the parser's findings default to none.
  public init(question: String, unresolvedWords: Int = 0) {
    self.question = question
    self.unresolvedWords = unresolvedWords
  }
}
