import CoachVocabulary
public import FoundationEssentials

/// A ledger store that forgets everything when it goes; for tests and for runs without a data folder.
public actor MemoryLedgerStore: LedgerStore {
  private var rows: [AttemptKey: ModelAttempt] = [:]
  /// The attempts of each call: most caps are about one of them.
  private var numbers: [OperationID: [Int]] = [:]

  /// Makes an empty store.
  public init() {}

  /// Writes the row of an attempt that is about to start, after checking every cap.
  public func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    if let row = rows[attempt.key] {
      if row.opensLike(attempt) { return }
      throw .alreadyBegun(attempt.key)
    }
    for cap in caps {
      if let refusal = cap.refusal(of: attempt, committed: sum(cap.scope, at: attempt.startedAt).committed) {
        throw refusal
      }
    }
    rows[attempt.key] = attempt
    numbers[attempt.key.operation, default: []].append(attempt.key.number)
  }

  /// Closes a row; settling twice changes nothing, except that reported usage replaces an estimate.
  public func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    guard let row = rows[settlement.key] else { throw .unknownAttempt(settlement.key) }
    let settled = row.settled(by: settlement)
    rows[settlement.key] = settled
    return settled
  }

  /// The rows of a scope, in the order of their start; the newest `limit` of them.
  public func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] {
    let found = rows.values.filter(scope.contains)
    return Array(found.sorted { ($0.startedAt, $0.key) < ($1.startedAt, $1.key) }.suffix(max(0, limit)))
  }

  /// The sum over all rows of a scope at a moment.
  public func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals {
    sum(scope, at: now)
  }

  private func sum(_ scope: LedgerScope, at now: Date) -> LedgerTotals {
    guard case .operation(let operation) = scope.part else {
      return LedgerTotals(of: rows.values.lazy.filter(scope.contains), at: now)
    }
    let attempts = (numbers[operation] ?? []).compactMap { rows[AttemptKey(operation: operation, number: $0)] }
    return LedgerTotals(of: attempts.filter(scope.contains), at: now)
  }
}
