/// Why a statement may not run, for the one who wrote it and for the audit.
public struct Refusal: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The rule that was broken.
  public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
    /// The text holds no statement.
    case empty
    /// The text is too long.
    case tooLong
    /// The text holds a NUL character.
    case invalidText
    /// The engine's parser refuses the text.
    case syntax
    /// No table has this name.
    case unknownRelation
    /// No column has this name.
    case unknownColumn
    /// Several columns have this name.
    case ambiguousColumn
    /// No function has this name.
    case unknownFunction
    /// The function is not among those that may be called.
    case forbiddenFunction
    /// The format of a text function is not known before it runs, or asks for very wide fields.
    case unsafeFormat
    /// A join by `USING` or `NATURAL` could touch what may not be read.
    case unsafeJoin
    /// A common table expression refers to itself.
    case recursion
    /// The number of values does not fit the parameters.
    case parameterCount
    /// The text holds more than one statement.
    case multipleStatements
    /// The statement is more than a question.
    case notASelect
    /// The table may not be read.
    case forbiddenRelation
    /// The column may not be read.
    case forbiddenColumn
    /// The engine could not be asked.
    case unavailable

    /// Whether the writer can put it right and try again.
    public var isRepairable: Bool {
      switch self {
      case .empty, .tooLong, .invalidText, .syntax, .unknownRelation, .unknownColumn, .ambiguousColumn,
        .unknownFunction,
        .forbiddenFunction, .unsafeFormat, .unsafeJoin, .recursion, .parameterCount:
        true
      case .multipleStatements, .notASelect, .forbiddenRelation, .forbiddenColumn, .unavailable: false
      }
    }
  }

  /// The rule that was broken.
  public var reason: Reason
  /// What is wrong, in a sentence.
  public var message: String
  /// What to write instead, in a sentence.
  public var hint: String
  /// Names that the writer may have meant, the likeliest first.
  public var suggestions: [String]

  /// Makes a refusal.
  public init(_ reason: Reason, _ message: String, hint: String, suggestions: [String] = []) {
    self.reason = reason
    self.message = message
    self.hint = hint
    self.suggestions = suggestions
  }

  /// The message and the hint.
  public var description: String { "\(message) \(hint)" }
}
