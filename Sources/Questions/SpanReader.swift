import SemanticLayer

/// One way to understand a stretch of tokens.
enum Reading: Hashable, Sendable {
  case meaning(Meaning)
  case `operator`(Operator)
  case time(TimeMatch)
  case number(Double)
  case filler
  case unknown
}

/// A stretch of tokens with the ways to understand it.
struct Span: Hashable, Sendable {
  var range: Range<Int>
  var readings: [Reading]
  /// Whether the words are only a part of a longer name.
  var isPartial = false
}

/// Covers a question with the longest stretches that mean something.
struct SpanReader {
  let lexicon: Lexicon
  let calendar: BusinessCalendar
  let tokens: [Token]

  /// The best cover, from left to right without gaps.
  func spans() -> [Span] {
    let candidates = self.candidates()
    let count = tokens.count
    var best: [(score: Double, span: Span?)] = Array(repeating: (0, nil), count: count + 1)
    for index in stride(from: count - 1, through: 0, by: -1) {
      let unknown = Span(range: index..<index + 1, readings: [.unknown])
      best[index] = (best[index + 1].score - 8, unknown)
      for span in candidates[index] {
        let score = Self.score(span) + best[span.range.upperBound].score
        if score > best[index].score { best[index] = (score, span) }
      }
    }
    var cover: [Span] = []
    var index = 0
    while index < count, let span = best[index].span {
      cover.append(span)
      index = span.range.upperBound
    }
    return cover
  }

  private static func score(_ span: Span) -> Double {
    if span.readings == [.filler] { return 0.1 }
    let length = Double(span.range.count)
    let bonus: Double =
      switch span.readings[0] {
      case .time: 3
      case .meaning: 2
      case .operator(.rolling): 4
      case .operator: 1
      case .number: 0.5
      case .filler, .unknown: 0
      }
    let penalty: Double = span.isPartial ? 7 : 0
    return length * 10 + (length - 1) * 6 + bonus - penalty
  }

  // MARK: Candidates

  private func candidates() -> [[Span]] {
    let grammar = TimeGrammar(tokens: tokens, calendar: calendar)
    return tokens.indices.map { index in
      var found: [Range<Int>: [Reading]] = [:]
      if let time = grammar.match(at: index) { found[index..<time.end, default: []].append(.time(time)) }
      for (range, meaning) in names(at: index) { found[range, default: []].append(.meaning(meaning)) }
      for (range, meaning) in operators(at: index) + patterns(at: index) {
        found[range, default: []].append(.operator(meaning))
      }
      let single = index..<index + 1
      if let number = tokens[index].number {
        let (value, end) = magnitude(number, after: index)
        found[index..<end, default: []].append(.number(value))
      }
      if found[single] == nil, let related = relatedName(at: index) { found[single] = [.meaning(related)] }
      if isFiller(at: index) { found[single, default: []].append(.filler) }
      return found.map { Span(range: $0.key, readings: $0.value) }.sorted { $0.range.count > $1.range.count }
    }
  }

  private func isFiller(_ token: Token) -> Bool {
    Vocabulary.fillers.contains(token.folded) || Vocabulary.fillers.contains(token.lemma)
  }

  /// Whether the word at a place says nothing; some words do so only beside certain others.
  private func isFiller(at index: Int) -> Bool {
    let token = tokens[index]
    let before = index > 0 ? tokens[index - 1].folded : ""
    let after = index + 1 < tokens.count ? tokens[index + 1] : nil
    if token.folded == "if" { return Vocabulary.politeBeforeIf.contains(before) }
    if Vocabulary.audience.contains(token.folded) { return index <= 1 || Vocabulary.greetings.contains(before) }
    if Vocabulary.wholes.contains(token.folded) { return Vocabulary.wholeOpenings.contains(before) }
    if token.folded == "other" { return after?.lemma == "one" }
    if let verbs = Vocabulary.particles[token.folded] {
      return verbs.contains(index > 0 ? tokens[index - 1].lemma : "") || ["to", "until"].contains(after?.folded ?? "")
    }
    if Vocabulary.businessVerbs.contains(token.folded) { return ["we", "you", "they"].contains(before) && after == nil }
    if Vocabulary.participles.contains(token.folded) { return after.map { !beginsName($0) } ?? true }
    return isFiller(token)
  }

  private func beginsName(_ token: Token) -> Bool {
    (lexicon.phrases[token.lemma] ?? []).contains { phrase in
      switch phrase.meaning {
      case .metric, .dimension: true
      case .value, .namedFilter, .clarification, .unavailable: false
      }
    }
  }

  /// "2 million": a number followed by its magnitude as a word.
  private func magnitude(_ number: Double, after index: Int) -> (Double, Int) {
    let next = index + 1
    guard next < tokens.count, let factor = Vocabulary.magnitudes[tokens[next].folded] else { return (number, next) }
    return (number * factor, next + 1)
  }

