import CoachVocabulary
import ConcurrencyKit
import FoundationEssentials
import LanguageModel
import Ledger

/// Where a call goes and why; a pure function of the call, the endpoints, their health and what the router remembers.
struct RoutingDecision {
  /// An endpoint that is left out, with the reason.
  struct Rejection {
    var endpoint: String
    var reason: String
  }

  /// What the decision rests on besides the call and the endpoints.
  struct Grounds {
    var score: ComplexityScore
    /// The kind of question that is learnt about.
    var questionKind: String
    var window: TrafficWindow
    var rates: SuccessRates
    /// The endpoint that answered the conversation last, if it may still remember it.
    var warmEndpoint: String?
    var now: Date
  }

  /// What an endpoint is expected to do with the kind of question.
  struct Expectation {
    var endpoint: String
    var success: Double
    var count: Int
  }

  let score: ComplexityScore
  let questionKind: String
  /// The share of recent traffic that is easier.
  let position: Double
  let level: ComplexityLevel
  let wantedTier: ModelTier
  private(set) var reason: String
  /// The endpoints to try, in order.
  private(set) var candidates: [ModelEndpoint] = []
  private(set) var rejections: [Rejection] = []
  private(set) var expectations: [Expectation] = []

  init(
    _ call: ModelCall,
    among endpoints: [ModelEndpoint],
    policy: RoutingPolicy,
    grounds: Grounds,
    isOpen: (ModelEndpoint) -> Bool
  ) {
    score = grounds.score
    questionKind = grounds.questionKind
    let key = call.origin.session?.rawValue ?? Self.unchangingText(of: call.judgedText)
    let tie = Self.place(of: key)
    let standing = grounds.window.standing(of: score.value, tie: tie, localShare: policy.localShare)
    position = standing.position
    let warm = endpoints.first { $0.name == grounds.warmEndpoint }
    level = policy.level(at: standing, warmTier: warm.map { $0.tier == .cloud })
    (wantedTier, reason) = Self.tier(call, level, policy, key)
    let need = TokenEstimator.promptTokens(of: call.request) + (call.request.maxOutputTokens ?? 0)
    let wanted = wantedTier
    for endpoint in endpoints.filter({ $0.tier == wanted }) + endpoints.filter({ $0.tier != wanted }) {
      if let reason = Self.obstacle(call, endpoint, tokens: need) ?? (isOpen(endpoint) ? "failed lately" : nil) {
        rejections.append(Rejection(endpoint: endpoint.name, reason: reason))
      } else {
        candidates.append(endpoint)
      }
    }
    if call.followsScore, policy.learning.isOn { heed(grounds, policy.learning) }
    preferWarm(warm)
    preferPinned(call.pinnedEndpoint)
  }

  /// Where the score alone sent the call, for the share that is kept; nil when something else decided.
  static func traffic(_ call: ModelCall, _ decision: RoutingDecision) -> (score: Double, isCloud: Bool)? {
    call.followsScore ? (decision.score.value, decision.wantedTier == .cloud) : nil
  }

  /// The decision for the event log; `attempts` are added once they are known.
  func json(operation: OperationID) -> [String: JSONValue] {
    [
      "operation": .string(operation.rawValue),
      "complexity": score.json,
      "level": .string(level.rawValue),
      "position": .double((position * 1e4).rounded() / 1e4),
      "question_kind": .string(questionKind),
      "wanted_tier": .string(wantedTier.rawValue),
      "reason": .string(reason),
      "expected_success": .array(
        expectations.map {
          [
            "endpoint": .string($0.endpoint), "success": .double(($0.success * 1e3).rounded() / 1e3),
            "known": .int($0.count),
          ]
        }
      ),
      "candidates": .array(candidates.map { .string($0.name) }),
      "rejected": .array(
        rejections.map { ["endpoint": .string($0.endpoint), "reason": .string($0.reason)] }
      ),
    ]
  }

  // MARK: - Rules that cannot be outweighed

  private static func obstacle(_ call: ModelCall, _ endpoint: ModelEndpoint, tokens: Int) -> String? {
    if call.isPrivate, endpoint.tier != .local { return "the question is private and stays in the local tier" }
    guard call.allowedTiers.contains(endpoint.tier) else { return "the \(endpoint.tier.rawValue) tier is not allowed" }
    let needs = call.request.tools.isEmpty ? call.needs : call.needs.union([.tools])
    let missing = needs.subtracting(endpoint.abilities).map(\.rawValue).sorted()
    if !missing.isEmpty { return "cannot do \(missing.joined(separator: ", "))" }
    if tokens > endpoint.contextTokens {
      return "holds \(endpoint.contextTokens) tokens, the call needs about \(tokens)"
    }
    return nil
  }

