public import CoachVocabulary
import Questions
import SemanticLayer

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
