public import CoachVocabulary
public import ConcurrencyKit
public import Declarations
public import Goals
import Ledger
public import ModelRouting

/// What the coach's nodes need from the program around them.
public struct CoachServices: Sendable {
  /// The domains by name.
  public var domains: [String: Domain]
  /// Looks up a domain that came after the start.
  public var laterDomains: @Sendable (String) -> Domain?
  /// The agents by name.
  public var agents: [String: AgentDeclaration]
  /// The models; without endpoints every agent does what it does without a model.
  public var router: ModelRouter
  /// The time of day.
  public var clock: WallClock
  /// Keeps goals; without it no goal can be planned in a run.
  public var goals: (any GoalStore)?
  /// Where identifiers of goals come from.
  public var identifiers: IdentifierSource
  /// Completes and keeps an answer: adds identifiers, usage and cost, and saves it with the conversation.
  ///
  /// It is called once a run, through an effect, with the run, the session and the answer.
  public var deliver: @Sendable (RunID, SessionID, JSONValue) async throws -> JSONValue
  /// Keeps what became of models' statements; nil where there is nothing to keep it in.
  public var audit: (any StatementAuditing)?

  /// Puts the services together.
  public init(
    domains: [String: Domain],
    laterDomains: @escaping @Sendable (String) -> Domain? = { _ in nil },
    agents: [String: AgentDeclaration],
    router: ModelRouter,
    clock: WallClock,
    audit: (any StatementAuditing)? = nil,
    goals: (any GoalStore)? = nil,
    identifiers: IdentifierSource = IdentifierSource(milliseconds: { 0 }, random: { 0 }),
    deliver: @escaping @Sendable (RunID, SessionID, JSONValue) async throws -> JSONValue
  ) {
    self.domains = domains
    self.laterDomains = laterDomains
    self.agents = agents
    self.router = router
    self.clock = clock
    self.audit = audit
    self.goals = goals
    self.identifiers = identifiers
    self.deliver = deliver
  }

  /// Services that answer nothing: enough to check graphs against the nodes' names.
  public static func none(agents: [String: AgentDeclaration]) -> CoachServices {
    let identifiers = IdentifierSource(milliseconds: { 0 }, random: { 0 })
    let router = ModelRouter(
      endpoints: [],
      policy: RoutingPolicy(),
      ledger: Ledger(store: MemoryLedgerStore(), prices: PriceTable(), now: { WallClock.system.now }),
      environment: ModelRouter.Environment(seed: 0, identifiers: identifiers)
    )
    return CoachServices(domains: [:], agents: agents, router: router, clock: .system) { _, _, answer in answer }
  }

  func domain(_ name: String?) throws -> Domain {
    guard let name, let domain = domains[name] ?? laterDomains(name) else {
      throw CoachFailure.unknownDomain(name ?? "")
    }
    return domain
  }
}

/// Why a node of the coach could not do its work.
public enum CoachFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The run names a domain that is not open.
  case unknownDomain(String)
  /// The graph uses a node in a place where its input is missing.
  case missingInput(String)
  /// The prompt could not be filled in.
  case prompt(String)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .unknownDomain(let name): "there is no domain '\(name)'"
    case .missingInput(let what): "the node needs \(what); check the order of nodes in the graph"
    case .prompt(let why): "the prompt cannot be filled in: \(why)"
    }
  }
}
