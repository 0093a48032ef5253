/// Why a template could not be read or filled in, and where in it.
public struct TemplateFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public enum Kind: Hashable, Sendable {
    /// The template's text is wrong.
    case syntax
    /// A value that the template names was not given, or is null where a text is wanted.
    case missingValue(name: String)
    /// The template or what it makes is longer than allowed.
    case tooLarge
    /// Sections are nested deeper than allowed.
    case tooDeep
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// What is wrong and how to mend it; never holds a value.
  public var message: String
  /// The line in the template, counted from 1.
  public var line: Int
  /// The column in the template, in Unicode scalars, counted from 1.
  public var column: Int

  /// Makes a failure.
  public init(kind: Kind, message: String, line: Int, column: Int) {
    self.kind = kind
    self.message = message
    self.line = line
    self.column = column
  }

  /// The place and the message.
  public var description: String { "line \(line), column \(column): \(message)" }
}
