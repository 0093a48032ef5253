import CoachVocabulary

/// Reads a run to its end, for clients that want one answer and no events.
enum WholeRun {
  /// The data of the `answer` event.
  ///
  /// It waits for the run's end too: what the client asks next about the session then finds the answer kept.
  static func answer(of events: AsyncStream<CoachEvent>) async throws(APIProblem) -> JSONValue {
    var answer: JSONValue?
    var failure: APIProblem?
    loop: for await event in events {
      switch event.type {
      case CoachEvent.answer: answer = event.data
      case CoachEvent.runFailed: failure = APIProblem(runFailure: event.data)
      case CoachEvent.runFinished:
        if failure == nil, event.data["outcome"] == "stopped" { failure = .stopped }
        break loop
      default: break
      }
    }
    if let failure { throw failure }
    // The stream also ends when the server stops; the run then goes on in another process or after the next start.
    if answer == nil, Task.isCancelled { throw APIProblem(.shuttingDown) }
    guard let answer else { throw APIProblem(runFailure: .object([:])) }
    return answer
  }
}
