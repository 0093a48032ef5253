import CoachVocabulary
import ConcurrencyKit
public import FoundationEssentials

/// A ledger store that forgets everything when it goes; for tests and for runs without a data folder.
public final class MemoryLedgerStore: LedgerStore {
  private struct State {
    /// The attempts of each call, in order of their arrival.
    var calls: [OperationID: [ModelAttempt]] = [:]
    var sums = CommittedSums()

    /// What counts against a cap on a scope.
    mutating func committed(in scope: LedgerScope) -> NanoDollars {
      guard case .operation(let operation) = scope.part else {
        return sums.committed(in: scope) { [calls] in calls.values.lazy.joined() }
      }
      return (calls[operation] ?? []).reduce(.zero) { scope.contains($1) ? $0 + $1.committed : $0 }
    }
  }

  private let state = Locked(State())

  /// Makes an empty store.
  public init() {}

  /// Writes the row of an attempt that is about to start, after checking every cap.
  public func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure) {
    try state.withLock { state throws(LedgerFailure) in
      if let row = state.calls[attempt.key.operation]?.first(where: { $0.key == attempt.key }) {
        if row.opensLike(attempt) { return }
        throw .alreadyBegun(attempt.key)
      }
      for cap in caps {
        if let refusal = cap.refusal(of: attempt, committed: state.committed(in: cap.scope)) { throw refusal }
      }
      state.calls[attempt.key.operation, default: []].append(attempt)
      state.sums.note(attempt)
    }
  }

  /// Closes a row; settling twice changes nothing, except that reported usage replaces an estimate.
  public func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt {
    try state.withLock { state throws(LedgerFailure) in
      let operation = settlement.key.operation
      guard let index = state.calls[operation]?.firstIndex(where: { $0.key == settlement.key }),
        let row = state.calls[operation]?[index]
      else { throw .unknownAttempt(settlement.key) }
      let settled = row.settled(by: settlement)
      state.calls[operation]?[index] = settled
      state.sums.note(settled, before: row)
      return settled
    }
  }

  /// The rows of a scope, in the order of their start; the newest `limit` of them.
  public func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt] {
    let found = state.withLock { $0.calls.values.flatMap { $0.filter(scope.contains) } }
    return Array(found.sorted { ($0.startedAt, $0.key) < ($1.startedAt, $1.key) }.suffix(max(0, limit)))
  }

  /// The sum over all rows of a scope at a moment.
  public func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals {
    state.withLock { Self.sum($0.calls, scope, at: now) }
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
