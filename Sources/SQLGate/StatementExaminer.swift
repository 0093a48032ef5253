/// Lets an engine's own parser look at a text, without running it.
public protocol StatementExaminer: Sendable {
  /// Says what the first statement of the text would do.
  ///
  /// - Throws: ``ExaminationFailure`` when the engine cannot make sense of the text.
  func examine(_ sql: String) async throws(ExaminationFailure) -> StatementFacts
}

/// Why an engine's parser could not make sense of a text.
public enum ExaminationFailure: Error, Hashable, Sendable {
  /// The grammar is wrong; the message is the engine's, the offset in bytes of the UTF-8 form.
  case syntax(message: String, offset: Int?)
  /// No table or view has this name.
  case unknownRelation(String)
  /// No column has this name, which may be qualified.
  case unknownColumn(String)
  /// Several columns have this name.
  case ambiguousColumn(String)
  /// No function has this name.
  case unknownFunction(String)
  /// The text is longer than the engine takes.
  case tooLong(bytes: Int, limit: Int)
  /// The engine could not be asked; that is no fault of the text.
  case unavailable(message: String)
}
