import CoachVocabulary
import ConcurrencyKit
import LanguageModel
import Ledger

/// Where a call goes and why; a pure function of the call, the endpoints and their health.
struct RoutingDecision {
  /// An endpoint that is left out, with the reason.
  struct Rejection {
    var endpoint: String
    var reason: String
  }

  let score: ComplexityScore
  let level: ComplexityLevel
  let wantedTier: ModelTier
  let reason: String
  /// The endpoints to try, in order.
  private(set) var candidates: [ModelEndpoint] = []
  private(set) var rejections: [Rejection] = []

  init(
    _ call: ModelCall,
    among endpoints: [ModelEndpoint],
    policy: RoutingPolicy,
    isOpen: (ModelEndpoint) -> Bool
  ) {
    let score = ComplexityScore(call.complexity ?? ComplexityInput(question: call.request.lastUserText))
    self.score = score
    level = policy.level(of: score.value)
    (wantedTier, reason) = Self.tier(call, level, policy)
    let wanted = wantedTier
    let need = TokenEstimator.promptTokens(of: call.request) + (call.request.maxOutputTokens ?? 0)
    for endpoint in endpoints.filter({ $0.tier == wanted }) + endpoints.filter({ $0.tier != wanted }) {
      if let reason = Self.obstacle(call, endpoint, tokens: need) ?? (isOpen(endpoint) ? "failed lately" : nil) {
        rejections.append(Rejection(endpoint: endpoint.name, reason: reason))
      } else {
        candidates.append(endpoint)
      }
    }
  }

  /// The decision for the event log; `attempts` are added once they are known.
  func json(operation: OperationID, attempts: [JSONValue] = []) -> JSONValue {
    [
      "operation": .string(operation.rawValue),
      "complexity": score.json,
      "level": .string(level.rawValue),
      "wanted_tier": .string(wantedTier.rawValue),
      "reason": .string(reason),
      "candidates": .array(candidates.map { .string($0.name) }),
      "rejected": .array(
        rejections.map { ["endpoint": .string($0.endpoint), "reason": .string($0.reason)] }
      ),
      "attempts": .array(attempts),
    ]
  }

  private static func obstacle(_ call: ModelCall, _ endpoint: ModelEndpoint, tokens: Int) -> String? {
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
    _ policy: RoutingPolicy
  ) -> (ModelTier, String) {
    switch (call.tier, level, policy.moderate) {
    case (.local, _, _): return (.local, "the caller asks for local")
    case (.cloud, _, _): return (.cloud, "the caller asks for cloud")
    case (.auto, .simple, _): return (.local, "the question is simple")
    case (.auto, .complex, _): return (.cloud, "the question is complex")
    case (.auto, .moderate, .local): return (.local, "moderate questions go to local")
    case (.auto, .moderate, .cloud): return (.cloud, "moderate questions go to cloud")
    case (.auto, .moderate, .split):
      let isCloud = isInCloudShare(
        call.origin.session?.rawValue ?? call.request.lastUserText,
        share: policy.moderateCloudShare
      )
      return isCloud
        ? (.cloud, "the conversation is in the cloud share") : (.local, "the conversation is in the local share")
    }
  }

  /// Whether a conversation is in the cloud share: always the same answer for the same conversation.
  static func isInCloudShare(_ session: String, share: Double) -> Bool {
    // FNV-1a gathers the letters, one step of SplitMix64 spreads them over all bits.
    let hash = session.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var mixer = SplitMix64(seed: hash)
    return Double(mixer.next() >> 11) / Double(1 << 53 as UInt64) < share
  }
}
