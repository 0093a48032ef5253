#if canImport(Glibc)
import Glibc
#else
import Foundation
#endif

/// One thing that a series should be asked about.
public struct AnomalyFinding: Hashable, Sendable {
  /// What kind of thing; points and levels are different findings.
  public enum Kind: Hashable, Sendable {
    /// One value, or few, far from the usual course.
    case point
    /// A run of values on another level that returns.
    case temporaryShift
    /// A new level that lasts; announced once, at its beginning.
    case levelShift
    /// A stretch without the usual seasonal pattern.
    case seasonBreak
    /// A stretch of equal values in a series that otherwise never repeats itself.
    case flatLine
  }

  /// What kind of thing.
  public var kind: Kind
  /// The first place concerned.
  public var start: Int
  /// The last place concerned; of a level shift the last of the series.
  public var end: Int
  /// How far it lies from what was expected, in standard errors; the larger, the less it is chance.
  public var strength: Double
  /// The sum of actual values minus expected ones over the stretch, in the series' unit.
  public var excess: Double
}

/// Why a series cannot be searched, in words for the person who asked.
public enum DetectionFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Too few values are known to say what is usual.
  case tooLittleHistory(known: Int, needed: Int)
  /// More values than ``AnomalyDetector/maximumCount``.
  case tooLong(count: Int)
  /// A value is infinite; missing values are written as not-a-number.
  case infiniteValue(index: Int)

  /// What is wrong and how to mend it.
  public var description: String {
    switch self {
    case .tooLittleHistory(let known, let needed):
      "too little history: \(known) known values, at least \(needed) are needed to say what is usual"
    case .tooLong(let count):
      "\(count) values are more than \(AnomalyDetector.maximumCount); choose a later start"
    case .infiniteValue(let index):
      "value \(index) is infinite; correct the series, a missing value is no number"
    }
  }
}

/// What a search of one series says.
public struct AnomalyReport: Sendable {
  /// Findings in the order of their start.
  public var findings: [AnomalyFinding]
  /// How unusual each value is, comparable across series; 0 for a missing one.
  public var scores: [Double]
  /// What was expected of each value, in the series' unit.
  public var expected: [Double]
  /// The seasonal period that the series shows, nil for none.
  public var period: Int?
}

/// Searches a whole series of a business metric, its past and future both in view.
public struct AnomalyDetector: Sendable {
  /// The longest series.
  public static let maximumCount = 20_000
  /// The fewest known values.
  public static let minimumCount = 8

  /// A detector.
  public init() {}

  /// Finds what is unusual.
  ///
  /// - Parameters:
  ///   - values: equally spaced, oldest first; not-a-number where a value is missing.
  ///   - candidatePeriods: seasonal periods to look for, for instance `[7]` for days.
  /// - Returns: findings, scores and expectations.
  /// - Throws: ``DetectionFault`` for a series that cannot be searched.
  public func detect(_ values: [Double], candidatePeriods: [Int] = []) throws(DetectionFault) -> AnomalyReport {
    guard values.count <= Self.maximumCount else { throw .tooLong(count: values.count) }
    if let index = values.firstIndex(where: { $0.isInfinite }) { throw .infiniteValue(index: index) }
    let known = values.count { !$0.isNaN }
    guard known >= Self.minimumCount else { throw .tooLittleHistory(known: known, needed: Self.minimumCount) }
    return SeriesSearch(values, candidatePeriods: candidatePeriods).report()
  }
}

/// The working of ``AnomalyDetector`` on one series.
private struct SeriesSearch {
  private let raw: [Double]
  private let scale: MetricScale
  private let values: [Double]
  private let period: Int?

  init(_ raw: [Double], candidatePeriods: [Int]) {
    self.raw = raw
    scale = MetricScale(raw, period: candidatePeriods.first ?? 1)
    var values = raw.map(scale.transform)
    _ = PreparedSeries.fillGaps(&values, period: candidatePeriods.first ?? 1)
    self.values = values
    period = SeasonalPattern.period(of: values, among: candidatePeriods)
  }

  func report() -> AnomalyReport {
    guard values.contains(where: { $0 != values[0] }) else {
      return AnomalyReport(
        findings: [],
        scores: values.map { _ in 0 },
        expected: raw.map { $0.isNaN ? values[0] : $0 },
        period: nil
      )
    }
    var cleaned = values
    var outcome: InterventionSearch.Outcome?
    var season: [Double]?
    var limit = 0.2
    for round in 0..<2 {
      season = period.map { SeasonalPattern.season(cleaned, period: $0) }
      let adjusted = season.map { zip(values, $0).map { $0 - $1 } } ?? values
      let course = season.map { zip(cleaned, $0).map { $0 - $1 } } ?? cleaned
      let gain = InterventionSearch.gain(of: course, atMost: limit)
      // The first round only clears the way for a better season and gain.
      let search = InterventionSearch(maximumCount: round == 0 ? 10 : 30)
      let result = search.search(adjusted, season: season, period: period ?? 1, gain: gain)
      cleaned = season.map { zip(result.cleaned, $0).map { $0 + $1 } } ?? result.cleaned
      outcome = result
      limit = 0.6
    }
    guard let outcome else { return AnomalyReport(findings: [], scores: [], expected: [], period: period) }
    return report(outcome, cleaned)
  }

  private func report(_ outcome: InterventionSearch.Outcome, _ cleaned: [Double]) -> AnomalyReport {
    let expected = zip(cleaned, outcome.innovations).map { scale.restore($0 - $1) }
    var scores = outcome.innovations.map { outcome.scale > 0 ? min(abs($0) / outcome.scale, 6) * 0.7 : 0 }
    var findings = outcome.interventions.map { finding($0, expected) }
    findings += FlatLine.findings(raw)
    for finding in findings {
      let last = finding.kind == .levelShift ? min(finding.start + 1, finding.end) : finding.end
      let middle = Double(finding.start + last) / 2
      for index in finding.start...last {
        let share = 1 - 0.05 * abs(Double(index) - middle) / Double(last - finding.start + 1)
        scores[index] = max(scores[index], Self.prominence(of: finding, length: last - finding.start + 1) * share)
      }
    }
    for index in raw.indices where raw[index].isNaN { scores[index] = 0 }
    return AnomalyReport(
      findings: findings.sorted { ($0.start, $0.end) < ($1.start, $1.end) },
      scores: scores,
      expected: expected,
      period: period
    )
  }

  /// What a finding counts in the ranking of values.
  ///
  /// The strength of a run grows with the root of its length, more than real noise deserves, for it is never quite
  /// independent; a broken season and a flat line are hardly ever chance.
  private static func prominence(of finding: AnomalyFinding, length: Int) -> Double {
    let weight =
      switch finding.kind {
      case .flatLine: 4.0
      case .seasonBreak: 1.5
      case .point, .temporaryShift, .levelShift: 1.0
      }
    return finding.strength * weight / pow(Double(length), 0.25)
  }

  private func finding(_ intervention: InterventionSearch.Intervention, _ expected: [Double]) -> AnomalyFinding {
    let kind: AnomalyFinding.Kind =
      switch intervention.kind {
      case .point: .point
      case .temporaryShift: intervention.end - intervention.start < 2 ? .point : .temporaryShift
      case .levelShift: .levelShift
      case .seasonBreak: .seasonBreak
      }
    let excess = (intervention.start...intervention.end).reduce(0.0) { sum, index in
      raw[index].isNaN ? sum : sum + raw[index] - expected[index]
    }
    return AnomalyFinding(
      kind: kind,
      start: intervention.start,
      end: intervention.end,
      strength: intervention.strength,
      excess: excess
    )
  }
}
