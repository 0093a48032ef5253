public import CoachVocabulary
public import ConcurrencyKit
import FoundationEssentials
public import LanguageModel
public import Ledger

/// Which tier a caller asks for.
public enum TierChoice: String, Hashable, Sendable, CaseIterable {
  /// The one that fits the question.
  case auto
  /// The local one first.
  case local
  /// The cloud one first.
  case cloud
}

/// Who makes a call, for the ledger.
public struct CallOrigin: Hashable, Sendable {
  /// Whose call it is.
  public var tenant: TenantID
  /// Who asked, if known.
  public var user: UserID?
  /// The run that makes it.
  public var run: RunID?
  /// The conversation it belongs to; it also decides to which side of a split the call goes.
  public var session: SessionID?
  /// The graph node that makes it.
  public var node: String?
  /// The agent that makes it.
  public var agent: String?

  /// Makes an origin.
  public init(
    tenant: TenantID = .local,
    user: UserID? = nil,
    run: RunID? = nil,
    session: SessionID? = nil,
    node: String? = nil,
    agent: String? = nil
  ) {
    self.tenant = tenant
    self.user = user
    self.run = run
    self.session = session
    self.node = node
    self.agent = agent
  }
}

extension ModelAttempt {
  /// The row of an attempt that somebody is about to make.
  init(
    key: AttemptKey,
    of origin: CallOrigin,
    tier: ModelTier,
    endpoint: String,
    model: String,
    startedAt: Date,
    leaseExpires: Date? = nil
  ) {
    self.init(
      key: key,
      tenant: origin.tenant,
      user: origin.user,
      run: origin.run,
      session: origin.session,
      node: origin.node,
      agent: origin.agent,
      tier: tier,
      endpoint: endpoint,
      model: model,
      startedAt: startedAt,
      leaseExpires: leaseExpires
    )
  }
}

/// A request with all that routing needs to know.
public struct ModelCall: Hashable, Sendable {
  /// What to ask.
  public var request: ModelRequest
  /// Who asks.
  public var origin: CallOrigin
  /// What the complexity is judged by; nil judges the last user message.
  public var complexity: ComplexityInput?
  /// Which tier to ask first.
  public var tier: TierChoice
  /// The tiers that may see the request at all; leave the cloud out for what must not leave the house.
  public var allowedTiers: Set<ModelTier>
  /// Whether the question must not leave the house: only endpoints of the local tier see it, whatever else is said.
  public var isPrivate: Bool
  /// Whether a soft budget is used up, so that what may go to the local tier does.
  public var isBudgetShort: Bool
  /// The endpoint that the conversation is pinned to; it is asked first unless a hard rule leaves it out.
  public var pinnedEndpoint: String?
  /// What the model must be able to do.
  ///
  /// Tools in the request imply ``ModelAbility/tools``.
  public var needs: Set<ModelAbility>
  /// When the whole call has to be done, all attempts together; nil leaves only the endpoints' own limits.
  public var deadline: Deadline?
  /// What must not be spent.
  public var caps: [SpendingCap]
  /// The call's name in the ledger; nil makes a new one.
  ///
  /// Never reuse one for a request that is really sent again.
  public var operation: OperationID?

  /// Makes a call.
  public init(
    _ request: ModelRequest,
    origin: CallOrigin = CallOrigin(),
    complexity: ComplexityInput? = nil,
    tier: TierChoice = .auto,
    allowedTiers: Set<ModelTier> = Set(ModelTier.allCases),
    isPrivate: Bool = false,
    isBudgetShort: Bool = false,
    pinnedEndpoint: String? = nil,
    needs: Set<ModelAbility> = [],
    deadline: Deadline? = nil,
    caps: [SpendingCap] = [],
    operation: OperationID? = nil
  ) {
    self.request = request
    self.origin = origin
    self.complexity = complexity
    self.tier = tier
    self.allowedTiers = allowedTiers
    self.isPrivate = isPrivate
    self.isBudgetShort = isBudgetShort
    self.pinnedEndpoint = pinnedEndpoint
    self.needs = needs
    self.deadline = deadline
    self.caps = caps
    self.operation = operation
  }
}
