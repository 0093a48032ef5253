public import CoachVocabulary
public import FoundationEssentials
import Glibc

/// What became of one statement that a model wrote.
public struct GateOutcome: Hashable, Sendable {
  /// What the gate said.
  public enum GateVerdict: String, Hashable, Sendable, CaseIterable {
    /// It may run.
    case pass
    /// It may not, but a hint could mend it.
    case repairable
    /// It may not.
    case forbidden
  }

  /// The run that asked for the statement.
  public var run: RunID
  /// Which statement of the run, from 1; the same number again replaces what was known.
  public var number: Int
  /// The kind of question, as ``ModelRouter/questionKind(of:)`` names it.
  public var kind: String
  /// The model that wrote it, as the server names it.
  public var model: String
  /// What the gate said.
  public var verdict: GateVerdict
  /// Whether it ran.
  public var isExecuted: Bool
  /// Whether its result could be true: rows where some must be, shares within their range.
  public var isSane: Bool
  /// Whether the user kept the answer or corrected it; nil while nothing is known.
  public var isKept: Bool?
  /// When.
  public var recordedAt: Date

  /// Makes an outcome.
  public init(
    run: RunID,
    number: Int,
    kind: String,
    model: String,
    verdict: GateVerdict,
    isExecuted: Bool,
    isSane: Bool,
    isKept: Bool? = nil,
    recordedAt: Date
  ) {
    self.run = run
    self.number = number
    self.kind = kind
    self.model = model
    self.verdict = verdict
    self.isExecuted = isExecuted
    self.isSane = isSane
    self.isKept = isKept
    self.recordedAt = recordedAt
  }

  /// Whether the statement did its work.
  public var isSuccess: Bool { verdict == .pass && isExecuted && isSane && isKept != false }
}

/// How often models succeed with each kind of question: fates that fade, on top of what is believed without any.
///
/// The expected success is the mean of a beta distribution: (belief × ``strength`` + successes) ÷ (``strength`` + fates),
/// where a fate counts half after each half-life. Equal outcomes and times give equal rates.
public struct SuccessRates: Hashable, Sendable {
  /// How many fates a belief is worth.
  public static let strength = 10.0
  /// How far the belief in a model that the score calls good enough, or not, is from the target.
  static let margin = 0.15

  /// What was learnt of one model with one kind of question.
  public struct Rate: Hashable, Sendable {
    /// The kind of question.
    public var kind: String
    /// The model.
    public var model: String
    /// How many fates are known.
    public var count: Int
    /// What they weigh now.
    public var weight: Double
    /// What the successes among them weigh now.
    public var successes: Double

    /// The expected success for a belief without any fates.
    public func expected(belief: Double) -> Double {
      (belief * SuccessRates.strength + successes) / (SuccessRates.strength + weight)
    }
  }

  private struct Key: Hashable {
    var kind: String
    var model: String
  }

  private var outcomes: [Key: [GateOutcome]] = [:]
  /// How many fates of one model and kind are kept; by then the oldest weigh little.
  private static let limit = 200

  /// Starts with outcomes, oldest first.
  public init(_ outcomes: [GateOutcome] = []) {
    for outcome in outcomes { add(outcome) }
  }

  /// Adds an outcome; one of the same run and number is replaced.
  public mutating func add(_ outcome: GateOutcome) {
    let key = Key(kind: outcome.kind, model: outcome.model)
    var known = outcomes[key] ?? []
    known.removeAll { $0.run == outcome.run && $0.number == outcome.number }
    known.append(outcome)
    outcomes[key] = known.suffix(Self.limit)
  }

  /// Says whether the user kept the answer of a run.
  public mutating func mark(_ run: RunID, isKept: Bool) {
    for (key, known) in outcomes where known.contains(where: { $0.run == run }) {
      outcomes[key] = known.map { outcome in
        var outcome = outcome
        if outcome.run == run { outcome.isKept = isKept }
        return outcome
      }
    }
  }

  /// What is known of a model with a kind of question at a moment.
  public func rate(of model: String, with kind: String, at now: Date, halfLife: Duration) -> Rate {
    var rate = Rate(kind: kind, model: model, count: 0, weight: 0, successes: 0)
    for outcome in outcomes[Key(kind: kind, model: model)] ?? [] {
      let age = max(0, now.timeIntervalSince(outcome.recordedAt))
      let weight = exp2(-age / max(1, halfLife / .seconds(1)))
      rate.count += 1
      rate.weight += weight
      if outcome.isSuccess { rate.successes += weight }
    }
    return rate
  }

  /// Everything that is known, by kind and model.
  public func all(at now: Date, halfLife: Duration) -> [Rate] {
    outcomes.keys.sorted { ($0.kind, $0.model) < ($1.kind, $1.model) }
      .map { rate(of: $0.model, with: $0.kind, at: now, halfLife: halfLife) }
  }
}
