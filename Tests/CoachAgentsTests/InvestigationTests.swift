import CoachVocabulary
import FoundationEssentials
import Questions
import SQLiteKit
import SemanticLayer
import Testing
import Warehouse

@testable import CoachAgents

@Suite struct InvestigationTests {
  /// A question about a planted event, with the segment that explains it and its size against what was to be expected.
  struct Planted: Sendable, CustomTestStringConvertible {
    var question: String
    var segment: [String]
    /// The change of the segment against what was to be expected, in percent; nil when it is many times as much.
    var percent: ClosedRange<Double>?
    var testDescription: String { question }
  }

  static let planted = [
    Planted(
      question: "why did units sold fall in January 2025",
      segment: ["country=Germany", "fuel_type=Electric"],
      percent: -60 ... -30
    ),
    Planted(
      question: "why did units sold fall in Q1 2025",
      segment: ["country=Germany", "fuel_type=Electric"],
      percent: -45 ... -22
    ),
    Planted(question: "why did gross margin fall in April 2025", segment: ["model_line=Corvo"], percent: -65 ... -40),
    Planted(
      question: "why did units sold change in September 2025",
      segment: ["model_line=Nivo"],
      percent: -90 ... -65
    ),
    Planted(question: "why did stock change in September 2025", segment: ["model_line=Nivo"], percent: -100 ... -99),
    Planted(question: "why did revenue drop in November 2025", segment: ["region=West"], percent: -60 ... -35),
    Planted(
      question: "why did customer satisfaction drop in January 2026",
      segment: ["dealer_group=Alpenblick Auto"],
      percent: -18 ... -11
    ),
    Planted(
      question: "why did NPS drop in Q1 2026",
      segment: ["dealer_group=Alpenblick Auto"],
      percent: -80 ... -40
    ),
    Planted(
      question: "why did warranty claims rise in February 2026",
      segment: ["component=Battery", "model_line=Belvar"],
      percent: nil
    ),
    Planted(
      question: "why did warranty cost rise in March 2026",
      segment: ["component=Battery", "model_line=Belvar"],
      percent: nil
    ),
    Planted(
      question: "why did the discount rate rise in March 2026",
      segment: ["dealer_group=Rheinbogen Mobil"],
      percent: 60...110
    ),
  ]

  @Test(arguments: planted)
  func `a planted event is found first, with its segment and its size`(_ planted: Planted) async throws {
    let report = try await Self.report(planted.question, in: Demo.full())
    let first = try #require(report.hypotheses.first, "\(report.headline)")
    #expect(first.kind == .segment)
    #expect(first.segment.map { "\($0.dimension)=\($0.value)" }.sorted() == planted.segment, "\(report.headline)")
    if let range = planted.percent {
      let actual = try #require(first.figures.first { $0.id == "actual" }?.value)
      let expected = try #require(first.figures.first { $0.id == "expected" }?.value)
      #expect(range.contains(100 * (actual / expected - 1)), "\(first.text)")
    }
    #expect(first.query != nil)
    #expect(first.chart != nil)
    #expect(!first.evidenceFor.isEmpty)
    #expect(report.confidence == .high, "\(report.confidenceReason)")
  }

  @Test(arguments: planted.map(\.question) + ["why did revenue change last month", "why did margin change last week"])
  func `every number of a report traces to its query`(question: String) async throws {
    let domain = try await Demo.domain()
    let report = try await Self.report(question)
    let faults = try await ReportAudit(domain: domain, report: report).faults()
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    #expect(report.claims.flatMap(\.figures).count > 5)
    #expect(try await Self.report(question) == report, "the same data must give the same report")
  }

  @Test func `the walk over all numbers finds one that was changed`() async throws {
    let domain = try await Demo.domain()
    var report = try await Self.report("why did revenue drop in November 2025")
    report.claims[0].figures[0].value += 1
    #expect(try await !ReportAudit(domain: domain, report: report).faults().isEmpty)
    report = try await Self.report("why did revenue drop in November 2025")
    report.claims[1].text += " It was 17 % in all."
    let faults = try await ReportAudit(domain: domain, report: report).faults()
    #expect(faults.count == 1 && faults[0].hasPrefix("'17"), "\(faults)")
  }

  @Test func `questions to ask next are understood`() async throws {
    let domain = try await Demo.domain()
    let parser = domain.parser(asOf: domain.asOf(now: .now))
    let report = try await Self.report("why did revenue drop in November 2025")
    #expect(report.next.contains("Net revenue by region in Nov 2025"))
    for question in report.next {
      switch parser.parse(question).outcome {
      case .sure, .investigate(.some): break
      default: Issue.record("'\(question)' is not understood")
      }
    }
  }

  @Test func `an investigation without a period looks at the last complete month`() async throws {
    let report = try await Self.report("why did units sold change")
    #expect(report.period == Shop.range("2026-05-01", "2026-06-01"))
    #expect(report.comparison == Shop.range("2026-04-01", "2026-05-01"))
  }

  @Test(arguments: [
    ("why did the moon rise", "not understood"), ("why?", "Which figure should I look into?"),
    ("why did salaries drop", "Pay data is not connected"),
  ])
  func `a question without a known metric is told so`(_ question: String, _ words: String) async throws {
    let error = await #expect(throws: EvidenceDesk.Refusal.self) { _ = try await Self.report(question) }
    #expect(error.map { "\($0)" }?.isEmpty == false, "\(words)")
  }

  static func report(_ question: String, in given: Domain? = nil) async throws -> InvestigationReport {
    let domain = if let given { given } else { try await Demo.domain() }
    return try await EvidenceDesk(domain, asOf: domain.asOf(now: .now)).investigate(question)
  }
}
