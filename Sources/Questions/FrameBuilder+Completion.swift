import CoachVocabulary
import SemanticLayer

/// Turns what was read into one consistent frame.
extension FrameBuilder {
  // MARK: - Follow-ups

  /// Edits the previous frame when the question only makes sense as a change of it.
  ///
  /// - Returns: whether it did.
  mutating func applyFollowUp() -> Bool {
    dropThresholdMetrics()
    guard let previous, isFollowUp else { return false }
    var merged = previous
    isFollowUpEdit = true
    if refersToRows, previous.limit != nil, !frame.metrics.isEmpty {
      timeProblem = "I do not know whether the same rows are meant."
    }
    if !frame.metrics.isEmpty { merged.metrics = isAddition ? merged.metrics + frame.metrics : frame.metrics }
    if !frame.dimensions.isEmpty {
      merged.dimensions =
        isAddition ? merged.dimensions + frame.dimensions.filter { !merged.dimensions.contains($0) } : frame.dimensions
      merged.limit = nil
      merged.order = nil
      merged.limitsPerGroup = false
    }
    for filter in frame.filters {
      merged.filters.removeAll { $0.dimension == filter.dimension }
      merged.filters.append(filter)
    }
    merged.namedFilters += frame.namedFilters.filter { !merged.namedFilters.contains($0) }
    if let grain = frame.grain { merged.grain = grain }
    if let window = frame.window { merged.window = window }
    if let offset = frame.offset { merged.offset = offset }
    if frame.share { merged.share = true }
    merged.test = nil
    if previous.isAbsent || previous.countsGroups, merged.dimensions != previous.dimensions {
      timeProblem = "I do not know whether they are still to be counted."
    }
    if ranking != nil || limit != nil { merged.limit = nil }
    let metricChanged = merged.metrics != previous.metrics
    if metricChanged {
      merged.conditions = []
      if let order = merged.order, case .metric = order.key, let first = merged.metrics.first {
        merged.order = FrameOrder(by: .metric(first), descending: order.descending)
      }
    }
    if !times.isEmpty || against != nil { merged.comparison = nil }
    keptComparison = times.isEmpty ? nil : previous.comparison?.kind
    frame = merged
    return true
  }

  /// "with damage over 1000": the metric only limits what was asked before.
  private mutating func dropThresholdMetrics() {
    let openings: Set<String> = ["with", "only", "where", "those", "just", "over", "above", "under", "below", "but"]
    guard let previous, let first = tokens.first, openings.contains(first.folded), !thresholds.isEmpty,
      frame.metrics.allSatisfy({ name in !previous.metrics.contains(name) && thresholds.contains { $0.metric == name } })
    else { return }
    frame.metrics = []
  }

  private var isFollowUp: Bool {
    let hasEdit =
      !frame.dimensions.isEmpty || !frame.filters.isEmpty || !times.isEmpty || frame.grain != nil || ranking != nil
      || limit != nil || against != nil || frame.share || !frame.namedFilters.isEmpty || !thresholds.isEmpty
      || !comparePlaces.isEmpty || asksForTrend || frame.window != nil
    if frame.metrics.isEmpty { return hasEdit && !has(.list) }
    let opening = tokens.prefix(2).map(\.folded)
    let opens =
      ["and", "now", "then", "but", "also", "instead", "same", "ok", "plus", "add"].contains(opening.first ?? "")
      || opening == ["what", "about"] || opening == ["how", "about"]
    let refersBack = tokens.contains { ["instead", "same", "that", "it"].contains($0.folded) } || refersToRows
    return opens || (refersBack && !hasEdit)
  }

  /// "their margin": the rows of the last answer.
  private var refersToRows: Bool {
    tokens.contains { ["those", "them", "their", "these", "they", "its"].contains($0.folded) }
  }

  // MARK: - Completion

  mutating func completeFrame(isFollowUp: Bool) {
    completeTime()
    completeAverage()
    completeTrend()
    completeThresholds()
    if !completePortion() { completeShare() }
    completeComparedValues()
    completeRanking(isFollowUp: isFollowUp)
    completeCount()
    completeListing()
  }

