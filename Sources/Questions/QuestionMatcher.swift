/// Finds, among questions that are known, the one that another question repeats in other words.
///
/// Likeness alone never decides: "revenue last month" and "revenue last year" are very much alike. A candidate is found by
/// two scores, and counts as the same question only when no word, number or date is left over on either side, except
/// words of courtesy and a misspelling of a word that means nothing else.
public struct QuestionMatcher: Sendable {
  /// The least likeness of a candidate; one of the two is enough.
  public struct Thresholds: Hashable, Sendable {
    /// The share of meaningful words that both have, of those that either has.
    public var keyword: Double
    /// The Dice coefficient of pairs of letters.
    public var fuzzy: Double

    /// Makes thresholds, from 0 to 1.
    public init(keyword: Double = 0.6, fuzzy: Double = 0.4) {
      self.keyword = keyword
      self.fuzzy = fuzzy
    }
  }

  /// The known question that is most like another one.
  public struct Match: Hashable, Sendable {
    /// Its place among the known questions.
    public var index: Int
    /// The share of meaningful words that both have.
    public var keyword: Double
    /// The likeness of their letters.
    public var fuzzy: Double
    /// Whether both ask the same.
    public var isSame: Bool
    /// The words that only one of them has.
    public var difference: [String]
  }

  private struct Known: Sendable {
    var words: [String]
    var pairs: [String: Int]
  }

  private let known: [Known]
  private let thresholds: Thresholds
  /// Words that mean something: no other word is taken for a misspelling of them, nor they for one of another.
  private let meaningful: Set<String>

  /// Makes a matcher.
  ///
  /// - Parameters:
  ///   - questions: the known questions.
  ///   - lexicon: what can be asked about, whose words are never taken for misspellings.
  ///   - thresholds: the least likeness of a candidate.
  public init(_ questions: [String], lexicon: Lexicon, thresholds: Thresholds = Thresholds()) {
    known = questions.map { question in
      let words = Self.words(of: question)
      return Known(words: words, pairs: Self.pairs(in: words))
    }
    self.thresholds = thresholds
    meaningful = lexicon.lemmas
  }

  /// A question without case, accents, marks and courtesy: equal for questions that say the same in the same words.
  ///
  /// Tense stays, for "what will revenue be" is not "what was revenue", and so do marks between words and numbers.
  public static func normalized(_ question: String) -> String {
    Tokenizer.tokens(of: question).filter { !mere.contains($0.folded) }.map { token in
      (token.followsPause ? "," : "") + (token.followsDash ? "-" : "") + (token.followsApostrophe ? "'" : "")
        + token.folded
    }.joined(separator: " ")
  }

  /// The most alike of the known questions; nil when none reaches a threshold.
  public func match(for question: String) -> Match? {
    let words = Self.words(of: question)
    let pairs = Self.pairs(in: words)
    var best: Match?
    for (index, entry) in known.enumerated() {
      let paired = pairing(words, entry.words)
      let common = words.count - paired.left.count
      let union = words.count + entry.words.count - common
      let keyword = union == 0 ? 0 : Double(common) / Double(union)
      let fuzzy = Self.likeness(pairs, entry.pairs)
      guard keyword >= thresholds.keyword || fuzzy >= thresholds.fuzzy else { continue }
      guard keyword + fuzzy > (best.map { $0.keyword + $0.fuzzy } ?? -1) else { continue }
      let difference = paired.left + paired.right
      best = Match(
        index: index,
        keyword: keyword,
        fuzzy: fuzzy,
        isSame: difference.isEmpty && !words.isEmpty && hasSameOrder(words, entry.words),
        difference: difference
      )
    }
    return best
  }

  /// The places of all known questions, the most alike first.
  public func ranking(for question: String) -> [Int] {
    let words = Self.words(of: question)
    let pairs = Self.pairs(in: words)
    let scores = known.map { entry in
      Double(Set(words).intersection(entry.words).count) + Self.likeness(pairs, entry.pairs)
    }
    return known.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
  }

  // MARK: - Words

