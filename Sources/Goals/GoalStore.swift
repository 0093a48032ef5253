public import CoachVocabulary

/// Why a goal store could not do its work.
public struct GoalStoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened.
  public var message: String

  /// A failure.
  public init(_ message: String) { self.message = message }

  /// What happened.
  public var description: String { "goals cannot be kept: \(message)" }
}

/// Keeps goals and check-ins of tenants.
public protocol GoalStore: Sendable {
  /// Keeps a goal; one of the same identifier is replaced.
  func save(_ goal: Goal, of tenant: TenantID) async throws(GoalStoreFailure)

  /// A goal, or nil when there is none.
  func goal(_ id: GoalID, of tenant: TenantID) async throws(GoalStoreFailure) -> Goal?

  /// The newest goals of a domain, or of all, by identifier from new to old.
  ///
  /// - Parameters:
  ///   - tenant: whose.
  ///   - domain: only this one; nil for all.
  ///   - openOnly: leaves out closed ones.
  ///   - limit: how many at most.
  /// - Returns: the goals.
  /// - Throws: ``GoalStoreFailure``.
  func goals(of tenant: TenantID, domain: String?, openOnly: Bool, limit: Int) async throws(GoalStoreFailure) -> [Goal]

  /// Keeps a check-in; one of the same goal and day is replaced.
  func save(_ checkIn: CheckIn, of tenant: TenantID) async throws(GoalStoreFailure)

  /// The newest check-ins of a goal, oldest first.
  func checkIns(of goal: GoalID, tenant: TenantID, last limit: Int) async throws(GoalStoreFailure) -> [CheckIn]
}
