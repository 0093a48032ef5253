public import CoachVocabulary

/// Questions answered from what was computed beforehand, and what is known about that.
public protocol PrecomputedAnswers: Sendable {
  /// The answer to one question as a JSON object: from memory where the same was computed before, else by a run.
  func query(_ request: QueryRequest) async throws(CoachProblem) -> [UInt8]

  /// Questions that are computed, those most like a text first: `{"suggestions": […]}`.
  func suggestions(like text: String?, domain: String?, limit: Int) async throws(CoachProblem) -> JSONValue

  /// How many questions were answered from memory, what that saved, and the last jobs.
  func dumpStatus() async -> JSONValue

  /// What can be asked, by domain, and in which forms answers come.
  func capabilities() async -> JSONValue

  /// The computed questions with their state: `{"dumps": […], "jobs": […]}`.
  func dumps(category: String?) async throws(CoachProblem) -> JSONValue

  /// Computes the questions of a category, or all, now; answers with the job.
  func runDumps(category: String?) async throws(CoachProblem) -> JSONValue
}

/// A question without a conversation.
public struct QueryRequest: Hashable, Sendable {
  /// What is asked.
  public var question: String
  /// The domain to ask about; nil means the default one.
  public var domain: String?

  /// Makes a request.
  public init(question: String, domain: String? = nil) {
    self.question = question
    self.domain = domain
  }
}
