/// Why SQLite did not do what it was asked for.
///
/// It never holds bound values. The statement's own text is there, so do not write secrets into statements.
public struct SQLiteFailure: Error, Hashable, Sendable {
  /// What a caller can decide on.
  public enum Kind: Hashable, Sendable {
    /// Another connection holds the lock, and the busy timeout passed.
    case busy
    /// A constraint of the schema refused the change.
    case constraint(SQLiteConstraint)
    /// The file is no SQLite database.
    case notADatabase
    /// The file is damaged.
    case corrupt
    /// The file cannot be opened.
    case cannotOpen
    /// The statement was interrupted.
    case interrupted
    /// The statement took longer than its guard allows.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// A write where only reading is allowed.
    case readOnly
    /// The statement cannot be prepared: wrong grammar or an unknown name.
    case syntax
    /// The statement asks for something its guard denies.
    case denied
    /// A value or statement is longer than the limit.
    case tooBig
    /// The disk is full.
    case full
    /// No memory is left.
    case outOfMemory
    /// Reading or writing the file failed.
    case inputOutput
    /// The call does not fit the statement, for example by its number of values.
    case misuse
    /// The connection was closed before.
    case closed
    /// Any other failure; see the message.
    case other
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// SQLite's extended result code; 0 when the failure was found before SQLite was asked.
  public var extendedCode: Int
  /// What happened, in SQLite's words or ours.
  public var message: String
  /// The text of the statement, without bound values.
  public var sql: String?
  /// Where in the statement the fault lies, in bytes of its UTF-8 form.
  public var offset: Int?

  /// Makes a failure.
  public init(kind: Kind, extendedCode: Int = 0, message: String, sql: String? = nil, offset: Int? = nil) {
    self.kind = kind
    self.extendedCode = extendedCode
    self.message = message
    self.sql = sql
    self.offset = offset
  }
}

extension SQLiteFailure: CustomStringConvertible {
  /// What happened, where, and how to mend it.
  public var description: String {
    var text = "SQLite: \(message)"
    if extendedCode != 0 { text += " (code \(extendedCode))" }
    if let sql { text += " in: \(Self.excerpt(of: sql))" }
    if let offset { text += " at byte \(offset)" }
    return text + ". " + kind.remedy
  }

  private static func excerpt(of sql: String) -> String {
    let limit = 300
    return sql.count > limit ? sql.prefix(limit) + "…" : sql
  }
}

extension SQLiteFailure.Kind {
  fileprivate var remedy: String {
    switch self {
    case .busy: "Another connection is writing; try again, or keep its transactions shorter."
    case .constraint: "Correct the values or the row they refer to."
    case .notADatabase: "Check that the path names a SQLite file and not another one."
    case .corrupt: "Restore the file from a backup."
    case .cannotOpen: "Check that the folder and the file exist and that this user may open them."
    case .interrupted, .cancelled: "Nothing is wrong with the statement; run it again if it is still wanted."
    case .timedOut: "Ask for fewer rows, add a filter, or allow more time."
    case .readOnly: "Write inside a transaction, on a connection that is opened for writing."
    case .syntax: "Correct the statement; check the names against the schema."
    case .denied: "Leave out what is denied, or widen the guard."
    case .tooBig: "Shorten the value or the statement, or raise the limit."
    case .full: "Free some disk space."
    case .outOfMemory: "Free some memory, or ask for less."
    case .inputOutput: "Check the disk and the permissions of the file."
    case .misuse: "Correct the call."
    case .closed: "Open the connection again."
    case .other: "The message says what SQLite met."
    }
  }
}