  /// Words that ask politely or point at nothing.
  ///
  /// Prepositions, negations and order are no courtesy.
  private static let courtesy: Set<String> = [
    "please", "pls", "plz", "kindly", "thank", "thanks", "hi", "hello", "hey", "ok", "okay", "can", "could", "you", "u",
    "i", "we", "me", "us", "our", "my", "the", "a", "an", "show", "give", "tell", "get", "see", "what", "be", "do",
    "have",
    "display",
  ]

  /// Words that change nothing wherever they stand.
  private static let mere: Set<String> = [
    "please", "pls", "plz", "kindly", "thank", "thanks", "hi", "hello", "hey", "the", "a", "an",
  ]

  private static func words(of question: String) -> [String] {
    Tokenizer.tokens(of: question).map(\.lemma).filter { !courtesy.contains($0) }
  }

  // MARK: - Likeness

  /// The words of each side that have no partner on the other.
  private func pairing(_ one: [String], _ other: [String]) -> (left: [String], right: [String]) {
    var right = other
    var unpaired: [String] = []
    for word in one {
      if let place = right.firstIndex(of: word) { right.remove(at: place) } else { unpaired.append(word) }
    }
    var left: [String] = []
    for word in unpaired {
      if let place = right.firstIndex(where: { isMisspelling(word, of: $0) }) {
        right.remove(at: place)
      } else {
        left.append(word)
      }
    }
    return (left, right)
  }

  /// Whether a word is one of the known question, misspelled: both long, without digits, one letter apart, and the word
  /// as written meaning nothing by itself.
  private func isMisspelling(_ word: String, of meant: String) -> Bool {
    guard word.count >= 5, meant.count >= 5, !meaningful.contains(word), !Self.isCommon(word) else { return false }
    guard (word + meant).unicodeScalars.allSatisfy({ $0.properties.isAlphabetic }) else { return false }
    return Self.isOneEditApart(Array(word), Array(meant))
  }

  /// Words of the language itself, such as months, units of time and comparisons.
  private static func isCommon(_ word: String) -> Bool {
    Vocabulary.fillers.contains(word) || Vocabulary.months[word] != nil || Vocabulary.weekdays[word] != nil
      || Vocabulary.units[word] != nil || Vocabulary.grainAdjectives[word] != nil || Vocabulary.numberWords[word] != nil
  }

  /// Whether one letter is changed, missing, added, or two neighbours are swapped.
  static func isOneEditApart(_ one: [Character], _ other: [Character]) -> Bool {
    guard abs(one.count - other.count) <= 1 else { return false }
    let same = zip(one, other).prefix { $0 == $1 }.count
    let (left, right) = (one[same...], other[same...])
    if left.isEmpty && right.isEmpty { return false }
    if left.dropFirst() == right.dropFirst() || left.dropFirst() == right || left == right.dropFirst() { return true }
    return left.count == right.count && left.count >= 2 && left.prefix(2).reversed() == Array(right.prefix(2))
      && left.dropFirst(2) == right.dropFirst(2)
  }

  /// Words around which order matters: "A versus B" is not "B versus A".
  private static let ordering: Set<String> = [
    "versus", "than", "from", "to", "between", "compare", "compared", "against", "not", "no", "without", "except",
    "exclude",
    "excluding", "before", "after", "until", "since", "above", "below", "over", "under", "minus", "per", "by", "of",
    "but",
    "only", "other", "or", "and",
  ]

  private func hasSameOrder(_ one: [String], _ other: [String]) -> Bool {
    guard (one + other).contains(where: Self.ordering.contains) else { return true }
    return one.count == other.count && zip(one, other).allSatisfy { $0 == $1 || isMisspelling($0, of: $1) }
  }

  private static func pairs(in words: [String]) -> [String: Int] {
    var pairs: [String: Int] = [:]
    for word in words {
      let letters = Array(" \(word) ")
      for index in letters.indices.dropLast() { pairs[String(letters[index...index + 1]), default: 0] += 1 }
    }
    return pairs
  }

  /// Twice the common pairs over all pairs of both (Dice 1945).
  private static func likeness(_ one: [String: Int], _ other: [String: Int]) -> Double {
    let total = one.values.reduce(0, +) + other.values.reduce(0, +)
    guard total > 0 else { return 0 }
    let common = one.reduce(0) { $0 + min($1.value, other[$1.key] ?? 0) }
    return 2 * Double(common) / Double(total)
  }
}
