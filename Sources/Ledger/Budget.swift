public import CoachVocabulary
public import FoundationEssentials

/// Over which time a budget counts.
public enum BudgetWindow: String, Hashable, Sendable, Codable, CaseIterable {
  /// One model call with all of its attempts.
  case call
  /// A day of the tenant's calendar.
  case day
  /// A month of the tenant's calendar.
  case month
}

/// Whose spending a budget counts.
public enum BudgetScope: String, Hashable, Sendable, Codable, CaseIterable {
  /// All of the tenant's.
  case tenant
  /// Each user's on its own.
  case user
  /// Each conversation's on its own.
  case session
  /// Each agent's on its own.
  case agent
}

/// What may be spent by whom and in which time.
public struct Budget: Hashable, Sendable {
  /// Its name, unique among the budgets.
  public var name: String
  /// Whose spending counts.
  public var scope: BudgetScope
  /// The one user, session or agent it is for; nil for each of them.
  public var only: String?
  /// Over which time it counts.
  public var window: BudgetWindow
  /// The most that may be spent.
  public var most: NanoDollars
  /// What happens when it is spent.
  public var enforcement: SpendingCap.Enforcement

  /// Makes a budget.
  public init(
    name: String,
    scope: BudgetScope,
    only: String? = nil,
    window: BudgetWindow,
    most: NanoDollars,
    enforcement: SpendingCap.Enforcement = .hard
  ) {
    self.name = name
    self.scope = scope
    self.only = only
    self.window = window
    self.most = most
    self.enforcement = enforcement
  }
}

/// The budgets of an installation, with the calendar their days and months follow.
///
/// What is spent is summed from the ledger's rows whenever it is asked for, so nothing has to be reset.
public struct BudgetBook: Hashable, Sendable {
  /// The budgets.
  public var budgets: [Budget]
  /// Where the days and months begin and end.
  public var zone: ScheduleZone

  /// Makes a book.
  public init(_ budgets: [Budget] = [], zone: ScheduleZone = .utc) {
    self.budgets = budgets
    self.zone = zone
  }

  /// The caps that apply to an attempt, as they stand when it starts.
  ///
  /// A budget for each user, session or agent says nothing about attempts that have none.
  ///
  /// - Parameters:
  ///   - attempt: the attempt.
  ///   - enforcement: only the caps that are enforced like this; nil for all.
  /// - Returns: the caps, in the order of the budgets.
  public func caps(for attempt: ModelAttempt, enforced enforcement: SpendingCap.Enforcement? = nil) -> [SpendingCap] {
    budgets.compactMap { budget in
      guard enforcement == nil || budget.enforcement == enforcement, let part = budget.part(of: attempt) else {
        return nil
      }
      guard let span = span(of: budget.window, at: attempt.startedAt) else {
        let call = LedgerScope(tenant: attempt.tenant, .operation(attempt.key.operation))
        return SpendingCap(
          call,
          most: budget.most,
          enforcement: budget.enforcement,
          budget: budget.name,
          window: budget.window
        )
      }
      return SpendingCap(
        LedgerScope(tenant: attempt.tenant, part, since: span.start),
        most: budget.most,
        enforcement: budget.enforcement,
        budget: budget.name,
        window: budget.window,
        resetsAt: span.end
      )
    }
  }

  /// The day or month around a moment, from its first instant to that of the next one; nil for a single call.
  public func span(of window: BudgetWindow, at moment: Date) -> (start: Date, end: Date)? {
    let day = zone.day(of: moment).dayNumber
    func begin(_ day: Int) -> Date { zone.moment(ofLocal: day * 86_400) }
    switch window {
    case .call: return nil
    case .day: return (begin(day), begin(day + 1))
    case .month:
      let first = day - zone.day(of: moment).day + 1
      return (begin(first), begin(CivilDate(dayNumber: first).adding(months: 1).dayNumber))
    }
  }
}

extension Budget {
  /// Which rows count beside those of an attempt; nil when the budget is not about it.
  fileprivate func part(of attempt: ModelAttempt) -> LedgerScope.Part? {
    let (part, name): (LedgerScope.Part?, String?) =
      switch scope {
      case .tenant: (.everything, nil)
      case .user: (attempt.user.map { .user($0) }, attempt.user?.rawValue)
      case .session: (attempt.session.map { .session($0) }, attempt.session?.rawValue)
      case .agent: (attempt.agent.map { .agent($0) }, attempt.agent)
      }
    if let only, only != name { return nil }
    return part
  }
}