  private mutating func completeListing() {
    guard frame.metrics.isEmpty, !frame.dimensions.isEmpty, ranking == nil, times.isEmpty, frame.grain == nil else {
      lists = false
      return
    }
    let asksForAll = tokens.contains { ["there", "exist", "available", "have"].contains($0.lemma) }
    lists = lists || (asksWhich && (!frame.filters.isEmpty || asksForAll))
  }

  private mutating func completeAverage() {
    guard isAverage, !frame.metrics.isEmpty else { return }
    guard frame.metrics.allSatisfy({ isCountable($0) || model.metric($0)?.isAdditive ?? true }) else { return }
    if let grain = frame.grain {
      frame.average = .grain(grain)
      frame.grain = nil
    } else if let unit = frame.dimensions.first(where: isPerUnit) {
      frame.average = .dimension(unit)
      frame.dimensions.removeAll { $0 == unit }
    } else if frame.metrics.count == 1, namesItsRows(frame.metrics[0]) {
      frame.metrics = [MetricTerm.statistic(.average, of: frame.metrics[0]).name]
    }
  }

  /// "average claim amount": the rows are claims, and each has an amount.
  private func namesItsRows(_ metric: String) -> Bool {
    guard hasRowValues(metric), let dataset = measure(of: metric).flatMap({ model.dataset($0.dataset) }),
      let place = metricPlaces.first(where: { $0.name == metric })?.place
    else { return false }
    let words = Set(tokens[spans[place].range].map(\.lemma))
    let rows = Tokenizer.lemmas(of: dataset.label).last.map { [$0] } ?? []
    return words.count > 1 && !words.isDisjoint(with: rows)
  }

  /// "average revenue per dealer": a dimension in the singular behind "per" is a unit, not a breakdown.
  func isPerUnit(_ dimension: String) -> Bool {
    spans.indices.contains { index in
      guard spans[index].readings == [.meaning(.dimension(dimension))], let before = neighbour(of: index, step: -1),
        spans[before].readings == [.operator(.by)]
      else { return false }
      return ["per", "each", "every"].contains(tokens[spans[before].range.upperBound - 1].folded)
    }
  }

  private mutating func completeTrend() {
    if frame.window != nil, frame.grain == nil { asksForTrend = true }
    guard frame.grain == nil, frame.average == nil, frame.comparison == nil else { return }
    let longChange = asksForChange && frame.comparison == nil && (frame.time?.count ?? 0) >= 3
    guard asksForTrend || longChange else { return }
    if let time = frame.time, let unit = time.unit, time.count > 1 {
      frame.grain = unit
      return
    }
    let days = frame.time?.range.dayCount ?? 1_000
    frame.grain = days <= 31 ? .day : days <= 92 ? .week : .month
  }

  private mutating func completeShare() {
    guard frame.share else { return }
    // "what percent did revenue grow" asks for the change, which is shown in percent too.
    if asksForChange, frame.comparison != nil, frame.dimensions.isEmpty, frame.filters.isEmpty {
      frame.share = false
      return
    }
    guard let metric = frame.metrics.first, model.metric(metric)?.isAdditive ?? false else {
      if !frame.metrics.isEmpty { timeProblem = "A share can only be taken of a figure that adds up." }
      return
    }
    guard frame.dimensions.isEmpty else { return }
    guard frame.filters.count == 1, !frame.filters[0].excludes else {
      timeProblem = "I do not know what the share is of."
      return
    }
    frame.dimensions = [frame.filters[0].dimension]
  }

  /// "West versus South": two values that are compared are shown side by side.
  private mutating func completeComparedValues() {
    guard !comparePlaces.isEmpty || has(.between) || isComparative else { return }
    for filter in frame.filters
    where filter.values.count > 1 && !filter.excludes && !frame.dimensions.contains(filter.dimension) {
      frame.dimensions.append(filter.dimension)
    }
  }

  // MARK: - Ranking

