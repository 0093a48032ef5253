public import FoundationEssentials

/// Where the rows of the ledger live.
///
/// The rules that every store must share are plain functions of the values: ``ModelAttempt/settled(by:)`` decides what
/// a settlement changes, ``ModelAttempt/opensLike(_:)`` whether two rows open the same attempt,
/// ``SpendingCap/refusal(of:committed:)`` whether a cap allows an attempt, and ``LedgerTotals/init(of:at:)`` what a sum
/// is. A store adds only that each call below happens wholly or not at all, also when many tasks or processes call at
/// the same time.
public protocol LedgerStore: Sendable {
  /// Writes the row of an attempt that is about to start, after checking every cap in the same transaction.
  ///
  /// Caps are checked as of the attempt's start. Beginning the same attempt again (``ModelAttempt/opensLike(_:)``) changes nothing.
  /// - Throws: ``LedgerFailure/capReached(_:committed:wanted:)`` when a cap would be passed (no row is written),
  ///   ``LedgerFailure/alreadyBegun(_:)`` when another row has this key, ``LedgerFailure/storage(_:)`` when writing
  ///   failed.
  func begin(_ attempt: ModelAttempt, within caps: [SpendingCap]) async throws(LedgerFailure)

  /// Closes a row by ``ModelAttempt/settled(by:)`` and gives the row as it stands afterwards.
  ///
  /// Settling twice changes nothing, except that what a provider reported replaces an estimate.
  /// - Throws: ``LedgerFailure/unknownAttempt(_:)`` when the attempt never began, ``LedgerFailure/storage(_:)``.
  func settle(_ settlement: AttemptSettlement) async throws(LedgerFailure) -> ModelAttempt

  /// The rows of a scope, by start, then operation, then attempt number; at most `limit`, the newest ones.
  func attempts(in scope: LedgerScope, limit: Int) async throws(LedgerFailure) -> [ModelAttempt]

  /// The sum over all rows of a scope at a moment; equal to ``LedgerTotals/init(of:at:)`` over these rows.
  func totals(in scope: LedgerScope, at now: Date) async throws(LedgerFailure) -> LedgerTotals
}
