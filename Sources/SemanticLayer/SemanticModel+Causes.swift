public import CoachVocabulary

/// How a metric splits and what is related to it, for explanations of its changes.
public struct MetricCauses: Hashable, Sendable {
  /// The metric.
  public var metric: String
  /// Two or more metrics whose product it is, for instance units sold and average selling price.
  public var factors: [String]
  /// Metrics that may move before it.
  public var related: [String]
  /// Where it is declared.
  public var position: SourcePosition
}

/// Something people know has happened, or will.
public struct KnownEvent: Hashable, Sendable {
  /// What people call it.
  public var label: String
  /// The days it lasts.
  public var days: DateRange
  /// Whom it concerns: values by dimension; nothing for everybody.
  public var segments: [FrameFilter]
  /// The metrics it concerns; nothing for all.
  public var metrics: [String]
  /// Where it is declared.
  public var position: SourcePosition
}

extension SemanticModel {
  /// How a metric splits, when the file says so.
  public func causes(of metric: String) -> MetricCauses? { causes.first { $0.metric == metric } }
}

/// Reads the sections `causes` and `events` of a domain file.
struct CausesReader {
  let diagnostics: DiagnosticCollector

  func causes(_ tree: DeclarationTree) -> MetricCauses? {
    let section = DeclarationReader(tree, as: "the causes of a metric", reporting: diagnostics)
    defer { section.finish() }
    let metric = section.requiredString("metric")
    let causes = MetricCauses(
      metric: metric ?? "",
      factors: section.strings("factors"),
      related: section.strings("related"),
      position: tree.position
    )
    if causes.factors.count == 1 {
      diagnostics.error("'factors' needs two metrics or more, whose product the metric is", at: tree.position)
    }
    return metric == nil ? nil : causes
  }

  func event(_ tree: DeclarationTree) -> KnownEvent? {
    let section = DeclarationReader(tree, as: "the event", reporting: diagnostics)
    defer { section.finish() }
    // All are read before any is missed, so that the others are no unknown keys.
    let label = section.requiredString("label")
    let first = day(section, "from")
    let last = day(section, "to")
    let metrics = section.strings("metrics")
    let segments = section.mapping("segments").map { member in
      let values: [String] =
        switch member.value.content {
        case .list(let entries): entries.compactMap(Self.text)
        default: Self.text(member.value).map { [$0] } ?? []
        }
      return FrameFilter(dimension: member.key, values: values)
    }
    guard let label, let first, let last else { return nil }
    guard first <= last else {
      diagnostics.error("the event ends before it begins", at: tree.position)
      return nil
    }
    return KnownEvent(
      label: label,
      days: DateRange(start: first, end: last.adding(days: 1)),
      segments: segments,
      metrics: metrics,
      position: tree.position
    )
  }

  private static func text(_ tree: DeclarationTree) -> String? {
    if case .scalar(_, let text) = tree.content { text } else { nil }
  }

  private func day(_ section: DeclarationReader, _ key: String) -> CivilDate? {
    guard let text = section.requiredString(key) else { return nil }
    if let day = CivilDate(text) { return day }
    diagnostics.error("'\(key)' must be a date (YYYY-MM-DD), not '\(text)'", at: section.position(of: key))
    return nil
  }
}

/// Checks that causes and events name members of the model.
struct CausesCheck {
  let model: SemanticModel
  let diagnostics: DiagnosticCollector

  func run() {
    for causes in model.causes {
      for name in [causes.metric] + causes.factors + causes.related { metric(name, causes.position) }
    }
    for event in model.events {
      for name in event.metrics { metric(name, event.position) }
      for segment in event.segments where model.dimension(segment.dimension) == nil {
        diagnostics.error("there is no dimension '\(segment.dimension)'", at: event.position)
      }
    }
  }

  private func metric(_ name: String, _ position: SourcePosition) {
    if model.metric(name) == nil { diagnostics.error("there is no metric '\(name)'", at: position) }
  }
}
