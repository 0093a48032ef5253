import CoachVocabulary
import Questions
import SemanticLayer
import Warehouse

/// A first look at what moved a metric: the change against the period before, and where it happened.
///
/// It shows in which groups the change lies; it does not claim a cause.
struct Investigation {
  let domain: Domain
  let compiler: FrameCompiler

  /// The report on the metric and period of a frame.
  struct Report {
    var text: String
    var frame: Frame
    var query: CompiledQuery
    var table: [[JSONValue]]
  }

  /// One dimension with the part of the change that its largest movements explain.
  private struct Split {
    var dimension: Dimension
    var frame: Frame
    var query: CompiledQuery
    var rows: [[JSONValue]]
    var concentration: Double
  }

  func report(on frame: Frame) async throws -> Report? {
    guard let metric = frame.metrics.first.flatMap(domain.model.metric) else { return nil }
    var base = frame
    base.metrics = [metric.name]
    base.dimensions = []
    base.grain = nil
    base.order = nil
    base.limit = nil
    base.share = false
    base.average = nil
    base.conditions = []
    if base.time == nil {
      base.time = TimeSelection(compiler.calendar.lastComplete(1, .month), unit: .month)
      base.comparison = nil
    }
    guard let time = base.time else { return nil }
    if base.comparison == nil { base.comparison = compiler.calendar.comparison(.previousPeriod, for: clipped(time)) }
    base.time = clipped(time)
    let total = try compiler.compile(base)
    let rows = try await domain.run(total).rows
    let writer = AnswerWriter(
      model: domain.model,
      asOf: compiler.calendar.asOf,
      frame: base,
      columns: total.columns,
      rows: rows,
      totalRows: nil
    )
    guard let split = try await bestSplit(base, metric: metric, total: rows.first) else {
      return Report(text: writer.text, frame: base, query: total, table: rows)
    }
    return Report(
      text: writer.text + " " + sentence(split, metric: metric),
      frame: split.frame,
      query: split.query,
      table: split.rows
    )
  }

  private func clipped(_ time: TimeSelection) -> TimeSelection {
    let end = compiler.calendar.asOf.adding(days: 1)
    guard time.isRunning, time.range.end > end else { return time }
    var copy = time
    copy.range.end = end
    return copy
  }

  /// The dimension along which the change is most concentrated in few groups.
  private func bestSplit(_ base: Frame, metric: Metric, total: [JSONValue]?) async throws -> Split? {
    let filtered = Set(base.filters.map(\.dimension))
    var best: Split?
    for dimension in domain.model.dimensions where !filtered.contains(dimension.name) && !dimension.isPersonal {
      guard let count = domain.lexicon.valueCount(of: dimension.name), (2...60).contains(count),
        compiler.reaches(dimension, from: metric)
      else { continue }
      var frame = base
      frame.dimensions = [dimension.name]
      frame.order = FrameOrder(by: .change(metric.name), descending: isRise(total) ?? true)
      let query = try compiler.compile(frame)
      let rows = try await domain.run(query).rows
      guard let place = query.columns.firstIndex(where: { $0.role == .change }) else { continue }
      let changes = rows.compactMap { $0[place].doubleValue }
      let movement = changes.reduce(0) { $0 + abs($1) }
      guard movement > 0, changes.count > 1 else { continue }
      // Share of the movement in the largest group, above what equal groups would show.
      let concentration = (changes.map(abs).max() ?? 0) / movement - 1 / Double(changes.count)
      if concentration > best?.concentration ?? 0 {
        best = Split(dimension: dimension, frame: frame, query: query, rows: rows, concentration: concentration)
      }
    }
    return best
  }

  private func isRise(_ total: [JSONValue]?) -> Bool? {
    guard let total, total.count > 2, let change = total[2].doubleValue else { return nil }
    return change > 0
  }

  private func sentence(_ split: Split, metric: Metric) -> String {
    guard let change = split.query.columns.firstIndex(where: { $0.role == .change }) else { return "" }
    let column = split.query.columns[change]
    let largest = split.rows.sorted { abs($0[change].doubleValue ?? 0) > abs($1[change].doubleValue ?? 0) }.prefix(3)
    let parts = largest.map { row in
      "\(row[0].stringValue ?? "(none)") \(ValueText.change(row[change].doubleValue ?? 0, in: column))"
    }
    return "Most of the movement lies in \(split.dimension.label): \(parts.joined(separator: ", ")). "
      + "This shows where the change happened, not why."
  }
}
