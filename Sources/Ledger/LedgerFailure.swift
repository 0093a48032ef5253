public import CoachVocabulary

/// Why the ledger refused or failed.
public enum LedgerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The attempt could cost more than a cap leaves.
  case capReached(SpendingCap, committed: NanoDollars, wanted: NanoDollars)
  /// Another row has this key already.
  case alreadyBegun(AttemptKey)
  /// No row has this key.
  case unknownAttempt(AttemptKey)
  /// The store could not read or write; the text says why.
  case storage(String)

  /// What happened and how to mend it.
  public var description: String {
    switch self {
    case .capReached(let cap, let committed, let wanted):
      "The spending cap of \(cap.scope) is $\(cap.most.dollarText); $\(committed.dollarText) is spent or reserved and "
        + "this call may cost $\(wanted.dollarText). Raise the cap or ask for fewer output tokens."
    case .alreadyBegun(let key): "Attempt \(key) is in the ledger already with other facts; use a new attempt number."
    case .unknownAttempt(let key): "Attempt \(key) is not in the ledger; begin it before settling it."
    case .storage(let reason): "The ledger could not be read or written: \(reason)"
    }
  }
}
