import CoachVocabulary
import SemanticLayer

@testable import Questions

/// Writes frames and outcomes as one short line, so that tables of questions can be read.
enum FrameNotation {
  /// `visits; by region; in 2024` for an answer, one word for everything else.
  static func text(_ outcome: QuestionOutcome) -> String {
    switch outcome {
    case .sure(let frame): text(frame)
    case .clarify: "clarify"
    case .decline: "decline"
    case .investigate: "investigate"
    case .unsure: "unsure"
    }
  }

  static func text(_ frame: Frame) -> String {
    var parts = [frame.metrics.isEmpty ? "list" : frame.metrics.map(metric).joined(separator: "+")]
    if !frame.dimensions.isEmpty { parts.append("by " + frame.dimensions.joined(separator: ",")) }
    if let grain = frame.grain { parts.append("per \(grain.rawValue)") }
    parts += frame.filters.sorted { $0.dimension < $1.dimension }.map(text)
    parts += frame.namedFilters.map { "filter \($0)" }
    parts += frame.rowConditions.map { "where \(text($0))" }
    if let time = frame.time { parts.append("in \(text(time.range))") }
    if let comparison = frame.comparison {
      let isSeries = comparison.kind == .previousBucket
      parts.append("vs \(isSeries ? "previous \(frame.grain?.rawValue ?? "")" : text(comparison.range))")
    }
    parts += frame.conditions.map(text)
    if frame.share { parts.append("share") }
    parts += frame.portion.sorted { $0.dimension < $1.dimension }.map { "portion \(text($0))" }
    if let average = frame.average { parts.append("avg per \(text(average))") }
    if let window = frame.window { parts.append(text(window)) }
    if frame.isAbsent { parts.append("none") }
    if frame.countsGroups { parts.append("counted") }
    if let test = frame.test { parts.append("test \(text(test))") }
    if let order = frame.order { parts.append("order \(order.descending ? "-" : "+")\(text(order.key))") }
    if let limit = frame.limit { parts.append("limit \(limit)\(frame.limitsPerGroup ? " each" : "")") }
    if let offset = frame.offset { parts[parts.count - 1] += " after \(offset)" }
    return parts.joined(separator: "; ")
  }

  private static func text(_ condition: MetricCondition) -> String {
    "\(metric(condition.metric))\(condition.relation.rawValue)\(JSONValue.double(condition.value).text)"
  }

  private static func text(_ window: SeriesWindow) -> String {
    switch window {
    case .running: "running"
    case .rollingSum(let count): "rolling \(count)"
    case .rollingAverage(let count): "rolling \(count) avg"
    }
  }

  /// `a/b`, `100*a/b`, `a-b`, `median(a)`, `first(a)` for what is made of metrics.
  private static func metric(_ name: String) -> String {
    switch MetricTerm(name) {
    case .metric, .distinct: name
    case .ratio(let one, let other): "\(one)/\(other)"
    case .percent(let one, of: let other): "100*\(one)/\(other)"
    case .difference(let one, let other): "\(one)-\(other)"
    case .firstDate(of: let one): "first(\(one))"
    case .lastDate(of: let one): "last(\(one))"
    case .statistic(let statistic, of: let one): "\(word(statistic))(\(one))"
    }
  }

  private static func word(_ statistic: RowStatistic) -> String {
    switch statistic {
    case .average: "avg"
    case .minimum: "min"
    case .maximum: "max"
    case .percentile(50): "median"
    case .percentile(let percent): "p\(percent)"
    }
  }

  private static func text(_ filter: FrameFilter) -> String {
    filter.dimension + (filter.excludes ? "!=" : "=") + filter.values.sorted().joined(separator: "|")
  }

  private static func text(_ average: AverageUnit) -> String {
    switch average {
    case .grain(let grain): grain.rawValue
    case .dimension(let name): name
    }
  }

  private static func text(_ key: FrameOrder.Key) -> String {
    switch key {
    case .metric(let name): metric(name)
    case .change(let name): "change(\(name))"
    case .changePercent(let name): "change%(\(name))"
    case .time: "time"
    }
  }

  /// `2024`, `2025-Q3`, `2025-08`, a day, or both ends included.
  static func text(_ range: DateRange) -> String {
    let (year, month, day) = range.start.parts
    if range.dayCount == 1 { return range.start.description }
    if day == 1 {
      if month == 1, range.end == range.start.adding(months: 12) { return "\(year)" }
      if (month - 1) % 3 == 0, range.end == range.start.adding(months: 3) { return "\(year)-Q\((month + 2) / 3)" }
      if range.end == range.start.adding(months: 1) { return String(range.start.description.prefix(7)) }
    }
    return "\(range.start == TimeReading.beginning ? "" : range.start.description)..\(range.lastDay)"
  }
}
