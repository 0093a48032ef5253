import SemanticLayer

/// Phrases with a number or a place in them, which no table can list.
extension SpanReader {
  /// The patterns that begin at a token.
  func patterns(at index: Int) -> [(Range<Int>, Operator)] {
    [rolling(at: index), percentile(at: index), ordinal(at: index), onDays(at: index), direction(at: index)]
      .compactMap { $0 }
  }

  private func folded(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].folded : "" }

  /// "is revenue up": more or less than before.
  private func direction(at index: Int) -> (Range<Int>, Operator)? {
    guard ["up", "down"].contains(folded(index)), index > 0, folded(index + 1) != "to", folded(index + 1) != "until",
      !(Vocabulary.particles[folded(index)] ?? []).contains(tokens[index - 1].lemma)
    else { return nil }
    return (index..<index + 1, .change)
  }

  // MARK: Rolling windows

  /// "3-month moving average", "rolling 7 day total", "moving average over 3 months".
  private func rolling(at index: Int) -> (Range<Int>, Operator)? {
    if let (count, grain, next) = countedUnit(at: index), isMoving(next) {
      let (isAverage, end) = kind(at: next + 1)
      return (index..<end, .rolling(count, grain, isAverage: isAverage ?? true))
    }
    guard isMoving(index) else { return nil }
    if let (count, grain, next) = countedUnit(at: index + 1) {
      let (isAverage, end) = kind(at: next)
      // "rolling 12 months" is a period, "rolling 12-month revenue" a window.
      guard isAverage != nil || folded(next - 1) == tokens[next - 1].lemma else { return nil }
      return (index..<end, .rolling(count, grain, isAverage: isAverage ?? false))
    }
    let (isAverage, end) = kind(at: index + 1)
    guard let isAverage, ["over", "of", "across"].contains(folded(end)) else { return nil }
    let place = folded(end + 1) == "the" || folded(end + 1) == "last" ? end + 2 : end + 1
    guard let (count, grain, next) = countedUnit(at: place) else { return nil }
    return (index..<next, .rolling(count, grain, isAverage: isAverage))
  }

  private func isMoving(_ index: Int) -> Bool { ["moving", "rolling", "trailing"].contains(folded(index)) }

  /// "3 month", "seven-day".
  private func countedUnit(at index: Int) -> (count: Int, grain: TimeGrain, end: Int)? {
    guard tokens.indices.contains(index + 1), let count = tokens[index].wholeNumber, (2...400).contains(count),
      let grain = Vocabulary.units[tokens[index + 1].lemma]
    else { return nil }
    return (count, grain, index + 2)
  }

  /// Whether "average" or "total" stands at a place, and where it ends.
  private func kind(at index: Int) -> (isAverage: Bool?, end: Int) {
    guard tokens.indices.contains(index) else { return (nil, index) }
    if tokens[index].lemma == "average" { return (true, index + 1) }
    if ["total", "sum"].contains(tokens[index].lemma) { return (false, index + 1) }
    return (nil, index)
  }

  // MARK: Percentiles and ranks

  /// "90th percentile of", "p90".
  private func percentile(at index: Int) -> (Range<Int>, Operator)? {
    let word = folded(index)
    if word.count == 3, word.hasPrefix("p"), let percent = Int(word.dropFirst()),
      let statistic = RowStatistic(percentile: percent)
    {
      return (index..<index + 1, .statistic(statistic))
    }
    guard folded(index + 1) == "percentile", let percent = Self.ordinalNumber(word),
      let statistic = RowStatistic(percentile: percent)
    else { return nil }
    return (index..<(folded(index + 2) == "of" ? index + 3 : index + 2), .statistic(statistic))
  }

  private static func ordinalNumber(_ word: String) -> Int? {
    guard let suffix = ["st", "nd", "rd", "th"].first(where: word.hasSuffix) else { return nil }
    return Int(word.dropLast(suffix.count))
  }

  /// "second" or "3rd" right before a superlative.
  private func ordinal(at index: Int) -> (Range<Int>, Operator)? {
    let words = ["second": 2, "third": 3, "fourth": 4, "fifth": 5]
    guard let place = words[folded(index)] ?? Self.ordinalNumber(folded(index)), (2...20).contains(place),
      tokens.indices.contains(index + 1)
    else { return nil }
    let next = Grammar.phrases[tokens[index + 1].lemma] ?? []
    let ranks = next.contains { phrase in
      phrase.lemmas.count == 1 && [.most, .least, .best, .worst, .longest, .shortest].contains(phrase.meaning)
    }
    return ranks ? (index..<index + 1, .ordinal(place)) : nil
  }

  // MARK: Days of the week

  /// "Mondays", "on weekends", "on weekdays": days that come back.
  private func onDays(at index: Int) -> (Range<Int>, Operator)? {
    let word = folded(index)
    if word.hasSuffix("days"), let day = Vocabulary.weekdays[String(word.dropLast())] {
      return (index..<index + 1, .onDays([Self.dayNames[day - 1]]))
    }
    if ["every", "each"].contains(word), let day = Vocabulary.weekdays[folded(index + 1)] {
      return (index..<index + 2, .onDays([Self.dayNames[day - 1]]))
    }
    if word == "weekends" { return (index..<index + 1, .onDays(Array(Self.dayNames[5...]))) }
    if word == "weekdays", !["by", "per", "of", "which", "across", "what", "between"].contains(folded(index - 1)) {
      return (index..<index + 1, .onDays(Array(Self.dayNames[..<5])))
    }
    return nil
  }

  private static let dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}
