public import CoachVocabulary

/// Keeps what became of each statement that a model wrote.
///
/// A statement whose row cannot be kept does not run.
public protocol StatementAuditing: Sendable {
  /// Keeps what the gate said about a statement, before it runs.
  func judged(_ statement: JudgedStatement) async throws

  /// Adds to the row what came of running the statement.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - number: the number of the statement within the run.
  ///   - rows: how many rows it gave; nil when it failed.
  ///   - problem: why it failed; nil when it did not.
  ///   - duration: how long it ran.
  /// - Throws: what keeps the row from being written.
  func executed(run: RunID, number: Int, rows: Int?, problem: String?, duration: Duration) async throws
}

/// A statement that a model wrote, and what the gate said about it.
public struct JudgedStatement: Hashable, Sendable {
  /// The run.
  public var run: RunID
  /// The number of the statement within the run, from 1.
  public var number: Int
  /// The conversation.
  public var session: SessionID
  /// The domain.
  public var domain: String
  /// The model.
  public var model: String
  /// What it wrote.
  public var statement: String
  /// `pass`, `repairable` or `forbidden`.
  public var verdict: String
  /// What each check said, in order: the check, its outcome, and perhaps why.
  public var trail: JSONValue
}
