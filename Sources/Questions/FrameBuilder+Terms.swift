import SemanticLayer

/// Puts two metrics, or a word and a metric, together to one figure: "revenue per order", "median wait".
extension FrameBuilder {
  mutating func combineMetrics() {
    combineDate()
    combineStatistic()
    combineExtreme()
    combinePair()
    if let term { frame.metrics = [term.name] }
  }

  private mutating func adopt(_ made: MetricTerm, from used: [Int]) {
    term = made
    for index in used { spans[index].readings = [.filler] }
  }

  // MARK: What metrics are like

  /// The one measure of a metric that is no ratio.
  func measure(of metric: String) -> SimpleMeasure? {
    guard case .simple(let measure)? = model.metric(metric)?.formula else { return nil }
    return measure
  }

  /// Whether each row behind a metric has a value of its own.
  func hasRowValues(_ metric: String) -> Bool {
    guard let measure = measure(of: metric), measure.expression != nil else { return false }
    return ![.count, .countDistinct].contains(measure.aggregate)
      && model.dataset(measure.dataset)?.semiAdditive == nil
  }

  /// Whether a metric counts or adds up over time, so that it can be divided by another one.
  func isCountable(_ metric: String) -> Bool {
    guard let measure = measure(of: metric) else { return false }
    return [.count, .countDistinct, .sum].contains(measure.aggregate)
      && model.dataset(measure.dataset)?.semiAdditive == nil
  }

  /// The metric of the model that stands for a name in the frame: itself, or the first of a term.
  func base(of name: String) -> Metric? { MetricTerm(name).metrics.first.flatMap(model.metric) }

  /// How the values of a name in the frame are shown.
  func format(of name: String) -> Metric.Format? {
    switch MetricTerm(name) {
    case .percent: .percent
    case .distinct: .number
    case .firstDate, .lastDate: nil
    default: base(of: name)?.format
    }
  }

  // MARK: Two metrics

  private mutating func combinePair() {
    let places = metricPlaces
    if places.count == 2, places[0].name == places[1].name { readShareOfItself(places[0].place, places[1].place) }
    guard term == nil, places.count == 2, places[0].name != places[1].name,
      isCountable(places[0].name), isCountable(places[1].name)
    else { return }
    let (one, other) = (places[0], places[1])
    let between = spans[one.place + 1..<other.place].indices.filter { spans[$0].readings != [.filler] }
    let words = tokens[spans[one.place].range.upperBound..<spans[other.place].range.lowerBound].map(\.folded)
    let small: Set<String> = ["the", "our", "a", "all", "of", "total", "sold", "single"]
    let link = words.filter { !small.contains($0) }
    if between.count == 1, isPer(between[0]) {
      guard let divisor = counted(other) else { return }
      let average = neighbour(of: one.place, step: -1).filter { spans[$0].readings == [.operator(.average)] }
      adopt(.ratio(one.name, divisor), from: [one.place, other.place, between[0]] + (average.map { [$0] } ?? []))
    } else if between.count == 1, spans[between[0]].readings == [.operator(.percentOf)], isSameUnit(one.name, other.name)
    {
      adopt(.percent(one.name, of: other.name), from: [one.place, other.place, between[0]])
    } else if link == ["minus"] || link == ["less"] {
      adopt(.difference(one.name, other.name), from: [one.place, other.place] + between)
    } else if let opening = opening(before: one.place) {
      combine(one, other, after: opening, link: link, between: between)
    }
  }

  /// "inpatient charges as a share of all charges".
  private mutating func readShareOfItself(_ one: Int, _ other: Int) {
    guard let link = (one + 1..<other).first(where: { spans[$0].readings == [.operator(.percentOf)] }) else { return }
    spans[link].readings = [.operator(.share)]
    spans[other].readings = [.filler]
  }

  /// What "per sale" divides by: the number of sales, not their money.
  private func counted(_ divisor: (place: Int, name: String)) -> String? {
    guard model.metric(divisor.name)?.format == .currency else { return divisor.name }
    let lemmas = tokens[spans[divisor.place].range].map(\.lemma)
    guard case .metric(let count)? = lexicon.exact(["number", "of"] + lemmas).first, isCountable(count) else { return nil }
    return count
  }

  /// A word before two metrics that says what to make of them.
  private func opening(before place: Int) -> (word: String, spans: [Int])? {
    let first = max(0, place - 4)
    guard
      let start = (first..<place).first(where: { index in
        ["difference", "gap", "delta", "variance", "ratio"].contains(tokens[spans[index].range.lowerBound].folded)
      })
    else { return nil }
    let words = spans[start..<place].flatMap { tokens[$0.range] }.map(\.folded)
    let isPlain = words.dropFirst().allSatisfy { ["between", "of", "the", "our"].contains($0) }
    guard isPlain, words[0] == "ratio" || words.contains("between") else { return nil }
    return (words[0], Array(start..<place))
  }

