public import CoachVocabulary
import Glibc

/// How hard a question looks.
public enum ComplexityLevel: String, Hashable, Sendable, CaseIterable {
  /// A small model will do.
  case simple
  /// Either may do.
  case moderate
  /// A large model is wanted.
  case complex
}

/// What the score is made from: the question and what the parser without a model found in it.
public struct ComplexityInput: Hashable, Sendable {
  /// The question itself, without instructions, pasted data or earlier turns.
  public var question: String
  /// How many metrics the parser resolved.
  public var metrics: Int
  /// How many values and dimensions the parser resolved.
  public var values: Int
  /// How many words that carry meaning the parser could not place.
  public var unresolvedWords: Int

  /// Makes an input; the parser's findings default to none.
  public init(question: String, metrics: Int = 0, values: Int = 0, unresolvedWords: Int = 0) {
    self.question = question
    self.metrics = metrics
    self.values = values
    self.unresolvedWords = unresolvedWords
  }
}

/// How hard a question looks, from 0 to 1, with the share of each feature.
///
/// Version 1 is a weighted sum. Each feature is measured; what is beyond its free amount counts on a logarithmic scale,
/// so that the tenth comma adds less than the first, up to the amount at which it counts in full; the weights sum to 1.
/// Case and white space make no difference. The score has no unit: the thresholds of ``RoutingPolicy`` belong to this
/// scale.
public struct ComplexityScore: Hashable, Sendable {
  /// One feature's share.
  public struct Feature: Hashable, Sendable {
    /// What was measured.
    public var name: String
    /// The measure.
    public var measure: Double
    /// What it adds to the score.
    public var points: Double
  }

  /// Which rules made the score.
  public static let version = "1"

  /// The score, 0…1.
  public let value: Double
  /// The features in a fixed order; their points sum to the score.
  public let features: [Feature]

  /// Scores a question.
  public init(_ input: ComplexityInput) {
    let text = QuestionText(input.question)
    features = Self.weights.map { rule in
      let measure = rule.measure(text, input)
      return Feature(name: rule.name, measure: measure, points: rule.weight * rule.share(of: measure))
    }
    value = min(1, features.reduce(0) { $0 + $1.points })
  }

  /// The score and its features, for the event log.
  public var json: JSONValue {
    [
      "version": .string(Self.version),
      "score": .double(Self.rounded(value)),
      "features": .array(
        features.map {
          [
            "name": .string($0.name), "measure": .double(Self.rounded($0.measure)),
            "points": .double(Self.rounded($0.points)),
          ]
        }
      ),
    ]
  }

  private static func rounded(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }

  // MARK: Rules

  private struct Rule: Sendable {
    let name: String
    let weight: Double
    /// The measure up to which nothing is added.
    let free: Double
    /// How much counts as one on the logarithmic scale.
    let unit: Double
    /// The measure from which the whole weight is added.
    let full: Double
    let measure: @Sendable (QuestionText, ComplexityInput) -> Double

    init(
      _ name: String,
      weight: Double,
      free: Double = 0,
      unit: Double,
      full: Double,
      measure: @escaping @Sendable (QuestionText, ComplexityInput) -> Double
    ) {
      self.name = name
      self.weight = weight
      self.free = free
      self.unit = unit
      self.full = full
      self.measure = measure
    }

    func share(of measure: Double) -> Double {
      func scale(_ amount: Double) -> Double { log(1 + max(0, amount - free) / unit) }
      return min(1, scale(measure) / scale(full))
    }
  }

  private static let weights: [Rule] = [
    Rule("letters", weight: 0.24, free: 15, unit: 20, full: 2_000) { text, _ in Double(text.letters) },
    Rule("words in a sentence", weight: 0.05, free: 5, unit: 5, full: 60) { text, _ in text.wordsPerSentence },
    Rule("clauses", weight: 0.15, unit: 2, full: 40) { text, _ in Double(text.clauses) },
    Rule("step words", weight: 0.08, unit: 0.5, full: 8) { text, _ in Double(text.count(of: stepWords)) },
    Rule("causal words", weight: 0.24, unit: 0.5, full: 6) { text, _ in Double(text.count(of: causalWords)) },
    Rule("negations", weight: 0.07, unit: 0.5, full: 4) { text, _ in Double(text.count(of: negations)) },
    Rule("numbers", weight: 0.04, unit: 2, full: 30) { text, _ in Double(text.numbers) },
    Rule("question marks", weight: 0.02, free: 1, unit: 1, full: 4) { text, _ in Double(text.questionMarks) },
    Rule("metrics", weight: 0.05, free: 1, unit: 1, full: 4) { _, input in Double(input.metrics) },
    Rule("values", weight: 0.03, free: 2, unit: 1, full: 6) { _, input in Double(input.values) },
    Rule("unresolved words", weight: 0.03, unit: 1, full: 4) { _, input in Double(input.unresolvedWords) },
  ]

  private static let stepWords: Set<String> = [
    "then", "first", "second", "next", "finally", "after", "before", "afterwards", "each", "every", "per", "compare",
    "compared", "comparing", "versus", "vs", "rank", "break", "split", "respectively", "while", "also", "both",
  ]

  private static let causalWords: Set<String> = [
    "why", "because", "cause", "causes", "caused", "causing", "reason", "reasons", "driver", "drivers", "driven",
    "drives", "driving", "explain", "explains", "impact", "affect", "affected", "affects", "contribute", "contributed",
    "contributes", "contributing", "contribution", "correlate", "correlated", "correlation", "unless", "although",
    "despite", "assuming", "if", "should", "recommend", "recommendation", "strategy", "improve", "forecast", "predict",
    "scenario", "tradeoff", "root",
  ]

  private static let negations: Set<String> = [
    "not", "except", "least", "never", "without", "cannot", "no", "neither", "nor",
  ]
}

/// The measurable parts of a question, gathered in one pass over its scalars.
private struct QuestionText {
  private(set) var letters = 0
  private(set) var clauses = 0
  private(set) var numbers = 0
  private(set) var questionMarks = 0
  private var words: [String] = []
  private var sentences = 0
  private var word = String.UnicodeScalarView()
  private var hasLetterInSentence = false

  init(_ text: String) {
    for scalar in text.unicodeScalars { take(scalar) }
    endWord()
    endSentence()
  }

  var wordsPerSentence: Double { Double(words.count) / Double(max(1, sentences)) }

  func count(of wanted: Set<String>) -> Int { words.count { wanted.contains($0) } }

  private mutating func take(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "a"..."z":
      word.append(scalar)
      hasLetterInSentence = true
    case "A"..."Z":
      // The bit between the two cases of ASCII.
      word.append(Unicode.Scalar(UInt8(scalar.value) | 0x20))
      hasLetterInSentence = true
    case "0"..."9":
      if word.isEmpty { numbers += 1 }
      word.append(scalar)
    case "'", "\u{2019}": word.append("'")
    case ",", ";", ":":
      clauses += 1
      endWord()
    case ".", "!", "?":
      if scalar == "?" { questionMarks += 1 }
      endWord()
      endSentence()
    case "\u{0}"..."\u{BF}", "\u{2000}"..."\u{206F}": endWord()  // other signs of ASCII, Latin-1 and typography
    default:
      word.append(scalar)
      hasLetterInSentence = true
    }
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    let text = String(word)
    word.removeAll(keepingCapacity: true)
    letters += text.count
    if text == "and" || text == "or" || text == "but" { clauses += 1 }
    words.append(text)
  }

  private mutating func endSentence() {
    if hasLetterInSentence { sentences += 1 }
    hasLetterInSentence = false
  }
}
