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
    /// The construct is not on the list of those that may be used.
    case forbiddenConstruct
    /// The operator is not among those that may be used.
    case forbiddenOperator
    /// The type is not among those that may be used.
    case forbiddenType
    /// The statement has too many parts or is nested too deeply.
    case tooComplex
    /// The pattern of a match is not known before it runs, or may take long.
    case unsafePattern
    /// The sources multiply to too many rows.
    case crossProduct
    /// A function or aggregate could make too large a value or too many rows.
    case tooLarge
    /// Nobody is named whose rows the statement may see.
    case noTenant
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
        .forbiddenFunction, .unsafeFormat, .unsafeJoin, .recursion, .parameterCount, .forbiddenConstruct,
        .forbiddenOperator, .forbiddenType, .tooComplex, .unsafePattern, .crossProduct, .tooLarge:
        true
      case .noTenant, .multipleStatements, .notASelect, .forbiddenRelation, .forbiddenColumn, .unavailable: false
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
  /// The place in bytes of the statement's UTF-8 form, when there is one.
  public var offset: Int?

  /// Makes a refusal.
  public init(_ reason: Reason, _ message: String, hint: String, suggestions: [String] = [], offset: Int? = nil) {
    self.reason = reason
    self.message = message
    self.hint = hint
    self.suggestions = suggestions
    self.offset = offset
  }

  /// The message and the hint.
  public var description: String { "\(message) \(hint)" }
}
