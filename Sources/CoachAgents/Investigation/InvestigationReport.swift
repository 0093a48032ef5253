public import CoachVocabulary
public import SemanticLayer

/// What an investigation of a metric found: every number in it names the query that it comes from.
public struct InvestigationReport: Hashable, Sendable, Codable {
  /// How the metric's value compares with what was to be expected.
  public enum Verdict: String, Hashable, Sendable, Codable {
    /// Outside the band that holds 95 of 100 such periods.
    case unusual
    /// Outside the band of 80 of 100, inside that of 95.
    case borderline
    /// Inside the band of 80 of 100.
    case usual
    /// There is too little history for a band.
    case unknown
  }

  /// How sure the explanation is.
  public enum Confidence: String, Hashable, Sendable, Codable {
    /// The segments explain most of what was unexpected, far beyond chance.
    case high
    /// They explain a good part.
    case medium
    /// Little is explained, or the data has faults.
    case low
  }

  /// The metric.
  public var metric: String
  /// What people call it.
  public var label: String
  /// The period that is explained.
  public var period: DateRange
  /// The period it is compared with.
  public var comparison: DateRange
  /// The answer in one or two sentences.
  public var headline: String
  /// Whether there is anything to explain.
  public var verdict: Verdict
  /// How sure the explanation is.
  public var confidence: Confidence
  /// Why it is that sure, in words.
  public var confidenceReason: String
  /// What was found, the likeliest explanation first; the first two say what happened and whether it is unusual.
  public var claims: [Claim]
  /// What was looked at and explains nothing.
  public var ruledOut: [Claim]
  /// Questions that lead further; each can be asked as it stands.
  public var next: [String]
  /// The queries that numbers refer to.
  public var queries: [EvidenceQuery]

  private enum CodingKeys: String, CodingKey {
    case metric
    case label
    case period
    case comparison
    case headline
    case verdict
    case confidence
    case confidenceReason = "confidence_reason"
    case claims
    case ruledOut = "ruled_out"
    case next
    case queries
  }

  /// The claims that name a cause, likeliest first.
  public var hypotheses: [Claim] { claims.filter { $0.kind.isHypothesis } }

  /// The query of an identifier.
  public func query(_ id: String) -> EvidenceQuery? { queries.first { $0.id == id } }
}

/// One thing an investigation says.
public struct Claim: Hashable, Sendable, Codable {
  /// What it speaks of.
  public enum Kind: String, Hashable, Sendable, Codable {
    /// How far the metric moved.
    case change
    /// Whether that is unusual.
    case band
    /// A fault of the data.
    case quality
    /// A segment that moved on its own.
    case segment
    /// Everything moved together.
    case global
    /// What the metric is made of.
    case split
    /// The days of the period.
    case calendar
    /// Something people know has happened.
    case event
    /// A metric that moves before.
    case related

    /// Whether it offers a cause.
    var isHypothesis: Bool {
      switch self {
      case .change, .band, .split: false
      case .quality, .segment, .global, .calendar, .event, .related: true
      }
    }
  }

  /// What it speaks of.
  public var kind: Kind
  /// A few words for the card's head.
  public var title: String
  /// The sentence.
  public var text: String
  /// The part of the metric's change that it explains, in the metric's unit; nil when it explains no part.
  public var impact: Double?
  /// How much likelier the data is with this cause than without, as a logarithm (nats); nil when it is not tested so.
  public var strength: Double?
  /// The segment it speaks of.
  public var segment: [SegmentCondition]
  /// What speaks for it.
  public var evidenceFor: [String]
  /// What speaks against it.
  public var evidenceAgainst: [String]
  /// The numbers of the texts.
  public var figures: [Figure]
  /// The query to look at first.
  public var query: String?
  /// A Chart.js configuration.
  public var chart: JSONValue?

  private enum CodingKeys: String, CodingKey {
    case kind
    case title
    case text
    case impact
    case strength
    case segment
    case evidenceFor = "evidence_for"
    case evidenceAgainst = "evidence_against"
    case figures
    case query
    case chart
  }

  /// A claim of a title and a sentence; the rest is added where there is some.
  init(_ kind: Kind, _ title: String, _ text: String, figures: [Figure] = [], query: String? = nil) {
    self.kind = kind
    self.title = title
    self.text = text
    self.figures = figures
    self.query = query
    segment = []
    evidenceFor = []
    evidenceAgainst = []
  }

  /// All sentences of the claim.
  var sentences: [String] { [title, text] + evidenceFor + evidenceAgainst }
}

/// One condition of a segment.
public struct SegmentCondition: Hashable, Sendable, Codable {
  /// The dimension.
  public var dimension: String
  /// Its value.
  public var value: String
}

/// A number of a claim, and where it comes from.
public struct Figure: Hashable, Sendable, Codable {
  /// How the number came about.
  public enum Origin: String, Hashable, Sendable, Codable {
    /// A cell, or the sum of the cells of a column, of one run of a query.
    case cells
    /// Computed from other figures of the claim.
    case computed
    /// Estimated from all rows of a query by a statistical method.
    case estimated
  }

  /// How figures are computed from others.
  public enum Operation: String, Hashable, Sendable, Codable {
    /// The first less the second.
    case difference
    /// The first as percent of the second.
    case percentOf = "percent_of"
    /// The change from the second to the first in percent of the second.
    case percentChange = "percent_change"
    /// The first over the second, times the scale of the metric.
    case ratio
    /// The size of the first.
    case size
  }

  /// Its name within the claim.
  public var id: String
  /// The number as it is.
  public var value: Double
  /// The number as it is written.
  public var text: String
  /// How it came about.
  public var origin: Origin
  /// The query it comes from; nil for computed figures.
  public var query: String?
  /// Which run of the query, counted from 0.
  public var run: Int?
  /// The column that is added up.
  public var column: String?
  /// Which rows are added up: values by column.
  public var rows: [SegmentCondition]
  /// The operation of a computed figure.
  public var operation: Operation?
  /// The figures it is computed from.
  public var operands: [String]
  /// The method of an estimate.
  public var method: String?
}

/// A query of an investigation.
public struct EvidenceQuery: Hashable, Sendable, Codable {
  /// One time the statement was run.
  public struct Run: Hashable, Sendable, Codable {
    /// The days it looked at.
    public var period: DateRange
    /// The values bound to the statement.
    public var parameters: [JSONValue]
  }

  /// Its name within the report.
  public var id: String
  /// What it was asked for.
  public var purpose: String
  /// The statement.
  public var sql: String
  /// The times it was run.
  public var runs: [Run]
  /// The columns of its rows.
  public var columns: [ResultColumn]
  /// The rows of its only run, when they are few; empty otherwise.
  public var rows: [[JSONValue]]
  /// How many rows all runs gave.
  public var rowCount: Int

  private enum CodingKeys: String, CodingKey {
    case id
    case purpose
    case sql
    case runs
    case columns
    case rows
    case rowCount = "row_count"
  }
}
