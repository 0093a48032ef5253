public import CoachVocabulary
public import FoundationEssentials

/// The most that the rows of a scope may cost together.
public struct SpendingCap: Hashable, Sendable {
  /// What happens at the cap.
  public enum Enforcement: String, Hashable, Sendable, Codable, CaseIterable {
    /// An attempt that could pass it is refused.
    case hard
    /// Passing it is told, and nothing is refused.
    case soft
  }

  /// Which rows count.
  public var scope: LedgerScope
  /// The most they may cost, reservations included.
  public var most: NanoDollars
  /// What happens at the cap.
  public var enforcement: Enforcement
  /// The budget it comes from; nil for a cap of one call or agent.
  public var budget: String?
  /// Over which time it counts; nil for all time of the scope.
  public var window: BudgetWindow?
  /// When counting begins anew; nil when it does not.
  public var resetsAt: Date?

  /// Makes a cap.
  public init(
    _ scope: LedgerScope,
    most: NanoDollars,
    enforcement: Enforcement = .hard,
    budget: String? = nil,
    window: BudgetWindow? = nil,
    resetsAt: Date? = nil
  ) {
    self.scope = scope
    self.most = most
    self.enforcement = enforcement
    self.budget = budget
    self.window = window
    self.resetsAt = resetsAt
  }

  /// Whether the cap may refuse an attempt.
  public func binds(_ attempt: ModelAttempt) -> Bool { enforcement == .hard && scope.contains(attempt) }

  /// Why this cap forbids the attempt, or nil when it allows it.
  ///
  /// - Parameters:
  ///   - attempt: the row about to begin; an attempt outside the scope is never refused.
  ///   - committed: ``LedgerTotals/committed`` of the cap's scope, without this attempt.
  /// - Returns: the failure to throw, or nil.
  public func refusal(of attempt: ModelAttempt, committed: NanoDollars) -> LedgerFailure? {
    guard binds(attempt), committed + attempt.reserved > most else { return nil }
    return .capReached(self, committed: committed, wanted: attempt.reserved)
  }
}

extension SpendingCap: CustomStringConvertible {
  /// The cap in words, for instance `The day's budget 'sales' of user 7 is $5`.
  public var description: String {
    let name = budget.map { " '\($0)'" } ?? ""
    return switch window {
    case .call?: "The budget\(name) of one call is $\(most.dollarText)"
    case .day?: "The day's budget\(name) of \(scope) is $\(most.dollarText)"
    case .month?: "The month's budget\(name) of \(scope) is $\(most.dollarText)"
    case nil: "The spending cap\(name) of \(scope) is $\(most.dollarText)"
    }
  }
}
