import SemanticLayer

/// Reads the chosen spans from left to right.
extension FrameBuilder {
  mutating func readSpans() {
    var claimed: Set<Int> = []
    for index in spans.indices where !claimed.contains(index) {
      let span = spans[index]
      if span.readings != [.filler], span.readings != [.unknown] { usedWords += 1 }
      switch span.readings[0] {
      case .time(let match): readTime(match, at: index)
      case .meaning(let meaning): read(meaning, at: index)
      case .operator(let operation): read(operation, at: index, claimed: &claimed)
      case .number: readLooseNumber(at: index)
      case .unknown: readUnknown(at: index)
      case .filler: readFiller(at: index)
      }
    }
  }

  /// Takes a period; "around Christmas" is none, and a day at the edge of a period only says something of balances.
  private mutating func readTime(_ match: TimeMatch, at index: Int) {
    let start = spans[index].range.lowerBound
    if start > 0, ["around", "roughly", "approximately", "circa"].contains(tokens[start - 1].folded) {
      seenUnknown.append(tokens[start - 1].original)
    }
    let isAsOf = start > 1 && tokens[start - 2].folded == "as" && tokens[start - 1].folded == "of"
    if match.isEdge || isAsOf {
      let measures = spans.flatMap { span -> [SimpleMeasure] in
        if case .meaning(.metric(let name)) = span.readings[0] { model.metric(name)?.measures ?? [] } else { [] }
      }
      let isBalance = !measures.isEmpty && measures.allSatisfy { model.dataset($0.dataset)?.semiAdditive != nil }
      if !isBalance { timeProblem = "Only a balance has a figure for the edge of a period." }
    }
    // "model year 2025": the year is a value of the dimension, not a period.
    if let before = neighbour(of: index, step: -1), case .meaning(.dimension) = spans[before].readings[0],
      spans[before].range.upperBound == start, tokens[start - 1].lemma == "year"
    {
      seenUnknown.append(words(before) + " " + words(index))
    }
    times.append((match, index))
  }

  /// "by clinic and level": a noun in a list of dimensions was meant as one.
  private mutating func readFiller(at index: Int) {
    let word = tokens[spans[index].range.lowerBound]
    // "percentage of budget reached" is no share of the budget.
    if has(.share), ["reached", "achieved", "reach", "achieve"].contains(word.folded) {
      seenUnknown.append(words(index))
      return
    }
    // "same-store sales"
    if word.folded == "same", previous == nil {
      seenUnknown.append(words(index))
      return
    }
    guard index > 1, Vocabulary.nouns.contains(word.lemma), tokens[spans[index - 1].range.lowerBound].folded == "and",
      case .meaning(.dimension) = spans[index - 2].readings[0]
    else { return }
    seenUnknown.append(words(index))
  }

  private mutating func readUnknown(at index: Int) {
    let word = words(index)
    guard word.contains(where: { $0.isLetter || $0.isNumber }), word.count > 1 else { return }
    seenUnknown.append(word)
  }

  /// A number that no operator has claimed belongs to a ranking beside it or means something unknown.
  private mutating func readLooseNumber(at index: Int) {
    // "the other one", "which one", but not "customers with one order"
    if tokens[spans[index].range.lowerBound].folded == "one", standsForSomething(index) { return }
    if readPostfixThreshold(at: index) { return }
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

  /// Whether "one" is a pronoun.
  private func standsForSomething(_ index: Int) -> Bool {
    let start = spans[index].range.lowerBound
    let before = start > 0 ? tokens[start - 1].folded : ""
    return ["which", "the", "other", "this", "that", "each", "every", "what"].contains(before)
  }

  /// "5 or more orders", "10 or fewer".
  private mutating func readPostfixThreshold(at index: Int) -> Bool {
    guard let next = neighbour(of: index, step: 1), case .operator(let operation) = spans[next].readings[0],
      tokens[spans[next].range.lowerBound].folded == "or", case .number(let value) = spans[index].readings[0],
      operation == .atLeast || operation == .atMost
    else { return false }
    spans[next].readings = [.filler]
    var claimed: Set<Int> = []
    addThreshold(operation, value, at: index, number: next, claimed: &claimed)
    for place in claimed { spans[place].readings = [.filler] }
    return true
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
    case .longest: Ranking(descending: true, dependsOnGood: false, isSuperlative: true, isDuration: true)
    case .shortest: Ranking(descending: false, dependsOnGood: false, isSuperlative: true, isDuration: true)
    default: nil
    }
  }

  // MARK: Names

