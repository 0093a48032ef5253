import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials

/// A ledger store that forgets everything when it goes; for tests and for runs without a data folder.
public final class MemoryLedgerStore: LedgerStore {
  /// The attempts of each call, in order of their numbers' arrival: most caps are about one call.
  private let calls = Locked<[OperationID: [ModelAttempt]]>([:])

  /// Makes an empty store.
  public init() {}

  /// Writes the row of an attempt that is about to start, after checking every cap.
  public func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    try calls.withLock { calls throws(LedgerFailure) in
      if let row = calls[attempt.key.operation]?.first(where: { $0.key == attempt.key }) {
        if row.opensLike(attempt) { return }
        throw .alreadyBegun(attempt.key)
      }
      for cap in caps {
        let committed = Self.sum(calls, cap.scope, at: attempt.startedAt).committed
        if let refusal = cap.refusal(of: attempt, committed: committed) { throw refusal }
      }
      calls[attempt.key.operation, default: []].append(attempt)
    }
  }

  /// Closes a row; settling twice changes nothing, except that reported usage replaces an estimate.
  public func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    try calls.withLock { calls throws(LedgerFailure) in
      let operation = settlement.key.operation
      guard let index = calls[operation]?.firstIndex(where: { $0.key == settlement.key }),
        let row = calls[operation]?[index]
      else { throw .unknownAttempt(settlement.key) }
      let settled = row.settled(by: settlement)
      calls[operation]?[index] = settled
      return settled
    }
  }

  /// The rows of a scope, in the order of their start; the newest `limit` of them.
  public func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] {
    let found = calls.withLock { $0.values.flatMap { $0.filter(scope.contains) } }
    return Array(found.sorted { ($0.startedAt, $0.key) < ($1.startedAt, $1.key) }.suffix(max(0, limit)))
  }

  /// The sum over all rows of a scope at a moment.
  public func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals {
    calls.withLock { Self.sum($0, scope, at: now) }
  }

  private static func sum(
    _ calls: [OperationID: [ModelAttempt]],
    _ scope: LedgerScope,
    at now: Date
  ) -> LedgerTotals {
    guard case .operation(let operation) = scope.part else {
      return LedgerTotals(of: calls.values.lazy.joined().filter(scope.contains), at: now)
    }
    return LedgerTotals(of: (calls[operation] ?? []).lazy.filter(scope.contains), at: now)
  }
}