  private mutating func combine(
    _ one: (place: Int, name: String),
    _ other: (place: Int, name: String),
    after opening: (word: String, spans: [Int]),
    link: [String],
    between: [Int]
  ) {
    let used = [one.place, other.place] + opening.spans + between
    if opening.word == "ratio", ["to", "and", "over", "versus", "vs"].contains(link.joined()) {
      adopt(.ratio(one.name, other.name), from: used)
    } else if opening.word != "ratio", ["and", "to", "versus", "vs"].contains(link.joined()),
      isSameUnit(one.name, other.name)
    {
      adopt(.difference(one.name, other.name), from: used)
    }
  }

  private func isSameUnit(_ one: String, _ other: String) -> Bool {
    let metrics = [one, other].compactMap(model.metric)
    return metrics.count == 2 && metrics[0].format == metrics[1].format
      && metrics[0].unit == metrics[1].unit
  }

  // MARK: Statistics of rows

  /// "median wait", "90th percentile of the wait".
  private mutating func combineStatistic() {
    for index in spans.indices {
      guard case .operator(.statistic(let statistic)) = spans[index].readings[0], term == nil,
        let next = neighbour(of: index, step: 1), case .meaning(.metric(let name)) = spans[next].readings[0],
        hasRowValues(name)
      else { continue }
      adopt(.statistic(statistic, of: name), from: [index, next])
    }
  }

  /// "largest refund", "maximum wait by clinic": with nothing to rank, the extreme of the single rows.
  private mutating func combineExtreme() {
    for index in spans.indices {
      guard term == nil, case .operator(let operation) = spans[index].readings[0],
        let statistic = Self.extreme(operation), let next = neighbour(of: index, step: 1),
        case .meaning(.metric(let name)) = spans[next].readings[0], hasRowValues(name), !ranksSomething(index)
      else { continue }
      let isMean = measure(of: name)?.aggregate == .average
      guard isMean || isSingular(next) else { continue }
      if [.longest, .shortest].contains(operation), !isDuration(name) { continue }
      adopt(.statistic(statistic, of: name), from: [index, next])
    }
  }

  private static func extreme(_ operation: Operator) -> RowStatistic? {
    switch operation {
    case .most, .longest: .maximum
    case .least, .shortest: .minimum
    default: nil
    }
  }

  /// Whether a superlative ranks the values of a dimension or buckets of time.
  ///
  /// "maximum wait by clinic" does not, "highest wait by clinic" may.
  private func ranksSomething(_ index: Int) -> Bool {
    let isMathematical = ["maximum", "max", "minimum", "min"].contains(tokens[spans[index].range.lowerBound].folded)
    return has(.who)
      || spans.indices.contains { place in
        switch spans[place].readings[0] {
        case .meaning(.dimension): !(isMathematical && follows(.by, place))
        case .operator(.grain), .operator(.top), .operator(.bottom), .operator(.compare): true
        default: false
        }
      }
  }

  /// Whether a name of many is used in the singular: "largest refund" speaks of one row, "highest revenue" may not.
  private func isSingular(_ index: Int) -> Bool {
    guard case .meaning(.metric(let name)) = spans[index].readings[0], let metric = model.metric(name) else {
      return false
    }
    let words = tokens[spans[index].range]
    guard let last = words.last, last.folded == last.lemma else { return false }
    return ([metric.name, metric.label] + metric.synonyms).contains { other in
      let named = Tokenizer.tokens(of: String(other.map { $0 == "_" ? " " : $0 }))
      return named.map(\.lemma) == words.map(\.lemma) && named.last.map { $0.folded != $0.lemma } ?? false
    }
  }

  // MARK: First and last days

  /// "when was the first order", "date of the last claim".
  private mutating func combineDate() {
    let asks = spans.indices.filter { ["when", "date", "day"].contains(tokens[spans[$0].range.lowerBound].folded) }
    guard let ask = asks.first, tokens.first?.folded == "when" || tokens[spans[ask].range.lowerBound].folded != "when"
    else { return }
    for index in spans.indices {
      let word = tokens[spans[index].range.lowerBound].folded
      guard let isFirst = ["first": true, "earliest": true, "last": false, "latest": false, "recent": false][word],
        spans[index].readings == [.unknown], let next = followingMetric(index),
        case .meaning(.metric(let name)) = spans[next].readings[0],
        metricPlaces.count == 1, isCountable(name)
      else { continue }
      var used = [index, next] + asks
      if word == "recent", index > 0, spans[index - 1].readings == [.operator(.most)] { used.append(index - 1) }
      adopt(isFirst ? .firstDate(of: name) : .lastDate(of: name), from: used)
      return
    }
  }

  /// The metric behind a word, with no more than "date" between.
  private func followingMetric(_ index: Int) -> Int? {
    var place = neighbour(of: index, step: 1)
    while let here = place, tokens[spans[here].range.lowerBound].folded == "date" {
      place = neighbour(of: here, step: 1)
    }
    return place
  }
}

extension Optional {
  fileprivate func filter(_ isIncluded: (Wrapped) -> Bool) -> Wrapped? {
    flatMap { isIncluded($0) ? $0 : nil }
  }
}