  private mutating func read(_ meaning: Meaning, at index: Int) {
    switch meaning {
    case .metric(let name):
      if !frame.metrics.contains(name) { frame.metrics.append(name) }
      if follows(.by, index) { rankingMetric = name }
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
    if followsHowMany(index) {
      guard hasFullMetric else {
        frame.metrics = [Frame.distinctCount(of: name)]
        countsDistinct = true
        return
      }
      countedDimension = name
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
    case .change: readChange(at: index)
    case .against(let kind, let grain): against = (kind, grain)
    case .share: readShare(at: index)
    case .average: isAverage = true
    case .above, .below, .atLeast, .atMost: readThreshold(operation, at: index, claimed: &claimed)
    case .which, .who: asksWhich = true
    case .howMany: readCount(at: index)
    case .list: lists = true
    case .exclude: readExclusion(at: index)
    case .by: readBy(at: index)
    case .percentSign: readPercentSign(at: index)
    case .money: readMoney(at: index)
    case .comparative: isComparative = true
    case .descending: sortsDescending = true
    case .ascending: sortsDescending = false
    case .running: frame.window = .running
    case .rolling(let count, let grain, let isAverage): readRolling(count, grain, isAverage: isAverage, at: index)
    case .ordinal(let place): frame.offset = place - 1
    case .onDays(let days): readDays(days, at: index)
    // These stand before a metric, or between two, and are used up there.
    case .statistic, .ratio, .percentOf: seenUnknown.append(words(index))
    case .why, .only, .total, .vague, .forecast, .between: break
    case .top, .bottom, .most, .least, .best, .worst, .longest, .shortest: break
    }
  }

  /// What follows "by" must be understood: "revenue by team" is not the revenue.
  private mutating func readBy(at index: Int) {
    var next = index + 1
    let small: Set<String> = ["the", "a", "an", "our", "each", "all", "every", "of", "their", "its", "different"]
    while spans.indices.contains(next), spans[next].readings == [.filler],
      small.contains(tokens[spans[next].range.lowerBound].folded)
    {
      next += 1
    }
    guard spans.indices.contains(next) else {
      seenUnknown.append(words(index))
      return
    }
    // "by how much"
    if tokens[spans[next].range.lowerBound].folded == "how" { return }
    switch spans[next].readings[0] {
    case .filler: seenUnknown.append(words(next))
    case .time(let match):
      if isPer(index), match.selection.count > 1, let unit = match.selection.unit {
        frame.grain = unit
      } else if words(index) != "across" {
        seenUnknown.append(words(index))
      }
    default: break
    }
  }

  /// A percent sign behind a number that is no threshold: "top 10 %" are not ten.
  private mutating func readPercentSign(at index: Int) {
    guard let before = neighbour(of: index, step: -1), case .number = spans[before].readings[0] else {
      readBarePercent(at: index)
      return
    }
    let opens = neighbour(of: before, step: -1).map { spans[$0].readings[0] }
    switch opens {
    case .operator(.above), .operator(.below), .operator(.atLeast), .operator(.atMost): return
    default: seenUnknown.append(words(before) + " " + words(index))
    }
  }

  /// "by channel in percent" asks for shares; of a percentage it says nothing new.
  private mutating func readBarePercent(at index: Int) {
    let start = spans[index].range.lowerBound
    let named = metricPlaces.compactMap { format(of: $0.name) }
    guard start > 0, ["in", "as"].contains(tokens[start - 1].folded), !named.contains(.percent) else { return }
    frame.share = true
  }

  /// Amounts are shown in the currency of the data; another one would need a rate.
  private mutating func readMoney(at index: Int) {
    let token = tokens[spans[index].range.lowerBound]
    guard let known = model.currency,
      let asked = Vocabulary.currencies[token.original.lowercased()]
        ?? Vocabulary.currencies[token.lemma], asked != known
    else { return }
    seenUnknown.append(words(index))
  }

  private mutating func readShare(at index: Int) {
    if let before = neighbour(of: index, step: -1), case .number = spans[before].readings[0] {
      seenUnknown.append(words(before) + " " + words(index))
      return
    }
    frame.share = true
  }

  private mutating func readChange(at index: Int) {
    let lemma = tokens[spans[index].range.lowerBound].lemma
    let ranks = spans.contains { span in
      if case .operator(let operation) = span.readings[0] { Self.ranking(operation) != nil } else { false }
    }
    // "revenue lost to no-shows" is no fall of revenue.
    if ["lose", "lost", "gain"].contains(lemma), !ranks {
      seenUnknown.append(words(index))
      return
    }
    let hasEdges = spans.contains {
      if case .time(let match) = $0.readings[0] { match.edges.count == 2 } else { false }
    }
    if ["difference", "delta"].contains(lemma), has(.between), !hasEdges {
      comparePlaces.append(index)
      return
    }
    asksForChange = true
    let falling = [
      "decrease", "decreased", "decline", "declined", "drop", "dropped", "fall", "fallen", "shrink",
      "shrinking", "shrank", "lose", "lost", "went", "gone",
    ]
    changeIsFall = changeIsFall || (falling.contains(lemma) && !words(index).hasSuffix("up"))
    changeIsImprovement = changeIsImprovement || lemma.hasPrefix("improve")
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
  private func metricBeside(_ index: Int, number: Int) -> (name: String, isBefore: Bool)? {
    var after = neighbour(of: number, step: 1)
    while let here = after,
      [.operator(.percentSign), .operator(.money)].contains(spans[here].readings[0]) || here == unitPlace(number)
    {
      after = neighbour(of: here, step: 1)
    }
    if let after, case .meaning(.metric(let name)) = spans[after].readings[0] {
      let between = tokens[spans[number].range.upperBound..<spans[after].range.lowerBound]
      let isApart = tokens[spans[after].range.lowerBound].followsPause
      if !isApart, !between.contains(where: { $0.lemma == "and" || $0.lemma == "or" }) { return (name, false) }
    }
    guard let before = neighbour(of: index, step: -1), case .meaning(.metric(let name)) = spans[before].readings[0]
    else { return nil }
    return (name, true)
  }

  /// "not" must govern a value; elsewhere it turns the question round in a way frames cannot say.
  private mutating func readExclusion(at index: Int) {
    if readAbsence(at: index) { return }
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
    if tokens[spans[index].range].contains(where: { $0.folded == "fastest" || $0.folded == "slowest" }) {
      ranking?.isSpeed = true
    }
    if let next = neighbour(of: index, step: 1), let number = wholeNumber(at: next), limit == nil {
      limit = number
      claimed.insert(next)
    }
  }

  private mutating func readGrain(_ grain: TimeGrain, at index: Int) {
    let word = tokens[spans[index].range.lowerBound]
    if spans[index].range.count == 1, Vocabulary.units[word.lemma] != nil {
      guard isIntroducedGrain(index) else {
        seenUnknown.append(words(index))
        return
      }
      grainIsSingular = word.folded == word.lemma
    } else if Vocabulary.grainAdjectives[word.lemma] != nil {
      grainIsSingular = true
    }
    if frame.grain == nil || (frame.grain ?? grain) == grain {
      frame.grain = grain
    } else {
      seenUnknown.append(words(index))
    }
  }

  /// Whether a bare "day" or "months" asks for buckets: "days in stock" does not.
  private func isIntroducedGrain(_ index: Int) -> Bool {
    let ranks = spans.contains { span in
      if case .operator(let operation) = span.readings[0] { Self.ranking(operation) != nil } else { false }
    }
    if ranks || ranking != nil { return true }
    guard let before = neighbour(of: index, step: -1) else { return previous != nil }
    switch spans[before].readings[0] {
    case .operator(.by), .operator(.which): return true
    case .meaning(.dimension), .operator(.grain):
      let word = tokens[spans[index].range.lowerBound]
      return word.followsPause || tokens[spans[index].range.lowerBound - 1].lemma == "and"
    default: return false
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
    case .time: readTimeBehind(index)
    case .number(let value):
      claimed.insert(place)
      addThreshold(operation, value, at: index, number: place, claimed: &claimed)
    default: seenUnknown.append(words(index))
    }
  }

  /// "over the last 3 months" is a period, "more than last year" compares with one.
  private mutating func readTimeBehind(_ index: Int) {
    guard tokens[spans[index].range].contains(where: { $0.folded == "than" }) else { return }
    comparePlaces.append(index)
    isComparative = true
  }

  /// The span of a unit right behind a number: "500 kg", "7 days".
  private func unitPlace(_ number: Int) -> Int? {
    guard let next = neighbour(of: number, step: 1), spans[next].range.count == 1,
      spans[next].range.lowerBound == spans[number].range.upperBound
    else { return nil }
    switch spans[next].readings[0] {
    case .unknown, .operator(.grain): break
    default: return nil
    }
    return lexicon.units.contains(tokens[spans[next].range.lowerBound].lemma) ? next : nil
  }

  private mutating func addThreshold(
    _ operation: Operator,
    _ value: Double,
    at index: Int,
    number: Int,
    claimed: inout Set<Int>
  ) {
    let relation: MetricCondition.Relation =
      switch operation {
      case .above: .above
      case .below: .below
      case .atLeast: .atLeast
      default: .atMost
      }
    let metric = metricBeside(index, number: number)
    var threshold = Threshold(relation: relation, value: value, metric: metric?.name)
    threshold.followsMetric = metric?.isBefore ?? false
    let around = [neighbour(of: number, step: -1), neighbour(of: number, step: 1)].compactMap { $0 }
    threshold.isPercent =
      around.contains { spans[$0].readings[0] == .operator(.percentSign) }
      || around.contains { spans[$0].readings[0] == .operator(.share) }
    threshold.isMoney = around.contains { spans[$0].readings[0] == .operator(.money) }
    threshold.place = index
    if let unit = unitPlace(number) {
      threshold.unit = tokens[spans[unit].range.lowerBound].lemma
      claimed.insert(unit)
    }
    thresholds.append(threshold)
  }
}
