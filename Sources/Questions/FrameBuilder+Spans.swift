import SemanticLayer

/// Reads the chosen spans from left to right.
extension FrameBuilder {
  mutating func readSpans() {
    var claimed: Set<Int> = []
    for index in spans.indices where !claimed.contains(index) {
      let span = spans[index]
      if span.readings != [.filler], span.readings != [.unknown] { usedWords += 1 }
      switch span.readings[0] {
      case .time(let match): times.append((match, index))
      case .meaning(let meaning): read(meaning, at: index)
      case .operator(let operation): read(operation, at: index, claimed: &claimed)
      case .number: readLooseNumber(at: index)
      case .unknown: readUnknown(at: index)
      case .filler: break
      }
    }
  }

  private mutating func readUnknown(at index: Int) {
    let word = words(index)
    guard word.contains(where: { $0.isLetter || $0.isNumber }), word.count > 1 else { return }
    seenUnknown.append(word)
  }

  /// A number that no operator has claimed belongs to a ranking beside it or means something unknown.
  private mutating func readLooseNumber(at index: Int) {
    // "the other one", "which one"
    if tokens[spans[index].range.lowerBound].folded == "one" { return }
    let next = neighbour(of: index, step: 1)
    if let next, case .operator(let operation) = spans[next].readings[0], Self.ranking(operation) != nil,
      limit == nil, let number = wholeNumber(at: index)
    {
      limit = number
      return
    }
    // "which 5 dealers had the highest revenue"
    if let next, case .meaning(.dimension) = spans[next].readings[0], limit == nil, let number = wholeNumber(at: index),
      spans.contains(where: {
        if case .operator(let operation) = $0.readings[0] { Self.ranking(operation) != nil } else { false }
      })
    {
      limit = number
      return
    }
    seenUnknown.append(words(index))
  }

  private func wholeNumber(at index: Int) -> Int? {
    guard case .number(let value) = spans[index].readings[0], let whole = Int(exactly: value), whole > 0 else {
      return nil
    }
    return whole
  }

  static func ranking(_ operation: Operator) -> Ranking? {
    switch operation {
    case .top: Ranking(descending: true, dependsOnGood: false, isSuperlative: false)
    case .bottom: Ranking(descending: false, dependsOnGood: false, isSuperlative: false)
    case .most: Ranking(descending: true, dependsOnGood: false, isSuperlative: true)
    case .least: Ranking(descending: false, dependsOnGood: false, isSuperlative: true)
    case .best: Ranking(descending: true, dependsOnGood: true, isSuperlative: true)
    case .worst: Ranking(descending: false, dependsOnGood: true, isSuperlative: true)
    default: nil
    }
  }

  // MARK: Names

  private mutating func read(_ meaning: Meaning, at index: Int) {
    switch meaning {
    case .metric(let name):
      if !frame.metrics.contains(name) { frame.metrics.append(name) }
    case .dimension(let name): readDimension(name, at: index)
    case .value(let dimension, let value): readValue(value, of: dimension, at: index)
    case .namedFilter(let name):
      if !frame.namedFilters.contains(name) { frame.namedFilters.append(name) }
    case .clarification, .unavailable: break
    }
  }

  private mutating func readDimension(_ name: String, at index: Int) {
    let before = neighbour(of: index, step: -1)
    let after = neighbour(of: index, step: 1)
    let introduced = follows(.by, index)
    func isValue(_ place: Int?) -> Bool {
      guard let place, case .meaning(.value(let dimension, _)) = spans[place].readings[0] else { return false }
      return dimension == name
    }
    // "the West region", "dealer Sunset North": the word only says what kind of name it is.
    if !introduced, isValue(before) || (isValue(after) && !follows(.which, index)) { return }
    if follows(.howMany, index), !hasFullMetric {
      frame.metrics = [Frame.distinctCount(of: name)]
      countsDistinct = true
      return
    }
    let last = tokens[spans[index].range.upperBound - 1]
    if last.folded == last.lemma { singularDimensions.insert(name) } else { pluralDimensions.insert(name) }
    if introduced { byDimensions.insert(name) }
    if !frame.dimensions.contains(name) { frame.dimensions.append(name) }
  }

  /// Whether a metric is named in full somewhere in the question.
  private var hasFullMetric: Bool {
    spans.contains { span in
      guard !span.isPartial, case .meaning(.metric) = span.readings[0] else { return false }
      return true
    }
  }

  private mutating func readValue(_ value: String, of dimension: String, at index: Int) {
    let excludes = isExcluded(index)
    if let known = frame.filters.firstIndex(where: { $0.dimension == dimension && $0.excludes == excludes }) {
      if !frame.filters[known].values.contains(value) { frame.filters[known].values.append(value) }
    } else {
      frame.filters.append(FrameFilter(dimension: dimension, values: [value], excludes: excludes))
    }
  }

  /// Whether an excluding word governs this value, possibly through other values before it.
  private func isExcluded(_ index: Int) -> Bool {
    var place = index
    while let before = neighbour(of: place, step: -1) {
      switch spans[before].readings[0] {
      case .operator(.exclude): return true
      case .meaning(.value), .meaning(.dimension): place = before
      default: return false
      }
    }
    return false
  }

