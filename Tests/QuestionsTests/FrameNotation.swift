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
    var parts = [frame.metrics.isEmpty ? "list" : frame.metrics.joined(separator: "+")]
    if !frame.dimensions.isEmpty { parts.append("by " + frame.dimensions.joined(separator: ",")) }
    if let grain = frame.grain { parts.append("per \(grain.rawValue)") }
    parts += frame.filters.sorted { $0.dimension < $1.dimension }.map(text)
    parts += frame.namedFilters.map { "filter \($0)" }
    if let time = frame.time { parts.append("in \(text(time.range))") }
    if let comparison = frame.comparison { parts.append("vs \(text(comparison.range))") }
    parts += frame.conditions.map { "\($0.metric)\($0.relation.rawValue)\(JSONValue.double($0.value).text)" }
    if frame.share { parts.append("share") }
    if let average = frame.average { parts.append("avg per \(text(average))") }
    if let order = frame.order { parts.append("order \(order.descending ? "-" : "+")\(text(order.key))") }
    if let limit = frame.limit { parts.append("limit \(limit)\(frame.limitsPerGroup ? " each" : "")") }
    return parts.joined(separator: "; ")
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
    case .metric(let name): name
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
