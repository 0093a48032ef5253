import CoachVocabulary
import ConcurrencyKit

/// One prompt with what a weak and a strong model made of it.
public struct RouterExample: Hashable, Sendable {
  /// What the row is called; the data may leave it out.
  public var id: String
  /// The set it belongs to; figures are given for each set.
  public var set: String
  /// Its subject within the set, a help for training; may be empty.
  public var category: String
  /// The prompt.
  public var prompt: String
  /// The weak model's quality, 0…1.
  public var weak: Double
  /// The strong model's quality, 0…1.
  public var strong: Double

  /// Makes an example.
  public init(id: String, set: String, category: String = "", prompt: String, weak: Double, strong: Double) {
    self.id = id
    self.set = set
    self.category = category
    self.prompt = prompt
    self.weak = weak
    self.strong = strong
  }

  var gain: Double { strong - weak }
}

/// Fits the weights of a ``DifficultyModel`` to the expected gain of the strong model, and measures them by folds.
///
/// Prompts with options get boosted stumps over all measures (Friedman 2001, "Greedy Function Approximation", squared loss)
/// averaged with a ridge regression over hashed words; all others a ridge regression over measures that mean the same
/// in every subject. Nothing is drawn by chance but the folds, and those by a seed: equal data give equal weights.
public struct RouterTraining: Sendable {
  /// How to train.
  public struct Configuration: Hashable, Sendable {
    /// How many parts the data are cut into for measuring.
    public var folds = 5
    /// How often the cutting is repeated with other parts.
    public var repeats = 3
    /// Where the cutting starts.
    public var seed: UInt64 = 1
    /// How many stumps are added.
    public var rounds = 150
    /// How much of each stump is added.
    public var rate = 0.1

    /// Makes the configuration that the shipped weights were trained with.
    public init() {}
  }

  /// The share of the strong model's quality gained, averaged over all budgets (APGR), for one set.
  public struct Figure: Hashable, Sendable {
    /// The set.
    public var set: String
    /// How many prompts it has.
    public var count: Int
    /// One figure for each repetition, from the scores of the parts that were left out of training.
    public var repetitions: [Double]
    /// One figure for each part of the first repetition; not meaningful where a part is small.
    public var folds: [Double]

    /// The mean of the repetitions.
    public var mean: Double { repetitions.reduce(0, +) / Double(max(1, repetitions.count)) }
  }

  /// What training gave.
  public struct Outcome: Sendable {
    /// The weights, fitted on all examples.
    public var model: DifficultyModel
    /// How good weights are that had not seen the prompt.
    public var figures: [Figure]
    /// The score of each example, in their order, by weights that had not seen it; of the first repetition.
    public var unseenScores: [Double]
  }

  /// The fewest examples that are trained on.
  public static let leastExamples = 40

  /// The open measures: what means the same in every subject.
  static let openFeatures: [String] = [
    "words", "sentences", "words in a sentence", "letters in a word", "share of long words", "repeated words",
    "numbers", "distinct numbers", "decimals", "percent", "commas", "questions", "brackets", "operators", "code signs",
    "negations", "causal words", "step words", "fractions", "comparisons", "mathematics", "conditions", "conjunctions",
  ]

  private let configuration: Configuration

  /// Makes a training.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains on all examples and measures by folds.
  ///
  /// - Parameters:
  ///   - examples: at least ``leastExamples``.
  ///   - source: what the data are called, for the report.
  ///   - dataHash: the hash of the data, for the report.
  /// - Returns: the weights and how good they are.
  /// - Throws: ``RouterDataFault/tooFew(_:)``.
  public func run(_ examples: [RouterExample], source: String, dataHash: String) throws(RouterDataFault) -> Outcome {
    guard examples.count >= Self.leastExamples else { throw .tooFew(examples.count) }
    let prepared = examples.map { PreparedExample($0) }
    let sets = Self.orderedSets(examples)
    var figures = sets.map { set in
      Figure(set: set, count: examples.count { $0.set == set }, repetitions: [], folds: [])
    }
    var unseen: [Double] = []
    for repetition in 0..<configuration.repeats {
      let parts = self.parts(examples.count, repetition: repetition)
      let scores = scoresOfUnseen(prepared, parts)
      if repetition == 0 { unseen = scores }
      for index in figures.indices {
        let members = examples.indices.filter { examples[$0].set == figures[index].set }
        figures[index].repetitions.append(Self.apgr(members, prepared, scores))
        if repetition == 0 {
          figures[index].folds = (0..<configuration.folds).map { part in
            Self.apgr(members.filter { parts[$0] == part }, prepared, scores)
          }
        }
      }
    }
    let report = report(examples, figures, source, dataHash)
    return Outcome(model: fit(prepared, report: report), figures: figures, unseenScores: unseen)
  }

  private static func orderedSets(_ examples: [RouterExample]) -> [String] {
    var seen: Set<String> = []
    return examples.map(\.set).filter { seen.insert($0).inserted }
  }

  /// Which part each example is in: a shuffle cut into equal parts.
  private func parts(_ count: Int, repetition: Int) -> [Int] {
    var random = SplitMix64(seed: configuration.seed &+ UInt64(repetition) &* 0x9E37_79B9)
    var parts = [Int](repeating: 0, count: count)
    for (place, index) in (0..<count).shuffled(using: &random).enumerated() {
      parts[index] = place % configuration.folds
    }
    return parts
  }

  private func scoresOfUnseen(_ examples: [PreparedExample], _ parts: [Int]) -> [Double] {
    var scores = [Double](repeating: 0, count: examples.count)
    for part in 0..<configuration.folds {
      let model = fit(examples.indices.filter { parts[$0] != part }.map { examples[$0] }, report: .null)
      for index in examples.indices where parts[index] == part {
        scores[index] = ComplexityScore(examples[index].features, by: model).value
      }
    }
    return scores
  }

