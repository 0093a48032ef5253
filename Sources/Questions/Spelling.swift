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
      || token.folded.contains(where: \.isNumber)
  }

  private func correction(of word: String) -> String? {
    guard word.count >= 4 else { return nil }
    let allowed = word.count >= 8 ? 2 : 1
    var best: (word: String, distance: Int)?
    var tied = false
    for candidate in candidates() where abs(candidate.count - word.count) <= allowed {
      guard candidate.count >= 4, let distance = Self.distance(word, candidate, limit: allowed) else { continue }
      // A word that begins differently is rarely a slip of the finger.
      if distance > 1, candidate.first != word.first { continue }
      if let known = best {
        if distance < known.distance {
          best = (candidate, distance)
          tied = false
        } else if distance == known.distance, Tokenizer.lemma(of: candidate) != Tokenizer.lemma(of: known.word) {
          tied = true
        }
      } else {
        best = (candidate, distance)
      }
    }
    guard !tied else { return nil }
    return best?.word
  }

  private func candidates() -> Set<String> {
    lexicon.lemmas.union(Grammar.words).union(Vocabulary.fillers).union(Self.plurals)
  }

  private static let plurals: Set<String> = ["days", "weeks", "months", "quarters", "years"]

  /// The number of edits between two words (insert, delete, replace, swap neighbours), nil when above `limit`.
  ///
  /// The restricted Damerau–Levenshtein distance: F. J. Damerau (1964), doi:10.1145/363958.363994.
  static func distance(_ left: String, _ right: String, limit: Int) -> Int? {
    let first = Array(left.unicodeScalars)
    let second = Array(right.unicodeScalars)
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

  /// Whether two words share a stem after endings such as -ed, -ing or -ation are taken off.
  static func related(_ left: String, _ right: String) -> Bool {
    let first = stem(left)
    return first.count >= 4 && first == stem(right)
  }

  private static func stem(_ word: String) -> String {
    for ending in [
      "ations", "ation", "ments", "ment", "ions", "ion", "ing", "ers", "er", "ed", "es", "al", "ly", "e", "s",
    ]
    where word.hasSuffix(ending) && word.count - ending.count >= 4 {
      var stem = String(word.dropLast(ending.count))
      if stem.count > 4, let last = stem.last, stem.dropLast().last == last, "lnprt".contains(last) {
        stem.removeLast()
      }
      return stem
    }
    return word
  }
}
