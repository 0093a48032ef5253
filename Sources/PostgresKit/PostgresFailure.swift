/// Why PostgreSQL did not do what it was asked for.
///
/// It never holds bound values: the server's detail line, which repeats them, is left out, and quoted parts of messages
/// about unfit values are masked. The statement's own text is there, so do not write secrets into statements.
public struct PostgresFailure: Error, Hashable, Sendable {
  /// What a caller can decide on.
  public enum Kind: Hashable, Sendable {
    /// A constraint of the schema refused the change.
    case constraint(PostgresConstraint)
    /// Two transactions could not be put into an order, or waited for each other; run the transaction again.
    case conflict
    /// A lock was not to be had in time.
    case lockTimeout
    /// The statement took longer than allowed.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// A write where only reading is allowed.
    case readOnly
    /// The statement is wrong in its grammar or its types.
    case syntax
    /// The statement names something that does not exist.
    case unknownName
    /// Something with this name exists already.
    case duplicateName
    /// The user may not do this; row-level security counts.
    case denied
    /// The user or the password is wrong, or the server does not let them in.
    case authentication
    /// A value does not fit its type or column.
    case invalidValue
    /// A value or statement is longer than the limit.
    case tooBig
    /// The disk is full.
    case full
    /// No memory is left.
    case outOfMemory
    /// The server takes no more connections.
    case tooManyConnections
    /// The server cannot be reached, or is starting or shutting down.
    case unreachable
    /// The connection broke; whether the last statement was done is not known.
    case connectionLost
    /// No connection of the pool came free in time.
    case poolExhausted
    /// The call does not fit, for example by its number of values.
    case misuse
    /// The connection or pool was closed before.
    case closed
    /// The statement raised this error itself; see ``PostgresFailure/sqlState``.
    case raised
    /// Any other failure; see the message.
    case other
  }

  /// What a caller can decide on.
  public var kind: Kind
  /// The five letters of PostgreSQL's error code; empty when the failure was found before the server was asked.
  public var sqlState: String
  /// What happened, in PostgreSQL's words or ours.
  public var message: String
  /// The server's advice, if it gave any.
  public var hint: String?
  /// The text of the statement, without bound values.
  public var sql: String?
  /// Where in the statement the fault lies, in characters from 1.
  public var position: Int?

  /// Makes a failure.
  public init(
    kind: Kind,
    sqlState: String = "",
    message: String,
    hint: String? = nil,
    sql: String? = nil,
    position: Int? = nil
  ) {
    self.kind = kind
    self.sqlState = sqlState
    self.message = message
    self.hint = hint
    self.sql = sql
    self.position = position
  }

  /// Whether the same transaction may succeed when it is simply run again.
  public var isTransient: Bool {
    switch kind {
    case .conflict, .lockTimeout, .tooManyConnections, .unreachable, .connectionLost, .poolExhausted: true
    default: false
    }
  }
}

/// The kinds of constraint, with the name of the one that refused.
public enum PostgresConstraint: Hashable, Sendable {
  /// A unique or primary key has this value already.
  case unique(name: String)
  /// The row that is referred to does not exist, or is still referred to.
  case foreignKey(name: String)
  /// A column may not be null.
  case notNull
  /// A check did not hold.
  case check(name: String)
  /// Any other constraint.
  case other(name: String)
}

extension PostgresFailure: CustomStringConvertible {
  /// What happened, where, and how to mend it.
  public var description: String {
    var text = "PostgreSQL: \(message)"
    if !sqlState.isEmpty { text += " (\(sqlState))" }
    if let sql { text += " in: \(Self.excerpt(of: sql))" }
    if let position { text += " at character \(position)" }
    text += ". " + kind.remedy
    if let hint { text += " The server advises: \(hint)" }
    return text
  }

  private static func excerpt(of sql: String) -> String {
    let limit = 300
    return sql.count > limit ? sql.prefix(limit) + "…" : sql
  }
}

extension PostgresFailure.Kind {
  fileprivate var remedy: String {
    switch self {
    case .constraint: "Correct the values or the row they refer to."
    case .conflict: "Run the transaction again."
    case .lockTimeout: "Another transaction holds the lock; try again, or keep transactions shorter."
    case .timedOut: "Ask for fewer rows, add a filter, or allow more time."
    case .cancelled: "Nothing is wrong with the statement; run it again if it is still wanted."
    case .readOnly: "Write in a transaction that may, on a server that is no standby."
    case .syntax, .unknownName: "Correct the statement; check names and types against the schema."
    case .duplicateName: "Choose another name."
    case .denied: "Grant the user what the statement needs, or set the tenant of the transaction."
    case .authentication: "Check the user, the password and the server's pg_hba.conf."
    case .invalidValue: "Correct the value."
    case .tooBig: "Shorten the value or the statement."
    case .full: "Free some disk space on the server."
    case .outOfMemory: "Free some memory on the server, or ask for less."
    case .tooManyConnections: "Make the pools smaller or raise max_connections."
    case .unreachable: "Check that the server runs and that host, port and database are right."
    case .connectionLost: "Look up whether the last change was made, then try again."
    case .poolExhausted: "Make the pool larger or keep its connections for shorter."
    case .misuse: "Correct the call."
    case .closed: "Open it again."
    case .raised, .other: "The message says what PostgreSQL met."
    }
  }
}
