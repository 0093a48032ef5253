/// Why the user's data could not be read.
public struct WarehouseFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// There is no file.
    case missingFile
    /// The path is a folder or something else that is no file.
    case notAFile
    /// The file is empty.
    case emptyFile
    /// The file is something else than a database.
    case notADatabase
    /// The file may not be read.
    case unreadable
    /// The file is damaged.
    case damaged
    /// The server cannot be reached, or does not let us in.
    case unreachable
    /// Another program holds the database.
    case busy
    /// The statement asked for what its policy denies.
    case denied
    /// The statement took longer than its policy allows.
    case timedOut
    /// The task was cancelled.
    case cancelled
    /// A value grew larger than allowed.
    case tooLarge
    /// There is no table or column of this name.
    case unknownName
    /// The statement failed while it ran.
    case failed
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// What happened, and where.
  public var message: String
  /// How to mend it.
  public var remedy: String

  /// Makes a failure.
  public init(_ kind: Kind, _ message: String, remedy: String) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
  }

  /// The message and the remedy.
  public var description: String { "\(message). \(remedy)" }
}
