public import CoachVocabulary
import ConcurrencyKit
import LanguageModel
public import Ledger

extension ModelRouter {
  /// The kind of question that fates are gathered by: its form, whether the parser knew its words, how hard it looks.
  public func questionKind(of input: ComplexityInput) -> String {
    Self.questionKind(difficulty.score(input.question), input)
  }

  static func questionKind(_ score: ComplexityScore, _ input: ComplexityInput) -> String {
    let hardness = score.value < 1.0 / 3 ? "easy" : score.value < 2.0 / 3 ? "middling" : "hard"
    return "\(score.kind.rawValue), \(input.unresolvedWords > 0 ? "unknown" : "known") words, \(hardness)"
  }

  /// Learns what became of a statement that a model wrote.
  ///
  /// It is kept also while learning is switched off, for the day it is switched on.
  /// - Throws: ``RoutingStoreFailure``.
  public func learn(_ outcome: GateOutcome, of tenant: TenantID) async throws(RoutingStoreFailure) {
    try await memory.record(outcome, of: tenant)
  }

  /// Learns whether the user kept the answer of a run or corrected it.
  ///
  /// - Throws: ``RoutingStoreFailure``.
  public func learn(_ run: RunID, isKept: Bool, of tenant: TenantID) async throws(RoutingStoreFailure) {
    try await memory.mark(run, isKept: isKept, of: tenant)
  }

  /// What it has learnt of a tenant's questions, by kind and model.
  public func learnt(of tenant: TenantID) async -> [SuccessRates.Rate] {
    await memory.prepare(tenant)
    return memory.rates(of: tenant).all(at: environment.wallClock.now, halfLife: policy.learning.halfLife)
  }

  /// A tenant's recent traffic.
  public func traffic(of tenant: TenantID) async -> TrafficWindow {
    await memory.prepare(tenant)
    return memory.window(of: tenant)
  }

  /// Sends a prompt as a call would be, without asking a model: the score, the class and the tier.
  ///
  /// The prompt counts as traffic.
  public func classify(_ prompt: String, session: SessionID? = nil, of tenant: TenantID) async -> Classification {
    await memory.prepare(tenant)
    let call = ModelCall(ModelRequest(messages: [.user(prompt)]), origin: CallOrigin(tenant: tenant, session: session))
    let (decision, toSave) = decide(call)
    if let toSave { await memory.save(toSave, of: tenant) }
    return Classification(
      score: decision.score,
      position: decision.position,
      level: decision.level,
      tier: decision.wantedTier
    )
  }

  /// What the score says about a prompt.
  public struct Classification: Hashable, Sendable {
    /// The score with its features.
    public var score: ComplexityScore
    /// The share of recent traffic that is easier, 0…1.
    public var position: Double
    /// The class.
    public var level: ComplexityLevel
    /// The tier it would go to first.
    public var tier: ModelTier
  }

  /// Keeps what is not kept yet; to be called before the program ends.
  public func close() async { await memory.saveAll() }
}
