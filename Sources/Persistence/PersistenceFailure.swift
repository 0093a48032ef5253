public import CoachVocabulary
import SQLiteKit

/// Why our own data could not be read or written.
public enum PersistenceFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file was written by a newer version of this program.
  case newerDatabase(found: Int, known: Int)
  /// The tables are those of an older version, and are changed on demand only.
  case olderDatabase(found: Int, known: Int)
  /// There is no session with this identifier.
  case noSuchSession(SessionID)
  /// A session or message with this identifier is saved already.
  case alreadyExists(String)
  /// A page cursor that this store did not give out.
  case badCursor
  /// What is saved cannot be read.
  case damaged(String)
  /// The file cannot be reached or written.
  case unavailable(String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .newerDatabase(let found, let known):
      "the database has schema version \(found), but this program knows versions up to \(known); "
        + "run a newer version of the program, or restore the backup made before the upgrade"
    case .olderDatabase(let found, let known):
      "the database has schema version \(found), and this program needs version \(known); "
        + "stop the processes of the version before and run `coach migrate`"
    case .noSuchSession(let session): "there is no session \(session)"
    case .alreadyExists(let what): "\(what) exists already; choose a new identifier"
    case .badCursor: "the page cursor is not one of this server; begin with the first page"
    case .damaged(let message): "saved data cannot be read: \(message)"
    case .unavailable(let message): "data cannot be read or saved: \(message)"
    }
  }

  init(_ error: any Error) {
    self =
      switch error {
      case let failure as PersistenceFailure: failure
      case let failure as StoredValueFailure: .damaged(failure.message)
      default: .unavailable("\(error)")
      }
  }
}

/// A stored value that is not what its column should hold.
struct StoredValueFailure: Error {
  let message: String
}
