public import CoachVocabulary
public import FoundationEssentials

/// Which rows of the ledger are meant.
public struct LedgerScope: Hashable, Sendable, CustomStringConvertible {
  /// A part of a tenant's rows.
  public enum Part: Hashable, Sendable {
    /// All of the tenant's rows.
    case everything
    /// The rows of one user.
    case user(UserID)
    /// The rows of one conversation.
    case session(SessionID)
    /// The rows of one agent.
    case agent(String)
    /// The rows of one run.
    case run(RunID)
    /// The attempts of one model call.
    case operation(OperationID)
  }

  /// Whose rows.
  public var tenant: TenantID
  /// Which part of them.
  public var part: Part
  /// Only rows whose attempt started then or later; nil for all.
  public var since: Date?

  /// Makes a scope.
  public init(tenant: TenantID = .local, _ part: Part, since: Date? = nil) {
    self.tenant = tenant
    self.part = part
    self.since = since
  }

  /// Whether a row belongs to this scope.
  public func contains(_ attempt: ModelAttempt) -> Bool {
    guard attempt.tenant == tenant else { return false }
    if let since, attempt.startedAt < since { return false }
    return switch part {
    case .everything: true
    case .user(let user): attempt.user == user
    case .session(let session): attempt.session == session
    case .agent(let agent): attempt.agent == agent
    case .run(let run): attempt.run == run
    case .operation(let operation): attempt.key.operation == operation
    }
  }

  /// The scope in words, for instance `session 01h…`.
  public var description: String {
    switch part {
    case .everything: "tenant \(tenant)"
    case .user(let user): "user \(user)"
    case .session(let session): "session \(session)"
    case .agent(let agent): "agent \(agent)"
    case .run(let run): "run \(run)"
    case .operation(let operation): "operation \(operation)"
    }
  }
}
