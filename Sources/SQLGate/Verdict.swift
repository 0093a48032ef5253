/// Whether a statement may run.
public enum Verdict: Hashable, Sendable {
  /// It may, in this form.
  case pass(GatedSQL)
  /// It may not, but its writer can put it right.
  case repairable(Refusal)
  /// It may not, and there is no point in trying again.
  case forbidden(Refusal)

  init(_ refusal: Refusal) {
    self = refusal.reason.isRepairable ? .repairable(refusal) : .forbidden(refusal)
  }

  /// The statement that may run, if it may.
  public var gated: GatedSQL? {
    if case .pass(let gated) = self { gated } else { nil }
  }

  /// Why it may not run, if it may not.
  public var refusal: Refusal? {
    switch self {
    case .pass: nil
    case .repairable(let refusal), .forbidden(let refusal): refusal
    }
  }
}

/// What one check said, for the audit.
public struct Finding: Hashable, Sendable {
  /// What a check can say.
  public enum Outcome: Hashable, Sendable {
    /// Nothing is wrong.
    case passed
    /// The statement was changed so that it can do less; the text says how.
    case narrowed(String)
    /// The statement may not run.
    case refused(Refusal)
  }

  /// The name of the check.
  public var check: String
  /// What it said.
  public var outcome: Outcome

  /// Makes a finding.
  public init(check: String, outcome: Outcome) {
    self.check = check
    self.outcome = outcome
  }
}

/// The gate's answer about one text.
public struct GateDecision: Hashable, Sendable {
  /// Whether it may run.
  public var verdict: Verdict
  /// What each check said, in order; it ends with the first refusal.
  public var trail: [Finding]

  /// Makes a decision out of its parts.
  public init(verdict: Verdict, trail: [Finding]) {
    self.verdict = verdict
    self.trail = trail
  }
}
