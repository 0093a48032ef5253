/// Why a file of a table could not be written or read.
public struct SpreadsheetFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The file cannot be opened, read or written.
    case file
    /// The file is something else, or damaged.
    case format
    /// The file is larger than the limits allow, whole or in a part.
    case tooLarge
    /// The table has no rows or no columns.
    case empty
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// What happened, where, and how to mend it.
  public var message: String

  /// Makes a failure.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
