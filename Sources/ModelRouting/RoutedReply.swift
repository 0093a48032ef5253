public import CoachVocabulary
public import LanguageModel
public import Ledger

/// What happens while a call is routed and answered.
public enum RoutedEvent: Hashable, Sendable {
  /// Where the call will go and why; comes first and once.
  case decided(JSONValue)
  /// An endpoint was asked, and no text has been given out before.
  case started(endpoint: String)
  /// The next piece of the text.
  case text(String)
  /// A soft budget was passed.
  case budgetPassed(SpendingCap)
  /// The text given out so far is void, and an endpoint was asked anew; its text starts from the beginning.
  case restarted(endpoint: String)
}

/// The reply to a call, with who gave it and what it took.
public struct RoutedReply: Hashable, Sendable {
  /// The text.
  public var text: String
  /// The JSON in the text, checked against the schema; nil when no schema was asked for or tools were called.
  public var json: JSONValue?
  /// The tools the model asks for.
  public var toolCalls: [ToolCall]
  /// Whether the reply broke off after its beginning had been given out; the text is what came until then.
  public var isPartial: Bool
  /// Why the model stopped.
  public var finishReason: FinishReason
  /// The endpoint that answered.
  public var endpoint: String
  /// The model that answered.
  public var model: String
  /// Where it runs.
  public var tier: ModelTier
  /// The ledger rows of all attempts, in order.
  public var attempts: [ModelAttempt]
  /// The decision and the attempts, for the run's event log.
  public var record: JSONValue
}

/// Why a call got no reply.
public struct RoutingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The classes of failure.
  public enum Kind: Hashable, Sendable {
    /// No endpoint may or can take the call now; the texts say why, one for each.
    case noEndpoint([String])
    /// The last endpoint that was tried failed like this.
    case model(ModelFailure)
    /// The reply did not fit the schema, also after one repair.
    case invalidOutput([String])
    /// A spending cap leaves too little.
    case overBudget(LedgerFailure)
    /// The ledger cannot be written, so nothing may be spent.
    case ledger(LedgerFailure)
    /// The call's deadline passed.
    case deadlinePassed
    /// The caller stopped it.
    case cancelled
  }

  /// The class of failure.
  public var kind: Kind
  /// The text that had come before the last failure; it may have been given out and is not complete.
  public var partialText: String
  /// The ledger rows of all attempts, in order.
  public var attempts: [ModelAttempt]
  /// The decision and the attempts, for the run's event log.
  public var record: JSONValue

  /// What happened, without words of the prompt or the reply.
  public var description: String {
    switch kind {
    case .noEndpoint(let reasons):
      reasons.isEmpty
        ? "No model is configured; add an endpoint to config/models.yaml or set its environment variables."
        : "No model can take the call: \(reasons.joined(separator: "; "))."
    case .model(let failure): failure.description
    case .invalidOutput(let faults):
      "The model's reply did not fit the schema after one repair: \(faults.joined(separator: "; "))."
    case .overBudget(let failure), .ledger(let failure): failure.description
    case .deadlinePassed: "The model call did not end before its deadline; allow it more time."
    case .cancelled: "The model call was stopped."
    }
  }
}
