import CoachVocabulary
import SemanticLayer

/// Finds questions whose parts were understood one by one but do not make one question.
extension FrameBuilder {
  /// Why the frame may not mean what was asked; nil when it does.
  func inconsistency() -> String? {
    if let limit = frame.limit, limit > 1_000 { return "At most 1,000 rows can be ranked." }
    return timeProblem ?? averageProblem() ?? countProblem() ?? changeProblem() ?? metricProblem() ?? shareProblem()
      ?? rankingProblem()
  }

  private func averageProblem() -> String? {
    if case .grain? = frame.average, frame.dimensions.contains(where: isPerUnit) {
      return "I do not know which of the two the average is to be taken over."
    }
    guard isAverage, frame.average == nil else { return nil }
    let metrics = frame.metrics.compactMap(model.metric)
    if metrics.contains(where: \.isAdditive) { return "I do not know what the average is to be taken over." }
    let isBalance = metrics.flatMap(\.measures).contains { model.dataset($0.dataset)?.semiAdditive == .last }
    return isBalance && frame.grain == nil ? "A balance has an average only over days, months or the like." : nil
  }

  /// "how many dealers had more than 50 claims" asks for the number of rows that frames list.
  private func countProblem() -> String? {
    let counts = spans.indices.contains { index in
      guard case .meaning(.dimension) = spans[index].readings[0] else { return false }
      return follows(.howMany, index)
    }
    guard counts, !frame.countsGroups, frame.metrics.count > 1 || !thresholds.isEmpty || !countsDistinct else {
      return distinctProblem()
    }
    return "I can list them, but not count those that meet a condition."
  }

  /// "how many customers in March": among several kinds of facts that know customers, which one is not said.
  private func distinctProblem() -> String? {
    guard countsDistinct, frame.metrics.count == 1, case .distinct(let name) = MetricTerm(frame.metrics[0]),
      let dimension = model.dimension(name), frame.time != nil || frame.grain != nil
    else { return nil }
    let facts = model.datasets.filter { $0.time != nil && compiler.reaches(dimension, from: $0.name) }
    return facts.count > 1 ? "I do not know in which records they are to be counted." : nil
  }

  private func changeProblem() -> String? {
    if asksForChange, !thresholds.isEmpty { return "A threshold for a change is too much at once." }
    if asksForChange, frame.metrics.count > 1, frame.comparison == nil {
      return "I do not know which difference is meant."
    }
    let differs = spans.indices.contains { index in
      spans[index].readings == [.operator(.compare)] && words(index).lowercased().contains("difference")
    }
    if differs, frame.metrics.count > 1 { return "I do not know which difference is meant." }
    let compares = frame.comparison != nil || frame.filters.contains { $0.values.count > 1 }
    if isComparative, !compares { return "I do not know what is to be compared with what." }
    guard asksForChange || isComparative, frame.comparison != nil, ranking == nil, sortsDescending == nil else {
      return nil
    }
    // "clinics where visits declined" asks for those only.
    let named = singularDimensions.union(pluralDimensions).subtracting(byDimensions)
    return named.isEmpty ? nil : "I cannot keep only those whose figure changed in one direction."
  }

  private func metricProblem() -> String? {
    let metrics = spans.indices.filter { if case .meaning(.metric) = spans[$0].readings[0] { true } else { false } }
    for (first, second) in zip(metrics, metrics.dropFirst()) where spans[first].readings != spans[second].readings {
      if isRatio(first, second) { return "\(words(first)) per \(words(second)) is not a figure that I know." }
      if !isSeparated(first, second), thresholds.isEmpty {
        return "I do not know how \(words(first)) and \(words(second)) belong together."
      }
    }
    if let misplaced = misplacedMetric(metrics) { return misplaced }
    if let first = metrics.first, let before = neighbour(of: first, step: -1), isPer(before), first > 0,
      frame.metrics.count == 1
    {
      return "I do not know what is meant per \(words(first))."
    }
    return nil
  }

