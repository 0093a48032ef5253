public import CoachVocabulary

/// Something that was made to happen in the demo company, so that there is a true answer to "why".
public struct PlantedEvent: Hashable, Sendable {
  /// A short name for tests and documents, in lower case with hyphens.
  public let name: String
  /// The days on which it acts; the last day is excluded.
  public let days: DateRange
  /// What happened, told as a person of the company would.
  public let what: String
  /// What it does to the numbers.
  public let expectedEffect: String
  /// A query over the demo database with one row of two numbers, `affected` and `usual`, whose relation shows the effect.
  public let evidence: String
}
