public import CoachVocabulary

/// What the HTTP API needs for investigations, forecasts, anomalies and goals; nothing of it needs a model.
public protocol EvidenceService: Sendable {
  /// Explains what a metric did: the report of the investigation.
  func investigate(_ question: String, domain: String?) async throws(CoachProblem) -> JSONValue

  /// Starts a run of the graph `investigate`, whose answer holds the report.
  func startInvestigation(_ question: String, domain: String?) async throws(CoachProblem) -> StartedRun

  /// Starts a run of the graph `plan_goals`, which asks for approval before a goal is set.
  func startPlan(_ wish: String, domain: String?) async throws(CoachProblem) -> StartedRun

  /// Forecasts a metric, `steps` periods of length `grain`.
  func forecast(
    _ metric: String,
    steps: Int?,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue

  /// What was unusual in the latest `count` periods: `{"reports": […]}`.
  func anomalies(
    _ metrics: [String],
    last count: Int,
    grain: String?,
    domain: String?
  ) async throws(CoachProblem) -> JSONValue

  /// Plans goals for a wish and keeps them as proposals.
  func planGoals(_ wish: String, owner: String?, domain: String?) async throws(CoachProblem) -> JSONValue

  /// The newest goals, at most `limit`: `{"goals": […]}`.
  func listGoals(domain: String?, openOnly: Bool, limit: Int) async throws(CoachProblem) -> JSONValue

  /// One goal with its check-ins.
  func readGoal(_ id: String) async throws(CoachProblem) -> JSONValue

  /// Approves a proposed goal.
  func approveGoal(_ id: String, owner: String?) async throws(CoachProblem) -> JSONValue

  /// Computes where a goal stands and keeps it.
  func checkInGoal(_ id: String, confidence: Double?, note: String?) async throws(CoachProblem) -> JSONValue

  /// Closes a goal: achieved, missed, cancelled or replaced.
  func closeGoal(_ id: String, state: String, note: String?) async throws(CoachProblem) -> JSONValue
}
