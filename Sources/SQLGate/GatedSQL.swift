public import CoachVocabulary

/// A statement that passed the gate.
///
/// Its initialiser is not public and only ``SQLGate`` uses it, so whoever accepts nothing else cannot run what was not judged.
public struct GatedSQL: Hashable, Sendable {
  /// The text to run; it may be narrower than what was handed in.
  public let sql: String
  /// The values to bind, in the order of the parameters.
  public let parameters: [JSONValue]
  /// The policy under which it passed, and within whose limits it has to stay.
  public let policy: GatePolicy
  /// What the engine's parser saw in the text that was handed in.
  public let facts: StatementFacts
}