  private func operators(at index: Int) -> [(Range<Int>, Operator)] {
    (Grammar.phrases[tokens[index].lemma] ?? []).compactMap { phrase in
      let end = index + phrase.lemmas.count
      if phrase.meaning == .share, phrase.lemmas[0] == "percent", endsMetric(at: index) { return nil }
      guard end <= tokens.count, zip(phrase.lemmas, tokens[index..<end]).allSatisfy({ $0 == $1.lemma }) else {
        return nil
      }
      return (index..<end, phrase.meaning)
    }
  }

  /// Whether a metric's name runs up to this token: "margin % of" is no "percent of".
  private func endsMetric(at index: Int) -> Bool {
    (max(0, index - 3)..<index).contains { start in
      (lexicon.phrases[tokens[start].lemma] ?? []).contains { phrase in
        guard case .metric = phrase.meaning else { return false }
        return end(of: phrase.lemmas, from: start) == index + 1
      }
    }
  }

  /// Names that begin at a token; small words may stand between the words of a name.
  private func names(at index: Int) -> [(Range<Int>, Meaning)] {
    let token = tokens[index]
    var found: [(Range<Int>, Meaning)] = []
    for key in Set([token.lemma, token.folded]) {
      for phrase in lexicon.phrases[key] ?? [] {
        guard let end = end(of: phrase.lemmas, from: index) else { continue }
        if case .value(let dimension, _) = phrase.meaning, phrase.lemmas.count == 1, isOrdinaryWord(at: index),
          !isBeside(dimension, index)
        {
          continue
        }
        found.append((index..<end, phrase.meaning))
      }
    }
    return found + reversedNames(at: index)
  }

  /// A value that is also an ordinary word counts only where it is written with a capital.
  private func isOrdinaryWord(at index: Int) -> Bool {
    let token = tokens[index]
    guard isFiller(token) || Grammar.words.contains(token.folded) else { return false }
    // "that were lost"
    if index > 0, ["were", "was", "are", "is", "been"].contains(tokens[index - 1].folded) { return false }
    return index == 0 || token.original.first?.isUppercase != true
  }

  /// Whether the word next to a place names a dimension: "high severity".
  private func isBeside(_ dimension: String, _ index: Int) -> Bool {
    [index - 1, index + 1].contains { place in
      guard tokens.indices.contains(place) else { return false }
      return (lexicon.phrases[tokens[place].lemma] ?? []).contains { $0.meaning == .dimension(dimension) }
    }
  }

  private func end(of lemmas: [String], from index: Int) -> Int? {
    var place = index
    var gap = 0
    for (offset, lemma) in lemmas.enumerated() {
      while place < tokens.count, tokens[place].lemma != lemma, tokens[place].folded != lemma {
        guard offset > 0, gap < 4, !tokens[place].followsPause,
          Self.connectors.contains(tokens[place].lemma) || Self.pronouns.contains(tokens[place].lemma)
        else { return nil }
        gap += 1
        place += 1
      }
      guard place < tokens.count else { return nil }
      place += 1
    }
    return place
  }

  /// "cars did we sell" for "sold cars" and the other way round: metrics of two words in the other order.
  private func reversedNames(at index: Int) -> [(Range<Int>, Meaning)] {
    var found: [(Range<Int>, Meaning)] = []
    var place = index + 1
    var gap = 0
    while place < tokens.count, gap <= 3 {
      for phrase in lexicon.phrases[tokens[place].lemma] ?? [] where phrase.lemmas.count == 2 {
        guard case .metric = phrase.meaning, phrase.lemmas[1] == tokens[index].lemma else { continue }
        found.append((index..<place + 1, phrase.meaning))
      }
      for phrase in lexicon.phrases[tokens[index].lemma] ?? [] where phrase.lemmas.count == 2 && gap > 0 {
        guard case .metric = phrase.meaning, phrase.lemmas[1] == tokens[place].lemma else { continue }
        found.append((index..<place + 1, phrase.meaning))
      }
      guard Self.pronouns.contains(tokens[place].lemma) else { break }
      gap += 1
      place += 1
    }
    return found
  }

  /// The one name whose single word shares its stem with a token: "cancelled" for "cancellation".
  private func relatedName(at index: Int) -> Meaning? {
    let token = tokens[index]
    guard token.number == nil, token.lemma.count >= 5, !isFiller(token), !Grammar.words.contains(token.lemma) else {
      return nil
    }
    let stem = Spelling.stem(token.lemma)
    guard stem.count >= 4, let related = lexicon.meaningsByStem[stem] else { return nil }
    // "insured" is no insurer: a dimension has its nouns only.
    let meanings = related.filter { if case .dimension = $0 { false } else { true } }
    return meanings.count == 1 ? meanings.first : nil
  }

  private static let connectors: Set<String> = ["the", "of", "a", "an", "our", "in", "to", "for", "on"]
  private static let pronouns: Set<String> = ["do", "we", "have", "be", "i", "they", "you", "the", "it", "get"]
}