  /// "how did September compare to budget", "visits by patients' city": a metric that is not what is measured.
  private func misplacedMetric(_ metrics: [Int]) -> String? {
    for index in metrics {
      guard let before = neighbour(of: index, step: -1) else { continue }
      if metrics.count == 1, isBaseOfComparison(before) {
        return "I do not know what is to be compared with \(words(index))."
      }
      let after = neighbour(of: index, step: 1)
      if metrics.count > 1, spans[before].readings == [.operator(.by)], let after,
        case .meaning(.dimension) = spans[after].readings[0],
        spans[after].range.lowerBound == spans[index].range.upperBound,
        !tokens[spans[after].range.lowerBound].followsPause
      {
        return "I do not know how \(words(index)) and \(words(after)) belong together."
      }
    }
    return nil
  }

  /// Whether what follows a comparing word is compared with: "versus X", "compare to X", but not "compare X".
  func isBaseOfComparison(_ place: Int) -> Bool {
    guard comparePlaces.contains(place) else { return false }
    let opening: Set<String> = ["compare", "comparing", "comparison", "difference", "delta"]
    let span = spans[place]
    let next = span.range.upperBound
    if place > 0, next < tokens.count, ["to", "with", "against"].contains(tokens[next].folded) { return true }
    return span.range.count > 1
      ? tokens[span.range.upperBound - 1].folded != "of" && !words(place).lowercased().contains("difference")
      : !opening.contains(tokens[span.range.lowerBound].lemma)
  }

  /// "charges per visit" is neither of the two.
  private func isRatio(_ first: Int, _ second: Int) -> Bool {
    spans[first + 1..<second].indices.contains(where: isPer)
  }

  func isPer(_ index: Int) -> Bool {
    guard spans[index].readings == [.operator(.by)] else { return false }
    return ["per", "each", "every"].contains(tokens[spans[index].range.upperBound - 1].folded)
  }

  private func shareProblem() -> String? {
    guard frame.share, !frame.dimensions.isEmpty else { return nil }
    if frame.metrics.isEmpty { return "I do not know what the share is of." }
    let foreign = frame.filters.filter { !frame.dimensions.contains($0.dimension) }
    for index in spans.indices {
      guard case .meaning(.value(let dimension, _)) = spans[index].readings[0],
        foreign.contains(where: { $0.dimension == dimension })
      else { continue }
      let places = [neighbour(of: index, step: -1), neighbour(of: index, step: 1)]
      let opens: Set<String> = ["in", "for", "at", "within", "only", "to", "the", "and", "through", "via"]
      let start = spans[index].range.lowerBound
      let isLoose = start > 0 && !opens.contains(tokens[start - 1].folded) && !tokens[start].followsPause
      if isLoose || places.contains(where: { $0.map { spans[$0].readings.contains(.operator(.share)) } ?? false }) {
        return "A share of one value in each group is too much at once."
      }
    }
    return nil
  }

  private func rankingProblem() -> String? {
    if let grain = frame.grain, let days = frame.time?.range.dayCount,
      days < [TimeGrain.week: 7, .month: 28, .quarter: 84, .year: 350][grain] ?? 0, frame.time?.isRunning == false
    {
      return "The period is shorter than one \(grain.rawValue)."
    }
    if frame.offset != nil, frame.limit == nil { return "I do not know what is to be ranked." }
    if let comparison = frame.comparison, comparison.kind != .previousBucket, frame.limit != nil, frame.grain != nil {
      return "A ranking over time is too much at once."
    }
    let ranks = spans.indices.filter { index in
      if case .operator(let operation) = spans[index].readings[0] { Self.ranking(operation) != nil } else { false }
    }
    let adds: Set<String> = ["combined", "together", "altogether"]
    if !ranks.isEmpty, frame.limit != nil, tokens.contains(where: { adds.contains($0.folded) }) {
      return "I can list the first of a ranking, but not add them up."
    }
    guard let rank = ranks.first, let total = spans.indices.first(where: isSum), total < rank,
      tokens[spans[total].range.upperBound..<spans[rank].range.lowerBound].contains(where: { $0.folded == "of" })
    else { return nil }
    return "I can list the first of a ranking, but not add them up."
  }

  /// "combined", "total": a sum over what follows.
  private func isSum(_ index: Int) -> Bool { spans[index].readings == [.operator(.total)] }
}
