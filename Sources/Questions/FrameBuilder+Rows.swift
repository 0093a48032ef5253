import SemanticLayer

/// Thresholds, days of the week, missing and counted groups, parts of a whole.
extension FrameBuilder {
  // MARK: Series

  mutating func readRolling(_ count: Int, _ grain: TimeGrain, isAverage: Bool, at index: Int) {
    guard frame.grain == nil || frame.grain == grain, frame.window == nil else {
      seenUnknown.append(words(index))
      return
    }
    frame.grain = grain
    frame.window = isAverage ? .rollingAverage(count) : .rollingSum(count)
  }

  mutating func readDays(_ days: [String], at index: Int) {
    let excludes = follows(.exclude, index)
    let name = "weekday"
    if let known = frame.filters.firstIndex(where: { $0.dimension == name && $0.excludes == excludes }) {
      frame.filters[known].values += days
    } else {
      frame.filters.append(FrameFilter(dimension: name, values: days, excludes: excludes))
    }
  }

  // MARK: Missing and counted groups

  /// "dealers without claims": what the dimension before has none of.
  mutating func readAbsence(at index: Int) -> Bool {
    guard let next = neighbour(of: index, step: 1), case .meaning(.metric(let name)) = spans[next].readings[0],
      metricPlaces.count == 1, isCountable(name), isNothing(index)
    else { return false }
    let named = frame.dimensions.filter { !byDimensions.contains($0) }
    guard frame.dimensions.count == 1, named.count == 1 else { return false }
    frame.isAbsent = true
    return true
  }

  private func isNothing(_ index: Int) -> Bool {
    let words = tokens[spans[index].range].map(\.lemma)
    return words == ["no"] || words == ["without"] || words == ["zero"] || words.last == "have"
      || (words == ["not"] && tokens[spans[index].range.upperBound...].first?.folded == "any")
  }

  /// Whether a dimension is what is counted: "how many dealers", "how many different dealers".
  func followsHowMany(_ index: Int) -> Bool { follows(.howMany, index) }

  /// "how many dealers sold more than 50": the groups are counted, where nothing else is asked of them.
  mutating func completeCount() {
    guard let name = countedDimension, frame.dimensions == [name], frame.grain == nil, frame.average == nil,
      !frame.share, ranking == nil, !countIsSeparate(name)
    else { return }
    frame.countsGroups = true
  }

  /// "how many dealers and claims do we have" asks two things.
  private func countIsSeparate(_ name: String) -> Bool {
    guard let counted = spans.firstIndex(where: { $0.readings == [.meaning(.dimension(name))] }) else { return false }
    return metricPlaces.contains { metric in
      let (first, last) = (min(metric.place, counted), max(metric.place, counted))
      let words = tokens[spans[first].range.upperBound..<spans[last].range.lowerBound]
      return words.contains { ["and", "or", "plus", "versus"].contains($0.lemma) || $0.followsPause }
    }
  }

  // MARK: Thresholds

  mutating func completeThresholds() {
    for threshold in thresholds {
      if keepRows(threshold) || test(threshold) { continue }
      guard keepGroups(threshold) else {
        timeProblem = "I do not know what the threshold applies to."
        return
      }
    }
  }

  /// "claims over $5,000", "stays of at least 3 nights": a condition on single rows.
  private mutating func keepRows(_ threshold: Threshold) -> Bool {
    let others = frame.metrics.filter { $0 != threshold.metric }
    guard let main = others.first ?? frame.metrics.first, populations.isEmpty, !(asksWhich && frame.grain != nil),
      let counted = measure(of: main), counted.aggregate == .count
    else { return false }
    let candidates = rowValues(threshold, main: main, dataset: counted.dataset)
    guard let value = candidates.first else { return false }
    if candidates.count > 1 {
      thresholdChoices = (threshold, candidates)
      return true
    }
    if frame.metrics.count > 1 { frame.metrics.removeAll { $0 == value } }
    frame.rowConditions.append(
      MetricCondition(metric: value, relation: threshold.relation, value: threshold.value)
    )
    return true
  }

  /// The dimensions that name what is kept or not: "dealers with more than 50 claims".
  private var populations: Set<String> { singularDimensions.union(pluralDimensions).subtracting(byDimensions) }

  /// The metrics whose value on a row a threshold may mean.
  private func rowValues(_ threshold: Threshold, main: String, dataset: String) -> [String] {
    if let named = threshold.metric, named != main {
      guard hasRowValues(named), measure(of: named)?.dataset == dataset else { return [] }
      return fitsKind(threshold, named) ? [named] : []
    }
    var found = model.metrics.filter { hasRowValues($0.name) && measure(of: $0.name)?.dataset == dataset }
    if let unit = threshold.unit {
      found = found.filter { Lexicon.unitLemma($0) == unit }
    } else if threshold.isMoney {
      found = found.filter { $0.format == .currency }
    } else {
      return []
    }
    var values = found.map(\.name)
    // The amount of a claim is the claim amount, unless that is not said.
    let own = found.filter { metric in
      !Set(Tokenizer.lemmas(of: metric.label)).isDisjoint(with: Tokenizer.lemmas(of: model.metric(main)?.label ?? ""))
    }
    if values.count > 1, own.count == 1 { values = own.map(\.name) }
    let expressions = Set(values.compactMap { measure(of: $0)?.expression?.text })
    return expressions.count == 1 ? Array(values.prefix(1)) : values
  }

