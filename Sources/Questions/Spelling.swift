/// Mends misspelt words against the words that mean something here.
struct Spelling {
  let lexicon: Lexicon

  /// The tokens with unknown words replaced by the one word they are close to, if there is just one.
  func corrected(_ tokens: [Token]) -> [Token] {
    tokens.map { token in
      guard token.number == nil, !isKnown(token),
        let better = correction(of: token.folded) ?? (token.lemma == token.folded ? nil : correction(of: token.lemma))
      else { return token }
      var copy = token
      copy.folded = better
      copy.lemma = Tokenizer.lemma(of: better)
      copy.correctedFrom = token.original
      return copy
    }
  }

  /// Whether a word needs no mending.
  func isKnown(_ token: Token) -> Bool {
    token.number != nil || lexicon.lemmas.contains(token.lemma) || lexicon.lemmas.contains(token.folded)
      || Vocabulary.fillers.contains(token.folded) || Vocabulary.fillers.contains(token.lemma)
      || Grammar.words.contains(token.lemma) || Grammar.words.contains(token.folded)
      || Vocabulary.participles.contains(token.folded)
      || token.folded.contains(where: \.isNumber)
  }

  /// A word that others are mended towards.
  struct Candidate: Sendable {
    let word: String
    /// Whether it belongs to a name of the model, which wins over a word of the grammar.
    let isName: Bool
    /// Which letters it has, one bit each: a cheap first look before the distance is counted.
    let letters: UInt64

    init(_ word: String, isName: Bool) {
      self.word = word
      self.isName = isName
      letters = Spelling.letters(word)
    }
  }

  /// Candidates by length.
  typealias Candidates = [Int: [Candidate]]

  /// One bit for each letter that a word has; digits and other letters share the rest.
  static func letters(_ word: String) -> UInt64 {
    var bits: UInt64 = 0
    for scalar in word.unicodeScalars { bits |= 1 << UInt64(scalar.value % 64) }
    return bits
  }

  /// All words to mend towards, by their first letter and their length.
  static func candidates(names: Set<String>) -> [Unicode.Scalar: Candidates] {
    var table: [Unicode.Scalar: Candidates] = [:]
    func add(_ word: String, isName: Bool) {
      let length = word.unicodeScalars.count
      guard length >= 4, let first = word.unicodeScalars.first else { return }
      table[first, default: [:]][length, default: []].append(Candidate(word, isName: isName))
    }
    for name in names {
      add(name, isName: true)
      if name.last?.isLetter == true, name.last != "s" { add(name + "s", isName: true) }
    }
    let known = names
    for word in Grammar.words.union(Vocabulary.fillers).union(plurals) where !known.contains(word) {
      add(word, isName: false)
    }
    return table
  }

  /// The one word that is closest.
  ///
  /// A word that begins differently is rarely a slip of the finger, and in a short word a replaced letter mostly makes
  /// another word ("size" is not "site"); ordinary words that mean nothing here stay what they are.
  private func correction(of word: String) -> String? {
    let scalars = Array(word.unicodeScalars)
    guard scalars.count >= 4, let first = scalars.first, !Vocabulary.ordinary.contains(word) else { return nil }
    let allowed = scalars.count >= 8 ? 2 : 1
    let stem = Self.stem(word)
    let letters = Self.letters(word)
    var best: [Candidate] = []
    var least = allowed
    for length in scalars.count - allowed...scalars.count + allowed {
      for candidate in lexicon.spellings[first]?[length] ?? [] {
        // An edit changes at most two letters of the set: one goes, one comes.
        guard (candidate.letters ^ letters).nonzeroBitCount <= 2 * least else { continue }
        guard let distance = distance(scalars, candidate, stem: stem, word: word, limit: least) else { continue }
        if distance < least { best = [] }
        least = distance
        best.append(candidate)
      }
    }
    let names = best.filter(\.isName)
    let chosen = names.isEmpty ? best : names
    guard let one = chosen.min(by: { $0.word < $1.word }) else { return nil }
    return Set(chosen.map { Tokenizer.lemma(of: $0.word) }).count == 1 ? one.word : nil
  }

  /// How far a candidate is; nil when it is too far or no slip of a finger.
  private func distance(
    _ scalars: [Unicode.Scalar],
    _ candidate: Candidate,
    stem: String,
    word: String,
    limit: Int
  ) -> Int? {
    let other = Array(candidate.word.unicodeScalars)
    if scalars.count <= 5, other.count == scalars.count, !Self.isSwap(scalars, other) { return nil }
    guard let distance = Self.distance(scalars, other, limit: limit) else { return nil }
    // Another form of the same word ("insured", "insurer") is no slip.
    let otherStem = Self.stem(candidate.word)
    return otherStem == stem && stem != word && stem != candidate.word ? nil : distance
  }

  /// Whether two words of one length have the same letters in another order.
  private static func isSwap(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Bool {
    left.sorted() == right.sorted()
  }

  private static let plurals: Set<String> = ["days", "weeks", "months", "quarters", "years"]

  /// The number of edits between two words (insert, delete, replace, swap neighbours), nil when above `limit`.
  ///
  /// The restricted Damerau–Levenshtein distance: F. J. Damerau (1964), doi:10.1145/363958.363994.
  static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar], limit: Int) -> Int? {
    guard abs(first.count - second.count) <= limit else { return nil }
    var beforePrevious: [Int] = []
    var previous = Array(0...second.count)
    for row in 1...max(first.count, 1) where row <= first.count {
      var current = [row] + Array(repeating: 0, count: second.count)
      for column in stride(from: 1, through: second.count, by: 1) {
        let same = first[row - 1] == second[column - 1]
        var cost = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          cost = min(cost, beforePrevious[column - 2] + 1)
        }
        current[column] = cost
      }
      if (current.min() ?? 0) > limit { return nil }
      (beforePrevious, previous) = (previous, current)
    }
    let result = previous[second.count]
    return result <= limit ? result : nil
  }

  private static let endings = [
    "ations", "ation", "ments", "ment", "ions", "ion", "ing", "ers", "er", "ed", "es", "al", "ly", "e", "s",
  ]
  private static let lastLetters = Set(endings.compactMap(\.utf8.last))

  /// A word without endings such as -ed, -ing or -ation.
  static func stem(_ word: String) -> String {
    guard let last = word.utf8.last, lastLetters.contains(last) else { return word }
    for ending in endings where word.hasSuffix(ending) && word.count - ending.count >= 4 {
      var stem = String(word.dropLast(ending.count))
      if stem.count > 4, let last = stem.last, stem.dropLast().last == last, "lnprt".contains(last) {
        stem.removeLast()
      }
      return stem
    }
    return word
  }
}
