public import CoachVocabulary
import Glibc

/// Fitted weights that tell how much a prompt gains from the strong model: what `coach router fit` writes.
///
/// It is a sum, one for each ``PromptKind``: a constant, a step function or a straight line of each measure, and a weight for
/// each word. The sum is the expected gain in quality of the strong model over the weak one; the score puts it on a
/// scale from 0 to 1 by a logistic curve over the spread of the gains it was trained on, so that 0.5 is the average.
public struct DifficultyModel: Hashable, Sendable {
  /// The version of the file's form.
  public static let formatVersion = 2

  /// A function of one measure that jumps at some of its values.
  struct Steps: Hashable, Sendable {
    let feature: Int
    /// Ascending.
    let thresholds: [Double]
    /// What is added below the first threshold, between them, and from the last on; one more than thresholds.
    let values: [Double]

    func value(at measure: Double) -> Double {
      var low = 0
      var high = thresholds.count
      while low < high {
        let middle = (low + high) / 2
        if measure > thresholds[middle] { low = middle + 1 } else { high = middle }
      }
      return values[low]
    }
  }

  /// A straight line over one measure, held within ``reach`` standard deviations of what it was trained on.
  struct Line: Hashable, Sendable {
    /// How many standard deviations from the mean count.
    static let reach = 6.0

    let feature: Int
    let mean: Double
    let deviation: Double
    /// What one standard deviation adds.
    let weight: Double

    func value(at measure: Double) -> Double {
      weight * min(max((measure - mean) / deviation, -Self.reach), Self.reach)
    }
  }

  /// The weights of hashed words; a prompt gets their sum over the square root of their number.
  struct Wording: Hashable, Sendable {
    /// What one unit of a weight is.
    let unit: Double
    let weights: [Int8]

    func value(of buckets: [Int]) -> Double {
      guard !buckets.isEmpty else { return 0 }
      let sum = buckets.reduce(0) { $0 + Int(weights[$1]) }
      return unit * Double(sum) / Double(buckets.count).squareRoot()
    }
  }

  /// The weights of one kind of prompt.
  struct Weights: Hashable, Sendable {
    var constant: Double
    var steps: [Steps] = []
    var lines: [Line] = []
    var wording: Wording?
  }

  let weights: [PromptKind: Weights]
  /// The mean of the gains it was trained on.
  let mean: Double
  /// Their standard deviation.
  let deviation: Double
  /// The scores of the prompts it was trained on, at equal shares from the lowest to the highest.
  public let quantiles: [Double]
  /// How it was trained, for people: data, folds, figures; nothing is read from it.
  public let report: JSONValue

  /// What is known without training: the longer, the harder.
  ///
  /// For projects without `config/router.json`.
  public static let byLength = DifficultyModel(
    weights: Dictionary(
      uniqueKeysWithValues: PromptKind.allCases.map { kind in
        (kind, Weights(constant: 0, lines: [Line(feature: 0, mean: 3.5, deviation: 0.8, weight: 1)]))
      }
    ),
    mean: 0,
    deviation: 1,
    quantiles: (0...20).map { Double($0) / 20 },
    report: ["trained": false]
  )

  /// Scores a prompt: the question itself, without instructions, pasted data or earlier turns.
  public func score(_ prompt: String) -> ComplexityScore {
    let text = PromptText(prompt)
    let features = PromptFeatures(text)
    return ComplexityScore(features, by: self)
  }

  /// What single words add to the score's sum, the largest amounts first; for an explanation to a person.
  public func words(in prompt: String, most limit: Int = 8) -> [(word: String, points: Double)] {
    let text = PromptText(prompt)
    let features = PromptFeatures(text)
    guard let wording = weights[features.kind]?.wording, !features.wording.isEmpty else { return [] }
    let share = wording.unit / Double(features.wording.count).squareRoot()
    var points: [String: Double] = [:]
    for token in text.tokens where token.kind == .word {
      let sum = PromptFeatures.buckets(of: token, in: text.bytes).reduce(0) { $0 + Int(wording.weights[$1]) }
      points[text.text(of: token)] = share * Double(sum)
    }
    return points.map { ($0.key, $0.value) }
      .sorted { (abs($1.1), $0.0) < (abs($0.1), $1.0) }
      .prefix(limit).map { (word: $0.0, points: $0.1) }
  }

  /// The expected gain on the scale from 0 to 1.
  ///
  /// 1.702 makes the logistic curve follow the normal distribution within 0.01 (Camilli 1994, "Origin of the Scaling
  /// Constant d = 1.7 in Item Response Theory").
  func scaled(_ gain: Double) -> Double { 1 / (1 + exp(-1.702 * (gain - mean) / deviation)) }
}

/// How hard a prompt looks, from 0 to 1, with the share of each measure.
public struct ComplexityScore: Hashable, Sendable {
  /// One measure's share.
  public struct Feature: Hashable, Sendable {
    /// What was measured.
    public var name: String
    /// The measure.
    public var measure: Double
    /// What it adds to the expected gain of the strong model.
    public var points: Double
  }

  /// The score, 0…1: 0.5 for the average of the prompts that the weights were fitted on.
  public let value: Double
  /// The kind of prompt, which chose the weights.
  public let kind: PromptKind
  /// The expected gain in quality of the strong model over the weak one: the constant and all points.
  public let gain: Double
  /// What the kind alone adds.
  public let constant: Double
  /// The measures in a fixed order.
  public let features: [Feature]

  init(_ prompt: PromptFeatures, by model: DifficultyModel) {
    let weights = model.weights[prompt.kind] ?? DifficultyModel.Weights(constant: 0)
    var points = [Double](repeating: 0, count: PromptFeatures.names.count)
    for steps in weights.steps { points[steps.feature] += steps.value(at: prompt.values[steps.feature]) }
    for line in weights.lines { points[line.feature] += line.value(at: prompt.values[line.feature]) }
    var features = PromptFeatures.names.indices.map { index in
      Feature(name: PromptFeatures.names[index], measure: prompt.values[index], points: points[index])
    }
    if let wording = weights.wording {
      let value = wording.value(of: prompt.wording)
      features.append(Feature(name: "wording", measure: Double(prompt.wording.count), points: value))
    }
    kind = prompt.kind
    constant = weights.constant
    gain = features.reduce(weights.constant) { $0 + $1.points }
    value = model.scaled(gain)
    self.features = features
  }

  /// The features that moved the score, the strongest first.
  public var contributions: [Feature] {
    features.filter { $0.points != 0 }.sorted { (abs($1.points), $0.name) < (abs($0.points), $1.name) }
  }

  /// The score and the features that moved it, for the event log.
  public var json: JSONValue {
    [
      "version": .int(DifficultyModel.formatVersion),
      "score": .double(Self.rounded(value)),
      "kind": .string(kind.rawValue),
      "gain": .double(Self.rounded(gain)),
      "features": .array(
        contributions.map {
          [
            "name": .string($0.name), "measure": .double(Self.rounded($0.measure)),
            "points": .double(Self.rounded($0.points)),
          ]
        }
      ),
    ]
  }

  private static func rounded(_ number: Double) -> Double { (number * 1e6).rounded() / 1e6 }
}
