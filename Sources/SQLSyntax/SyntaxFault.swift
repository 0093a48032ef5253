/// Why a text is no statement of the kind that may be asked at all.
public struct SyntaxFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The text holds no statement.
    case empty
    /// The text holds more than one statement.
    case multipleStatements
    /// The statement is something else than a question: it writes, locks, explains or sets.
    case notAQuestion
    /// The grammar is wrong.
    case grammar
    /// The construct is not on the list of those that are understood.
    case notAllowed
    /// Expressions or queries are nested too deeply.
    case tooDeep
    /// The text is longer than the parser takes.
    case tooLong
    /// The parser could not be asked, which is no fault of the text.
    case unavailable
  }

  /// What is wrong.
  public var kind: Kind
  /// What is wrong, in a phrase; no values of data are in it.
  public var message: String
  /// Where, in bytes of the text's UTF-8 form.
  public var offset: Int?

  /// Makes a fault.
  public init(_ kind: Kind, _ message: String, at offset: Int? = nil) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  /// The message and its place.
  public var description: String {
    offset.map { "\(message) at byte \($0)" } ?? message
  }
}