  private mutating func completeRanking(isFollowUp: Bool) {
    if let sortsDescending, ranking == nil, let metric = frame.metrics.first {
      frame.order = FrameOrder(by: .metric(metric), descending: sortsDescending)
      return
    }
    guard let ranking else {
      if let limit, isFollowUp { frame.limit = limit } else if let limit { seenUnknown.append(String(limit)) }
      return
    }
    guard let metric = rankingMetric ?? frame.metrics.first else { return }
    if ranking.isDuration, !isDuration(metric) {
      timeProblem = "\(model.metric(metric)?.label ?? metric) is no length of time."
      return
    }
    guard !frame.dimensions.isEmpty || frame.grain != nil else {
      timeProblem = "I do not know what is to be ranked."
      return
    }
    var descending = ranking.descending
    if ranking.isSpeed, isDuration(metric), !asksForChange {
      descending = ranking.dependsOnGood
    } else if ranking.dependsOnGood, base(of: metric)?.good == .down {
      descending.toggle()
    }
    if frame.comparison != nil, asksForChange || against != nil {
      if changeIsFall { descending.toggle() }
      if changeIsImprovement {
        guard let good = model.metric(metric)?.good else {
          timeProblem = "I do not know whether more of it is an improvement."
          return
        }
        if good == .down { descending.toggle() }
      }
      let percent = tokens.contains { ["fastest", "percent", "rate"].contains($0.lemma) }
      frame.order = FrameOrder(by: percent ? .changePercent(metric) : .change(metric), descending: descending)
    } else {
      frame.order = FrameOrder(by: .metric(metric), descending: descending)
    }
    frame.limit = limit ?? impliedLimit()
    if frame.offset != nil { completeOffset() }
    orderGroups()
  }

  /// "the second best dealer" is one row behind the first.
  private mutating func completeOffset() {
    guard limit == nil, !(ranking?.isSpeed ?? false) else {
      timeProblem = "I do not know which place of the ranking is meant."
      return
    }
    frame.limit = 1
  }

  /// Whether a metric says how long something takes.
  func isDuration(_ metric: String) -> Bool {
    guard let unit = model.metric(metric)?.unit else { return false }
    return Vocabulary.durations.contains(Tokenizer.lemma(of: unit))
  }

  /// "which dealer" asks for one, "top dealers" for ten.
  private func impliedLimit() -> Int? {
    if frame.dimensions.isEmpty { return grainIsSingular ? 1 : nil }
    let ranked = rankedDimension()
    if pluralDimensions.contains(ranked) {
      return (lexicon.valueCounts[ranked] ?? 11) > 10 ? 10 : nil
    }
    return byDimensions.contains(ranked) && !asksWhich ? nil : 1
  }

  /// The dimension that is ranked: the one that is not merely a group ("per region").
  private func rankedDimension() -> String {
    frame.dimensions.first { !byDimensions.contains($0) } ?? frame.dimensions[0]
  }

  private mutating func orderGroups() {
    let keys = frame.dimensions.count + (frame.grain == nil ? 0 : 1)
    guard frame.limit != nil, keys > 1, !frame.dimensions.isEmpty else { return }
    let ranked = rankedDimension()
    frame.dimensions.removeAll { $0 == ranked }
    frame.dimensions.append(ranked)
    frame.limitsPerGroup = true
  }

  // MARK: - Time

  private mutating func completeTime() {
    let selections = times.map(\.match.selection)
    switch times.count {
    case 0: completeWithoutTime()
    case 1:
      let match = times[0].match
      if asksForChange, match.edges.count == 2, match.edges[0].unit == match.edges[1].unit {
        compare(match.edges[1], with: match.edges[0])
      } else if isOtherPeriod(times[0].place) {
        compareRunning(with: selections[0])
      } else {
        frame.time = selections[0]
        completeComparison()
      }
    case 2: completeTwoTimes(selections[0], selections[1])
    default: completeManyTimes(selections)
    }
  }

  /// "2023, 2024 and 2025": neighbours of one kind are a series.
  private mutating func completeManyTimes(_ selections: [TimeSelection]) {
    let sorted = selections.sorted { $0.range.start < $1.range.start }
    guard let first = sorted.first, let last = sorted.last, let unit = first.unit, frame.grain == nil || frame.grain == unit,
      zip(sorted, sorted.dropFirst()).allSatisfy({ $0.range.end == $1.range.start && $1.unit == unit })
    else {
      timeProblem = "There are more than two periods in the question."
      return
    }
    let range = DateRange(start: first.range.start, end: last.range.end)
    let count = sorted.reduce(0) { $0 + $1.count }
    frame.time = TimeSelection(range, unit: unit, count: count, isRunning: last.isRunning)
    frame.grain = unit
  }

