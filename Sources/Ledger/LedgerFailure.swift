public import CoachVocabulary
import FoundationEssentials

/// Why the ledger refused or failed.
public enum LedgerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The attempt could cost more than a cap leaves.
  case capReached(SpendingCap, committed: NanoDollars, wanted: NanoDollars)
  /// Nobody knows what the endpoint costs, so the cap could not hold.
  case unpriced(endpoint: String, SpendingCap)
  /// Another row has this key already.
  case alreadyBegun(AttemptKey)
  /// No row has this key.
  case unknownAttempt(AttemptKey)
  /// The store could not read or write; the text says why.
  case storage(String)

  /// Whether the attempt may not be paid for, in contrast to a fault of the ledger.
  public var isAboutMoney: Bool {
    switch self {
    case .capReached, .unpriced: true
    case .alreadyBegun, .unknownAttempt, .storage: false
    }
  }

  /// What happened and how to mend it.
  public var description: String {
    switch self {
    case .capReached(let cap, let committed, let wanted):
      "\(cap); $\(committed.dollarText) is spent or reserved and this call may cost $\(wanted.dollarText). "
        + (cap.resetsAt.map { "It begins anew at \($0.ISO8601Format()). " } ?? "")
        + "Raise it or ask for fewer output tokens."
    case .unpriced(let endpoint, let cap):
      "\(cap), and nobody knows what endpoint '\(endpoint)' costs. Declare its prices, or take it out of use."
    case .alreadyBegun(let key): "Attempt \(key) is in the ledger already with other facts; use a new attempt number."
    case .unknownAttempt(let key): "Attempt \(key) is not in the ledger; begin it before settling it."
    case .storage(let reason): "The ledger could not be read or written: \(reason)"
    }
  }
}
