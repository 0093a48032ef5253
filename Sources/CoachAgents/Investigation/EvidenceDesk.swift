public import CoachVocabulary
import Questions
public import SemanticLayer
import Warehouse

/// Investigations, forecasts and anomalies of one domain on one day, for whoever asks without a conversation.
public struct EvidenceDesk: Sendable {
  let domain: Domain
  let asOf: CivilDate

  /// A desk over a domain.
  ///
  /// - Parameters:
  ///   - domain: the data.
  ///   - asOf: the day that counts as today.
  public init(_ domain: Domain, asOf: CivilDate) {
    self.domain = domain
    self.asOf = asOf
  }

  /// Why a question gets no evidence; the texts are for the person who asked.
  public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The question names no metric, or none that the data has.
    case notUnderstood(String)
    /// The metric cannot be looked at in this way.
    case impossible(String)

    /// What is wrong, and how to mend it.
    public var description: String {
      switch self {
      case .notUnderstood(let text), .impossible(let text): text
      }
    }
  }

  /// Explains what the question asks about: "why did revenue drop in May".
  ///
  /// - Throws: ``Refusal``, or `QueryFailure` when the data cannot be read.
  public func investigate(_ question: String) async throws -> InvestigationReport {
    let parser = domain.parser(asOf: asOf)
    let frame = try Self.frame(of: parser.parse(question).outcome, starter: domain.model.metrics.first?.label)
    do {
      let report = try await Investigation(domain: domain, compiler: parser.compiler).report(on: frame)
      guard let report else { throw Refusal.notUnderstood(Self.advice(domain.model.metrics.first?.label)) }
      return report
    } catch let failure as CompileFailure {
      throw Refusal.impossible("That change cannot be looked into: \(failure)".sentence)
    }
  }

  /// Looks through the latest complete weeks, or months where less is recorded, of some metrics.
  ///
  /// - Parameters:
  ///   - names: metrics by name or as people call them; all that people chose for targets or that are good in one
  ///     direction when empty.
  ///   - count: how many periods are looked at, 1 to 104.
  ///   - grain: week or month; nil takes weeks where facts are recorded daily.
  /// - Returns: one report for each metric.
  /// - Throws: ``Refusal`` for an unknown metric.
  public func anomalies(
    of names: [String] = [],
    last count: Int = 8,
    grain: TimeGrain? = nil
  ) async throws -> [WatchReport] {
    let compiler = domain.compiler(asOf: asOf)
    let metrics = try names.isEmpty ? watchedMetrics : names.map { try metric($0).metric }
    let watch = AnomalyWatch(domain: domain, compiler: compiler)
    var reports: [WatchReport] = []
    for metric in metrics {
      let grain = try await grain == nil ? cadence(of: metric) : grain ?? .week
      do {
        reports.append(
          try await watch.watch(metric, grain: grain, last: max(1, min(count, 104)), history: grain == .month ? 12 : 20)
        )
      } catch let failure as CompileFailure {
        if !names.isEmpty { throw Refusal.impossible("\(metric.label) cannot be watched: \(failure)".sentence) }
      }
    }
    return reports
  }

  /// Metrics that add up over time and are good in one direction.
  private var watchedMetrics: [Metric] {
    domain.model.metrics.filter { metric in
      metric.good != nil
        && metric.measures.allSatisfy { measure in
          domain.model.dataset(measure.dataset).map { $0.time != nil && $0.semiAdditive == nil } ?? false
        }
    }
  }

  /// The metric that words name, with what they filter by.
  func metric(_ words: String) throws -> (metric: Metric, frame: Frame) {
    var plain = Frame()
    if let metric = domain.model.metric(words) {
      plain.metrics = [metric.name]
      return (metric, plain)
    }
    let parser = domain.parser(asOf: asOf)
    guard case .sure(let frame) = parser.parse("\(words) last month").outcome,
      let name = frame.metrics.first.map({ MetricTerm($0).metrics })?.first, let metric = domain.model.metric(name)
    else {
      let known = domain.model.metrics.prefix(8).map(\.name).joined(separator: ", ")
      throw Refusal.notUnderstood("There is no metric '\(words)'. Some that there are: \(known).")
    }
    plain.metrics = [metric.name]
    plain.filters = frame.filters
    plain.namedFilters = frame.namedFilters
    return (metric, plain)
  }

  /// Week where facts are recorded on most days, else month.
  func cadence(of metric: Metric) async throws -> TimeGrain {
    for name in Set(metric.measures.map(\.dataset)) {
      guard let dataset = domain.model.dataset(name), let time = dataset.time else { continue }
      let column = SQLName.quoted(time)
      let table = try await domain.read(
        "SELECT COUNT(DISTINCT date(\(column))) AS days FROM \(SQLName.quoted(dataset.table)) WHERE \(column) >= ?1 AND \(column) < ?2",
        parameters: [.string(asOf.adding(days: -62).description), .string(asOf.adding(days: 1).description)]
      )
      if (table.rows.first?.first?.intValue ?? 0) < 31 { return .month }
    }
    return .week
  }

  private static func frame(of outcome: QuestionOutcome, starter: String?) throws -> Frame {
    switch outcome {
    case .sure(let frame), .investigate(.some(let frame)): return frame
    case .investigate(nil): throw Refusal.notUnderstood(advice(starter))
    case .clarify(let prompt, let options):
      throw Refusal.notUnderstood("\(prompt) \(English.list(options.map(\.label)))?")
    case .decline(let reason, _), .unsure(_, _, let reason): throw Refusal.notUnderstood(reason.sentence)
    }
  }

  private static func advice(_ label: String?) -> String {
    "Which figure should I look into? Name the metric and the period, for instance "
      + "'why did \((label ?? "revenue").loweredFirst) change last month?'."
  }
}