  /// Whether a period stands right behind "versus" or "than", so that it is what another one is compared with.
  private func isOtherPeriod(_ place: Int) -> Bool {
    neighbour(of: place, step: -1).map(isBaseOfComparison) ?? false
  }

  /// "versus last year": the other period was said, the first one is that of the previous question or the running one.
  private mutating func compareRunning(with other: TimeSelection) {
    if let time = frame.time {
      if time.range.start > other.range.start {
        compare(time, with: other)
      } else {
        timeProblem = "I do not know which two periods are to be compared."
      }
      return
    }
    guard let unit = other.unit else {
      timeProblem = "The question names only one of the two periods."
      return
    }
    let running = TimeSelection(compiler.calendar.toDate(unit), unit: unit, isRunning: true)
    let natural = compiler.calendar.comparison(.previousPeriod, for: running)
    guard natural.range.start == other.range.start, other.count == 1 else {
      timeProblem = "The question names only one of the two periods."
      return
    }
    compare(running, with: other)
  }

  private mutating func completeWithoutTime() {
    if frame.time == nil, let grain = frame.grain, bucketsAreCompared(grain) {
      compareBuckets(grain)
      return
    }
    guard let against else {
      if asksForChange, frame.time == nil, !asksForTrend, frame.grain == nil { askForPeriod() }
      if frame.time != nil { completeComparison() }
      return
    }
    if frame.time == nil {
      guard !namesOtherPeriodOnly else {
        timeProblem = "The question names only one of the two periods."
        return
      }
      let calendar = compiler.calendar
      if against.kind == .samePeriodLastYear {
        frame.time = TimeSelection(calendar.toDate(.year), unit: .year, isRunning: true)
        notes.append("no period was named: the year to date is compared with the same days last year")
      } else {
        let grain = against.grain ?? .month
        frame.time = TimeSelection(calendar.lastComplete(1, grain), unit: grain)
        notes.append("no period was named: the last complete \(grain.rawValue) is compared with the one before")
      }
    }
    completeComparison()
  }

  /// "monthly growth of revenue": over all of the data.
  private func bucketsAreCompared(_ grain: TimeGrain) -> Bool {
    guard let against else { return asksForChange && !asksForTrend }
    return against.kind == .previousPeriod && against.grain == grain
  }

  /// "revenue for the same month last year": nothing says which month, nor that anything is compared.
  private var namesOtherPeriodOnly: Bool {
    guard comparePlaces.isEmpty, !asksForChange, !isComparative else { return false }
    return spans.contains { span in
      guard case .operator(.against) = span.readings[0] else { return false }
      return tokens[span.range].contains { ["same", "before", "earlier", "period"].contains($0.lemma) }
    }
  }

  /// "how did revenue change?" needs to know over which period.
  private mutating func askForPeriod() {
    guard !frame.metrics.isEmpty, !frame.dimensions.isEmpty || ranking != nil || asksForChange else { return }
    timeProblem = "The question does not say between which periods the change is meant."
  }

  /// Compares the one period that was named, when the question asks for a comparison.
  private mutating func completeComparison() {
    guard let time = frame.time else { return }
    var kind = against?.kind ?? keptComparison
    let comparesOther =
      frame.dimensions.isEmpty && frame.filters.allSatisfy { $0.values.count == 1 } && frame.metrics.count == 1
    if kind == nil, asksForChange || (!comparePlaces.isEmpty && comparesOther) {
      let isLongSeries = time.count >= 3 || frame.grain != nil || asksForTrend
      if asksForChange, let grain = frame.grain {
        compareBuckets(grain)
        return
      }
      kind = isLongSeries ? nil : .previousPeriod
    }
    guard let kind else { return }
    if let grain = against?.grain, grain != .year, time.unit != grain || time.count != 1 {
      compareBuckets(grain)
      return
    }
    if kind == .named {
      frame.comparison = compiler.calendar.comparison(.previousPeriod, for: compiler.calendar.upToDate(time))
    } else {
      frame.time = compiler.calendar.upToDate(time)
      frame.comparison = compiler.calendar.comparison(kind, for: compiler.calendar.upToDate(time))
    }
  }

