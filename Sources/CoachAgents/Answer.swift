public import CoachVocabulary
public import SemanticLayer

/// What a person gets for a question; the same object for the page, the API and the command line.
public struct Answer: Hashable, Sendable, Codable {
  /// What kind of reply it is.
  public enum Outcome: String, Hashable, Sendable, Codable {
    /// The question is answered from rows.
    case answer
    /// The person has to choose.
    case clarify
    /// The data, or the coach, cannot say it.
    case decline
    /// A look at what moved a metric.
    case investigate
  }

  /// One thing to choose from.
  public struct Option: Hashable, Sendable, Codable {
    /// What it is called.
    public var label: String
    /// What would be answered.
    public var preview: String
    /// The question to ask.
    public var question: String
  }

  /// What kind of reply it is.
  public var outcome: Outcome
  /// The question as asked.
  public var question: String
  /// The reply in words.
  public var text: String
  /// What exactly was measured.
  public var interpretation: String = ""
  /// What the columns mean.
  public var columns: [ResultColumn] = []
  /// The values, row by row.
  public var rows: [[JSONValue]] = []
  /// "5 of 49 rows".
  public var rowsNote: String = ""
  /// The statement that gave the rows.
  public var sql: String?
  /// The values bound to the statement.
  public var parameters: [JSONValue] = []
  /// The frame the statement came from; nil when a model wrote the statement.
  public var frame: Frame?
  /// A Chart.js configuration, when a chart says more than the table.
  public var chartConfig: JSONValue?
  /// What an investigation found.
  public var investigation: InvestigationReport?
  /// Goals that were planned.
  public var plan: GoalPlan?
  /// What to choose from.
  public var options: [Option] = []
  /// Words that were not understood, or topics without data.
  public var missing: [String] = []
  /// Questions that could come next, each of which can be answered.
  public var suggestions: [String] = []
  /// Who wrote the text: `template` or a model.
  public var writtenBy: String = "template"
  /// What a person should know about how the answer came about.
  public var notes: [String] = []
  /// The last day the data knows.
  public var asOf: CivilDate

  /// Makes a reply of words alone.
  public init(_ outcome: Outcome, question: String, text: String, asOf: CivilDate) {
    self.outcome = outcome
    self.question = question
    self.text = text
    self.asOf = asOf
  }

  private enum CodingKeys: String, CodingKey {
    case outcome
    case question
    case text
    case interpretation
    case columns
    case rows
    case rowsNote = "rows_note"
    case sql
    case parameters
    case frame
    case chartConfig = "chart_config"
    case investigation
    case plan
    case options
    case missing
    case suggestions
    case writtenBy = "written_by"
    case notes
    case asOf = "as_of"
  }
}
