import Analytics
public import CoachVocabulary
import SemanticLayer

/// Something unusual that one metric did, in one segment or as a whole, over one or more periods in a row.
public struct Incident: Hashable, Sendable, Codable {
  /// How much it matters.
  public enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Worth knowing.
    case low
    /// Worth a look.
    case medium
    /// A noticeable part of the metric.
    case high
    /// A large part of the metric.
    case critical

    /// Lesser before greater.
    public static func < (left: Severity, right: Severity) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// The metric.
  public var metric: String
  /// What people call it.
  public var label: String
  /// The segment; empty for the whole metric.
  public var segment: [SegmentCondition]
  /// The days concerned.
  public var period: DateRange
  /// How many periods in a row.
  public var periods: Int
  /// Whether the segment stays on its new level, so that it counts as the usual from now on.
  public var isNewLevel: Bool
  /// What was, over all periods; for ratios the last one.
  public var actual: Double
  /// What was to be expected, likewise.
  public var expected: Double
  /// What it adds to the whole metric, in the metric's unit.
  public var impact: Double
  /// How much likelier the data is with it than without, as a logarithm (nats); the largest of its periods.
  public var strength: Double
  /// How much it matters.
  public var severity: Severity
  /// One sentence.
  public var text: String
  /// Known events of its days that concern it.
  public var events: [String]

  private enum CodingKeys: String, CodingKey {
    case metric
    case label
    case segment
    case period
    case periods
    case isNewLevel = "is_new_level"
    case actual
    case expected
    case impact
    case strength
    case severity
    case text
    case events
  }
}

/// What a watch over one metric found.
public struct WatchReport: Hashable, Sendable, Codable {
  /// The metric.
  public var metric: String
  /// The first and last day that were looked at.
  public var period: DateRange
  /// How many periods were looked at.
  public var periods: Int
  /// How many of them had something unusual.
  public var alarmed: Int
  /// What was unusual, the gravest first.
  public var incidents: [Incident]
  /// Why nothing could be said, in words; nil when it could.
  public var problem: String?
  /// The queries it comes from.
  public var queries: [EvidenceQuery]
}

/// Looks through the latest periods of a metric for segments that did something unusual.
///
/// Each period is held against those before it, with what was found earlier taken out of them, so that an incident does
/// not hide the next and its end is none. A segment that stays on its level for ``newLevelAfter`` periods is announced once.
///
/// What is unusual is told by the metric's own past: the strongest finding of a period has to be stronger than that of all
/// but one in twenty of the periods before it, so that where nothing happens one period in twenty is alarmed at most,
/// however unevenly the data varies (a rank test; see Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005).
struct AnomalyWatch {
  let domain: Domain
  let compiler: FrameCompiler
  /// A finding must be this much likelier than chance (nats), with all segments counted.
  static let leastStrength = 14.0
  /// Of so many quiet periods one may be alarmed.
  static let quietPeriodsPerAlarm = 20
  /// How many periods before the first one tell how strong findings are when nothing happens.
  static func rehearsal(_ grain: TimeGrain) -> Int { grain == .month ? 12 : 40 }
  /// A finding must be this part of the whole metric.
  static let leastPart = 0.01
  /// After so many periods in a row a new level is the usual one.
  static let newLevelAfter = 6

  /// Watches a metric.
  ///
  /// - Parameters:
  ///   - metric: which one.
  ///   - grain: the length of a period: week or month.
  ///   - count: how many of the latest complete periods are looked at.
  ///   - history: how many before each tell what is usual.
  /// - Returns: what was unusual.
  /// - Throws: `CompileFailure`, `QueryFailure`.
  func watch(_ metric: Metric, grain: TimeGrain, last count: Int, history: Int) async throws -> WatchReport {
    let calendar = compiler.calendar
    let last = calendar.lastComplete(1, grain)
    var frame = Frame()
    frame.metrics = [metric.name]
    frame.time = TimeSelection(last, unit: grain)
    let subject = try InvestigationSubject(frame, metric: metric, compiler: compiler)
    var work = InvestigationWork(domain: domain, subject: subject)
    let lead = history + Self.rehearsal(grain)
    let windows = (0..<(count + lead)).map { calendar.moving(last.start, by: -$0, grain) }.reversed().map {
      DateRange(start: $0, end: calendar.moving($0, by: 1, grain))
    }
    var report = WatchReport(
      metric: metric.name,
      period: DateRange(start: windows[lead].start, end: last.end),
      periods: count,
      alarmed: 0,
      incidents: [],
      problem: nil,
      queries: []
    )
    guard subject.parts != .whole else {
      report.problem = "\(metric.label) is no sum and no ratio of sums, so segments cannot be told apart."
      return report
    }
    let cubes = try await work.cubes(over: windows)
    guard let first = cubes.first, first.leafCount > 0 else {
      report.problem = "\(metric.label) has no breakdown with data in these periods."
      return report
    }
    var found: [Found] = []
    for cube in cubes {
      let empty = (0..<cube.windows.count).prefix { cube.isEmpty(window: $0) }.count
      found += Self.search(cube, from: max(history, empty + 6), telling: lead, season: nil, subject: subject)
    }
    report.alarmed = Set(found.map(\.window)).count
    report.incidents = incidents(found, windows: windows, subject: subject)
    report.queries = work.book.queries
    return report
  }

  /// One cause in one period.
  struct Found {
    var window: Int
    var segment: [SegmentCondition]
    var effect: Localization.Effect
    var actual: Double
    var expected: Double
    var impact: Double
    var total: Double
    var strength: Double
  }

  /// What the strongest findings of earlier periods were.
  struct PastStrength {
    private var strongest: [Double] = []