  private static func tier(
    _ call: ModelCall,
    _ level: ComplexityLevel,
    _ policy: RoutingPolicy,
    _ key: String
  ) -> (ModelTier, String) {
    if call.isPrivate { return (.local, "the question is private") }
    switch (call.tier, level, policy.moderate) {
    case (.local, _, _): return (.local, "the caller asks for local")
    case (.cloud, _, _): return (.cloud, "the caller asks for cloud")
    case (.auto, _, _) where call.isBudgetShort: return (.local, "the budget is short")
    case (.auto, .simple, _): return (.local, "the question is simple")
    case (.auto, .complex, _): return (.cloud, "the question is complex")
    case (.auto, .moderate, .local): return (.local, "moderate questions go to local")
    case (.auto, .moderate, .cloud): return (.cloud, "moderate questions go to cloud")
    case (.auto, .moderate, .split):
      return isInCloudShare(key, share: policy.moderateCloudShare)
        ? (.cloud, "the conversation is in the cloud share") : (.local, "the conversation is in the local share")
    }
  }

  // MARK: - What was learnt, what is warm, what is pinned

  /// Puts the cheapest endpoint first whose expected success reaches the target, or else the one with the best.
  private mutating func heed(_ grounds: Grounds, _ learning: LearningPolicy) {
    expectations = candidates.map { endpoint in
      let rate = grounds.rates.rate(
        of: endpoint.modelName,
        with: grounds.questionKind,
        at: grounds.now,
        halfLife: learning.halfLife
      )
      // The score is the belief: the tier it wants, and anything above that, is thought good enough.
      let isEnough = endpoint.tier == .cloud || wantedTier == .local
      let margin = isEnough ? SuccessRates.margin : -SuccessRates.margin
      let belief = min(0.97, max(0.03, learning.target + margin))
      return Expectation(endpoint: endpoint.name, success: rate.expected(belief: belief), count: rate.count)
    }
    guard expectations.contains(where: { $0.count > 0 }) else { return }
    let order = candidates.indices.sorted { Self.isCheaper(candidates[$0], $0, candidates[$1], $1) }
    let cheapest = order.first { expectations[$0].success >= learning.target }
    let best = candidates.indices.max { (expectations[$0].success, $1) < (expectations[$1].success, $0) }
    guard let chosen = cheapest ?? best, candidates[chosen].tier != candidates[0].tier || chosen != 0 else { return }
    let expectation = expectations[chosen]
    let percent = Int((expectation.success * 100).rounded())
    reason += "; the gates have taught that \(candidates[chosen].name) succeeds with \(percent) % of this kind"
    candidates.insert(candidates.remove(at: chosen), at: 0)
  }

  /// Local before cloud, then by price where it is known, then in the file's order.
  private static func isCheaper(_ one: ModelEndpoint, _ first: Int, _ other: ModelEndpoint, _ second: Int) -> Bool {
    func rank(_ endpoint: ModelEndpoint, _ index: Int) -> (Int, Int64, Int) {
      let price = endpoint.prices.map { $0.input.amount + $0.output.amount }
      return (endpoint.tier == .local ? 0 : 1, price ?? Int64.max, index)
    }
    return rank(one, first) < rank(other, second)
  }

  /// The endpoint that has the conversation in its cache goes before others of the same tier.
  private mutating func preferWarm(_ warm: ModelEndpoint?) {
    guard let warm, let index = candidates.firstIndex(where: { $0.name == warm.name }), index > 0,
      candidates[0].tier == warm.tier, expectations.allSatisfy({ $0.count == 0 })
    else { return }
    candidates.insert(candidates.remove(at: index), at: 0)
    reason += "; \(warm.name) answered the conversation last"
  }

  private mutating func preferPinned(_ name: String?) {
    guard let name, let index = candidates.firstIndex(where: { $0.name == name }) else { return }
    candidates.insert(candidates.remove(at: index), at: 0)
    reason = "the conversation is pinned to \(name)"
  }

  // MARK: - Shares

  /// Whether a conversation is in the cloud share: always the same answer for the same conversation.
  static func isInCloudShare(_ session: String, share: Double) -> Bool { place(of: session) < share }

  /// A number from 0 to below 1 that belongs to a text.
  static func place(of text: String) -> Double {
    // FNV-1a gathers the letters, one step of SplitMix64 spreads them over all bits.
    var mixer = SplitMix64(seed: stableHash(text.utf8))
    return Double(mixer.next() >> 11) / Double(1 << 53 as UInt64)
  }

  /// A prompt's tokens, which white space, case and trailing punctuation do not change.
  static func unchangingText(of prompt: String) -> String {
    let text = PromptText(prompt)
    return text.tokens.map { text.text(of: $0) }.joined(separator: " ")
  }
}

extension ModelCall {
  /// What the complexity is judged by.
  var judgedText: String { complexity?.question ?? request.lastUserText }

  /// Whether the score decides about the tier.
  var followsScore: Bool { tier == .auto && !isPrivate && !isBudgetShort && pinnedEndpoint == nil }
}