  // MARK: Operators

  private mutating func read(_ operation: Operator, at index: Int, claimed: inout Set<Int>) {
    if let wish = Self.ranking(operation) {
      readRanking(wish, at: index, claimed: &claimed)
      return
    }
    switch operation {
    case .also: isAddition = true
    case .trend: asksForTrend = true
    case .grain(let grain): readGrain(grain, at: index)
    case .compare: comparePlaces.append(index)
    case .change:
      asksForChange = true
      let falling = [
        "decrease", "decreased", "decline", "declined", "drop", "dropped", "fall", "fallen", "shrink",
        "shrinking", "shrank", "lose", "lost", "went", "gone",
      ]
      changeIsFall =
        changeIsFall || (falling.contains(tokens[spans[index].range.lowerBound].lemma) && !words(index).hasSuffix("up"))
    case .against(let kind, let grain): against = (kind, grain)
    case .share: frame.share = true
    case .average: isAverage = true
    case .above, .below, .atLeast, .atMost: readThreshold(operation, at: index, claimed: &claimed)
    case .which, .who: asksWhich = true
    case .howMany: readCount(at: index)
    case .list: lists = true
    case .exclude: readExclusion(at: index)
    case .why, .by, .only, .total, .vague, .forecast, .percentSign, .money, .between: break
    case .top, .bottom, .most, .least, .best, .worst: break
    }
  }

  /// "number of online sales": a count metric's name with values in the middle.
  private mutating func readCount(at index: Int) {
    var place = neighbour(of: index, step: 1)
    var skippedValue = false
    while let here = place, case .meaning(.value) = spans[here].readings[0] {
      skippedValue = true
      place = neighbour(of: here, step: 1)
    }
    guard let place, case .meaning(.metric(let name)) = spans[place].readings[0] else { return }
    let lemmas = tokens[spans[place].range].map(\.lemma)
    let counts = lexicon.exact(["number", "of"] + lemmas)
    if case .metric(let count)? = counts.first {
      spans[place].readings = [.meaning(.metric(count))]
    } else if model.metric(name)?.format == .currency, !skippedValue || counts.isEmpty {
      let dataset = model.metric(name)?.measures.first?.dataset
      let options = model.metrics.filter { metric in
        metric.name == name
          || (metric.isAdditive && metric.format == .number && metric.measures.first?.dataset == dataset)
      }
      ambiguous.append((spans[place], options.map { .metric($0.name) }))
    }
  }

  /// The metric that stands right behind a threshold's number, or right before its operator.
  private func metricBeside(_ index: Int, number: Int) -> String? {
    var after = neighbour(of: number, step: 1)
    while let here = after, [.operator(.percentSign), .operator(.money)].contains(spans[here].readings[0]) {
      after = neighbour(of: here, step: 1)
    }
    for place in [after, neighbour(of: index, step: -1)] {
      if let place, case .meaning(.metric(let name)) = spans[place].readings[0] { return name }
    }
    return nil
  }

  /// "not" must govern a value; elsewhere it turns the question round in a way frames cannot say.
  private mutating func readExclusion(at index: Int) {
    var place = index
    while let next = neighbour(of: place, step: 1) {
      switch spans[next].readings[0] {
      case .meaning(.value): return
      case .meaning(.dimension), .operator(.only): place = next
      default:
        seenUnknown.append(words(index))
        return
      }
    }
    seenUnknown.append(words(index))
  }

  private mutating func readRanking(_ wish: Ranking, at index: Int, claimed: inout Set<Int>) {
    // "top" beside a superlative says the same thing once more.
    if ranking == nil || wish.isSuperlative { ranking = wish }
    if let next = neighbour(of: index, step: 1), let number = wholeNumber(at: next), limit == nil {
      limit = number
      claimed.insert(next)
    }
  }

  private mutating func readGrain(_ grain: TimeGrain, at index: Int) {
    let word = tokens[spans[index].range.lowerBound]
    if spans[index].range.count == 1, Vocabulary.units[word.lemma] != nil, word.folded == word.lemma {
      grainIsSingular = true
    }
    if frame.grain == nil || (frame.grain ?? grain) == grain {
      frame.grain = grain
    } else {
      seenUnknown.append(words(index))
    }
  }

  /// "over 50k": a threshold for the metric; "over the last 3 months" is none.
  private mutating func readThreshold(_ operation: Operator, at index: Int, claimed: inout Set<Int>) {
    var place = neighbour(of: index, step: 1)
    while let here = place, case .operator(.money) = spans[here].readings[0] { place = neighbour(of: here, step: 1) }
    guard let place else {
      seenUnknown.append(words(index))
      return
    }
    switch spans[place].readings[0] {
    case .time: break
    case .number(let value):
      claimed.insert(place)
      let relation: MetricCondition.Relation =
        switch operation {
        case .above: .above
        case .below: .below
        case .atLeast: .atLeast
        default: .atMost
        }
      thresholds.append((relation, value, metricBeside(index, number: place)))
    default: seenUnknown.append(words(index))
    }
  }
}