  /// "month over month growth in 2024": each bucket with the one before it.
  private mutating func compareBuckets(_ grain: TimeGrain) {
    guard frame.grain == nil || frame.grain == grain, frame.window == nil, frame.metrics.count == 1 else {
      timeProblem = "A change between the buckets of a series is too much at once."
      return
    }
    frame.grain = grain
    frame.comparison = compiler.calendar.previousBucket(grain, in: frame.time)
  }

  private mutating func completeTwoTimes(_ first: TimeSelection, _ second: TimeSelection) {
    // "by month in 2024 up to June": where the one ends depends on the other.
    if [first, second].contains(where: { $0.range.start == TimeGrammar.beginning }) {
      timeProblem = "I do not know how the two periods belong together."
      return
    }
    let compares = !comparePlaces.isEmpty || asksForChange || has(.above) || has(.below) || has(.between)
    if first == second {
      frame.time = first
      if compares, against == nil { completeRepeatedTime() } else { completeComparison() }
    } else if compares {
      compare(first, with: second)
    } else if let unit = first.unit, unit == second.unit {
      let (earlier, later) = first.range.start < second.range.start ? (first, second) : (second, first)
      if earlier.range.end == later.range.start, frame.grain == nil {
        frame.time = TimeSelection(
          DateRange(start: earlier.range.start, end: later.range.end),
          unit: unit,
          count: earlier.count + later.count,
          isRunning: later.isRunning
        )
        frame.grain = unit
      } else if frame.grain == nil {
        compare(later, with: earlier)
      } else {
        timeProblem = "There are two separate periods in the question."
      }
    } else if first.range.start <= second.range.start, second.range.end <= first.range.end {
      frame.time = second
      completeComparison()
    } else if second.range.start <= first.range.start, first.range.end <= second.range.end {
      frame.time = first
      completeComparison()
    } else {
      timeProblem = "There are two separate periods in the question."
    }
  }

  /// "the last 90 days vs the previous 90 days": the second is meant to lie before the first.
  private mutating func completeRepeatedTime() {
    let opening = tokens[spans[times[1].place].range.lowerBound].lemma
    guard let time = frame.time, ["previous", "prior", "preceding"].contains(opening) else {
      timeProblem = "Both periods of the comparison are the same."
      return
    }
    frame.comparison = compiler.calendar.comparison(.previousPeriod, for: compiler.calendar.upToDate(time))
  }

  /// Compares the first period with the other one; the earlier is always the base.
  private mutating func compare(_ one: TimeSelection, with other: TimeSelection) {
    let (main, base) = one.range.start >= other.range.start ? (one, other) : (other, one)
    let calendar = compiler.calendar
    if base.unit == .year, main.unit != .year, base.count == 1, main.range.start >= base.range.end {
      // "this month vs last year" means the same month of last year.
      frame.time = compiler.calendar.upToDate(main)
      frame.comparison = calendar.comparison(.samePeriodLastYear, for: compiler.calendar.upToDate(main))
      return
    }
    frame.time = compiler.calendar.upToDate(main)
    let natural = calendar.comparison(.previousPeriod, for: compiler.calendar.upToDate(main))
    let lastYear = calendar.comparison(.samePeriodLastYear, for: compiler.calendar.upToDate(main))
    if main.isRunning, base.unit == main.unit, natural.range.start == base.range.start {
      frame.comparison = natural
      notes.append("the running period is compared with the same days of the earlier one")
    } else if natural.range == base.range {
      frame.comparison = natural
    } else if lastYear.range == base.range {
      frame.comparison = lastYear
    } else {
      frame.comparison = FrameComparison(kind: .named, range: base.range)
      if frame.grain != nil { timeProblem = "Two separate periods cannot be shown as one series." }
    }
  }
}
