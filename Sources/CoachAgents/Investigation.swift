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

  /// One dimension with its groups and how far the change of the most unusual group is from an even one.
  private struct Split {
    var dimension: Dimension
    var frame: Frame
    var query: CompiledQuery
    var rows: [[JSONValue]]
    var movements: [Movement]

    /// How far the first group stands out; movements are in the order of standing out.
    var unevenness: Double { movements.first.map { abs($0.surprise) } ?? 0 }
  }

  /// What one group did.
  private struct Movement {
    var name: String
    var change: Double
    /// How much further the group moved than it would have if every group had moved like the whole.
    var surprise: Double
  }

  func report(on frame: Frame) async throws -> Report? {
    let names = frame.metrics.first.map { MetricTerm($0).metrics } ?? []
    guard let metric = names.first.flatMap(domain.model.metric) else { return nil }
    var base = frame
    base.metrics = [metric.name]
    base.dimensions = []
    base.grain = nil
    base.order = nil
    base.limit = nil
    base.share = false
    base.average = nil
    base.conditions = []
    base.portion = []
    base.window = nil
    base.offset = nil
    base.limitsPerGroup = false
    base.countsGroups = false
    base.isAbsent = false
    base.test = nil
    if base.comparison?.kind == .previousBucket { base.comparison = nil }
    if base.time == nil {
      base.time = TimeSelection(compiler.calendar.lastComplete(1, .month), unit: .month)
      base.comparison = nil
    }
    guard let time = base.time else { return nil }
    if base.comparison == nil {
      base.comparison = compiler.calendar.comparison(.previousPeriod, for: compiler.calendar.upToDate(time))
    }
    base.time = compiler.calendar.upToDate(time)
    let total = try compiler.compile(base).withPoints
    let rows = try await domain.run(total).rows
    let writer = AnswerWriter(
      model: domain.model,
      asOf: compiler.calendar.asOf,
      frame: base,
      columns: total.columns,
      rows: rows,
      totalRows: nil
    )
    let change = total.columns.firstIndex { $0.role == .change }.flatMap { place in rows.first?[place].doubleValue }
    guard let split = try await bestSplit(base, metric: metric, isRise: (change ?? 0) >= 0) else {
      return Report(text: writer.text, frame: base, query: total, table: rows)
    }
    return Report(
      text: writer.text + " " + sentence(split, metric: metric),
      frame: split.frame,
      query: split.query,
      table: split.rows
    )
  }

  /// The dimension in which one group moved furthest beyond the others, in the direction of the whole.
  private func bestSplit(_ base: Frame, metric: Metric, isRise: Bool) async throws -> Split? {
    let filtered = Set(base.filters.map(\.dimension))
    var best: Split?
    for dimension in domain.model.dimensions where !filtered.contains(dimension.name) && !dimension.isPersonal {
      guard let count = domain.lexicon.valueCount(of: dimension.name), (2...60).contains(count),
        compiler.reaches(dimension, from: metric)
      else { continue }
      var frame = base
      frame.dimensions = [dimension.name]
      frame.order = FrameOrder(by: .change(metric.name), descending: isRise)
      // A dimension that cannot split this metric is none of the person's business.
      guard let query = (try? compiler.compile(frame))?.withPoints else { continue }
      let rows = try await domain.run(query).rows
      let movements = Self.movements(rows, query.columns, adds: metric.isAdditive)
      guard movements.count > 1 else { continue }
      let split = Split(dimension: dimension, frame: frame, query: query, rows: rows, movements: movements)
      if split.unevenness > best?.unevenness ?? 0 { best = split }
    }
    return best
  }

  /// What each group did, the one that stands out most first.
  ///
  /// An amount is set against the group's part of the earlier period and weighed by the root of that part, as chance would
  /// weigh it: neither the largest group nor the smallest is found for its size. Ratios have no parts, so they are set
  /// against the mean change.
  private static func movements(_ rows: [[JSONValue]], _ columns: [ResultColumn], adds: Bool) -> [Movement] {
    func place(_ role: ResultColumn.Role) -> Int? { columns.firstIndex { $0.role == role } }
    guard let now = place(.metric), let before = place(.comparison) else { return [] }
    let groups = rows.compactMap { row -> (name: String, now: Double, before: Double)? in
      guard adds || !(row[now].isNull || row[before].isNull) else { return nil }
      return (row[0].stringValue ?? "(none)", row[now].doubleValue ?? 0, row[before].doubleValue ?? 0)
    }
    guard !groups.isEmpty else { return [] }
    let sum = groups.reduce(0) { $0 + $1.before }
    let total = groups.reduce(0) { $0 + $1.now - $1.before }
    let mean = sum / Double(groups.count)
    let movements = groups.map { group in
      let change = group.now - group.before
      // A group that is new has no part to be weighed by; a tenth of the mean stands in for it.
      let surprise =
        adds && sum > 0
        ? (change - total * group.before / sum) / max(group.before, mean / 10).squareRoot()
        : change - total / Double(groups.count)
      return Movement(name: group.name, change: change, surprise: surprise)
    }
    // What moved against the whole does not explain the whole.
    return movements.sorted { total < 0 ? $0.surprise < $1.surprise : $0.surprise > $1.surprise }
  }

  private func sentence(_ split: Split, metric: Metric) -> String {
    guard let column = split.query.columns.first(where: { $0.role == .change }) else { return "" }
    let parts = split.movements.prefix(3).map { "\($0.name) \(ValueText.change($0.change, in: column))" }
    return "The change is most uneven by \(split.dimension.label): \(English.list(parts)). "
      + "This shows where it happened, not why."
  }
}