  // MARK: - Fitting

  private func fit(_ examples: [PreparedExample], report: JSONValue) -> DifficultyModel {
    var weights: [PromptKind: DifficultyModel.Weights] = [:]
    for kind in PromptKind.allCases {
      let own = examples.filter { $0.features.kind == kind }
      // A kind that is too rare to be learnt about is judged like the rest.
      weights[kind] = fit(kind, own.count < Self.leastExamples ? examples : own)
    }
    let raw = DifficultyModel(weights: weights, mean: 0, deviation: 1, quantiles: [0, 1], report: report)
    let gains = examples.map { ComplexityScore($0.features, by: raw).gain }
    let mean = gains.reduce(0, +) / Double(gains.count)
    let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gains.count)
    // Rounded, since these are the numbers of the file.
    let spread = max(1e-6, Rounding.toFile(variance.squareRoot()))
    let scaled = DifficultyModel(
      weights: weights,
      mean: Rounding.toFile(mean),
      deviation: spread,
      quantiles: [0, 1],
      report: report
    )
    let scores = gains.map { scaled.scaled($0) }.sorted()
    let quantiles = (0...50).map { step in Rounding.toFile(scores[(scores.count - 1) * step / 50]) }
    return DifficultyModel(
      weights: weights,
      mean: scaled.mean,
      deviation: scaled.deviation,
      quantiles: quantiles,
      report: report
    )
  }

  private func fit(_ kind: PromptKind, _ examples: [PreparedExample]) -> DifficultyModel.Weights {
    let gains = examples.map(\.gain)
    let mean = gains.reduce(0, +) / Double(max(1, gains.count))
    switch kind {
    case .open:
      var weights = DifficultyModel.Weights(constant: Rounding.toFile(mean))
      weights.lines = LineRegression(penalty: 300, names: Self.openFeatures).fit(examples, gains.map { $0 - mean })
      return weights
    case .choice:
      let stumps = StumpBoosting(rounds: configuration.rounds, rate: configuration.rate)
        .fit(examples, gains.map { $0 - mean })
      let wording = WordingRegression(penalty: 5).fit(examples, Self.smoothed(examples, mean).map { $0 - mean })
      // The mean of the two: each is a forecast of the same gain.
      return DifficultyModel.Weights(
        constant: Rounding.toFile(mean),
        steps: stumps.map { $0.scaled(by: 0.5) },
        wording: wording.scaled(by: 0.5)
      )
    }
  }

  /// Half the gain itself, half the mean gain of its subject, which is less noisy; rare subjects lean to the mean of all.
  private static func smoothed(_ examples: [PreparedExample], _ mean: Double) -> [Double] {
    var sums: [String: (gain: Double, count: Double)] = [:]
    for example in examples {
      sums[example.category, default: (20 * mean, 20)].gain += example.gain
      sums[example.category, default: (20 * mean, 20)].count += 1
    }
    return examples.map { example in
      let sum = sums[example.category] ?? (mean, 1)
      return 0.5 * example.gain + 0.5 * sum.gain / sum.count
    }
  }

  // MARK: - Measuring

  /// The mean share of the quality gap that is recovered, over every share of prompts that goes to the strong model.
  ///
  /// Ong et al. (2024), "RouteLLM", arXiv:2406.18665; within equal scores the strong calls are spread evenly.
  private static func apgr(_ members: [Int], _ examples: [PreparedExample], _ scores: [Double]) -> Double {
    let total = members.reduce(0) { $0 + examples[$1].gain }
    guard !members.isEmpty, total != 0 else { return 0 }
    let sorted = members.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var (area, gained, index) = (0.0, 0.0, 0)
    while index < sorted.count {
      var end = index
      var step = 0.0
      while end < sorted.count, scores[sorted[end]] == scores[sorted[index]] {
        step += examples[sorted[end]].gain
        end += 1
      }
      area += Double(end - index) * (gained + step / 2)
      gained += step
      index = end
    }
    return area / Double(sorted.count) / total
  }

  private func report(
    _ examples: [RouterExample],
    _ figures: [Figure],
    _ source: String,
    _ dataHash: String
  ) -> JSONValue {
    func rounded(_ values: [Double]) -> JSONValue { .array(values.map { .double(($0 * 1e4).rounded() / 1e4) }) }
    return [
      "trained": true, "data": .string(source), "data_hash": .string(dataHash), "examples": .int(examples.count),
      "folds": .int(configuration.folds), "repetitions": .int(configuration.repeats),
      "seed": .int(Int(truncatingIfNeeded: configuration.seed)), "rounds": .int(configuration.rounds),
      "rate": .double(configuration.rate),
      "measured_on": "parts left out of training",
      "sets": .array(
        figures.map { figure in
          [
            "set": .string(figure.set), "prompts": .int(figure.count),
            "apgr": .double((figure.mean * 1e4).rounded() / 1e4),
            "apgr_of_repetitions": rounded(figure.repetitions), "apgr_of_folds": rounded(figure.folds),
          ]
        }
      ),
    ]
  }
}

/// An example with its features.
struct PreparedExample {
  let features: PromptFeatures
  let category: String
  let gain: Double

  init(_ example: RouterExample) {
    features = PromptFeatures(PromptText(example.prompt))
    category = example.set + "/" + example.category
    gain = example.gain
  }
}

/// The numbers of the file have seven decimals.
enum Rounding {
  static func toFile(_ number: Double) -> Double { (number * 1e7).rounded() / 1e7 }
}