    /// What a finding has to pass.
    ///
    /// With n earlier periods it is the k-th largest of their strengths, where k = ⌊(n + 1) ÷ 20⌋: a new quiet period is
    /// above it with probability k ÷ (n + 1). Too few periods for a rank take the largest one.
    var threshold: Double {
      let rank = max(1, (strongest.count + 1) / quietPeriodsPerAlarm)
      guard strongest.count >= rank else { return leastStrength }
      return max(leastStrength, strongest.sorted(by: >)[rank - 1])
    }

    /// Takes the next period in; an incident counts as twice the threshold at most, so that it does not hide the next.
    mutating func add(_ strength: Double) { strongest.append(min(strength, 2 * threshold)) }
  }

  /// Goes through the windows in the order of time; those before `told` only rehearse.
  static func search(
    _ cube: SegmentCube,
    from first: Int,
    telling told: Int,
    season: Int?,
    subject: InvestigationSubject
  ) -> [Found] {
    var cleaned = cube
    var found: [Found] = []
    var past = PastStrength()
    guard first < cube.windows.count else { return [] }
    for window in first..<cube.windows.count {
      guard let localization = try? cleaned.localize(window: window, history: 20, season: season) else { continue }
      let threshold = past.threshold
      var strongest = 0.0
      var isNews = false
      for cause in localization.causes {
        let segment = cube.finest(
          cause.conditions.map { SegmentCondition(dimension: $0.dimension, value: $0.value) }
        )
        let due = cause.expected * (localization.effect == .mix ? 1 : 1 + localization.commonChange)
        let impact = subject.isSum ? cause.actual - due : subject.scale * cause.impact
        let total = abs(localization.actualTotal * subject.scale)
        guard abs(impact) >= leastPart * total else { continue }
        strongest = max(strongest, cause.evidence)
        guard cause.evidence > threshold else { continue }
        if !found.contains(where: { $0.window == window - 1 && $0.segment == segment }) { isNews = true }
        found.append(
          Found(
            window: window,
            segment: segment,
            effect: localization.effect,
            actual: cause.actual * (localization.effect == .mix ? 1 : subject.scale),
            expected: due * (localization.effect == .mix ? 1 : subject.scale),
            impact: impact,
            total: total,
            strength: cause.evidence
          )
        )
        let run = (1...newLevelAfter).prefix { back in
          found.contains { $0.window == window - back && $0.segment == segment }
        }.count
        if run < newLevelAfter, cause.actual != 0, localization.effect != .mix {
          cleaned.scale(segment, in: window, by: due / cause.actual)
        }
      }
      // What goes on is one incident and no measure of quiet periods.
      if isNews || strongest <= threshold { past.add(strongest) }
    }
    return found.filter { $0.window >= told }
  }

  /// Joins causes of neighbouring periods that speak of the same segment.
  private func incidents(_ found: [Found], windows: [DateRange], subject: InvestigationSubject) -> [Incident] {
    var groups: [[Found]] = []
    for one in found.sorted(by: { $0.window < $1.window }) {
      if let place = groups.lastIndex(where: { group in
        group.last.map { $0.segment == one.segment && one.window - $0.window <= 2 && $0.impact * one.impact > 0 }
          ?? false
      }) {
        groups[place].append(one)
      } else {
        groups.append([one])
      }
    }
    return groups.map { incident($0, windows: windows, subject: subject) }
      .sorted { ($1.severity, $0.period.start) < ($0.severity, $1.period.start) }
  }

  private func incident(_ group: [Found], windows: [DateRange], subject: InvestigationSubject) -> Incident {
    let metric = subject.metric
    let first = group[0]
    let last = group[group.count - 1]
    let isSum = subject.isSum
    let actual = isSum ? group.reduce(0) { $0 + $1.actual } : last.actual
    let expected = isSum ? group.reduce(0) { $0 + $1.expected } : last.expected
    let impact = isSum ? group.reduce(0) { $0 + $1.impact } : group.map(\.impact).max { abs($0) < abs($1) } ?? 0
    let part = group.map { $0.total == 0 ? 0 : abs($0.impact) / $0.total }.max() ?? 0
    let days = DateRange(start: windows[first.window].start, end: windows[last.window].end)
    let names = first.segment.map { "\(domain.model.dimension($0.dimension)?.label ?? $0.dimension) \($0.value)" }
    let format = ResultColumn.Format(metric.format)
    func text(_ value: Double) -> String {
      let whole = format == .number && abs(value) >= 100
      return ValueText.text(whole ? value.rounded() : value, format: format, unit: metric.unit)
    }
    let events = domain.model.events.filter { event in
      event.days.start < days.end && days.start < event.days.end
        && (event.metrics.isEmpty || event.metrics.contains(metric.name))
        && event.segments.contains { filter in
          first.segment.contains { $0.dimension == filter.dimension && filter.values.contains($0.value) }
        }
    }
    let sentence =
      first.effect == .mix
      ? "\(English.list(names).capitalizedStart): another part of \(metric.label.loweredFirst) than usual \(PeriodText.phrase(days))."
      : "\(English.list(names).capitalizedStart): \(metric.label.loweredFirst) \(text(actual)) \(PeriodText.phrase(days)), "
        + "where \(text(expected)) was to be expected."
    return Incident(
      metric: metric.name,
      label: metric.label,
      segment: first.segment,
      period: days,
      periods: group.count,
      isNewLevel: group.count >= Self.newLevelAfter,
      actual: actual,
      expected: expected,
      impact: impact,
      strength: group.map(\.strength).max() ?? 0,
      severity: part >= 0.10 ? .critical : part >= 0.05 ? .high : part >= 0.02 ? .medium : .low,
      text: sentence,
      events: events.map(\.label)
    )
  }
}
