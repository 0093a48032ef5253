public import CoachVocabulary

/// Why the coach did not do what was asked; each case has one status and one code over HTTP.
///
/// The texts in it are shown to clients: they must hold no path, no SQL and no message of a library.
public enum CoachProblem: Error, Hashable, Sendable {
  /// There is no such session.
  case unknownSession(SessionID)
  /// There is no such run.
  case unknownRun(RunID)
  /// There is no such domain; `known` are those that there are.
  case unknownDomain(String, known: [String])
  /// The session is about another domain than the request.
  case domainMismatch(asked: String, session: String)
  /// The message holds nothing but white space.
  case emptyMessage
  /// The message has more characters than the limit.
  case messageTooLong(limit: Int)
  /// The session already has a run under way.
  case sessionBusy(SessionID)
  /// The run waits for no answer.
  case notWaiting(RunID)
  /// The run asks nothing under this name; `open` are the questions that wait.
  case unknownQuestion(String, open: [String])
  /// An answer is not what the question wants.
  case answerDoesNotFit(String, wanted: String)
  /// There is no such goal.
  case unknownGoal(String)
  /// The data cannot say what was asked, or the request cannot be done; the text is for the person who asked.
  case unanswerable(String)
  /// The events that were asked for are no longer kept.
  case eventsNotKept(RunID)
  /// A run that was waited for ended without an answer, for a reason that its `run_failed` event told.
  case runFailed(code: String, detail: String)
  /// A file of a person's was not imported, or a dataset is not there; the faults are those of rows.
  case importFailed(code: String, detail: String, faults: JSONValue)
  /// There is no such category of computed questions.
  case unknownCategory(String, known: [String])
  /// The answer of the run has no such part to take away, for instance no chart.
  case nothingToExport(RunID, what: String)
  /// The part of the answer could not be made; the detail is for the person who asked.
  case exportFailed(detail: String)
  /// The data cannot be reached; the detail says for whoever runs the server what is missing and how to mend it.
  case databaseMissing(detail: String)
  /// Too much is under way; `retryAfter` is a guess at when to ask again.
  case busy(retryAfter: Duration)
  /// The service takes no more requests.
  case shuttingDown
  /// A fault of the service; the log tells more under the reference.
  case `internal`(reference: String)
}

extension CoachProblem: CustomStringConvertible {
  /// The word for programs, for instance `unknown_session`; fit for the `code` of a `run_failed` event too.
  public var code: String { APIProblem(self).code }

  /// What happened, and what to do about it, in the words that clients are shown.
  public var description: String { APIProblem(self).detail }
}