  private func fitsKind(_ threshold: Threshold, _ metric: String) -> Bool {
    if threshold.isPercent, format(of: metric) != .percent { return false }
    if threshold.isMoney, format(of: metric) != .currency { return false }
    guard let unit = threshold.unit else { return true }
    return base(of: metric).flatMap(Lexicon.unitLemma) == unit
  }

  /// "is occupancy above 80 %?": the number is the answer, held against the threshold.
  private mutating func test(_ threshold: Threshold) -> Bool {
    let verbs: Set<String> = ["is", "are", "was", "were", "has", "have", "did", "does", "do"]
    guard let opening = tokens.first, verbs.contains(opening.folded), frame.dimensions.isEmpty, frame.grain == nil,
      frame.metrics.count == 1, let main = frame.metrics.first, frame.test == nil, thresholds.count == 1,
      threshold.metric == nil || threshold.metric == main, fitsKind(threshold, main)
    else { return false }
    frame.test = MetricCondition(metric: main, relation: threshold.relation, value: threshold.value)
    return true
  }

  private mutating func keepGroups(_ threshold: Threshold) -> Bool {
    guard let first = frame.metrics.first, !frame.dimensions.isEmpty || frame.grain != nil,
      let metric = threshold.metric ?? (frame.metrics.count == 1 ? first : nil), frame.metrics.contains(metric),
      fitsKind(threshold, metric)
    else { return false }
    // "claims over 5,000 by dealer" may speak of single claims: there is nothing whose values are kept or not.
    if threshold.followsMetric, populations.isEmpty, !(isFollowUpEdit && asksWhich), !(asksWhich && frame.grain != nil) {
      return false
    }
    frame.conditions.append(MetricCondition(metric: metric, relation: threshold.relation, value: threshold.value))
    return true
  }

  /// Asks which amount a threshold holds for, each option as a question of its own.
  func thresholdClarification(_ threshold: Threshold, _ metrics: [String]) -> QuestionOutcome {
    let options = metrics.prefix(4).compactMap(model.metric).map { metric -> ClarifyingOption in
      var parts = tokens.map(\.original)
      parts.insert("with \(metric.label)", at: spans[threshold.place].range.lowerBound)
      let question = parts.joined(separator: " ")
      return ClarifyingOption(label: metric.label, preview: question, question: question)
    }
    return .clarify(prompt: "Which amount is the threshold for?", options: options)
  }

  // MARK: Parts of a whole

  /// "share of online orders by region": which values are the part, and which the whole is limited to.
  ///
  /// - Returns: whether the share is one of values in each group.
  mutating func completePortion() -> Bool {
    guard frame.share, frame.metrics.count == 1 else { return false }
    let foreign = frame.filters.filter { !frame.dimensions.contains($0.dimension) && !$0.excludes }
    let isCounted = frame.metrics.first.flatMap(measure)?.aggregate == .countDistinct
    guard !foreign.isEmpty, !frame.dimensions.isEmpty || frame.filters.count > 1 || isCounted else { return false }
    // "what share of app orders was paid by card": what stands behind the verb is the part, the rest is the whole.
    var parts = foreign.filter { filter in spans.indices.contains { isSaidOf($0, filter) } }
    if parts.isEmpty {
      parts = foreign.filter { filter in spans.indices.contains { isAdjective($0, of: filter) } }
      // "percentage of EVs sold in Texas" may be a part of all EVs or of all sales in Texas.
      if frame.dimensions.isEmpty, parts.count < frame.filters.count { return false }
    }
    guard !parts.isEmpty else { return false }
    frame.portion = parts
    frame.filters.removeAll(where: parts.contains)
    frame.share = false
    return true
  }

  private func isValue(_ index: Int, of filter: FrameFilter) -> Bool {
    guard case .meaning(.value(let dimension, let value)) = spans[index].readings[0] else { return false }
    return dimension == filter.dimension && filter.values.contains(value)
  }

  /// Whether a value stands between "share of" and the metric.
  private func isAdjective(_ index: Int, of filter: FrameFilter) -> Bool {
    guard isValue(index, of: filter), let metric = metricPlaces.first?.place, index < metric else { return false }
    var place = index
    while let before = neighbour(of: place, step: -1) {
      guard case .meaning(.value) = spans[before].readings[0] else {
        return spans[before].readings == [.operator(.share)]
      }
      place = before
    }
    return false
  }

  /// Whether a value stands behind a verb that says what the part is.
  private func isSaidOf(_ index: Int, _ filter: FrameFilter) -> Bool {
    guard isValue(index, of: filter), let metric = metricPlaces.first?.place, index > metric else { return false }
    let between = tokens[spans[metric].range.upperBound..<spans[index].range.lowerBound]
    return between.contains { ["be", "come", "go", "make", "payment", "sell"].contains($0.lemma) }
  }
}
