/// Why a text was refused as YAML, and where.
public struct YAMLFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line of the fault, counted from 1.
  public let line: Int
  /// The column of the fault, in Unicode scalars, counted from 1.
  public let column: Int
  /// What is wrong and how to mend it.
  public let message: String

  /// Makes a failure.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// The place and the message.
  public var description: String { "line \(line), column \(column): \(message)" }
}
