public import CoachVocabulary

/// Says in one line what exactly a frame measures, so that a person can see how the question was read.
struct Interpretation {
  let plan: QueryPlan
  let compiler: FrameCompiler

  var text: String {
    var parts = [metricText]
    let notes = plan.metrics.compactMap(\.filterNote)
    if let note = notes.first, notes.allSatisfy({ $0 == note }) { parts.append(note) }
    parts += plan.frame.namedFilters.compactMap { compiler.model.filter($0)?.label }
    parts += plan.frame.filters.map(filterText)
    parts += plan.frame.rowConditions.map { "each with \(conditionText($0))" }
    if plan.frame.isAbsent { parts.append("none of it") }
    if !plan.dimensions.isEmpty { parts.append("by " + plan.dimensions.map(\.label).joined(separator: " and ")) }
    if let grain = plan.frame.grain { parts.append("by \(grain.rawValue.spaced)") }
    if let window = plan.frame.window { parts.append(windowText(window)) }
    parts += plan.frame.conditions.map(conditionText)
    if plan.frame.countsGroups { parts.append("counted") }
    if let limit = plan.frame.limit { parts.append(limitText(limit)) }
    parts.append(timeText)
    if let comparison = plan.frame.comparison { parts.append(comparisonText(comparison)) }
    return parts.joined(separator: ", ").capitalizedFirst
  }

  private var metricText: String {
    let labels = plan.metrics.map(\.label).joined(separator: " and ")
    if labels.isEmpty { return "List" }
    switch plan.frame.average {
    case .grain(let grain): return "Average \(labels.lowercasedFirst) per \(grain.rawValue.spaced)"
    case .dimension(let name):
      return "Average \(labels.lowercasedFirst) per \(compiler.model.dimension(name)?.label ?? name)"
    case nil: break
    }
    if !plan.frame.portion.isEmpty { return labels }
    return plan.frame.share ? "Share of \(labels.lowercasedFirst)" : labels
  }

  private func comparisonText(_ comparison: FrameComparison) -> String {
    guard comparison.kind == .previousBucket, let grain = plan.frame.grain else {
      return "compared with \(DateText.describe(comparison.range))"
    }
    return "each \(grain.rawValue.spaced) compared with the one before"
  }

  private func windowText(_ window: SeriesWindow) -> String {
    let unit = plan.frame.grain?.rawValue.spaced ?? ""
    return switch window {
    case .running: "added up from the start"
    case .rollingSum(let count): "sum of \(count) \(unit)s"
    case .rollingAverage(let count): "average of \(count) \(unit)s"
    }
  }

  private var timeText: String {
    let balance = plan.facts.contains { $0.semiAdditive == .last }
    if balance, plan.frame.grain == nil {
      let day = plan.frame.time?.range.lastDay ?? compiler.calendar.asOf
      return "last snapshot up to \(DateText.day(day))"
    }
    guard let time = plan.frame.time else {
      return plan.facts.contains { $0.time != nil } ? "all dates" : "as recorded"
    }
    // The statement takes the whole unit, since targets may lie ahead; the reader should know that it is not over.
    let isOpen = time.isRunning && time.range.end > compiler.calendar.asOf.adding(days: 1)
    return DateText.describe(time.range) + (isOpen ? ", still running" : "")
  }

  private func filterText(_ filter: FrameFilter) -> String {
    let label = compiler.model.dimension(filter.dimension)?.label ?? filter.dimension
    let values = filter.values.joined(separator: " or ")
    return filter.excludes ? "\(label) not \(values)" : "\(label) \(values)"
  }

  private func conditionText(_ condition: MetricCondition) -> String {
    let planned = plan.metrics.first { $0.key == condition.metric }?.label
    let label = planned ?? compiler.model.metric(condition.metric)?.label ?? condition.metric
    return "\(label.lowercasedFirst) \(condition.relation.rawValue) \(JSONValue.double(condition.value).text)"
  }

  private func limitText(_ limit: Int) -> String {
    let end = plan.frame.order?.descending == false ? "bottom" : "top"
    let after = plan.frame.offset.map { " after the first \($0)" } ?? ""
    return (plan.frame.limitsPerGroup ? "\(end) \(limit) in each group" : "\(end) \(limit)") + after
  }
}

/// Writes days and periods for people.
public enum DateText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A day, for instance `5 Aug 2025`.
  public static func day(_ date: CivilDate) -> String {
    let (year, month, day) = date.parts
    return "\(day) \(months[month - 1]) \(year)"
  }

  /// A period with both ends included, for instance `1–31 Aug 2025`.
  public static func describe(_ range: DateRange) -> String {
    // A period without a beginning ("until March") starts long before any data.
    if range.start.year < 1_900 { return "up to \(day(range.lastDay))" }
    let first = range.start.parts
    let last = range.lastDay.parts
    if range.dayCount <= 1 { return day(range.start) }
    if first.year == last.year, first.month == last.month {
      return "\(first.day)–\(last.day) \(months[last.month - 1]) \(last.year)"
    }
    if first.year == last.year {
      return "\(first.day) \(months[first.month - 1]) – \(last.day) \(months[last.month - 1]) \(last.year)"
    }
    return "\(day(range.start)) – \(day(range.lastDay))"
  }

  /// The name of a month, 1 to 12, in three letters.
  public static func monthName(_ month: Int) -> String { months[(month - 1 + 12) % 12] }
}
