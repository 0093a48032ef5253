public import CoachVocabulary
public import Goals
import SemanticLayer

/// What came of a wish: goals to choose from, or what has to be said first.
public struct GoalPlan: Hashable, Sendable, Codable {
  /// The wish as it was written.
  public var wish: String
  /// One or two sentences.
  public var text: String
  /// What has to be said before goals can be proposed; empty when they are.
  public var questions: [String]
  /// What is known about the metric: level, trend, season, best stretch, peers.
  public var facts: [String]
  /// One to three goals, the one that was asked for first.
  public var goals: [Goal]
  /// A Chart.js configuration of the metric's course with the target.
  public var chart: JSONValue?
  /// The queries it comes from.
  public var queries: [EvidenceQuery]
}

/// Writes values of a goal's metric for people.
public enum GoalWriter {
  /// The words for values of a goal's metric: "€402.30M", "10,259 units".
  public static func writer(for goal: Goal) -> @Sendable (Double) -> String {
    let format = ResultColumn.Format(rawValue: goal.format) ?? .number
    let unit = goal.unit
    return { value in
      let whole = format == .number && abs(value) >= 100
      return ValueText.text(whole ? value.rounded() : value, format: format, unit: unit)
    }
  }
}
